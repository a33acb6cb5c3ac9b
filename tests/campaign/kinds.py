"""A kind of file to damage, and what comes of that."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from lengthwise.errors import LengthwiseError
from tests.mutations import mutated

PER_ROUND = 100
"""How often a file is damaged in a round, if to read it takes a millisecond or two."""


@dataclass(frozen=True)
class Kind:
    """A kind of file to damage.

    Attributes
    ----------
    path : Path
    content : bytes
        What is in it, undamaged.
    use : callable
        Reads it, and returns what came out.
    expected : Any
        What comes out of the undamaged file, where a checksum tells that from all else; otherwise None.
    per_round : int
        How often it is damaged in a round.
    """

    path: Path
    content: bytes
    use: Callable[[], Any]
    expected: Any = None
    per_round: int = PER_ROUND

    def attempt(self, rng: np.random.Generator, keep: Path) -> str:
        """Damage the file and use it; what came of it, and where that is bad, the damaged file is kept in a folder."""
        self.path.write_bytes(mutated(self.content, rng))
        came = "traceback"
        try:
            found = self.use()
            came = "read" if self.expected is None or found == self.expected else "other content"
        except LengthwiseError as error:
            came = "refused" if self.path.name in str(error) or str(self.path.parent) in str(error) else "nameless"
        finally:
            if came not in ("read", "refused"):
                self.keep_damaged(came, keep)
        return came

    def keep_damaged(self, came: str, keep: Path) -> None:
        """Copy the file as it is into a folder."""
        damaged = self.path.read_bytes()
        keep.mkdir(exist_ok=True)
        (keep / f"{came} {hashlib.sha256(damaged).hexdigest()[:12]} {self.path.name}").write_bytes(damaged)


def of_kind(path: Path, use: Callable[[], Any], *, checked: bool = False) -> Kind:
    """Return the kind of a file that is whole."""
    found = use()
    return Kind(path, path.read_bytes(), use, found if checked else None)
