"""Object code that comes with the package is used where it fits, and anything else is compiled."""

import lzma
from itertools import product

import numpy as np
import pytest
from llvmlite import binding

import lengthwise
from lengthwise.engine.protocol import LOSS_KINDS, data_of
from lengthwise.engine.simd import compilation, shipped
from lengthwise.engine.simd.arguments import packed
from lengthwise.engine.simd.compilation import program as as_program
from lengthwise.engine.simd.entry import object_code
from lengthwise.engine.simd.host import VECTOR_SHAPE, host_features, processor_name, vector_shape
from lengthwise.engine.simd.shipped import KINDS, Kind, code_path, shipped_code
from lengthwise.engine.simd.shipping import CELLS, TYPES, processor, shipped_programs
from lengthwise.errors import LengthwiseWarning
from lengthwise.networks.backend import make_engine
from lengthwise.networks.network import Network
from lengthwise.study.pilot_race import CANDIDATES
from lengthwise.tasks.tasks import TASKS
from lengthwise.training.keyword_settings import DEFAULTS
from lengthwise.training.settings import Settings
from lengthwise.training.setup import network_for, placed_for
from tests.engine.processes import begin, result

KIND = KINDS.get(VECTOR_SHAPE)
"""For which processors the code is made that this one could use."""


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


def shipped_types():
    """The programs that are shipped, and the types that they are compiled for."""
    return [(program.name, packed(arguments)[0]) for program, arguments in shipped_programs()]


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


def test_every_program_of_the_cells_is_shipped_once_for_every_loss_and_type_of_values():
    described = shipped_types()
    assert len(set(described)) == len(described) == len(CELLS) * len(TYPES) * 2
    assert sorted(TYPES) == sorted(product(LOSS_KINDS, ("uint8", "float32")))


def test_the_cells_of_pilots_and_the_default_one_are_shipped():
    cells = {DEFAULTS["cell"], *(candidate["cell"] for candidate in CANDIDATES)}
    assert {Network(1, 2, cell).engine_cell for cell in cells} <= set(CELLS)


BYTES = np.random.default_rng(0).integers(0, 256, (20, 6, 2), dtype=np.uint8)
CLASSES = np.arange(20) % 2
DATA = {
    "bytes and classes": lambda _: lengthwise.load_data(BYTES, CLASSES),
    "bytes and numbers": lambda _: lengthwise.load_data(BYTES, CLASSES / 3),
    "bytes and tags": lambda _: lengthwise.load_data(BYTES, BYTES[..., 0] // 128, task="tagging"),
    "numbers and classes": lambda _: lengthwise.load_data(BYTES / 7, CLASSES),
    "numbers and tags": lambda _: lengthwise.load_data(BYTES / 7, BYTES[..., 0] // 128, task="tagging"),
    "a series": lambda _: lengthwise.load_data(BYTES.ravel() / 7, task="forecasting", horizon=1),
    "text": lambda path: lengthwise.load_data(path, lookback=8),
}


@pytest.mark.parametrize("kind", DATA)
def test_what_trains_and_judges_networks_on_any_data_is_shipped(kind, tmp_path):
    path = tmp_path / "text.txt"
    path.write_text("to be or not to be, " * 60)
    dataset, described = DATA[kind](path), set(shipped_types())
    for placement in TASKS[dataset.task].placements:
        settings = Settings(seq_len=4, batch_size=4, placement=placement)
        network, data = network_for(settings, dataset), placed_for(settings, dataset)
        with make_engine(network, settings.seq_len, settings.batch_size) as engine:
            programs = engine.programs(data_of(*data.train.whole))
        assert {(program.name, packed(arguments)[0]) for program, arguments in programs} <= described


@pytest.mark.skipif(
    KIND is None or not KIND.features <= host_features(), reason="no code is shipped for processors such as this one"
)
def test_code_of_the_kind_that_is_shipped_trains_to_the_same_bits_as_code_for_this_very_processor(tmp_path):
    exact = {
        "NUMBA_CPU_NAME": processor_name(), "NUMBA_CPU_FEATURES": binding.get_host_cpu_features().flatten()
    }  # fmt: skip
    one, other = (
        result(process)
        for process in [
            begin("gru", NUMBA_CACHE_DIR=str(tmp_path / name), **compiled_for)
            for name, compiled_for in (("exact", exact), ("generic", processor(KIND)))
        ]
    )
    assert one["compilations"] == other["compilations"] == 2
    assert one == other
