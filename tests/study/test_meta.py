import sqlite3

import pytest

from lengthwise.errors import RunError
from lengthwise.study.meta import Meta


@pytest.fixture
def meta():
    connection = sqlite3.connect(":memory:", isolation_level=None)
    connection.execute("CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT)")
    return Meta(connection, None)


def test_the_last_text_of_a_name_counts(meta):
    assert meta.noted("seconds", float, 0.0) == 0.0
    meta.note("seconds", "1.5")
    meta.note("seconds", "2.5")
    assert meta.noted("seconds", float, 0.0) == meta.parsed("seconds", float) == 2.5
    assert meta.text("seconds") == "2.5"


def test_a_text_that_is_missing_or_cannot_be_read_is_named(meta):
    with pytest.raises(RunError, match="its table meta has no design"):
        meta.text("design")
    meta.note("seconds", "soon")
    with pytest.raises(RunError, match="the seconds in its table meta cannot be read"):
        meta.noted("seconds", float, 0.0)
