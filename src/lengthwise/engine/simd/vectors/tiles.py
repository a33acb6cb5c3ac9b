"""Tiles: blocks of vectors that LLVM keeps in registers, and squares that are transposed there.

A *row* of a chunk buffer is one feature of all sequences of the chunk: ``CHUNK`` floats, ``lanes * vectors``.
"""

from typing import Any

from llvmlite import ir
from numba.core import cgutils, types
from numba.core.datamodel import models
from numba.extending import intrinsic, register_model

from lengthwise.engine.simd.host import CHUNK, LANES
from lengthwise.engine.simd.vectors import emit
from lengthwise.engine.simd.vectors.emit import FLOAT_BYTES, I32, I64, VECTOR, VECTOR_I32
from lengthwise.engine.simd.vectors.vectors import float_pointer


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


@register_model(TileType)
class _TileModel(models.PrimitiveModel):
    def __init__(self, manager: Any, kind: TileType) -> None:
        super().__init__(manager, kind, ir.ArrayType(VECTOR, kind.rows * kind.columns))


register_model(SizeType)(models.OpaqueModel)


def _unpack(builder: Any, tile: Any, kind: TileType) -> list[Any]:
    return [builder.extract_value(tile, i) for i in range(kind.rows * kind.columns)]


def _pack(builder: Any, vectors: list[Any], kind: TileType) -> Any:
    tile = ir.Constant(ir.ArrayType(VECTOR, kind.rows * kind.columns), ir.Undefined)
    for i, value in enumerate(vectors):
        tile = builder.insert_value(tile, value, i)
    return tile


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
        return _pack(builder, [emit.load(builder, arguments[1], I64(offset)) for offset in offsets], kind)

    return kind(size, float_pointer), generate


@intrinsic
def store_rows(context: Any, tile: Any, p: Any) -> Any:
    """Store a tile as rows of a chunk buffer."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        for i, value in enumerate(_unpack(builder, arguments[0], tile)):
            row, column = divmod(i, tile.columns)
            emit.store(builder, value, arguments[1], I64(row * CHUNK + column * LANES))
        return context.get_dummy_value()

    return types.none(tile, float_pointer), generate


@intrinsic
def broadcast_rows(context: Any, size: Any, p: Any) -> Any:
    """Return a tile whose row r is ``p[r]`` in every lane: a bias for every sequence."""
    kind = TileType(size.rows, size.columns)

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        scalars = [builder.load(builder.gep(arguments[1], [I64(r)])) for r in range(kind.rows)]
        splats = [emit.splat(builder, scalar) for scalar in scalars]
        return _pack(builder, [value for value in splats for _ in range(kind.columns)], kind)

    return kind(size, float_pointer), generate


@intrinsic
def add_products(
    context: Any, tile: Any, weights: Any, step: Any, stride: Any, rows: Any, row_step: Any, terms: Any
) -> Any:
    """``tile[r] += sum over k < terms of weights[k * step + r * stride] * rows[k * row_step]``, k after k."""
    shape = ir.ArrayType(VECTOR, tile.rows * tile.columns)

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        packed, weights, step, stride, rows, row_step, terms = arguments
        # LLVM makes registers of what is only loaded and stored whole.
        sums = cgutils.alloca_once(builder, shape)
        builder.store(packed, sums)
        with cgutils.for_range(builder, terms, intp=I64) as loop:
            accumulators = _unpack(builder, builder.load(sums), tile)
            first = builder.mul(loop.index, step)
            row = builder.gep(rows, [builder.mul(loop.index, row_step)])
            operands = [emit.load(builder, row, I64(c * LANES)) for c in range(tile.columns)]
            for r in range(tile.rows):
                offset = builder.add(first, builder.mul(stride, I64(r)))
                weight = emit.splat(builder, builder.load(builder.gep(weights, [offset])))
                for c in range(tile.columns):
                    i = r * tile.columns + c
                    accumulators[i] = emit.multiply_add(builder, weight, operands[c], accumulators[i])
            builder.store(_pack(builder, accumulators, tile), sums)
        return builder.load(sums)

    size = types.intp
    return tile(tile, float_pointer, size, size, float_pointer, size, size), generate


@intrinsic
def rows_of(context: Any, size: Any) -> Any:
    """Return how many rows a tile of this size has, a constant at compile time."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return I64(size.rows)

    return types.intp(size), generate


