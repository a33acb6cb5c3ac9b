"""A program reads from a block what it was given, and code for other types has another description."""

import struct
from typing import Any, NamedTuple

import numpy as np
import pytest

from lengthwise.engine.simd.arguments import Chosen, Packed, address_of, packed
from lengthwise.engine.simd.compilation import program


class Pair(NamedTuple):
    first: Any
    second: Any


def write_all(_chosen, values, pair, flag, seed, rate, out):
    rows, columns = values.shape
    out[0], out[1] = rows, columns
    out[2] = values[1, 2]
    out[3], out[4] = pair.first, pair.second[1]
    out[5] = 1 if flag else 0
    out[6] = seed >> np.uint64(60)
    out[7] = rate


def test_a_program_reads_every_kind_of_argument():
    writer = program(write_all)
    values, second, out = np.arange(6, dtype=np.uint8).reshape(2, 3), np.array([1.5, 2.5], np.float32), np.zeros(8)
    for flag in (False, True):
        arguments = (Chosen("cell", "rnn"), values, Pair(-7, second), flag, np.uint64(15 << 60), np.float32(0.25), out)
        writer.prepare(*arguments, on_compile=lambda: None)
        writer(*arguments)
        assert out.tolist() == [2, 3, 5, -7, 2.5, flag, 15, 0.25]


def test_a_block_has_eight_bytes_for_each_number():
    values = np.zeros((2, 3), np.float32)
    types, block = packed((Chosen("cell", "rnn"), Pair(True, values), np.float32(0.5), 4.0))
    assert types == "cell(rnn) Pair( bool <f42 ) float32 float"
    assert block == struct.pack("=?7xQqqf4xd", True, values.ctypes.data, 2, 3, 0.5, 4.0)


@pytest.mark.parametrize("array", [np.arange(9.0), np.arange(9.0)[4:], np.zeros((0, 3)), np.zeros((2, 3, 1), np.uint8)])
def test_an_address_is_numpys(array):
    assert address_of(array) == array.ctypes.data


def test_what_is_packed_once_is_the_same_to_a_program():
    pair = Pair(2, np.arange(3.0))
    assert packed((1, Packed(pair), 4.0)) == packed((1, pair, 4.0))


@pytest.mark.parametrize(("argument", "same"), [(3, np.int64(3)), (3.0, np.float64(3)), (True, np.True_)])
def test_numbers_of_python_and_of_numpy_are_the_same_types(argument, same):
    assert packed((argument,)) == packed((same,))


@pytest.mark.parametrize("argument", [np.zeros((2, 3)).T, np.int32(1), "text", [1]])
def test_what_no_program_can_read_is_refused(argument):
    with pytest.raises(TypeError, match="a program takes"):
        packed((argument,))
