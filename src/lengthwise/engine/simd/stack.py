"""Stacked layers over whole sequences, with every output and with states to begin and to end: what `nn.RNN` computes.

The kernels of `lengthwise.torch`, made of the cells' functions as `lengthwise.engine.simd.chunk` is, whose letters and
directions are meant here too; B is the sequences of a batch. What is different:

    forward     a layer begins with the states that are given, and a sequence that has ended keeps its states, so that
                the last step's are the final ones in either direction
    backward    comes from every output and from the final states, and goes on to the inputs and to the first states

A chunk that the batch does not fill is filled with sequences of no steps: every gradient of theirs is zero. What
forward keeps of each chunk lies apart from the buffers, as other calls may come between forward and backward.
"""

from typing import Any, NamedTuple

import numpy as np

from lengthwise.engine.simd.cells.cell import (
    Block,
    add_gradients,
    backward,
    columns_from,
    forward,
    rows_from,
    sizes_of,
)
from lengthwise.engine.simd.chunk import clear, gather, step_of_window, stop
from lengthwise.engine.simd.compilation import program
from lengthwise.engine.simd.kernel import kernel
from lengthwise.engine.simd.layout import (
    GRADIENT_STEPS,
    Chunk,
    column_stride,
    layer_at,
    matrices_at,
    pack_layer,
    step_stride,
    window_stride,
)
from lengthwise.engine.simd.products import Columns, Rows, add_matrix_product, affine, transpose_rows
from lengthwise.engine.simd.vectors import (
    CHUNK,
    LANES,
    at,
    flush_subnormals,
    load,
    pointer,
    pointers,
    restore_mode,
    splat,
    store,
    store_scalar,
    where_less,
)

f32 = np.float32
i64 = np.int64


class Window(NamedTuple):
    """The sizes that `lengthwise.engine.simd.chunk.gather` asks for: values of a step, and steps."""

    F: Any
    s: Any


class Gathered(NamedTuple):
    """What `lengthwise.engine.simd.chunk.gather` writes to."""

    x: Any
    x_columns: Any
    offsets: Any
    lengths: Any
    shares: Any


# --- between arrays and chunks --------------------------------------------------------------------------------------


@kernel
def _place(index, B, lengths, sizes, buffers):
    """Look up chunk number `index` of the batch."""
    first = index * CHUNK
    count = min(CHUNK, B - first)
    shortest = sizes.s if count == CHUNK else 0
    for j in range(CHUNK):
        there = j < count
        store_scalar(first + j if there else first, buffers.rows, j)
        length = lengths[first + j] if there else 0
        store_scalar(length, buffers.lengths, j)
        shortest = min(shortest, length)
    return Chunk(first, count, shortest, sizes.s, True, np.uint64(0))


@kernel
def _gather(values, F, out, columns, sizes, chunk, buffers):
    """Write the chunk's values (B, s, F) to rows and columns, zero beyond a sequence's length."""
    for j in range(CHUNK):
        store_scalar(buffers.rows[j] * sizes.s * F, buffers.offsets, j)
    of_values = Window(F, sizes.s)
    whole = Chunk(chunk.first, CHUNK, chunk.shortest, chunk.shown, True, chunk.key)
    gather(values, of_values, whole, f32(1), Gathered(out, columns, buffers.offsets, buffers.lengths, buffers.shares))


@kernel
def _read(states, H, chunk, out):
    """Write a layer's states (B, H) to rows (H, C), zero beyond the chunk's sequences."""
    for j in range(CHUNK):
        for row in range(H):
            state = states[(chunk.first + j) * H + row] if j < chunk.examples else f32(0)
            store_scalar(state, out, row * CHUNK + j)


@kernel
def _write(p, H, chunk, states):
    """Write rows (H, C) to a layer's states (B, H)."""
    for j in range(chunk.examples):
        for row in range(H):
            store_scalar(p[row * CHUNK + j], states, (chunk.first + j) * H + row)


@kernel
def _copy(count, p, out):
    """Copy so many numbers."""
    whole = count // LANES * LANES
    for i in range(0, whole, LANES):
        store(load(p, i), out, i)
    for i in range(whole, count):
        store_scalar(p[i], out, i)


