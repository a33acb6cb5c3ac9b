"""What the files of a folder with a matrix for each channel are, by their places, names and shapes."""

import re
from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import NamedTuple

from lengthwise.data.array_names import PARTS
from lengthwise.data.column_names import GROUP, TARGET, plain_name
from lengthwise.data.compressed import OPENERS, UNPACKING, open_bytes
from lengthwise.data.dialect import Dialect, find_dialect
from lengthwise.data.header import cell_kind
from lengthwise.data.options import Options
from lengthwise.errors import DataError

ENDINGS = (".txt", ".dat", ".csv", ".tsv", ".tab", *(f".csv{packed}" for packed in OPENERS))

UNREADABLE: tuple[type[Exception], ...] = (OSError, ValueError, DataError, *UNPACKING)
"""What a file raises that is damaged or no text."""

LABELS = tuple(
    dict.fromkeys(
        ("y", "labels", "label", "targets", "target", "classes", *(name for name in TARGET if name != "folder"))
    )
)
"""Names of a file of labels; where there are several, the first counts."""

PEOPLE = tuple(dict.fromkeys(("subject", *GROUP)))
"""Names of a file of persons, or other groups."""

LEAST = 2
"""Fewer matrices of the same width are no channels."""

FIRST = 5
"""So many lines show whether a file has numbers alone."""


class ChannelFile(NamedTuple):
    """A file in such a folder, and what its place, its name and its first lines say.

    Attributes
    ----------
    path : Path
    part : str
        The split that a folder or the name says, or empty.
    folder : str
        The folders that it is in, without those of splits.
    name : str
        Without the ending and the split.
    dialect : Dialect
    """

    path: Path
    part: str
    folder: str
    name: str
    dialect: Dialect

    @property
    def is_matrix(self) -> bool:
        """Whether there are several numbers on each line, and no names of columns but such as count."""
        kinds = self._kinds()
        has_index = self.has_header and not self.dialect.rows[0][0].strip()
        return self.dialect.columns > 1 and "number" in kinds <= {"number", "missing"} and not has_index

    @property
    def text(self) -> str:
        """The first cell of the first lines that is no number; empty if there is none."""
        cells = (cell.strip() for row in self.dialect.rows[:FIRST] for cell in row)
        return next((cell for cell in cells if cell_kind(cell) not in ("number", "missing")), "")

    @property
    def is_vector(self) -> bool:
        """Whether there is a number, or a text, on each line."""
        return bool(self.dialect.rows) and (self.dialect.columns == 1 or self._kinds() == {"text"})

    @property
    def is_numeric(self) -> bool:
        """Whether all is numbers, but for a name on the first line."""
        return self._kinds(len(self.dialect.rows) > 1) == {"number"}

    @property
    def has_header(self) -> bool:
        """Whether the first line of a matrix counts its columns."""
        return self.dialect.header and len(self.dialect.rows) > 1

    def texts(self) -> list[str]:
        """Return what is on each line, without blanks and quotes around it; lines without anything are left out."""
        try:
            with open_bytes(self.path) as file:
                lines = file.read().decode(self.dialect.encoding).splitlines()
        except UNREADABLE as error:
            raise DataError(f"{self.path} cannot be read: {' '.join(str(error).split()).rstrip('.')}.") from error
        return [text for line in lines if (text := line.strip().strip("\"'"))]

    def _kinds(self, begin: int = 0) -> set[str]:
        return {cell_kind(cell) for row in self.dialect.rows[begin : begin + FIRST] for cell in row}


@dataclass(frozen=True)
class ChannelFolder:
    """A folder with a matrix for each channel.

    Attributes
    ----------
    path : Path
    channels, labels, people : tuple of ChannelFile
        The matrices, and the files whose names say that they are the labels or the groups, the best name first.
    others : tuple of ChannelFile
        What else may be data.
    unread : dict of Path to Exception
        What cannot be read, and why.
    """

    path: Path
    channels: tuple[ChannelFile, ...]
    labels: tuple[ChannelFile, ...]
    people: tuple[ChannelFile, ...]
    others: tuple[ChannelFile, ...]
    unread: dict[Path, Exception]

    @property
    def names(self) -> set[tuple[str, str]]:
        """The folder and the name of each channel, which are the same in all splits."""
        return {(file.folder, file.name) for file in self.channels}

    def relative(self, file: ChannelFile) -> str:
        """Return how messages name a file."""
        return file.path.relative_to(self.path).as_posix()


