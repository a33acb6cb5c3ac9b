"""The status of a study, read from its store."""

from dataclasses import dataclass
from datetime import UTC, datetime

import pandas as pd

from lengthwise.errors import LengthwiseError
from lengthwise.study.lock import holder
from lengthwise.study.outcome import Run
from lengthwise.study.study import Study

RECENT = 20
"""Number of runs from which the speed is estimated."""


@dataclass(frozen=True)
class Status:
    """The status of a study.

    Attributes
    ----------
    finished, failed : int
        Runs that have ended.
    pending : int or None
        Remaining runs; None if their number is not known, as the data are missing.
    running : str or None
        The process that executes the study, as far as it can be determined from this machine.
    seconds_left : float or None
        Estimated remaining time; None if the study is not running or no run has finished.
    most_seconds_left : float or None
        Estimated maximum, with all seeds that may be added until the question is decided; None if none may be added.
    failures : list of dict
        ``run`` and ``reason`` of each failed run.
    """

    finished: int
    failed: int
    pending: int | None
    running: str | None
    seconds_left: float | None
    most_seconds_left: float | None
    failures: list[dict[str, str]]

    @property
    def complete(self) -> bool:
        """Whether no run remains."""
        return self.pending == 0


def status_of(study: Study) -> Status:
    """Return the status of a study."""
    results = study.results
    failed = results[results.status == "failed"]
    try:
        pending: list[Run] | None = study.pending()
    except LengthwiseError:
        pending = None
    running = None if study.out is None else holder(study.out)
    later = study.later() if running and pending else []
    named = ("seq_len", "seed", *(("fold",) if study.design.folds else ()), *study.design.varied, *study.design.axes)
    return Status(
        finished=len(results) - len(failed),
        failed=len(failed),
        pending=None if pending is None else len(pending),
        running=running,
        seconds_left=seconds_left(results, pending) if running and pending else None,
        most_seconds_left=seconds_left(results, pending + later) if pending and later else None,
        failures=[
            {
                "run": ", ".join(f"{name} {row[name]}" for name in named),
                "reason": str(row["reason"]),
            }
            for row in failed.to_dict("records")
        ],
    )


def seconds_left(results: pd.DataFrame, pending: list[Run], now: datetime | None = None) -> float | None:
    """Return an estimate of the pending runs' time at the speed of the latest ones; None if none has finished.

    A run's cost is the number of time steps that it reads, and the speed is the number that the latest runs read,
    divided by the time from the beginning of the first of them to the end of the last. That is at most what they took
    one after the other: a study that was stopped for a night, or a clock that was set meanwhile, makes no run slower.
    """
    latest = results[results.status == "finished"].sort_values("finished_at").tail(RECENT)
    if latest.empty:
        return None
    ends = pd.to_datetime(latest.finished_at)
    begun = (ends - pd.to_timedelta(latest.wall_seconds, unit="s")).min()
    span = max(min((ends.max() - begun).total_seconds(), latest.wall_seconds.sum()), 1.0)
    seen = (
        latest.timesteps if "timesteps" in latest else latest.seq_len
    )  # of the user's own, time grows with the length
    pace = float(seen.sum()) / span
    to_come = sum(run.timesteps for run in pending)
    since = ((datetime.now(UTC) if now is None else now) - ends.max()).total_seconds()
    return max(to_come / pace - max(since, 0.0), 0.0)
