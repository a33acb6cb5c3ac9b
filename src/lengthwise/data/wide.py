"""Tables in wide form: a row is a whole sequence, a column a step, and one column its label."""

import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from lengthwise.data.cells import are_names, as_numbers, as_text, is_missing, is_number_column
from lengthwise.data.column_names import GROUP, SPLIT, TARGET, plain_name
from lengthwise.data.options import Options
from lengthwise.data.reading import Reading, listed
from lengthwise.data.sequence_types import Sequences
from lengthwise.errors import DataError, UsageError

MANY = 16
"""A table with fewer columns of numbers is in wide form only if an option says so."""

MORE = 2
"""A table with so many times as many steps as rows has a series to forecast in each row."""

SAMPLE = 2000
"""Rows that show whether a table is in wide form."""

FEW_CLASSES = 50
CLOSER = 0.6
"""Neighbouring cells of a row differ by less than this share of what neighbouring cells of a column differ by."""

RELATED = 0.5
"""Neighbouring rows of recordings are correlated by more than this, those of unrelated sequences are not."""

ELSEWHERE = 1.02
"""There may be so many times as many zeros as at the ends of rows."""

NAME = re.compile(r"(.*?)[ _.:\-\[(]*(\d+)[\])]*")
"""A name that ends in a number: the feature, and the step."""

Row = Callable[[int], str]


def is_wide(frame: pd.DataFrame, options: Options) -> bool:
    """Return whether each row of a table is certainly a whole sequence, or an option says so.

    The steps are columns of numbers with numbered names; and rows end at different steps, or have the same mean and
    deviation, or change from cell to cell by less than from row to row,
    though neighbouring rows are not alike.
    """
    if options.layout is not None:
        return options.layout == "wide"
    if options.sequence or options.time or options.features:
        return False
    columns = [name for name in map(str, frame) if is_number_column(frame[name]) and NAME.fullmatch(name)]
    if len(columns) < max(MANY, frame.shape[1] - len((*GROUP, *TARGET))):
        return False
    if options.task == "forecasting" and len(columns) > MORE * len(frame):
        return True
    labels = _label_columns(frame, options)
    steps = frame[[name for name in columns if name not in labels]].head(SAMPLE).to_numpy(np.float64, na_value=np.nan)
    if len(steps) < 3:
        return False
    return _end_apart(steps) or (bool(labels) and _are_curves(steps[~np.isnan(steps).any(axis=1)]))


def _end_apart(steps: NDArray[np.float64]) -> bool:
    """Return whether rows end at different columns, in missing cells or in zeros that are hardly anywhere else."""
    missing = np.isnan(steps)
    if missing.any():
        return bool((missing == (np.cumsum(missing, axis=1) > 0)).all())
    ends = np.cumsum((steps != 0)[:, ::-1], axis=1) == 0
    return bool((ends.sum(axis=1) > 2).mean() > 0.2 and (steps == 0).sum() <= ELSEWHERE * ends.sum())


def _are_curves(steps: NDArray[np.float64]) -> bool:
    """Return whether rows are standardised, or change from cell to cell by less than from row to row."""
    if len(steps) < 3:
        return False
    if np.allclose(steps.mean(axis=1), 0, atol=1e-3) and np.ptp(steps.std(axis=1)) < 0.05:
        return True
    along, across = np.abs(np.diff(steps, axis=1)).mean(), np.abs(np.diff(steps, axis=0)).mean()
    centred = steps - steps.mean(axis=0)
    following = (centred[1:] * centred[:-1]).sum() / max((centred**2).sum(), np.finfo(float).tiny)
    return bool(along < CLOSER * across and following < RELATED)


def from_wide(frame: pd.DataFrame, options: Options, source: str, row: Row, notes: tuple[str, ...] = ()) -> Sequences:
    """Return the sequences of a table in wide form.

    Raises
    ------
    UsageError
        If there is no column of labels, or several could be it.
    DataError
        If a cell is no number.
    """
    forecasting = options.task == "forecasting"
    target = None if forecasting else _target(frame, options, source)
    others = {name: plain_name(name) for name in frame.columns if name != target}
    split = options.split or next((name for name, plain in others.items() if plain in SPLIT), None)
    group = options.group or next((name for name, plain in others.items() if plain in GROUP), None)
    for name in (split, group):
        if name is not None and name not in frame:
            raise UsageError(f"{source} has no column {name!r}: its columns are {listed(list(frame.columns))}.")
    used = {target, split, group}
    left_out, steps = _steps(frame, [name for name in map(str, frame) if name not in used], options)
    if len(steps) < 2:
        there = f"one column of numbers, {steps[0]}" if steps else "no columns of numbers"
        raise UsageError(
            f"{source} has {there}, but where a row is a whole sequence there is one for each of its steps: "
            f"layout=long, if a row is a step."
        )
    features, values = _values(frame, steps, options, source, row)

    def place(sequence: int, step: int, feature: int) -> str:
        return f"{source}, {row(sequence)}: column {features[feature][1][step]}"

    said: tuple[str, ...] = (f"each row is a sequence of {values.shape[1]:,} steps: layout=long, if a row is a step",)
    if left_out:
        said += (f"{listed(left_out)} {'is' if len(left_out) == 1 else 'are'} not among the steps",)
    labels = np.full(len(frame), values.shape[1])
    if target is not None:
        labels = _labels(frame[target], options, source, row)
    shown = f"steps {features[0][1][0]} to {features[-1][1][-1]}"
    uses = {"target": target, "split": split, "group": group}
    return Sequences(
        source=source,
        values=values,
        targets=labels,
        splits=None if split is None else frame[split].to_numpy(),
        groups=None if group is None else frame[group].to_numpy(),
        features=tuple(name for name, _ in features) if len(features) > 1 else (),
        place=place,
        reading=Reading(
            (("columns", "; ".join([*(f"{use} {name}" for use, name in uses.items() if name), shown])),),
            (*notes, *said),
        ),
    )


