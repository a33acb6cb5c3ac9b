"""Tables in text files: how they are written is found."""

import gzip

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lengthwise.data.delimited import read_delimited
from lengthwise.data.dialect import find_dialect
from lengthwise.data.options import Options
from lengthwise.errors import DataError, UsageError


def write(path, text, encoding="utf-8"):
    path.write_bytes(text.encode(encoding))
    return path


def read(path, **options):
    return read_delimited(path, Options.make(options))


LINES = "id;when;x\n0;2026-01-01 00:00;0,5\n0;2026-01-02 00:00;1,25\n1;2026-01-03 00:00;2\n"


@pytest.mark.parametrize("sep", [",", ";", "\t", "|"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "cp1252"])
def test_separator_and_encoding_are_found(tmp_path, sep, encoding):
    lines = [["größe", "when", "x"], *(["a", f"2026-01-0{day} 10:00", f"{day}.5"] for day in range(1, 6))]
    path = write(tmp_path / "a.csv", "\r\n".join(sep.join(line) for line in lines), encoding)
    frame = read(path).frame
    assert list(frame) == ["größe", "when", "x"]
    assert frame.x.tolist() == [1.5, 2.5, 3.5, 4.5, 5.5]


def test_blanks_of_any_number_separate(tmp_path):
    path = write(tmp_path / "a.dat", "8.38 0  NaN -1.1\n8.39  0 NaN 2.0\n8.40 0 113 0.9\n")
    table = read(path)
    assert table.frame.shape == (3, 4)
    assert table.frame["column4"].tolist() == [-1.1, 2.0, 0.9]
    assert "its columns are column1 (8.38), column2 (0)" in table.notes[0]


def test_decimal_commas_do_not_separate(tmp_path):
    frame = read(write(tmp_path / "a.csv", LINES)).frame
    assert frame.x.tolist() == ["0,5", "1,25", "2"]


def test_quotes_blanks_and_cells_of_several_lines(tmp_path):
    path = write(tmp_path / "a.csv", '#x, "the, label"\n1, "a,b"\n\n2, "two\nlines"\n3, c\n')
    table = read(path)
    assert list(table.frame) == ["#x", "the, label"]
    assert [table.line(row) for row in range(3)] == ["line 2", "line 5", "line 6"]


@pytest.mark.parametrize("header", ["first", "none"])
def test_the_header_may_be_said(tmp_path, header):
    path = write(tmp_path / "a.csv", "1,2\n3,4\n5,6\n")
    assert len(read(path, header=header).frame) == (2 if header == "first" else 3)
    assert len(read(path).frame) == 3


def test_lines_before_and_behind_a_table_are_left_out_and_said(tmp_path):
    path = write(tmp_path / "a.csv", "made by hand\n\nday,x\n2026-01-01,1\n2026-01-02,\n2026-01-03,\nthe end\n\n")
    table = read(path)
    assert table.frame.x.tolist()[0] == 1
    assert len(table.frame) == 3
    assert table.line(0) == "line 4"
    assert table.notes == (
        "the first line is no part of the table",
        "the last line is no part of the table: the end",
    )


def test_names_of_rows_as_r_writes_them_and_separators_at_the_end_of_lines(tmp_path):
    rows = read(write(tmp_path / "a.csv", "x,y\na,1,2\nb,3,4\n")).frame
    assert (list(rows), rows.y.tolist()) == (["Unnamed: 0", "x", "y"], [2, 4])
    ends = read(write(tmp_path / "b.csv", "x,y,\n1,2,\n3,4,\n")).frame
    assert (list(ends), ends.y.tolist()) == (["x", "y"], [2, 4])
    half = read(write(tmp_path / "c.csv", "x,y\n1,2,\n3,4,\n")).frame
    assert (list(half), half.y.tolist()) == (["x", "y"], [2, 4])


def test_a_line_with_the_separator_and_a_line_of_units_are_no_rows(tmp_path):
    table = read(write(tmp_path / "a.csv", "sep=;\ntime;x\n[s];[m]\n0;1,5\n1;2,5\n2;high\n"))
    assert list(table.frame) == ["time", "x"]
    assert table.frame.time.tolist() == [0, 1, 2]
    assert table.line(2) == "line 6"
    assert table.notes == ("the first line is no part of the table", "line 3 has units, and no values: [s], [m]")


def test_rows_without_any_cell_are_no_rows_and_lines_are_still_counted(tmp_path):
    table = read(write(tmp_path / "a.csv", "x;y;;\n1;2;;\n;;;\n3;4;;\n;;;\n"))
    assert table.frame.to_numpy().tolist() == [[1, 2], [3, 4]]
    assert table.line(1) == "line 4"


def test_numbers_that_name_sequences_stay_as_they_are_written(tmp_path):
    table = read(write(tmp_path / "a.csv", "id,x\n01,1\n1,2\n"))
    assert table.frame.id.tolist() == ["01", "1"]
    assert read(write(tmp_path / "b.csv", "tag,x\n01,1\n1,2\n"), sequence="tag").frame.tag.tolist() == ["01", "1"]


