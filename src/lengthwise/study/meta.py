"""The table ``meta`` of a store: a text for each name, and what the texts mean."""

import json
import sqlite3
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

from lengthwise._internal.json_shapes import check_shape
from lengthwise.study.database import damaged, reading, transaction
from lengthwise.study.design import Design
from lengthwise.study.subject import Subject, check_environment
from lengthwise.tasks.judged_by import MetricName

Parsed = TypeVar("Parsed")


class Round(NamedTuple):
    """The beginning of a part of a study: what is pending is trained before it is decided what comes next.

    Attributes
    ----------
    after : int
        The ``id`` of the last run before it; 0 if there was none.
    seconds : float
        For how long the study had been run.
    """

    after: int
    seconds: float


class Meta:
    """Texts by name.

    Parameters
    ----------
    connection : sqlite3.Connection
        To a file with the schema.
    path : Path or None
        The file; None in memory.
    """

    def __init__(self, connection: sqlite3.Connection, path: Path | None) -> None:
        self._connection = connection
        self._path = path

    def text(self, name: str) -> str:
        """Return a text that every store has.

        Raises
        ------
        RunError
            If it is not there.
        """
        found = self._found(name)
        if found is None:
            raise damaged(self._path, f"its table meta has no {name}")
        return found

    def parsed(self, name: str, parse: Callable[[str], Parsed]) -> Parsed:
        """Return what such a text means.

        Raises
        ------
        RunError
            If it is not there, or cannot be read.
        """
        return self._meant(name, self.text(name), parse)

    def noted(self, name: str, parse: Callable[[str], Parsed], absent: Parsed) -> Parsed:
        """Return what a text means that was noted while the study ran, if it was."""
        found = self._found(name)
        return absent if found is None else self._meant(name, found, parse)

    def note(self, name: str, value: str) -> None:
        """Put a text in the place of the one that was there, if any."""
        with transaction(self._connection, self._path):
            self._connection.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (name, value))

    def _found(self, name: str) -> str | None:
        with reading(self._path):
            rows = self._connection.execute("SELECT value FROM meta WHERE name = ?", (name,)).fetchall()
        return str(rows[0][0]) if rows else None

    def _meant(self, name: str, text: str, parse: Callable[[str], Parsed]) -> Parsed:
        try:
            return parse(text)
        except (ValueError, RecursionError) as error:
            raise damaged(self._path, f"the {name} in its table meta cannot be read ({error})") from error


@lru_cache(maxsize=8)
def design_of(text: str) -> Design:
    """Return the design of a text, which is read far more often than it changes."""
    return Design.from_json(text)


@lru_cache(maxsize=8)
def subject_of(text: str, metric: MetricName | None) -> Subject:
    """Return what a study is about, of the text of its environment."""
    return Subject.of(environment_of(text), metric)


def environment_of(text: str) -> dict[str, Any]:
    """Return what a study was made with, of its text."""
    environment: dict[str, Any] = json.loads(text)
    check_environment(environment)
    return environment


def question_of(text: str) -> tuple[float | None, float | None]:
    """Return the margin and the confidence of a text; None where they were not said."""
    found = json.loads(text)
    check_shape(found, {"margin": (float, None), "confidence": (float, None)}, "the question")
    return found["margin"], found["confidence"]


def rounds_of(text: str) -> tuple[Round, ...]:
    """Return the rounds of a text."""
    found = json.loads(text)
    check_shape(found, [{"after": int, "seconds": float}], "the rounds")
    return tuple(Round(each["after"], each["seconds"]) for each in found)
