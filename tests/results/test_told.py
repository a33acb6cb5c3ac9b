"""What is told of tables with whatever columns."""

import numpy as np
import pandas as pd
import pytest

from lengthwise.errors import DataError, UsageError
from lengthwise.results.columns import find_columns
from lengthwise.results.sources import read_runs
from lengthwise.results.told import tell


def table(**columns):
    """Return a table of lengths 8 and 16 with seeds 0 to 2, and more columns, of 6 values or one."""
    frame = pd.DataFrame({"seq_len": [8, 8, 8, 16, 16, 16], "seed": [0, 1, 2] * 2})
    frame["val_acc"] = [0.80, 0.81, 0.82, 0.90, 0.91, 0.92]
    return frame.assign(**columns)


def told(frame, **options):
    return tell(read_runs(frame), **options)


class TestColumns:
    @pytest.mark.parametrize(
        "name",
        ["seq_len", "SeqLen", "config.lookback", "params/window size", "model__n_lags", "input_chunk_length", "bptt"],
    )
    def test_lengths_are_found_by_their_name(self, name):
        assert told(table().rename(columns={"seq_len": name})).table.seq_len.tolist() == [8] * 3 + [16] * 3

    def test_of_several_lengths_the_one_that_varies_is_meant(self):
        assert told(table(input_size=7)).columns.length == "seq_len"
        with pytest.raises(UsageError, match="several columns that may be the length: seq_len, window: name"):
            told(table(window=[1, 2, 3, 4, 5, 6]))
        assert told(table(window=[1, 2, 3, 4, 5, 6], seed=0), length="window").table.seq_len.tolist() == [
            1,
            2,
            3,
            4,
            5,
            6,
        ]

    @pytest.mark.parametrize("name", ["random_state", "Seed", "run", "rep"])
    def test_seeds_are_found_by_their_name(self, name):
        assert told(table().rename(columns={"seed": name})).table.seed.tolist() == [0, 1, 2] * 2

    def test_seeds_that_are_no_numbers_are_numbered(self):
        assert told(table(seed=["b", "a", "c"] * 2)).table.seed.tolist() == [0, 1, 2] * 2

    def test_runs_without_seeds_have_none_in_common(self):
        seeds = told(table().drop(columns="seed")).table.seed
        assert seeds.nunique() == 6
        unknown = told(table(seed=[0, 1, np.nan, 0, 1, np.nan])).table.seed.tolist()
        assert sorted(unknown) == [0, 0, 1, 1, 2, 3]

    @pytest.mark.parametrize(
        ("columns", "expected"),
        [
            (["val_acc", "train_acc", "test_acc"], "val_acc"),
            (["val_loss", "val/MAE", "epoch_time"], "val/MAE"),
            (["test_rmse", "train_rmse"], "test_rmse"),
            (["eval_loss"], "eval_loss"),
            (["accuracy", "accuracy_std"], "accuracy"),
            (["mean_squared_error", "runtime"], "mean_squared_error"),
        ],
    )
    def test_scores_are_found_by_their_name(self, columns, expected):
        values = np.linspace(0.5, 0.9, 6)
        frame = table(**dict.fromkeys(columns, values))
        runs = read_runs(frame if "val_acc" in columns else frame.drop(columns="val_acc"))
        assert find_columns(runs, length=None, seed=None, score=None, fold=None, case=None).score == expected

    def test_a_score_of_any_name_is_taken_where_there_is_no_other_number(self):
        frame = table().rename(columns={"val_acc": "reached"})
        assert told(frame, direction="minimize").metric.name == "reached"
        with pytest.raises(UsageError, match="whether a higher or a lower reached is better is not known: say so with"):
            told(frame)

    @pytest.mark.parametrize(
        ("frame", "message"),
        [
            (table(val_f1=0.5), r"several scores: val_acc, val_f1: name one with --score"),
            (table().drop(columns="val_acc"), "no column that is surely the score"),
            (table().rename(columns={"val_acc": "train_acc"}), r"scores of training alone \(train_acc\)"),
            (table().rename(columns={"seq_len": "size"}), "no column whose name says that it is the length.*there are"),
        ],
    )
    def test_what_is_not_certain_is_asked_for(self, frame, message):
        with pytest.raises(UsageError, match=message):
            told(frame)

    def test_a_column_that_is_not_there_is_named_with_its_option(self):
        with pytest.raises(UsageError, match="no column val_ac, which --score names: did you mean 'val_acc'"):
            told(table(), score="val_ac")

    def test_a_length_with_a_unit_is_shown(self):
        found = told(table(window=["8s", "8s", "8s", "16s", "16s", "16s"]).drop(columns="seq_len"))
        assert found.table.seq_len.tolist() == [8, 8, 8, 16, 16, 16]
        assert found.notes == ("lengths are the numbers in window, such as 8 of 8s",)
        with pytest.raises(UsageError, match="column window of the frame has 8s, but a length is a whole number"):
            told(table(window=["8s", "8s", "8s", "1h", "1h", "1h"]).drop(columns="seq_len"))

    @pytest.mark.parametrize("wrong", [0, 7.5, "long"])
    def test_lengths_are_whole_numbers(self, wrong):
        with pytest.raises(UsageError, match=f"column size of the frame has {wrong}"):
            told(table(size=pd.Series([8, 8, 8, 16, 16, wrong], dtype=object)).drop(columns="seq_len"), length="size")


