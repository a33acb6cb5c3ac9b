"""Every line of the table in docs/data.md of what people have and what they type is run, on a file of that kind."""

import re
import shlex
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy.io import wavfile

from lengthwise.cli import main

PAGE = Path(__file__).parents[2] / "docs" / "data.md"
COMMANDS = re.findall(r"^\| .* \| `lengthwise (data info .*)` \|$", PAGE.read_text(), re.MULTILINE)
DAYS = pd.date_range("2026-01-01", periods=120)


def random():
    return np.random.default_rng(0)


def walks(**names):
    """Make a table of 24 sequences of 6 steps, whose columns may have other names."""
    columns = {
        "id": np.repeat(np.arange(24), 6), "t": np.tile(np.arange(6), 24), "x": random().normal(size=144).round(3),
        "label": np.repeat(np.array(["up", "down"])[np.arange(24) % 2], 6),
    }  # fmt: skip
    return pd.DataFrame(columns).rename(columns=names)


def series(**columns):
    """Make a series of 120 days."""
    return pd.DataFrame({"date": DAYS, "sales": random().normal(size=120).cumsum().round(3)} | columns)


def curves(steps=20):
    """Make 30 smooth curves, a row each, and their label."""
    values = random().normal(size=(30, steps)).cumsum(axis=1).round(4)
    return pd.DataFrame(values, columns=[f"t{at}" for at in range(steps)]).assign(label=np.arange(30) % 2)


def logger(path):
    frame = walks(t="Zeit", id="series", x="größe").assign(Zeit=np.tile(DAYS[:6].strftime("%d.%m.%Y %H:%M"), 24))
    text = frame.to_csv(index=False, sep=";", decimal=",")
    path.write_bytes(f"Logger 7\n\n{text}the end\n".encode("cp1252"))


def numbers_with_points(path):
    frame = walks()
    frame["x"] = [f"{1000 * x:,.2f}".translate(str.maketrans(".,", ",.")) for x in frame.x]
    frame.to_csv(path, index=False, sep=";")


def holes(path):
    frame = walks()
    frame["x"] = frame.x.astype(object)
    frame.loc[[3, 20], "x"] = "-999", "?"
    frame.to_csv(path, index=False)


def filled(path):
    frame = curves()
    for row in range(30):
        frame.iloc[row, 10 + row % 9 : 20] = 0
    frame.to_csv(path, index=False)


def pair(path):
    for part, rows in (("TRAIN", slice(0, 20)), ("TEST", slice(20, 30))):
        table = np.roll(curves().to_numpy()[rows], 1, axis=1)
        np.savetxt(path.with_name(f"Curves_{part}.tsv"), table, delimiter="\t")


def recordings(path):
    for at, (_, own) in enumerate(walks().groupby("id")):
        (path / own.label.iloc[0]).mkdir(parents=True, exist_ok=True)
        own[["t", "x"]].to_csv(path / own.label.iloc[0] / f"rec{at}.csv", index=False)


def signals(path):
    path.mkdir()
    lines = ["file,kind"]
    for at, (_, own) in enumerate(walks().groupby("id")):
        own[["t", "x"]].to_csv(path / f"rec{at}.csv", index=False)
        lines.append(f"rec{at}.csv,{own.label.iloc[0]}")
    (path / "labels.csv").write_text("\n".join(lines))


def commands(path):
    for at in range(24):
        label = ("yes", "no")[at % 2]
        (path / label).mkdir(parents=True, exist_ok=True)
        samples = (random().normal(size=4000) * 1000).astype(np.int16)
        wavfile.write(path / label / f"{at // 2:08x}_nohash_0.wav", 8000, samples)


