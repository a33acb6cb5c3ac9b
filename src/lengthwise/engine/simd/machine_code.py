"""Machine code on disk: where it is kept, and that only what this user and this compiler made is loaded.

What lies in the cache is run: object code, in a pickle. A power cut or a full disk leaves files that are cut off or
full of zeros, which make LLVM crash. So each file begins with a SHA-256 of the rest and of what it was made by and for;
it appears under its name when it is complete; and a folder that others can write is not used.
"""

import hashlib
import os
import pickle
import stat
import sys
import tempfile
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from shlex import quote
from typing import Any

import llvmlite
import numba
from llvmlite import binding
from numba.core import config as numba_config
from numba.core.caching import FunctionCache
from numba.core.serialize import dumps
from platformdirs import user_cache_path

from lengthwise.engine.simd.host import VECTOR_SHAPE
from lengthwise.errors import LengthwiseWarning, RunError

config: Any = numba_config  # its options are set as attributes while it runs

MAKER = (
    f"{sys.version} numba {numba.__version__} {llvmlite.__version__} LLVM {binding.llvm_version_info} {VECTOR_SHAPE}"
)
"""What made the machine code of this process, except the processor, which Numba itself compares."""


def fingerprint(engine: Path) -> str:
    """Return a name for everything that the machine code depends on, except the processor.

    That is `MAKER`, the sources of the SIMD engine, and the tuples of `lengthwise.engine.protocol` that its kernels are
    given.

    Parameters
    ----------
    engine : Path
        The folder with ``protocol.py`` and ``simd/``.
    """
    digest = hashlib.sha256(MAKER.encode())
    for source in (engine / "protocol.py", *sorted((engine / "simd").rglob("*.py"))):
        digest.update(source.relative_to(engine).as_posix().encode())
        digest.update(source.read_bytes())
    return digest.hexdigest()[:16]


def cache_folder() -> Path:
    """Return a folder that this user alone can write: in Numba's if one is set, the user's cache, or a temporary one.

    Warns
    -----
    LengthwiseWarning
        If others can write one of them, which is then not used.
    """
    # The user's number where there is one: a user of a container need not have a name.
    user = os.getuid() if hasattr(os, "getuid") else "user"
    places = [user_cache_path("lengthwise"), Path(tempfile.gettempdir()) / f"lengthwise-{user}"]
    if config.CACHE_DIR:
        places.insert(0, Path(config.CACHE_DIR))
    name = fingerprint(Path(__file__).parents[1])
    for place in places:
        try:
            place.mkdir(mode=0o700, parents=True, exist_ok=True)
            place = place.resolve()  # noqa: PLW2901 - whoever can replace a link cannot lead us elsewhere later
            folder = place / name
            folder.mkdir(mode=0o700, exist_ok=True)
            problem = _open_to_others(place, allow_sticky=True) or _open_to_others(folder)
            if problem is None:
                with tempfile.TemporaryFile(dir=folder):
                    return folder
        except OSError:
            continue
        warnings.warn(
            f"the machine code in {place} is not used, and is compiled elsewhere: {problem}, and what lies there is "
            f"run. Take that right from others (chmod -R go-w {quote(str(place))}), or set NUMBA_CACHE_DIR to another "
            f"folder.",
            LengthwiseWarning,
            stacklevel=2,
        )
    return Path(tempfile.mkdtemp(prefix="lengthwise-"))


def _open_to_others(folder: Path, *, allow_sticky: bool = False) -> str | None:
    """Return how another user can put files in a folder or replace those in it, or None if none but root can.

    In a sticky folder, such as ``/tmp``, others can make files, but not replace ours.
    """
    if not hasattr(os, "getuid"):
        return None
    found = folder.lstat()
    if not stat.S_ISDIR(found.st_mode):
        return f"{folder} is a link"
    if found.st_uid not in (os.getuid(), 0):
        return f"{folder} belongs to another user"
    if found.st_mode & (stat.S_IWGRP | stat.S_IWOTH) and not (allow_sticky and found.st_mode & stat.S_ISVTX):
        return f"others can write {folder} (mode {stat.S_IMODE(found.st_mode):o})"
    return None


class CodeFiles:
    """What `FunctionCache` keeps the machine code of one program in: a file for each key, verified when it is read.

    Parameters
    ----------
    folder : Path
    name : str
        How the files' names begin.
    program : str
        What tells the program from others of this name, such as its module and its source.
    maker : str
        What makes the machine code.
    """

    def __init__(self, folder: Path, name: str, program: str, maker: str = MAKER) -> None:
        self._folder = folder
        self._name = name
        self._identity = f"{maker} {program}"

    def path(self, key: Any) -> Path:
        """Return the file for a key: types of arguments, processor, and code of the program."""
        return self._folder / f"{self._name}-{hashlib.sha256(self._described(key)).hexdigest()[:16]}.code"

    def load(self, key: Any) -> Any:
        """Return what was saved for a key, or None if nothing was.

        Raises
        ------
        RunError
            If the file is not as it was written, or was made by another compiler or for another key.
        """
        try:
            content = self.path(key).read_bytes()
        except FileNotFoundError:
            return None
        written, code = content[:32], content[32:]
        if written != self._digest(key, code):
            raise RunError("it is damaged")
        return pickle.loads(code)  # noqa: S301 - of this user, and as it was written

    def save(self, key: Any, data: Any) -> None:
        """Keep data for a key; nobody else may save for it at the same time.

        Raises
        ------
        OSError
            If they cannot be written.
        """
        code, path = dumps(data), self.path(key)
        part = path.with_suffix(".part")
        try:
            with part.open("wb") as file:
                file.write(self._digest(key, code) + code)
                file.flush()
                os.fsync(file.fileno())
            part.replace(path)
        finally:
            part.unlink(missing_ok=True)

    def _digest(self, key: Any, code: bytes) -> bytes:
        return hashlib.sha256(self._described(key) + code).digest()

    def _described(self, key: Any) -> bytes:
        return f"{self._identity} {key}".encode()


class VerifiedCache(FunctionCache):
    """The machine code of one program, in `CodeFiles`; what does not verify or load is compiled again.

    Parameters
    ----------
    function : callable
        The program.
    folder : Path
        Where it is kept.
    """

    def __init__(self, function: Callable[..., None], folder: Path) -> None:
        with _numba_cache_in(folder):
            super().__init__(function)
        program = f"{function.__module__} {self._impl.locator.get_source_stamp()}"
        self._cache_file = CodeFiles(Path(self._cache_path), self._impl.filename_base, program)

    def load_overload(self, signature: Any, context: Any) -> Any:
        """Return the compiled program for types of arguments, or None if it has to be compiled."""
        try:
            return super().load_overload(signature, context)
        except MemoryError:
            raise
        except Exception as error:  # unpickling calls any library, and raises what that does
            path = self._cache_file.path(self._index_key(signature, context.codegen()))
            reason = str(error) or type(error).__name__
            _warn(f"the machine code in {path} cannot be loaded, and is compiled anew: {reason}.")
            return None

    def save_overload(self, signature: Any, result: Any) -> None:
        """Keep a compiled program."""
        try:
            super().save_overload(signature, result)
        except OSError as error:
            _warn(f"the machine code is not kept, and will be compiled again next time: {error}.")


def _warn(sentence: str) -> None:
    warnings.warn(sentence, LengthwiseWarning, stacklevel=3)


@contextmanager
def _numba_cache_in(folder: Path) -> Iterator[None]:
    before = config.CACHE_DIR
    config.CACHE_DIR = str(folder)
    try:
        yield
    finally:
        config.CACHE_DIR = before
