import time

import pytest

from lengthwise.errors import UsageError
from lengthwise.study.execution import RunStarted
from lengthwise.study.study import Study
from lengthwise.study.time_limit import TimeLimit, as_time_limit


@pytest.mark.parametrize("text", ["", "2", "m", "2 minutes", "1m-3s", "2d"])
def test_what_is_no_time_is_refused(text):
    with pytest.raises(UsageError, match="must be a number with s, m or h, such as 90s, 2m or 1h30m"):
        TimeLimit.parse(text)


@pytest.mark.parametrize("seconds", [0, -1, float("inf"), float("nan")])
def test_a_time_that_is_not_positive_is_refused(seconds):
    with pytest.raises(UsageError, match="must be positive"):
        as_time_limit(seconds)


def test_what_is_left_ends_at_nothing():
    now = time.monotonic()
    assert TimeLimit(5, begun=now - 10).left == 0
    assert 0 < TimeLimit(1000, begun=now).share(0.5).left <= 500


def test_a_study_whose_time_is_over_answers_with_what_has_ended(small, tmp_path):
    options = {"seq_lens": "2,7", "hidden_size": 4, "num_layers": 1, "batch_size": 16, "recipe": "notebook"}
    study = Study(small, seeds=2, budget="steps=20", out=tmp_path / "study", **options).run()
    study.extend(seeds=3).run(time=TimeLimit(1, begun=time.monotonic() - 2))
    assert len(study.results) == 4
    assert study.answers()[0].recommendation is not None
    assert len(study.run(time="1h").results) == 6


def test_in_limited_time_the_first_runs_are_begun_with_the_shortest(small):
    for limit, lengths in ((None, [3, 2, 1]), ("1h", [1, 2, 3])):
        study = Study(small, seq_lens="1:3", seeds=1, budget="steps=5", recipe="notebook", hidden_size=4, batch_size=8)
        begun = []
        study.run(workers=1, time=limit, callbacks=[begun.append])
        assert [event.settings.seq_len for event in begun if isinstance(event, RunStarted)] == lengths
