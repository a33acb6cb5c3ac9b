"""Vectors and register tiles for Numba: the one file that knows llvmlite.

Numba's loop vectoriser does not keep a block of accumulators in registers by itself; these types make it. A `Vector`
is ``<lanes x float>``, a `Tile` of R rows and C columns is R * C vectors that LLVM keeps in registers. Kernels written
with them are ordinary Numba functions; what they compile to is chosen by `lengthwise.engine.host`.

Contract: float32 in and out; every multiply-add is one fused operation where the processor has it; pointers are
trusted (no bounds are checked); nothing allocates; nothing depends on the number of threads.

Pointers are `types.CPointer(float32)`; an offset is counted in elements. In a chunk buffer, a *row* is one feature of
all sequences of the chunk: ``CHUNK`` floats, ``lanes * vectors``.
"""

import operator
import sys
from collections.abc import Callable
from typing import Any

from llvmlite import ir
from numba.core import cgutils, types
from numba.core.datamodel import models
from numba.core.typing.templates import AbstractTemplate, infer_global
from numba.extending import intrinsic, lower_builtin, register_model

from lengthwise.engine.host import VECTOR_SHAPE

LANES = VECTOR_SHAPE.lanes
VECTORS = VECTOR_SHAPE.vectors
CHUNK = VECTOR_SHAPE.chunk

F32 = ir.FloatType()
I32 = ir.IntType(32)
I64 = ir.IntType(64)
VECTOR = ir.VectorType(F32, LANES)
VECTOR_I32 = ir.VectorType(I32, LANES)
FLOAT_BYTES = 4

float_pointer = types.CPointer(types.float32)


# --- types ----------------------------------------------------------------------------------------------------------


class VectorType(types.Type):
    """``lanes`` float32 numbers in a register."""

    def __init__(self) -> None:
        super().__init__(name=f"vector({LANES})")


class TileType(types.Type):
    """``rows * columns`` vectors in registers, row by row."""

    def __init__(self, rows: int, columns: int) -> None:
        self.rows = rows
        self.columns = columns
        super().__init__(name=f"tile({rows}, {columns})")


class SizeType(types.Type):
    """The size of a tile as a value without data, so that a function is compiled once a size."""

    def __init__(self, rows: int, columns: int) -> None:
        self.rows = rows
        self.columns = columns
        super().__init__(name=f"size({rows}, {columns})")


@register_model(VectorType)
class _VectorModel(models.PrimitiveModel):
    def __init__(self, manager: Any, kind: VectorType) -> None:
        super().__init__(manager, kind, VECTOR)


@register_model(TileType)
class _TileModel(models.PrimitiveModel):
    def __init__(self, manager: Any, kind: TileType) -> None:
        super().__init__(manager, kind, ir.ArrayType(VECTOR, kind.rows * kind.columns))


register_model(SizeType)(models.OpaqueModel)

vector = VectorType()


# --- code generation ------------------------------------------------------------------------------------------------


def _address(builder: Any, pointer: Any, offset: Any, kind: ir.Type) -> Any:
    return builder.bitcast(builder.gep(pointer, [offset]), kind.as_pointer())


def _load(builder: Any, pointer: Any, offset: Any) -> Any:
    return builder.load(_address(builder, pointer, offset, VECTOR), align=FLOAT_BYTES)


def _store(builder: Any, value: Any, pointer: Any, offset: Any) -> None:
    builder.store(value, _address(builder, pointer, offset, VECTOR), align=FLOAT_BYTES)


def _splat(builder: Any, scalar: Any, kind: ir.VectorType = VECTOR) -> Any:
    undefined = ir.Constant(kind, ir.Undefined)
    first = builder.insert_element(undefined, scalar, I32(0))
    return builder.shuffle_vector(first, undefined, ir.Constant(ir.VectorType(I32, kind.count), [0] * kind.count))


def _shuffle(builder: Any, a: Any, b: Any, lanes: list[int]) -> Any:
    return builder.shuffle_vector(a, b, ir.Constant(ir.VectorType(I32, len(lanes)), lanes))


def _call(builder: Any, name: str, kind: ir.Type, *arguments: Any) -> Any:
    signature = ir.FunctionType(kind, [argument.type for argument in arguments])
    return builder.call(cgutils.get_or_insert_function(builder.module, signature, name), arguments)


def _multiply_add(builder: Any, a: Any, b: Any, c: Any) -> Any:
    # llvm.fmuladd and not llvm.fma: without the instruction it becomes two, and not a call of libm.
    return _call(builder, f"llvm.fmuladd.v{LANES}f32", VECTOR, a, b, c)


def _unpack(builder: Any, tile: Any, kind: TileType) -> list[Any]:
    return [builder.extract_value(tile, i) for i in range(kind.rows * kind.columns)]


