"""Compiled programs and their cache on disk.

Numba's cache knows a program by the file it is written in, and not by the files it calls into; and two processes that
write it at the same time can leave it so that a third one crashes (numba issue 4807). So the cache has a folder of its
own for every version of the engine's sources, and a program is loaded or compiled under a lock between processes.
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
from platformdirs import user_cache_path

from lengthwise.engine.simd.host import VECTOR_SHAPE

config: Any = numba_config  # its options are set as attributes while it runs


def _fingerprint() -> str:
    """Return a name for what the machine code depends on beside the processor, which Numba itself looks at.

    That is this folder, and the tuples of `lengthwise.engine.protocol` that its kernels are given.
    """
    digest = hashlib.sha256(f"{numba.__version__} {llvmlite.__version__} {VECTOR_SHAPE}".encode())
    folder = Path(__file__).parent
    for source in (folder.parent / "protocol.py", *sorted(folder.rglob("*.py"))):
        digest.update(source.relative_to(folder.parent).as_posix().encode())
        digest.update(source.read_bytes())
    return digest.hexdigest()[:16]


def _cache_folder() -> Path:
    """Return a folder that can be written: Numba's if one is set, the user's cache, or a temporary one."""
    # By number where there are any: a user of a container need not have a name.
    user = os.getuid() if hasattr(os, "getuid") else getpass.getuser()
    places = [Path(config.CACHE_DIR)] if config.CACHE_DIR else []
    places += [user_cache_path("lengthwise"), Path(tempfile.gettempdir()) / f"lengthwise-{user}"]
    name = _fingerprint()
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


@contextmanager
def _numba_cache_in(folder: Path) -> Iterator[None]:
    before = config.CACHE_DIR
    config.CACHE_DIR = str(folder)
    try:
        yield
    finally:
        config.CACHE_DIR = before


class _Notice(numba_event.Listener):
    """Calls a function when a compilation really starts, once; loading from the cache is none."""

    def __init__(self, notify: Callable[[], None]) -> None:
        self._notify: Callable[[], None] | None = notify

    def on_start(self, event: Any) -> None:  # noqa: ARG002 - Numba's signature
        if self._notify is not None:
            self._notify()
            self._notify = None

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
        with _numba_cache_in(CACHE_FOLDER):
            # Only Python calls a program, so it needs no wrapper for C.
            self._dispatcher = numba.njit(cache=True, nogil=True, no_cfunc_wrapper=True)(function)

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
        with (
            FileLock(CACHE_FOLDER / "lock"),
            numba_event.install_listener("numba:compile", _Notice(on_compile)),
        ):
            self._dispatcher.compile(signature)

    def __call__(self, *arguments: Any) -> None:
        """Run the program; its machine code must be prepared."""
        self._dispatcher(*arguments)


def program(function: Callable[..., None]) -> Program:
    """Make a `Program` of a function; a decorator."""
    return Program(function)
