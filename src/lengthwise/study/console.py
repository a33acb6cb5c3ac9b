"""What a person sees of a study under way: a live table on a terminal, a line a run elsewhere."""

import time
from collections import Counter, defaultdict
from typing import TYPE_CHECKING

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from lengthwise._internal.output import Output
from lengthwise.study.design import Design
from lengthwise.study.events import StudyAnswered, StudyCompiling, StudyEnded, StudyEvent, StudyStarted
from lengthwise.study.execution import RunEnded, RunStarted, RunValidated
from lengthwise.study.outcome import Outcome, Run, RunValidation
from lengthwise.tasks.metrics import ACCURACY
from lengthwise.training.callbacks.console import compiling_notice

if TYPE_CHECKING:
    import pandas as pd

BLOCKS = "▁▂▃▄▅▆▇█"


def sketch(scores: dict[int, float]) -> str:
    """Return a curve of one character a length, from the lowest score to the highest.

    >>> sketch({1: 0.25, 2: 0.5, 3: 1.0})
    '▁▃█'
    """
    if not scores:
        return ""
    low, high = min(scores.values()), max(scores.values())
    scale = (len(BLOCKS) - 1) / ((high - low) or 1)
    return "".join(BLOCKS[int((scores[length] - low) * scale)] for length in sorted(scores))


def duration(seconds: float) -> str:
    """Return a time for people.

    >>> duration(42.3), duration(754), duration(7540)
    ('42 s', '12 min 34 s', '2 h 05 min')
    """
    minutes, rest = divmod(round(seconds), 60)
    if minutes == 0:
        return f"{rest} s"
    hours, minutes_left = divmod(minutes, 60)
    return f"{hours} h {minutes_left:02} min" if hours else f"{minutes} min {rest:02} s"


def counted(number: int, what: str) -> str:
    """Return a number of things in words.

    >>> counted(1, "seed"), counted(28, "length")
    ('1 seed', '28 lengths')
    """
    return f"{number} {what}" if number == 1 else f"{number} {what}s"


def _seeds(design: Design) -> str:
    """Return how many seeds each length has: ``3 seeds``, or ``3 to 7 seeds`` where some were added."""
    least = len(design.seeds)
    most = max(len(design.seeds_of(length)) for length in design.seq_lens)
    return counted(least, "seed") if most == least else f"{least} to {most} seeds"


def _planned(pending: list[Run]) -> str:
    """Return what is trained next: ``lengths 19, 21 (1 seed)``."""
    seeds = Counter(seq_len for seq_len, _ in {(run.seq_len, run.seed) for run in pending})
    parts = []
    for count in sorted(set(seeds.values())):
        lengths = ", ".join(str(length) for length in sorted(seeds) if seeds[length] == count)
        parts.append(f"{lengths} ({counted(count, 'more seed')})")
    return f"length{'' if len(seeds) == 1 else 's'} {'; '.join(parts)}"


def _name(settings: Run, varied: tuple[str, ...]) -> str:
    parts = [f"seq_len {settings.seq_len:3}", f"seed {settings.seed}"]
    parts += [] if settings.fold is None else [f"fold {settings.fold}"]
    return "  ".join(parts + [f"{name} {settings.to_dict()[name]}" for name in varied])


def _share(settings: Run, validation: RunValidation) -> float:
    """Return how much of a training has been made."""
    return validation.update / (getattr(settings, "steps", None) or validation.update)


