"""What a study trained when."""

from lengthwise import Study
from lengthwise.report.plan import plan_of
from tests.report.made import add_runs, dataset


def rounds_of(study):
    (answer,) = study.answers()
    return [tuple(row.values()) for row in plan_of(study.store, answer)]


def test_a_row_a_round_and_length_with_its_seeds_and_trainings():
    study = Study(dataset(test=60), seq_lens="4,28", seeds=1, recipe="notebook")
    study.store.begin_round()
    add_runs(study)
    study.store.add_seconds(12.34)
    study.extend(seeds=3).store.begin_round()
    add_runs(study)
    assert rounds_of(study) == [(1, 0, 4, 1, 1), (1, 0, 28, 1, 1), (2, 12.3, 4, 2, 2), (2, 12.3, 28, 2, 2)]


def test_without_notes_all_is_one_round():
    study = add_runs(Study(dataset(test=60), seq_lens="4,28", seeds=2, recipe="notebook"))
    assert rounds_of(study) == [(1, None, 4, 2, 2), (1, None, 28, 2, 2)]
    study.extend(seeds=3).store.begin_round()
    add_runs(study)
    assert [row[:2] for row in rounds_of(study)] == [(1, 0.0), (1, 0.0), (2, 0.0), (2, 0.0)]
