"""Studies from Python: run, load, resume, extend, executors."""

import threading
from concurrent.futures import Future, ProcessPoolExecutor, ThreadPoolExecutor
from multiprocessing import get_context

import pandas as pd
import pytest

import lengthwise
from lengthwise.errors import RunError, UsageError
from lengthwise.study.events import StudyEnded, StudyStarted
from lengthwise.study.execution import RunEnded, RunStarted, longest_first
from lengthwise.study.run_rows import run_key
from lengthwise.study.study import Study

OPTIONS = {"recipe": "notebook",
    "seq_lens": "2,5,8", "seeds": 2, "budget": "steps=30", "eval_lens": "3", "hidden_size": 4, "num_layers": 1,
    "batch_size": 16,
}  # fmt: skip

TIMES = ["seconds", "seconds_per_step", "wall_seconds", "worker", "finished_at", "id"]


def figures(study):
    """Everything that a study found, times aside."""
    runs = study.results
    tables = [runs.drop(columns=TIMES)]
    order = runs.set_index("id")[["seq_len", "seed"]]
    for table in (study.store.validations(), study.store.evaluations(), study.store.anytime()):
        named = table.join(order, on="run").drop(columns=["run", "seconds"], errors="ignore")
        tables.append(named.sort_values(list(named.columns)).reset_index(drop=True))
    return tables


def assert_equal(one, other):
    for left, right in zip(figures(one), figures(other), strict=True):
        pd.testing.assert_frame_equal(left, right, check_exact=True)


@pytest.fixture(scope="module")
def complete(small):
    return Study(small, **OPTIONS).run()


def test_every_run_is_in_the_results_once(complete):
    results = complete.results
    assert sorted(zip(results.seq_len, results.seed, strict=True)) == [(s, seed) for s in (2, 5, 8) for seed in (0, 1)]
    assert set(results.status) == {"finished"}
    assert (results.timesteps == 30 * 16 * results.seq_len).all()


@pytest.mark.parametrize(
    ("options", "due"),
    [
        ({}, None),
        ({"recipe": "notebook", "budget": "steps=640"}, [10, 20, 40, 80, 160, 240, 320, 400, 480, 560, 640]),
        ({"budget": "steps=640"}, [10, 20, 40, 80, 160, 240, 320, 400, 480, 560, 640]),
        ({"recipe": "notebook", "budget": "steps=640", "folds": 5}, [640]),
        ({"recipe": "notebook", "budget": "steps=640", "validate_every": 250}, [250, 500, 640]),
    ],
)
def test_a_network_is_validated_once_where_the_recipe_chose_its_updates(small, options, due):
    study = Study(small, seq_lens="2,8", seeds=1, **options).run()
    runs, validations = study.results, study.store.validations()
    assert len(runs) == 2 * (options.get("folds") or 1)
    updates = validations.groupby("run")["update"].agg(list)
    assert [updates[run.id] for run in runs.itertuples()] == [due or [study.recipe.updates]] * len(runs)
    if due is None:
        assert (study.recipe.name, study.design.folds) == ("auto", 0)
        assert (runs.best_update == study.recipe.updates).all()


def test_a_study_can_be_loaded_from_its_folder(small_folder, tmp_path, complete):
    Study(small_folder, out=tmp_path / "study", **OPTIONS).run()
    loaded = Study.load(tmp_path / "study")
    renamed = complete.results.assign(data=str(small_folder))
    pd.testing.assert_frame_equal(loaded.results.drop(columns=TIMES), renamed.drop(columns=TIMES))
    assert loaded.pending() == []


def test_the_number_of_workers_changes_no_figure(small, complete):
    assert_equal(Study(small, **OPTIONS).run(workers=1), complete)


def test_a_study_that_was_stopped_goes_on_to_the_same_figures(small_folder, tmp_path):
    whole = Study(small_folder, out=tmp_path / "whole", **OPTIONS).run()
    part = Study(small_folder, out=tmp_path / "part", **OPTIONS)

    def stop_after_three(event):
        if isinstance(event, RunEnded) and len(part.store.stored()) == 3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        part.run(workers=1, callbacks=[stop_after_three])
    resumed = Study.load(tmp_path / "part")
    assert len(resumed.pending()) == 3
    ended = []
    resumed.run(callbacks=[lambda event: ended.append(event) if isinstance(event, RunEnded) else None])
    assert len(ended) == 3
    assert_equal(resumed, whole)


def test_a_study_is_extended_by_lengths_and_seeds_and_equals_one_made_so(small):
    grown = Study(small, **OPTIONS | {"seq_lens": "2,8", "seeds": 1}).run()
    before = grown.results
    grown.extend(seq_lens="5", seeds=2).run()
    assert len(before) == 2
    assert_equal(grown, Study(small, **OPTIONS).run())


def test_runs_that_fail_do_not_end_the_study(small):
    study = Study(small, **OPTIONS | {"lr": [0.001, 1e30], "seq_lens": "2"}).run()
    assert list(study.results.groupby("lr").status.first()) == ["finished", "failed"]
    assert study.results.query("status == 'failed'").reason.str.contains("the loss is not finite").all()
    assert study.pending() == []
    assert len(study.pending(retry_failed=True)) == 2