def _pack(builder: Any, vectors: list[Any], kind: TileType) -> Any:
    tile = ir.Constant(ir.ArrayType(VECTOR, kind.rows * kind.columns), ir.Undefined)
    for i, value in enumerate(vectors):
        tile = builder.insert_value(tile, value, i)
    return tile


# --- pointers and scalars -------------------------------------------------------------------------------------------


@intrinsic
def pointer(context: Any, array: Any) -> Any:
    """Return the address of an array's first element."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return context.make_array(signature.args[0])(context, builder, arguments[0]).data

    return types.CPointer(array.dtype)(array), generate


@intrinsic
def at(context: Any, p: Any, offset: Any) -> Any:
    """Return the pointer `offset` elements after `p`."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return builder.gep(arguments[0], [arguments[1]])

    return p(p, types.intp), generate


@intrinsic
def store_scalar(context: Any, value: Any, p: Any, offset: Any) -> Any:
    """``p[offset] = value``."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        builder.store(arguments[0], builder.gep(arguments[1], [arguments[2]]))
        return context.get_dummy_value()

    return types.none(types.float32, p, types.intp), generate


# --- vectors --------------------------------------------------------------------------------------------------------


@intrinsic
def load(context: Any, p: Any, offset: Any) -> Any:
    """Load the vector at ``p + offset``."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return _load(builder, *arguments)

    return vector(float_pointer, types.intp), generate


@intrinsic
def store(context: Any, value: Any, p: Any, offset: Any) -> Any:
    """Store a vector at ``p + offset``."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        _store(builder, *arguments)
        return context.get_dummy_value()

    return types.none(vector, float_pointer, types.intp), generate


@intrinsic
def splat(context: Any, scalar: Any) -> Any:
    """Return a vector with `scalar` in every lane."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return _splat(builder, arguments[0])

    return vector(types.float32), generate


@intrinsic
def multiply_add(context: Any, a: Any, b: Any, c: Any) -> Any:
    """Return ``a * b + c``, rounded once."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return _multiply_add(builder, *arguments)

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
        one = _splat(builder, F32(1.0))
        if estimate is None:
            return builder.fdiv(one, a)
        extra = [ir.Constant(VECTOR, [0.0] * LANES), ir.IntType(16)(-1)] if LANES == 16 else []
        r = _call(builder, estimate, VECTOR, a, *extra)
        error = _multiply_add(builder, builder.fneg(a), r, one)
        return _multiply_add(builder, r, error, r)

    return vector(vector), generate


@intrinsic
def square_root(context: Any, a: Any) -> Any:
    """Return the square root, correctly rounded."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return _call(builder, f"llvm.sqrt.v{LANES}f32", VECTOR, arguments[0])

    return vector(vector), generate


@intrinsic
def nearest_integer(context: Any, a: Any) -> Any:
    """Round to the nearest integer, ties to even."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return _call(builder, f"llvm.rint.v{LANES}f32", VECTOR, arguments[0])

    return vector(vector), generate


@intrinsic
def power_of_two(context: Any, n: Any) -> Any:
    """``2 ** n`` for integral n from -126 to 127, by writing the exponent bits."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        exponent = builder.add(builder.fptosi(arguments[0], VECTOR_I32), _splat(builder, I32(127), VECTOR_I32))
        return builder.bitcast(builder.shl(exponent, _splat(builder, I32(23), VECTOR_I32)), VECTOR)

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
        number = builder.add(_splat(builder, builder.trunc(first, I32), VECTOR_I32), lanes)
        h = builder.add(builder.mul(number, constant(0x9E3779B9)), _splat(builder, key, VECTOR_I32))
        for shift, factor in ((16, 0x85EBCA6B), (13, 0xC2B2AE35)):
            h = builder.mul(builder.xor(h, builder.lshr(h, constant(shift))), constant(factor))
        h = builder.xor(h, builder.lshr(h, constant(16)))
        # 24 bits, which float32 holds exactly.
        uniform = builder.fmul(
            builder.uitofp(builder.lshr(h, constant(8)), VECTOR), ir.Constant(VECTOR, [2.0**-24] * LANES)
        )
        keep = builder.fdiv(F32(1.0), builder.fsub(F32(1.0), rate))
        dropped = builder.fcmp_ordered("<", uniform, _splat(builder, rate))
        return builder.select(dropped, ir.Constant(VECTOR, [0.0] * LANES), _splat(builder, keep))

    return vector(types.uint32, types.intp, types.float32), generate


# --- tiles ----------------------------------------------------------------------------------------------------------


