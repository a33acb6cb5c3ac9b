"""The results of a study as a table of its runs."""

import json
from typing import TYPE_CHECKING

from lengthwise.study.store import Store

if TYPE_CHECKING:
    import pandas as pd

TOLD = (
    "id", "status", "reason", "seq_len", "seed", "metric", "val_score", "seconds", "wall_seconds", "worker",
    "finished_at",
)  # fmt: skip
"""What is known of trainings of the user's own."""

FOLDS = ("folds", "fold")
"""What is known beside it in a study with folds."""


def results_of(store: Store) -> "pd.DataFrame":
    """Return one row a run; see `lengthwise.Study.results`."""
    runs = store.runs()
    if not store.subject.told:
        return runs
    known = runs[[*TOLD[:3], *store.design.axes, *TOLD[3:], *(FOLDS if store.design.folds else ())]]
    more = {run: json.loads(text) for run, text in store.evaluations()[["run", "metrics"]].itertuples(index=False)}
    import pandas as pd  # noqa: PLC0415 - heavy

    told = pd.DataFrame.from_dict(more, orient="index")
    told.columns = [f"{name}_" if name in known.columns else name for name in map(str, told.columns)]
    return known.join(told, on="id")
