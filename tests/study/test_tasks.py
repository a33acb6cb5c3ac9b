"""Studies of every task, from the data to the answer, its page and its pictures."""

import io

import numpy as np
import pytest
from rich.console import Console

import lengthwise
from lengthwise.plots.curves import frontier
from lengthwise.report.files import write_results
from lengthwise.report.page import page_data
from lengthwise.report.terminal import print_answer
from lengthwise.study.cases import scores_of
from lengthwise.tasks.tasks import TASKS
from lengthwise.training.data_defaults import placed
from lengthwise.training.evaluation import evaluate_exactly

SMALL = {"hidden_size": 4, "num_layers": 1, "batch_size": 8, "lr": 0.01, "seeds": 2, "budget": "steps=16", "folds": 0}


def regression():
    random = np.random.default_rng(0)
    values = random.normal(size=(60, 6, 2))
    return lengthwise.load_data(values, 100 + 20 * values[:, :, 0].mean(axis=1), name="means")


def tagging():
    random = np.random.default_rng(0)
    values = random.normal(size=(60, 6, 1))
    return lengthwise.load_data(
        values, (values.cumsum(axis=1)[:, :, 0] > 0).astype(int), task="tagging", lookback=6, name="signs"
    )


def forecasting():
    months = np.arange(90)
    series = 50 + months / 2 + 5 * np.sin(months * np.pi / 3) + np.random.default_rng(0).normal(size=90)
    options = {"horizon": 2, "season": 6, "lookback": 6, "validation": 0.2, "test": 0.2}
    return lengthwise.load_data(series, task="forecasting", name="months", **options)


DATA = {"regression": regression, "tagging": tagging, "forecasting": forecasting}


@pytest.fixture(scope="module", params=DATA)
def study(request):
    return lengthwise.Study(DATA[request.param](), seq_lens=[2, 6], eval_lens=[4], **SMALL, recipe="notebook").run()


def test_the_best_check_is_that_with_the_best_score_of_the_metric(study):
    for run in study.results.itertuples():
        scores = study.store.validations().query(f"run == {run.id}").val_score
        assert run.val_score == (scores.max() if study.metric.higher_is_better else scores.min())
        assert run.metric == study.metric.name
        assert np.isnan(float(run.val_accuracy or "nan")) != study.metric.percent


def test_the_stored_scores_are_those_of_exact_evaluation(study):
    scores = scores_of(study.store, study.results, "test")
    assert scores.metric == study.metric
    count = len(study.dataset.test) // study.store.subject.block
    assert scores.per_case.shape == (4, count)
    np.testing.assert_allclose(scores.per_case.mean(axis=1), scores.scores, rtol=1e-6)
    np.testing.assert_allclose(scores.scores, study.results.sort_values(["seq_len", "seed"]).test_score, rtol=1e-5)


def test_a_study_made_again_in_the_loop_gives_the_same_score(study):
    row = study.results.iloc[0]
    data = placed(study.dataset, row.placement)
    result = lengthwise.train(
        data, seq_len=int(row.seq_len), seed=int(row.seed), steps=int(row.best_update), hidden_size=4, num_layers=1,
        batch_size=8, lr=0.01, quiet=True,
    )  # fmt: skip
    flat = result.network.flat(result.parameters)
    judged = evaluate_exactly(result.network, flat, data.validation, int(row.seq_len))
    assert judged.score == row.val_score
    assert result.evaluation.score == row.test_score
    assert result.evaluation.metric == TASKS[data.task].metric


def test_the_frontier_only_gets_better(study):
    (answer,) = study.answers()
    scores = frontier(answer).val_score.to_numpy()
    assert (np.diff(scores) * answer.metric.sign > 0).all()


def test_the_usual_margin_of_an_error_is_a_part_of_the_baseline_s(study):
    (answer,) = study.answers()
    baseline = study.baseline.validation
    expected = 0.005 if study.metric.percent else 0.02 * baseline
    assert answer.recommendation.margin == pytest.approx(expected)


def test_the_answer_names_the_metric_and_the_baseline(study):
    out = io.StringIO()
    print_answer(study.answers(), Console(file=out, width=200))
    assert study.baseline.title in out.getvalue()
    if not study.metric.percent:
        assert f"validation {study.metric.name}" in out.getvalue()
        assert "percentage point" not in out.getvalue()


def test_the_page_and_the_pictures_are_of_the_metric(study, tmp_path):
    data = page_data(study)
    assert data["metric"]["label"] == study.metric.label
    assert data["baseline"]["title"] == study.baseline.title
    assert data["margins"][data["margin"]] == study.answers()[0].recommendation.margin
    written = write_results(study, tmp_path)
    html = (tmp_path / "report.html").read_text()
    assert study.metric.title in html
    drawn = (tmp_path / "figures" / "accuracy_over_length.svg").read_text()
    assert study.metric.label in drawn or study.metric.title in drawn
    assert any(path.name == "anytime_accuracy.png" for path in written) != ("end" in study.design.settings["placement"])