class StudyConsole:
    """Prints how a study goes on.

    Parameters
    ----------
    console : rich.console.Console, optional
        Standard output by default.
    """

    def __init__(self, console: Console | None = None) -> None:
        self._console = Output(soft_wrap=True) if console is None else console
        self._live: Live | None = None
        self._compiling = False
        self._running: dict[Run, RunValidation | None] = {}
        self._scores: defaultdict[int, list[float]] = defaultdict(list)
        self._varied: tuple[str, ...] = ()
        self._best: Run | None = None
        self._best_score = 0.0
        self._so_far = ""
        self._metric = ACCURACY
        self._score_name = "val_accuracy"
        self._total = self._done = self._failed = self._cost_done = self._cost_total = self._cost_later = 0
        self._began = time.monotonic()
        self._began_before = False

    def __call__(self, event: StudyEvent) -> None:
        """Print what the event is about."""
        match event:
            case StudyCompiling() if not self._compiling:
                self._compiling = True
                self._console.print(compiling_notice())
            case StudyStarted():
                self._start(event)
            case RunStarted(settings=settings):
                self._running[settings] = None
            case RunValidated(settings=settings, validation=validation):
                self._running[settings] = validation
            case RunEnded(outcome=outcome):
                self._end(outcome)
            case StudyAnswered(sentence=sentence):
                self._so_far = sentence
            case StudyEnded():
                self.close()
        if self._live is not None:
            self._live.update(self._table())

    def close(self) -> None:
        """Take the live table off the terminal."""
        if self._live is not None:
            self._live.stop()
            self._live = None

    def _start(self, event: StudyStarted) -> None:
        design = event.design
        self._varied = (*design.varied, *design.axes)
        self._metric = event.metric
        self._score_name = f"{'val_' if event.chosen_on else ''}{event.metric.name}"
        self._began = time.monotonic()
        stored = event.stored
        self._total = len(event.pending) + len(stored)
        self._done = int((stored.status == "finished").sum())
        self._failed = len(stored) - self._done
        self._running.clear()
        self._cost_done, self._cost_total = 0, sum(run.timesteps for run in event.pending)
        self._cost_later = sum(run.timesteps for run in event.later)
        for row in stored[stored.status == "finished"].itertuples():
            self._scores[int(row.seq_len)].append(float(row.val_score))  # type: ignore[arg-type]
        if self._began_before:
            self._so_far = event.so_far
            if event.so_far:
                self._console.print(f"so far: {event.so_far}")
            self._console.print(f"then {_planned(event.pending)}")
        else:
            self._announce(event, stored)
        self._began_before = True
        if self._console.is_terminal:
            self._live = Live(self._table(), console=self._console, auto_refresh=True, transient=True)
            self._live.start()

    def _announce(self, event: StudyStarted, stored: "pd.DataFrame") -> None:
        """Print what the study consists of."""
        design = event.design
        where = "in memory" if event.out is None else f"in {event.out}"
        already = f", {len(stored)} of them stored already" if len(stored) else ""
        lengths = counted(len(design.seq_lens), "length")
        if len(design.seq_lens) > 1:
            lengths += f" from {design.seq_lens[0]} to {design.seq_lens[-1]}"
        folds = f" in {design.folds} folds" if design.folds else ""
        budget = "" if design.budget is None else f", {design.budget} each"
        self._console.print(
            f"{counted(self._total, 'run')}{already}: {lengths}, {_seeds(design)}{folds}{budget}; "
            f"{event.workers or 'many'} at a time; stored {where}"
        )
        if design.candidates:
            first, last = design.candidates[0], design.candidates[-1]
            number = counted(len(design.candidates), "length")
            self._console.print(f"more of the {number} from {first} to {last}, and more seeds, follow where they help")

    def _end(self, outcome: Outcome) -> None:
        settings = outcome.settings
        self._running.pop(settings, None)
        self._cost_done += settings.timesteps
        score = outcome.score
        if score is None:
            self._failed += 1
            text = f"failed: {outcome.reason}"
        else:
            self._done += 1
            self._scores[settings.seq_len].append(score)
            if self._best is None or self._metric.is_better(score, than=self._best_score):
                self._best_score, self._best = score, settings
            text = outcome.summary
        line = f"{self._done + self._failed:4}/{self._total}  {_name(settings, self._varied)}  {text}"
        if self._live is None or score is None:
            self._console.print(f"{line}  left {self._left()}")

    def _left(self) -> str:
        """Return about how long it will take yet, and how long at most, where seeds may be added."""
        under_way = sum(
            settings.timesteps * _share(settings, validation)
            for settings, validation in self._running.items()
            if validation is not None
        )
        made = self._cost_done + under_way
        if made == 0:
            return "unknown"
        pace = (time.monotonic() - self._began) / made
        left = duration(pace * (self._cost_total - made))
        if not self._cost_later:
            return left
        return f"{left}, at most {duration(pace * (self._cost_total + self._cost_later - made))} if seeds are added"

    def _table(self) -> RenderableType:
        ended = self._done + self._failed
        facts = Table.grid(padding=(0, 2))
        facts.add_row("finished", f"{self._done} of {self._total}", "failed", str(self._failed), "left", self._left())
        means = {length: sum(values) / len(values) for length, values in self._scores.items()}
        rows: list[RenderableType] = [facts, ProgressBar(total=max(1, self._total), completed=ended, width=60)]
        for settings, last in self._running.items():
            state = "" if last is None else f"  {_share(settings, last):4.0%}  val {last.val_score:.4f}"
            rows.append(Text(f"  {_name(settings, self._varied)}{state}"))
        if means:
            rows.append(Text(f"{self._metric.title} over length, {min(means)} … {max(means)}:  {sketch(means)}"))
        if self._best is not None:
            score = f"{self._score_name} {self._best_score:.4f}"
            rows.append(Text(f"best so far: {_name(self._best, self._varied)}  {score}"))
        if self._so_far:
            rows.append(Text(self._so_far))
        return Group(*rows)
