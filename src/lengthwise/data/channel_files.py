"""Folders with a matrix for each channel, a row a sequence, and files of labels and persons, as UCI HAR has them."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from lengthwise.data.array_names import numbers_of
from lengthwise.data.cells import as_numbers
from lengthwise.data.channel_folder import UNREADABLE, ChannelFile, ChannelFolder, labels_name
from lengthwise.data.column_names import plain_name
from lengthwise.data.dataset import SPLITS
from lengthwise.data.delimited import read_delimited
from lengthwise.data.dialect import BLANKS, NUMERIC
from lengthwise.data.options import Options
from lengthwise.data.reading import Reading, listed
from lengthwise.data.sequence_types import Sequences
from lengthwise.data.targets import TARGETS
from lengthwise.errors import DataError, UsageError

NAMES_OF_CLASSES = frozenset({"label", "labels", "class", "classes", "target", "targets"})
"""Words in the name of a file with the number and the name of each class."""

NUMBER_AND_NAME = re.compile(r"(-?\d+)[\s,;:=]+(\S.*)")


def read_channels(found: ChannelFolder, options: Options) -> Sequences:
    """Read a folder with a matrix for each channel.

    Parameters
    ----------
    found : ChannelFolder
    options : Options
        Its `features` are channels, and its `group` is the name of a file of persons, or none.

    Raises
    ------
    DataError
        If files do not match, or a cell is no number.
    UsageError
        If an option does not fit.
    """
    if options.task == "forecasting":
        raise UsageError(
            f"task is forecasting, but {found.path} has a label for each sequence, which is no series to forecast: "
            f"leave task out."
        )
    _check_widths(found)
    parts = [_read_part(part, found, options) for part in _parts(found, options)]
    values = np.concatenate([part.values for part in parts])
    targets, classes, notes = _targets(found, [part.labels for part in parts], options)
    first, ends = parts[0], np.cumsum([len(part.values) for part in parts])

    def place(sequence: int, step: int, feature: int) -> str:
        part = int(np.searchsorted(ends, sequence, side="right"))
        files = parts[part].files
        file = list(files.channels.values())[feature]
        row = sequence - int(ends[part]) + len(parts[part].values) + 1
        return f"{file.path}: the value of row {row}, column {step + 1}"

    return Sequences(
        source=str(found.path),
        values=values,
        targets=targets,
        splits=None if len(parts) == 1 else numbers_of([part.files.part for part in parts], np.diff(ends, prepend=0)),
        groups=None if first.people is None else np.concatenate([part.people for part in parts if part.people]),
        grouped_by="" if first.files.people is None else first.files.people.name,
        features=tuple(first.files.channels),
        classes=classes,
        place=place,
        reading=Reading(
            notes=(*_notes(found, [part.files for part in parts], values.shape[1]), *_shared(parts), *notes)
        ),
    )


@dataclass(frozen=True)
class _Files:
    """The files of one split: its channels by name, its labels, its persons."""

    part: str
    channels: dict[str, ChannelFile]
    labels: ChannelFile
    people: ChannelFile | None


class _Part(NamedTuple):
    """What is in the files of one split: values (n, T, F), n labels, n persons."""

    files: _Files
    values: NDArray[np.float64]
    labels: list[str]
    people: list[str] | None


def _check_widths(found: ChannelFolder) -> None:
    """Raise `DataError` if a matrix of another width, or one with texts, is among the channels."""
    first = found.channels[0]
    folders = {channel.path.parent for channel in found.channels}
    for file in (file for file in found.others if file.path.parent in folders):
        dialect = file.dialect
        is_table = dialect.is_table and dialect.numeric > NUMERIC
        if is_table and not file.is_matrix and dialect.columns == first.dialect.columns:
            raise DataError(
                f"{file.path} has {file.dialect.columns} columns, as the channels have, but also {file.text:.40}: a "
                f"matrix of a channel has numbers alone, and no names of columns."
            )
        if file.is_matrix:
            raise DataError(
                f"{file.path} has {file.dialect.columns} columns, but {found.relative(first)} has "
                f"{first.dialect.columns}: channels need the same steps; if it is none, move it to another folder."
            )


def _parts(found: ChannelFolder, options: Options) -> list[_Files]:
    """Return the files of each split; of the only one, if there are none."""
    names = _channel_names(found.channels)
    by_part: dict[str, dict[str, ChannelFile]] = {}
    for file in sorted(found.channels, key=lambda file: names[file.folder, file.name]):
        own, name = by_part.setdefault(file.part, {}), names[file.folder, file.name]
        if name in own:
            raise DataError(f"{file.path} and {own[name].path} are the same channel, {name}: remove one of them.")
        own[name] = file
    if "" in by_part and len(by_part) > 1:
        free, other = (next(iter(by_part[part].values())) for part in ("", max(by_part)))
        raise DataError(
            f"{free.path} is of no split, but {found.relative(other)} is of the {other.part} split: name the split of "
            f"every file at its end, as in {free.name}_train{free.path.suffix}, or of none."
        )
    wanted = _wanted(found, [*dict.fromkeys(names[file.folder, file.name] for file in found.channels)], options)
    parts = [part for part in ("", *SPLITS) if part in by_part]
    for part in parts:
        for name in wanted:
            if name not in by_part[part]:
                there = next(files[name] for files in by_part.values() if name in files)
                raise DataError(
                    f"{found.path} has channel {name} in the {there.part} split, {found.relative(there)}, but not in "
                    f"the {part} split: every split needs every channel."
                )
    labels = _of_each(found.labels, parts)
    people = _people(found, labels, parts, options)
    files = []
    for part, label, person in zip(parts, labels, people, strict=True):
        channels = {name: by_part[part][name] for name in wanted}
        if label is None:
            raise DataError(
                f"{found.path} has channels in the {part} split, but no labels: give it a file called "
                f"{labels_name(part)}, with the label of each row of {found.relative(channels[wanted[0]])} on a line."
            )
        files.append(_Files(part, channels, label, person))
    return files


def _of_each(vectors: Sequence[ChannelFile], parts: Sequence[str]) -> list[ChannelFile | None]:
    """Return the file of each split: those of the first name that all have, or else that most have."""
    found: list[list[ChannelFile | None]] = [[None] * len(parts)]
    for name in dict.fromkeys(plain_name(file.name) for file in vectors):
        own = [file for file in vectors if plain_name(file.name) == name]
        found.append([next((file for file in own if len(parts) == 1 or file.part == part), None) for part in parts])
    return min(found, key=lambda files: files.count(None))


def _channel_names(channels: Sequence[ChannelFile]) -> dict[tuple[str, str], str]:
    """Return the names of channels: those of their files, with their folders where two would be the same."""
    keys = {(file.folder, file.name) for file in channels}
    counts = Counter(name for _, name in keys)
    return {key: key[1] if counts[key[1]] == 1 else "/".join(filter(None, key)) for key in keys}


def _wanted(found: ChannelFolder, names: list[str], options: Options) -> list[str]:
    if options.features is None:
        return sorted(names)
    for name in options.features:
        if name not in names:
            raise UsageError(f"features has {name}, but the channels of {found.path} are {listed(sorted(names), 20)}.")
    return list(dict.fromkeys(options.features))


def _people(
    found: ChannelFolder, labels: list[ChannelFile | None], parts: list[str], options: Options
) -> list[ChannelFile | None]:
    """Return the file of groups of each split; None of each, if there are none."""
    if options.group == "none":
        return [None] * len(parts)
    vectors = found.people
    if options.group is not None:
        free = [file for file in (*found.people, *found.labels, *found.others) if file.is_vector and file not in labels]
        vectors = tuple(file for file in free if plain_name(file.name) == plain_name(options.group))
        if not vectors:
            names = listed(sorted({file.name for file in free}), 20) or "no other files"
            raise UsageError(
                f"group is {options.group!r}, but must be the name of a file with a group on each line, without its "
                f"ending, or none: {found.path} has {names}."
            )
    people = _of_each(vectors, parts)
    having = next((file for file in people if file is not None), None)
    if having is not None and None in people:
        raise DataError(
            f"{having.path} names the {having.name} of each sequence, but the {parts[people.index(None)]} split has no "
            f"such file: give it one, or choose group=none."
        )
    return people


def _read_part(files: _Files, found: ChannelFolder, options: Options) -> _Part:
    """Read the files of a split, and check that all have a line for each sequence."""
    arrays = {name: _matrix(file, options) for name, file in files.channels.items()}
    rows = Counter(map(len, arrays.values())).most_common(1)[0][0]
    usual, steps = next((files.channels[name], array.shape[1]) for name, array in arrays.items() if len(array) == rows)
    for name, array in arrays.items():
        if len(array) != rows:
            raise DataError(
                f"{files.channels[name].path} has {len(array):,} rows, but {found.relative(usual)} has {rows:,}: every "
                f"channel needs a row for each sequence."
            )
        if array.shape[1] != steps:
            raise DataError(
                f"{files.channels[name].path} has {array.shape[1]} columns, but {found.relative(usual)} has {steps}: "
                f"channels need the same steps."
            )

    def vector(file: ChannelFile, what: str) -> list[str]:
        texts = _without_header(file, usual, rows)
        if len(texts) != rows:
            raise DataError(
                f"{file.path} has {len(texts):,} lines, but {found.relative(usual)} has {rows:,} rows: one {what} is "
                f"needed for each."
            )
        return texts

    people = None if files.people is None else vector(files.people, files.people.name)
    return _Part(files, np.stack([*arrays.values()], axis=2), vector(files.labels, "label"), people)


def _without_header(file: ChannelFile, channel: ChannelFile, rows: int) -> list[str]:
    """Return what is on each line of a vector, without a first one that is its name."""
    texts = file.texts()
    if len(texts) != rows + 1:
        return texts
    is_name = _as_number(texts[0]) is None and (file.is_numeric or texts[0] not in texts[1:])
    return texts[1:] if is_name or channel.has_header else texts


def _matrix(file: ChannelFile, options: Options) -> NDArray[np.float64]:
    """Return the numbers of a matrix, (rows, steps); NaN where a value is missing."""
    dialect = file.dialect
    if not {"decimal", "thousands", "na_values"} & options.given.keys():
        try:
            return np.loadtxt(
                file.path,
                comments=None,
                delimiter=None if dialect.sep == BLANKS else dialect.sep,
                skiprows=dialect.skipped + file.has_header,
                encoding=dialect.encoding,
                ndmin=2,
            )
        except UNREADABLE:
            pass  # the slower reader knows other notations, and says what is wrong
    given = Options(
        sep=dialect.sep,
        header="first" if file.has_header else "none",
        decimal=options.decimal,
        thousands=options.thousands,
        na_values=options.na_values,
    )
    table = read_delimited(file.path, given)
    columns = []
    for at, name in enumerate(table.frame, 1):
        try:
            numbers = as_numbers(table.frame[name], given)
        except UsageError as error:
            raise UsageError(f"{file.path}: {error}") from None
        if numbers.wrong.any():
            row = int(np.argmax(numbers.wrong))
            cell = str(table.frame[name].iloc[row])
            raise DataError(
                f"{file.path}, {table.line(row)}: column {at} has {cell:.40}, but a matrix of a channel has numbers "
                f"alone: mend the cell, or leave it empty and say with missing= what to do with it."
            )
        columns.append(numbers.values)
    return np.stack(columns, axis=1)


def _as_number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None


def _targets(
    found: ChannelFolder, labels: list[list[str]], options: Options
) -> tuple[NDArray[Any], tuple[str, ...], list[str]]:
    """Return the labels as whole numbers, real numbers or words; and the names of the classes, if a file has them."""
    targets = _typed([text for own in labels for text in own])
    if targets.dtype.kind not in "if" or (options.task is not None and TARGETS[options.task].numeric):
        return targets, (), []
    present, codes = np.unique(targets, return_inverse=True)
    notes = []
    for file, names in _files_of_names(found):
        unnamed = [f"{number:g}" for number in present.tolist() if number not in names]
        if not unnamed and len(present) > 1:
            note = f"the classes are named by {found.relative(file)}"
            return codes.astype(np.int64), tuple(names[number] for number in present.tolist()), [note]
        if len(unnamed) < len(present):
            notes.append(
                f"{found.relative(file)} has no name for class {listed(unnamed)}, so the classes keep their numbers"
            )
    return targets, (), notes


def _typed(texts: list[str]) -> NDArray[Any]:
    """Return texts as numbers, if they all are, and none is written in two ways, as 7 and 07.

    >>> [_typed(texts).dtype.kind for texts in (["1", "2"], ["1", "2.5"], ["7", "07"], ["up", "1"])]
    ['i', 'f', 'U', 'U']
    """
    words = np.array(texts)
    for kind in (np.int64, np.float64):
        try:
            numbers = words.astype(kind)
        except (ValueError, OverflowError):
            continue
        if kind == np.float64 or len(np.unique(numbers)) == len(np.unique(words)):
            return numbers
        break
    return words


def _files_of_names(found: ChannelFolder) -> Iterator[tuple[ChannelFile, dict[int, str]]]:
    """Yield files with the number and the name of each class, and these."""
    for file in found.others:
        if file.part or not NAMES_OF_CLASSES & {*plain_name(file.name).split("_")}:
            continue
        pairs = [NUMBER_AND_NAME.fullmatch(text) for text in file.texts()]
        names = {int(pair[1]): pair[2].strip("\"'") for pair in pairs if pair is not None}
        if names and len(set(names.values())) == len(names) >= len(pairs) - 1:  # one line may be names of columns
            yield file, names


def _shared(parts: Sequence[_Part]) -> Iterator[str]:
    """Yield a note if groups are in several of the splits that are given."""
    splits = Counter(name for part in parts for name in set(part.people or ()))
    shared = sorted(name for name, count in splits.items() if count > 1)
    if shared:
        yield (
            f"{len(shared)} of {len(splits)} groups are in several splits, as the files say: {listed(shared)}: the "
            f"test split does not tell how well others would be known"
        )


def _notes(found: ChannelFolder, parts: list[_Files], steps: int) -> Iterator[str]:
    channels = parts[0].channels
    yield (
        f"{len(channels)} channels are each a matrix, with a sequence of {steps} steps in a row: {listed([*channels])}"
    )
    yield f"the labels are the lines of {listed([found.relative(part.labels) for part in parts])}"
    people = [part.people for part in parts if part.people is not None]
    if people:
        yield (
            f"groups, never divided between splits that are drawn, are the lines of "
            f"{listed([found.relative(file) for file in people])}: group=none, if they are none"
        )
    if len(parts) == 1 and parts[0].part:
        yield f"all files are of the {parts[0].part} split, so that splits of it are drawn"
    used = [*(part.labels for part in parts), *people]
    left = [file for file in (*found.labels, *found.people, *found.others) if file not in used]
    wide = [file for file in left if file.is_matrix]
    for columns in sorted({file.dialect.columns for file in wide}):
        files = [found.relative(file) for file in wide if file.dialect.columns == columns]
        yield f"left out: {listed(files)}, with {columns} columns, where channels have {steps}"
    vectors = [found.relative(file) for file in left if file.is_vector and file.is_numeric]
    if vectors:
        yield f"left out: {listed(vectors)}, with one number a line"
