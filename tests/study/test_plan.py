"""What a study trains next."""

import signal
from dataclasses import replace

import numpy as np
import pytest

from lengthwise.errors import UsageError
from lengthwise.study.cases import scores_of
from lengthwise.study.events import StudyStarted
from lengthwise.study.execution import RunEnded
from lengthwise.study.plan import AsDesigned, UntilDecided, plan_looks, widest, with_looks
from lengthwise.study.scouting import finer_lengths, first_lengths
from lengthwise.study.study import Study
from lengthwise.study.time_limit import TimeLimit

OPTIONS = {
    "recipe": "notebook",
    "seq_lens": "7,8",
    "seeds": 2,
    "budget": "steps=20",
    "hidden_size": 4,
    "num_layers": 1,
    "batch_size": 16,
}


def test_a_study_that_does_not_add_seeds_trains_its_design_alone(small):
    study = Study(small, **OPTIONS).run()
    assert AsDesigned().extended(study.store) == study.design
    assert study.looks is None
    assert study.later() == []
    assert UntilDecided(margin=1e-5).extended(study.store) == study.design


def test_seeds_are_added_look_by_look_and_no_further_than_the_last(small):
    started = []
    study = Study(small, **OPTIONS)
    study.run(
        until_decided=True, margin=5e-3, max_seeds=5,
        callbacks=[lambda event: started.append(event) if isinstance(event, StudyStarted) else None],
    )  # fmt: skip
    assert study.looks.seeds == (2, 3, 5)
    assert [len(event.stored) for event in started] == [0, 4, 6]
    assert [len(event.pending) for event in started] == [4, 2, 4]
    assert [len(event.later) for event in started] == [6, 4, 0]
    assert set(study.results.groupby("seq_len").size()) == {5}


def test_what_is_trained_next_depends_on_the_store_alone(small_folder, tmp_path):
    whole = Study(small_folder, out=tmp_path / "whole", **OPTIONS)
    whole.run(until_decided=True, margin=1e-5, max_seeds=4)
    part = Study(small_folder, out=tmp_path / "part", **OPTIONS).run()
    part.store.close()
    again = Study.load(tmp_path / "part").run(until_decided=True, margin=1e-5, max_seeds=4)
    assert again.design == whole.design
    keys = ["seq_len", "seed", "val_score", "test_score"]
    assert again.results[keys].equals(whole.results[keys])


def test_the_looks_are_planned_once(small):
    study = Study(small, **OPTIONS).run(until_decided=True, margin=1e-5, max_seeds=3)
    study.run(until_decided=True, margin=1e-5, max_seeds=9)
    assert study.looks.seeds == (2, 3)


def test_nothing_is_added_once_the_question_is_decided(small):
    study = Study(small, **OPTIONS).run(until_decided=True, margin=0.9, max_seeds=9)
    assert [answer.recommendation.decided for answer in study.answers(margin=0.9)] == [True]
    assert len(study.results) < 2 * 9


def test_runs_that_fail_do_not_keep_a_study_going(small):
    study = Study(small, **OPTIONS | {"lr": (0.01, 1e30)})
    study.run(until_decided=True, margin=1e-5, max_seeds=3)
    assert study.results.groupby("lr").status.agg(["first", "size"]).values.tolist() == [["finished", 6], ["failed", 6]]


def test_the_widest_design_has_the_seeds_of_the_last_look_at_every_length(small):
    study = Study(small, **OPTIONS)
    assert widest(study.design) == study.design
    study.run(until_decided=True, margin=0.9, max_seeds=6)
    assert widest(study.design).more_seeds == {7: 6, 8: 6}


PLANNED = {"budget": "steps=20", "hidden_size": 4, "num_layers": 1, "batch_size": 16}


def test_without_lengths_and_seeds_a_study_begins_with_few_lengths_and_one_seed(small):
    design = Study(small, **PLANNED, recipe="notebook").design
    assert design.candidates == tuple(range(1, 9))
    assert design.seq_lens == first_lengths(range(1, 9))
    assert design.seeds == (0,)
    assert design.looks == (1, 2, 3, 4, 5, 7, 9, 12)
    assert with_looks(design, None, may_change=True) == design
    assert with_looks(design, 6, may_change=True).looks == (1, 2, 3, 4, 5, 6)


def test_lengths_are_tried_from_coarse_to_fine_and_seeds_are_added_where_a_length_is_in_question(
    small_folder, tmp_path
):
    started = []
    study = Study(small_folder, out=tmp_path / "whole", **PLANNED, recipe="notebook").run(
        margin=0.02,
        max_seeds=5,
        callbacks=[lambda event: started.append(event) if isinstance(event, StudyStarted) else None],
    )
    first = [(run.seq_len, run.seed) for run in started[0].pending]
    assert sorted(first) == [(length, 0) for length in first_lengths(range(1, 9))]
    scores = scores_of(study.store, study.results, "validation")
    assert finer_lengths(study.design.candidates, scores, 0.02) == () or len(started) > 1
    assert study.looks.seeds == (1, 2, 3, 4, 5)
    assert set(study.results.groupby("seq_len").size()) <= {1, 2, 3, 4, 5}
    study.store.close()
    stopped = Study(small_folder, out=tmp_path / "part", **PLANNED, recipe="notebook")
    with pytest.raises(KeyboardInterrupt):
        stopped.run(margin=0.02, max_seeds=5, workers=1, callbacks=[interrupt_after(7)])
    stopped.store.close()
    resumed = Study.load(tmp_path / "part").run(margin=0.02)
    again = Study.load(tmp_path / "whole", read_only=True)
    assert resumed.design == again.design
    keys = ["seq_len", "seed", "val_score", "test_score"]
    assert (
        resumed.results[keys].sort_values(keys).values.tolist() == again.results[keys].sort_values(keys).values.tolist()
    )


