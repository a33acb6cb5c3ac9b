"""Tables with a sequence a row."""

import numpy as np
import pandas as pd
import pytest

from lengthwise.data import load_data
from lengthwise.errors import DataError, UsageError
from tests.data.made import gathered, in_order


def curves(count=60, steps=20, seed=0):
    """Make smooth curves, (count, steps), and their classes."""
    random = np.random.default_rng(seed)
    return random.normal(size=(count, steps)).cumsum(axis=1).round(3) * 0.1 + random.normal(size=(count, 1)), (
        np.arange(count) % 3
    )


def same(dataset, values):
    expected = in_order(values[:, :, None].astype(np.float32))
    np.testing.assert_allclose(in_order(gathered(dataset)[0]), expected, rtol=1e-6)


@pytest.mark.parametrize(("at", "ending", "sep"), [(-1, "csv", ","), (0, "tsv", "\t"), (0, "txt", "  ")])
def test_a_file_without_names_has_its_label_first_or_last(tmp_path, at, ending, sep):
    values, targets = curves()
    table = np.insert(values, at if at == 0 else values.shape[1], targets, axis=1)
    path = tmp_path / f"a.{ending}"
    path.write_text("\n".join(sep.join(f"{cell:.7e}" for cell in row) for row in table))
    dataset = load_data(path, standardize="none")
    assert dataset.classes == ("0", "1", "2")
    same(dataset, values)
    assert "each row is a sequence of 20 steps: layout=long, if a row is a step" in dataset.reading.notes


def test_named_columns_labels_groups_and_names_of_rows(tmp_path):
    values, targets = curves()
    frame = pd.DataFrame(values, columns=[f"t{at}" for at in range(20)])
    frame.insert(0, "name", [f"row {at}" for at in range(60)])
    frame["subject"] = np.arange(60) // 6
    frame["label"] = np.array(["a", "b", "None"])[targets]
    frame.to_csv(tmp_path / "a.csv", index=False)
    dataset = load_data(tmp_path / "a.csv", standardize="none")
    assert dataset.classes == ("None", "a", "b")
    same(dataset, values)
    assert dict(dataset.reading.facts)["columns"] == "target label; group subject; steps t0 to t19"
    assert "name is not among the steps" in dataset.reading.notes


def test_several_features_are_told_apart_by_the_beginning_of_their_names():
    values, targets = curves(steps=40)
    names = [f"{feature}_{at}" for feature in ("x", "y") for at in range(20)]
    frame = pd.DataFrame(values, columns=names).assign(label=targets)
    dataset = load_data(frame, layout="wide", standardize="none")
    assert dataset.features == ("x", "y")
    expected = np.stack([values[:, :20], values[:, 20:]], axis=2).astype(np.float32)
    np.testing.assert_allclose(in_order(gathered(dataset)[0]), in_order(expected))


def test_rows_end_where_their_cells_are_empty(tmp_path):
    values, targets = curves()
    frame = pd.DataFrame(values).assign(label=targets)
    for row in range(60):
        frame.iloc[row, 10 + row % 10 : 20] = np.nan
    frame.to_csv(tmp_path / "a.csv", index=False)
    dataset = load_data(tmp_path / "a.csv")
    lengths = np.concatenate([dataset.split(name).lengths for name in ("train", "validation", "test")])
    assert sorted(lengths.tolist()) == sorted((10 + np.arange(60) % 10).tolist())


def test_a_series_a_row_is_forecast(tmp_path):
    values, _ = curves(4, 80)
    frame = pd.DataFrame(values, columns=[f"V{at + 2}" for at in range(80)])
    frame.insert(0, "V1", ["M1", "M2", "M3", "M4"])
    frame.iloc[2, 71:] = np.nan
    frame.to_csv(tmp_path / "Monthly-train.csv", index=False)
    dataset = load_data(tmp_path / "Monthly-train.csv", task="forecasting", horizon=1, lookback=4)
    for last in (values[2, 69], values[3, 79]):
        assert np.isclose(dataset.test.numbers[:, 0], last, rtol=1e-4).any()
    assert not np.isclose(dataset.test.numbers[:, 0], values[2, 79], rtol=1e-4).any()


def test_a_training_and_a_test_file_are_read_together(tmp_path):
    values, targets = curves()
    for part, rows in (("TRAIN", slice(0, 40)), ("TEST", slice(40, 60))):
        table = np.insert(values[rows], 0, targets[rows], axis=1)
        np.savetxt(tmp_path / f"Curves_{part}.tsv", table, delimiter="\t")
    dataset = load_data(tmp_path / "Curves_TEST.tsv", standardize="none")
    assert [len(dataset.split(name)) for name in ("train", "validation", "test")] == [34, 6, 20]
    same(dataset, values)


def test_noise_in_a_training_and_a_test_file_without_names_is_the_archives(tmp_path):
    random = np.random.default_rng(0)
    for part in ("TRAIN", "TEST"):
        rows = np.c_[1 + np.arange(30) % 3, random.normal(size=(30, 20))]
        (tmp_path / f"N_{part}.tsv").write_text("\n".join("\t".join(f"{cell:g}" for cell in row) for row in rows))
    dataset = load_data(tmp_path / "N_TRAIN.tsv")
    assert (dataset.classes, dataset.num_steps, len(dataset.test)) == (("1", "2", "3"), 20, 30)


def test_noise_with_a_label_is_not_certainly_wide_and_the_option_says_so():
    random = np.random.default_rng(0)
    frame = pd.DataFrame(random.normal(size=(60, 20)), columns=[f"x{at}" for at in range(20)]).assign(
        label=list("ab") * 30
    )
    with pytest.raises(UsageError, match=r"no column for the sequence of each row.*layout=wide"):
        load_data(frame)
    assert load_data(frame, layout="wide").num_steps == 20


def test_a_recording_of_many_sensors_that_are_alike_is_not_wide():
    random = np.random.default_rng(0)
    slow = random.normal(size=(300, 1)).cumsum(axis=0) + random.normal(size=(300, 24)).cumsum(axis=1) * 0.02
    frame = pd.DataFrame(slow, columns=[f"channel{at}" for at in range(24)]).assign(label=np.arange(300) // 30 % 2)
    assert load_data(frame, task="tagging").input_size == 24


@pytest.mark.parametrize(
    ("edit", "error", "message"),
    [
        (lambda f: f.drop(columns="label"), UsageError, "no column is known as its label: name one .* target=t0 or"),
        (lambda f: f.assign(t3=f.t3.astype(object).where(f.index != 4, "off")), DataError, "row 4: column t3 has off"),
        (lambda f: f.assign(label=f.label.where(f.index != 4)), DataError, "row 4: column label is empty"),
    ],
)
def test_what_is_wrong_is_refused_with_its_row(edit, error, message):
    values, targets = curves()
    frame = pd.DataFrame(values, columns=[f"t{at}" for at in range(20)]).assign(label=np.array(list("abc"))[targets])
    with pytest.raises(error, match=message):
        load_data(edit(frame), layout="wide")