def find_channels(path: Path) -> ChannelFolder | None:
    """Return what the files of a folder are; None if it is no folder with matrices of channels and their labels.

    Raises
    ------
    DataError
        If a file among the channels cannot be read, or is empty.
    """
    places = _places(path)
    named = {file: place for file, place in places.items() if _rank(place[2], LABELS) is not None}
    files, errors = _opened(named)
    found = _looked_at(path, places) if errors or any(file.is_vector for file in files) else None
    if found is None or len(found.names) < LEAST:
        return None
    texts = [(file, file.texts()) for file in found.labels]
    of_rows = {file.name for file, own in texts if file.is_numeric or len(set(own)) < len(own)}  # no names of classes
    labels, others = (tuple(file for file in found.labels if (file.name in of_rows) is are) for are in (True, False))
    matrices = Counter(file.part for file in found.channels)
    if all(len(own) == matrices[file.part] for file, own in texts if file in labels):
        return None  # there may be a label for each file
    found = replace(found, labels=labels, others=(*found.others, *others))
    _check_damage(found)
    return found


def refuse_incomplete(path: Path) -> None:
    """Raise `DataError` if a folder has a matrix of channels beyond doubt, but no others, or no labels."""
    places = _places(path)
    split = {file for file, (_, _, name) in places.items() if name != _stem(file)}
    named = {file: place for file, place in places.items() if _rank(place[2], (*LABELS, *PEOPLE)) is not None}
    if len(split) < LEAST and not any(file.is_vector for file in _opened(named)[0]):
        return
    found = _looked_at(path, places)
    if found is None:
        return
    rows: dict[str, set[int]] = {}
    for file in found.channels:
        rows.setdefault(file.part, set()).add(len(file.texts()) - file.has_header)
    if any(len(counts) > 1 for counts in rows.values()):
        return
    first = found.channels[0]
    labels, people, others = (
        [file for file in files if file.is_vector and {len(file.texts())} == rows.get(file.part)]
        for files in (found.labels, found.people, found.others)
    )
    if labels and len(found.names) < LEAST:
        _check_damage(found)
        raise DataError(
            f"{found.relative(labels[0])} in {path} has a label for each row of {found.relative(first)}, but no other "
            f"file has {first.dialect.columns} numbers on each line, without names of columns, as other channels "
            f"would: if there is one channel alone, write a table with a sequence a row, and its label in the last "
            f"column."
        )
    apart = {file.path for file in found.channels} <= split and len({file.folder for file in found.channels}) == 1
    if not found.labels and len(found.names) >= LEAST and (people or apart):
        hint = f": if {found.relative(others[0])} has them, rename it so" if others else ""
        raise DataError(
            f"{path} has a matrix for each channel, as {found.relative(first)}, but no file of labels: give it one "
            f"called {labels_name(first.part)}, with the label of each row on a line{hint}."
        )


def labels_name(part: str) -> str:
    """Return what a file of labels may be called."""
    return f"y_{part}.txt" if part else "y.txt"


def _places(path: Path) -> dict[Path, tuple[str, str, str]]:
    """Return the files that may be data, and of each the split, the folders without those of splits, and the name."""
    found = {}
    for file in sorted(path.rglob("*")):
        parts = file.relative_to(path).parts
        if not file.name.lower().endswith(ENDINGS) or any(part[0] == "." for part in parts) or not file.is_file():
            continue
        splits = [PARTS[part.lower()] for part in parts[:-1] if part.lower() in PARTS]
        own, name = _split_and_name(_stem(file))
        if splits and own and splits[0] != own:
            own, name = "", _stem(file)  # a name with such a word in it
        folder = "/".join(part for part in parts[:-1] if part.lower() not in PARTS)
        found[file] = (splits[0] if splits else own, folder, name)
    return found


