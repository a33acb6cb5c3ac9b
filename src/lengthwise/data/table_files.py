"""Tables in several files: a folder for each class with a file for each sequence, a pair of training and test files."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd

from lengthwise.data.cells import is_number_column
from lengthwise.data.column_names import SEQUENCE, TARGET, plain_name
from lengthwise.data.compressed import OPENERS
from lengthwise.data.dataset import SPLITS
from lengthwise.data.delimited import TextTable, read_delimited
from lengthwise.data.dialect import NUMERIC, SURE, find_dialect
from lengthwise.data.options import Options
from lengthwise.data.reading import listed
from lengthwise.data.sequence_types import Sequences
from lengthwise.data.tables import from_frame
from lengthwise.data.wide import MANY
from lengthwise.errors import DataError, UsageError

ENDINGS, DOUBTFUL = (".csv", ".tsv", ".tab"), (".txt", ".dat")
"""Tables in text files, and what may be one."""

FOLDER, FILE, SPLIT = "folder", "file", "split"
"""The columns that are added to the files' own."""

LABELS = ("targets", "target", "labels", "label", "classes")
"""Names of a table of targets beside the files of sequences."""

PAIR = ("_TRAIN", "_TEST")


def is_pair(path: Path) -> bool:
    """Return whether a file is one of a training and a test file, as the UCR archive has them, and both exist."""
    return all(file.is_file() for file in _pair(path)) if path.stem.endswith(PAIR) else False


def read_pair_of_tables(path: Path, options: Options) -> Sequences:
    """Read a training and a test file, whichever is named; a column says which."""
    tables = {file: read_delimited(file, options) for file in _pair(path)}
    names = dict(zip(tables, SPLITS[::2], strict=True))
    if options.layout is None and all(_is_of_archive(table) for table in tables.values()):
        options = replace(options, layout="wide", target=options.target or tables[path].frame.columns[0])
    return _read_together(path, tables, {file: {SPLIT: names[file]} for file in tables}, options)


def table_files(folder: Path) -> list[Path]:
    """Return the tables in a folder and in the folders in it, in the order of their names; text is left out."""
    return sorted(path for path in folder.rglob("*") if path.is_file() and path.name[0] != "." and _is_table(path))


def read_table_folder(folder: Path, options: Options) -> Sequences:
    """Read a folder of tables, each a sequence: its class is its folder, or in a table of targets beside the files.

    Raises
    ------
    DataError
        If the files do not have the same columns, or a file has no target.
    UsageError
        If an option does not fit.
    """
    files = table_files(folder)
    labels = [path for path in files if path.parent == folder and plain_name(path.name.split(".")[0]) in LABELS]
    files = [path for path in files if path not in labels[:1]]
    if not files:
        raise DataError(f"{folder} has a table of targets, but no files of sequences.")
    first = read_delimited(files[0], options)
    fixed = replace(options, sep=first.dialect.sep, header="first" if first.dialect.header else "none")
    tables = {path: read_delimited(path, fixed) for path in files}
    more = {path: _of_place(path.relative_to(folder)) for path in files}
    chosen = options if options.sequence else replace(options, sequence=(FILE,))
    if labels:
        target, found = _labels(labels[0], [path.relative_to(folder) for path in files], options)
        for path, label in zip(files, found, strict=True):
            more[path][target] = label
        chosen = chosen if options.target else replace(chosen, target=target)
    elif not options.target and options.task != "forecasting":
        keys = [name for name in first.frame.columns if plain_name(name) in SEQUENCE]
        known = any(plain_name(name) in TARGET for name in first.frame.columns)
        if all(FOLDER in place for place in more.values()):
            chosen = replace(chosen, target=FOLDER)
        elif keys and not known and len(files) > 1:  # a file for each class, with several sequences
            for path in files:
                more[path][FOLDER] = path.name.split(".")[0]
            chosen = replace(chosen, target=FOLDER, sequence=options.sequence or (FILE, keys[0]))
    return _read_together(folder, tables, more, chosen)


def _is_of_archive(table: TextTable) -> bool:
    """Return whether a table has no names, and a whole number before many others in each row, as UCR's files."""
    frame = table.frame
    if table.dialect.header or frame.shape[1] < MANY or not all(is_number_column(frame[name]) for name in frame):
        return False
    first, rest = np.split(frame.to_numpy(np.float64), [1], axis=1)
    return bool((first == np.floor(first)).all() and (rest != np.floor(rest)).any())


def _pair(path: Path) -> list[Path]:
    stem = path.stem.removesuffix(PAIR[0]).removesuffix(PAIR[1])
    return [path.with_name(f"{stem}{part}{path.suffix}") for part in PAIR]


def _is_table(path: Path) -> bool:
    name = path.name.lower()
    if not name.endswith(DOUBTFUL):
        return name.endswith((*ENDINGS, *(f"{ending}{packed}" for ending in ENDINGS for packed in OPENERS)))
    try:
        dialect = find_dialect(path, Options())
    except (OSError, UnicodeError, DataError):
        return False
    return dialect.certainty >= SURE and dialect.numeric >= NUMERIC


def _of_place(path: Path) -> dict[str, str]:
    """Return what a file's place in the folder says: its split, its folder, its name."""
    folders = list(path.parts[:-1])
    place = {FILE: path.as_posix()}
    if folders and folders[0].lower() in SPLITS:
        place[SPLIT] = folders.pop(0).lower()
    if folders:
        place[FOLDER] = folders[-1]
    return place


def _labels(path: Path, files: Sequence[Path], options: Options) -> tuple[str, list[str]]:
    """Return the name of the column of targets in a table of targets, and the target of each file."""
    table = read_delimited(path, replace(options, features=None)).frame
    names = [{file.as_posix(), file.name, file.name.split(".")[0]} for file in files]
    known = set().union(*names)
    key = max(table.columns, key=lambda name: table[name].astype("str").isin(known).sum())
    others = [name for name in table.columns if name != key]
    target = options.target or (others[0] if len(others) == 1 else None)
    if target not in others:
        raise UsageError(f"{path} has the columns {listed(list(table.columns))}: name the targets' with target=COLUMN.")
    lines = dict(zip(table[key].astype("str"), table[target], strict=True))
    found = []
    for file, own in zip(files, names, strict=True):
        name = next((name for name in own if name in lines), None)
        if name is None:
            raise DataError(f"{path} has no line for {file}: column {key} names the file of each target.")
        found.append(lines[name])
    return target, found


def _read_together(
    path: Path, tables: dict[Path, TextTable], more: dict[Path, dict[str, str]], options: Options
) -> Sequences:
    """Return the sequences of several tables as those of one, with more columns."""
    frames = []
    first = next(iter(tables))
    for file, table in tables.items():
        if list(table.frame.columns) != list(tables[first].frame.columns):
            raise DataError(
                f"{file} has the columns {listed(list(table.frame.columns))}, but {first} has "
                f"{listed(list(tables[first].frame.columns))}: all files need the same."
            )
        whole = table.frame.copy()  # columns cannot be added at no cost to a wide frame that is in pieces
        frames.append(whole.assign(**more[file]))
    frame = pd.concat(frames, ignore_index=True)
    ends = np.cumsum([len(one) for one in frames])

    def row(at: int) -> str:
        number = int(np.searchsorted(ends, at, side="right"))
        file = list(tables)[number]
        return f"{file.name}, {tables[file].line(at - int(ends[number] - len(frames[number])))}"

    where: Callable[[int], str] = row
    return from_frame(
        frame, options, str(path), where, (f"{len(tables):,} files were read together", *tables[first].notes)
    )
