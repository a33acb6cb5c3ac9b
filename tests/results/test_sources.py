import json
import sqlite3

import numpy as np
import pandas as pd
import pytest
from sklearn.base import BaseEstimator, RegressorMixin
from sklearn.linear_model import Ridge
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer
from torch.utils.tensorboard import SummaryWriter

from lengthwise.errors import DataError, UsageError
from lengthwise.results.sources import read_runs
from lengthwise.results.told import tell
from lengthwise.study.execution import RunEnded
from lengthwise.study.tensorboard import StudyTensorBoard
from lengthwise.study.trial import Scores, Trial, TrialOutcome
from lengthwise.tasks.metrics import ACCURACY
from tests.results.sources import RUNS, accuracy, write_hparams, write_mlflow, write_optuna


def rows(runs, **options):
    """Return what is told, as {(length, seed): score}."""
    told = tell(runs, **options)
    return {(row.seq_len, row.seed): row.score for row in told.table.itertuples()}


EXPECTED = {run: pytest.approx(accuracy(*run)) for run in RUNS}
WITHOUT_ONE = {run: score for run, score in EXPECTED.items() if run != (24, 1)}


class TestOptuna:
    @pytest.fixture(scope="class")
    @classmethod
    def database(cls, tmp_path_factory):
        pytest.importorskip("optuna")
        path = tmp_path_factory.mktemp("optuna") / "study.db"
        write_optuna(f"sqlite:///{path}", failing=(24, 1))
        return path

    def test_a_database_is_read_by_its_path_and_its_url(self, database):
        for source in (database, f"sqlite:///{database}"):
            runs = read_runs(source)
            assert rows(runs) == WITHOUT_ONE
            assert runs.settings == ("seq_len", "seed")
            assert runs.directions == {"value": "maximize"}
            assert runs.left_out == {"failed": 1}

    def test_a_journal_is_read(self, tmp_path):
        storages = pytest.importorskip("optuna.storages")
        journal = pytest.importorskip("optuna.storages.journal")
        path = tmp_path / "journal.log"
        write_optuna(storages.JournalStorage(journal.JournalFileBackend(str(path))), direction="minimize")
        runs = read_runs(path)
        assert rows(runs) == {run: pytest.approx(1 - accuracy(*run)) for run in RUNS}
        assert not tell(runs).metric.higher_is_better

    def test_of_several_studies_one_is_chosen(self, database, tmp_path):
        path = tmp_path / "both.db"
        path.write_bytes(database.read_bytes())
        write_optuna(f"sqlite:///{path}", direction="minimize", study_name="error")
        runs = read_runs(path)
        with pytest.raises(UsageError, match=r"differ in .*study \(error, lookback\)"):
            tell(runs, direction="maximize")
        assert rows(runs, where={"study": "lookback"}, direction="maximize") == WITHOUT_ONE


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # SQLAlchemy's, of what MLflow does
class TestMLflow:
    def test_a_database_is_read(self, tmp_path):
        pytest.importorskip("mlflow")
        pytest.importorskip("alembic")
        write_mlflow(f"sqlite:///{tmp_path / 'mlflow.db'}", failing=(24, 1))
        runs = read_runs(tmp_path / "mlflow.db")
        assert rows(runs) == WITHOUT_ONE
        assert runs.left_out == {"failed": 1}
        assert runs.settings == ("seq_len", "seed", "model")

    def test_a_folder_is_read_and_that_of_one_experiment(self, tmp_path, monkeypatch):
        pytest.importorskip("mlflow")
        monkeypatch.setenv("MLFLOW_ALLOW_FILE_STORE", "true")
        write_mlflow((tmp_path / "mlruns").as_uri())
        monkeypatch.delenv("MLFLOW_ALLOW_FILE_STORE")
        experiment = next((tmp_path / "mlruns").glob("*/*/meta.yaml")).parents[1]
        for folder in (tmp_path / "mlruns", experiment):
            runs = read_runs(folder)
            assert rows(runs) == EXPECTED
            assert "val_acc" in runs.scores


class TestHParams:
    def test_what_pytorch_writes_is_read(self, tmp_path):
        write_hparams(tmp_path)
        runs = read_runs(tmp_path)
        assert rows(runs) == EXPECTED
        assert set(runs.settings) == {"seq_len", "seed", "cell", "bidirectional"}
        assert runs.frame.bidirectional.tolist() == [True] * 9

    def test_what_a_study_of_ours_writes_is_read(self, tmp_path):
        write = StudyTensorBoard(tmp_path)
        for run in RUNS:
            write(RunEnded(TrialOutcome(Trial(*run), ACCURACY, scores=Scores(accuracy(*run), seconds=2.0))))
        failed = TrialOutcome(Trial(24, 3), ACCURACY, reason="diverged")
        write(RunEnded(failed))
        runs = read_runs(tmp_path)
        assert rows(runs) == EXPECTED
        assert runs.left_out == {"failed": 1}

    def test_events_without_settings_are_refused(self, tmp_path):
        with SummaryWriter(tmp_path) as writer:
            writer.add_scalar("loss", 0.3, 0)
        with pytest.raises(UsageError, match="no run in it recorded its settings"):
            read_runs(tmp_path)


