"""The vector shape is the processor's, and the kernels are right with every shape."""

import pytest
from llvmlite import binding

from lengthwise.engine.simd.host import (
    AVX2,
    AVX512,
    BASELINE,
    NEON,
    ZEN4,
    architecture,
    features,
    host_features,
    processor_name,
    vector_shape,
)
from tests.engine.processes import begin, result

HASWELL = "+avx,+avx2,+bmi,+bmi2,+cmov,+cx16,+f16c,+fma,+lzcnt,+movbe,+popcnt,+sse4.1,+sse4.2,+ssse3"


@pytest.mark.parametrize(
    ("features", "name", "shape"),
    [
        ({"avx512f", "avx2", "fma"}, "emeraldrapids", AVX512),
        ({"avx512f", "avx2", "fma"}, "znver5", AVX512),
        ({"avx512f", "avx2", "fma"}, "znver4", ZEN4),
        ({"avx2", "fma"}, "haswell", AVX2),
        ({"avx2", "fma"}, "znver4", AVX2),
        ({"avx2"}, "", BASELINE),
        ({"neon", "fp-armv8"}, "apple-m1", NEON),
        ({"sse2"}, "generic", BASELINE),
    ],
)
def test_the_widest_vector_that_the_processor_has_is_chosen(features, name, shape):
    assert vector_shape(frozenset(features), name) is shape


@pytest.mark.skipif(architecture() != "aarch64", reason="the processor is none of ARM's")
def test_a_processor_of_arm_has_neon_where_no_feature_is_found(monkeypatch):
    monkeypatch.setattr(binding, "get_host_cpu_features", dict)
    assert vector_shape(host_features(), "generic") is NEON


def test_the_features_of_a_processor_whose_name_is_unknown_are_used(monkeypatch):
    monkeypatch.delenv("NUMBA_CPU_NAME", raising=False)
    monkeypatch.delenv("NUMBA_CPU_FEATURES", raising=False)
    monkeypatch.setattr(binding, "get_host_cpu_name", lambda: "generic")
    assert features() == host_features()


def test_a_processor_that_is_named_generic_has_the_features_that_are_named(monkeypatch):
    monkeypatch.setenv("NUMBA_CPU_NAME", "generic")
    monkeypatch.delenv("NUMBA_CPU_FEATURES", raising=False)
    assert features() == frozenset()
    monkeypatch.setenv("NUMBA_CPU_FEATURES", "+neon,-avx")
    assert features() == {"neon"}


@pytest.mark.parametrize(
    ("cpu", "features", "lanes"),
    [
        pytest.param("haswell", HASWELL, 8, marks=pytest.mark.skipif(architecture() != "x86_64", reason="code of x86")),
        ("generic", "+neon", 4),
    ],
    ids=["AVX2", "NEON's shape on this machine's baseline instructions"],
)
def test_gradients_are_right_with_the_shape_of_another_processor(cpu, features, lanes):
    found = result(begin("rnn", NUMBA_CPU_NAME=cpu, NUMBA_CPU_FEATURES=features))
    assert found["lanes"] == lanes
    assert found["error"] < 1e-5


@pytest.mark.skipif("avx512f" not in features(), reason="the processor has no AVX-512")
def test_gradients_are_right_with_the_other_shape_of_avx_512():
    other = "skylake-avx512" if processor_name() == "znver4" else "znver4"
    assert vector_shape(features(), other) is not vector_shape(features(), processor_name())
    found = result(begin("rnn", NUMBA_CPU_NAME=other))
    assert found["lanes"] == 16
    assert found["error"] < 1e-5
