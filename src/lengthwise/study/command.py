"""A command, in any language, as what a study trains."""

import os
import platform
import shlex
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Iterable, Mapping
from contextlib import AbstractContextManager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, NamedTuple, Self
from urllib.parse import quote

from lengthwise._internal.argument_checks import check_integer
from lengthwise._internal.interrupts import StopRequest
from lengthwise._internal.threads import MAX_THREADS
from lengthwise.errors import RunError, UsageError
from lengthwise.study.command_scores import check_score, name_of_score, read_score
from lengthwise.study.execution import Executor, LocalThreads
from lengthwise.study.placeholders import filled, placeholders_of
from lengthwise.study.store import Store
from lengthwise.study.time_limit import TimeLimit
from lengthwise.study.trial import Scores, Trial, TrialJob, TrialOutcome
from lengthwise.study.trials import Trials, begin_trials, trial_design
from lengthwise.tasks.metrics import Metric
from lengthwise.tasks.named_metrics import Direction, named_metric

TICK = 0.05
"""Seconds after which it is looked again whether a command has ended."""

GRACE = 5.0
"""Seconds that a command has to end after it was asked to."""

STDOUT, STDERR = "stdout.txt", "stderr.txt"


@dataclass(frozen=True)
class Command:
    """A command that makes a training.

    Parameters
    ----------
    line : str
        The program and its arguments, as in a shell, with ``{seq_len}`` and ``{seed}`` where they belong, ``{out}`` for
        a folder of the training's own, and in a study with folds ``{fold}``.
    score : str, optional
        Where the score is found, ``{out}`` and the others filled in: a key of a JSON file (``metrics.json:val_mae``,
        ``metrics.json:val.mae``), a column of a CSV file (``metrics.csv:val_mae``, its last value), a scalar in a
        folder of TensorBoard's (``tb:val/mae``, its last value), or a ``.npy`` with a score for each case. By default
        the last line of the output: a number, ``mae: 0.12``, or JSON; else the last ``mae: 0.12`` in it, by the
        metric's name.
    shell : bool
        Whether a shell carries it out, for pipes, variables and the like. What is filled in is quoted.
    timeout : str or float, optional
        Time after which a training is ended and has failed: ``"10m"``, or seconds.
    folder : str, optional
        Where it is carried out; by default where the study was made.

    Raises
    ------
    UsageError
        If it has no ``{seq_len}``, or another value is out of range.
    """

    line: str
    score: str | None = None
    shell: bool = False
    timeout: str | float | None = None
    folder: str = ""

    def __post_init__(self) -> None:
        object.__setattr__(self, "folder", self.folder or str(Path.cwd()))
        if "seq_len" not in placeholders_of(self.line):
            raise UsageError(
                f"the command {self.line!r} has no {{seq_len}}: write it where the length belongs, such as "
                f"python train.py --seq-len {{seq_len}} --seed {{seed}}."
            )
        check_score(self.score)
        if self.timeout is not None:
            _ = self.seconds
        if not self.shell:
            _split(self.line)

    @property
    def seconds(self) -> float | None:
        """The timeout in seconds."""
        if self.timeout is None:
            return None
        try:
            limit = TimeLimit.parse(self.timeout) if isinstance(self.timeout, str) else TimeLimit(self.timeout)
        except UsageError as error:
            raise UsageError(str(error).replace("time is", "timeout is", 1)) from error
        return limit.seconds

    def words(self, values: dict[str, str]) -> list[str]:
        """Return the program and its arguments, with what belongs in them; each is one word, whatever it holds."""
        if self.shell:
            return [filled(self.line, {name: shlex.quote(value) for name, value in values.items()})]
        return [filled(word, values) for word in _split(self.line)]

    def to_dict(self) -> dict[str, Any]:
        """Return it ready for JSON."""
        return asdict(self)

    def check(self) -> None:
        """Raise `UsageError` if it cannot be carried out on this machine."""
        if not Path(self.folder).is_dir():
            raise UsageError(f"the command is carried out in {self.folder}, but there is no such folder.")
        if self.shell:
            return
        program = _split(self.line)[0]
        is_there = shutil.which(program) or os.access(Path(self.folder) / program, os.X_OK)
        if not placeholders_of(program) and not is_there:
            raise UsageError(
                f"the command begins with {program}, but there is no such program: name one, or if the line is for a "
                f"shell, give --shell (in Python shell=True)."
            )


