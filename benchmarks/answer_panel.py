"""The data sets on which the answer is held against what people do now, and the scores of many seeds on them."""

import json
import os
import resource
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field, replace
from importlib.util import find_spec
from pathlib import Path
from pydoc_data.topics import topics

import numpy as np

from lengthwise import Study

RESULTS = Path(__file__).parent / "results" / "answer"

MANUAL = 200_000
"""Characters of the manual that are taken."""

Writer = Callable[[Path], None]


def autoregression(*weights: float, steps: int = 2500) -> Writer:
    """Return what writes a series that depends on as many past values as there are weights: these are enough."""

    def write(path: Path) -> None:
        random = np.random.default_rng(len(weights))
        values = list(random.normal(size=len(weights)))
        for noise in random.normal(size=steps):
            values.append(float(np.dot(weights, values[: -len(weights) - 1 : -1]) + noise))
        path.write_text("\n".join(["value", *(f"{value:.5f}" for value in values)]) + "\n")

    return write


def write_notes(path: Path) -> None:
    """Write pieces of notes whose label at every step is the note three steps before: four steps are enough."""
    random = np.random.default_rng(3)
    rows = ["id,step,note,label"]
    for piece in range(120):
        notes = random.integers(60, 65, size=60)
        labels = [*random.integers(60, 65, size=3), *notes[:-3]]
        rows += [
            f"{piece},{step},{note},n{label}" for step, (note, label) in enumerate(zip(notes, labels, strict=True))
        ]
    path.write_text("\n".join(rows) + "\n")


def write_markov(path: Path) -> None:
    """Write a text whose characters depend on the three before them: three steps are enough."""
    random = np.random.default_rng(4)
    odds = random.dirichlet([0.2] * 6, size=(6, 6, 6))
    places = [0, 1, 2]
    for chance in random.random(60_000):
        places.append(int(np.searchsorted(odds[tuple(places[-3:])].cumsum(), chance).clip(0, 5)))
    path.write_text("".join("abcde "[place] for place in places))


def write_manual(path: Path) -> None:
    """Write the beginning of the reference of Python that Python has for its `help`: English, with programs."""
    path.write_text("\n".join(text for _, text in sorted(topics.items()))[:MANUAL], encoding="utf-8")


def write_sunspots(path: Path) -> None:
    """Write the yearly sunspots that come with statsmodels."""
    found = find_spec("statsmodels")
    if found is None or found.submodule_search_locations is None:
        raise SystemExit("the sunspots come with statsmodels, which is not installed: pip install statsmodels.")
    path.write_bytes((Path(found.submodule_search_locations[0]) / "datasets/sunspots/sunspots.csv").read_bytes())


@dataclass(frozen=True)
class Entry:
    """A data set of the panel.

    Attributes
    ----------
    name : str
        Also of its files of results.
    data : str
        As after ``--data``; ``{file}`` stands for the file that `write` makes.
    write : callable, optional
    ending : str
        Of the file's name.
    lengths : str, optional
        The lengths whose truth is made, where all would take too long.
    """

    name: str
    data: str
    write: Writer | None = None
    ending: str = "csv"
    lengths: str | None = None

    def dataset(self, folder: Path) -> str:
        """Return what to give to ``--data``, after the file was written."""
        if self.write is None:
            return self.data
        path = folder / f"{self.name}.{self.ending}"
        if not path.exists():
            self.write(path)
        return self.data.format(file=path)


FORECAST = "{file}?task=forecasting&horizon=1"
PANEL = (
    Entry("mnist", "mnist", lengths="20,22,23,24,26,28"),
    Entry("fashion", "/usr/share/datasets/fashion-mnist", lengths="22,24,26,27,28"),
    Entry("digits", "digits"),
    Entry("gunpoint", "aeon:GunPoint"),
    Entry("italypowerdemand", "aeon:ItalyPowerDemand"),
    Entry("arrowhead", "aeon:ArrowHead"),
    Entry("basicmotions", "aeon:BasicMotions"),
    Entry("japanesevowels", "aeon:JapaneseVowels"),
    Entry("osuleaf", "aeon:OSULeaf"),
    Entry("watch", "watch"),
    Entry("airline", "airline"),
    Entry("sunspots", FORECAST, write_sunspots),
    Entry("adding", "adding:100"),
    Entry("manual", "{file}", write_manual, "txt"),
    Entry("markov", "{file}", write_markov, "txt"),
    Entry("notes", "{file}", write_notes),
    Entry("daily", FORECAST, autoregression(*[0.0] * 23, 0.9)),
    Entry("ar1", f"{FORECAST}&lookback=24", autoregression(0.9)),
    Entry("ar2", f"{FORECAST}&lookback=24", autoregression(0.3, 0.6)),
    Entry("walk", f"{FORECAST}&lookback=24", autoregression(1.0)),
)


