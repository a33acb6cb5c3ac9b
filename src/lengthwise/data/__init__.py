"""Sequences in: named data sets, file formats, data in memory."""

from importlib.resources import as_file, files
from pathlib import Path

from lengthwise.data.dataset import SPLITS, Dataset, Split
from lengthwise.data.idx import read_idx
from lengthwise.data.idx_folder import load_idx_folder

__all__ = ["SPLITS", "Dataset", "Split", "load", "read_idx"]


def load(data: str | Path | Dataset = "mnist") -> Dataset:
    """Load a data set.

    Parameters
    ----------
    data : str, Path or Dataset
        ``"mnist"``, which ships with the package; a folder of four idx files, such as Fashion-MNIST's; or a data set
        in memory, which is returned as it is.

    Returns
    -------
    Dataset

    Raises
    ------
    UsageError
        If there is nothing of that name.
    DataError
        If a file is missing or cannot be believed.

    Examples
    --------
    >>> load("mnist").train.values.shape
    (55000, 28, 28)
    """
    if isinstance(data, Dataset):
        return data
    if data == "mnist":
        with as_file(files("lengthwise.data") / "mnist") as folder:
            return load_idx_folder(folder, "mnist")
    folder = Path(data).expanduser()
    return load_idx_folder(folder, str(folder.resolve() if folder.is_dir() else data))
