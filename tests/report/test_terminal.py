"""The answer on a terminal."""

import io
import re

import numpy as np
import pytest
from rich.console import Console

import lengthwise
from lengthwise.report.terminal import print_answer
from lengthwise.report.verdicts import bound_text
from tests.report.made import dataset, made_study


def printed(study, width=80, **question):
    out = io.StringIO()
    found = study.answers(**question)
    print_answer(found, Console(file=out, width=width, highlight=False))
    return found[0], out.getvalue()


def rows(text):
    return [line.split() for line in text.splitlines() if re.match(r" +\d+ +\d+ ", line)]


def test_every_length_has_what_it_costs_at_most_in_80_columns():
    answer, text = printed(made_study(dataset(test=200), seq_lens="4:28:8"), margin=0.02)
    bounds = answer.recommendation.bounds
    assert [row[0] for row in rows(text)] == [str(length) for length in bounds]
    for row, bound in zip(rows(text), bounds.values(), strict=True):
        assert bound_text(answer.metric, bound) in row
    assert "costs at most" in text
    assert max(len(line) for line in text.split("±:")[0].splitlines()) <= 80


@pytest.mark.parametrize(
    ("width", "columns"),
    [
        (70, ["length", "seeds", "validation", "test", "costs", "verdict"]),
        (60, ["length", "seeds", "validation", "costs", "verdict"]),
        (40, ["length", "validation", "verdict"]),
    ],
)
def test_a_narrow_terminal_has_fewer_columns_and_whole_cells(width, columns):
    answer, text = printed(made_study(dataset(test=200), seq_lens="4:28:8"), width, margin=0.02)
    table = text.split("±:")[0]
    header = next(line for line in table.splitlines() if "length" in line)
    assert [word for word in header.split() if word.isalpha() and word not in ("at", "most")] == columns
    assert "…" not in table
    assert max(map(len, table.splitlines())) <= width
    for summary in answer.validation:
        assert f"{100 * summary.mean:.2f} ±" in table


def test_the_recommended_length_is_a_time_too_where_a_step_s_is_known():
    answer, text = printed(made_study(dataset(test=200, step_seconds=0.5), seq_lens="4:28:8"), margin=0.03)
    seconds = answer.recommendation.seq_len / 2
    assert f"({seconds:g} s)" in text.split("±:")[0]
    assert answer.sentence.startswith(f"{answer.recommendation.seq_len} of 28 steps ({seconds:g} s) are enough")


def test_an_interval_that_ends_at_100_percent_is_written_by_its_ends():
    study = made_study(dataset(test=30), seq_lens="20,28", seeds=2)
    answer, text = printed(study)
    interval = answer.validation[-1].over_both
    assert interval.upper == 1.0
    assert re.search(r"\d\d\.\d\d \(\d\d\.?\d?–100\)", text)


def test_runs_that_are_all_right_have_an_interval_of_no_width():
    _, text = printed(made_study(dataset(test=20), seq_lens="20,28", seeds=2))
    assert "100.00 ±  0.00" in text
    assert "-0.00" not in text


def test_of_an_error_it_is_said_which_share_of_the_baseline_is_good_enough():
    values = np.random.default_rng(0).normal(size=(60, 6, 1))
    data = lengthwise.load_data(values, values.sum(axis=(1, 2)), name="sums")
    study = lengthwise.Study(
        data, seq_lens="3,6", seeds=2, folds=0, recipe="notebook", budget="steps=20", hidden_size=4
    )
    _, text = printed(study.run())
    assert "good enough: worse than the best by less than 2 % of the baseline\n" in text
    _, text = printed(made_study(dataset(test=20), seq_lens="20,28", seeds=2))
    assert "good enough" not in text
