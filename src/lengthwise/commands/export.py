"""``lengthwise export``."""

from pathlib import Path

from lengthwise.exchange import Format
from lengthwise.exchange import export as export_run


def export(run: Path, *, to: Format, out: Path) -> None:
    """Write a trained network as a file that PyTorch, ONNX Runtime or another program reads.

    Parameters
    ----------
    run
        Folder that lengthwise train wrote.
    to
        Format: a PyTorch state_dict, an ONNX model, or the state_dict in the safetensors format.
    out
        File to write, which must not exist.
    """
    export_run(run, to=to, out=out)
    print(f"written to {out}")
