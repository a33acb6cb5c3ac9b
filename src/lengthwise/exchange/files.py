"""Writing a trained network to a file for another program."""

import io
from pathlib import Path
from typing import Literal

from lengthwise._internal.argument_checks import check_choice
from lengthwise._internal.atomic_files import replace_arrays, replace_bytes, writing
from lengthwise._internal.extras import required
from lengthwise.errors import UsageError
from lengthwise.exchange.model import Model
from lengthwise.networks.network import Network
from lengthwise.training.run_folder import RunFolder
from lengthwise.training.train import Result

Format = Literal["torch", "onnx", "safetensors"]
"""A PyTorch ``state_dict``, an ONNX model, or the same ``state_dict`` in the safetensors format."""


def export(run: str | Path | Result | Model, *, to: Format, out: str | Path) -> None:
    """Write a trained network for another program.

    Parameters
    ----------
    run : str, Path, Result or Model
        A run's folder, or a network in memory that `lengthwise.train` or `lengthwise.load_torch` returned.
    to : {"torch", "onnx", "safetensors"}
        ``"torch"`` and ``"safetensors"`` hold parameters that `nn.RNN`, `nn.GRU` or `nn.LSTM` (``rnn.…``) and
        `nn.Linear` (``head.…``) can load unchanged. ``"onnx"`` is a model whose batch and time are free; see
        `lengthwise.exchange.onnx_model`.
    out : str or Path
        The file; it must not exist.

    Raises
    ------
    UsageError
        If there is no such run, the file exists, a package is missing, or the format does not support the network.
    RunError
        If the file cannot be written.
    """
    check_choice("to", to, Format)
    path = Path(out)
    if path.exists():
        raise UsageError(f"{path} exists already, and is not overwritten: name another file with --out.")
    model = model_of(run)
    with writing(path):
        path.parent.mkdir(parents=True, exist_ok=True)
    if to == "onnx":
        required("onnx", "export to onnx", "onnx")
        from lengthwise.exchange.onnx_model import onnx_model  # noqa: PLC0415 - an extra

        replace_bytes(path, onnx_model(model.network, model.parameters).SerializeToString())
    elif to == "safetensors":
        replace_arrays(path, model.state_dict())
    else:
        required("torch", "export to torch", "torch")
        import torch  # noqa: PLC0415 - an extra

        state = {name: torch.from_numpy(array) for name, array in model.state_dict().items()}
        content = io.BytesIO()  # torch's own errors of a full disk name neither file nor reason
        torch.save(state, content)
        replace_bytes(path, content.getvalue())


def model_of(run: str | Path | Result | Model) -> Model:
    """Return a trained network, from its run's folder or from memory.

    Raises
    ------
    UsageError
        If it is a PyTorch module.
    """
    if isinstance(run, Model):
        return run
    if isinstance(run, Result):
        if not isinstance(run.network, Network):
            raise UsageError(
                f"the trained network is the PyTorch module {run.settings.module_name}, which has the trained values: "
                f"save it with torch.save(module.state_dict(), …)."
            )
        return Model(run.network, run.parameters)
    folder = RunFolder.open(Path(run))
    settings = folder.read_settings()
    if settings.module_name is not None:
        raise UsageError(
            f"{folder.path} trained the PyTorch module {settings.module_name}: {folder.model_path} has its parameters "
            f"by their names."
        )
    network = folder.read_network()
    return Model(network, network.named(folder.read_model(network)))
