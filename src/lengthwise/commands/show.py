"""``lengthwise show``."""

from pathlib import Path
from typing import Literal

from lengthwise._internal.atomic_files import replace_file
from lengthwise._internal.output import Output
from lengthwise.data import load_data
from lengthwise.data.description import target_in_words
from lengthwise.errors import UsageError
from lengthwise.plots.window import draw_window, window_in_text


def show(
    *,
    data: str = "mnist",
    split: Literal["train", "validation", "test"] = "test",
    index: int = 0,
    seq_len: int = 19,
    start: int = 0,
    out: Path | None = None,
) -> None:
    """Draw a sequence with its label, and the window of it that a network is shown.

    Parameters
    ----------
    data
        Data set: a name such as mnist, a file, or a folder, with options; see lengthwise data list.
    split
        Split that the sequence is in.
    index
        Index of the sequence in the split, from 0.
    seq_len
        Steps of the window.
    start
        First step of the window, from 0.
    out
        File to draw the picture to, .png, .svg or .pdf. [default: the terminal]
    """
    dataset = load_data(data)
    part = dataset.split(split)
    if not 0 <= index < len(part):
        raise UsageError(
            f"index is {index}, but the {split} split has {len(part)} sequences: choose 0 to {len(part) - 1}."
        )
    values, label = part.sequence(index), target_in_words(dataset, split, index)
    num_steps = len(values)
    if 1 <= seq_len <= num_steps and not 0 <= start <= num_steps - seq_len:
        raise UsageError(
            f"start is {start}, but a window of {seq_len} of {num_steps} steps begins at 0 to {num_steps - seq_len}."
        )
    if out is None:
        Output().print(window_in_text(values, label, seq_len=seq_len, start=start), soft_wrap=True)
        return
    if out.suffix not in (".png", ".svg", ".pdf"):
        raise UsageError(f"out is {out}, but a picture's name ends in .png, .svg or .pdf.")
    ax = draw_window(values, label, seq_len=seq_len, start=start, title=f"{data}, {split} sequence {index}")
    figure = ax.get_figure()
    replace_file(out, lambda beside: figure.savefig(beside, dpi=150))  # type: ignore[union-attr]
    print(f"written to {out}")
