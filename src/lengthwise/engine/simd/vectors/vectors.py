"""Pointers, vectors, and atomic operations, for Numba.

Pointers are Numba's `types.CPointer`; an offset is counted in elements. A pointer is read as ``p[offset]`` and written
by `store` and `store_scalar`; ``p[offset] = value`` is not for use, as Numba takes a pointer that is only written to
for a variable that nobody reads, and drops the statement.
"""

import operator
import sys
from collections.abc import Callable
from typing import Any

from llvmlite import ir
from numba.core import cgutils, errors, types
from numba.core.datamodel import models
from numba.core.typing.templates import AbstractTemplate, infer_global
from numba.extending import intrinsic, lower_builtin, register_model

from lengthwise.engine.simd.host import LANES, VECTOR_SHAPE, architecture
from lengthwise.engine.simd.vectors import emit
from lengthwise.engine.simd.vectors.emit import F32, I32, I64, VECTOR, VECTOR_I32

ARCHITECTURE = architecture()

float_pointer = types.CPointer(types.float32)


class VectorType(types.Type):
    """``lanes`` float32 numbers in a register."""

    def __init__(self) -> None:
        super().__init__(name=f"vector({LANES})")


@register_model(VectorType)
class _VectorModel(models.PrimitiveModel):
    def __init__(self, manager: Any, kind: VectorType) -> None:
        super().__init__(manager, kind, VECTOR)


vector = VectorType()


# --- pointers and scalars -------------------------------------------------------------------------------------------


@intrinsic
def pointer(context: Any, array: Any) -> Any:
    """Return the address of an array's first element."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return context.make_array(signature.args[0])(context, builder, arguments[0]).data

    return types.CPointer(array.dtype)(array), generate


@intrinsic
def pointers(context: Any, record: Any) -> Any:
    """Return a named tuple with the address of each array in the array's place.

    Compiled functions pass tuples of addresses, and not of arrays, because Numba counts the references to an array,
    with an atomic operation for each array and call. The caller keeps the arrays alive for as long as the program runs.
    """
    for kind in record.types:
        if isinstance(kind, types.Array) and kind.layout != "C":
            raise errors.TypingError(f"{record}: arrays must be C-contiguous")
    kinds = [types.CPointer(kind.dtype) if isinstance(kind, types.Array) else kind for kind in record.types]
    result = types.BaseTuple.from_types(kinds, record.instance_class)

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        fields = []
        for kind, value in zip(record.types, cgutils.unpack_tuple(builder, arguments[0]), strict=True):
            is_array = isinstance(kind, types.Array)
            fields.append(context.make_array(kind)(context, builder, value).data if is_array else value)
        return context.make_tuple(builder, signature.return_type, fields)

    return result(record), generate


@intrinsic
def at(context: Any, p: Any, offset: Any) -> Any:
    """Return the pointer `offset` elements after `p`."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return builder.gep(arguments[0], [arguments[1]])

    return p(p, types.intp), generate


@intrinsic
def store_scalar(context: Any, value: Any, p: Any, offset: Any) -> Any:
    """``p[offset] = value``, the value converted to what p points to."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        builder.store(arguments[0], builder.gep(arguments[1], [arguments[2]]))
        return context.get_dummy_value()

    return types.none(p.dtype, p, types.intp), generate


# --- vectors --------------------------------------------------------------------------------------------------------


@intrinsic
def load(context: Any, p: Any, offset: Any) -> Any:
    """Load the vector at ``p + offset``."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return emit.load(builder, *arguments)

    return vector(float_pointer, types.intp), generate


@intrinsic
def store(context: Any, value: Any, p: Any, offset: Any) -> Any:
    """Store a vector at ``p + offset``."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        emit.store(builder, *arguments)
        return context.get_dummy_value()

    return types.none(vector, float_pointer, types.intp), generate


@intrinsic
def splat(context: Any, scalar: Any) -> Any:
    """Return a vector with `scalar` in every lane."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return emit.splat(builder, arguments[0])

    return vector(types.float32), generate


