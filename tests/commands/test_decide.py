"""lengthwise decide, as people call it."""

import pandas as pd
import pytest

from lengthwise.cli import main

ROWS = [
    {"lookback": lookback, "seed": seed, "model": model, "val_mae": error + 0.001 * seed}
    for model, factor in (("gru", 1), ("lstm", 2))
    for lookback, error in ((24, 0.30 * factor), (48, 0.2), (96, 0.2))
    for seed in range(3)
]


@pytest.fixture
def runs(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    pd.DataFrame(ROWS).to_csv("runs.csv", index=False)


def printed(capsys, *words):
    code = main(["decide", *words])
    out, err = capsys.readouterr()
    return code, [line.strip() for line in out.splitlines()], err


@pytest.mark.usefixtures("runs")
def test_it_prints_what_was_read_the_table_and_the_sentence(capsys):
    code, lines, _ = printed(capsys, "runs.csv", "--where", "model=gru")
    assert code == 0
    assert lines[:3] == [
        "read: 9 runs of runs.csv",
        "columns: length: lookback; score: val_mae (mean absolute error; lower is better); seed: seed",
        "margin: 0.00402, 2 % of the best length's score (--margin for another)",
    ]
    rows = [line.split() for line in lines if line[:2] in ("24", "48", "96")]
    assert [(row[0], row[-1]) for row in rows[:3]] == [("24", "short"), ("48", "recommended"), ("96", "enough")]
    assert lines[-1].startswith("48 of 96 steps are enough: with 95 % confidence, the mean absolute error is less than")


@pytest.mark.usefixtures("runs")
def test_what_is_not_certain_is_one_line_that_names_the_option(capsys):
    code, lines, error = printed(capsys, "runs.csv", "--length", "seed", "--seed", "lookback")
    assert (code, lines) == (2, [])
    assert error == (
        "lengthwise: column seed of runs.csv has 0, but a length is a whole number of steps, 1 or more: name another "
        "column with --length.\n"
    )
    assert printed(capsys, "runs.csv", "--where", "model")[2].startswith("lengthwise: --where is model, but must be")


@pytest.mark.usefixtures("runs")
def test_it_writes_page_tables_and_figures_where_it_is_told_to(capsys, tmp_path):
    code, lines, _ = printed(capsys, "runs.csv", "--ignore", "model", "--margin", "0.01", "--out", "decided")
    assert code == 0
    assert lines[-2:] == [
        "written to decided: report.html, results.csv, results.parquet, answer.json",
        "written to decided/figures: 1 figure (PNG, SVG)",
    ]
    assert "margin: 0.004" not in "".join(lines)
    assert (tmp_path / "decided" / "study.sqlite").is_file()
    page = (tmp_path / "decided" / "report.html").read_text()
    assert "lengthwise decide runs.csv --ignore model" in page


@pytest.mark.usefixtures("runs")
def test_without_out_nothing_is_written(capsys, tmp_path):
    printed(capsys, "runs.csv", "--where", "model=gru")
    assert [path.name for path in tmp_path.iterdir()] == ["runs.csv"]
