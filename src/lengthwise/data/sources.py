"""Every kind of data that has a name, and its reader. To add a kind, add a file with its reader and a line here."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

from lengthwise._internal.regular_files import check_regular
from lengthwise.data.array_files import read_h5, read_mat
from lengthwise.data.audio_folder import is_audio_folder, read_audio_folder, refuse_recording
from lengthwise.data.compressed import OPENERS
from lengthwise.data.dataset import Dataset
from lengthwise.data.idx_folder import load_idx_folder
from lengthwise.data.mnist import load_mnist, load_permuted, load_pixels
from lengthwise.data.numpy_files import read_npy, read_npy_folder, read_npz
from lengthwise.data.options import Options
from lengthwise.data.packaged import read_aeon, read_airline, read_digits, read_watch
from lengthwise.data.sequence_types import Sequences
from lengthwise.data.sequences import make_dataset, scale
from lengthwise.data.synthetic import make_adding, make_copy
from lengthwise.data.targets import TaskName
from lengthwise.data.text import read_text
from lengthwise.data.ts_files import TEST_ENDING, TRAIN_ENDING, read_pair, read_ts
from lengthwise.errors import DataError, UsageError

Reader = Callable[[str, Options], Dataset | Sequences]
FileReader = Callable[[Path, Options], Sequences]

SCALING = frozenset({"standardize"})
MADE = SCALING | {"seed"}
DRAWN = MADE | {"validation", "test"}
READ = DRAWN | {"missing", "task", "rate"}
FORECAST = frozenset({"horizon", "lookback", "season", "relative"})
STEPS = frozenset({"label", "stride"})
COLUMNS = READ | FORECAST | STEPS | {
    "sequence", "time", "target", "split", "group", "features", "categories", "duplicates", "layout", "padding",
    "na_values", "decimal", "thousands", "dayfirst", "gap",
}  # fmt: skip
AUDIO = DRAWN | {"padding"}
ARRAYS = READ | FORECAST | STEPS | {"layout", "padding"}
CHANNELS = READ | {"features", "group", "padding", "na_values", "decimal", "thousands"}
TEXT = frozenset({"lookback", "stride", "validation", "test", "task", "encoding"})
TEXT_FILE = COLUMNS | {"sep", "encoding", "header"}


SEVERAL = 100
"""Lines that show what a file of an unknown ending is."""


class Source(NamedTuple):
    """A kind of data.

    Attributes
    ----------
    title : str
        A short description.
    options : frozenset of str
        The options that apply to it.
    read : callable
        Takes the name (a path for files) and the options.
    task : TaskName, optional
        The only task that it supports; None if the task is inferred from its targets or set with the option `task`.
    """

    title: str
    options: frozenset[str]
    read: Reader
    task: TaskName | None = None


NAMED: dict[str, Source] = {
    "mnist": Source("MNIST, a row of pixels a step", SCALING, load_mnist, "classification"),
    "mnist-pixels": Source("MNIST, a pixel a step", SCALING, load_pixels, "classification"),
    "mnist-permuted": Source("MNIST, a pixel a step, in a random order", SCALING, load_permuted, "classification"),
    "digits": Source("scikit-learn's digits of 8 x 8 pixels", DRAWN, read_digits, "classification"),
    "airline": Source(
        "monthly airline passengers to forecast, aeon's",
        FORECAST | {"validation", "test"},
        read_airline,
        "forecasting",
    ),
    "watch": Source("seglearn's exercises from a smartwatch", DRAWN, read_watch, "classification"),
}
"""Data by name."""

WITH_LENGTH: dict[str, Source] = {
    "adding": Source("the adding problem with this many steps", MADE, make_adding, "regression"),
    "copy": Source("the copy task with this many blank steps", MADE, make_copy, "tagging"),
    "aeon": Source("a problem of aeon's archive", READ, read_aeon),
}
"""Data whose name is followed by a colon and a length or a problem's name."""


def _file(title: str, read: FileReader, options: frozenset[str] = READ) -> Source:
    return Source(title, options, lambda name, given: read(Path(name), given))


def _read_table(path: Path, options: Options) -> Sequences:
    from lengthwise.data.table_files import is_pair, read_pair_of_tables  # noqa: PLC0415 - pandas is heavy
    from lengthwise.data.tables import read_table  # noqa: PLC0415 - pandas is heavy

    return read_pair_of_tables(path, options) if is_pair(path) else read_table(path, options)


def _read_excel(path: Path, options: Options) -> Sequences:
    from lengthwise.data.table_formats import read_excel  # noqa: PLC0415 - pandas is heavy

    return read_excel(path, options)


def _read_json(path: Path, options: Options) -> Sequences:
    from lengthwise.data.json_files import read_json  # noqa: PLC0415 - pandas is heavy

    return read_json(path, options)


def _read_arff(path: Path, options: Options) -> Sequences:
    from lengthwise.data.table_formats import read_arff  # noqa: PLC0415 - pandas is heavy

    return read_arff(path, options)