@pytest.mark.parametrize("kind", ["threads", "processes"])
def test_any_executor_gives_the_same_figures(small_folder, small, complete, kind):
    if kind == "threads":
        executor, data = ThreadPoolExecutor(2), small
    else:
        executor, data = ProcessPoolExecutor(2, mp_context=get_context("spawn")), small_folder
    with executor:
        study = Study(data, **OPTIONS).run(executor=executor)
    names = {"data": complete.results.data[0]}
    for left, right in zip(figures(study), figures(complete), strict=True):
        left = left.assign(**names) if "data" in left else left  # noqa: PLW2901
        pd.testing.assert_frame_equal(left, right, check_exact=True)


class BreaksTwice:
    """An executor whose workers break at first."""

    def __init__(self, error):
        self.error = error
        self.calls = 0

    def submit(self, function, *arguments):
        self.calls += 1
        future = Future()
        if self.calls <= 2:
            future.set_exception(self.error)
        else:
            future.set_result(function(*arguments))
        return future


def test_an_error_that_nobody_foresaw_fails_its_run_alone(small):
    study = Study(small, **OPTIONS).run(executor=BreaksTwice(MemoryError("no memory")))
    assert list(study.results.query("status == 'failed'").reason) == ["MemoryError: no memory"] * 2
    assert (study.results.status == "finished").sum() == 4
    study.run(retry_failed=True)
    assert set(study.results.status) == {"finished"}


def test_a_lost_worker_ends_the_study_and_what_is_missing_can_be_made_up(small, complete):
    study = Study(small, **OPTIONS)
    from concurrent.futures.process import BrokenProcessPool  # noqa: PLC0415

    with pytest.raises(RunError, match=r"the worker of seq_len \d, seed \d was lost .* resume"):
        study.run(executor=BreaksTwice(BrokenProcessPool("gone")))
    assert_equal(study.run(), complete)


def test_observers_hear_of_start_runs_and_end(small):
    events = []
    Study(small, **OPTIONS | {"seq_lens": "5"}).run(workers=2, callbacks=[events.append])
    assert isinstance(events[0], StudyStarted)
    assert events[-1] == StudyEnded(complete=True)
    assert sum(isinstance(event, RunStarted) for event in events) == 2
    assert sum(isinstance(event, RunEnded) for event in events) == 2


def test_a_study_may_run_in_a_thread_that_is_not_the_main_one(small, complete):
    study = Study(small, **OPTIONS)
    thread = threading.Thread(target=study.run)
    thread.start()
    thread.join()
    assert_equal(study, complete)


def test_the_longest_runs_begin_first(small):
    runs = Study(small, **OPTIONS).pending()
    order = [run.seq_len for run in longest_first(runs)]
    assert order == [8, 8, 5, 5, 2, 2]


def test_a_folder_that_holds_the_study_is_not_overwritten(small_folder, tmp_path):
    Study(small_folder, out=tmp_path, **OPTIONS)
    with pytest.raises(UsageError, match="holds this study already: go on with it with --resume"):
        Study(small_folder, out=tmp_path, **OPTIONS)
    with pytest.raises(UsageError, match=r"other options \(budget is steps=31, was steps=30\)"):
        Study(small_folder, out=tmp_path, **OPTIONS | {"budget": "steps=31"})


def test_a_second_study_in_a_folder_is_refused_while_the_first_makes_its_pilots(small_folder, tmp_path):
    refused = []

    def begin_another(_event):
        with pytest.raises(RunError, match=r"is running already: by .*, process \d+, since") as caught:
            Study(small_folder, out=tmp_path, recipe="auto")
        refused.append(caught)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        Study(small_folder, out=tmp_path, recipe="auto", callbacks=[begin_another])
    assert len(refused) == 1
    assert [entry.name for entry in tmp_path.iterdir()] == [".lock"]


def test_data_that_have_changed_are_refused(small, small_folder, tmp_path):
    Study(small_folder, out=tmp_path, **OPTIONS)
    other = lengthwise.Dataset(small.name, small.train, small.test, small.validation, small.num_classes)
    with pytest.raises(RunError, match="is not what the study was made on"):
        Study.load(tmp_path, data=other).run()


def test_every_parameter_of_a_study_can_be_seen():
    import inspect  # noqa: PLC0415

    names = inspect.signature(Study).parameters
    assert {"data", "seq_lens", "seeds", "budget", "eval_lens", "out", "cell", "hidden_size", "lr"} <= set(names)
    assert {"seq_len", "seed", "epochs", "steps"}.isdisjoint(names)


def test_keys_tell_runs_apart(small):
    keys = [run_key(run) for run in Study(small, **OPTIONS | {"lr": [0.1, 0.2]}).pending()]
    assert len(set(keys)) == len(keys) == 12


def test_results_are_a_polars_frame_too(complete):
    frame = complete.to_polars()
    assert frame.columns == list(complete.results.columns)
    assert frame["test_score"].to_list() == complete.results.test_score.to_list()


def test_a_study_keeps_the_margin_and_the_confidence_it_was_run_with(small, tmp_path):
    Study(small, out=tmp_path, **OPTIONS | {"seq_lens": "2,8"}).run(margin=0.9, confidence=0.8)
    loaded = Study.load(tmp_path, data=small)
    recommendation = loaded.answers()[0].recommendation
    assert (recommendation.margin, recommendation.confidence) == (0.9, 0.8)
    assert loaded.answers(margin=0.1)[0].recommendation.margin == 0.1
    assert loaded.run().store.question == (0.9, 0.8)
