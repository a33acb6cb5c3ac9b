"""How kernels are compiled: the functions that compiled programs consist of.

They are called from compiled code only. So Numba need not make the wrappers by which Python or C would call them; and
their code is only linked into that of their callers, and is optimised and translated to machine code once, in the whole
program. Numba's own compiler does both for every function, and again for its callers: that is 40 % of the time that a
program takes to compile, and does not change its results.

A kernel is compiled for each combination of types that it is called with, and Numba gives a literal number a type of
its own. To avoid that a large kernel is compiled twice for that reason, kernels write `i64(1)`.

No fast-math flag is set: a NaN stays a NaN, a sum keeps its order, and the fused multiply-adds are written where they
are meant. Division is NumPy's: by zero it gives inf or NaN, where Python's would raise an error, whose test keeps LLVM
from using vectors.
"""

from collections.abc import Callable
from typing import Any, TypeVar

import numba
from llvmlite import binding
from numba import _dynfunc
from numba.core.codegen import JITCodeLibrary
from numba.core.compiler import CompilerBase, DefaultPassBuilder
from numba.core.compiler_machinery import register_pass
from numba.core.typed_passes import InlineOverloads, NativeLowering, NopythonRewrites
from numba.core.untyped_passes import (
    GenericRewrites,
    InlineClosureLikes,
    InlineInlinables,
    RewriteSemanticConstants,
)
from numba.extending import register_jitable

Function = TypeVar("Function", bound=Callable[..., Any])


class KernelLibrary(JITCodeLibrary):
    """The code of a kernel alone, as it was generated; the libraries of the functions that it calls are beside it."""

    _shared_module: Any

    @property
    def parts(self) -> list[Any]:
        """The modules of the kernel and of all functions that it calls, each once."""
        found: dict[int, Any] = {}
        waiting = [self]
        while waiting:
            library = waiting.pop()
            if id(library) not in found:
                is_kernel = isinstance(library, KernelLibrary)
                found[id(library)] = library._final_module if is_kernel else library._get_module_for_linking()  # noqa: SLF001
                waiting += library._linking_libraries if is_kernel else []  # noqa: SLF001
        return list(found.values())

    def _get_module_for_linking(self) -> Any:
        # For a caller that is not a kernel, and links modules that are complete.
        if self._shared_module is None:
            self._shared_module = merged(self.parts)
        return self._shared_module

    def _optimize_functions(self, ll_module: Any) -> None:
        pass

    def finalize(self) -> None:
        """Leave the code as it is."""
        self._raise_if_finalized()
        self._finalized = True


def merged(parts: list[Any]) -> Any:
    """Return a module with the functions of all modules; those that are not used may be dropped from it."""
    module = parts[0].clone()
    for part in parts[1:]:
        module.link_in(part, preserve=True)
    for function in module.functions:
        if not function.is_declaration and function.linkage == binding.Linkage.external:
            function.linkage = binding.Linkage.linkonce_odr
    return module


@register_pass(mutates_CFG=True, analysis_only=False)
class _KernelLowering(NativeLowering):
    """Generates a kernel's code, for its callers to link."""

    _name = "kernel_lowering"

    def run_pass(self, state: Any) -> bool:
        state.library = KernelLibrary(state.targetctx.codegen(), state.func_id.func_qualname)
        state.flags.no_compile = True
        super().run_pass(state)
        # Numba finds a function's code by its entry point for Python. Python never calls it, so its address is zero.
        lowered = state.cr
        name, place = lowered.fndesc.qualname, lowered.fndesc.lookup_module()
        entry = _dynfunc.make_function(place, name, "", 0, lowered.env, (state.library,))
        state.targetctx.insert_user_function(entry, lowered.fndesc, [state.library])
        state.cr = lowered._replace(cfunc=entry)
        return True


NOT_NEEDED = {
    GenericRewrites,
    InlineClosureLikes,
    InlineInlinables,
    InlineOverloads,
    NopythonRewrites,
    RewriteSemanticConstants,
}
"""Passes for what kernels do not have, such as expressions of whole arrays, closures, and functions to be inlined."""


class KernelCompiler(CompilerBase):
    """Numba's compiler, except that code is only made to be linked into its callers."""

    def define_pipelines(self) -> list[Any]:
        """Return the passes, in a list of one pipeline, as Numba asks for it."""
        pipeline = DefaultPassBuilder.define_nopython_pipeline(self.state)
        pipeline.passes = [
            (_KernelLowering if kind is NativeLowering else kind, purpose)
            for kind, purpose in pipeline.passes
            if kind not in NOT_NEEDED
        ]
        pipeline.finalize()
        return [pipeline]


KERNEL_OPTIONS: dict[str, Any] = {
    "pipeline_class": KernelCompiler,
    "no_cpython_wrapper": True,
    "no_cfunc_wrapper": True,
    "_nrt": False,
    "error_model": "numpy",
}
"""Options of `numba.njit` for kernels."""

_njit: Any = numba.njit

kernel: Callable[[Callable[..., Any]], Any] = _njit(**KERNEL_OPTIONS)
"""Compile a function that only compiled functions call; a decorator."""


def also_kernel(function: Function) -> Function:
    """Compile a function where kernels call it, and leave it as it is for Python; a decorator."""
    register_jitable(**KERNEL_OPTIONS)(function)
    return function