@intrinsic
def multiply_add(context: Any, a: Any, b: Any, c: Any) -> Any:
    """Return ``a * b + c``, rounded once."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return emit.multiply_add(builder, *arguments)

    return vector(vector, vector, vector), generate


def _operator(operation: Any, emit: Callable[[Any, Any, Any], Any]) -> None:
    """Give vectors an operator, lane by lane."""

    class Template(AbstractTemplate):
        def generic(self, args: Any, kws: Any) -> Any:
            return vector(vector, vector) if args == (vector, vector) and not kws else None

    infer_global(operation)(Template)
    lower_builtin(operation, vector, vector)(lambda context, builder, signature, values: emit(builder, *values))


_operator(operator.add, lambda builder, a, b: builder.fadd(a, b))
_operator(operator.sub, lambda builder, a, b: builder.fsub(a, b))
_operator(operator.mul, lambda builder, a, b: builder.fmul(a, b))
_operator(operator.truediv, lambda builder, a, b: builder.fdiv(a, b))


@intrinsic
def where_less(context: Any, a: Any, b: Any, x: Any, y: Any) -> Any:
    """Return `x` in the lanes where ``a < b``, and `y` in the others, also where either is NaN."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        a, b, x, y = arguments
        return builder.select(builder.fcmp_ordered("<", a, b), x, y)

    return vector(vector, vector, vector, vector), generate


@intrinsic
def minimum(context: Any, a: Any, b: Any) -> Any:
    """Return the smaller of `a` and `b`; `b` where either is NaN."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return builder.select(builder.fcmp_ordered("<", *arguments), *arguments)

    return vector(vector, vector), generate


@intrinsic
def maximum(context: Any, a: Any, b: Any) -> Any:
    """Return the larger of `a` and `b`; `b` where either is NaN."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return builder.select(builder.fcmp_ordered(">", *arguments), *arguments)

    return vector(vector, vector), generate


@intrinsic
def reciprocal(context: Any, a: Any) -> Any:
    """``1 / a`` within 2 units in the last place, for a whose reciprocal is a normal number.

    Where the processor has an estimate to 12 bits or more it is refined by one step of Newton's method, r (2 - a r),
    because a division takes as long as eight multiply-adds.
    """

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        a = arguments[0]
        estimate = VECTOR_SHAPE.reciprocal_estimate
        one = emit.splat(builder, F32(1.0))
        if estimate is None:
            return builder.fdiv(one, a)
        extra = [ir.Constant(VECTOR, [0.0] * LANES), ir.IntType(16)(-1)] if LANES == 16 else []
        r = emit.call(builder, estimate, VECTOR, a, *extra)
        error = emit.multiply_add(builder, builder.fneg(a), r, one)
        return emit.multiply_add(builder, r, error, r)

    return vector(vector), generate


@intrinsic
def square_root(context: Any, a: Any) -> Any:
    """Return the square root, correctly rounded."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return emit.call(builder, f"llvm.sqrt.v{LANES}f32", VECTOR, arguments[0])

    return vector(vector), generate


@intrinsic
def lane_sum(context: Any, a: Any) -> Any:
    """Return the sum over the lanes, as a tree of sums."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        kind = ir.FunctionType(F32, [F32, VECTOR])
        reduce = cgutils.get_or_insert_function(builder.module, kind, f"llvm.vector.reduce.fadd.v{LANES}f32")
        # Without the flag the order would be lane by lane.
        return builder.call(reduce, [F32(-0.0), arguments[0]], fastmath=("reassoc",))

    return types.float32(vector), generate


@intrinsic
def nearest_integer(context: Any, a: Any) -> Any:
    """Round to the nearest integer, ties to even."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return emit.call(builder, f"llvm.rint.v{LANES}f32", VECTOR, arguments[0])

    return vector(vector), generate


@intrinsic
def power_of_two(context: Any, n: Any) -> Any:
    """``2 ** n`` for integral n from -126 to 127, by writing the exponent bits."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        exponent = builder.add(builder.fptosi(arguments[0], VECTOR_I32), emit.splat(builder, I32(127), VECTOR_I32))
        return builder.bitcast(builder.shl(exponent, emit.splat(builder, I32(23), VECTOR_I32)), VECTOR)

    return vector(vector), generate


@intrinsic
def dropout_mask(context: Any, key: Any, first: Any, rate: Any) -> Any:
    """Return 0 with probability `rate`, else 1 / (1 - rate), by a hash of the key and the number of the lane.

    Lane i is numbered ``first + i``; its hash is the 32-bit finaliser of MurmurHash3 (Appleby, 2011) of
    ``key + number * 0x9E3779B9``, so the same numbers give the same mask wherever they are computed.
    """

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        key, first, rate = arguments

        def constant(value: int) -> Any:
            return ir.Constant(VECTOR_I32, [value] * LANES)

        lanes = ir.Constant(VECTOR_I32, list(range(LANES)))
        number = builder.add(emit.splat(builder, builder.trunc(first, I32), VECTOR_I32), lanes)
        h = builder.add(builder.mul(number, constant(0x9E3779B9)), emit.splat(builder, key, VECTOR_I32))
        for shift, factor in ((16, 0x85EBCA6B), (13, 0xC2B2AE35)):
            h = builder.mul(builder.xor(h, builder.lshr(h, constant(shift))), constant(factor))
        h = builder.xor(h, builder.lshr(h, constant(16)))
        # 24 bits, which float32 holds exactly.
        uniform = builder.fmul(
            builder.uitofp(builder.lshr(h, constant(8)), VECTOR), ir.Constant(VECTOR, [2.0**-24] * LANES)
        )
        keep = builder.fdiv(F32(1.0), builder.fsub(F32(1.0), rate))
        dropped = builder.fcmp_ordered("<", uniform, emit.splat(builder, rate))
        return builder.select(dropped, ir.Constant(VECTOR, [0.0] * LANES), emit.splat(builder, keep))

    return vector(types.uint32, types.intp, types.float32), generate


