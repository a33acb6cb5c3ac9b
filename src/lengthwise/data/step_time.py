"""How long a step is, where the data say it or the user does, and how so many steps are said as a time."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

DAY = 86_400.0

YEAR = 365.2425 * DAY

MONTH = YEAR / 12

CALENDAR = ((MONTH, 28, 31), (3 * MONTH, 89, 92), (YEAR, 365, 366))
"""Steps of the calendar in seconds, with the fewest and the most days that they have."""

LIKE = 0.01
"""Steps count as equal up to this share, as clocks do not tick exactly."""

USUAL_SHARE = 0.5
"""A step is known if at least this share of all are like the median one."""

UNITS = (
    (YEAR, "year"), (MONTH, "month"), (7 * DAY, "week"), (DAY, "day"), (3600.0, "hour"), (60.0, "minute"), (1.0, "s"),
    (1e-3, "ms"), (1e-6, "µs"),
)  # fmt: skip
"""What a time is said in, with its seconds."""

BY_THE_CALENDAR = 2
"""The first so many units are for steps that follow the calendar."""

LARGE = 2.0
"""A time that is no whole number of any unit is said in the largest of which it has this many."""


def step_seconds_of(times: Sequence[NDArray[Any]], rate: float | None, unit: float | None = None) -> float | None:
    """Return the seconds of a step: by the rate, where it is given, or the usual step of the times; None if not known.

    >>> hours = np.arange("2026-03-01T00", "2026-03-01T09", dtype="datetime64[h]")
    >>> step_seconds_of([hours, hours[:3]], None), step_seconds_of([], 50), step_seconds_of([np.arange(5.0)], None)
    (3600.0, 0.02, None)
    >>> step_seconds_of([np.arange(5) * 20.0], None, unit=0.001)
    0.02
    >>> months = np.array(["2026-01-01", "2026-02-01", "2026-03-01", "2026-04-01"], "datetime64[ns]")
    >>> step_seconds_of([months], None) == MONTH
    True

    Parameters
    ----------
    times : sequence of ndarray of shape (steps,)
        Of each sequence, ascending: dates, or numbers.
    rate : float, optional
        Steps a second.
    unit : float, optional
        Seconds of one unit of the times, where they are numbers; without it, they say nothing.
    """
    if rate is not None:
        return 1 / rate
    dates = [own.astype("datetime64[ns]").astype(np.int64) for own in times if own.dtype.kind == "M"]
    numbers = [own for own in times if own.dtype.kind in "iuf"] if unit is not None and not dates else []
    if not dates and not numbers:
        return None
    apart = np.concatenate([np.diff(own) for own in dates or numbers]) * (unit if numbers and unit else 1e-9)
    if not len(apart):
        return None
    usual = float(np.median(apart))
    for step, fewest, most in CALENDAR:
        if fewest * DAY <= usual <= most * DAY and len(np.unique(np.round(apart))) > 1:
            return step
    is_usual = np.abs(apart - usual) <= LIKE * usual
    return usual if usual > 0 and is_usual.mean() >= USUAL_SHARE else None


def span_in_words(num_steps: int, step_seconds: float) -> str:
    """Return how long so many steps are.

    >>> span_in_words(100, 0.02), span_in_words(28, 0.02), span_in_words(24, 3600), span_in_words(36, 3600)
    ('2 s', '560 ms', '1 day', '1.5 days')
    >>> span_in_words(17, 600), span_in_words(1000, 1 / 7), span_in_words(18, MONTH), span_in_words(10, DAY)
    ('170 minutes', '2.38 minutes', '1.5 years', '10 days')
    >>> span_in_words(53, 0.02), span_in_words(12, 0.02)
    ('1.06 s', '240 ms')
    """
    total = num_steps * step_seconds
    units = UNITS if step_seconds in [step for step, _, _ in CALENDAR] else UNITS[BY_THE_CALENDAR:]
    counts = [(total / unit, name) for unit, name in units]
    short = [pair for pair in counts if pair[0] > 0.999 and abs(pair[0] - float(f"{pair[0]:.2g}")) < 1e-6 * pair[0]]
    whole = [pair for pair in counts if pair[0] > 0.999 and abs(pair[0] - round(pair[0])) < 1e-6 * pair[0]]
    large = [pair for pair in counts if pair[0] >= LARGE]
    fitting = [*short, *whole, *large, *(pair for pair in counts if pair[0] > 0.999), counts[-1]]
    count, name = next((pair for pair in fitting if pair[0] < 1000), fitting[0])
    plural = "" if f"{count:.3g}" == "1" or name in ("s", "ms", "µs") else "s"
    return f"{count:.3g} {name}{plural}"
