"""Tables with a row for each value, as tsfresh stacks them: a column says which feature it is of."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from lengthwise.data.column_names import plain_name
from lengthwise.data.options import Options
from lengthwise.data.reading import listed

KIND = ("kind", "variable", "dim_id")
VALUE = "value"
"""Names of the columns, as tsfresh and pandas' ``melt`` have them."""


def unstacked(frame: pd.DataFrame, options: Options) -> tuple[pd.DataFrame, NDArray[np.int64], str] | None:
    """Return a table with a column for each feature, the first of the rows that became each row, and a note.

    None if the table has a row for each step already, or options use the columns.
    """
    plain = {plain_name(name): name for name in map(str, frame)}
    kind, value = next((plain[name] for name in KIND if name in plain), None), plain.get(VALUE)
    if kind is None or value is None:
        return None
    used = {*(options.features or ()), *(options.sequence or ()), *(options.time or ()), options.target}
    others = [name for name in map(str, frame) if name not in (kind, value)]
    whole = not others or frame[[*others, kind]].isna().any(axis=None)
    if whole or {kind, value} & used or not frame.duplicated(others).any() or frame.duplicated([*others, kind]).any():
        return None
    first = frame.assign(**{value: np.arange(len(frame))}).groupby(others)[value].min()
    wide = frame.pivot(index=others, columns=kind, values=value)
    names = [str(name) for name in wide.columns]
    if set(names) & set(others):
        return None
    wide = wide.set_axis(names, axis=1).reset_index()
    order = np.argsort(first.to_numpy())
    note = f"{kind} says which feature a {value} is of, and each is a column: {listed(names)}"
    return wide.iloc[order].reset_index(drop=True), first.to_numpy()[order], note
