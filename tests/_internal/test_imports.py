"""Modules that are imported while something else is waited for."""

import sys

import pytest

from lengthwise._internal.imports import imported_meanwhile


def test_what_is_imported_meanwhile_is_there_after_the_block_and_what_is_missing_is_left(tmp_path, monkeypatch):
    (tmp_path / "a_module_made_for_this_test.py").write_text("found = 7\n")
    monkeypatch.syspath_prepend(tmp_path)
    with imported_meanwhile("no_module_of_this_name", "a_module_made_for_this_test") as begin:
        begin()
        begin()
    assert sys.modules["a_module_made_for_this_test"].found == 7


def test_nothing_is_imported_before_it_is_begun(tmp_path, monkeypatch):
    (tmp_path / "another_module_made_for_this_test.py").touch()
    monkeypatch.syspath_prepend(tmp_path)
    with imported_meanwhile("another_module_made_for_this_test"):
        pass
    assert "another_module_made_for_this_test" not in sys.modules


def test_an_error_in_the_block_comes_out():
    with pytest.raises(KeyError), imported_meanwhile():
        raise KeyError
