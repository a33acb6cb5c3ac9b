"""The data of a study's figures, as tables: the same numbers for matplotlib and for the page."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from lengthwise.analysis import Interval, LengthSummary
from lengthwise.errors import UsageError
from lengthwise.study.answer import Answer
from lengthwise.study.study import Study

if TYPE_CHECKING:
    import pandas as pd

Results = Study | Answer | Sequence[Answer]
"""The input of a figure."""

SOURCES = {
    "both": "over seeds and sequences",
    "seeds": "over seeds",
    "sequences": "over sequences",
}
"""The sources of uncertainty of an interval, in the order of preference."""


def answers_of(results: Results) -> list[Answer]:
    """Return the answers that a figure shows.

    Raises
    ------
    UsageError
        If there are none.
    """
    if isinstance(results, Study):
        return results.answers()
    found = [results] if isinstance(results, Answer) else list(results)
    if not found:
        raise UsageError(
            "there are no results to draw: give a study with finished runs, an answer or a list of answers."
        )
    return found


def only_answer(results: Results, picture: str) -> Answer:
    """Return the answer of a figure that can show only one.

    Raises
    ------
    UsageError
        If there are several.
    """
    found = answers_of(results)
    if len(found) > 1:
        raise UsageError(
            f"{picture} shows one configuration, but the results have {len(found)}: give one of study.answers()."
        )
    return found[0]


def answers_with_curves(results: Results) -> list[Answer]:
    """Return the answers that a figure of learning curves shows.

    Raises
    ------
    UsageError
        If there are none, or nothing is known of the trainings as they went on.
    """
    found = [answer for answer in answers_of(results) if not answer.learning_curves.empty]
    if not found:
        raise UsageError(
            "the study knows how its trainings ended, but not how they went on: there are no curves of it."
        )
    return found


def source_of(summaries: Sequence[LengthSummary]) -> str:
    """Return the widest source of uncertainty that is known for the most lengths: a name of `SOURCES`."""

    def known(source: str) -> int:
        return sum(not np.isnan(getattr(summary, f"over_{source}").lower) for summary in summaries)

    return max(SOURCES, key=known)


def over_in_words(answer: Answer) -> str:
    """Return what the intervals of an answer are over: ``over seeds and people``, as the cases are called."""
    return SOURCES[source_of(answer.validation)].replace("sequences", answer.cases.title)


def intervals(summaries: Sequence[LengthSummary]) -> list[Interval]:
    """Return an interval for each length, over the source that `source_of` names."""
    source = source_of(summaries)
    return [getattr(summary, f"over_{source}") for summary in summaries]


def mean_learning_curves(answer: Answer) -> "pd.DataFrame":
    """Return the cost and the scores of trainings at each validation, means over seeds.

    If trainings ended at different steps, only the validations that every seed had are kept, so that all means are
    over the same trainings.

    Returns
    -------
    DataFrame
        ``seq_len``, ``update``, ``timesteps``, ``seconds``, ``train_loss``, ``train_score``, ``val_score``,
        ``val_loss``, one row a length and validation.
    """
    columns = ["seconds", "train_loss", "train_score", "val_score", "val_loss"]
    if answer.learning_curves.empty:
        import pandas as pd  # noqa: PLC0415 - heavy

        return pd.DataFrame(columns=["seq_len", "update", "timesteps", *columns], dtype=float)
    curves = answer.learning_curves.groupby(["seq_len", "update"])
    every = curves[columns].mean().reset_index()
    runs = answer.runs.groupby("seq_len").size()
    is_whole = curves.size().to_numpy() == runs.loc[every.seq_len].to_numpy()
    means: pd.DataFrame = every[is_whole].reset_index(drop=True)
    batch_size = int(answer.runs.batch_size.iloc[0])
    means.insert(2, "timesteps", means["update"] * batch_size * means.seq_len)
    return means


def frontier(answer: Answer, cost: str = "seconds") -> "pd.DataFrame":
    """Return the points of `mean_learning_curves` that have the best score at their cost or less, by ascending cost.

    Parameters
    ----------
    answer : Answer
    cost : str
        A column of `mean_learning_curves`.
    """
    curves = mean_learning_curves(answer)
    sign = answer.metric.sign
    curves = curves.assign(merit=sign * curves.val_score).sort_values([cost, "merit"], ascending=[True, False])
    best_before = curves.merit.cummax().shift(fill_value=-np.inf)
    return curves[curves.merit > best_before].drop(columns="merit").reset_index(drop=True)


def matrix(answer: Answer) -> "pd.DataFrame":
    """Return the mean test score by the length of training (rows) and the length of evaluation (columns).

    The columns are the lengths at which all networks were evaluated; there are none in a study of several lengths
    without ``eval_lens``.
    """
    table = answer.evaluations.pivot_table(index="seq_len", columns="eval_len", values="score")
    return table.loc[:, table.notna().all()]


def mean_anytime(answer: Answer) -> "pd.DataFrame":
    """Return the mean test score after every step of the longest window: ``seq_len``, ``steps``, ``score``."""
    return answer.anytime.groupby(["seq_len", "steps"]).score.mean().reset_index()
