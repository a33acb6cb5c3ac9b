import pytest

from benchmarks.pages import markdown_table, write_between


def test_what_stands_between_the_marks_is_replaced(tmp_path):
    page = tmp_path / "page.md"
    page.write_text("a\n<begin>\nold\n<end>\nb\n")
    write_between(page, "<begin>", "<end>", "new")
    assert page.read_text() == "a\n<begin>\n\nnew\n\n<end>\nb\n"
    with pytest.raises(SystemExit, match="has no place for the tables"):
        write_between(page, "<other>", "<end>", "new")


def test_a_table_has_its_header_first():
    assert markdown_table([["a", "b"], ["1", "2"]]) == "| a | b |\n| --- | --: |\n| 1 | 2 |"
