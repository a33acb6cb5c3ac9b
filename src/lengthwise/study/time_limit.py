"""How long a study may take: ``--time 2m``."""

import math
import re
import time
from dataclasses import dataclass, field
from typing import Self

from lengthwise.errors import UsageError

UNITS = {"s": 1, "m": 60, "h": 3600}

PART = re.compile(r"(\d+(?:\.\d+)?)([smh])")


@dataclass(frozen=True)
class TimeLimit:
    """A time by which a study gives the best answer that it has.

    Parameters
    ----------
    seconds : float
        From `begun` on; more than 0.
    begun : float
        Reading of `time.monotonic`; now by default.

    Raises
    ------
    UsageError
        If `seconds` is not positive.
    """

    seconds: float
    begun: float = field(default_factory=time.monotonic, compare=False)

    def __post_init__(self) -> None:
        if not 0 < self.seconds < math.inf:
            raise UsageError(f"time is {self.seconds:g} s, but must be positive, such as 2m.")

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read a time as it is written on the command line.

        >>> TimeLimit.parse("90s").seconds, TimeLimit.parse("2m").seconds, TimeLimit.parse("1h30m").seconds
        (90.0, 120.0, 5400.0)
        """
        compact = "".join(text.split())
        parts = PART.findall(compact)
        if not parts or "".join(number + unit for number, unit in parts) != compact:
            raise UsageError(f"time is {text!r}, but must be a number with s, m or h, such as 90s, 2m or 1h30m.")
        return cls(sum(float(number) * UNITS[unit] for number, unit in parts))

    @property
    def left(self) -> float:
        """Seconds until then; 0 if it is over."""
        return max(0.0, self.begun + self.seconds - time.monotonic())

    def share(self, share: float, *, paused: float = 0.0) -> "TimeLimit":
        """Return a limit that has this share of the seconds, of which those of a pause do not count.

        >>> 19.9 < TimeLimit(60).share(0.2, paused=8).left <= 20
        True
        """
        return TimeLimit(share * self.seconds, self.begun + paused)


def as_time_limit(limit: str | float | TimeLimit | None) -> TimeLimit | None:
    """Return a limit that may be written as on the command line, be a number of seconds, or not be given."""
    if limit is None or isinstance(limit, TimeLimit):
        return limit
    return TimeLimit.parse(limit) if isinstance(limit, str) else TimeLimit(float(limit))