def _read_table_folder(path: Path, options: Options) -> Sequences:
    from lengthwise.data.channel_folder import refuse_incomplete  # noqa: PLC0415 - pandas is heavy
    from lengthwise.data.table_files import read_table_folder  # noqa: PLC0415 - pandas is heavy

    if options.target is None and options.task is None:
        refuse_incomplete(path)
    return read_table_folder(path, options)


def _channels(folder: Path) -> Source | None:
    """Return the source for a folder with a matrix for each channel; None if it is none."""
    from lengthwise.data.channel_files import read_channels  # noqa: PLC0415 - pandas is heavy
    from lengthwise.data.channel_folder import find_channels  # noqa: PLC0415 - pandas is heavy

    found = find_channels(folder)
    if found is None:
        return None
    return Source(
        "a folder with a matrix for each channel", CHANNELS, lambda _name, options: read_channels(found, options)
    )


def _has_tables(folder: Path) -> bool:
    from lengthwise.data.table_files import table_files  # noqa: PLC0415 - pandas is heavy

    return bool(table_files(folder))


def looks_like_table(path: Path) -> bool:
    """Return whether a text file is a table, and not running text."""
    from lengthwise.data.dialect import find_dialect  # noqa: PLC0415 - pandas is heavy

    try:
        return find_dialect(path, Options()).is_table
    except (OSError, UnicodeError, DataError):
        return False


def _is_tabbed(path: Path) -> bool:
    """Return whether the first lines of a text file have as many tabs each, whatever else is in them."""
    try:
        with path.open(encoding="utf-8") as file:
            lines = [line for line in islice(file, SEVERAL) if line.strip()]
    except (OSError, UnicodeError):
        return False
    tabs = {line.count("\t") for line in lines}
    return len(lines) > 2 and len(tabs) == 1 and tabs != {0}


def _read_text_or_table(name: str, options: Options) -> Dataset | Sequences:
    """Read a table, if the file looks like one, or options of tables are given; else text."""
    given = options.given.keys() - TEXT
    if options.task == "language" or not (given or looks_like_table(Path(name))):
        if given:
            raise UsageError(_does_not_apply(min(given), name, "text", TEXT))
        if options.task is not None:
            _check_task(name, "text, a character a step", "language", options.task)
        return read_text(name, replace(options, task=None))
    try:
        found = _read_table(Path(name), options)
    except UsageError as error:
        raise UsageError(
            f"{error} It looks like a table, and was read as one: task=language reads it as text."
        ) from None
    return replace(found, reading=found.reading.noting("the file looks like a table: task=language reads it as text"))


FILES: dict[str, Source] = {
    ".npy": _file("a NumPy file", read_npy, ARRAYS),
    ".npz": _file("a NumPy archive", read_npz, ARRAYS),
    **{
        f"{ending}{packed}": _file("a table in a text file", _read_table, TEXT_FILE)
        for ending in (".csv", ".tsv", ".tab")
        for packed in ("", *OPENERS)
    },
    ".parquet": _file("a Parquet file", _read_table, COLUMNS),
    **{
        f"{ending}{packed}": _file("a table in JSON", _read_json, COLUMNS | {"encoding"})
        for ending in (".jsonl", ".ndjson", ".json")
        for packed in ("", *OPENERS)
    },
    ".xlsx": _file("the first sheet of an Excel file", _read_excel, COLUMNS | {"header"}),
    ".arff": _file("a table in Weka's format", _read_arff, COLUMNS | {"encoding"}),
    ".mat": _file("arrays in a file of MATLAB", read_mat, ARRAYS),
    ".h5": _file("arrays in an HDF5 file", read_h5, ARRAYS),
    ".hdf5": _file("arrays in an HDF5 file", read_h5, ARRAYS),
    ".txt": Source("text, a character a step; or a table", TEXT_FILE, _read_text_or_table),
    ".dat": Source("a table in a text file; or text, a character a step", TEXT_FILE, _read_text_or_table),
    ".ts": _file("a .ts file", read_ts),
}
"""Files by the ending of their name."""

ENDINGS = ", ".join(ending for ending in FILES if not ending.endswith(tuple(OPENERS)))
"""The endings of files that are not compressed."""

CHOICES = (
    f"choose {', '.join(NAMED)}, {', '.join(f'{name}:…' for name in WITH_LENGTH)}, a file whose name ends in {ENDINGS} "
    f"(text also with {', '.join(OPENERS)} behind it), or a folder of tables, arrays, WAV files, .ts files or idx files"
)


def split_name(data: str) -> tuple[str, Options]:
    """Return a data set's name without its options, and the options: ``"FILE.csv?target=y"``.

    A file or folder that has ``?`` in its own name is found too.
    """
    if "?" not in data or Path(data).expanduser().exists():
        return data, Options()
    name, _, query = data.rpartition("?")
    return name, Options.parse(query)


def join_name(name: str, options: Options) -> str:
    """Return a name with its options, the inverse of `split_name`."""
    query = str(options)
    return f"{name}?{query}" if query else name


def add_options(data: str, given: Mapping[str, Any]) -> str:
    """Return a data set's name with options added or replaced; None leaves an option as it is.

    >>> add_options("walks.csv?target=steps", {"task": "forecasting", "horizon": 12, "season": None})
    'walks.csv?task=forecasting&target=steps&horizon=12'
    """
    name, options = split_name(data)
    return join_name(
        name, Options.make(options.given | {key: value for key, value in given.items() if value is not None})
    )