def channels(path):
    for part, count in (("train", 40), ("test", 20)):
        (path / part / "Inertial Signals").mkdir(parents=True)
        for name in ("body_acc_x", "body_acc_y"):
            np.savetxt(path / part / "Inertial Signals" / f"{name}_{part}.txt", random().normal(size=(count, 16)))
        np.savetxt(path / part / f"y_{part}.txt", np.arange(count) % 2 + 1, fmt="%d")
        np.savetxt(path / part / f"subject_{part}.txt", np.arange(count) // 4, fmt="%d")


def arrays(path, *, first=False):
    values, targets = random().normal(size=(40, 30, 2)).astype(np.float32), np.arange(40) % 2
    if first:
        np.savez(path, X=values.transpose(0, 2, 1), y=targets)
    else:
        np.savez(path, X_train=values[:30], y_train=targets[:30], X_test=values[30:], y_test=targets[30:])


def shops(path):
    pd.concat([series(store=store, item=item) for store in "AB" for item in "xy"]).to_csv(path, index=False)


def to(frame, **options):
    return lambda path: frame.to_csv(path, index=False, **options)


MADE = {
    "walks.csv": to(walks()),
    "trials.csv": to(walks(id="trial", t="clock", label="gesture")),
    "surfaces.csv": to(walks(id="series_id", t="step", label="surface")),
    "nights.csv": to(
        walks(id="night", label="kind").assign(subject=lambda f: f.night // 2, night=lambda f: f.night % 2)
    ),
    "pieces.csv": to(walks(id="piece", t="number", label="mood")),
    "steps.csv": to(walks().assign(label=lambda f: f.x > 0)),
    "machine.csv": to(pd.DataFrame({"x": random().normal(size=900), "label": np.arange(900) // 7 % 2})),
    "people.csv": to(walks().assign(person=lambda f: f.id // 3)),
    "logger.csv": logger,
    "money.csv": numbers_with_points,
    "days.csv": to(walks(t="date").assign(date=lambda f: [f"0{step + 1}/01/2026" for step in f.date])),
    "hours.csv": to(walks(t="hour").assign(date="2026-01-31")),
    "parts.csv": to(walks(t="day").assign(year=2026, month=1, day=lambda f: f.day + 1)),
    "ordered.csv": to(walks()),
    "twice.csv": to(walks().assign(t=lambda f: f.t // 2)),
    "holes.csv": holes,
    "events.csv": to(walks().assign(event=lambda f: np.where(f.x > 0, "buy", "view"))),
    "stacked.csv": to(walks().assign(z=1 - walks().x).melt(["id", "t", "label"], var_name="kind")),
    "plain.csv": to(walks()[["id", "x", "label"]], header=False),
    "table.txt": to(walks(id="run"), sep="\t"),
    "book.txt": lambda path: path.write_text("It was the best of times, it was the worst of times. " * 60),
    "chords.csv": to(walks(id="song", label="chord").assign(chord=random().choice(["C", "G", "Am"], 144))),
    "genes.csv": to(
        pd.DataFrame(
            {
                "gene": ["".join(gene) for gene in random().choice(list("ACGT"), (40, 36))],
                "class": [0, 1] * 20,
            }
        )
    ),
    "reviews.csv": to(
        pd.DataFrame({"stars": 5, "review": [" ".join(random().choice(["so", "good"], 9)) for _ in range(40)]})
    ),
    "beats.csv": to(curves(), header=False),
    "rows.csv": to(pd.DataFrame(random().normal(size=(30, 20))).assign(label=np.arange(30) % 2)),
    "Curves_TRAIN.tsv": pair,
    "filled.csv": filled,
    "recordings": recordings,
    "signals": signals,
    "commands": commands,
    "HAR": channels,
    "sales.csv": to(series()),
    "week.csv": to(series()),
    "shops.csv": shops,
    "load.csv": to(series(load=random().normal(size=120))),
    "prices.csv": to(series(close=random().normal(size=120), volume=random().integers(1000, 9000, 120))),
    "years.csv": lambda path: (
        curves(12)
        .drop(columns="label")
        .set_axis(pd.date_range("2001", periods=12, freq="MS").strftime("%b"), axis=1)
        .assign(Year=range(1990, 2020))
        .to_csv(path, index=False)
    ),
    "demand.csv": lambda path: (
        curves(24)
        .drop(columns="label")
        .set_axis([f"HE{hour}" for hour in range(1, 25)], axis=1)
        .assign(Date=pd.date_range("2026-01-01", periods=30).strftime("%Y-%m-%d"))
        .to_csv(path, index=False)
    ),
    "countries.csv": lambda path: (
        curves(40)
        .drop(columns="label")
        .set_axis([str(year) for year in range(1980, 2020)], axis=1)
        .assign(country=[f"Land {row}" for row in range(30)])
        .to_csv(path, index=False)
    ),
    "Monthly-train.csv": lambda path: curves(60).drop(columns="label").head(4).to_csv(path),
    "arrays.npz": arrays,
    "channels.npz": lambda path: arrays(path, first=True),
    "gestures.jsonl": lambda path: (
        walks().groupby("id").agg({"x": list, "label": "first"}).to_json(path, orient="records", lines=True)
    ),
    "faces.csv": lambda path: (
        curves()
        .assign(pixels=lambda frame: frame.drop(columns="label").astype(str).agg(" ".join, axis=1))[["label", "pixels"]]
        .to_csv(path, index=False)
    ),
    "sheet.xlsx": lambda path: walks().to_excel(path, index=False),
}


def test_the_table_has_a_line_for_every_kind_of_file():
    assert [command.split()[2] for command in COMMANDS] == list(MADE)


@pytest.mark.parametrize("command", COMMANDS)
def test_what_is_documented_is_read(command, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    words = shlex.split(command)
    MADE[words[2]](tmp_path / words[2])
    assert main(words) == 0, capsys.readouterr().err
    assert "checksum" in capsys.readouterr().out