class LaggedRidge(RegressorMixin, BaseEstimator):
    """A ridge regression on the last so many values."""

    def __init__(self, n_lags=1):
        self.n_lags = n_lags

    def fit(self, X, y):
        self.model_ = Ridge().fit(X[:, -self.n_lags :], y)
        return self

    def predict(self, X):
        return self.model_.predict(X[:, -self.n_lags :])


class TestSearches:
    @pytest.fixture(scope="class")
    @classmethod
    def search(cls):
        series = np.sin(np.arange(400) / 5) + 0.1 * np.random.default_rng(0).normal(size=400)
        windows = np.lib.stride_tricks.sliding_window_view(series, 25)
        model = make_pipeline(FunctionTransformer(), LaggedRidge())
        grid = {"laggedridge__n_lags": [2, 8, 24]}
        return GridSearchCV(model, grid, scoring="neg_mean_absolute_error", cv=4).fit(windows[:, :-1], windows[:, -1])

    def test_a_search_its_results_and_a_table_of_them_are_the_same(self, search, tmp_path):
        pd.DataFrame(search.cv_results_).to_csv(tmp_path / "search.csv", index=False)
        found = [
            tell(read_runs(each))
            for each in (search, search.cv_results_, pd.DataFrame(search.cv_results_), tmp_path / "search.csv")
        ]
        for told in found:
            assert told.divisions == 4
            assert told.columns.length == "laggedridge__n_lags"
            assert told.metric.higher_is_better
            assert told.table.score.tolist() == pytest.approx(found[0].table.score.tolist())
        scores = [search.cv_results_[f"split{fold}_test_score"][1] for fold in range(4)]
        assert found[0].table.query("seq_len == 8").score.tolist() == pytest.approx(scores)

    def test_an_error_is_told_as_such_where_its_name_says_that_it_is_negated(self):
        table = {"param_lags": [2, 4], **{f"split{k}_test_neg_mean_absolute_error": [-0.5, -0.4] for k in range(3)}}
        told = tell(read_runs(table))
        assert told.metric.name == "mean_absolute_error"
        assert not told.metric.higher_is_better
        assert told.table.score.tolist() == [0.5] * 3 + [0.4] * 3


TABLE = pd.DataFrame([{"seq_len": s, "seed": r, "val_acc": accuracy(s, r), "cell": "gru"} for s, r in RUNS])


class TestTables:
    @pytest.mark.parametrize("name", ["runs.csv", "runs.tsv", "runs.csv.gz", "runs.parquet", "runs.xlsx", "runs.jsonl"])
    def test_files_of_tables_are_read(self, name, tmp_path):
        path = tmp_path / name
        match path.suffix:
            case ".parquet":
                TABLE.to_parquet(path)
            case ".xlsx":
                TABLE.to_excel(path, index=False)
            case ".jsonl":
                TABLE.to_json(path, orient="records", lines=True)
            case _:
                TABLE.to_csv(path, index=False, sep="\t" if name.endswith("tsv") else ",")
        runs = read_runs(path)
        assert rows(runs) == EXPECTED
        assert runs.source == name

    def test_a_semicolon_and_a_decimal_comma_are_read(self, tmp_path):
        TABLE.to_csv(tmp_path / "runs.csv", index=False, sep=";", decimal=",")
        assert rows(read_runs(tmp_path / "runs.csv")) == EXPECTED

    def test_nested_records_are_read(self, tmp_path):
        records = [{"config": {"seq_len": s, "seed": r}, "metrics": {"val_acc": accuracy(s, r)}} for s, r in RUNS]
        (tmp_path / "runs.json").write_text(json.dumps(records))
        assert rows(read_runs(tmp_path / "runs.json")) == EXPECTED

    @pytest.mark.parametrize("called", ["{}", "seed_{}", "Run {}"])
    def test_a_column_for_each_seed_is_read(self, called, tmp_path):
        wide = TABLE.pivot(index="seq_len", columns="seed", values="val_acc").rename(columns=called.format)
        wide.to_csv(tmp_path / "wide.csv")
        for source in (wide, tmp_path / "wide.csv"):
            assert rows(read_runs(source), direction="maximize") == EXPECTED

    def test_a_column_for_each_fold_is_read(self):
        wide = pd.DataFrame({"n_lags": [8, 16], "fold0": [0.5, 0.6], "fold1": [0.7, 0.8]})
        found = tell(read_runs(wide), direction="maximize")
        assert found.divisions == 2
        assert found.table.score.tolist() == [0.5, 0.7, 0.6, 0.8]

    def test_frames_in_memory_are_read(self):
        polars = pytest.importorskip("polars")
        for table in (TABLE, TABLE.set_index(["seq_len", "seed"]), TABLE.to_dict("list"), polars.from_pandas(TABLE)):
            assert rows(read_runs(table)) == EXPECTED
        assert rows(read_runs(TABLE.to_dict("records"))) == EXPECTED


