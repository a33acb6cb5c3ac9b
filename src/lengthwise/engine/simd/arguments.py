"""What a program is given: how its arguments are named, and how they lie in the block of memory that it reads.

A block has eight bytes for each number: of an array its address and the sizes of its axes, of a named tuple what its
fields have. So a compiled program is a function of one address, and neither Python nor Numba has a part in its call.
"""

import ctypes
import struct
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray


class Chosen:
    """An argument that chooses kernels when a program is compiled, and has no data; see `dispatch.Choice`.

    Parameters
    ----------
    kind, name : str
        Such as "cell" and "lstm".
    """

    def __init__(self, kind: str, name: str) -> None:
        self.type_name = f"{kind}({name})"


NUMBERS = {
    bool: ("bool", "?7x"),
    np.bool_: ("bool", "?7x"),
    int: ("int", "q"),
    np.int64: ("int", "q"),
    np.uint64: ("uint", "Q"),
    float: ("float", "d"),
    np.float64: ("float", "d"),
    np.float32: ("float32", "f4x"),
}
"""How a number of each type is called, and how it is written."""


_read_address = ctypes.c_size_t.from_address
_HEAD = object.__basicsize__


def _address_in_memory(array: NDArray[Any]) -> int:
    # In NumPy's C interface the address is the first field of an array, behind the head that every object has.
    return _read_address(id(array) + _HEAD).value


def _address_by_name(array: NDArray[Any]) -> int:
    return int(array.ctypes.data)


_PROBE = np.zeros(1)
_IS_THERE = _address_in_memory(_PROBE) == _address_by_name(_PROBE)

address_of = _address_in_memory if _IS_THERE else _address_by_name
"""Returns the address of an array's first element. NumPy's ways in Python take 5 microseconds; a call has 50 arrays."""


class Packed:
    """A named tuple that many calls are given, whose part of the block is made once.

    Parameters
    ----------
    record : tuple
        Of arrays, numbers and named tuples of them. The arrays' memory stays where it is.
    """

    def __init__(self, record: tuple[Any, ...]) -> None:
        self.record = record
        self.types, self.block = packed((record,))


def packed(arguments: tuple[Any, ...]) -> tuple[str, bytes]:
    """Return a description of the types of arguments, and the block with their values.

    The block has the addresses of the arrays: it is good for as long as they live.

    Parameters
    ----------
    arguments : tuple
        C-contiguous arrays, numbers of the types of `NUMBERS`, `Chosen`, `Packed`, and named tuples of such.

    Raises
    ------
    TypeError
        If there is anything else.
    """
    kinds: list[str] = []
    formats: list[str] = ["="]
    values: list[Any] = []
    for argument in arguments:
        _pack(argument, kinds, formats, values)
    return " ".join(kinds), struct.pack("".join(formats), *values)


def _pack(argument: Any, kinds: list[str], formats: list[str], values: list[Any]) -> None:
    kind = type(argument)
    if kind in NUMBERS:
        name, written = NUMBERS[kind]
        kinds.append(name)
        formats.append(written)
        values.append(argument)
    elif isinstance(argument, np.ndarray):
        if not argument.flags.c_contiguous:
            raise TypeError("a program takes C-contiguous arrays")
        name, written = _written(argument.dtype, argument.ndim)
        kinds.append(name)
        formats.append(written)
        values.append(address_of(argument))
        values += argument.shape
    elif kind is Packed:
        kinds.append(argument.types)
        formats.append(f"{len(argument.block)}s")
        values.append(argument.block)
    elif isinstance(argument, tuple):
        kinds.append(f"{kind.__name__}(")
        for field in argument:
            _pack(field, kinds, formats, values)
        kinds.append(")")
    elif isinstance(argument, Chosen):
        kinds.append(argument.type_name)
    else:
        raise TypeError(f"a program takes arrays, numbers and named tuples of them, and not {kind}")


@lru_cache
def _written(dtype: np.dtype[Any], axes: int) -> tuple[str, str]:
    """Return how an array is called, and how its address and the sizes of its axes are written."""
    return f"{dtype.str}{axes}", f"Q{axes}q"
