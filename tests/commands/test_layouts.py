"""``lengthwise layouts``."""

from lengthwise.cli import main


def test_the_table_has_the_shapes_that_the_data_give(capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "120")
    assert main(["layouts", "--data", "mnist", "--batch-size", "128"]) == 0
    text = capsys.readouterr().out
    for words in (
        "fully connected", "[batch, inputs]", "(128, 784)",
        "[batch, height, width, channel]", "(128, 28, 28, 1)",
        "[batch, channel, height, width]", "(128, 1, 28, 28)",
        "[batch, time, input]", "(128, 28, 28)",
        "[time, batch, input]", "(28, 128, 28)",
    ):  # fmt: skip
        assert words in text
    assert text.count("a view") == 5


def test_another_data_set_has_other_shapes(capsys, small_folder):
    assert main(["layouts", "--data", str(small_folder), "--batch-size", "10"]) == 0
    text = capsys.readouterr().out
    assert "(10, 48)" in text
    assert "(8, 10, 6)" in text
