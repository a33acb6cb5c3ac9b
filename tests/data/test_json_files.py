"""Tables in JSON."""

import gzip
import json

import numpy as np
import pytest

import lengthwise
from lengthwise.errors import DataError

RANDOM = np.random.default_rng(0)
RECORDS = [{"x": RANDOM.normal(size=7).round(3).tolist(), "label": "ab"[number % 2]} for number in range(24)]


def written(path, text):
    path.write_text(text)
    return path


def of_lines(records):
    return "".join(f"{json.dumps(record)}\n" for record in records)


COLUMNS = {name: [record[name] for record in RECORDS] for name in RECORDS[0]}


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.jsonl", of_lines(RECORDS)),
        ("a.ndjson", of_lines(RECORDS).replace("\n", "\r\n\r\n")),
        ("a.json", json.dumps(RECORDS, indent=1)),
        ("a.json", of_lines(RECORDS)),
        ("a.json", json.dumps({"data": RECORDS})),
        ("a.json", json.dumps(COLUMNS)),
    ],
)
def test_every_form_of_a_table_in_json_has_the_same_sequences(tmp_path, name, text):
    data = lengthwise.load_data(written(tmp_path / name, text), standardize="none", seed=1)
    assert (data.task, data.classes, data.num_steps, data.features) == ("classification", ("a", "b"), 7, ("x",))
    values = np.concatenate([data.split(split).values for split in ("train", "validation", "test")])[:, :, 0]
    assert sorted(values.tolist()) == sorted(np.array(COLUMNS["x"], np.float32).tolist())


def test_an_object_may_be_a_step_and_a_file_compressed(tmp_path):
    steps = [
        {"trial": trial, "t": t, "force": float(force), "label": "ab"[trial % 2]}
        for trial in range(12)
        for t, force in enumerate(RANDOM.normal(size=6))
    ]
    (tmp_path / "steps.jsonl.gz").write_bytes(gzip.compress(of_lines(steps).encode()))
    data = lengthwise.load_data(tmp_path / "steps.jsonl.gz")
    assert (data.task, data.num_steps, data.features) == ("classification", 6, ("force",))


def test_texts_with_labels_are_sequences_of_words(tmp_path):
    texts = [{"text": " ".join(RANDOM.choice(["good", "bad", "plot"], 12)), "label": n % 2} for n in range(24)]
    data = lengthwise.load_data(written(tmp_path / "reviews.jsonl", of_lines(texts)))
    assert (data.task, data.num_steps, set(data.features)) == ("classification", 12, {"good", "bad", "plot"})


def test_lists_of_cells_are_rows_of_a_table_without_names(tmp_path):
    rows = [[trial, float(x), "ab"[trial % 2]] for trial in range(12) for x in RANDOM.normal(size=6)]
    data = lengthwise.load_data(written(tmp_path / "rows.json", json.dumps(rows)), sequence="column1", target="column3")
    assert (data.task, data.num_steps, data.features) == ("classification", 6, ("column2",))


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ('{"x": 1}\n{"x": \n', "a.json, line 2 is no JSON: Expecting value"),
        ("[1, 2]", "a.json, object 1: 1 is no object, such as "),
        ('"words"', 'object 1: "words" is no object'),
        ("", "a.json is no JSON: Expecting value"),
        ('{"x": [1, 2], "y": [1]}', "columns of different lengths: x has 2, y has 1"),
        (
            '{"hourly": {"t": [1, 2], "x": [3, 4]}, "daily": {"t": [1, 2], "x": [3, 4]}}',
            "several tables, hourly",
        ),
        ("[" * 100_000, "a.json is nested too deeply|a.json is no JSON"),
    ],
)
def test_what_is_no_table_is_refused_with_its_place(tmp_path, text, sentence):
    with pytest.raises(DataError, match=sentence):
        lengthwise.load_data(written(tmp_path / "a.json", text))


def test_the_table_in_the_answer_of_a_web_service_is_found(tmp_path):
    hours = {"time": [f"2026-01-{1 + hour // 24:02d}T{hour % 24:02d}:00" for hour in range(120)]}
    hours["temperature_2m"] = RANDOM.normal(size=120).round(1).tolist()
    around = {"latitude": 52.5, "hourly_units": {"time": "iso8601", "temperature_2m": "°C"}}
    data = lengthwise.load_data(written(tmp_path / "open.json", json.dumps(around | {"hourly": hours})))
    assert (data.task, data.outlook.target, data.step_seconds) == ("forecasting", "temperature_2m", 3600.0)
    rows = [dict(zip(hours, row, strict=True)) for row in zip(*hours.values(), strict=True)]
    listed = written(tmp_path / "listed.json", json.dumps({"status": "ok", "count": 120, "observations": rows}))
    assert lengthwise.load_data(listed).checksum == data.checksum


def test_what_is_within_objects_has_columns_of_its_own(tmp_path):
    records = [
        {"dateTime": f"01/02/24 0{at // 60}:{at % 60:02d}:00", "value": {"bpm": 60 + at * at % 31, "confidence": 2}}
        for at in range(200)
    ]
    data = lengthwise.load_data(written(tmp_path / "heart.json", json.dumps(records)))
    assert (data.task, data.outlook.target, round(data.step_seconds, 6)) == ("forecasting", "value.bpm", 60.0)
    notes = data.reading.notes
    assert "what objects within objects hold has a column of its own: value.bpm, value.confidence" in notes
    assert "dateTime was read as month, day and year: 01/02/24 00:00:00 is 2024-01-02" in notes


def test_a_file_that_is_no_text_is_refused(tmp_path):
    (tmp_path / "a.json").write_bytes(b"\xff\xfe\x00{")
    with pytest.raises(DataError, match=r"a\.json cannot be read"):
        lengthwise.load_data(tmp_path / "a.json")


def test_a_wrong_value_is_named_by_its_line(tmp_path):
    records = [*RECORDS[:5], {"x": [1.0, None, 2.0], "label": "a"}, *RECORDS[6:]]
    with pytest.raises(DataError, match="line 6"):
        lengthwise.load_data(written(tmp_path / "a.jsonl", of_lines(records)), missing="refuse")
