"""Names from files stand in the output as they are, and nothing in them is a command to the terminal."""

import io

import pytest
from rich.table import Table

from lengthwise._internal.output import Output
from lengthwise._internal.printable import printable


@pytest.mark.parametrize("name", ["[/]", "[red]x", ":100:", "a_b*c", "한국어", "https://a.b"])
def test_names_stand_as_they_are_in_lines_and_tables(name):
    file = io.StringIO()
    output = Output(file=file, width=60)
    output.print(f"data {name}")
    table = Table("class", title=name)
    table.add_row(name)
    output.print(table)
    assert file.getvalue().count(name) == 3


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a\x1b[31mb", r"a\x1b[31mb"),
        ("\x9b1m", r"\x9b1m"),
        ("a\u202eb", r"a\u202eb"),
        ("a\0b\x7f\rc", r"a\x00b\x7f\rc"),
        ("two\nlines\tand tabs é 한", "two\nlines\tand tabs é 한"),
    ],
)
def test_control_characters_are_escapes(text, shown):
    assert printable(text) == shown
    file = io.StringIO()
    Output(file=file, width=60).print(text)
    assert "\x1b" not in file.getvalue()
