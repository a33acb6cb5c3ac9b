"""``lengthwise evaluate``."""

from pathlib import Path
from typing import Literal

from rich.console import Console

from lengthwise.errors import UsageError
from lengthwise.training.callbacks.console import lengths_table, result_lines
from lengthwise.training.evaluate import evaluate as evaluate_run
from lengthwise.training.evaluate import evaluate_lengths


def evaluate(
    run: Path,
    *,
    seq_len: int | None = None,
    seq_lens: str | None = None,
    data: str | None = None,
    split: Literal["train", "validation", "test"] = "test",
    threads: int | None = None,
) -> None:
    """Evaluate a trained network on every window of a split, at the length it was trained on or at any others.

    Parameters
    ----------
    run
        Folder that lengthwise train wrote.
    seq_len
        Steps of the windows. [default: those of the training]
    seq_lens
        Lengths and ranges of lengths to print a table of: 1:28, 1:28:3, 4,8,16 or all.
    data
        Data set, as for lengthwise train. [default: the data of the training]
    split
        Split to evaluate on.
    threads
        Number of threads, on which the result does not depend. [default: one for each processor]
    """
    if seq_lens is not None:
        if seq_len is not None:
            raise UsageError("--seq-len asks for one length and --seq-lens for several: give one of them.")
        evaluations = evaluate_lengths(run, seq_lens, data=data, split=split, threads=threads, quiet=False)
        Console(highlight=False).print(lengths_table(evaluations, split))
        return
    evaluation = evaluate_run(run, seq_len=seq_len, data=data, split=split, threads=threads, quiet=False)
    for text in result_lines(evaluation, split):
        print(text)
