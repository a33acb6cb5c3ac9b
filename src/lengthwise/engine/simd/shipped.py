"""Object code that comes with the package, for processors of some kinds, so that the first run need not compile.

A wheel that is built for release has it (`lengthwise.engine.simd.shipping`); a checkout has none, and compiles.
A file is used if it was made of these very sources, for this system and vector shape, and if the processor has all
features that it was made for. It does not depend on the versions of Python, NumPy or Numba.
"""

import hashlib
import lzma
import os
import platform
import sys
from pathlib import Path
from typing import NamedTuple

from lengthwise.engine.simd.host import AVX2, AVX512, NEON, VECTOR_SHAPE, ZEN4, VectorShape, host_features
from lengthwise.engine.simd.machine_code import own_fingerprint

FOLDER = Path(__file__).parent / "shipped"


class Kind(NamedTuple):
    """A kind of processors that object code is made for.

    Attributes
    ----------
    name : str
        LLVM's.
    features : frozenset of str
        That the code may use, LLVM's names.
    architecture : str
        Of such processors, as `host.architecture` names it.
    """

    name: str
    features: frozenset[str]
    architecture: str


def _features(names: str) -> frozenset[str]:
    return frozenset(names.split())


V3 = _features("avx avx2 bmi bmi2 cmov crc32 cx16 cx8 f16c fma fxsr lzcnt mmx movbe popcnt sahf xsave") | _features(
    "sse sse2 sse3 sse4.1 sse4.2 ssse3"
)
V4 = V3 | _features("avx512f avx512bw avx512cd avx512dq avx512vl")
OF_ZEN4 = _features("avx512bf16 avx512bitalg avx512ifma avx512vbmi avx512vbmi2 avx512vnni avx512vpopcntdq gfni")

KINDS: dict[VectorShape, Kind] = {
    AVX2: Kind("x86-64-v3", V3, "x86_64"),
    AVX512: Kind("x86-64-v4", V4, "x86_64"),
    ZEN4: Kind("znver4", V4 | OF_ZEN4, "x86_64"),
    NEON: Kind("generic", frozenset({"neon", "fp-armv8"}), "aarch64"),
}
"""For which processors code of a shape is made."""


def code_path(program: str, types: str) -> Path:
    """Return the file with the object code of a program for arguments of these types, with this process's vectors."""
    described = f"{sys.platform} {platform.machine()} {own_fingerprint()} {program} {types}"
    return FOLDER / f"{hashlib.sha256(described.encode()).hexdigest()[:24]}.xz"


def shipped_code(program: str, types: str) -> bytes | None:
    """Return the object code of a program, or None if there is none that this process may use.

    Raises
    ------
    lzma.LZMAError, OSError
        If its file cannot be read.
    """
    kind = KINDS.get(VECTOR_SHAPE)
    if kind is None or not FOLDER.exists() or not kind.features <= host_features():
        return None
    if "NUMBA_CPU_NAME" in os.environ or "NUMBA_CPU_FEATURES" in os.environ:  # code for another processor is asked for
        return None
    path = code_path(program, types)
    return lzma.decompress(path.read_bytes()) if path.exists() else None