def call_size(sizes: list[tuple[int, int]]) -> Any:
    """Make a function that calls a tile function with one of the `sizes`, chosen while it runs.

    ``call(index, function, row, column, arguments)`` is ``function(sizes[index], row, column, *arguments)``: a jump to
    one of the functions that Numba compiled, one for each size. The function's result is dropped.
    """

    def call(context: Any, index: Any, function: Any, row: Any, column: Any, arguments: Any) -> Any:
        given = (row, column, *arguments.types)
        plain = tuple(types.unliteral(kind) for kind in given)
        calls = [function.get_call_type(context, (SizeType(*pair), *plain), {}) for pair in sizes]

        def generate(context: Any, builder: Any, signature: Any, values: Any) -> Any:
            index, _, row, column, packed = values
            unpacked = [row, column, *cgutils.unpack_tuple(builder, packed, len(arguments.types))]
            casted = [
                context.cast(builder, value, old, new) for value, old, new in zip(unpacked, given, plain, strict=True)
            ]
            done = builder.append_basic_block("done")
            jump = builder.switch(index, done)
            for i, chosen in enumerate(calls):
                case = builder.append_basic_block(f"size_{i}")
                jump.add_case(I64(i), case)
                builder.position_at_end(case)
                compiled = context.get_function(function, chosen)
                compiled(builder, [context.get_dummy_value(), *casted])
                builder.branch(done)
            builder.position_at_end(done)
            return context.get_dummy_value()

        return types.none(types.int64, function, row, column, arguments), generate

    return intrinsic(call)


@intrinsic
def zeros(context: Any, size: Any) -> Any:
    """Return a tile of zeros."""
    kind = TileType(size.rows, size.columns)

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return _pack(builder, [ir.Constant(VECTOR, [0.0] * LANES)] * (kind.rows * kind.columns), kind)

    return kind(size), generate


@intrinsic
def load_rows(context: Any, size: Any, p: Any) -> Any:
    """Load a tile whose rows are rows of a chunk buffer."""
    kind = TileType(size.rows, size.columns)

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        offsets = [r * CHUNK + c * LANES for r in range(kind.rows) for c in range(kind.columns)]
        return _pack(builder, [_load(builder, arguments[1], I64(offset)) for offset in offsets], kind)

    return kind(size, float_pointer), generate


@intrinsic
def store_rows(context: Any, tile: Any, p: Any) -> Any:
    """Store a tile as rows of a chunk buffer."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        for i, value in enumerate(_unpack(builder, arguments[0], tile)):
            row, column = divmod(i, tile.columns)
            _store(builder, value, arguments[1], I64(row * CHUNK + column * LANES))
        return context.get_dummy_value()

    return types.none(tile, float_pointer), generate


@intrinsic
def broadcast_rows(context: Any, size: Any, p: Any) -> Any:
    """Return a tile whose row r is ``p[r]`` in every lane: a bias for every sequence."""
    kind = TileType(size.rows, size.columns)

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        scalars = [builder.load(builder.gep(arguments[1], [I64(r)])) for r in range(kind.rows)]
        splats = [_splat(builder, scalar) for scalar in scalars]
        return _pack(builder, [value for value in splats for _ in range(kind.columns)], kind)

    return kind(size, float_pointer), generate


@intrinsic
def add_broadcast_product(context: Any, tile: Any, weights: Any, stride: Any, row: Any) -> Any:
    """``tile[r] += weights[r * stride] * row`` for every row r: one step of a matrix product."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        packed, weights, stride, row = arguments
        accumulators = _unpack(builder, packed, tile)
        operands = [_load(builder, row, I64(c * LANES)) for c in range(tile.columns)]
        for r in range(tile.rows):
            offset = builder.mul(stride, I64(r))
            weight = _splat(builder, builder.load(builder.gep(weights, [offset])))
            for c in range(tile.columns):
                i = r * tile.columns + c
                accumulators[i] = _multiply_add(builder, weight, operands[c], accumulators[i])
        return _pack(builder, accumulators, tile)

    return tile(tile, float_pointer, types.intp, float_pointer), generate


@intrinsic
def add_rows(context: Any, tile: Any, p: Any) -> Any:
    """``tile + load_rows(…, p)``."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        packed, p = arguments
        sums = []
        for i, value in enumerate(_unpack(builder, packed, tile)):
            row, column = divmod(i, tile.columns)
            sums.append(builder.fadd(value, _load(builder, p, I64(row * CHUNK + column * LANES))))
        return _pack(builder, sums, tile)

    return tile(tile, float_pointer), generate


@intrinsic
def rows_of(context: Any, tile: Any) -> Any:
    """Return how many rows a tile has, a constant at compile time."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return I64(tile.rows)

    return types.intp(tile), generate