@kernel
def _write_outputs(cell, sizes, chunk, kept, buffers, y):
    """Write the top layer's outputs to y (B, s, D * H)."""
    H, D, s = sizes.H, sizes.D, sizes.s
    states = Rows(kept, step_stride(sizes_of(cell).kept * H))
    columns, width = buffers.out_columns, column_stride(H)
    for t in range(s):
        for d in range(D):
            place = (sizes.L - 1) * D + d
            h = rows_from(states, 0, place * (s + 1) + 1 + step_of_window(d, t, s)).p
            transpose_rows(H, h, columns, width)
            for j in range(chunk.examples):
                out = at(y, (((chunk.first + j) * s + t) * D + d) * H)
                if t < buffers.lengths[j]:
                    _copy(H, at(columns, j * width), out)
                else:
                    for row in range(H):
                        store_scalar(f32(0), out, row)


@kernel
def _write_inputs(sizes, chunk, buffers, dx):
    """Write the gradient at the inputs to dx (B, s, F)."""
    length = sizes.s * sizes.F
    # The inputs themselves are not needed any more, and their columns have room for whole squares.
    columns, width = buffers.x_columns, window_stride(length)
    transpose_rows(length, buffers.dinputs, columns, width)
    for j in range(chunk.examples):
        _copy(length, at(columns, j * width), at(dx, (chunk.first + j) * length))


# --- forward --------------------------------------------------------------------------------------------------------


@kernel
def _hold(now, before, rows, t, lengths):
    """Write ``before`` to ``now`` where step t is beyond the length of a sequence."""
    step = splat(f32(t))
    for i in range(0, rows * CHUNK, LANES):
        store(where_less(step, load(lengths, i % CHUNK), load(now, i), load(before, i)), now, i)


@kernel
def _both(cell, sizes, kept, layer, t, out):
    """Write a layer's outputs of all directions at step t, (D * H, C)."""
    H, D, s = sizes.H, sizes.D, sizes.s
    states = Rows(kept, step_stride(sizes_of(cell).kept * H))
    for d in range(D):
        h = rows_from(states, 0, (layer * D + d) * (s + 1) + 1 + step_of_window(d, t, s)).p
        for i in range(0, H * CHUNK, LANES):
            store(load(h, i), out, d * H * CHUNK + i)


@kernel
def _inputs(cell, sizes, kept, buffers, layer):
    """Return the inputs of a layer, as Rows in the order of time."""
    H, D, s = sizes.H, sizes.D, sizes.s
    if layer == 0:
        return Rows(buffers.x, sizes.F * CHUNK)
    if D > 1:
        return Rows(buffers.y, step_stride(D * H))
    return rows_from(Rows(kept, step_stride(sizes_of(cell).kept * H)), 0, (layer - 1) * (s + 1) + 1)


@kernel
def _forward_layer(cell, panels, sizes, chunk, batch, kept, buffers, place):
    """Run one direction of a layer over all steps."""
    H, D, s = sizes.H, sizes.D, sizes.s
    size = sizes_of(cell)
    index, d = place // D, place % D
    layer = layer_at(cell, panels, buffers.zeros, sizes, place)
    states = rows_from(Rows(kept, step_stride(size.kept * H)), 0, place * (s + 1))
    clear(states.p, size.kept * H)
    if batch.given:
        own = place * batch.B * H
        _read(at(batch.h, own), H, chunk, states.p)
        if size.states > 1:
            _read(at(batch.c, own), H, chunk, at(states.p, H * CHUNK))
    x = _inputs(cell, sizes, kept, buffers, index)
    for j in range(s):
        t = step_of_window(d, j, s)
        before = at(states.p, j * states.step)
        now = at(before, states.step)
        forward(cell, layer, at(x.p, t * x.step), before, now, H if j > 0 or batch.given else 0)
        if t >= chunk.shortest:
            _hold(now, before, size.states * H, t, buffers.lengths)


