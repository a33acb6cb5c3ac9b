"""``lengthwise train``."""

import shlex
from datetime import datetime
from pathlib import Path
from typing import Any

from lengthwise.commands.options import setting_options
from lengthwise.data import TaskName, add_options, short_name
from lengthwise.errors import InterruptedRun, UsageError
from lengthwise.training.callbacks.checkpoint import RAISABLE
from lengthwise.training.keyword_settings import DEFAULTS
from lengthwise.training.train import resume as resume_run
from lengthwise.training.train import train as train_run


@setting_options
def train(
    *,
    task: TaskName | None = None,
    horizon: int | None = None,
    season: int | None = None,
    lookback: int | None = None,
    threads: int | None = None,
    out: Path | None = None,
    resume: Path | None = None,
    quiet: bool = False,
    **settings: Any,
) -> None:
    """Train a network on windows of a data set, and evaluate it on every window of the test split.

    With no options it is the notebook's training: MNIST's 28 rows as 28 steps, random windows of 19 of them, three tanh
    layers of 31 units, 2 epochs.

    Parameters
    ----------
    task
        What is to be said, where the data do not tell: forecasting, say. This and the three options that follow become
        options of the data's name.
    horizon
        For forecasting: how many steps ahead.
    season
        For forecasting: steps after which the series repeats itself, for the seasonal naive forecast.
    lookback
        For forecasting: the longest look-back.
    threads
        Threads to use; they change no bit of the result. [default: all processors]
    out
        Folder to write the run to; it must not exist. [default: a new one under runs/]
    resume
        Go on with the run in this folder; --epochs or --steps (to raise them), --threads and --quiet go with it.
    quiet
        Print nothing but errors.
    """
    given = {name: value for name, value in settings.items() if value is not None}
    more = {"task": task, "horizon": horizon, "season": season, "lookback": lookback}
    if any(value is not None for value in more.values()):
        given["data"] = add_options(given.get("data", DEFAULTS["data"]), more)
    folder = (_new_folder(given) if out is None else out) if resume is None else resume
    try:
        if resume is None:
            train_run(**given, threads=threads, out=folder, quiet=quiet)
        else:
            _refuse_beside_resume(given | ({} if out is None else {"out": out}))
            resume_run(resume, **given, threads=threads, quiet=quiet)
    except KeyboardInterrupt:
        if not (folder / "run.json").is_file():  # interrupted before there was anything to go on with
            raise
        raise InterruptedRun(shlex.join(["lengthwise", "train", "--resume", str(folder)])) from None
    if not quiet:
        print(f"written to {folder}; see it with: tensorboard --logdir {folder}")


def _refuse_beside_resume(given: dict[str, Any]) -> None:
    for name in given:
        if name not in RAISABLE:
            raise UsageError(
                f"--{name.replace('_', '-')} does not go with --resume, which takes its settings from the run's "
                f"folder: leave it out, or start a new run without --resume."
            )


def _new_folder(given: dict[str, Any]) -> Path:
    data, cell, seq_len = (given.get(name, DEFAULTS[name]) for name in ("data", "cell", "seq_len"))
    now = datetime.now().astimezone()
    return Path("runs") / f"{short_name(data)}-{cell}-{seq_len}-{now:%Y%m%d-%H%M%S-%f}"
