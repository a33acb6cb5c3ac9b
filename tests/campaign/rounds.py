"""Rounds of the campaign, and what came of them."""

import collections
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import numpy as np

from tests.campaign.attempts import BAD, attempts
from tests.campaign.killed import Killed
from tests.campaign.kinds import Kind

TRIES = 10
"""Trainings, and studies, that are killed in a round."""


class Tally:
    """What came of the tries of each kind, how many kills were made, and the most memory that a process had, in MB."""

    def __init__(self) -> None:
        self.counts: dict[str, collections.Counter[str]] = collections.defaultdict(collections.Counter)
        self.kills = 0
        self.most = 0.0

    def make(self, kind: str, tries: Iterator[Callable[[], str]]) -> bool:
        """Make tries of a kind; whether all were made."""
        came = ""
        for came in attempts(tries, self._note):
            self.counts[kind][came] += 1
        return came not in ("crash", "hang")

    def _note(self, memory: float) -> None:
        self.most = max(self.most, memory)

    @property
    def is_good(self) -> bool:
        """Whether nothing came that must not."""
        return not any(of_kind[came] for of_kind in self.counts.values() for came in BAD)

    @property
    def total(self) -> str:
        """A line of all that was done."""
        files = sum(of_kind.total() for kind, of_kind in self.counts.items() if not kind.startswith("killed"))
        return f"{files:,} damaged files, {self.kills:,} kills; most memory of a process: {self.most:.0f} MB"

    def __str__(self) -> str:
        lines = [
            f"{kind:22} " + ", ".join(f"{count:,} {came}" for came, count in of_kind.most_common())
            for kind, of_kind in self.counts.items()
        ]
        return "\n".join([*lines, self.total])


def make_round(
    number: int, seed: int, kinds: dict[str, Kind], killed: dict[str, Killed], keep: Path, tally: Tally
) -> None:
    """Damage every kind of file some times, and kill some trainings and studies."""
    for place, (name, kind) in enumerate(kinds.items()):
        rng = np.random.default_rng((seed, number, place))
        if not tally.make(name, (partial(kind.attempt, rng, keep) for _ in range(kind.per_round))):
            kind.keep_damaged("crash or hang", keep)
        kind.path.write_bytes(kind.content)
    for place, (name, what) in enumerate(killed.items()):
        rng = np.random.default_rng((seed, number, len(kinds) + place))
        tally.make(f"killed {name}", (partial(what.attempt, rng) for _ in range(TRIES)))
    tally.kills = sum(what.kills for what in killed.values())
