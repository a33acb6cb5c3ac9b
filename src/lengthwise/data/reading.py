"""How data were read: what a person should see before they believe what is made of them."""

from dataclasses import dataclass, replace


@dataclass(frozen=True)
class Reading:
    """How data were read.

    Attributes
    ----------
    facts : tuple of (str, str)
        A word and what there is to say about it: the columns by their use, the range of time.
    notes : tuple of str
        What was decided without being told, what was left out, and what may be wrong: each a sentence without a full
        stop, with the option that would change it.
    doubts : tuple of str
        What was decided where something else may well be meant: these are warned of.
    """

    facts: tuple[tuple[str, str], ...] = ()
    notes: tuple[str, ...] = ()
    doubts: tuple[str, ...] = ()

    def stating(self, *facts: tuple[str, str]) -> "Reading":
        """Return the same with more facts."""
        return replace(self, facts=(*self.facts, *facts))

    def noting(self, *notes: str) -> "Reading":
        """Return the same with more notes; those that are there already are not repeated."""
        return replace(self, notes=(*self.notes, *(note for note in notes if note not in self.notes)))


def listed(names: list[str] | tuple[str, ...], most: int = 8) -> str:
    """Return names with commas, the first of them if there are many.

    >>> listed(["a", "b", "c"], most=2)
    'a, b … (3)'
    """
    shown = ", ".join(names[:most])
    return f"{shown} … ({len(names)})" if len(names) > most else shown