def interrupt_after(count):
    """A callback that asks the process to stop once so many runs have ended."""
    ended = []

    def callback(event):
        if isinstance(event, RunEnded):
            ended.append(event)
            if len(ended) == count:
                signal.raise_signal(signal.SIGINT)

    return callback


def test_lengths_that_the_user_gave_are_all_trained_and_seeds_that_the_user_gave_are_kept(small):
    lengths = Study(small, seq_lens="7,8", **PLANNED, recipe="notebook").design
    assert (lengths.seq_lens, lengths.seeds, lengths.candidates) == ((7, 8), (0, 1, 2), ())
    assert lengths.looks == (3, 5, 8, 12)
    seeds = Study(small, seeds=2, **PLANNED, recipe="notebook").run(margin=0.02)
    assert seeds.looks is None
    assert set(seeds.results.groupby("seq_len").size()) == {2}


@pytest.mark.parametrize(("seeds", "most"), [(1, 5), (4, 3)])
def test_looks_that_cannot_be_are_refused(seeds, most):
    with pytest.raises(UsageError, match=f"max_seeds is {most} and the study has {seeds} seeds"):
        plan_looks(seeds, most)


@pytest.mark.parametrize("question", [{"margin": 0}, {"confidence": 1}], ids=str)
def test_a_question_that_no_study_could_answer_is_refused_before_anything_is_trained(small, question):
    study = Study(small, **OPTIONS)
    with pytest.raises(UsageError, match=next(iter(question))):
        study.run(until_decided=True, **question)
    assert study.results.empty
    assert study.looks is None


def rising(seq_len, seed):
    noise = np.random.default_rng([seq_len, seed]).normal()
    return 0.9 - 0.5 * np.exp(-seq_len / 4) + 0.002 * noise


def test_a_length_that_is_begun_as_the_time_ends_does_not_withhold_what_was_shown():
    started = []
    whole = Study(objective=rising, metric="accuracy", seq_lens="1:64").run(
        callbacks=[lambda event: started.append(event) if isinstance(event, StudyStarted) else None]
    )
    known = [set(event.stored.seq_len) for event in started]
    place, begun = next(
        (place, event.pending)
        for place, event in enumerate(started)
        if place and len(event.pending) == 2 and len({run.seq_len for run in event.pending} - known[place]) == 1
    )
    part = Study(objective=rising, metric="accuracy", seq_lens="1:64")
    with pytest.raises(KeyboardInterrupt):
        part.run(workers=1, callbacks=[interrupt_after(len(started[place].stored) + 1)])
    assert set(part.results.seq_len) == known[place] | {begun[0].seq_len}
    assert set(part.answers()[0].recommendation.bounds) == known[place]
    assert part.answers()[0].sentence == started[place].so_far
    assert begun[0].seq_len in whole.answers()[0].recommendation.bounds


def test_what_is_left_of_the_time_goes_to_the_best_two():
    noise = np.random.default_rng(0).normal(size=(25, 2))
    study = Study.told(metric="mae", seq_lens=[4, 8, 12, 16, 20, 24])
    while (trial := study.ask()).seed < 2:
        study.tell(trial, 1.0 + 0.05 * abs(trial.seq_len - 13) + 0.1 * noise[trial.seq_len, trial.seed])
    (answer,) = study.answers()
    assert answer.recommendation.seq_len is None
    answer = replace(answer, runs=answer.runs.assign(wall_seconds=1000.0), seconds=0.0)

    def next_seeds(seconds):
        plan = UntilDecided(limit=TimeLimit(seconds))
        return plan._next_seeds(study.store, answer, answer.recommendation.margin)

    assert set(next_seeds(1e6).values()) == {3}  # no length has a single run
    assert len(next_seeds(1e6)) > 2
    assert next_seeds(2.5e3) == {12: 3, 16: 3}
    assert next_seeds(1.5e3) == {}


def test_what_leaves_no_time_for_lengths_with_a_single_run_waits_for_them():
    def noisy(seq_len, seed):
        return 0.9 - 0.5 * np.exp(-seq_len / 4) + 0.012 * np.random.default_rng([seq_len, seed]).normal()

    def interrupt(event):
        if isinstance(event, StudyStarted) and any(run.seed == 2 for run in event.pending):
            raise KeyboardInterrupt

    study = Study(objective=noisy, metric="accuracy", seq_lens="1:64")
    with pytest.raises(KeyboardInterrupt):
        study.run(workers=1, callbacks=[interrupt])
    (answer,) = study.answers()
    answer = replace(answer, runs=answer.runs.assign(wall_seconds=answer.runs.seq_len.astype(float)), seconds=0.0)
    counts = answer.runs.groupby("seq_len").size()
    single, twice = counts.index[counts == 1].tolist(), counts.index[counts == 2].tolist()
    assert single == [1, 2, 5]

    def next_seeds(seconds):
        plan = UntilDecided(limit=TimeLimit(seconds))
        return plan._next_seeds(study.store, answer, answer.recommendation.margin)

    assert next_seeds(sum(twice) + 20) == dict.fromkeys(twice, 3)
    assert next_seeds(sum(twice) + 5) == dict.fromkeys(single, 2)  # third seeds, and then there were 5 s
    assert set(next_seeds(sum(twice) - 5)) <= set(twice)
