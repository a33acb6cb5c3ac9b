"""What is said about series that are forecast: that they are too short, what is missing, what is left out."""

from collections.abc import Sequence

from lengthwise.data.forecast_cuts import cut_at_fractions
from lengthwise.data.forecast_series import MOST_FILLED, Line
from lengthwise.data.options import Missing, Options
from lengthwise.data.reading import listed
from lengthwise.data.time_grid import TimeGrid
from lengthwise.errors import DataError

FEWEST_ORIGINS = 8
"""Training forecasts without which there is nothing to learn from."""

MOST_NAMES = 5
"""So many series are named in a note."""


def check_enough(source: str, steps: int, options: Options, horizon: int) -> None:
    """Raise `DataError` if the longest series is too short to be cut by default; it says what would do."""
    if any(name in options.given for name in ("lookback", "validation", "test")) or _is_enough(steps, options, horizon):
        return
    needed = next(count for count in range(steps, 100 * (steps + horizon)) if _is_enough(count, options, horizon))
    smaller = next((one for one in range(horizon - 1, 0, -1) if _is_enough(steps, options, one)), None)
    hint = "" if smaller is None else f"; choose horizon={smaller} or less"
    raise DataError(
        f"{source} has {counted(steps, 'step')}, too few to forecast {horizon} ahead, for which at least {needed} are "
        f"needed{hint}."
    )


def _is_enough(steps: int, options: Options, horizon: int) -> bool:
    cut = cut_at_fractions(steps, options, horizon)
    return cut.validation >= horizon + FEWEST_ORIGINS


def gap_notes(lines: Sequence[Line], grid: TimeGrid | None, rows: int, how: Missing | None) -> list[str]:
    """Return notes of where steps or values are missing, and what is done.

    Parameters
    ----------
    lines : sequence of Line
        With steps where few were missing.
    grid : TimeGrid, optional
    rows : int
        How many steps there were before.
    how : {"forward", "mean", "zero"}, optional
        As the user asked for; by default the value of a season before, or the last one.
    """
    notes = []
    filled = f"filled ({'by the last value, or that of a season before' if how is None else f'missing={how}'})"
    if grid is not None and not grid.is_regular and rows > 2 * len(lines):
        usual = f" (most often {grid.step} apart)" if grid.step else ""
        notes.append(f"times are irregular{usual}: rows are taken as steps, whatever lies between them")
    added = max(0, sum(map(len, lines)) - rows)
    if added:
        notes.append(f"{counted(added, 'step')} missing in time: {filled}, and not forecast")
    gaps = sum(int(line.breaks.sum()) for line in lines)
    if gaps:
        notes.append(f"{counted(gaps, 'gap')} of more than {MOST_FILLED} steps in time: no window crosses one")
    unknown = sum(int((~line.known).sum()) for line in lines) - added
    if unknown > 0:
        notes.append(f"{counted(unknown, 'value')} to forecast missing: {filled}, and not forecast")
    return notes


def left_out(names: Sequence[str], because: str, because_many: str) -> list[str]:
    """Return a note that series are left out, if any are."""
    if not names:
        return []
    return [f"{listed(tuple(names), MOST_NAMES)} left out: {because if len(names) == 1 else because_many}"]


def counted(count: int, what: str) -> str:
    """Return a number of things in words.

    >>> counted(1, "step"), counted(2000, "step")
    ('1 step', '2,000 steps')
    """
    return f"{count:,} {what}{'' if count == 1 else 's'}"
