"""The answer of a study: the sentence, and what is said before it."""

from dataclasses import replace

from lengthwise.tasks.baselines import Baseline


def with_baseline(answer, score):
    return replace(answer, baseline=Baseline("always the commonest class", score, score))


def test_that_no_length_beats_the_baseline_is_said_first(finished):
    (answer,) = finished.answers()
    best = with_baseline(answer, 1.0)
    first = "No length is shown to do better than always the commonest class (100.00 % on the validation split). "
    assert best.sentence == first + with_baseline(answer, 0.0).sentence
    assert not with_baseline(answer, 0.0).baseline_sentence


def test_a_length_beats_the_baseline_by_its_interval(finished):
    (answer,) = finished.answers()
    lowest = max(summary.over_both.lower for summary in answer.validation)
    assert with_baseline(answer, lowest - 1e-6).beats_baseline
    assert not with_baseline(answer, lowest + 1e-6).beats_baseline
