"""What is printed of a study, on a terminal and elsewhere."""

import io
import itertools
import re

import pytest
from rich.console import Console

from lengthwise.study.console import StudyConsole, duration, sketch
from lengthwise.study.events import StudyAnswered, StudyCompiling
from lengthwise.study.study import Study

OPTIONS = {
    "recipe": "notebook",
    "seq_lens": "2,8",
    "seeds": 2,
    "budget": "steps=20",
    "hidden_size": 4,
    "num_layers": 1,
    "batch_size": 16,
}


def printed(small, *, terminal, **options):
    out = io.StringIO()
    console = Console(file=out, force_terminal=terminal, width=100, markup=False, highlight=False)
    study = Study(small, **OPTIONS | options).run(workers=1, callbacks=[StudyConsole(console)])
    return study, told(out)


def told(out):
    """Return what was printed, without what is said when the engine is compiled here for the first time."""
    return re.sub(r"^compiling .*?…\n", "", out.getvalue(), flags=re.DOTALL)


def test_elsewhere_than_on_a_terminal_every_run_is_a_line(small):
    study, text = printed(small, terminal=False)
    lines = text.splitlines()
    assert lines[0].startswith("4 runs: 2 lengths from 2 to 8, 2 seeds, steps=20 each; 1 at a time; stored in memory")
    assert [line.split()[0] for line in lines[1:]] == ["1/4", "2/4", "3/4", "4/4"]
    best = study.results.val_accuracy.max()
    assert f"val_accuracy {best:.4f}" in text


def test_that_the_engine_is_compiled_is_said_once_for_all_its_programs():
    out = io.StringIO()
    console = StudyConsole(Console(file=out))
    for _ in range(2):
        console(StudyCompiling())
    assert out.getvalue().count("compiling the engine") == 1


def test_a_terminal_shows_how_the_answer_stands(small):
    out = io.StringIO()
    console = StudyConsole(Console(file=out, force_terminal=True, width=100))
    events = []
    Study(small, **OPTIONS).run(workers=1, callbacks=[console, events.append])
    first = next(event.sentence for event in events if isinstance(event, StudyAnswered))
    assert first.endswith("lengths can be compared from two on.")
    assert "lengths can be compared from two on." in out.getvalue()


def test_one_of_a_thing_is_no_plural(small):
    _, text = printed(small, terminal=False, seq_lens="8", seeds=1)
    assert text.startswith("1 run: 1 length, 1 seed, steps=20 each;")


def test_the_time_left_says_how_long_it_is_at_most_if_seeds_may_be_added(small, monkeypatch):
    seconds = itertools.count(0, 6)
    monkeypatch.setattr("lengthwise.study.console.time.monotonic", lambda: next(seconds))
    out = io.StringIO()
    study = Study(small, **OPTIONS | {"seq_lens": "8"})
    study.run(until_decided=True, max_seeds=4, workers=1, callbacks=[StudyConsole(Console(file=out, width=120))])
    assert [line.partition("left ")[2] for line in told(out).splitlines()[1:]] == [
        "6 s, at most 18 s if seeds are added",
        "0 s, at most 12 s if seeds are added",
    ]


def test_the_time_left_begins_anew_when_seeds_were_added(small, monkeypatch):
    seconds = itertools.count(0, 6)
    monkeypatch.setattr("lengthwise.study.console.time.monotonic", lambda: next(seconds))
    out = io.StringIO()
    study = Study(small, **OPTIONS | {"seq_lens": "7,8"})
    callbacks = [StudyConsole(Console(file=out, width=400))]
    study.run(until_decided=True, max_seeds=3, margin=1e-5, workers=1, callbacks=callbacks)
    lines = told(out).splitlines()
    assert lines[5].startswith("so far: ")
    assert lines[6] == "then lengths 7, 8 (1 more seed)"
    assert [line.partition("left ")[2] for line in lines[7:]] == ["5 s", "0 s"]


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
