"""``lengthwise study``."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from shlex import quote
from typing import Annotated, Any, Literal

from cyclopts import Parameter

from lengthwise._internal.imports import imported_meanwhile
from lengthwise._internal.threads import check_threads
from lengthwise.analysis import check_question
from lengthwise.commands.options import COMMAND, DATA, setting_lists
from lengthwise.commands.own_command import check_going_on, folder_name, with_command
from lengthwise.commands.reading import read_data
from lengthwise.data import load_data, short_name
from lengthwise.errors import InterruptedRun, UsageError
from lengthwise.report.terminal import print_answer, print_failures, print_sentences
from lengthwise.study.console import StudyConsole
from lengthwise.study.design import DEFAULT_MAX_SEEDS, DEFAULT_SEEDS, SCOUTING_SEEDS, Design
from lengthwise.study.events import StudyCallback
from lengthwise.study.execution import Executor
from lengthwise.study.network_design import OWN, make_design
from lengthwise.study.plan import plan_looks
from lengthwise.study.recipe import PilotStarted, RecipeName
from lengthwise.study.recipe_console import RecipeConsole
from lengthwise.study.study import Study
from lengthwise.study.time_limit import TimeLimit, as_time_limit
from lengthwise.tasks.named_metrics import Direction
from lengthwise.training.keyword_settings import separate_data_options


@setting_lists(without=OWN)
def study(
    data: Annotated[str | None, Parameter(group=DATA)] = None,
    *,
    command: Annotated[str | None, Parameter(group=COMMAND)] = None,
    score: Annotated[str | None, Parameter(group=COMMAND)] = None,
    metric: str | None = None,
    direction: Annotated[Direction | None, Parameter(group=COMMAND)] = None,
    baseline: Annotated[float | None, Parameter(group=COMMAND)] = None,
    axes: Annotated[list[str] | None, Parameter(group=COMMAND)] = None,
    shell: Annotated[bool, Parameter(group=COMMAND)] = False,
    timeout: Annotated[str | None, Parameter(group=COMMAND)] = None,
    seq_lens: str | None = None,
    seeds: int | None = None,
    budget: str | None = None,
    eval_lens: str | None = None,
    folds: int | Literal["none"] | None = None,
    recipe: RecipeName | None = None,
    margin: float | None = None,
    confidence: float | None = None,
    until_decided: bool | None = None,
    max_seeds: int | None = None,
    time: str | None = None,
    out: Path | None = None,
    resume: Path | None = None,
    extend: Path | None = None,
    retry_failed: bool = False,
    executor: Literal["threads", "ray"] = "threads",
    ray_address: str | None = None,
    workers: Annotated[int | None, Parameter(alias="-w")] = None,
    quiet: bool = False,
    **settings: Any,
) -> None:
    """Train networks at several lengths with several seeds, and print which length is long enough.

    Without options: MNIST, lengths from 1 to 28 from coarse to fine, with as many seeds as it takes to decide. Every
    setting of a training may have several values (--cell rnn,gru): the study is the product of them all.

    Parameters
    ----------
    data
        Data set: a name such as mnist, a file, or a folder, with options; see lengthwise data list. [default: mnist]
    command
        Command that makes a training in place of a network of ours, in any language, such as 'python train.py
        --seq-len {seq_len} --seed {seed} --out {out}'. [default: networks of ours are trained]
    score
        Where the command leaves its score: {out}/metrics.json:val_mae, {out}/log.csv:val_mae, a scalar of TensorBoard's
        {out}/tb:val/mae, or a .npy with a score for each case. [default: the last line that it prints]
    metric
        What lengths are compared by: of networks accuracy, balanced_accuracy, log_loss, mae or mse; of a command, what
        its score is called. [default: that of the task; the score's key]
    direction
        Whether a higher score of a command is better (maximize) or a lower one (minimize). [default: what the metric's
        name says]
    baseline
        Score of an answer that needs no training. [default: not known]
    axes
        What else a command is given, and its values, such as model=lstm,gru for {model}: each has its answer. It may be
        given several times. [default: nothing]
    shell
        Whether a shell carries the command out.
    timeout
        Time after which a training of a command has failed: 90s or 10m. [default: none]
    seq_lens
        Lengths and ranges of lengths: 1:28, 1:28:3, 4,8,16 or all. [default: some of them, from coarse to fine]
    seeds
        Number of seeds of each length. [default: as many as it takes to decide]
    budget
        What is equal for all lengths: epochs=N, steps=N (updates), timesteps=N (time steps seen) or flops=N.
        [default: the recipe's; steps=8592 for notebook]
    eval_lens
        Lengths to evaluate each network at in addition to its own, which is also done after every step of the longest
        window.
    folds
        Trainings of each length and seed, each judged on another part of the training and validation sequences; none
        (or 0) for one, judged on the validation split. [default: 5, or one for each of up to 20 groups, where the
        validation split was drawn and has less than 1000 sequences or groups; otherwise none]
    recipe
        What is trained where no option says: auto chooses batch size, cell, units, learning rate and updates for the
        data by short pilot trainings; notebook is the lecture's network. [default: auto; for MNIST
        notebook with averaged weights]
    margin
        Largest loss of score against the best length that is still good enough; 0.005 is half a percentage point.
        [default: that of the study, or else 0.005, or for an error 0.02 of the baseline's]
    confidence
        Confidence of the intervals and of the recommendation. [default: that of the study, or else 0.95]
    until_decided
        Whether to add lengths and seeds, where they help, until the question is decided. [default: unless --seeds is
        given, and unless a length is known to be enough and a shorter one would take long to show]
    max_seeds
        Largest number of seeds of a length, after which it is left undecided; a length that is right nearly always may
        get three times as many. [default: 12]
    time
        When to give the best answer that there is, from now: 90s, 2m or 1h30m. [default: when it is decided]
    out
        Folder of the study, which must not hold a study yet. [default: a new one under studies/]
    resume
        Folder of a study to go on with.
    extend
        Folder of a study to add --seq-lens or --seeds to, and to go on with.
    retry_failed
        Whether to repeat the runs that failed before.
    executor
        Where to train: threads of this process, or a Ray cluster.
    ray_address
        Address of the Ray cluster. [default: the one that runs here, or else a new one]
    workers
        Number of threads, each of which trains one network at a time. [default: one for each processor; of a command
        1]
    quiet
        Whether to print nothing but errors and the answer.
    """
    asked = {"data": data, "seq_lens": seq_lens, "seeds": seeds, "budget": budget, "eval_lens": eval_lens}
    asked |= {"folds": 0 if folds == "none" else folds, "metric": metric} | settings
    given: dict[str, Any] = {name: value for name, value in asked.items() if value is not None}
    own: dict[str, Any] = {
        "score": score,
        "shell": shell,
        "timeout": timeout,
        "direction": direction,
        "baseline": baseline,
    }
    own |= {"axes": axes or None}
    given = with_command(given, command, own)
    limit = _time_limit(time, data)
    check_question(margin, confidence)
    check_threads(workers, "workers")
    if executor == "threads" and ray_address is not None:
        raise UsageError("--ray-address goes with --executor ray only.")
    if (until_decided or max_seeds is not None) and resume is None and extend is None:
        usual = SCOUTING_SEEDS if seq_lens is None else DEFAULT_SEEDS
        plan_looks(usual if seeds is None else seeds, DEFAULT_MAX_SEEDS if max_seeds is None else max_seeds)
    if recipe is not None:
        given["recipe"] = recipe
    opened, folder = _opened(given, out, resume, extend, workers=workers, quiet=quiet, limit=limit)
    console = StudyConsole()
    from lengthwise.study.tensorboard import StudyTensorBoard  # noqa: PLC0415 - loads TensorBoard

    try:
        with _executor(executor, ray_address) as chosen:
            opened.run(
                until_decided=until_decided,
                margin=margin,
                confidence=confidence,
                max_seeds=max_seeds,
                time=limit,
                executor=chosen,
                workers=workers,
                retry_failed=retry_failed,
                callbacks=[StudyTensorBoard(folder / "tensorboard"), *([] if quiet else [console])],
            )
    except KeyboardInterrupt:
        raise InterruptedRun(f"lengthwise study --resume {quote(str(folder))}") from None
    finally:
        console.close()
    found = opened.answers(margin=margin, confidence=confidence)
    if quiet:
        print_sentences(found)
    else:
        print_answer(found)
    print_failures(opened.results)
    if not quiet:
        print(f"written to {folder}; see all of it with: lengthwise report {quote(str(folder))}")


def _time_limit(time: str | None, data: str | None) -> TimeLimit | None:
    """Return how long the study may take; a column of times is an option of the data, and here has the same name."""
    try:
        return as_time_limit(time)
    except UsageError as error:
        if data is None or time is None or any(sign.isdigit() for sign in time):
            raise
        more = f"{data}{'&' if '?' in data else '?'}time={time}"
        raise UsageError(f"{error} A column of times is named with the data: '{more}'.") from None


def _opened(
    given: dict[str, Any],
    out: Path | None,
    resume: Path | None,
    extend: Path | None,
    *,
    workers: int | None,
    quiet: bool,
    limit: TimeLimit | None,
) -> tuple[Study, Path]:
    """Return the study and its folder: a new one, or the one to go on with."""
    if sum(folder is not None for folder in (out, resume, extend)) > 1:
        raise UsageError("--out, --resume and --extend each name the study's folder: give one of them.")
    if resume is not None:
        return _resumed(resume, given), resume
    if extend is not None:
        return _extended(extend, given), extend
    folder = _new_folder(given) if out is None else out
    if "objective" not in given:
        given = read_data(given, quiet=quiet)
    console = RecipeConsole()
    try:
        with imported_meanwhile("scipy.special", "pandas", "lengthwise.study.tensorboard") as begin:

            def begin_imports(event: object) -> None:
                if isinstance(event, PilotStarted):  # machine code is there, so processors have time for something else
                    begin()

            listeners: list[StudyCallback] = [begin_imports] if quiet else [begin_imports, console]
            made = Study(**given, out=folder, workers=workers, callbacks=listeners, time=limit)
    finally:
        console.close()
    for line in () if quiet else made.recipe.reasons:
        print(line)
    tried = made.design.candidates
    if tried and tried[-1] < made.num_steps and not quiet:
        print(f"of {made.num_steps} steps, up to {tried[-1]} are tried; for longer windows, give --seq-lens")
    return made, folder


def _resumed(folder: Path, given: dict[str, Any]) -> Study:
    """Open a study to go on with; what was given besides must be what it has."""
    opened = Study.load(folder)
    if opened.store.subject.told:
        check_going_on(opened, given, folder)
        return opened
    differences = _differences(opened, given)
    if differences:
        raise UsageError(
            f"{folder} is a study with other options: {'; '.join(differences)}. Leave them out, add lengths or seeds "
            f"with --extend {quote(str(folder))}, or start a new study with --out."
        )
    return opened


def _extended(folder: Path, given: dict[str, Any]) -> Study:
    """Open a study and add lengths or seeds to it; anything else that was given must be what it has."""
    opened = Study.load(folder)
    rest = {name: value for name, value in given.items() if name not in ("seq_lens", "seeds")}
    if opened.store.subject.told:
        check_going_on(opened, rest, folder)
    differences = [] if opened.store.subject.told else _differences(opened, rest)
    if differences:
        raise UsageError(
            f"{folder} can be extended by lengths and seeds alone, and has other options: {'; '.join(differences)}."
        )
    return opened.extend(seq_lens=given.get("seq_lens"), seeds=given.get("seeds"))


def _differences(opened: Study, given: dict[str, Any]) -> list[str]:
    """Return what was given that a study has otherwise, a line each."""
    asked, has = given.get("recipe", opened.recipe.name), opened.recipe.name
    settings = {name: value for name, value in given.items() if name != "recipe"}
    differences = _asked(opened, settings).differences(opened.design)
    return differences if asked == has else [*differences, f"recipe is {asked}, was {has}"]


def _asked(opened: Study, given: dict[str, Any]) -> Design:
    """Return the study's design with what was given in place of what it has."""
    design = opened.design
    own: dict[str, Any] = {
        "seq_lens": design.seq_lens,
        "seeds": design.seeds,
        "budget": design.budget,
        "eval_lens": design.eval_lens,
        "folds": design.folds,
    }
    chosen = own | {name: value for name, value in given.items() if name in own}
    asked, options = separate_data_options({name: value for name, value in given.items() if name not in own})
    settings = design.settings | {name: value for name, value in asked.items() if name != "data"}
    is_the_same = "data" not in asked and not options
    dataset = opened.dataset if is_the_same else load_data(asked.get("data", design.data), **options)
    return make_design(dataset, **chosen, settings=settings)


@contextmanager
def _executor(name: str, ray_address: str | None) -> Iterator[Executor | None]:
    """Give the executor of that name; None for the study's own threads."""
    if name == "threads":
        yield None
        return
    from lengthwise.integrations.ray import RayCluster  # noqa: PLC0415 - an extra

    with RayCluster(ray_address) as cluster:
        yield cluster


def _new_folder(given: dict[str, Any]) -> Path:
    now = datetime.now().astimezone()
    name = folder_name(given["objective"]) if "objective" in given else short_name(given.get("data", "mnist"))
    return Path("studies") / f"{name}-{now:%Y%m%d-%H%M%S-%f}"
