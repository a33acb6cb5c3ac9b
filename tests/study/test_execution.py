"""How runs are dealt to workers."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lengthwise.study.execution import longest_first, shared_threads
from lengthwise.study.networks import Networks
from lengthwise.study.study import Study


@pytest.mark.parametrize(
    ("timesteps", "workers", "expected"),
    [
        ([1, 1, 1], 2, [1, 1, 2]),
        ([1] * 6, 4, [1, 1, 1, 1, 2, 2]),
        ([128, 2], 2, [2, 1]),  # the short run is soon over
        ([128, 100], 2, [1, 1]),
        ([128, 64, 16, 4, 1], 2, [2, 1, 1, 1, 1]),  # 85 steps are done when three quarters of the first are not
        ([128, 64, 40, 4, 1], 2, [1, 1, 1, 1, 1]),
        ([5, 5, 5, 1], 4, [1, 1, 1, 1]),  # one worker cannot be shared by three runs
        ([1], 1, [1]),
        ([], 4, []),
        ([0, 0, 0], 2, [1, 1, 1]),
    ],
)
def test_runs_for_whose_end_workers_would_be_idle_share_these(timesteps, workers, expected):
    assert shared_threads(timesteps, workers) == expected


@given(st.lists(st.integers(1, 1000), max_size=30), st.integers(1, 16))
def test_there_are_no_more_threads_than_workers_where_all_runs_are_under_way_at_once(timesteps, workers):
    threads = shared_threads(timesteps, workers)
    assert len(threads) == len(timesteps)
    assert all(1 <= count <= workers for count in threads)
    if timesteps and timesteps == [timesteps[0]] * len(timesteps):
        assert sum(threads[len(timesteps) // workers * workers :]) <= workers


def test_a_study_of_one_long_run_and_a_short_one_gives_the_long_one_all_threads(small):
    study = Study(small, recipe="notebook", seq_lens="1,8", seeds=1, budget="steps=30", num_layers=1, batch_size=16)
    trainer = Networks(study.store, small)
    jobs = trainer.jobs(study.store.design, longest_first(study.pending()), 2)
    assert [(job.settings.seq_len, job.threads) for job in jobs] == [(8, 2), (1, 1)]
    jobs = trainer.jobs(study.store.design, longest_first(study.pending()), 0)  # of an executor of the user's
    assert [job.threads for job in jobs] == [1, 1]