def _split(line: str) -> list[str]:
    try:
        return shlex.split(line)
    except ValueError as error:
        raise UsageError(f"the command {line!r} cannot be split into words: {error}.") from error


class Place(NamedTuple):
    """What a worker gets beside a trial.

    Attributes
    ----------
    command : Command
    runs : Path
        Where each training has a folder.
    """

    command: Command
    runs: Path


def execute(
    job: TrialJob, place: Place, *, stop: StopRequest | None = None, notify: Callable[..., None] | None = None
) -> TrialOutcome:
    """Carry out a command for a trial; whatever goes wrong with it is a failure of the trial.

    Raises
    ------
    Stopped
        If a stop was asked for; the command and all that it began are ended.
    """
    del notify  # nothing is known of a training as it goes on
    trial, began = job.settings, time.perf_counter()
    reason, scores = None, None
    folder = _made(place.runs / name_of(trial))
    values = {name: str(value) for name, value in trial.to_dict().items()} | {"out": str(folder / "out")}
    try:
        reason = _carry_out(place.command, values, folder, stop)
        if reason is None:
            scores = _scores(place.command, values, folder, job.metric.name)
    except UsageError as error:
        reason = str(error)
    wall_seconds = time.perf_counter() - began
    return TrialOutcome(trial, job.metric, reason, scores, wall_seconds, f"{platform.node()}:{os.getpid()}")


def name_of(trial: Trial) -> str:
    """Return the name of a training's folder: ``len0008-seed0``, or ``len0008-seed0-fold2-model=lstm``."""
    fold = "" if trial.fold is None else f"-fold{trial.fold}"
    values = "".join(f"-{name}={quote(str(value), safe='')}" for name, value in trial.configuration)
    return f"len{trial.seq_len:04}-seed{trial.seed}{fold}{values}"


def _made(folder: Path) -> Path:
    """Return the folder of a training, empty but for its folder ``out``."""
    try:
        shutil.rmtree(folder, ignore_errors=True)
        (folder / "out").mkdir(parents=True)
    except OSError as error:
        raise RunError(f"cannot make {folder / 'out'}: {error.strerror}.") from error
    return folder


def _scores(command: Command, values: dict[str, str], folder: Path, metric: str) -> Scores:
    where = None if command.score is None else filled(command.score, values)
    return Scores.read(read_score(where, folder / STDOUT, Path(command.folder), metric), metric)


def _carry_out(command: Command, values: dict[str, str], folder: Path, stop: StopRequest | None) -> str | None:
    """Carry out a command, its output into the training's folder; return why it failed, if it did."""
    words = command.words(values)
    environment = os.environ | {f"LENGTHWISE_{name.upper()}": value for name, value in values.items()}
    with (folder / STDOUT).open("wb") as out, (folder / STDERR).open("wb") as err:
        try:
            process = subprocess.Popen(  # noqa: S603 - the user's own command
                words[0] if command.shell else words,
                shell=command.shell, cwd=command.folder, stdin=subprocess.DEVNULL, stdout=out, stderr=err,
                start_new_session=True, env=environment,
            )  # fmt: skip
        except OSError as error:
            raise UsageError(f"the command cannot be begun: {error.strerror}: {error.filename}.") from error
        with _Group(process) as group:
            status = group.wait(command.seconds, stop)
    if status is None:
        return f"it took longer than the timeout of {command.seconds:g} s"
    if status == 0:
        return None
    last = _last_line(folder / STDERR)
    how = f"killed by {signal.Signals(-status).name}" if status < 0 else f"exit status {status}"
    return f"{how}: {last}" if last else how