def _stem(file: Path) -> str:
    name = file.name.lower()
    return file.name[: -len(max((ending for ending in ENDINGS if name.endswith(ending)), key=len))]


def _split_and_name(stem: str) -> tuple[str, str]:
    """Return the split that a name ends or begins with, and the rest.

    >>> _split_and_name("body_acc_x_train"), _split_and_name("test-y"), _split_and_name("y_acc")
    (('train', 'body_acc_x'), ('test', 'y'), ('', 'y_acc'))
    """
    words = "|".join(PARTS)
    found = re.fullmatch(
        rf"(?P<name>.+)[ _.\-](?P<part>{words})|(?P<first>{words})[ _.\-](?P<rest>.+)", stem, re.IGNORECASE
    )
    if found is None:
        return "", stem
    return PARTS[(found["part"] or found["first"]).lower()], found["name"] or found["rest"]


def _rank(name: str, known: Collection[str]) -> int | None:
    """Return the place of a name, or of its first word, among those that are known; None if it is not there.

    >>> _rank("Labels", ("y", "label")), _rank("y_acc", ("y", "label")), _rank("x", ("y", "label"))
    (1, 2, None)
    """
    plain = plain_name(name)
    order = {word: at for at, word in enumerate(known)}
    whole = next((order[word] for word in (plain, plain.removesuffix("s")) if word in order), None)
    if whole is not None:
        return whole
    first = order.get(plain.split("_")[0])
    return None if first is None else len(order) + first


def _opened(places: dict[Path, tuple[str, str, str]]) -> tuple[list[ChannelFile], dict[Path, Exception]]:
    """Return the files as their first lines are, and why others cannot be read."""
    files: list[ChannelFile] = []
    errors: dict[Path, Exception] = {}
    for path, place in places.items():
        try:
            files.append(ChannelFile(path, *place, find_dialect(path, Options())))
        except UNREADABLE as error:
            errors[path] = error
    return files, errors


def _looked_at(path: Path, places: dict[Path, tuple[str, str, str]]) -> ChannelFolder | None:
    """Return what the files are by their first lines; None if there is no matrix."""
    files, errors = _opened(places)
    matrices = [file for file in files if file.is_matrix]
    channels = {width: {(file.folder, file.name) for file in _of_width(matrices, width)} for width in _widths(matrices)}
    width = max(channels, key=lambda width: len(channels[width]), default=0)
    if width == 0:
        return None
    chosen = _of_width(matrices, width)
    left = [file for file in files if file not in chosen]
    labels, people = (_named(left, known) for known in (LABELS, PEOPLE))
    people = [file for file in people if file not in labels]
    others = [file for file in left if file not in labels and file not in people]
    return ChannelFolder(path, tuple(chosen), tuple(labels), tuple(people), tuple(others), errors)


def _widths(matrices: Iterable[ChannelFile]) -> list[int]:
    return sorted({file.dialect.columns for file in matrices}, reverse=True)


def _of_width(matrices: Iterable[ChannelFile], width: int) -> list[ChannelFile]:
    return [file for file in matrices if file.dialect.columns == width]


def _named(files: Iterable[ChannelFile], known: Collection[str]) -> list[ChannelFile]:
    """Return the vectors with a known name, the best first."""
    ranks = [(rank, file) for file in files if file.is_vector and (rank := _rank(file.name, known)) is not None]
    return [file for _, file in sorted(ranks, key=lambda pair: (pair[0], pair[1].path))]


def _check_damage(found: ChannelFolder) -> None:
    """Raise `DataError` if a file among the channels, or one of labels, cannot be read, or is empty."""
    folders = {file.path.parent for file in found.channels}
    for file in found.others:
        if file.path.parent in folders and not file.dialect.rows:
            raise DataError(f"{file.path} is empty, but lies among matrices of channels: write it again, or remove it.")
    for path, error in found.unread.items():
        if path.parent in folders or _rank(_split_and_name(_stem(path))[1], LABELS) is not None:
            raise error if isinstance(error, DataError) else DataError(f"{path} cannot be read: {error}.")
