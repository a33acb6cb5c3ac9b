"""Compiled programs, each compiled once, by one process, for all.

A lock between processes for each program and types of arguments is held while the machine code is loaded or compiled:
so one process compiles it and the others wait and load, and different ones are compiled at the same time.
"""

import hashlib
from collections.abc import Callable
from typing import Any

import numba
from filelock import FileLock
from numba.core import event as numba_event

from lengthwise.engine.simd.machine_code import VerifiedCache, cache_folder

CACHE_FOLDER = cache_folder()


def _lock(*names: str) -> FileLock:
    """Return the lock between processes for what has these names."""
    return FileLock(CACHE_FOLDER / f"{hashlib.sha256(' '.join(names).encode()).hexdigest()[:16]}.lock")


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
        self._dispatcher._cache = VerifiedCache(function, CACHE_FOLDER)  # noqa: SLF001 - cache=True verifies nothing

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
