"""Files that can be read more than once, which pipes and devices cannot."""

from pathlib import Path

from lengthwise.errors import UsageError


def check_regular(path: Path) -> None:
    """Raise `UsageError` if something is neither a file nor a folder; one who reads a pipe may wait for ever."""
    if path.exists() and not path.is_file() and not path.is_dir():
        raise UsageError(f"{path} is a pipe or a device, and no file: save what comes out of it to a file.")
