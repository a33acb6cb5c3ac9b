"""Object code of programs, loaded into this process."""

import ctypes
from collections.abc import Callable
from functools import lru_cache
from typing import Any

from llvmlite import binding

ENTRY = "lengthwise_program"
"""The name of the function in the object code of a program."""

LIBRARY_FUNCTIONS = frozenset(
    {"expf", "logf", "log", "pow", "sqrt", "sqrtf", "memset", "memcpy", "memmove", "sched_yield", "clock_gettime"}
)
"""What a program may call: functions of the C library, which is in every process of Python."""


FORMATS = (b"\x7fELF", b"\xcf\xfa\xed\xfe")
"""How object code begins on Linux, and on macOS."""


@lru_cache(maxsize=1)
def _prepare_llvm() -> None:
    binding.initialize_native_target()
    binding.initialize_native_asmprinter()
    library = ctypes.CDLL(None)
    for name in LIBRARY_FUNCTIONS:
        binding.add_symbol(name, ctypes.cast(getattr(library, name), ctypes.c_void_p).value)


class LoadedProgram:
    """The function of some object code, which releases the GIL.

    Parameters
    ----------
    code : bytes
        Of `lengthwise.engine.simd.entry.object_code`.

    Raises
    ------
    RuntimeError
        If it is no object code.
    """

    def __init__(self, code: bytes) -> None:
        if not code.startswith(FORMATS):  # LLVM would crash
            raise RuntimeError("it is no object code")
        _prepare_llvm()
        machine = binding.Target.from_default_triple().create_target_machine(jit=True)
        # An engine of its own, as every program's function has the same name; the code lives as long as the engine.
        self._engine: Any = binding.create_mcjit_compiler(binding.parse_assembly(""), machine)
        self._engine.add_object_file(binding.object_file.ObjectFileRef.from_data(code))
        self._engine.finalize_object()
        address = self._engine.get_function_address(ENTRY)
        if not address:
            raise RuntimeError(f"it has no function {ENTRY}")
        self.call: Callable[[bytes], None] = ctypes.CFUNCTYPE(None, ctypes.c_char_p)(address)