class TestScores:
    def test_a_share_up_to_100_becomes_a_fraction(self):
        found = told(table(val_acc=[80.0, 81, 82, 90, 91, 92]))
        assert found.table.score.tolist() == pytest.approx([0.80, 0.81, 0.82, 0.90, 0.91, 0.92])
        assert found.metric.percent
        assert found.metric.name == "accuracy"

    def test_runs_that_did_not_finish_or_have_no_score_are_counted(self):
        found = told(table(val_acc=[0.8, np.nan, np.inf, 0.9, 0.91, 0.92], state=["finished"] * 5 + ["crashed"]))
        assert found.table.score.tolist() == [0.8, 0.9, 0.91]
        assert found.left_out == {"crashed": 1, "without a score": 2}
        assert found.facts()["left out"] == "1 crashed, 2 without a score"
        with pytest.raises(DataError, match="no finished run"):
            told(table(val_acc=np.nan))

    def test_a_failed_run_may_say_so_in_place_of_its_score(self):
        found = told(table(val_acc=pd.Series([0.8, "OOM", 0.82, 0.9, "diverged", 0.92], dtype=object)))
        assert found.table.score.tolist() == [0.8, 0.82, 0.9, 0.92]
        assert found.left_out == {"without a score": 2}

    def test_of_a_row_for_each_split_those_of_validation_count(self):
        splits = pd.concat(
            [table(part=part, val_acc=score) for part, score in (("train", 1), ("val", 0.8), ("test", 0.7))]
        )
        found = told(splits)
        assert found.table.score.tolist() == [0.8] * 6
        assert found.notes == ("of the splits, val counts (--where part=val), not train, test",)
        assert told(splits[splits.part != "val"]).table.score.tolist() == [0.7] * 6
        assert told(splits, where={"part": "train"}).table.score.tolist() == [1] * 6

    def test_of_a_row_for_each_metric_one_is_chosen_and_names_the_score(self):
        frame = table().rename(columns={"val_acc": "value"})
        metrics = pd.concat([frame.assign(metric="val_acc"), frame.assign(metric="val_mae")])
        with pytest.raises(UsageError, match="several scores: val_acc, val_mae: name one with --score"):
            told(metrics)
        found = told(metrics, where={"metric": "val_mae"})
        assert found.metric.name == "mae"
        assert found.split == "validation"
        found = told(table(metric="accuracy").rename(columns={"val_acc": "val_score"}))
        assert (found.metric.name, found.split) == ("accuracy", "validation")

    def test_what_is_little_above_1_is_no_percentage(self):
        found = told(table(val_f1=[0.90, 0.91, 0.92, 0.98, 0.99, 1.002]).drop(columns="val_acc"))
        assert found.table.score.max() == 1.002
        assert (found.metric.percent, found.metric.absolute, found.metric.margin) == (False, False, 0.02)

    def test_means_of_runs_are_pointed_out(self):
        found = told(table(val_acc_std=0.01).rename(columns={"val_acc": "val_acc_mean"}))
        assert found.metric.name == "accuracy"
        assert found.notes == (
            "rows seem to be means of several runs (there is val_acc_std): a row for each run would show more",
        )

    def test_which_scores_were_passed_over_and_what_is_wrong_with_them_is_said(self):
        frame = table(val_loss=0.3).rename(columns={"val_acc": "test_acc", "val_loss": "test_loss"})
        assert told(frame).notes == (
            "lengths are compared by test_acc, not by test_loss (--score)",
            "test_acc is of a test split: a length chosen by it looks better on it than it is",
        )
        assert told(table(train_acc=0.9)).notes == ()
        assert told(frame, score="test_loss").notes == (
            "test_loss is of a test split: a length chosen by it looks better on it than it is",
        )
        assert "does not tell how unseen sequences" in told(table(train_acc=0.9), score="train_acc").notes[-1]


