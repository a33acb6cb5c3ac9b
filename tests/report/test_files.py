"""The files of a report."""

import json
import re
import shlex

import pandas as pd
import pytest
from PIL import Image

import lengthwise
from lengthwise import Settings, Study
from lengthwise.cli import app
from lengthwise.errors import RunError, UsageError
from lengthwise.report.figures import file_name
from lengthwise.report.made import command_of
from lengthwise.report.page import page_data, render_page
from lengthwise.study.run import Outcome
from tests.report.made import dataset, made_study

FIGURES = [
    "accuracy_against_cost", "accuracy_over_length", "anytime_accuracy", "cost_over_length",
    "learning_curves_over_steps", "learning_curves_over_time", "learning_curves_over_timesteps", "length_matrix",
]  # fmt: skip


@pytest.fixture(scope="module")
def written(finished, tmp_path_factory):
    folder = tmp_path_factory.mktemp("out") / "new"
    return folder, lengthwise.write_results(finished, folder, paper=True)


def test_everything_that_is_said_to_be_written_is_there_and_nothing_else(written):
    folder, paths = written
    assert sorted(paths) == sorted(path for path in folder.rglob("*") if path.is_file())
    assert {path.name for path in folder.iterdir()} == {
        "report.html",
        "results.csv",
        "results.parquet",
        "answer.json",
        "figures",
    }


def test_there_is_a_row_a_run_with_full_precision(written, finished):
    folder, _ = written
    table = pd.read_csv(folder / "results.csv", engine="pyarrow")
    assert table.columns[:5].tolist() == ["seq_len", "cell", "seed", "status", "reason"]
    results = finished.results
    for name in (
        "seq_len",
        "seed",
        "val_accuracy",
        "test_accuracy",
        "steps",
        "updates",
        "timesteps",
        "flops",
        "seconds",
    ):
        assert table[name].tolist() == results[name].tolist(), name
    parquet = pd.read_parquet(folder / "results.parquet")
    assert parquet.columns.tolist() == table.columns.tolist()
    assert parquet.test_accuracy.tolist() == results.test_accuracy.tolist()


def test_failed_runs_are_in_the_table_with_their_reason(small):
    study = Study(small, seq_lens="4,8", seeds=1, recipe="notebook")
    study.store.add(Outcome(Settings(data=small.name, seq_len=8, steps=3), reason='loss is "nan", at step 1\n…'))
    text = page_data(study)["csv"]
    row = pd.read_csv(pd.io.common.StringIO(text)).iloc[0]
    assert (row.seq_len, row.status, row.reason) == (8, "failed", 'loss is "nan", at step 1\n…')


def test_figures_for_a_paper_are_at_column_width_with_their_fonts_in(written):
    folder, _ = written
    assert sorted({path.stem for path in (folder / "figures").iterdir()}) == FIGURES
    for name in FIGURES:
        with Image.open(folder / "figures" / f"{name}.png") as picture:
            assert picture.width == 3.5 * 300
            assert round(picture.info["dpi"][0]) == 300
        pdf = (folder / "figures" / f"{name}.pdf").read_bytes()
        assert b"/FontFile2" in pdf  # TrueType, embedded
        assert b"/Type3" not in pdf
        assert "<text" not in (folder / "figures" / f"{name}.svg").read_text()


def test_the_same_study_gives_the_same_figures(finished, written, tmp_path):
    folder, _ = written
    lengthwise.write_results(finished, tmp_path, paper=True)
    for path in sorted((folder / "figures").iterdir()):
        assert path.read_bytes() == (tmp_path / "figures" / path.name).read_bytes(), path.name


def test_several_configurations_have_figures_together_and_each(several, tmp_path):
    lengthwise.write_results(several, tmp_path)
    names = {str(path.relative_to(tmp_path / "figures")) for path in tmp_path.rglob("*.png")}
    assert {"accuracy_over_length.png", "hidden_size-3/accuracy_over_length.png"} <= names
    assert not any("length_matrix" in name or "anytime" in name for name in names)  # it has no eval_lens
    assert not list(tmp_path.rglob("*.pdf"))


