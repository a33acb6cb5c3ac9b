"""Does the answer depend on the model? The panel's smallest recorded data sets, answered with three kinds of models."""

import argparse
import json
import tempfile
import warnings
from collections.abc import Callable
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import RidgeClassifierCV, RidgeCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler

from benchmarks.answer_panel import PANEL, RESULTS
from benchmarks.models_chart import draw
from benchmarks.pages import markdown_table, write_between
from lengthwise import Dataset, Split, Study, load_data
from lengthwise.data.folds import fold_of
from lengthwise.tasks.tasks import TASKS

FOLDS = 5
SEEDS = 3
MARGIN = 0.05
"""Of accuracy, and of MASE: with so few cases, half a percentage point is not decided, five may be."""

LENGTHS = {
    "airline": (1, 2, 4, 6, 9, 12, 13, 18, 25),
    "sunspots": (1, 2, 4, 6, 9, 11, 14, 22, 44),
    "italypowerdemand": (2, 4, 8, 12, 16, 20, 24),
    "gunpoint": (5, 10, 20, 40, 80, 120, 150),
    "basicmotions": (5, 10, 20, 40, 70, 100),
}
"""The lengths that are tried on each data set: the last steps of a sequence."""

ALPHAS = np.logspace(-3, 3, 13)
MODELS = {"ridge": "ridge on lags", "rocket": "MiniROCKET", "networks": "our networks"}

ERRORS = ("airline", "sunspots")
"""The data sets whose score is an error."""

PICTURE = Path("docs/images/models.png")
BEGIN = "<!-- begin: python -m benchmarks.answer_models -->"
END = "<!-- end: answer_models -->"

LEAST = 9
"""Steps that ROCKET's kernels need; shorter windows are lengthened with zeros."""


@dataclass
class Answered:
    """What a kind of model answers on a data set.

    Attributes
    ----------
    sentence : str
    lengths : list of int
    scores : list of float
        The mean score at each.
    bounds : list of float
        What each costs at most against the best, with 95 % confidence.
    chosen : int or None
        The recommended length.
    """

    sentence: str
    lengths: list[int]
    scores: list[float]
    bounds: list[float]
    chosen: int | None


def judged(dataset: Dataset, make: Callable[[int], Any], seq_len: int, seed: int, fold: int = 0) -> NDArray[np.float64]:
    """Return the scores of the cases, by a model that reads their last `seq_len` steps, as networks are judged."""
    parts = fold_of(dataset, FOLDS, fold, seed=0).dataset if dataset.task == "classification" else dataset
    train, rest = (np.asarray(split.values)[:, -seq_len:] for split in (parts.train, parts.validation))
    model = make(seed).fit(train, targets_of(parts.train))
    predicted = model.predict(rest)
    cases = np.arange(len(rest))
    scorer = TASKS[dataset.task].scorer(parts.validation, dataset.num_outputs)
    return scorer.add(cases, np.zeros_like(cases), predicted, np.zeros(len(rest), np.float32))


def targets_of(split: Split) -> NDArray[Any]:
    """Return classes, (n,), or numbers in the unit in which a network predicts them, (n, numbers)."""
    if split.targets.ndim == 1:
        return split.targets
    if split.units is None:
        return split.numbers
    return (split.numbers - split.units.origin) / split.units.unit


class Ridge:
    """Ridge regression, or classification, on the values of the last steps side by side."""

    def __init__(self, seed: int, *, classes: bool) -> None:
        self._classifies = classes
        self._model = make_pipeline(
            *self.steps(seed), StandardScaler(), RidgeClassifierCV(ALPHAS) if classes else RidgeCV(ALPHAS)
        )

    def steps(self, seed: int) -> list[Any]:
        """Return what makes features of windows of shape (n, F, steps)."""
        del seed  # nothing is drawn
        return [FunctionTransformer(lambda windows: windows.reshape(len(windows), -1))]

    def fit(self, windows: NDArray[Any], targets: NDArray[Any]) -> "Ridge":
        """Fit to windows of shape (n, steps, F)."""
        self._model.fit(channels_first(windows), targets)
        return self

    def predict(self, windows: NDArray[Any]) -> NDArray[Any]:
        """Return the class of each window, (n,), or its numbers, (n, numbers)."""
        predicted = np.asarray(self._model.predict(channels_first(windows)))
        return predicted if self._classifies else predicted.reshape(len(windows), -1)