@program
def run_forward(cell, thread, threads, sizes, panels, batch, results, kept, buffers):
    """Run a batch through all layers, of which this thread takes its share of chunks.

    Parameters
    ----------
    cell : Cell
    thread, threads : int
    sizes : Sizes
    panels : Panels of ndarrays
        What `pack_weights` writes.
    batch : Batch
    results : Results
        Written.
    kept : ndarray of shape (chunks or threads, floats), float32
        What is kept of each chunk for backward; where there will be none, a thread's is used over and over.
    buffers : Buffers
        This thread's own.
    """
    mode = flush_subnormals()
    B, H, D, s = batch.B, sizes.H, sizes.D, sizes.s
    batch_, results_, room, panels_ = pointers(batch), pointers(results), pointers(buffers), pointers(panels)
    chunks, floats = (B + CHUNK - 1) // CHUNK, kept.shape[1]
    for number in range(thread, chunks, threads):
        own = at(pointer(kept), (number if len(kept) == chunks else thread) * floats)
        chunk = _place(number, B, batch_.lengths, sizes, room)
        _gather(batch_.x, sizes.F, room.x, room.x_columns, sizes, chunk, room)
        states = Rows(own, step_stride(sizes_of(cell).kept * H))
        for place in range(sizes.L * D):
            _forward_layer(cell, panels_, sizes, chunk, batch_, own, room, place)
            last = rows_from(states, 0, place * (s + 1) + s).p
            _write(last, H, chunk, at(results_.h, place * B * H))
            if sizes_of(cell).states > 1:
                _write(at(last, H * CHUNK), H, chunk, at(results_.c, place * B * H))
            if D > 1 and place % D == D - 1 and place < sizes.L * D - 1:
                y = Rows(room.y, step_stride(D * H))
                for t in range(s):
                    _both(cell, sizes, own, place // D, t, at(y.p, t * y.step))
        _write_outputs(cell, sizes, chunk, own, room, results_.y)
    restore_mode(mode)


# --- backward -------------------------------------------------------------------------------------------------------


@kernel
def _add_final(gradient, H, d, t, chunk, lengths, out):
    """Add the gradient at a layer's final states (B, H) to rows (H, C), where step t is the last computed."""
    for j in range(chunk.examples):
        if t == (0 if d == 1 else int(lengths[j]) - 1):
            for row in range(H):
                i = row * CHUNK + j
                store_scalar(out[i] + gradient[(chunk.first + j) * H + row], out, i)


@kernel
def _leave(cell, layer, place, d, t, B, chunk, states, dz, below, buffers):
    """Write the gradient at the first states of the sequences of which step t is the first computed.

    It is what the step before would be handed, had there been one: the cell's own function says what that is.
    """
    H = layer.H
    first = False
    for j in range(chunk.examples):
        if t == (0 if d == 0 else int(buffers.lengths[j]) - 1):
            first = True
    if not first:
        return
    product, carried = buffers.product, buffers.carried
    clear(product, H)
    for i in range(0, H * CHUNK, LANES):
        store(load(buffers.carry, i), carried, i)
    now = at(states.p, states.step)
    backward(cell, layer, product, dz, carried, states.p, now, buffers.nothing, H)
    carry = buffers.carry
    for j in range(chunk.examples):
        if t == (0 if d == 0 else int(buffers.lengths[j]) - 1):
            for row in range(H):
                i = row * CHUNK + j
                own = (place * B + chunk.first + j) * H + row
                if sizes_of(cell).states > 1:
                    store_scalar(product[i], below.h, own)
                    store_scalar(carry[i], below.c, own)
                else:
                    store_scalar(product[i] + carry[i], below.h, own)


@kernel
def _backward_steps(cell, layer, sizes, chunk, B, above, below, kept, buffers, place, start, end, dh, dx):
    """Write dz of the steps from `end` down to `start` of the layer at `place`, and what they hand down to dx."""
    H, D, s = sizes.H, sizes.D, sizes.s
    size = sizes_of(cell)
    G, Z = size.gates * H, size.gradients * H
    index, d = place // D, place % D
    states = rows_from(Rows(kept, step_stride(size.kept * H)), 0, place * (s + 1))
    dz = Rows(buffers.dz, step_stride(Z))
    carry = buffers.carry
    for j in range(end - 1, start - 1, -1):
        t = step_of_window(d, j, s)
        before = at(states.p, j * states.step)
        dz_j = at(dz.p, j * dz.step)
        dh_t = rows_from(dh, d * H, t).p
        if above.of_h and (j == s - 1 or t >= chunk.shortest - 1):
            _add_final(at(above.h, place * B * H), H, d, t, chunk, buffers.lengths, dh_t)
        if size.states > 1 and above.of_c and (j == s - 1 or t >= chunk.shortest - 1):
            _add_final(at(above.c, place * B * H), H, d, t, chunk, buffers.lengths, carry)
        terms = H if j < s - 1 else 0
        backward(cell, layer, dh_t, at(dz_j, dz.step), carry, before, at(before, states.step), dz_j, terms)
        if t >= chunk.shortest:
            stop(dz_j, Z, t, buffers)
            stop(carry, H, t, buffers)
        if below.of_h and (j == 0 or t >= chunk.shortest - 1):
            _leave(cell, layer, place, d, t, B, chunk, states, dz_j, below, buffers)
        if index > 0 or below.of_x:
            dx_t = at(dx.p, t * dx.step)
            if d == D - 1:
                affine(layer.F, dx_t, layer.zeros, layer.W_xT, G, dz_j, layer.W_xT, G, dz_j, i64(0))
            else:
                add_matrix_product(layer.F, dx_t, layer.W_xT, G, dz_j, G)


@kernel
def _add_gradients(cell, layer, gradient, sizes, batch, kept, buffers, place, start, end):
    """Add the weights' gradients of the steps from `start` to `end` of the layer at `place`, whose dz is known."""
    H, D, s = sizes.H, sizes.D, sizes.s
    size = sizes_of(cell)
    index, d = place // D, place % D
    states = rows_from(Rows(kept, step_stride(size.kept * H)), 0, place * (s + 1))
    width, in_width = column_stride(H), column_stride(D * H)
    h = Columns(buffers.h_columns, CHUNK * width, width)
    inputs = Columns(buffers.in_columns, CHUNK * in_width, in_width)
    for i in range(end - start):
        transpose_rows(H, at(states.p, (start + i) * states.step), columns_from(h, i).p, width)
        if index > 0:
            _both(cell, sizes, kept, index - 1, step_of_window(d, start + i, s), buffers.row)
            transpose_rows(D * H, buffers.row, columns_from(inputs, i).p, in_width)
    if index == 0:
        x = Columns(buffers.x_columns, sizes.F, window_stride(s * sizes.F))
        inputs = columns_from(x, step_of_window(d, start, s))
        if d == 1:
            inputs = Columns(inputs.p, -inputs.step, inputs.sequence)
    block = Block(
        rows_from(Rows(buffers.dz, step_stride(size.gradients * H)), 0, start),
        inputs,
        h,
        rows_from(states, 0, start + 1),
        Columns(buffers.scratch, CHUNK * width, width),
        end - start,
        1 if start == 0 and not batch.given else 0,
    )
    add_gradients(cell, layer, gradient, block)


@kernel
def _backward_chunk(cell, panels, gradients, sizes, chunk, batch, above, below, kept, buffers):
    """Add a chunk's gradients at the weights, and write those at its inputs and first states."""
    H, D, s = sizes.H, sizes.D, sizes.s
    dh, dx = Rows(buffers.dh, D * H * CHUNK), Rows(buffers.dx, D * H * CHUNK)
    for place in range(sizes.L * D - 1, -1, -1):
        index, d = place // D, place % D
        layer = layer_at(cell, panels, buffers.zeros, sizes, place)
        gradient = matrices_at(cell, gradients, sizes, place)
        down = dx if index > 0 else Rows(buffers.dinputs, sizes.F * CHUNK)
        clear(buffers.carry, H)
        end = s
        while end > 0:
            start = max(0, end - GRADIENT_STEPS)
            _backward_steps(
                cell, layer, sizes, chunk, batch.B, above, below, kept, buffers, place, start, end, dh, down
            )
            _add_gradients(cell, layer, gradient, sizes, batch, kept, buffers, place, start, end)
            end = start
        if d == 0:
            dh, dx = dx, dh


@program
def run_backward(cell, thread, threads, sizes, panels, batch, above, below, kept, buffers):
    """Write the gradients of a batch, of which this thread takes its share of groups.

    Parameters
    ----------
    cell, thread, threads, sizes, panels, batch, buffers
        As for `run_forward`.
    above : Above
    below : Below
        Written.
    kept : ndarray of shape (chunks, floats), float32
        What `run_forward` kept.
    """
    mode = flush_subnormals()
    groups, P = below.weights.shape
    width = sizes.D * sizes.H
    batch_, above_, below_ = pointers(batch), pointers(above), pointers(below)
    room, panels_ = pointers(buffers), pointers(panels)
    chunks = (batch.B + CHUNK - 1) // CHUNK
    for group in range(thread, groups, threads):
        gradients = at(below_.weights, group * P)
        for i in range(P):
            store_scalar(f32(0), gradients, i)
        for number in range(group, chunks, groups):
            own = at(pointer(kept), number * kept.shape[1])
            chunk = _place(number, batch.B, batch_.lengths, sizes, room)
            _gather(batch_.x, sizes.F, room.x, room.x_columns, sizes, chunk, room)
            if above.of_y:
                _gather(above_.y, width, room.dh, room.dy_columns, sizes, chunk, room)
            else:
                clear(room.dh, sizes.s * width)
            _backward_chunk(cell, panels_, gradients, sizes, chunk, batch_, above_, below_, own, room)
            if below.of_x:
                _write_inputs(sizes, chunk, room, below_.x)
    restore_mode(mode)


@program
def pack_weights(cell, parameters, panels, sizes):
    """Write the panels of all layers' parameters (P,)."""
    for place in range(sizes.L * sizes.D):
        pack_layer(cell, pointer(parameters), pointers(panels), sizes, place)
