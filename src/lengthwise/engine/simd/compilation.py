"""Compiled programs and their cache on disk.

Numba's cache identifies a program by the file that it is written in, and ignores the files that it calls into; and two
processes that write the cache at the same time can leave it in a state that makes a third one crash (numba issue 4807).
So every version of the engine's sources has a folder of its own, and there are two kinds of locks between processes:
one for each program and types of arguments, held while the machine code is loaded or compiled, so that each is compiled
once and different ones at the same time; and one for each program, held while its part of the cache is read or written.
"""

import getpass
import hashlib
import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import llvmlite
import numba
from filelock import FileLock
from numba.core import config as numba_config
from numba.core import event as numba_event
from numba.core.caching import FunctionCache
from platformdirs import user_cache_path

from lengthwise.engine.simd.host import VECTOR_SHAPE

config: Any = numba_config  # its options are set as attributes while it runs


def fingerprint(engine: Path) -> str:
    """Return a name for everything that the machine code depends on, except the processor, which Numba itself checks.

    That is the compiler's version, the vector shape, the sources of the SIMD engine, and the tuples of
    `lengthwise.engine.protocol` that its kernels are given.

    Parameters
    ----------
    engine : Path
        The folder with ``protocol.py`` and ``simd/``.
    """
    digest = hashlib.sha256(f"{numba.__version__} {llvmlite.__version__} {VECTOR_SHAPE}".encode())
    for source in (engine / "protocol.py", *sorted((engine / "simd").rglob("*.py"))):
        digest.update(source.relative_to(engine).as_posix().encode())
        digest.update(source.read_bytes())
    return digest.hexdigest()[:16]


def _cache_folder() -> Path:
    """Return a folder that can be written: Numba's if one is set, the user's cache, or a temporary one."""
    # The user's number where there is one: a user of a container need not have a name.
    user = os.getuid() if hasattr(os, "getuid") else getpass.getuser()
    places = [Path(config.CACHE_DIR)] if config.CACHE_DIR else []
    places += [user_cache_path("lengthwise"), Path(tempfile.gettempdir()) / f"lengthwise-{user}"]
    name = fingerprint(Path(__file__).parents[1])
    for place in places:
        folder = place / name
        try:
            folder.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryFile(dir=folder):
                return folder
        except OSError:
            continue
    return Path(tempfile.mkdtemp(prefix="lengthwise-"))


CACHE_FOLDER = _cache_folder()


def _lock(*names: str) -> FileLock:
    """Return the lock between processes for what has these names."""
    return FileLock(CACHE_FOLDER / f"{hashlib.sha256(' '.join(names).encode()).hexdigest()[:16]}.lock")


class _LockedCache(FunctionCache):
    """Numba's cache of one program in `CACHE_FOLDER`, read and written by one process at a time."""

    def __init__(self, function: Callable[..., None], name: str) -> None:
        self._lock = _lock(name)
        with _numba_cache_in(CACHE_FOLDER):
            super().__init__(function)

    def load_overload(self, signature: Any, context: Any) -> Any:
        with self._lock:
            return super().load_overload(signature, context)

    def save_overload(self, signature: Any, result: Any) -> None:
        with self._lock:
            super().save_overload(signature, result)


@contextmanager
def _numba_cache_in(folder: Path) -> Iterator[None]:
    before = config.CACHE_DIR
    config.CACHE_DIR = str(folder)
    try:
        yield
    finally:
        config.CACHE_DIR = before


class _Notice(numba_event.Listener):
    """Calls a function when a dispatcher begins to compile for a signature, and not when it loads from the cache."""

    def __init__(self, dispatcher: Any, signature: tuple[Any, ...], notify: Callable[[], None]) -> None:
        self._compilation = (dispatcher, signature)
        self._notify = notify

    def on_start(self, event: Any) -> None:
        if (event.data["dispatcher"], event.data["args"]) == self._compilation:
            self._notify()

    def on_end(self, event: Any) -> None:
        pass


class Program:
    """A compiled function that releases the GIL, cached between processes.

    Parameters
    ----------
    function : callable
        What to compile.
    """

    def __init__(self, function: Callable[..., None]) -> None:
        self.__doc__ = function.__doc__
        self._name = f"{function.__module__}.{function.__qualname__}"
        # Only Python calls a program, so it needs no wrapper for C.
        self._dispatcher = numba.njit(nogil=True, no_cfunc_wrapper=True)(function)
        self._dispatcher._cache = _LockedCache(function, self._name)  # noqa: SLF001 - cache=True has no locks

    def prepare(self, *arguments: Any, on_compile: Callable[[], None]) -> None:
        """Load or compile the machine code for arguments of these types.

        Parameters
        ----------
        *arguments
            Arguments as for a call.
        on_compile : callable
            Called when the code is not in the cache and has to be compiled, which takes seconds.
        """
        signature = tuple(numba.typeof(argument) for argument in arguments)
        if signature in self._dispatcher.overloads:
            return
        notice = _Notice(self._dispatcher, signature, on_compile)
        with self.lock(*arguments), numba_event.install_listener("numba:compile", notice):
            self._dispatcher.compile(signature)

    def lock(self, *arguments: Any) -> FileLock:
        """Return what a process holds while it loads or compiles the machine code for arguments of these types."""
        return _lock(self._name, *(str(numba.typeof(argument)) for argument in arguments))

    def __call__(self, *arguments: Any) -> None:
        """Run the program; its machine code must be prepared."""
        self._dispatcher(*arguments)


def program(function: Callable[..., None]) -> Program:
    """Make a `Program` of a function; a decorator."""
    return Program(function)
