"""The vector shape is the processor's, and the kernels are right with every shape."""

import pytest

from lengthwise.engine.host import AVX2, AVX512, BASELINE, NEON, vector_shape
from tests.engine.processes import begin, result

HASWELL = "+avx,+avx2,+bmi,+bmi2,+cmov,+cx16,+f16c,+fma,+lzcnt,+movbe,+popcnt,+sse4.1,+sse4.2,+ssse3"


@pytest.mark.parametrize(
    ("features", "shape"),
    [
        ({"avx512f", "avx2", "fma"}, AVX512),
        ({"avx2", "fma"}, AVX2),
        ({"avx2"}, BASELINE),
        ({"neon", "fp-armv8"}, NEON),
        ({"sse2"}, BASELINE),
    ],
)
def test_the_widest_vector_that_the_processor_has_is_chosen(features, shape):
    assert vector_shape(frozenset(features)) is shape


@pytest.mark.parametrize(
    ("cpu", "features", "lanes"),
    [("haswell", HASWELL, 8), ("generic", "+neon", 4)],
    ids=["AVX2", "NEON's shape on this machine's baseline instructions"],
)
def test_gradients_are_right_with_the_shape_of_another_processor(cpu, features, lanes):
    found = result(begin("rnn", NUMBA_CPU_NAME=cpu, NUMBA_CPU_FEATURES=features))
    assert found["lanes"] == lanes
    assert found["error"] < 1e-5
