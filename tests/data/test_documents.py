"""Documents of tokens: a token a row, or a text a row."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import lengthwise
from lengthwise.data import SPLITS
from lengthwise.data.documents import encoded
from lengthwise.data.step_windows import at_steps
from lengthwise.data.text import UNKNOWN
from lengthwise.errors import DataError, UsageError


def words_of(sequence, length, tokens):
    """Return the tokens of a sequence's values."""
    return [tokens[code] for code in sequence[:length].argmax(axis=1)]


@given(st.lists(st.lists(st.sampled_from("abcde"), min_size=2, max_size=9), min_size=1, max_size=6))
def test_documents_come_back_as_they_were(documents):
    arrays = [np.array(document, object) for document in documents]
    found = encoded(arrays, arrays)
    for values, targets, length, document in zip(found.values, found.targets, found.lengths, documents, strict=True):
        assert words_of(values, length, found.tokens) == document[:-1]
        assert [found.tokens[code] for code in targets[:length]] == document[1:]
        assert not values[length:].any()


def songs(**columns):
    """Make a table of 20 songs of 12 chords."""
    chords = np.random.default_rng(0).choice(["C", "G", "Am", "F"], 240)
    return pd.DataFrame(
        {"song": np.repeat(np.arange(20), 12), "bar": np.tile(np.arange(12), 20), "chord": chords} | columns
    )


def test_rows_of_tokens_are_documents_and_windows_do_not_cross_them():
    table = songs()
    data = lengthwise.load_data(table, task="language", sequence="song")
    assert (data.task, data.classes) == ("language", ("Am", "C", "F", "G"))
    assert sum(len(data.split(name)) for name in SPLITS) == 20
    assert at_steps(data).num_steps == data.step_windows.lookback == 5
    own = [words_of(values, 11, data.classes) for values in data.train.values]
    assert all(document in [group.chord.tolist()[:-1] for _, group in table.groupby("song")] for document in own)


@pytest.mark.parametrize("names", [["song", "bar", "chord"], ["piece", "n", "symbol"], ["k", "i", "what"]])
def test_the_columns_are_found_whatever_they_are_called(names):
    table = songs().set_axis(names, axis=1)
    data = lengthwise.load_data(table, task="language")
    assert data.reading.facts[0][1].startswith(f"sequence {names[0]};")
    assert data.classes == ("Am", "C", "F", "G")


@pytest.mark.parametrize("texts", ["the cat sat on the mat", "ACGTTGCAACGGTACCATGACCA", "maria"])
def test_rows_of_texts_are_documents_of_characters(texts):
    random = np.random.default_rng(0)
    rows = ["".join(random.permutation(list(texts))) for _ in range(30)]
    data = lengthwise.load_data(pd.DataFrame({"n": np.arange(30), "said": rows}), task="language", target="said")
    assert set(data.classes) == set(texts)
    assert data.num_steps == len(texts) - 1
    assert "each row's said is a document, of characters" in data.reading.notes


def test_numbers_are_tokens_but_not_with_fractions():
    data = lengthwise.load_data(songs(chord=np.arange(240) % 7), task="language", target="chord")
    assert data.classes == tuple("0123456")
    with pytest.raises(DataError, match="numbers with fractions are no tokens"):
        lengthwise.load_data(songs(chord=np.linspace(0, 1, 240)), task="language", target="chord")


def test_one_document_is_divided_by_time():
    data = lengthwise.load_data(songs()[["chord"]], task="language")
    assert all(len(data.split(name)) for name in SPLITS)
    assert any("all rows are one document" in note for note in data.reading.notes)


def test_tokens_that_are_not_in_the_training_split_are_one_more():
    table = songs(split=np.repeat(["train"] * 14 + ["validation"] * 3 + ["test"] * 3, 12))
    table.loc[230, "chord"] = "H7"
    data = lengthwise.load_data(table, task="language")
    assert data.classes == ("Am", "C", "F", "G", UNKNOWN)
    assert (data.test.targets == 4).sum() == 1


def test_other_inputs_and_several_columns_are_refused_with_the_option():
    with pytest.raises(UsageError, match="leave features out"):
        lengthwise.load_data(songs(), task="language", features="bar")
    with pytest.raises(UsageError, match="name one with the option target=COLUMN"):
        lengthwise.load_data(songs(other=songs().chord[::-1].to_numpy()), task="language")


def test_a_study_tells_how_many_tokens_are_needed():
    random = np.random.default_rng(0)
    rows = []
    for song in range(60):
        notes = random.integers(4, size=2).tolist()
        while len(notes) < 30:
            notes.append((notes[-2] + 1) % 4 if random.random() < 0.95 else int(random.integers(4)))
        rows += [(song, note) for note in notes]
    table = pd.DataFrame(rows, columns=["song", "tone"])
    data = lengthwise.load_data(table, task="language", sequence="song", lookback=6)
    options = {"cell": "gru", "hidden_size": 16, "num_layers": 1, "lr": 0.02, "batch_size": 32, "recipe": "notebook"}
    study = lengthwise.Study(data, seq_lens=[1, 2, 6], seeds=3, budget="steps=150", **options).run()
    (answer,) = study.answers()
    assert answer.recommendation.seq_len == 2