class Rocket(Ridge):
    """Ridge regression, or classification, on what MiniROCKET makes of the last steps."""

    def steps(self, seed: int) -> list[Any]:
        """Return MiniROCKET; it reads no targets, some of which would not be to aeon's liking."""
        from aeon.transformations.collection.convolution_based import MiniRocket  # noqa: PLC0415 - an extra

        kernels = MiniRocket(n_kernels=336, random_state=seed)
        return [
            FunctionTransformer(
                lambda windows: kernels.transform(windows) if kernels.is_fitted else kernels.fit_transform(windows)
            )
        ]


def channels_first(windows: NDArray[Any]) -> NDArray[Any]:
    """Return windows of shape (n, steps, F) as (n, F, steps), of no fewer steps than the kernels need."""
    before = max(0, LEAST - windows.shape[1])
    return np.pad(windows, [(0, 0), (before, 0), (0, 0)]).transpose(0, 2, 1).astype(np.float32)


def answered(study: Study, margin: float) -> Answered:
    """Return the answer of a study that was run."""
    (answer,) = study.answers(margin=margin)
    recommendation = answer.recommendation
    means = study.results.groupby("seq_len").val_score.mean()
    bounds = {} if recommendation is None else recommendation.bounds
    return Answered(
        answer.sentence, means.index.tolist(), [round(float(mean), 4) for mean in means],
        [round(float(bounds.get(length, np.nan)), 4) for length in means.index],
        None if recommendation is None else recommendation.seq_len,
    )  # fmt: skip


def study_of(model: str, data: str, dataset: Dataset, lengths: tuple[int, ...]) -> Study:
    """Return the study of a kind of model."""
    classes = dataset.task == "classification"
    folds = FOLDS if classes else 0
    if model == "networks":
        return Study(data, seq_lens=lengths, seeds=SEEDS, folds=folds, placement="end")
    make = partial(Ridge if model == "ridge" else Rocket, classes=classes)
    metric = "accuracy" if classes else "mase"
    objective = partial(judged, dataset, make)
    if classes:
        return Study(objective=objective, metric=metric, seq_lens=lengths, seeds=SEEDS, folds=folds)
    return Study(objective=objective, metric=metric, seq_lens=lengths, seeds=SEEDS)


def table(found: dict[str, dict[str, Any]]) -> str:
    """Return the answers as a table: the recommended length, or none, and the best one seen with its score."""

    def cell(name: str, model: str) -> str:
        answer = Answered(**found[name][model])
        errors = name in ERRORS
        best = answer.lengths[int(np.argmin(answer.scores) if errors else np.argmax(answer.scores))]
        score = min(answer.scores) if errors else max(answer.scores)
        shown = f"{score:.2f}" if errors else f"{100 * score:.1f} %"
        return f"{'not decided' if answer.chosen is None else f'**{answer.chosen}**'}; {best} ({shown})"

    rows = [("data", "steps", *MODELS.values())]
    rows += [(name, str(LENGTHS[name][-1]), *(cell(name, model) for model in MODELS)) for name in LENGTHS]
    return markdown_table(rows)


def main() -> None:
    """Answer with every kind of model on every data set that is asked for, and write the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", nargs="*", default=list(LENGTHS))
    parser.add_argument("--models", nargs="*", default=list(MODELS), choices=list(MODELS))
    parser.add_argument("--write", type=Path, metavar="PAGE", help="write what was found into this page, and draw it")
    chosen = parser.parse_args()
    entries = {entry.name: entry for entry in PANEL}
    path = RESULTS / "models.json"
    for name in chosen.only:
        with tempfile.TemporaryDirectory() as folder, warnings.catch_warnings():
            warnings.simplefilter("ignore")
            data = entries[name].dataset(Path(folder))
            dataset = load_data(data)
            for model in chosen.models:
                study = study_of(model, data, dataset, LENGTHS[name]).run()
                found = json.loads(path.read_text()) if path.exists() else {}
                found.setdefault(name, {})[model] = asdict(answered(study, MARGIN))
                path.write_text(json.dumps(found, indent=1) + "\n")
                print(f"{name}, {MODELS[model]}: {found[name][model]['sentence']}", flush=True)
    if chosen.write is not None:
        found = json.loads(path.read_text())
        write_between(chosen.write, BEGIN, END, table(found))
        draw(found, MODELS, ERRORS, PICTURE)


if __name__ == "__main__":
    main()
