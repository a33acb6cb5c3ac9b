"""``lengthwise show``."""

import struct

import pytest

from lengthwise.cli import main


@pytest.mark.parametrize(("ending", "begins"), [("png", b"\x89PNG"), ("svg", b"<?xml"), ("pdf", b"%PDF")])
def test_a_picture_is_written_in_the_format_of_its_name(tmp_path, capsys, ending, begins):
    out = tmp_path / f"picture.{ending}"
    assert (
        main(["show", "--data", "mnist", "--split", "test", "--index", "0", "--seq-len", "19", "--out", str(out)]) == 0
    )
    assert out.read_bytes().startswith(begins)
    assert capsys.readouterr().out == f"written to {out}\n"


def test_a_picture_is_large_enough_to_see(tmp_path):
    out = tmp_path / "picture.png"
    assert main(["show", "--out", str(out)]) == 0
    width, height = struct.unpack(">2I", out.read_bytes()[16:24])
    assert min(width, height) >= 500


def test_without_a_file_the_picture_is_in_the_terminal(capsys):
    assert main(["show", "--split", "test", "--index", "0", "--seq-len", "5", "--start", "2"]) == 0
    rows = capsys.readouterr().out.rstrip("\n").splitlines()
    assert rows[0] == "label 7: the window of 5 of 28 steps from step 2"
    assert [row[:5].strip() for row in rows[1:]] == [str(step) for step in range(28)]
    assert [step for step, row in enumerate(rows[1:]) if "▌" in row] == [2, 3, 4, 5, 6]
