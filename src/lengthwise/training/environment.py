"""The environment of a run: versions and processor."""

import platform
from importlib.metadata import version
from pathlib import Path
from typing import Any

PACKAGES = ("lengthwise", "numpy", "numba", "llvmlite", "safetensors", "tensorboard")


def processor() -> str:
    """Return the processor's name, as given by the system and by LLVM."""
    name = platform.processor() or platform.machine()
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.exists():
        models = [
            row.split(":", 1)[1].strip() for row in cpuinfo.read_text().splitlines() if row.startswith("model name")
        ]
        name = models[0] if models else name
    from llvmlite import binding  # noqa: PLC0415 - heavy

    return f"{name} ({binding.get_host_cpu_name()})"


def describe_environment(more: tuple[str, ...] = ()) -> dict[str, Any]:
    """Return versions, system, processor and the vector width for which kernels are compiled.

    Parameters
    ----------
    more : tuple of str
        Packages whose versions are recorded in addition to the usual ones.
    """
    from lengthwise.engine.simd.host import VECTOR_SHAPE  # noqa: PLC0415 - loads LLVM

    return {
        "python": platform.python_version(),
        **{package: version(package) for package in (*PACKAGES, *more)},
        "system": platform.platform(),
        "cpu": processor(),
        "lanes": VECTOR_SHAPE.lanes,
    }
