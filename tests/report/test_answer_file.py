"""answer.json: the answer for programs."""

import json
from dataclasses import replace

import lengthwise
from lengthwise.report.answer_file import NAME, write_answer

SMALL = {"budget": "steps=20", "hidden_size": 4, "num_layers": 1, "batch_size": 16}

NAMES = [
    "configuration", "recommended", "best_guess", "decided", "margin", "confidence", "bounds", "placement", "metric",
    "baseline", "cases", "sentence", "step_seconds", "recommended_seconds", "failed", "runs", "seconds",
]  # fmt: skip


def test_there_is_an_object_for_each_configuration_with_the_documented_names(small, tmp_path):
    study = lengthwise.Study(
        small,
        seq_lens="2,8",
        seeds=3,
        budget="steps=20",
        cell=("rnn", "gru"),
        hidden_size=4,
        num_layers=1,
        batch_size=16,
        recipe="notebook",
    ).run()
    found = study.answers(margin=0.9)
    read = json.loads(write_answer(study, found, tmp_path).read_text())
    assert [record["configuration"] for record in read] == [{"cell": "rnn"}, {"cell": "gru"}]
    for record, answer in zip(read, found, strict=True):
        assert list(record) == NAMES
        assert record["recommended"] == answer.recommendation.seq_len == 2
        assert (record["best_guess"], record["decided"]) == (2, True)
        assert (record["margin"], record["confidence"]) == (0.9, 0.95)
        assert record["bounds"] == {str(length): bound for length, bound in answer.recommendation.bounds.items()}
        assert (record["placement"], record["metric"], record["runs"]) == ("any", "accuracy", 6)
        assert record["sentence"] == answer.sentence
        assert (record["step_seconds"], record["recommended_seconds"]) == (None, None)
        assert record["seconds"] == study.seconds > 0


def test_of_a_single_length_nothing_is_recommended(small, tmp_path):
    study = lengthwise.Study(small, seq_lens="8", seeds=1, **SMALL, recipe="notebook").run()
    (record,) = json.loads(write_answer(study, study.answers(), tmp_path).read_text())
    assert (record["recommended"], record["best_guess"], record["decided"]) == (None, None, False)
    assert record["bounds"] == {}
    assert (tmp_path / NAME).is_file()


def test_where_nothing_is_recommended_the_length_that_did_best_is_the_best_guess(small, tmp_path):
    study = lengthwise.Study(small, seq_lens="2,8", seeds=1, **SMALL, recipe="notebook").run()
    (record,) = json.loads(write_answer(study, study.answers(), tmp_path).read_text())
    means = study.results.set_index("seq_len").val_score
    assert (record["recommended"], record["best_guess"]) == (None, means.idxmax())


def test_the_recommended_length_is_given_in_seconds_where_a_step_s_is_known(small, tmp_path):
    small = replace(small, step_seconds=0.5)
    study = lengthwise.Study(small, seq_lens="2,8", seeds=2, **SMALL, recipe="notebook").run()
    (record,) = json.loads(write_answer(study, study.answers(margin=0.9), tmp_path).read_text())
    assert (record["step_seconds"], record["recommended"], record["recommended_seconds"]) == (0.5, 2, 1.0)


def test_the_time_of_a_study_adds_up_over_its_runs(small):
    study = lengthwise.Study(
        small, seq_lens="8", seeds=1, budget="steps=10", hidden_size=4, num_layers=1, batch_size=16, recipe="notebook"
    )
    assert study.seconds == 0
    first = study.run().seconds
    assert study.run().seconds >= first > 0
