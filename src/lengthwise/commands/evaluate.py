"""``lengthwise evaluate``."""

from pathlib import Path
from typing import Literal

from lengthwise.observers.console import result_lines
from lengthwise.runs import evaluate as evaluate_run


def evaluate(
    run: Path,
    *,
    seq_len: int | None = None,
    data: str | None = None,
    split: Literal["train", "validation", "test"] = "test",
    threads: int | None = None,
) -> None:
    """Evaluate a trained network on every window of a split, at the length it was trained on or at any other.

    Parameters
    ----------
    run
        Folder that lengthwise train wrote.
    seq_len
        Steps of the windows. [default: those of the training]
    data
        Data set, as for lengthwise train. [default: the data of the training]
    split
        Which part of the data.
    threads
        Threads to use. [default: all processors]
    """
    evaluation = evaluate_run(run, seq_len=seq_len, data=data, split=split, threads=threads, quiet=False)
    for text in result_lines(evaluation, split):
        print(text)
