"""The LLVM code of operations on vectors.

``F32``, ``I32``, ``I64``, ``VECTOR`` and ``VECTOR_I32`` are LLVM's types; every function takes llvmlite's builder.
"""

from typing import Any

from llvmlite import ir
from numba.core import cgutils

from lengthwise.engine.simd.host import LANES

F32 = ir.FloatType()
I32 = ir.IntType(32)
I64 = ir.IntType(64)
VECTOR = ir.VectorType(F32, LANES)
VECTOR_I32 = ir.VectorType(I32, LANES)
FLOAT_BYTES = 4


def address(builder: Any, pointer: Any, offset: Any, kind: ir.Type) -> Any:
    """Return the address of a `kind` that begins `offset` elements after `pointer`."""
    return builder.bitcast(builder.gep(pointer, [offset]), kind.as_pointer())


def load(builder: Any, pointer: Any, offset: Any) -> Any:
    """Load the vector at ``pointer + offset``."""
    return builder.load(address(builder, pointer, offset, VECTOR), align=FLOAT_BYTES)


def store(builder: Any, value: Any, pointer: Any, offset: Any) -> None:
    """Store a vector at ``pointer + offset``."""
    builder.store(value, address(builder, pointer, offset, VECTOR), align=FLOAT_BYTES)


def splat(builder: Any, scalar: Any, kind: ir.VectorType = VECTOR) -> Any:
    """Return a vector with `scalar` in every lane."""
    undefined = ir.Constant(kind, ir.Undefined)
    first = builder.insert_element(undefined, scalar, I32(0))
    return builder.shuffle_vector(first, undefined, ir.Constant(ir.VectorType(I32, kind.count), [0] * kind.count))


def shuffle(builder: Any, a: Any, b: Any, lanes: list[int]) -> Any:
    """Return the `lanes` of `a` and `b`, those of `b` counted after those of `a`."""
    return builder.shuffle_vector(a, b, ir.Constant(ir.VectorType(I32, len(lanes)), lanes))


def call(builder: Any, name: str, kind: ir.Type, *arguments: Any) -> Any:
    """Call a function of LLVM or of the C library by its name."""
    signature = ir.FunctionType(kind, [argument.type for argument in arguments])
    return builder.call(cgutils.get_or_insert_function(builder.module, signature, name), arguments)


def multiply_add(builder: Any, a: Any, b: Any, c: Any) -> Any:
    """Return ``a * b + c``."""
    # llvm.fmuladd and not llvm.fma: without the instruction it becomes two, and not a call of libm.
    return call(builder, f"llvm.fmuladd.v{LANES}f32", VECTOR, a, b, c)