class _Group:
    """A process and all that it begins, which end at the end of a ``with`` block."""

    def __init__(self, process: "subprocess.Popen[bytes]") -> None:
        self._process = process

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for number, seconds in ((signal.SIGTERM, GRACE), (signal.SIGKILL, GRACE)):
            if not self._tell(number):
                break
            until = time.monotonic() + seconds
            while self._is_alive() and time.monotonic() < until:
                time.sleep(TICK)
        self._process.wait()

    def wait(self, seconds: float | None, stop: StopRequest | None) -> int | None:
        """Return the exit status; None if it did not end in so many seconds.

        Raises
        ------
        Stopped
            If a stop was asked for.
        """
        until = None if seconds is None else time.monotonic() + seconds
        while True:
            with suppress(subprocess.TimeoutExpired):
                return self._process.wait(TICK)
            if stop is not None:
                stop.check()
            if until is not None and time.monotonic() >= until:
                return None

    def _is_alive(self) -> bool:
        self._process.poll()
        return self._tell(0)

    def _tell(self, number: int) -> bool:
        """Send a signal to the group; return whether there is one."""
        try:
            os.killpg(self._process.pid, number)
        except (ProcessLookupError, PermissionError):  # of processes that have ended, macOS says the latter
            return False
        return True


def _last_line(file: Path) -> str:
    """Return the last line of a file that is not empty."""
    with file.open("rb") as opened:
        opened.seek(max(0, file.stat().st_size - 65536))
        lines = [line.strip() for line in opened.read().decode(errors="replace").splitlines()]
    return next((line for line in reversed(lines) if line), "")


class Commands(Trials):
    """Carries out a command; see `lengthwise.study.trainer.Trainer`.

    Parameters
    ----------
    command : Command
    folder : Path
        Of the study.
    metric : Metric
        What it scores.
    """

    execute = staticmethod(execute)

    def __init__(self, command: Command, folder: Path, metric: Metric) -> None:
        super().__init__(metric)
        self._place = Place(command, folder.resolve() / "runs")

    def check(self, folder: Path | None) -> None:  # noqa: ARG002 - all is known
        """Raise `UsageError` if the command cannot be carried out on this machine."""
        self._place.command.check()

    def workers(self, given: int | None) -> int:
        """Return how many are carried out at a time: one, if nothing else is asked for."""
        return 1 if given is None else check_integer("workers", given, 1, MAX_THREADS)

    def local(self, workers: int) -> AbstractContextManager[Executor]:
        """Return threads, each of which waits for one command at a time."""
        return LocalThreads(workers)

    def payload(self, *, is_shared: bool) -> Place:  # noqa: ARG002
        """Return the command and where its trainings have their folders."""
        return self._place


def begin_command(
    folder: Path | None,
    command: Command,
    *,
    seq_lens: str | Iterable[int] | None,
    seeds: int | Iterable[int] | None,
    folds: int | None,
    metric: str | None,
    direction: Direction | None,
    baseline: float | None,
    axes: Mapping[str, Iterable[Any]] | None,
) -> tuple[Commands, Store]:
    """Make a study of a command; see `lengthwise.Study` for the arguments."""
    if folder is None:
        raise UsageError("a command's output is kept in the study's folder: give out.")
    design = trial_design(command.line, seq_lens, seeds, folds, axes)
    for name in design.axes:
        if f"{{{name}}}" not in command.line:
            raise UsageError(f"axes has {name}, but the command has no {{{name}}}: write it where the value belongs.")
    if design.folds and "fold" not in placeholders_of(command.line):
        raise UsageError("folds are given, but the command has no {fold}: write it where the number belongs, from 0.")
    if not design.folds and "fold" in placeholders_of(command.line):
        raise UsageError("the command has {fold}, but it is not known how many there are: give folds, such as 5.")
    found = named_metric(metric or name_of_score(command.score), direction)
    command.check()
    store = begin_trials(folder, design, found, baseline, {"kind": "command", "command": command.to_dict()})
    return Commands(command, folder, found), store