@pytest.mark.parametrize(
    ("source", "kind", "message"),
    [
        ("none.csv", UsageError, "there is no none.csv: name a table"),
        (".", UsageError, "is a folder in which no results were found"),
        (5, UsageError, "int is no table of runs"),
        (pd.DataFrame([[1, 2]], columns=["a", "a"]), UsageError, "two columns a"),
        (pd.DataFrame({"seq_len": []}), DataError, "the frame has no finished runs"),
    ],
)
def test_what_has_no_results_is_refused_with_a_sentence(source, kind, message, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(kind, match=message):
        read_runs(source)


def test_a_study_of_ours_is_sent_to_its_report(tmp_path):
    (tmp_path / "study.sqlite").touch()
    with pytest.raises(UsageError, match="lengthwise report"):
        read_runs(tmp_path)


def test_another_database_is_refused(tmp_path):
    with sqlite3.connect(tmp_path / "other.db") as connection:
        connection.execute("CREATE TABLE runs (id)")
    connection.close()
    with pytest.raises(UsageError, match="of neither Optuna nor MLflow"):
        read_runs(tmp_path / "other.db")


class TestShapes:
    """Tables that have no row for each run."""

    @pytest.mark.parametrize("called", ["{}", "seq_len_{}", "len={}", "{} steps", "Lookback {}"])
    def test_a_column_for_each_length(self, called):
        wide = TABLE.pivot(index="seed", columns="seq_len", values="val_acc").rename(columns=called.format)
        found = tell(read_runs(wide), direction="maximize")
        expected = tell(read_runs(TABLE))
        assert found.table.drop(columns="seconds").equals(expected.table.drop(columns="seconds"))

    def test_columns_that_count_on_are_seeds_and_ask_for_the_length(self):
        counted = pd.DataFrame({"x": [8, 16], "1": [0.5, 0.6], "2": [0.7, 0.8], "3": [0.7, 0.8]})
        with pytest.raises(UsageError, match="no column whose name says that it is the length"):
            tell(read_runs(counted), direction="maximize")

    def test_a_row_for_each_metric(self):
        long = (
            TABLE.drop(columns="cell").assign(val_loss=1 - TABLE.val_acc).melt(["seq_len", "seed"], var_name="metric")
        )
        found = tell(read_runs(long))
        assert found.columns.score == "val_acc"
        assert found.table.equals(tell(read_runs(TABLE)).table)
        assert tell(read_runs(long), score="val_loss").table.score.tolist() == (1 - found.table.score).tolist()

    def test_of_a_metric_that_not_all_runs_have_it_is_asked(self):
        long = (
            TABLE.drop(columns="cell").assign(val_loss=1 - TABLE.val_acc).melt(["seq_len", "seed"], var_name="metric")
        )
        twice = pd.concat([long, long.head(1)])
        with pytest.raises(UsageError, match=r"metric \(val_acc, val_loss\)"):
            tell(read_runs(twice))

    @pytest.mark.parametrize(
        "cell", ["{:.2f} ± 0.31", "{:.2f}±0.31%", "{:.2f} +/- 0.31", "{:.2f} (0.31)", "{:.2f}+-.31"]
    )
    def test_means_with_deviations_are_means(self, cell):
        means = TABLE.groupby("seq_len", as_index=False).val_acc.mean()
        found = tell(read_runs(means.assign(val_acc=[cell.format(100 * score) for score in means.val_acc])))
        assert found.table.score.tolist() == pytest.approx(means.val_acc.tolist(), abs=1e-4)
        assert found.notes == (
            "rows seem to be means of several runs (there is val_acc_std): a row for each run would show more",
        )

    @pytest.mark.parametrize("cell", ["{} steps", "{}min", "L={}", "len_{}"])
    def test_lengths_in_words(self, cell):
        found = tell(read_runs(TABLE.assign(seq_len=TABLE.seq_len.map(cell.format))))
        first = TABLE.seq_len.iloc[0]
        assert found.table.equals(tell(read_runs(TABLE)).table)
        assert found.notes == (f"lengths are the numbers in seq_len, such as {first} of {cell.format(first)}",)

    def test_lengths_in_a_column_that_is_named(self):
        models = TABLE.assign(model=TABLE.seq_len.map("lstm_{}".format)).drop(columns="seq_len")
        assert tell(read_runs(models), length="model").table.equals(tell(read_runs(TABLE)).table)

    def test_lengths_in_several_units_are_refused(self):
        mixed = TABLE.assign(seq_len=[f"{length}min" if length < 10 else f"{length}h" for length in TABLE.seq_len])
        with pytest.raises(UsageError, match="but a length is a whole number of steps"):
            tell(read_runs(mixed))