@intrinsic
def add_to_matrix(context: Any, tile: Any, p: Any, stride: Any, count: Any) -> Any:
    """``p[r * stride + i] += tile[r, i]`` for every row r and every i below `count`, i counting a row's numbers."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        packed, p, stride, count = arguments
        last = emit.splat(builder, builder.trunc(count, I32), VECTOR_I32)
        for i, value in enumerate(_unpack(builder, packed, tile)):
            row, column = divmod(i, tile.columns)
            lanes = ir.Constant(VECTOR_I32, [column * LANES + lane for lane in range(LANES)])
            mask = builder.icmp_signed("<", lanes, last)
            offset = builder.add(builder.mul(stride, I64(row)), I64(column * LANES))
            address = emit.address(builder, p, offset, VECTOR)
            align = I32(FLOAT_BYTES)
            zero = ir.Constant(VECTOR, [0.0] * LANES)
            before = emit.call(builder, f"llvm.masked.load.v{LANES}f32.p0", VECTOR, address, align, mask, zero)
            after = builder.fadd(before, value)
            emit.call(builder, f"llvm.masked.store.v{LANES}f32.p0", ir.VoidType(), after, address, align, mask)
        return context.get_dummy_value()

    return types.none(tile, float_pointer, types.intp, types.intp), generate


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
                rows[i] = emit.shuffle(builder, a, b, keep)
                rows[i + half] = emit.shuffle(builder, a, b, move)
        half //= 2
    return rows


@intrinsic
def transpose(context: Any, p: Any, step: Any, out: Any, stride: Any) -> Any:
    """``out[j * stride + i] = p[i * step + j]`` for i and j below the number of lanes, written j after j."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        p, step, out, stride = arguments
        rows = [emit.load(builder, p, builder.mul(step, I64(i))) for i in range(LANES)]
        for j, row in enumerate(_transposed(builder, rows)):
            emit.store(builder, row, out, builder.mul(stride, I64(j)))
        return context.get_dummy_value()

    return types.none(float_pointer, types.intp, float_pointer, types.intp), generate


@intrinsic
def gather_square(context: Any, values: Any, offsets: Any, scale: Any, out: Any, flat: Any, flat_stride: Any) -> Any:
    """Read ``lanes`` consecutive values of each of ``lanes`` sequences as float32, and write them twice.

    For i and j below the number of lanes: ``flat[j * flat_stride + i] = values[offsets[j] + i] * scale``, sequence by
    sequence, and transposed as rows of a chunk buffer, ``out[i * CHUNK + j]``.
    """

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        values_, offsets_, scale_, out_, flat_, flat_stride_ = arguments
        element = context.get_value_type(values.dtype)
        factor = emit.splat(builder, scale_)
        rows = []
        for j in range(LANES):
            offset = builder.load(builder.gep(offsets_, [I64(j)]))
            address = emit.address(builder, values_, offset, ir.VectorType(element, LANES))
            row = builder.load(address, align=values.dtype.bitwidth // 8)
            if isinstance(values.dtype, types.Integer):
                row = builder.uitofp(row, VECTOR)
            rows.append(builder.fmul(row, factor))
            emit.store(builder, rows[j], flat_, builder.mul(flat_stride_, I64(j)))
        for i, row in enumerate(_transposed(builder, rows)):
            emit.store(builder, row, out_, I64(i * CHUNK))
        return context.get_dummy_value()

    pointers = (values, types.CPointer(types.int64), types.float32, float_pointer, float_pointer, types.intp)
    return types.none(*pointers), generate
