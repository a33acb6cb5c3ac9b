"""``lengthwise evaluate``."""

from pathlib import Path
from typing import Literal

from lengthwise._internal.output import Output
from lengthwise.training.callbacks.console import lengths_table, result_lines
from lengthwise.training.evaluate import evaluate as evaluate_run


def evaluate(
    run: Path,
    *,
    seq_len: str | None = None,
    data: str | None = None,
    split: Literal["train", "validation", "test"] = "test",
    threads: int | None = None,
    quiet: bool = False,
) -> None:
    """Evaluate a trained network on every window of a split, at the length it was trained on or at any others.

    Parameters
    ----------
    run
        Folder that lengthwise train wrote.
    seq_len
        Steps of the windows; or lengths and ranges of lengths, to print a table: 1:28, 1:28:3, 4,8,16 or all. [default:
        those of the training]
    data
        Data set, as for lengthwise train. [default: the data of the training]
    split
        Split to evaluate on.
    threads
        Number of threads, on which the result does not depend. [default: one for each processor]
    quiet
        Print nothing but errors and the result.
    """
    if seq_len is not None and not seq_len.isdecimal():
        evaluations = evaluate_run(run, seq_len=seq_len, data=data, split=split, threads=threads, quiet=quiet)
        Output().print(lengths_table(list(evaluations.values()), split))
        return
    length = None if seq_len is None else int(seq_len)
    evaluation = evaluate_run(run, seq_len=length, data=data, split=split, threads=threads, quiet=quiet)
    for text in result_lines(evaluation, split):
        print(text)
