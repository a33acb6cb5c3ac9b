"""The answer of a study: the sentence, and what is said before it."""

from dataclasses import replace

from lengthwise.study.answer import answers_now, find_answers
from lengthwise.study.study import Study
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


def test_an_answer_is_worked_out_once_for_as_long_as_no_run_is_added(small):
    study = Study(small, seq_lens="3,8", seeds=1, budget="steps=3", recipe="notebook").run()
    question = {"margin": 0.1, "confidence": 0.9}
    (first,) = answers_now(study.store, **question)
    study.store.add_seconds(5)
    (again,) = answers_now(study.store, **question)
    assert again.recommendation is first.recommendation
    assert again.seconds == first.seconds + 5
    (other,) = answers_now(study.store, margin=0.2, confidence=0.9)
    assert other.recommendation.margin == 0.2
    study.extend(seeds=2).run()
    (more,) = answers_now(study.store, **question)
    (fresh,) = find_answers(study.store, **question)
    assert more.sentence == fresh.sentence
    assert [len(answer.runs) for answer in (first, more)] == [2, 4]
