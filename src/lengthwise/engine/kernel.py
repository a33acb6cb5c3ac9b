"""How the functions that compiled programs consist of are compiled: one named set of flags.

They are called from compiled code only, so Numba need not make the wrappers by which Python or C would call them, which
saves a sixth of the compile time. No fast-math flag is set: a NaN stays a NaN, a sum keeps its order, and the fused
multiply-adds are written where they are meant. Division is NumPy's: by zero it gives inf or NaN, where Python's would
raise an error, whose test keeps LLVM from using vectors.
"""

from collections.abc import Callable
from typing import Any

import numba

_njit: Any = numba.njit

kernel: Callable[[Callable[..., Any]], Any] = _njit(no_cpython_wrapper=True, no_cfunc_wrapper=True, error_model="numpy")
"""Compile a function that only compiled functions call."""

inlined_kernel: Callable[[Callable[..., Any]], Any] = _njit(inline="always", error_model="numpy")
"""Put a function's statements into its callers, so that its tiles stay in their registers."""