@pytest.mark.parametrize("name", ["", "../..", "/", "a\nb", "<b>"])
def test_a_configuration_of_any_name_stays_in_its_folder(name):
    assert re.fullmatch(r"[\w+][\w.+-]*", file_name(name))


def test_a_folder_that_cannot_be_written_is_said(finished, tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(RunError, match="cannot write"):
        lengthwise.write_results(finished, tmp_path / "file")


@pytest.mark.parametrize(("margin", "confidence"), [(0, 0.95), (0.005, 1.5)])
def test_a_question_that_cannot_be_asked_is_refused(finished, tmp_path, margin, confidence):
    with pytest.raises(UsageError, match=r"margin is 0|confidence is 1\.5"):
        lengthwise.write_results(finished, tmp_path, margin=margin, confidence=confidence)


def test_the_page_says_at_every_margin_what_python_says(finished):
    data = page_data(finished, margin=0.0123)
    assert data["margins"][data["margin"]] == 0.0123
    recommendations = data["configurations"][0]["recommendations"]
    for margin, recommendation in zip(data["margins"], recommendations, strict=True):
        answer = finished.answers(margin=margin)[0]
        assert recommendation["sentence"] == answer.sentence
        assert recommendation["seq_len"] == answer.recommendation.seq_len


def test_the_page_is_one_file_that_asks_for_nothing(finished):
    html = render_page(page_data(finished))
    assert "default-src 'none'" in html.replace("&#39;", "'")
    assert not re.search(r"<(script|link|img|iframe)[^>]+(src|href)=[\"'](?!data:)", html)
    embedded = re.search(r'<script type="application/json" id="data">(.*?)</script>', html, re.DOTALL).group(1)
    assert json.loads(embedded)["question"] == "How long must a training sequence be?"


def test_the_command_makes_the_same_study_again(small_folder):
    study = Study(
        small_folder,
        seq_lens="2:8:3,3",
        seeds=2,
        budget="epochs=1",
        eval_lens="all",
        hidden_size=(3, 5),
        recipe="notebook",
    )
    assert command_of(study) == (
        f"lengthwise study --data {small_folder} --seq-lens 2,3,5,8 --seeds 2 --budget epochs=1 --eval-lens 1:8 "
        "--folds 0 "
        "--recipe notebook --placement any --hidden-size 3,5 --sampling crops"
    )


def test_the_command_asks_the_same_question(small):
    study = Study(small, seq_lens="2,8", seeds=2, recipe="notebook")
    study.store.ask(0.0125, 0.9)
    words = shlex.split(dict(map(dict.values, page_data(study)["made"]))["the command that repeats the study"])
    assert words[-4:] == ["--margin", "0.0125", "--confidence", "0.9"]


def test_the_command_is_read_as_it_was_meant(small_folder):
    several = {"cell": ("rnn", "lstm"), "bidirectional": (True, False)}
    study = Study(small_folder, seq_lens="2,8", seeds=2, budget="flops=1e8", lr=0.01, **several, recipe="notebook")
    _, bound, _ = app.parse_args(shlex.split(command_of(study))[1:], exit_on_error=False)
    assert Study(*bound.args, **bound.kwargs).design == study.design


def test_sequences_that_cannot_be_drawn_are_counted_all_the_same(tmp_path):
    made_study(dataset("gone"), seq_lens="4,28", out=tmp_path)
    loaded = Study.load(tmp_path, read_only=True)
    hard = page_data(loaded, margin=0.3)["configurations"][0]["hard"]
    assert hard["gained"] > 0
    assert hard["sequences"] == []
    assert "cannot be drawn, as the data cannot be loaded" in hard["note"]
    assert page_data(loaded)["status"]["pending"] is None
