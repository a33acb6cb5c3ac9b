"""How far a study has come, read from its store alone."""

import json
import os
import platform
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pandas as pd

from lengthwise.errors import LengthwiseError
from lengthwise.study.run import timesteps
from lengthwise.study.study import Study
from lengthwise.training.settings import Settings

RECENT = 20
"""Runs from which the pace is told."""


@dataclass(frozen=True)
class Status:
    """How far a study has come.

    Attributes
    ----------
    finished, failed : int
        Runs that have ended.
    pending : int or None
        Runs to come; None where the data are missing, so that it is not known.
    running : str or None
        Who carries the study out at the moment, as far as can be seen from here.
    seconds_left : float or None
        About how long it will take yet; None if it is not running or nothing has ended.
    most_seconds_left : float or None
        How long at most, with all the seeds that may be added until the question is decided; None if none may be.
    failures : list of dict
        Of the failed runs: ``run`` and ``reason``.
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
        """Whether no run is to come."""
        return self.pending == 0


def status_of(study: Study) -> Status:
    """Return how far a study has come."""
    results = study.results
    failed = results[results.status == "failed"]
    try:
        pending: list[Settings] | None = study.pending()
    except LengthwiseError:
        pending = None
    running = None if study.out is None else holder(study.out)
    later = study.later() if running and pending else []
    varied = study.design.varied
    return Status(
        finished=len(results) - len(failed),
        failed=len(failed),
        pending=None if pending is None else len(pending),
        running=running,
        seconds_left=seconds_left(results, pending) if running and pending else None,
        most_seconds_left=seconds_left(results, pending + later) if pending and later else None,
        failures=[
            {
                "run": ", ".join(f"{name} {row[name]}" for name in ("seq_len", "seed", *varied)),
                "reason": str(row["reason"]),
            }
            for row in failed.to_dict("records")
        ],
    )


def holder(folder: Path) -> str | None:
    """Return who carries out the study in a folder; None if nobody does, as far as can be seen from here."""
    try:
        who = json.loads((folder / ".holder.json").read_text())
        described, host, process = f"{who['user']} on {who['host']}, process {who['pid']}", who["host"], int(who["pid"])
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return described if host != platform.node() or _alive(process) else None


def _alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True


def seconds_left(results: pd.DataFrame, pending: list[Settings], now: datetime | None = None) -> float | None:
    """Return about how long the pending runs will take at the pace of the latest ones; None if none has finished.

    A run's cost is taken as the time steps that it sees, and the pace as what the latest runs saw in the time from the
    first of them to the last.
    """
    latest = results[results.status == "finished"].sort_values("finished_at").tail(RECENT)
    if latest.empty:
        return None
    ends = pd.to_datetime(latest.finished_at)
    begun = (ends - pd.to_timedelta(latest.wall_seconds, unit="s")).min()
    span = max((ends.max() - begun).total_seconds(), 1.0)
    pace = float(latest.timesteps.sum()) / span
    to_come = sum(timesteps(settings) for settings in pending)
    since = ((datetime.now(UTC) if now is None else now) - ends.max()).total_seconds()
    return max(to_come / pace - max(since, 0.0), 0.0)
