"""The contests as tables, and the notebook's as a sentence."""

from collections.abc import Callable

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from benchmarks.contest import Entry, Result, summary
from benchmarks.contestants import count


def median(times: list[float]) -> float:
    """Return the median as the results file has it."""
    return summary(times)["median"]


def print_table(result: Result, console: Console) -> None:
    """Print one shape's medians and their ratios to ours on as many threads."""
    table = Table(
        title=f"Milliseconds a step: {result.shape.title}", title_justify="left", box=SIMPLE_HEAD, pad_edge=False
    )
    table.add_column("", no_wrap=True)
    for name in ("threads", "training", "× ours", "evaluation", "× ours"):
        table.add_column(name, justify="right")
    for entry in result.entries:
        ours = result.ours(entry.contestant.threads)
        table.add_row(
            entry.contestant.label,
            str(entry.contestant.threads),
            *_time_and_ratio(median(entry.train), median(ours.train)),
            *_time_and_ratio(median(entry.evaluate), median(ours.evaluate)),
            style="bold" if entry.contestant.is_ours else "",
        )
    table.add_section()
    for threads in sorted({entry.contestant.threads for entry in result.entries}):
        least = result.limit_ms(threads)
        times = _time_and_ratio(least, median(result.ours(threads).train))
        table.add_row(f"limit ({result.limit_gflops:.0f} GFLOP/s a core)", str(threads), *times)
    console.print(table)


def _time_and_ratio(time: float, ours: float) -> tuple[str, str]:
    return f"{time:.3f}", f"{time / ours:.2f}"


def best(result: Result, chosen: Callable[[Entry], bool]) -> Entry | None:
    """Return the entry with the fastest training step among those chosen, or None if there are none."""
    entries = [entry for entry in result.entries if chosen(entry)]
    return min(entries, key=lambda entry: median(entry.train), default=None)


def our_best(result: Result) -> Entry:
    """Return our engine's entry with the fastest training step."""
    ours = [entry for entry in result.entries if entry.contestant.is_ours]
    return min(ours, key=lambda entry: median(entry.train))


def fastest(result: Result) -> list[tuple[str, float]]:
    """Return what ours is compared with, and how many times faster ours is: PyTorch eager and the best peer.

    Each is taken on 1 or 2 threads, whichever is faster for it.
    """
    ours = our_best(result)
    eager = best(result, lambda entry: entry.contestant.variant == "eager")
    peer = best(result, lambda entry: not entry.contestant.is_ours)
    rivals = {rival.contestant.label: rival for rival in (eager, peer) if rival is not None}
    return [(label, median(rival.train) / median(ours.train)) for label, rival in rivals.items()]


def sentence(result: Result) -> str:
    """Say what was found at one shape."""
    ours = our_best(result)
    one = result.ours(1)
    rivals = " and ".join(f"{ratio:.1f} times faster than {label}" for label, ratio in fastest(result)) or "alone"
    return (
        f"lengthwise, fastest with {count(ours.contestant.threads)} at {median(ours.train):.2f} ms a training step, "
        f"is {rivals}. On one core it runs at {result.limit_ms(1) / median(one.train):.0%} of the multiply-add limit."
    )
