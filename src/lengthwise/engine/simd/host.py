"""Which vector shapes suit the processor that Numba compiles for.

The lanes are what the widest vector register holds. The tiles have accumulators enough to hide the latency of a fused
multiply-add (about 4 cycles × 2 units, so at least 8), and fit the register file with the operands beside them. Where
loads are scarcer than multiply-adds, tiles have two vectors side by side, for which a broadcast number is loaded once.
"""

import os
from dataclasses import dataclass

from llvmlite import binding


@dataclass(frozen=True)
class VectorShape:
    """The shapes that the kernels are generated with.

    Attributes
    ----------
    lanes : int
        float32 numbers in a vector register.
    vectors : int
        Vectors side by side in a chunk: a chunk is ``lanes * vectors`` sequences.
    rows : int
        Most rows of a tile.
    columns : int
        Most vectors side by side in a tile of a weight gradient, which need not be as wide as a chunk.
    group : int
        Least chunks of a group, whose gradients one thread adds, where a batch has twice as many or more.
    reciprocal_estimate : str or None
        LLVM's name of the instruction that estimates 1 / x to 12 bits or more, if there is one.
    """

    lanes: int
    vectors: int
    rows: int
    columns: int
    group: int = 1
    reciprocal_estimate: str | None = None

    @property
    def chunk(self) -> int:
        """Sequences in a chunk."""
        return self.lanes * self.vectors


RECIPROCAL_512 = "llvm.x86.avx512.rcp14.ps.512"

AVX512 = VectorShape(lanes=16, vectors=1, rows=12, columns=2, group=2, reciprocal_estimate=RECIPROCAL_512)
"""32 registers of 16 numbers: up to 24 accumulators, 2 operands, 1 broadcast.

A chunk is one vector wide: a batch has work for more threads, and what forward keeps of a chunk stays in nearer caches.
A weight gradient broadcasts numbers that lie apart, of which two vectors share the loads. The work of a chunk is small
beside that of adding a group's gradient to the others' where windows are short, so groups have two.
"""

ZEN4 = VectorShape(lanes=16, vectors=1, rows=12, columns=1, reciprocal_estimate=RECIPROCAL_512)
"""AVX512's registers, on a processor that does one multiply-add of them a cycle, and loads two numbers meanwhile."""

AVX2 = VectorShape(lanes=8, vectors=2, rows=6, columns=2, reciprocal_estimate="llvm.x86.avx.rcp.ps.256")
"""16 registers of 8: 12 accumulators, 2 operands, 1 broadcast."""

NEON = VectorShape(lanes=4, vectors=4, rows=6, columns=4)
"""32 registers of 4: 24 accumulators, 4 operands, 1 broadcast."""

BASELINE = VectorShape(lanes=4, vectors=2, rows=4, columns=2)
"""16 registers of 4 (SSE2), or any other instructions to which LLVM can lower vectors of four."""


ALWAYS = {"aarch64": frozenset({"neon", "fp-armv8"})}
"""What every processor of an architecture has: on macOS LLVM finds no features, nor under some emulators."""


def architecture() -> str:
    """Return the name of the machine's instructions, such as ``"x86_64"`` or ``"aarch64"``, on every system alike."""
    return str(binding.get_process_triple()).split("-")[0].replace("arm64", "aarch64")


def features() -> frozenset[str]:
    """Return the processor features that Numba compiles for: the host's, or those of ``NUMBA_CPU_FEATURES``."""
    named = os.environ.get("NUMBA_CPU_FEATURES")
    if named is None and os.environ.get("NUMBA_CPU_NAME", "").lower() != "generic":
        return host_features()
    return frozenset(flag[1:] for flag in (named or "").split(",") if flag.startswith("+"))


def host_features() -> frozenset[str]:
    """Return the features of the processor that this process runs on."""
    found = frozenset(name for name, present in binding.get_host_cpu_features().items() if present)
    return found | ALWAYS.get(architecture(), frozenset())


def processor_name() -> str:
    """Return LLVM's name of the processor that Numba compiles for: the host's, or ``NUMBA_CPU_NAME``."""
    return os.environ.get("NUMBA_CPU_NAME") or str(binding.get_host_cpu_name())


def vector_shape(flags: frozenset[str], name: str = "") -> VectorShape:
    """Choose the shape for a processor with the features `flags`, which as its `name` are LLVM's names.

    >>> vector_shape(frozenset({"avx2", "fma", "avx512f"})) is AVX512
    True
    >>> vector_shape(frozenset({"avx2", "fma", "avx512f"}), "znver4") is ZEN4
    True
    >>> vector_shape(frozenset({"avx2", "fma"})) is AVX2
    True
    >>> vector_shape(frozenset({"neon"})) is NEON
    True
    """
    if "avx512f" in flags:
        return ZEN4 if name == "znver4" else AVX512
    if {"avx2", "fma"} <= flags:
        return AVX2
    if "neon" in flags:
        return NEON
    return BASELINE


VECTOR_SHAPE = vector_shape(features(), processor_name())
"""The shape for this process."""

LANES, VECTORS, CHUNK = VECTOR_SHAPE.lanes, VECTOR_SHAPE.vectors, VECTOR_SHAPE.chunk