def short_name(data: str) -> str:
    """Return a data set's name for use in file names: without folders, options or characters special to a shell.

    >>> short_name("/tmp/walks.csv?target=label"), short_name("adding:600")
    ('walks.csv', 'adding-600')
    """
    name = Path(split_name(data)[0]).name
    return "".join(letter if letter.isalnum() or letter in "._-" else "-" for letter in name).strip(".-") or "data"


def is_known(data: str) -> bool:
    """Return whether `load_named` may find data of this name, so that the name is enough to load them again."""
    try:
        name, _ = split_name(data)
    except UsageError:
        return False
    return name in NAMED or name.partition(":")[0] in WITH_LENGTH or Path(name).expanduser().exists()


def load_named(data: str) -> Dataset:
    """Load a data set by its name, with the options in it.

    Raises
    ------
    UsageError
        If no data set has that name, or an option does not apply to it.
    DataError
        If a file is invalid.
    """
    name, options = split_name(data)
    name, source = _find(name)
    if not _is_text(name):
        raise UsageError(f"data is {name!r}, which is no name in UTF-8, so it can stand in no report: rename it.")
    if options.task is not None and source.task is not None:
        _check_task(name, source.title, source.task, options.task)
        options = replace(options, task=None)
    for option in options.given:
        if option not in source.options:
            raise UsageError(_does_not_apply(option, name, source.title, source.options))
    full = join_name(name, options)
    found = source.read(name, options)
    if isinstance(found, Sequences):
        return make_dataset(found, found.options or options, full)
    if found.scaling is None and options.standardize == "train":
        train, validation, test, scaling = scale((found.train, found.validation, found.test), options, default=False)
        return replace(found, name=full, train=train, validation=validation, test=test, scaling=scaling)
    return replace(found, name=full)


def _is_text(name: str) -> bool:
    """Return whether a name can be written in UTF-8: names of files may have any bytes."""
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return True


def _does_not_apply(option: str, name: str, title: str, allowed: frozenset[str]) -> str:
    return f"the option {option} does not apply to {name}, {title}, which takes {', '.join(sorted(allowed))}."


def _check_task(name: str, title: str, only: TaskName, task: TaskName) -> None:
    """Raise `UsageError` if the chosen task is not the only one that the data support."""
    if task != only:
        raise UsageError(f"task is {task!r}, but {name}, {title}, is for {only}: leave task out, or choose other data.")


def _find(name: str) -> tuple[str, Source]:
    """Return the name as it is stored, an absolute path for files, and the source that reads it."""
    if name in NAMED:
        return name, NAMED[name]
    kind, colon, _ = name.partition(":")
    if colon and kind in WITH_LENGTH:
        return name, WITH_LENGTH[kind]
    path = Path(name).expanduser()
    if name and path.is_dir():
        return str(path.resolve()), _folder(path)
    check_regular(path)
    refuse_recording(path)
    ending = next((ending for ending in sorted(FILES, key=len, reverse=True) if name.lower().endswith(ending)), None)
    if ending is None and path.is_file() and (_is_tabbed(path) or looks_like_table(path)):
        return str(path.resolve()), FILES[".tsv" if _is_tabbed(path) else ".csv"]
    if ending is None and path.is_file():
        raise UsageError(
            f"{path} has no ending by which its format is known: rename it, to one of {ENDINGS}; a table in text to "
            f".csv, whatever separates its cells."
        )
    if ending is None:
        raise UsageError(f"data {name!r} is neither a folder nor the name of a data set: {CHOICES}.")
    if not path.exists():
        why = (
            f"it is a link to {path.readlink()}, which leads nowhere" if path.is_symlink() else "there is no such file"
        )
        raise DataError(f"{path} is missing: {why}.")
    return str(path.resolve()), FILES[ending]


def _folder(path: Path) -> Source:
    """Return the source for a folder: .ts or .npy files, sound, matrices of channels, tables, or four idx files."""
    train = sorted(path.glob(f"*{TRAIN_ENDING}"))
    if train:
        pairs = [(file, file.with_name(file.name.removesuffix(TRAIN_ENDING) + TEST_ENDING)) for file in train]
        if len(pairs) > 1:
            raise UsageError(f"{path} has several problems: name one of {', '.join(file.name for file in train)}.")
        return Source("a folder of .ts files", READ, lambda _name, _options: read_pair(*pairs[0]))
    if any(path.glob("*.npy")):
        return _file("a folder of NumPy files", read_npy_folder, ARRAYS)
    if not any(path.glob("*-ubyte*")):
        if is_audio_folder(path):
            return _file("a folder of WAV files", read_audio_folder, AUDIO)._replace(task="classification")
        if (channels := _channels(path)) is not None:
            return channels
        if _has_tables(path):
            return _file("a folder of tables", _read_table_folder, TEXT_FILE)
    return Source(
        "a folder of idx files", SCALING, lambda name, _options: load_idx_folder(Path(name), name), "classification"
    )