@intrinsic
def add_to_matrix(context: Any, tile: Any, p: Any, stride: Any, count: Any) -> Any:
    """``p[r * stride + i] += tile[r, i]`` for every row r and every i below `count`, i counting a row's numbers."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        packed, p, stride, count = arguments
        last = _splat(builder, builder.trunc(count, I32), VECTOR_I32)
        for i, value in enumerate(_unpack(builder, packed, tile)):
            row, column = divmod(i, tile.columns)
            lanes = ir.Constant(VECTOR_I32, [column * LANES + lane for lane in range(LANES)])
            mask = builder.icmp_signed("<", lanes, last)
            offset = builder.add(builder.mul(stride, I64(row)), I64(column * LANES))
            address = _address(builder, p, offset, VECTOR)
            align = I32(FLOAT_BYTES)
            zero = ir.Constant(VECTOR, [0.0] * LANES)
            before = _call(builder, f"llvm.masked.load.v{LANES}f32.p0", VECTOR, address, align, mask, zero)
            after = builder.fadd(before, value)
            _call(builder, f"llvm.masked.store.v{LANES}f32.p0", ir.VoidType(), after, address, align, mask)
        return context.get_dummy_value()

    return types.none(tile, float_pointer, types.intp, types.intp), generate


@intrinsic
def add_row_sums(context: Any, tile: Any, p: Any) -> Any:
    """``p[r] += sum over all numbers of row r``."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        packed, p = arguments
        vectors = _unpack(builder, packed, tile)
        kind = ir.FunctionType(F32, [F32, VECTOR])
        reduce = cgutils.get_or_insert_function(builder.module, kind, f"llvm.vector.reduce.fadd.v{LANES}f32")
        for r in range(tile.rows):
            first, *others = vectors[r * tile.columns : (r + 1) * tile.columns]
            for other in others:
                first = builder.fadd(first, other)
            address = builder.gep(p, [I64(r)])
            # A tree of sums, where the order is otherwise lane by lane.
            total = builder.call(reduce, [F32(-0.0), first], fastmath=("reassoc",))
            builder.store(builder.fadd(builder.load(address), total), address)
        return context.get_dummy_value()

    return types.none(tile, float_pointer), generate


def _transposed(builder: Any, rows: list[Any]) -> list[Any]:
    """Return the columns of a square of vectors: log2(lanes) stages, each of which swaps blocks of half the size."""
    rows = list(rows)
    half = LANES // 2
    while half:
        keep = [lane if lane & half == 0 else lane - half + LANES for lane in range(LANES)]
        move = [lane + half if lane & half == 0 else lane + LANES for lane in range(LANES)]
        for i in range(LANES):
            if i & half == 0:
                a, b = rows[i], rows[i + half]
                rows[i] = _shuffle(builder, a, b, keep)
                rows[i + half] = _shuffle(builder, a, b, move)
        half //= 2
    return rows


@intrinsic
def transpose(context: Any, p: Any, out: Any, stride: Any) -> Any:
    """``out[j * stride + i] = p[i * CHUNK + j]`` for i and j below the number of lanes: a square of a chunk buffer."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        p, out, stride = arguments
        rows = [_load(builder, p, I64(i * CHUNK)) for i in range(LANES)]
        for j, row in enumerate(_transposed(builder, rows)):
            _store(builder, row, out, builder.mul(stride, I64(j)))
        return context.get_dummy_value()

    return types.none(float_pointer, float_pointer, types.intp), generate


@intrinsic
def gather_square(context: Any, values: Any, offsets: Any, scale: Any, out: Any, flat: Any, flat_stride: Any) -> Any:
    """Read ``lanes`` consecutive values of each of ``lanes`` sequences as float32, and write them twice.

    For i and j below the number of lanes: ``flat[j * flat_stride + i] = values[offsets[j] + i] * scale``, sequence by
    sequence, and transposed as rows of a chunk buffer, ``out[i * CHUNK + j]``.
    """

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        values_, offsets_, scale_, out_, flat_, flat_stride_ = arguments
        element = context.get_value_type(values.dtype)
        factor = _splat(builder, scale_)
        rows = []
        for j in range(LANES):
            offset = builder.load(builder.gep(offsets_, [I64(j)]))
            address = _address(builder, values_, offset, ir.VectorType(element, LANES))
            row = builder.load(address, align=values.dtype.bitwidth // 8)
            if isinstance(values.dtype, types.Integer):
                row = builder.uitofp(row, VECTOR)
            rows.append(builder.fmul(row, factor))
            _store(builder, rows[j], flat_, builder.mul(flat_stride_, I64(j)))
        for i, row in enumerate(_transposed(builder, rows)):
            _store(builder, row, out_, I64(i * CHUNK))
        return context.get_dummy_value()

    pointers = (values, types.CPointer(types.int64), types.float32, float_pointer, float_pointer, types.intp)
    return types.none(*pointers), generate


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
def yield_thread(context: Any) -> Any:
    """Let another thread run; does nothing where the system has no ``sched_yield``."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        if sys.platform != "win32":
            _call(builder, "sched_yield", I32)
        return context.get_dummy_value()

    return types.none(), generate
