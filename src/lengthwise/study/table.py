"""A study whose runs were made before, and are told from a table."""

from collections import Counter
from contextlib import nullcontext
from pathlib import Path
from typing import Any

from lengthwise._version import __version__
from lengthwise.data.dataset import Dataset
from lengthwise.errors import UsageError
from lengthwise.study.design import Design
from lengthwise.study.lock import exclusive
from lengthwise.study.outcome import Run
from lengthwise.study.store import FILE, Store
from lengthwise.study.trial import TrialOutcome
from lengthwise.study.trials import Trials
from lengthwise.tasks.metrics import Metric

TABLE = "table"
"""What the store notes as the kind of such a study's trainer."""


class Table(Trials):
    """Makes no runs: those that there are were told."""

    @property
    def dataset(self) -> Dataset:
        """There are none."""
        raise UsageError("the study's runs were read from a table: add runs there, and read it again with decide.")

    def check(self, folder: Path | None) -> None:  # noqa: ARG002 - of a trainer
        """Raise `UsageError`: no runs can be made."""
        self.dataset  # noqa: B018 - says so

    def runs(self, design: Design) -> list[Run]:  # noqa: ARG002 - of a trainer
        """Return none, since none is missing."""
        return []


def begin_table(
    folder: Path | None, name: str, metric: Metric, outcomes: list[TrialOutcome], noted: dict[str, Any]
) -> tuple[Table, Store]:
    """Make a study of runs that are known.

    Parameters
    ----------
    folder : Path or None
        It may hold the study of an earlier table, which is replaced.
    name : str
        What the table is called.
    metric : Metric
    outcomes : list of TrialOutcome
        At least one.
    noted : dict
        What the store notes beside them; see `lengthwise.study.subject`.

    Raises
    ------
    UsageError
        If the folder holds a study of another kind.
    """
    if folder is not None:
        _make_way(folder)
    told = {
        "metric": metric.name,
        "direction": "maximize" if metric.higher_is_better else "minimize",
        "baseline": None,
        **noted,
    }
    told["trainer"] = {"kind": TABLE} | noted.get("trainer", {})
    with nullcontext() if folder is None else exclusive(folder):
        store = Store.create(folder, _design(name, outcomes), {"lengthwise": __version__, "told": told})
        for outcome in outcomes:
            store.add(outcome)
    return Table(metric), store


def _design(name: str, outcomes: list[TrialOutcome]) -> Design:
    """Return the lengths, how many seeds each has, and the configurations; which seeds they are, the runs say."""
    each = Counter((outcome.settings.configuration, outcome.settings.seq_len) for outcome in outcomes)
    counts: dict[int, int] = {}
    axes: dict[str, dict[Any, None]] = {}
    for (configuration, seq_len), count in each.items():
        counts[seq_len] = max(count, counts.get(seq_len, 0))
        for axis, value in configuration:
            axes.setdefault(axis, {})[value] = None
    fewest = min(counts.values())
    return Design(
        data=name,
        seq_lens=tuple(sorted(counts)),
        seeds=tuple(range(fewest)),
        budget=None,
        eval_lens=(),
        settings={},
        more_seeds={length: count for length, count in counts.items() if count > fewest},
        axes={axis: tuple(values) for axis, values in axes.items()},
    )


def _make_way(folder: Path) -> None:
    """Remove the study of an earlier table.

    Raises
    ------
    UsageError
        If a folder holds another study.
    """
    if not (folder / FILE).exists():
        return
    store = Store.open(folder)
    kind = store.environment.get("told", {}).get("trainer", {}).get("kind")
    store.close()
    if kind != TABLE:
        raise UsageError(f"{folder} holds a study that was not read from a table: name another folder with --out.")
    with exclusive(folder):
        (folder / FILE).unlink()
