"""The data sets on which the answer is held against what people do now, and the scores of many seeds on them."""

import json
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from lengthwise import Study
from lengthwise.study.cases import scores_of
from lengthwise.study.recipe import Recipe

RESULTS = Path(__file__).parent / "results" / "answer"


def autoregression(*weights: float) -> Callable[[Path], None]:
    """Return what writes a series that depends on as many past values as there are weights: these are enough."""

    def write(path: Path) -> None:
        random = np.random.default_rng(len(weights))
        values = list(random.normal(size=len(weights)))
        for noise in random.normal(size=2500):
            values.append(float(np.dot(weights, values[: -len(weights) - 1 : -1]) + noise))
        path.write_text("\n".join(["value", *(f"{value:.5f}" for value in values)]) + "\n")

    return write


@dataclass(frozen=True)
class Entry:
    """A data set of the panel.

    Attributes
    ----------
    name : str
        Also of its file of results.
    data : str
        As after ``--data``; ``{file}`` stands for the file that `write` makes.
    write : callable, optional
    """

    name: str
    data: str
    write: Callable[[Path], None] | None = None

    def dataset(self, folder: Path) -> str:
        """Return what to give to ``--data``, after the file was written."""
        if self.write is None:
            return self.data
        path = folder / f"{self.name}.csv"
        self.write(path)
        return self.data.format(file=path)


FORECAST = "{file}?task=forecasting&horizon=1&lookback=24"
PANEL = (
    Entry("mnist", "mnist"),
    Entry("digits", "digits"),
    Entry("gunpoint", "aeon:GunPoint"),
    Entry("italypowerdemand", "aeon:ItalyPowerDemand"),
    Entry("arrowhead", "aeon:ArrowHead"),
    Entry("basicmotions", "aeon:BasicMotions"),
    Entry("japanesevowels", "aeon:JapaneseVowels"),
    Entry("osuleaf", "aeon:OSULeaf"),
    Entry("watch", "watch"),
    Entry("airline", "airline"),
    Entry("adding", "adding:100"),
    Entry("ar1", FORECAST, autoregression(0.9)),
    Entry("ar2", FORECAST, autoregression(0.3, 0.6)),
    Entry("walk", FORECAST, autoregression(1.0)),
)


@dataclass
class Found:
    """What was found on a data set.

    Attributes
    ----------
    sentence : str
    recommended : int or None
    decided : bool
    runs : int
    seconds : float
        Wall time of the command.
    margin : float
    higher_is_better : bool
    lengths : list of int
        Candidates.
    scores : list of list of float
        Of every candidate (rows) with many seeds (columns), on validation; empty where that was not made.
    """

    sentence: str
    recommended: int | None
    decided: bool
    runs: int
    seconds: float
    margin: float
    higher_is_better: bool
    lengths: list[int]
    scores: list[list[float]]

    @classmethod
    def load(cls, entry: Entry) -> "Found":
        """Read the results of a data set."""
        return cls(**json.loads((RESULTS / f"{entry.name}.json").read_text()))

    def save(self, entry: Entry) -> None:
        """Write the results of a data set."""
        RESULTS.mkdir(parents=True, exist_ok=True)
        (RESULTS / f"{entry.name}.json").write_text(json.dumps(asdict(self), indent=1) + "\n")


def answered(entry: Entry, folder: Path, limit: str) -> Found:
    """Run the command with no options but a limit of time, and return its answer."""
    out = folder / entry.name
    command = [sys.executable, "-m", "lengthwise", "study", "--data", entry.dataset(folder), "--time", limit]
    began = time.monotonic()
    subprocess.run([*command, "--quiet", "--out", str(out)], check=True)
    seconds = time.monotonic() - began
    study = Study.load(out, read_only=True)
    (answer,) = json.loads((out / "answer.json").read_text())
    return Found(
        sentence=answer["sentence"],
        recommended=answer["recommended"],
        decided=answer["decided"],
        runs=answer["runs"],
        seconds=round(seconds, 1),
        margin=answer["margin"],
        higher_is_better=study.metric.higher_is_better,
        lengths=list(study.design.candidates),
        scores=[],
    )


def with_truth(entry: Entry, found: Found, folder: Path, num_seeds: int) -> Found:
    """Return the results with the scores of every candidate, trained as the answer's networks were."""
    answer = Study.load(folder / entry.name, read_only=True)
    out = folder / f"{entry.name}-truth"
    if out.exists():
        study = Study.load(out)
    else:
        recipe: Recipe = answer.recipe
        study = Study(
            entry.dataset(folder),
            seq_lens=found.lengths,
            seeds=num_seeds,
            recipe=recipe,
            folds=answer.design.folds,
            out=out,
        )
    study.run(until_decided=False)
    runs = study.results.query("status == 'finished'")
    scores = scores_of(study.store, runs, "validation").block(tuple(found.lengths), num_seeds)
    return Found(**asdict(found) | {"scores": scores.round(6).tolist()})
