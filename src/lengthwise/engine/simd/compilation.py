"""Compiled programs, each compiled once, by one process, for all.

A lock between processes for each program and types of arguments is held while the machine code is loaded or compiled:
so one process compiles it and the others wait and load, and different ones are compiled at the same time.
"""

import hashlib
import inspect
import warnings
from collections.abc import Callable
from importlib import import_module
from lzma import LZMAError
from pathlib import Path
from typing import Any

from filelock import FileLock

from lengthwise.engine.simd.arguments import packed
from lengthwise.engine.simd.machine_code import CodeFiles, cache_folder
from lengthwise.engine.simd.object_code import LoadedProgram
from lengthwise.engine.simd.shipped import code_path, shipped_code
from lengthwise.errors import LengthwiseWarning, RunError

CACHE_FOLDER = cache_folder()


class Program:
    """A function that is compiled, releases the GIL, and is cached between processes.

    Parameters
    ----------
    module, name : str
        Where the function is; the module is imported when the function has to be compiled.
    function : function, optional
        The function itself, if it is there already.
    """

    def __init__(self, module: str, name: str, function: Callable[..., None] | None = None) -> None:
        self._module = module
        self._name = name
        self._function = function
        # The sources of the engine are in the folder's name; those of others' programs are not.
        own = b"" if function is None else Path(inspect.getfile(function)).read_bytes()
        self._identity = f"{module} {hashlib.sha256(own).hexdigest()}"
        self._loaded: dict[str, LoadedProgram] = {}

    def prepare(self, *arguments: Any, on_compile: Callable[[], None]) -> None:
        """Load or compile the machine code for arguments of these types.

        Parameters
        ----------
        *arguments
            Arguments as for a call.
        on_compile : callable
            Called when the code is not in the cache and has to be compiled, which takes seconds.
        """
        types, _ = packed(arguments)
        if types in self._loaded:
            return
        shipped = self._shipped(types)
        if shipped is not None:
            self._loaded[types] = shipped
            return
        with self.lock(*arguments):
            if types not in self._loaded:
                self._loaded[types] = self._kept(types) or self._compiled(types, arguments, on_compile)

    @property
    def name(self) -> str:
        """The name of the function, with its module's."""
        return f"{self._module}.{self._name}"

    @property
    def function(self) -> Callable[..., None]:
        """The function, whose module is imported."""
        return self._function or getattr(import_module(self._module), self._name)

    def lock(self, *arguments: Any) -> FileLock:
        """Return what a process holds while it loads or compiles the machine code for arguments of these types."""
        types, _ = packed(arguments)
        name = hashlib.sha256(f"{self.name} {types}".encode()).hexdigest()[:16]
        return FileLock(CACHE_FOLDER / f"{name}.lock")

    def __call__(self, *arguments: Any) -> None:
        """Run the program, which is compiled first if it is not prepared."""
        types, block = packed(arguments)
        if types not in self._loaded:
            self.prepare(*arguments, on_compile=lambda: None)
        self._loaded[types].call(block)

    def _shipped(self, types: str) -> LoadedProgram | None:
        """Return the program that came with the package, if it is there."""
        try:
            code = shipped_code(self.name, types)
            return None if code is None else LoadedProgram(code)
        except (OSError, RuntimeError, LZMAError) as error:
            _warn(f"the machine code in {code_path(self.name, types)} cannot be loaded, and is compiled anew: {error}.")
            return None

    def _kept(self, types: str) -> LoadedProgram | None:
        """Return the program from the cache, if it is there."""
        files = self._files
        try:
            code = files.load(types)
            return None if code is None else LoadedProgram(code)
        except (OSError, RuntimeError, RunError) as error:
            _warn(f"the machine code in {files.path(types)} cannot be loaded, and is compiled anew: {error}.")
            return None

    def _compiled(self, types: str, arguments: tuple[Any, ...], on_compile: Callable[[], None]) -> LoadedProgram:
        """Compile the program, and keep it in the cache."""
        on_compile()
        from lengthwise.engine.simd.entry import object_code  # noqa: PLC0415 - loads Numba

        code = object_code(self.function, arguments)
        try:
            self._files.save(types, code)
        except OSError as error:
            _warn(f"the machine code is not kept, and will be compiled again next time: {error}.")
        return LoadedProgram(code)

    @property
    def _files(self) -> CodeFiles:
        return CodeFiles(CACHE_FOLDER, self._name, self._identity)


def program(function: Callable[..., None]) -> Program:
    """Make a `Program` of a function; a decorator."""
    return Program(function.__module__, function.__qualname__, function)


def _warn(sentence: str) -> None:
    warnings.warn(sentence, LengthwiseWarning, stacklevel=4)