def test_words_for_missing_values_stay_words(tmp_path):
    frame = read(write(tmp_path / "a.csv", "label,x\nNone,1\nNA,2\nnull,\n")).frame
    assert frame.label.tolist() == ["None", "NA", "null"]
    assert np.isnan(frame.x[2])


def test_compressed_files_are_read(tmp_path):
    (tmp_path / "a.csv.gz").write_bytes(gzip.compress(LINES.encode("cp1252")))
    assert read(tmp_path / "a.csv.gz").frame.shape == (3, 3)


@pytest.mark.parametrize(
    ("text", "options", "error", "message"),
    [
        (
            "a,b\n1,2\n3,4,5\n",
            {},
            DataError,
            r"a.csv, line 3: there are 3 cells, but 2 in the lines before .* by comma",
        ),
        ("a,a\n1,2\n", {"header": "none", "sep": "long"}, UsageError, "sep is 'long', but must be one sign"),
        ("a,b\n1,2\n", {"encoding": "klingon"}, UsageError, "encoding is 'klingon', but must be one that Python knows"),
        ("a,b\n1,é\n", {"encoding": "ascii"}, DataError, "a.csv cannot be read as a table: 'ascii' codec"),
        ("", {}, DataError, "a.csv cannot be read as a table"),
        ("a\0b", {}, DataError, "line 1 has a zero byte, which no text has"),
        ("a,b\n1,2\n" + "1.5,2\n" * 10**5 + "1\0005,2\n", {}, DataError, "line 100003 has a zero byte"),
        ("a,b\n1,2\n1,2\0\n", {"encoding": "latin-1"}, DataError, "line 3 has a zero byte"),
    ],
)
def test_what_is_no_table_is_refused_in_a_sentence(tmp_path, text, options, error, message):
    with pytest.raises(error, match=message):
        read(write(tmp_path / "a.csv", text), **options)


@pytest.mark.parametrize(
    ("lines", "note"),
    [
        (["a,b,c", "1,2,3", "4,,"], ()),
        (["a,b,c", "1,2,3", "", "4,5", "6,7,8"], ("line 4 has only 2 of 3 cells",)),
        (["a,b,c", "1,2,3", "4,5", "6,7,8", "9,1", "2,3,4"], ("2 lines lack cells at their end, the first is line 3",)),
        (["a  b  c", "1  2 3", "4 5", "6 7 8"], ("line 3 has only 2 of 3 cells",)),
    ],
)
def test_lines_that_lack_cells_are_pointed_out(tmp_path, lines, note):
    found = read(write(tmp_path / "a.csv", "\n".join(lines))).notes
    assert found == tuple(f"{each}: what is lacking is taken for missing" for each in note)


def test_running_text_is_no_table_and_lines_of_numbers_are(tmp_path):
    text = write(tmp_path / "a.txt", "It was the best of times,\nit was the worst of times.\nIt was the age.\n" * 9)
    assert not find_dialect(text, Options()).is_table
    table = write(tmp_path / "b.txt", "".join(f"1,Walking,{row},0.{row},-0.31;\n" for row in range(1, 9)))
    assert find_dialect(table, Options()).is_table


words = st.text(st.characters(categories=["L"], exclude_characters="ªº"), min_size=2, max_size=6).filter(
    lambda word: word.lower() not in ("na", "nan", "null", "none", "nil", "inf", "nat", "missing")
)


@given(
    st.lists(st.tuples(words, st.floats(-1e6, 1e6).map(lambda x: round(x, 4))), min_size=3, max_size=20),
    st.sampled_from([",", ";", "\t", "|"]),
    st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]),
    st.booleans(),
)
def test_a_table_that_was_written_is_read_back(tmp_path_factory, rows, sep, encoding, header):
    frame = pd.DataFrame(rows, columns=["name", "value"])
    path = tmp_path_factory.mktemp("tables") / "a.csv"
    frame.to_csv(path, sep=sep, encoding=encoding, index=False, header=header)
    found = read(path, header="first" if header else "none").frame
    assert found.iloc[:, 0].tolist() == frame.name.tolist()
    np.testing.assert_allclose(found.iloc[:, 1].astype(float), frame.value)


def test_labels_that_numbers_would_not_tell_apart_stay_names(tmp_path):
    codes = read(write(tmp_path / "a.csv", "x,label\n1,007\n2,7\n3,8\n")).frame.label.tolist()
    assert codes == ["007", "7", "8"]
    long = read(write(tmp_path / "b.csv", "x,code\n1,99999999999999999999\n2,99999999999999999998\n"), target="code")
    assert long.frame.code.nunique() == 2
    plain = read(write(tmp_path / "c.csv", "x,label\n1,01\n2,02\n")).frame.label.tolist()
    assert plain == [1, 2]


@pytest.mark.parametrize("text", [",", ",\n,\n", ";;\n"])
def test_separators_alone_are_a_table_without_rows(tmp_path, text):
    assert read(write(tmp_path / "a.csv", text)).frame.shape == (0, 0)
