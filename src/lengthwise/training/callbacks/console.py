"""The console output of a training: shapes, the notebook's lines, a progress bar, the result."""

from collections.abc import Sequence

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeRemainingColumn
from rich.table import Table

from lengthwise._internal.output import Output
from lengthwise.networks.module_network import AnyNetwork, ModuleNetwork
from lengthwise.tasks.metrics import ACCURACY, Metric
from lengthwise.tasks.tasks import TASKS
from lengthwise.training.evaluation import Evaluation
from lengthwise.training.events import Compiling, Evaluating, Event, Finished, Interrupted, Started, Stepped, Validated
from lengthwise.training.progress import Progress as TrainingProgress
from lengthwise.training.progress import Summary
from lengthwise.windows import Phase

STEPS_A_LINE = 500
"""Global steps between two lines, as in the notebook."""


def compiling_notice() -> str:
    """Return the notice that the engine is being compiled, for the console of a training or of a study."""
    from lengthwise.engine.simd.host import VECTOR_SHAPE  # noqa: PLC0415 - loads LLVM

    return (
        f"compiling the engine for this processor ({VECTOR_SHAPE.lanes} lanes); this happens once and takes about "
        "ten seconds …"
    )


def line(phase: Phase, epoch: int, step: int, summary: Summary, score: Metric = ACCURACY) -> str:
    """Return the notebook's line for the steps since the last one, with the worst step's score and the mean.

    >>> line("train", 0, 500, Summary(1.316, 0.09375, 0.8, 0.5421, 0.000251))
    '[trn] ep 1  step    500  loss 1.316000  accu min 0.093750 mean 0.542100  sec/iter 0.000251'
    >>> line("test", 0, 4500, Summary(float("nan"), 0.8125, 1.0, 0.9062, 0.0001))
    '[tst] ep 1  step   4500                 accu min 0.812500 mean 0.906200  sec/iter 0.000100'
    >>> from lengthwise.tasks.metrics import MAE
    >>> line("train", 0, 500, Summary(0.17, 0.3, 0.4, 0.35, 0.001), MAE)
    '[trn] ep 1  step    500  loss 0.170000  abs error max 0.400000 mean 0.350000  sec/iter 0.001000'
    """
    name, loss = ("trn", f"loss {summary.loss:8.6f}") if phase == "train" else ("tst", " " * 13)
    if score.higher_is_better:
        scores = f"accu min {summary.score_min:.6f} mean {summary.score_mean:.6f}"
    else:
        scores = f"abs error max {summary.score_max:.6f} mean {summary.score_mean:.6f}"
    return f"[{name}] ep {epoch + 1}  step {step:6}  {loss}  {scores}  sec/iter {summary.seconds_per_step:.6f}"


def shapes(event: Started) -> list[str]:
    """Return the shapes of the network's arrays, as the notebook prints them, and of its parameters."""
    network, settings = event.network, event.settings
    batch, steps = settings.batch_size, settings.seq_len
    schedule = event.progress.schedule
    rows = [
        ("window", f"{(batch, steps, network.input_size)}  batch, time, features"),
        *_inside(network, batch, steps),
        (TASKS[network.task].outputs, str((batch, network.num_outputs))),
        *((name, str(shape)) for name, shape in network.parameter_shapes.items()),
        ("parameters", f"{network.num_parameters:,}"),
        ("steps", f"{schedule.updates:,} training"),
        ("an epoch's steps", f"{schedule.train_steps:,} training + {schedule.test_steps:,} test"),
    ]
    return [f"{name:20} {text}" for name, text in rows]


def _inside(network: AnyNetwork, batch: int, steps: int) -> list[tuple[str, str]]:
    """Return the shapes of the arrays between the window and the head."""
    if isinstance(network, ModuleNetwork):
        return [("module", network.name)]
    units = network.hidden_size
    return [
        ("outputs", f"{(batch, steps, units)}  of the top layer, {network.num_layers} x {network.cell}"),
        ("final states", "  ".join([str((batch, units))] * network.num_layers)),
        ("last step", str((batch, units))),
    ]


def result_lines(evaluation: Evaluation, split: str = "test") -> list[str]:
    """Return the results of exact evaluation, overall and by the window's start."""
    starts, metric = evaluation.score_by_start, evaluation.metric
    metrics = "".join(f"   {name.replace('_', ' ')} {value:.4f}" for name, value in evaluation.metrics.items())
    what = f"{evaluation.num_windows:,} windows of {evaluation.seq_len} steps"
    lines = [
        f"exact evaluation, every window of every {split} sequence: {what}",
        f"{split} {metric.title} {evaluation.score:.4f}   loss {evaluation.loss:.4f}{metrics}",
    ]
    if len(starts) > 1:
        lines.append("by window start:" if metric.higher_is_better else f"{metric.title} by window start:")
        for first in range(0, len(starts), 10):
            part = starts[first : first + 10]
            lines.append(f"  {first:3} … {first + len(part) - 1:<3} " + " ".join(f"{value:.3f}" for value in part))
    return lines


