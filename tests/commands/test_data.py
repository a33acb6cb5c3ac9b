"""``lengthwise data``."""

import numpy as np
import pytest

from lengthwise.cli import main
from lengthwise.data import load_data
from tests.data.made import walks


@pytest.fixture
def walks_file(tmp_path):
    """Write walks of different lengths to an archive."""
    values, targets = walks(count=40)
    np.savez(tmp_path / "walks.npz", values=values, targets=targets, lengths=np.arange(40) % 12 + 1)
    return str(tmp_path / "walks.npz")


def test_info_says_shapes_lengths_classes_splits_memory_and_checksum(walks_file, capsys):
    assert main(["data", "info", walks_file]) == 0
    text = capsys.readouterr().out
    for part in ("28 train, 6 validation, 6 test", "1 to 12, quartiles", "2 a step", "standardised", "MB in memory",
                 load_data(walks_file).checksum, "train sequence"):  # fmt: skip
        assert part in text


def test_info_takes_the_options_of_the_data_and_says_notes_warnings_and_the_baseline(tmp_path, capsys):
    rows = ["when;x;label", *(f"{step % 5};{step % 3},5;{'ab'[step // 5 % 2]}" for step in range(60))]
    (tmp_path / "a.csv").write_text("\n".join(rows))
    forecast = ["--task", "forecasting", "--horizon", "1", "--target", "x", "--time", "none"]
    assert main(["data", "info", str(tmp_path / "a.csv"), *forecast]) == 0
    text = capsys.readouterr().out
    for part in ("target x", "baseline", "note: x was read with , as the decimal sign", "note: label is no number"):
        assert part in text
    assert main(["data", "info", str(tmp_path / "a.csv"), "--task", "forecasting", "--horizon", "1"]) != 0
    assert capsys.readouterr().err.count("\n") == 1


def test_thousands_of_classes_are_shown_in_part_and_drawn_as_one_shape(tmp_path, capsys):
    values = np.random.default_rng(0).normal(size=(3000, 4, 1))
    np.savez(tmp_path / "a.npz", values=values, targets=np.arange(3000) % 1500)
    assert main(["data", "info", str(tmp_path / "a.npz"), "--out", str(tmp_path / "a.png")]) == 0
    text = capsys.readouterr().out
    assert "1500 classes" in text
    assert "│ 1,400 more │" in text
    assert text.count("│") < 700


NAMES = ["[/]", "[red]x", ":100:", "$x$", "$\\frac{", "<script>", "한국어"]


def test_names_in_a_file_are_no_markup_formulas_or_commands(tmp_path, capsys, recwarn):
    rows = [f'{each},{step},{each % 7},"{NAMES[each % 7]}"' for each in range(70) for step in range(4)]
    path = tmp_path / "[b] $q$.csv"
    path.write_text("\n".join(['id,t,"[bold]$\x1b[31m",label', *rows]))
    assert main(["data", "info", str(path)]) == 0
    text = capsys.readouterr().out
    assert r"features   1 a step: [bold]$\x1b[31m" in text
    assert all(f"│ {name} " in text for name in NAMES)
    assert main(["data", "info", str(path), "--out", str(tmp_path / "$p$.png")]) == 0
    assert main(["show", "--data", str(path), "--seq-len", "2", "--out", str(tmp_path / "$s$.svg")]) == 0
    assert capsys.readouterr().err == ""
    assert not [str(each.message) for each in recwarn if "Glyph" in str(each.message)]


@pytest.mark.parametrize("data", ["mnist", "adding:20", "copy:5", "walks"])
def test_info_draws_in_the_terminal_and_to_a_file(data, walks_file, tmp_path, capsys):
    name = walks_file if data == "walks" else data
    assert main(["data", "info", name]) == 0
    assert main(["data", "info", name, "--out", str(tmp_path / "a.png")]) == 0
    assert (tmp_path / "a.png").read_bytes().startswith(b"\x89PNG")
    assert "written to" in capsys.readouterr().out


def test_a_picture_of_another_kind_is_refused(capsys):
    assert main(["data", "info", "mnist", "--out", "a.gif"]) == 2
    assert "a picture's name ends in .png, .svg or .pdf" in capsys.readouterr().err


def test_bad_data_are_one_line_and_an_exit_code(tmp_path, capsys):
    (tmp_path / "a.npy").write_bytes(b"")
    np.save(tmp_path / "a.targets.npy", np.arange(3))
    assert main(["data", "info", str(tmp_path / "a.npy")]) == 1
    assert capsys.readouterr().err.count("\n") == 1


def test_list_names_every_data_set_and_file(capsys):
    assert main(["data", "list"]) == 0
    text = capsys.readouterr().out
    for name in ("mnist", "mnist-permuted", "digits", "watch", "adding:", "copy:", "aeon:", ".csv", ".parquet", ".ts"):
        assert name in text
