"""Programs compiled to object code: a function of one address, that of a block of arguments.

Numba makes the code of a program and of the kernels that it calls; here it comes together, is optimised, and becomes
the object code of one function, which reads its arguments from a block (`lengthwise.engine.simd.arguments`) and calls
the program. It needs nothing of Python or of Numba when it runs, whatever their versions.
"""

import gc
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import numba
import numpy as np
from llvmlite import binding, ir
from numba.core import types
from numba.core.compiler_lock import global_compiler_lock
from numba.np.arrayobj import populate_array
from numba.np.numpy_support import from_dtype

from lengthwise.engine.simd.arguments import Chosen, Packed
from lengthwise.engine.simd.dispatch import ChoiceType
from lengthwise.engine.simd.kernel import kernel, merged
from lengthwise.engine.simd.object_code import ENTRY, LIBRARY_FUNCTIONS
from lengthwise.errors import RunError

I64 = ir.IntType(64)


def numba_type(argument: Any) -> types.Type:
    """Return the type of an argument as the program is compiled for it: that of `arguments.packed`'s description."""
    if isinstance(argument, np.ndarray):
        return types.Array(from_dtype(argument.dtype), argument.ndim, "C")
    if isinstance(argument, tuple):
        return types.BaseTuple.from_types([numba_type(field) for field in argument], type(argument))
    if isinstance(argument, Packed):
        return numba_type(argument.record)
    if isinstance(argument, Chosen):
        return ChoiceType(argument.type_name)
    return numba.typeof(argument)


@global_compiler_lock
def object_code(function: Callable[..., None], arguments: tuple[Any, ...]) -> bytes:
    """Return the object code of a program for arguments of these types.

    Raises
    ------
    RunError
        If the program calls what is not in `object_code.LIBRARY_FUNCTIONS`.
    """
    with _no_garbage_collection():
        compiled = _compiled(function, tuple(numba_type(argument) for argument in arguments))
    codegen = compiled.target_context.codegen()
    entry = binding.parse_assembly(str(_entry(compiled)))
    module = merged([entry, *compiled.library.parts])
    module.get_function(ENTRY).linkage = binding.Linkage.external
    _optimize(codegen, module)
    missing = {f.name for f in module.functions if f.is_declaration and not f.name.startswith("llvm.")}
    if not missing <= LIBRARY_FUNCTIONS:
        raise RunError(f"{function.__name__} calls {sorted(missing - LIBRARY_FUNCTIONS)}, which object code cannot")
    code: bytes = codegen._tm.emit_object(module)  # noqa: SLF001
    return code


@contextmanager
def _no_garbage_collection() -> Iterator[None]:
    """Leave the search for garbage to a later one of all objects: a compilation makes more than half a million."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()  # together with the next line: young objects count as old ones
        gc.unfreeze()
        if was_enabled:
            gc.enable()


def _compiled(function: Callable[..., None], signature: tuple[types.Type, ...]) -> Any:
    """Return what Numba makes of a function; its library is a `KernelLibrary`."""
    dispatcher: Any = kernel(function)
    dispatcher.compile(signature)
    return dispatcher.overloads[signature]


def _optimize(codegen: Any, module: Any) -> None:
    # Numba's two rounds, without the search for vectors in straight lines, which kernels write as vectors.
    cheap, builder = codegen._module_pass_manager(loop_vectorize=False, slp_vectorize=False, opt=0, cost="cheap")  # noqa: SLF001
    cheap.run(module, builder)
    full, builder = codegen._module_pass_manager(slp_vectorize=False)  # noqa: SLF001
    full.run(module, builder)
    module.verify()


def _entry(compiled: Any) -> Any:
    """Return the module of the function that reads a block and calls the program."""
    context = compiled.target_context
    module = context.codegen()._create_empty_module(ENTRY)  # noqa: SLF001
    entry = ir.Function(module, ir.FunctionType(ir.VoidType(), [I64.as_pointer()]), ENTRY)
    builder = ir.IRBuilder(entry.append_basic_block())
    block = _Block(context, builder, entry.args[0])
    description = compiled.fndesc
    values = [block.read(kind) for kind in description.argtypes]
    callee = context.declare_function(module, description)
    context.call_conv.call_function(builder, callee, description.restype, description.argtypes, values)
    builder.ret_void()
    return module


class _Block:
    """Reads the values of a block one after the other."""

    def __init__(self, context: Any, builder: Any, address: Any) -> None:
        self._context = context
        self._builder = builder
        self._address = address
        self._place = 0

    def read(self, kind: Any) -> Any:
        """Return the next value, of this type."""
        context, builder = self._context, self._builder
        if isinstance(kind, types.Array):
            return self._array(kind)
        if isinstance(kind, types.BaseTuple):
            return context.make_tuple(builder, kind, [self.read(field) for field in kind.types])
        if isinstance(kind, ChoiceType):
            return context.get_dummy_value()
        if kind is types.boolean:
            return builder.trunc(self._next(I64), context.get_value_type(kind))
        return self._next(context.get_value_type(kind))

    def _next(self, kind: ir.Type) -> Any:
        place = self._builder.gep(self._address, [I64(self._place)])
        self._place += 1
        return self._builder.load(self._builder.bitcast(place, kind.as_pointer()))

    def _array(self, kind: Any) -> Any:
        context, builder = self._context, self._builder
        item = context.get_data_type(kind.dtype)
        data = self._next(item.as_pointer())
        shape = [self._next(I64) for _ in range(kind.ndim)]
        size = I64(context.get_abi_sizeof(item))
        strides = [size]
        for length in reversed(shape[1:]):
            strides.insert(0, builder.mul(strides[0], length))
        array = context.make_array(kind)(context, builder)
        populate_array(array, data=data, shape=shape, strides=strides[: kind.ndim], itemsize=size, meminfo=None)
        return array._getvalue()  # noqa: SLF001