def lengths_table(evaluations: Sequence[Evaluation], split: str = "test") -> Table:
    """Return the results of exact evaluation at one or more lengths as a table."""
    metric, metrics = evaluations[0].metric, evaluations[0].metrics
    title = f"exact evaluation, every window of every {split} sequence"
    table = Table(title=title, title_justify="left", box=SIMPLE_HEAD, pad_edge=False)
    for name in ("seq_len", "windows", metric.title, "loss", *(name.replace("_", " ") for name in metrics)):
        table.add_column(name, justify="right")
    for one in evaluations:
        values = (one.score, one.loss, *one.metrics.values())
        table.add_row(str(one.seq_len), f"{one.num_windows:,}", *(f"{value:.4f}" for value in values))
    return table


def validation_line(event: Validated) -> str:
    """Return the line with the network's scores on the validation split."""
    progress, evaluation = event.progress, event.evaluation
    epoch = progress.schedule.position(progress.global_step - 1).epoch + 1
    best = "  best" if event.is_best else ""
    scores = f"loss {evaluation.loss:8.6f}  {evaluation.metric.title} {evaluation.score:.6f}"
    return f"[val] ep {epoch}  step {progress.global_step:6}  {scores}{best}"


def choice_line(progress: TrainingProgress) -> str:
    """Return why training ended, and which parameters are kept."""
    selection = progress.selection
    why = f"all {progress.made:,} training steps were made"
    if selection is not None and progress.stopped_by == "patience":
        last = "validation was" if selection.patience == 1 else f"{selection.patience} validations were"
        why = f"stopped after {progress.made:,} training steps, as the last {last} no better"
    return f"{why}; kept: the parameters after {progress.best_step:,}"


class ConsoleLog:
    """Prints to a console: a progress bar on a terminal, plain lines elsewhere.

    Parameters
    ----------
    console : rich.console.Console, optional
        Standard output by default.
    """

    def __init__(self, console: Console | None = None) -> None:
        self._console = Output(soft_wrap=True) if console is None else console
        self._bar: Progress | None = None
        self._task = TaskID(0)
        self._compiling = False
        self._score = ACCURACY

    def __call__(self, event: Event) -> None:
        """Print the lines for an event."""
        match event:
            case Compiling() if not self._compiling:
                self._compiling = True
                self._print(compiling_notice())
            case Started():
                self._start(event)
            case Stepped():
                self._step(event)
            case Validated():
                self._print(validation_line(event))
            case Interrupted(progress=progress):
                self.close()
                self._print(f"interrupted after {progress.global_step} of {progress.schedule.total} steps")
            case Evaluating():
                self.close()
            case Finished(progress=progress, evaluation=evaluation):
                if progress.selection is not None:
                    self._print(choice_line(progress))
                for text in result_lines(evaluation):
                    self._print(text)

    def close(self) -> None:
        """Remove the progress bar from the terminal."""
        if self._bar is not None:
            self._bar.stop()
            self._bar = None

    def _print(self, text: str) -> None:
        self._console.print(text)

    def _start(self, event: Started) -> None:
        self._score = TASKS[event.network.task].step_metric
        for text in shapes(event):
            self._print(text)
        progress = event.progress
        if progress.global_step > 0:
            self._print(f"resuming after step {progress.global_step} of {progress.schedule.total}")
        if self._console.is_terminal:
            self._bar = Progress(
                TextColumn("{task.description}"),
                BarColumn(),
                MofNCompleteColumn(),
                TextColumn("{task.fields[rate]}"),
                TimeRemainingColumn(),
                console=self._console,
                transient=True,
            )
            self._task = self._bar.add_task("", total=progress.schedule.total, completed=progress.global_step, rate="")
            self._bar.start()

    def _step(self, event: Stepped) -> None:
        progress, schedule = event.progress, event.progress.schedule
        phase_began = event.epoch * schedule.epoch_steps + (schedule.train_steps if event.phase == "test" else 0)
        first_line = event.first // STEPS_A_LINE + 1
        for step in range(first_line * STEPS_A_LINE, event.last + 1, STEPS_A_LINE):
            since = max(phase_began, step - STEPS_A_LINE)
            self._print(line(event.phase, event.epoch, step, progress.summary(since, step), self._score))
        if self._bar is not None:
            rate = 1 / progress.history.seconds[event.first : event.last].mean()
            description = f"epoch {event.epoch + 1} {event.phase}"
            self._bar.update(self._task, completed=event.last, description=description, rate=f"{rate:,.0f} steps/s")
