"""What is forecast, and how: what the user gave, and what was found in the training part."""

from dataclasses import dataclass

from lengthwise.data.options import Relative

GIVEN: dict[Relative, str] = {
    "none": "from the values themselves",
    "difference": "from differences to the last known value",
    "ratio": "from ratios to the last known value",
}
"""How the target is given to the network, in words."""


@dataclass(frozen=True)
class Outlook:
    """What is forecast, and how.

    Attributes
    ----------
    target : str
        The name of what is forecast; "" if it has none.
    horizon, lookback, season : int
        In steps; the look-back is the longest one, and a season of 1 is none.
    relative : {"none", "difference", "ratio"}
        How the target is given to the network.
    reasons : dict of str to str
        Why ``lookback``, ``season`` and ``relative`` are what they are, those that were not given.
    step : str
        The usual time step, such as ``1 hour``; "" if it is not known.
    """

    target: str
    horizon: int
    lookback: int
    season: int
    relative: Relative
    reasons: dict[str, str]
    step: str = ""

    def lines(self) -> list[tuple[str, str]]:
        """Return it as pairs of a name and a text."""
        what = f"{self.target or 'the series'}, {self._steps(self.horizon)} ahead"
        season = "none" if self.season == 1 else self._steps(self.season)
        return [
            ("forecast", what + (f"; a step is {self.step}" if self.step else "")),
            ("look-back", f"up to {self._steps(self.lookback)}" + self._why("lookback")),
            ("season", season + self._why("season")),
            ("relative", self.relative + self._why("relative")),
        ]

    @property
    def chosen(self) -> str:
        """What was found in the training part, in a line; "" if all was given."""
        season = "no season" if self.season == 1 else f"a season of {self._steps(self.season)}"
        found = [
            f"{words} ({name}={getattr(self, name)}: {self.reasons[name]})"
            for name, words in (("relative", GIVEN[self.relative]), ("season", season))
            if name in self.reasons
        ]
        return f"forecast: {'; '.join(found)}" if found else ""

    def _why(self, name: str) -> str:
        return f" ({self.reasons[name]})" if name in self.reasons else ""

    @staticmethod
    def _steps(count: int) -> str:
        return f"{count:,} step{'' if count == 1 else 's'}"
