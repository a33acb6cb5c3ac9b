"""Text as sequences of characters."""

import numpy as np
import pytest

import lengthwise
from lengthwise.data.options import Options
from lengthwise.data.text import UNKNOWN, make_text
from lengthwise.errors import DataError, UsageError
from lengthwise.tasks.baselines import baseline_of

TEXT = "the quick brown fox jumps over the lazy dog. " * 20


def spelled(dataset, codes):
    return "".join(dataset.classes[code] for code in codes)


def test_the_splits_are_the_text_in_its_order_and_the_targets_one_character_on():
    dataset = make_text(TEXT, Options(lookback=10, validation=0.2, test=0.2), "fox")
    parts = [dataset.split(name) for name in ("train", "validation", "test")]
    shown = "".join(spelled(dataset, part.values.argmax(axis=2).ravel()) for part in parts)
    following = "".join(spelled(dataset, part.targets.ravel()) for part in parts)
    assert shown == TEXT[: len(shown)]
    assert following == TEXT[1 : len(shown) + 1]
    assert [len(part) for part in parts] == [53, 18, 18]
    assert (dataset.train.values.sum(axis=2) == 255).all()


def test_a_character_that_is_not_in_the_training_split_is_unknown():
    dataset = make_text("ab" * 50 + "abz" * 10, Options(lookback=5, validation=0.2, test=0.2), "z")
    assert dataset.classes == ("a", "b", UNKNOWN)
    assert (dataset.test.targets == 2).any()
    assert not (dataset.train.targets == 2).any()


def test_a_file_is_read_by_its_name(tmp_path):
    (tmp_path / "fox.txt").write_text(TEXT, encoding="utf-8")
    dataset = lengthwise.load_data(f"{tmp_path}/fox.txt?lookback=20")
    assert (dataset.task, dataset.num_steps) == ("language", 20)
    assert lengthwise.load_data(dataset.name).checksum == dataset.checksum


def test_a_text_that_is_too_short_is_refused():
    with pytest.raises(DataError, match="has 10 characters, but each split needs 5"):
        make_text("0123456789", Options(lookback=5), "digits")


def test_bytes_that_are_not_text_are_refused(tmp_path):
    (tmp_path / "noise.txt").write_bytes(b"\xff\xfe\xff")
    with pytest.raises(DataError, match="cannot be read as UTF-8 text"):
        lengthwise.load_data(tmp_path / "noise.txt")


def test_the_baseline_of_text_uses_how_often_each_character_occurs():
    dataset = make_text(TEXT, Options(lookback=10, validation=0.2, test=0.2), "fox")
    counts = np.bincount(dataset.train.targets.ravel(), minlength=len(dataset.classes)) + 1
    share = counts / counts.sum()
    assert baseline_of(dataset).test == pytest.approx(
        np.mean([-np.log2(share[c]) for c in dataset.test.targets.ravel()])
    )


def test_the_task_of_text_may_be_named_and_no_other(tmp_path):
    (tmp_path / "fox.txt").write_text(TEXT, encoding="utf-8")
    assert lengthwise.load_data(f"{tmp_path}/fox.txt?lookback=20&task=language").task == "language"
    with pytest.raises(
        UsageError, match=r"task is 'tagging', but .*fox\.txt, text, a character a step, is for language"
    ):
        lengthwise.load_data(f"{tmp_path}/fox.txt?task=tagging")


def test_a_text_file_that_looks_like_a_table_is_one_unless_the_task_is_language(tmp_path):
    rows = [
        f"{walk},{step},{(walk * step) % 5}.5,{'ab'[walk % 2]},{'cd'[step % 2]};"
        for walk in range(12)
        for step in range(30)
    ]
    path = tmp_path / "walks.txt"
    path.write_text("\n".join(rows))
    with pytest.raises(UsageError, match=r"columns are column1 \(0\), .*like a table.*: task=language reads it as"):
        lengthwise.load_data(path)
    dataset = lengthwise.load_data(path, sequence="column1", time="column2", target="column4")
    assert (dataset.classes, dataset.features) == (("a", "b"), ("column3",))
    assert "the file looks like a table: task=language reads it as text" in dataset.reading.notes
    assert lengthwise.load_data(path, task="language").task == "language"


def test_text_in_another_encoding_is_read_with_the_option(tmp_path):
    (tmp_path / "fox.txt").write_bytes(("é" + TEXT).encode("cp1252"))
    with pytest.raises(DataError, match=r"cannot be read as UTF-8 text: .*; name another with encoding=cp1252"):
        lengthwise.load_data(tmp_path / "fox.txt", lookback=20)
    assert lengthwise.load_data(tmp_path / "fox.txt", lookback=20, encoding="cp1252").task == "language"
