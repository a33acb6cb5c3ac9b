"""What is printed of a study, on a terminal and elsewhere."""

import io

import pytest
from rich.console import Console

from lengthwise.study.console import StudyConsole, duration, sketch
from lengthwise.study.study import Study

OPTIONS = {"seq_lens": "2,8", "seeds": 2, "budget": "steps=20", "hidden_size": 4, "num_layers": 1, "batch_size": 16}


def printed(small, *, terminal, **options):
    out = io.StringIO()
    console = Console(file=out, force_terminal=terminal, width=100, markup=False, highlight=False)
    study = Study(small, **OPTIONS | options).run(workers=1, callbacks=[StudyConsole(console)])
    return study, out.getvalue()


def test_elsewhere_than_on_a_terminal_every_run_is_a_line(small):
    study, text = printed(small, terminal=False)
    lines = text.splitlines()
    assert lines[0].startswith("4 runs: 2 lengths from 2 to 8, 2 seeds, steps=20 each; 1 at a time; stored in memory")
    assert [line.split()[0] for line in lines[1:]] == ["1/4", "2/4", "3/4", "4/4"]
    best = study.results.val_accuracy.max()
    assert f"val_accuracy {best:.4f}" in text


def test_a_terminal_shows_what_is_done_and_left_and_the_best_and_the_curve(small):
    study, text = printed(small, terminal=True)
    assert "finished" in text
    assert "of 4" in text
    assert "accuracy over length, 2 … 8:" in text
    assert f"val_accuracy {study.results.val_accuracy.max():.4f}" in text


@pytest.mark.parametrize("terminal", [False, True])
def test_a_failed_run_is_shown_with_its_reason(small, terminal):
    _, text = printed(small, terminal=terminal, lr=1e30)
    assert text.count("failed: the loss is not finite at step") == 4


def test_a_study_that_goes_on_counts_what_is_stored(small):
    study, _ = printed(small, terminal=False)
    out = io.StringIO()
    study.extend(seeds=3).run(callbacks=[StudyConsole(Console(file=out, width=120))])
    assert out.getvalue().startswith("6 runs, 4 of them stored already: 2 lengths from 2 to 8, 3 seeds")


def test_the_sketch_rises_with_accuracy():
    assert sketch({8: 0.9, 1: 0.1, 4: 0.5}) == "▁▄█"
    assert sketch({1: 0.5}) == "▁"
    assert sketch({}) == ""


@pytest.mark.parametrize(("seconds", "text"), [(0.2, "0 s"), (59.6, "1 min 00 s"), (3600, "1 h 00 min")])
def test_durations_are_for_people(seconds, text):
    assert duration(seconds) == text


def test_a_run_that_patience_ended_says_after_how_many_steps(small):
    study, text = printed(small, terminal=False, budget="steps=400", validate_every=5, patience=1, lr=0.02)
    ended = study.results.query("stopped_by == 'patience'")
    assert len(ended) > 0
    for updates in ended.updates:
        assert f"stopped after {updates} of 400 steps" in text
    assert text.count("stopped after") == len(ended)