class TestSelection:
    def test_of_a_setting_that_may_be_chance_it_is_asked_what_it_is(self):
        frame = table(attempt=["x", "x", "y"] * 2).drop(columns="seed")
        with pytest.raises(UsageError) as refused:
            told(frame)
        assert str(refused.value) == (
            "the runs of the frame differ in more than their length: attempt (x, y). Choose one value, as with "
            "--where attempt=x, or count all alike with --ignore attempt."
        )

    def test_a_setting_in_which_runs_of_a_length_differ_is_chosen_or_ignored(self):
        frame = table(model=["gru", "gru", "lstm"] * 2)
        assert told(frame, where={"model": "gru"}).table.score.tolist() == [0.80, 0.81, 0.90, 0.91]
        assert len(told(frame, ignore=["model"]).table) == 6
        assert told(frame, ignore=["model"]).notes == ()
        assert told(frame.assign(model=["gru"] * 4 + ["lstm"] * 2), ignore=["model"]).notes == (
            "model is not the same mix at every length: they are compared fairly only if it was drawn by chance",
        )

    def test_a_setting_that_goes_with_the_length_is_a_note(self):
        found = told(table(batch_size=[64] * 3 + [32] * 3))
        assert found.notes == ("batch_size goes with the length (32: 16; 64: 8): lengths may differ because of it",)

    @pytest.mark.parametrize(
        "more",
        [
            {"run_name": list("abcdef")},
            {"host": ["a", "b", "a"] * 2},
            {"best_epoch": [5, 6, 5, 6, 5, 6]},
            {"wall": [1.5, 1.6, 1.7, 1.8, 1.9, 2.0]},
            {"params": 100},
            {"notes": None},
        ],
    )
    def test_what_says_nothing_of_how_a_run_was_trained_is_passed_over(self, more):
        assert told(table(**more)).notes == ()

    def test_a_setting_that_some_runs_lack_is_one(self):
        found = told(table(dropout=[0.5, None, 0.5] * 2))
        assert [each.values for each in found.configurations] == [{"dropout": 0.5}, {"dropout": None}]
        assert found.table.score.tolist() == [0.80, 0.82, 0.90, 0.92, 0.81, 0.91]
        assert len(told(table(dropout=[0.5, None, 0.5] * 2), where={"dropout": "none"}).table) == 2

    def test_a_number_that_tells_runs_apart_that_are_alike_otherwise_is_a_setting(self):
        twice = pd.concat([table(width=1), table(width=2)])
        found = told(twice)
        assert [each.values for each in found.configurations] == [{"width": 1}, {"width": 2}]
        assert found.facts()["configurations"] == (
            "width 1; width 2 (one alone with --where width=1, all alike with --ignore width)"
        )

    def test_a_setting_with_a_value_for_each_run_cannot_be_chosen(self):
        with pytest.raises(UsageError, match=r"lr \(.*\. No two lengths have the same: count all alike") as refused:
            told(table(lr=np.linspace(0.001, 0.3, 6)).assign(seed=range(6)))
        assert "--where" not in str(refused.value)

    def test_where_takes_numbers_as_texts_and_names_what_there_is(self):
        frame = table(lr=[0.1, 0.01, 0.01] * 2)
        assert len(told(frame, where={"lr": "1e-2"}).table) == 4
        with pytest.raises(UsageError, match=r"no run of the frame has lr=5: lr is 0.01, 0.1\."):
            told(frame, where={"lr": 5})
        with pytest.raises(UsageError, match="no column lrr, which --where names: did you mean 'lr'"):
            told(frame, where={"lrr": 5})

    def test_of_a_row_for_each_epoch_the_last_counts(self):
        epochs = pd.concat([table(epoch=0, val_acc=0.1, train_acc=0.5), table(epoch=1, train_acc=0.9)])
        found = told(epochs)
        assert found.table.score.tolist() == [0.80, 0.81, 0.82, 0.90, 0.91, 0.92]
        assert found.notes == ("of each run, the row of its last epoch counts (1; --where epoch=N for another)",)
        assert told(epochs, where={"epoch": 0}).table.score.tolist() == [0.1] * 6
        assert "its last epoch counts (0, 1; --where" in told(epochs.iloc[:-1]).notes[0]

    def test_rows_that_are_there_twice_count_once_and_of_others_the_mean(self):
        found = told(pd.concat([table(), table().head(2)]))
        assert found.table.score.tolist() == [0.80, 0.81, 0.82, 0.90, 0.91, 0.92]
        assert found.notes == ("2 rows that are there twice count once",)
        found = told(pd.concat([table(), table(val_acc=0.9).head(1)]))
        assert found.table.score.tolist() == pytest.approx([0.85, 0.81, 0.82, 0.90, 0.91, 0.92])
        assert found.notes == ("1 rows have the seq_len, seed of another one but not its score: the mean counts",)


