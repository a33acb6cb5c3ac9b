"""Damaged results of other programs are read, or refused with a sentence that names the file."""

import pytest

import lengthwise
from lengthwise.errors import DataError, LengthwiseError
from tests.campaign.results import WRITERS, decided, write_board
from tests.mutations import mutations
from tests.results.sources import write_optuna


def refusals(place, file, count):
    """Damage a file some times, and return how often what is read from a place is refused."""
    whole, refused = file.read_bytes(), 0
    decided(place)
    for damaged in mutations(whole, count):
        file.write_bytes(damaged)
        try:
            decided(place)
        except LengthwiseError as error:
            refused += place.name in str(error)
    return refused


@pytest.mark.parametrize("name", WRITERS)
def test_a_damaged_file_of_results_is_read_or_refused(name, tmp_path):
    WRITERS[name](tmp_path / name)
    assert refusals(tmp_path / name, tmp_path / name, 20) >= 5


def test_damaged_events_are_read_or_refused(tmp_path):
    refusals(tmp_path, write_board(tmp_path), 10)


def test_a_database_of_which_sqlite_quotes_damaged_text_is_refused(tmp_path):
    path = tmp_path / "trials.db"
    write_optuna(f"sqlite:///{path}")
    path.write_bytes(path.read_bytes().replace(b"CREATE TABLE trials ", b"CREATE TABL\xc5 trials "))
    with pytest.raises(DataError, match=r"trials\.db cannot be read as a database: .* codec can't decode byte 0xc5"):
        lengthwise.decide(path)
