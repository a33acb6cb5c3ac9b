"""The lock of a study's folder."""

import json
import os
import platform

import pytest

from lengthwise.errors import RunError
from lengthwise.study.lock import FILE, exclusive, holder_of


def test_only_one_may_write_and_the_other_is_told_who_does(tmp_path):
    told = pytest.raises(RunError, match=r"is running already: by \w+ on .*, process \d+, since")
    with exclusive(tmp_path), told, exclusive(tmp_path):
        pass
    with exclusive(tmp_path):
        pass


def test_who_runs_a_study_is_known_while_it_runs(tmp_path):
    with exclusive(tmp_path):
        found = holder_of(tmp_path)
        assert (found.pid, found.host, found.may_run) == (os.getpid(), platform.node(), True)
    assert holder_of(tmp_path) is None


@pytest.mark.parametrize(
    "text", ["", "{", "[]", "{}", "null", "[" * 10**5, '{"pid": "1", "host": "a", "user": "b", "since": "c"}', "\ud800"]
)
def test_a_damaged_note_of_who_runs_a_study_is_none(tmp_path, text):
    (tmp_path / FILE).write_text(text, errors="surrogatepass")
    assert holder_of(tmp_path) is None
    with exclusive(tmp_path):
        pass


@pytest.mark.parametrize("process", [10**30, -(10**30), 2**22 + 1])
def test_a_process_that_cannot_be_is_not_running(tmp_path, process):
    record = {"pid": process, "host": platform.node(), "user": "a", "since": "b"}
    (tmp_path / FILE).write_text(json.dumps(record))
    assert not holder_of(tmp_path).may_run


def fail_in(folder):
    """Fail where the note of who runs the study cannot be removed."""
    with exclusive(folder):
        (folder / FILE).unlink()
        (folder / FILE).mkdir()
        raise RunError("cannot write the store")


def test_what_went_wrong_is_told_and_not_that_the_note_cannot_be_removed(tmp_path):
    with pytest.raises(RunError, match="cannot write the store"):
        fail_in(tmp_path)