class TestCasesAndFolds:
    def test_cases_that_all_runs_have_are_kept(self):
        cases = pd.concat([table(series=name, val_acc=0.1 * place) for place, name in enumerate("abc")])
        found = told(cases.iloc[:-1])
        assert found.columns.case == "series"
        assert len(found.table) == 12
        assert found.notes == ("1 of 3 cases are left out, since not all runs have them",)

    def test_without_cases_in_common_only_means_are_compared(self):
        cases = pd.concat([table(), table(val_acc=0.5)]).assign(person=range(12))
        found = told(cases, case="person")
        assert found.table.score.tolist() == pytest.approx([0.65, 0.655, 0.66, 0.70, 0.705, 0.71])
        assert found.notes == ("no two cases are in all runs, so that only the means of runs are compared",)

    def test_folds_of_several_seeds_are_cases(self):
        found = told(pd.concat([table(fold=1), table(fold=2, val_acc=0.5)]))
        assert found.divisions == 0
        assert found.cases == "folds"
        assert found.table.query("seed == 0").score.tolist() == [0.80, 0.5, 0.90, 0.5]

    def test_a_run_that_lacks_a_fold_does_not_count(self):
        found = told(pd.concat([table(fold=1), table(fold=2).head(5)]))
        assert len(found.table) == 10
        assert found.notes == ("1 of 6 runs count no more, since they lack a fold",)

    def test_folds_of_one_seed_are_divisions_of_the_same_data(self):
        for frame in (table(seed=42), table().drop(columns="seed")):
            found = told(frame.assign(fold=[0, 1, 2] * 2))
            assert found.divisions == 3
            assert found.table.seed.tolist() == [0, 1, 2] * 2