def _label_columns(frame: pd.DataFrame, options: Options) -> list[str]:
    """Return the columns that may hold the labels: one with a usual name, or else the first or the last."""
    if options.target is not None:
        return [options.target]
    there = [name for name in map(str, frame) if plain_name(name) not in (*SPLIT, *GROUP)]
    usual = [name for name in there if plain_name(name) in TARGET]
    if usual:
        return usual[:1]
    ends = list(dict.fromkeys([there[0], there[-1]]))
    words = [name for name in ends if not is_number_column(frame[name]) and _repeats(frame[name])]
    if words:
        return words
    body = frame[there[1:-1]].head(SAMPLE).select_dtypes("number").to_numpy(np.float64, na_value=np.nan)
    if not body.size or (body[~np.isnan(body)] == np.floor(body[~np.isnan(body)])).mean() > 0.9:
        return []
    return [name for name in ends if _is_class(frame[name])]


def _repeats(column: "pd.Series[Any]") -> bool:
    return 1 < column.nunique() <= min(FEW_CLASSES, max(2, len(column) // 2))


def _is_class(column: "pd.Series[Any]") -> bool:
    if not is_number_column(column) or not _repeats(column) or column.isna().any():
        return False
    values = column.to_numpy(np.float64)
    return bool((values == np.floor(values)).all())


def _target(frame: pd.DataFrame, options: Options, source: str) -> str:
    found = _label_columns(frame, options)
    for name in found:
        if name not in frame:
            raise UsageError(f"{source} has no column {name!r}: its columns are {listed(list(frame.columns))}.")
    if len(found) == 1:
        return found[0]
    ends = found or [frame.columns[0], frame.columns[-1]]
    raise UsageError(
        f"{source} has a sequence in each row, but no column is known as its label: name one with the option "
        f"target=COLUMN, for example target={ends[0]} or target={ends[-1]}."
    )


def _steps(frame: pd.DataFrame, names: list[str], options: Options) -> tuple[list[str], list[str]]:
    """Return the columns that are no steps, and those that are: numbers, but for a name or a number of the row."""
    words = [name for name in names if not is_number_column(frame[name]) and not _is_numeric_text(frame[name], options)]
    steps = [name for name in names if name not in words]
    numbered = [name for name in steps if NAME.fullmatch(name)]
    if 1 < len(numbered) < len(steps):
        words += [name for name in steps if name not in numbered]
        steps = numbered
    return words, steps


def _is_numeric_text(column: "pd.Series[Any]", options: Options) -> bool:
    known = ~is_missing(column, options)
    return not known.any() or not as_numbers(column, options).wrong[known].all()


def _values(
    frame: pd.DataFrame, steps: list[str], options: Options, source: str, row: Row
) -> tuple[list[tuple[str, list[str]]], NDArray[np.float64]]:
    """Return each feature's name with its columns, and the values, (n, T, F)."""
    parts: dict[str, list[str]] = {}
    for name in steps:
        match = NAME.fullmatch(name)
        parts.setdefault(match[1] if match else "", []).append(name)
    even = len({len(names) for names in parts.values()}) == 1 and all(len(names) > 1 for names in parts.values())
    features = list(parts.items()) if even else [("", steps)]
    values = np.empty((len(frame), len(features[0][1]), len(features)))
    for number, (_, names) in enumerate(features):
        for step, name in enumerate(names):
            column = as_numbers(frame[name], options)
            if column.wrong.any():
                at = int(np.argmax(column.wrong))
                raise DataError(
                    f"{source}, {row(at)}: column {name} has {frame[name].iloc[at]!s}, but steps must be numbers."
                )
            values[:, step, number] = column.values
    return features, values


def _labels(column: "pd.Series[Any]", options: Options, source: str, row: Row) -> NDArray[Any]:
    if column.isna().any():
        at = int(np.argmax(column.isna().to_numpy()))
        raise DataError(f"{source}, {row(at)}: column {column.name} is empty, but every row needs its label.")
    if is_number_column(column):
        return column.to_numpy()
    if options.task != "regression" and are_names(as_text(column)):
        return as_text(column).to_numpy(object)
    numbers = as_numbers(column, options)
    missing = is_missing(column, options)
    return column.to_numpy(object) if numbers.wrong.any() or missing.any() else numbers.values
