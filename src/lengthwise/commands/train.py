"""``lengthwise train``."""

import shlex
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

from cyclopts import Parameter

from lengthwise.commands.options import DATA, setting_options
from lengthwise.commands.reading import read_data
from lengthwise.data import Dataset, short_name
from lengthwise.errors import InterruptedRun, UsageError
from lengthwise.study.recipe import RecipeName
from lengthwise.study.recipe_choice import recipe_of_training
from lengthwise.study.recipe_console import RecipeConsole
from lengthwise.training.callbacks.checkpoint import RAISABLE
from lengthwise.training.keyword_settings import DEFAULTS
from lengthwise.training.train import resume as resume_run
from lengthwise.training.train import train as train_run


@setting_options
def train(
    data: Annotated[str | None, Parameter(group=DATA)] = None,
    *,
    recipe: RecipeName = "notebook",
    threads: int | None = None,
    out: Path | None = None,
    resume: Path | None = None,
    quiet: bool = False,
    **settings: Any,
) -> None:
    """Train a network on windows of a data set, and evaluate it on every window of the test split.

    Without options it is the notebook's training: MNIST's 28 rows as 28 steps, random windows of 19 of them, three tanh
    layers of 31 units, 2 epochs.

    Parameters
    ----------
    data
        Data set: a name such as mnist, a file, or a folder, with options; see lengthwise data list. [default: mnist]
    recipe
        What is trained where no option says: the lecture's network, or with auto one that is chosen for the data by
        short pilot trainings.
    threads
        Number of threads, on which the result does not depend. [default: one for each processor]
    out
        Folder to write the run to, which must not exist. [default: a new one under runs/]
    resume
        Folder of a run to go on with; only --epochs or --steps (to raise them), --data (if the same data are elsewhere
        now), --threads and --quiet go with it.
    quiet
        Whether to print nothing but errors.
    """
    given = {name: value for name, value in ({"data": data} | settings).items() if value is not None}
    folder = (_new_folder(given) if out is None else out) if resume is None else resume
    try:
        if resume is None:
            given = read_data(given, quiet=quiet)
            if recipe == "auto":
                given |= _chosen_for(given, threads, quiet=quiet)
            train_run(**given, threads=threads, out=folder, quiet=quiet)
        else:
            more = ({} if out is None else {"out": out}) | ({} if recipe == "notebook" else {"recipe": recipe})
            _refuse_beside_resume(given | more)
            resume_run(resume, **given, threads=threads, quiet=quiet)
    except KeyboardInterrupt:
        if not (folder / "run.json").is_file():  # interrupted before there was anything to go on with
            raise
        raise InterruptedRun(shlex.join(["lengthwise", "train", "--resume", str(folder)])) from None
    if not quiet:
        print(f"written to {folder}; see it with: tensorboard --logdir {shlex.quote(str(folder))}")


def _chosen_for(given: dict[str, Any], threads: int | None, *, quiet: bool) -> dict[str, Any]:
    """Return the settings of the recipe that pilot trainings choose for them."""
    dataset: Dataset = given["data"]
    settings = {name: value for name, value in given.items() if name != "data"}
    console = RecipeConsole()
    try:
        recipe = recipe_of_training(
            dataset, settings, workers=threads, callback=(lambda _event: None) if quiet else console
        )
    finally:
        console.close()
    if not quiet:
        print(*recipe.reasons, sep="\n")
    return recipe.settings | ({} if recipe.updates is None else {"steps": recipe.updates})


def _refuse_beside_resume(given: dict[str, Any]) -> None:
    for name in given:
        if name not in (*RAISABLE, "data"):
            raise UsageError(
                f"--{name.replace('_', '-')} does not go with --resume, which takes its settings from the run's "
                f"folder: leave it out, or start a new run without --resume."
            )


def _new_folder(given: dict[str, Any]) -> Path:
    data, cell, seq_len = (given.get(name, DEFAULTS[name]) for name in ("data", "cell", "seq_len"))
    now = datetime.now().astimezone()
    return Path("runs") / f"{short_name(data)}-{cell}-{seq_len}-{now:%Y%m%d-%H%M%S-%f}"