@dataclass
class Found:
    """What a study with no options answered on a data set.

    Attributes
    ----------
    sentence : str
    recommended : int or None
    decided : bool
    bound : list
        Where nothing is recommended: the length of which the sentence tells a bound, and the bound; else empty.
    guess : int or None
        Where nothing is recommended: the length that did best.
    runs : int
    seconds : float
        Wall time of the command.
    cpu_seconds : float
        Its processor time: on idle cores, about the wall time times their number.
    load : float
        How many threads wanted a core in the last minute, on average, the command's own among them.
    margin : float or None
        None where lengths could not be compared.
    lengths : list of int
        Candidates.
    recipe : str
        The options that repeat what was trained.
    folds : int
    times : list of float
        Wall times of as many runs of the command, ascending; this is the one in their middle.
    """

    sentence: str
    recommended: int | None
    decided: bool
    bound: list[float]
    guess: int | None
    runs: int
    seconds: float
    cpu_seconds: float
    load: float
    margin: float | None
    lengths: list[int]
    recipe: str
    folds: int
    times: list[float] = field(default_factory=list)

    @classmethod
    def load_of(cls, entry: Entry) -> "Found | None":
        """Read what was answered on a data set; None if there is nothing."""
        path = answer_path(entry)
        return cls(**json.loads(path.read_text())) if path.exists() else None

    def save(self, entry: Entry) -> None:
        """Write what was answered on a data set."""
        RESULTS.mkdir(parents=True, exist_ok=True)
        answer_path(entry).write_text(json.dumps(asdict(self), indent=1) + "\n")


def answer_path(entry: Entry) -> Path:
    """Return the file of the answer on a data set."""
    return RESULTS / f"{entry.name}.json"


def children_seconds() -> float:
    """Return the processor time of the processes that were started here and have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def answered(entry: Entry, folder: Path, limit: str, times: int = 1) -> Found:
    """Run the command with no options but a limit of time, and return its answer; of several times, the median's."""
    found = sorted((_answered(entry, folder, limit, turn) for turn in range(times)), key=lambda one: one.seconds)
    return replace(found[times // 2], times=[one.seconds for one in found])


def _answered(entry: Entry, folder: Path, limit: str, turn: int) -> Found:
    out = folder / (f"{entry.name}-{turn + 1}" if turn else entry.name)
    command = [sys.executable, "-m", "lengthwise", "study", "--data", entry.dataset(folder), "--time", limit]
    began, used = time.monotonic(), children_seconds()
    subprocess.run([*command, "--quiet", "--out", str(out)], check=True)
    seconds, used = time.monotonic() - began, children_seconds() - used
    load = os.getloadavg()[0]
    study = Study.load(out, read_only=True)
    (answer,) = study.answers()
    recommendation = answer.recommendation
    undecided = None if recommendation is None or recommendation.seq_len is not None else recommendation
    shown = None if undecided is None else undecided.best_bound
    return Found(
        sentence=answer.sentence,
        recommended=None if recommendation is None else recommendation.seq_len,
        decided=recommendation is not None and recommendation.decided,
        bound=[] if shown is None else [shown.seq_len, shown.bound],
        guess=None if undecided is None else undecided.best_seq_len,
        runs=len(answer.runs),
        seconds=round(seconds, 1),
        cpu_seconds=round(used, 1),
        load=round(load, 1),
        margin=None if recommendation is None else recommendation.margin,
        lengths=list(study.design.candidates),
        recipe=study.recipe.as_options(),
        folds=study.design.folds,
    )
