"""Object code that comes with the package is used where it fits, and anything else is compiled."""

import lzma

import numpy as np
import pytest

from lengthwise.engine.simd import compilation, shipped
from lengthwise.engine.simd.arguments import packed
from lengthwise.engine.simd.compilation import program as as_program
from lengthwise.engine.simd.entry import object_code
from lengthwise.engine.simd.host import VECTOR_SHAPE, host_features, vector_shape
from lengthwise.engine.simd.shipped import KINDS, Kind, code_path, shipped_code
from lengthwise.engine.simd.shipping import CELLS, TYPES, shipped_programs
from lengthwise.errors import LengthwiseWarning


def double(values):
    for i in range(len(values)):
        values[i] += values[i]


def triple(values):
    for i in range(len(values)):
        values[i] *= 3


@pytest.fixture(autouse=True)
def folders(tmp_path, monkeypatch):
    """Empty folders for what is shipped and for what is compiled, and a processor that has code."""
    monkeypatch.setattr(shipped, "FOLDER", tmp_path)
    monkeypatch.setattr(compilation, "CACHE_FOLDER", tmp_path)
    monkeypatch.setitem(KINDS, VECTOR_SHAPE, Kind("this", host_features(), "any"))
    monkeypatch.delenv("NUMBA_CPU_NAME", raising=False)
    monkeypatch.delenv("NUMBA_CPU_FEATURES", raising=False)


def ship(function, values):
    """Put the code of a function in the place of that of `double`."""
    path = code_path(as_program(double).name, packed((values,))[0])
    path.write_bytes(lzma.compress(object_code(function, (values,))))
    return path


def doubled(values):
    """What `double` makes of some numbers, and how often it was compiled."""
    program, notices = as_program(double), []
    program.prepare(values, on_compile=lambda: notices.append(1))
    program(values)
    return values.tolist(), len(notices)


def test_shipped_code_is_run_and_nothing_is_compiled():
    ship(triple, np.arange(3.0))  # whose result shows which code has run
    assert doubled(np.arange(3.0)) == ([0, 3, 6], 0)
    assert doubled(np.arange(3, dtype=np.int64)) == ([0, 2, 4], 1)


def test_a_processor_without_a_feature_compiles(monkeypatch):
    ship(triple, np.arange(3.0))
    monkeypatch.setitem(KINDS, VECTOR_SHAPE, Kind("other", frozenset({"a feature of others"}), "any"))
    assert doubled(np.arange(3.0)) == ([0, 2, 4], 1)


def test_who_names_another_processor_gets_code_for_it(monkeypatch):
    ship(triple, np.arange(3.0))
    monkeypatch.setenv("NUMBA_CPU_NAME", "x86-64-v3")
    assert shipped_code(as_program(double).name, packed((np.arange(3.0),))[0]) is None


def test_shipped_code_that_is_damaged_costs_a_compilation_and_a_line():
    path = ship(triple, np.arange(3.0))
    path.write_bytes(path.read_bytes()[:-9])
    with pytest.warns(LengthwiseWarning, match="cannot be loaded, and is compiled anew"):
        assert doubled(np.arange(3.0)) == ([0, 2, 4], 1)


@pytest.mark.parametrize(("shape", "kind"), shipped.KINDS.items(), ids=lambda value: getattr(value, "name", ""))
def test_a_kind_of_processors_has_the_vectors_that_its_code_is_made_for(shape, kind):
    if kind.name != "this":
        assert vector_shape(kind.features, kind.name) is shape


def test_every_program_of_the_cells_that_a_study_tries_is_shipped_once():
    described = [(program.name, packed(arguments)[0]) for program, arguments in shipped_programs()]
    assert len(set(described)) == len(described) == len(CELLS) * len(TYPES) * 2