# --- threads --------------------------------------------------------------------------------------------------------


@intrinsic
def atomic_increment(context: Any, counter: Any) -> Any:
    """Add one to an int64 that threads share; return what it was."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return builder.atomic_rmw("add", arguments[0], I64(1), "seq_cst")

    return types.int64(types.CPointer(types.int64)), generate


@intrinsic
def atomic_load(context: Any, counter: Any) -> Any:
    """Read an int64 that threads share."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return builder.load_atomic(arguments[0], "seq_cst", 8)

    return types.int64(types.CPointer(types.int64)), generate


@intrinsic
def compare_exchange(context: Any, counter: Any, before: Any, after: Any) -> Any:
    """Write `after` to an int64 that threads share if it is `before`; return whether it was."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return builder.extract_value(builder.cmpxchg(*arguments, "seq_cst", "seq_cst"), 1)

    return types.boolean(types.CPointer(types.int64), types.int64, types.int64), generate


CLOCK_MONOTONIC = 6 if sys.platform == "darwin" else 1


@intrinsic
def nanoseconds(context: Any) -> Any:
    """Read a clock that is never set; always 0 where the system has no ``clock_gettime``."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        if sys.platform == "win32":
            return I64(0)
        time = cgutils.alloca_once(builder, ir.ArrayType(I64, 2))
        emit.call(builder, "clock_gettime", I32, I32(CLOCK_MONOTONIC), time)
        seconds, rest = (builder.extract_value(builder.load(time), i) for i in range(2))
        return builder.add(builder.mul(seconds, I64(10**9)), rest)

    return types.int64(), generate


@intrinsic
def yield_thread(context: Any) -> Any:
    """Let another thread run; does nothing where the system has no ``sched_yield``."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        if sys.platform != "win32":
            emit.call(builder, "sched_yield", I32)
        return context.get_dummy_value()

    return types.none(), generate


# --- the mode of the floating-point unit ----------------------------------------------------------------------------

FLUSH_X86 = 0x8040
"""The bits "flush to zero" and "denormals are zero" of MXCSR."""

FLUSH_ARM = 1 << 24
"""The bit "flush to zero" of FPCR."""


def _mode(builder: Any) -> Any:
    if ARCHITECTURE == "x86_64":
        place = cgutils.alloca_once(builder, I32)
        emit.call(builder, "llvm.x86.sse.stmxcsr", ir.VoidType(), builder.bitcast(place, ir.IntType(8).as_pointer()))
        return builder.zext(builder.load(place), I64)
    if ARCHITECTURE == "aarch64":
        return emit.call(builder, "llvm.aarch64.get.fpcr", I64)
    return I64(0)


def _set_mode(builder: Any, mode: Any) -> None:
    if ARCHITECTURE == "x86_64":
        place = cgutils.alloca_once(builder, I32)
        builder.store(builder.trunc(mode, I32), place)
        emit.call(builder, "llvm.x86.sse.ldmxcsr", ir.VoidType(), builder.bitcast(place, ir.IntType(8).as_pointer()))
    elif ARCHITECTURE == "aarch64":
        emit.call(builder, "llvm.aarch64.set.fpcr", ir.VoidType(), mode)


@intrinsic
def flush_subnormals(context: Any) -> Any:
    """Take numbers below 1.2e-38 as zero in this thread from now on; return the mode that was, for `restore_mode`.

    A gradient that vanishes over hundreds of steps reaches such numbers, and arithmetic on them is many times slower.
    """

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        mode = _mode(builder)
        flush = FLUSH_X86 if ARCHITECTURE == "x86_64" else FLUSH_ARM
        _set_mode(builder, builder.or_(mode, I64(flush)))
        return mode

    return types.int64(), generate


@intrinsic
def restore_mode(context: Any, mode: Any) -> Any:
    """Undo `flush_subnormals`."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        _set_mode(builder, arguments[0])
        return context.get_dummy_value()

    return types.none(types.int64), generate
