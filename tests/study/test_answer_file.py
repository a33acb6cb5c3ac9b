"""answer.json: the answer for programs."""

import json
from dataclasses import replace

import pytest

import lengthwise
from lengthwise.study.answer_file import NAME
from lengthwise.study.execution import RunEnded

SMALL = {"budget": "steps=20", "hidden_size": 4, "num_layers": 1, "batch_size": 16}

NAMES = [
    "configuration", "recommended", "best_guess", "decided", "margin", "confidence", "bounds", "placement", "metric",
    "baseline", "cases", "sentence", "step_seconds", "recommended_seconds", "failed", "runs", "seconds",
]  # fmt: skip


def written(study, folder, **question):
    (path,) = study.write_answer(folder, **question)
    assert path == folder / NAME
    return json.loads(path.read_text())


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
    read = written(study, tmp_path, margin=0.9)
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
    (record,) = written(study, tmp_path)
    assert (record["recommended"], record["best_guess"], record["decided"]) == (None, None, False)
    assert record["bounds"] == {}
    assert (tmp_path / NAME).is_file()


def test_where_nothing_is_recommended_the_length_that_did_best_is_the_best_guess(small, tmp_path):
    study = lengthwise.Study(small, seq_lens="2,8", seeds=1, **SMALL, recipe="notebook").run()
    (record,) = written(study, tmp_path)
    means = study.results.set_index("seq_len").val_score
    assert (record["recommended"], record["best_guess"]) == (None, means.idxmax())


def test_the_recommended_length_is_given_in_seconds_where_a_step_s_is_known(small, tmp_path):
    small = replace(small, step_seconds=0.5)
    study = lengthwise.Study(small, seq_lens="2,8", seeds=2, **SMALL, recipe="notebook").run()
    (record,) = written(study, tmp_path, margin=0.9)
    assert (record["step_seconds"], record["recommended"], record["recommended_seconds"]) == (0.5, 2, 1.0)


def test_the_time_of_a_study_adds_up_over_its_runs(small):
    study = lengthwise.Study(
        small, seq_lens="8", seeds=1, budget="steps=10", hidden_size=4, num_layers=1, batch_size=16, recipe="notebook"
    )
    assert study.seconds == 0
    first = study.run().seconds
    assert study.run().seconds >= first > 0


def test_a_study_with_a_folder_writes_it_when_it_ends(small, tmp_path):
    out = tmp_path / "study"
    study = lengthwise.Study(small, seq_lens="2,8", seeds=2, recipe="auto", out=out)
    assert not (out / NAME).exists()
    study.run(workers=1, margin=0.9)
    (record,) = json.loads((out / NAME).read_text())
    assert (record["margin"], record["recommended"], record["runs"]) == (0.9, 2, len(study.results))
    assert record["seconds"] == pytest.approx(study.seconds + study.recipe.seconds, abs=0.001)
    assert study.recipe.seconds > 0


def test_a_study_that_is_interrupted_writes_how_the_answer_stands(small, tmp_path):
    def interrupt(event):
        if isinstance(event, RunEnded) and event.outcome.settings.seed == 1:
            raise KeyboardInterrupt

    study = lengthwise.Study(small, seq_lens="2,8", seeds=3, **SMALL, recipe="notebook", out=tmp_path / "study")
    with pytest.raises(KeyboardInterrupt):
        study.run(workers=1, callbacks=[interrupt])
    (record,) = json.loads((tmp_path / "study" / NAME).read_text())
    assert (record["runs"], record["sentence"]) == (len(study.results), study.sentence_so_far())
    assert 0 < record["runs"] < 6


def test_there_is_no_file_without_a_folder_or_an_answer(small, tmp_path):
    study = lengthwise.Study(small, seq_lens="2,8", seeds=1, **SMALL, recipe="notebook")
    assert study.write_answer(tmp_path) == []
    study.run()
    assert study.write_answer() == []
    assert list(tmp_path.iterdir()) == []
