"""Stacked layers over whole sequences, with initial states, all outputs and final states: what `nn.RNN` computes.

These are the kernels of `lengthwise.torch`. They call the cells' functions as `lengthwise.engine.simd.chunk` does, and
use its letters and directions; B is the sequences of a batch. The differences are:

    forward     a layer begins with given states, and a sequence that has ended keeps its states, so that those of the
                last step are the final ones in either direction
    backward    begins with the gradients at every output and at the final states, and continues to the inputs and the
                initial states

If a batch does not fill its last chunk, the chunk is filled with sequences of no steps, all of whose gradients are
zero. What forward keeps of each chunk has memory of its own, and not in the buffers, as other calls may come between
forward and backward.
"""

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
from lengthwise.engine.simd.chunk import clear, copy_rows, step_of_window, zero_beyond_length
from lengthwise.engine.simd.kernel import kernel
from lengthwise.engine.simd.layout import GRADIENT_STEPS, column_floats, step_floats, window_floats
from lengthwise.engine.simd.panels import layer_at, matrices_at, pack_layer
from lengthwise.engine.simd.products import Columns, Rows, add_matrix_product, affine, transpose_rows
from lengthwise.engine.simd.stack_arrays import (
    gather_values,
    locate_chunk,
    read_states,
    write_input_gradient,
    write_outputs,
    write_states,
)
from lengthwise.engine.simd.vectors import (
    CHUNK,
    LANES,
    at,
    atomic_increment,
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


# --- forward --------------------------------------------------------------------------------------------------------


@kernel
def _keep_beyond_length(now, before, rows, t, lengths):
    """Copy the states of the step before, ``before``, to ``now`` where step t is beyond the length of a sequence."""
    step = splat(f32(t))
    for i in range(0, rows * CHUNK, LANES):
        store(where_less(step, load(lengths, i % CHUNK), load(now, i), load(before, i)), now, i)


@kernel
def _layer_outputs(cell, sizes, kept, layer, t, out):
    """Write a layer's outputs of all directions at step t, (D * H, C)."""
    H, D, s = sizes.H, sizes.D, sizes.s
    states = Rows(kept, step_floats(sizes_of(cell).kept * H))
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
        return Rows(buffers.y, step_floats(D * H))
    return rows_from(Rows(kept, step_floats(sizes_of(cell).kept * H)), 0, (layer - 1) * (s + 1) + 1)


@kernel
def _forward_layer(cell, panels, sizes, chunk, batch, kept, buffers, place):
    """Run one direction of a layer over all steps."""
    H, D, s = sizes.H, sizes.D, sizes.s
    size = sizes_of(cell)
    index, d = place // D, place % D
    layer = layer_at(cell, panels, buffers.zeros, sizes, place)
    states = rows_from(Rows(kept, step_floats(size.kept * H)), 0, place * (s + 1))
    clear(states.p, size.kept * H)
    if batch.given:
        own = place * batch.B * H
        read_states(at(batch.h, own), H, chunk, states.p)
        if size.states > 1:
            read_states(at(batch.c, own), H, chunk, at(states.p, H * CHUNK))
    x = _inputs(cell, sizes, kept, buffers, index)
    for j in range(s):
        t = step_of_window(d, j, s)
        before = at(states.p, j * states.step)
        now = at(before, states.step)
        forward(cell, layer, at(x.p, t * x.step), before, now, H if j > 0 or batch.given else 0)
        if t >= chunk.shortest:
            _keep_beyond_length(now, before, size.states * H, t, buffers.lengths)


def run_forward(cell, thread, taken, sizes, panels, batch, results, kept, buffers):
    """Run a batch through all layers, of which the threads take the chunks as they come.

    Parameters
    ----------
    cell : Cell
    thread : int
    taken : ndarray of shape (1,), int64
        How many chunks have been taken by any thread.
    sizes : Sizes
    panels : Panels of ndarrays
        What `pack_weights` writes.
    batch : Batch
    results : Results
        Written.
    kept : ndarray of shape (chunks or threads, floats), float32
        What is kept of each chunk for backward; if there will be no backward, one for each thread, which its chunks
        overwrite.
    buffers : Buffers
        This thread's own.
    """
    mode = flush_subnormals()
    B, H, D, s = batch.B, sizes.H, sizes.D, sizes.s
    batch_, results_, buffers_, panels_ = pointers(batch), pointers(results), pointers(buffers), pointers(panels)
    chunks, floats = (B + CHUNK - 1) // CHUNK, kept.shape[1]
    number = atomic_increment(pointer(taken))
    while number < chunks:
        own = at(pointer(kept), (number if len(kept) == chunks else thread) * floats)
        chunk = locate_chunk(number, B, batch_.lengths, sizes, buffers_)
        gather_values(batch_.x, sizes.F, buffers_.x, buffers_.x_columns, sizes, chunk, buffers_)
        states = Rows(own, step_floats(sizes_of(cell).kept * H))
        for place in range(sizes.L * D):
            _forward_layer(cell, panels_, sizes, chunk, batch_, own, buffers_, place)
            last = rows_from(states, 0, place * (s + 1) + s).p
            write_states(last, H, chunk, at(results_.h, place * B * H))
            if sizes_of(cell).states > 1:
                write_states(at(last, H * CHUNK), H, chunk, at(results_.c, place * B * H))
            if D > 1 and place % D == D - 1 and place < sizes.L * D - 1:
                y = Rows(buffers_.y, step_floats(D * H))
                for t in range(s):
                    _layer_outputs(cell, sizes, own, place // D, t, at(y.p, t * y.step))
        write_outputs(cell, sizes, chunk, own, buffers_, results_.y)
        number = atomic_increment(pointer(taken))
    restore_mode(mode)


# --- backward -------------------------------------------------------------------------------------------------------


@kernel
def _add_final_gradient(gradient, H, d, t, chunk, lengths, out):
    """Add the gradient at a layer's final states (B, H) to rows (H, C), where step t is the last computed."""
    for j in range(chunk.examples):
        if t == (0 if d == 1 else int(lengths[j]) - 1):
            for row in range(H):
                i = row * CHUNK + j
                store_scalar(out[i] + gradient[(chunk.first + j) * H + row], out, i)


@kernel
def _write_initial_gradient(cell, layer, place, d, t, B, chunk, states, dz, below, buffers):
    """Write the gradient at the initial states of the sequences of which step t is the first that is computed.

    It is the gradient that would reach the step before, so the cell's own function computes it.
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
    """Write dz of the steps from `end` down to `start` of the layer at `place`, and the gradient at its inputs, dx.

    dz begins with step `start`. Before, it began with step `end`, unless that is the end of the window.
    """
    H, D, s = sizes.H, sizes.D, sizes.s
    size = sizes_of(cell)
    G, Z = size.gates * H, size.gradients * H
    index, d = place // D, place % D
    states = rows_from(Rows(kept, step_floats(size.kept * H)), 0, place * (s + 1))
    dz = Rows(buffers.dz, step_floats(Z))
    carry = buffers.carry
    if end < s:
        copy_rows(dz.p, Z, at(dz.p, (end - start) * dz.step))
    for j in range(end - 1, start - 1, -1):
        t = step_of_window(d, j, s)
        before = at(states.p, j * states.step)
        dz_j = at(dz.p, (j - start) * dz.step)
        dh_t = rows_from(dh, d * H, t).p
        if above.of_h and (j == s - 1 or t >= chunk.shortest - 1):
            _add_final_gradient(at(above.h, place * B * H), H, d, t, chunk, buffers.lengths, dh_t)
        if size.states > 1 and above.of_c and (j == s - 1 or t >= chunk.shortest - 1):
            _add_final_gradient(at(above.c, place * B * H), H, d, t, chunk, buffers.lengths, carry)
        terms = H if j < s - 1 else 0
        backward(cell, layer, dh_t, at(dz_j, dz.step), carry, before, at(before, states.step), dz_j, terms)
        if t >= chunk.shortest:
            zero_beyond_length(dz_j, Z, t, buffers)
            zero_beyond_length(carry, H, t, buffers)
        if below.of_h and (j == 0 or t >= chunk.shortest - 1):
            _write_initial_gradient(cell, layer, place, d, t, B, chunk, states, dz_j, below, buffers)
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
    states = rows_from(Rows(kept, step_floats(size.kept * H)), 0, place * (s + 1))
    width, in_width = column_floats(H), column_floats(D * H)
    h = Columns(buffers.h_columns, CHUNK * width, width)
    inputs = Columns(buffers.in_columns, CHUNK * in_width, in_width)
    for i in range(end - start):
        transpose_rows(H, at(states.p, (start + i) * states.step), columns_from(h, i).p, width)
        if index > 0:
            _layer_outputs(cell, sizes, kept, index - 1, step_of_window(d, start + i, s), buffers.row)
            transpose_rows(D * H, buffers.row, columns_from(inputs, i).p, in_width)
    if index == 0:
        x = Columns(buffers.x_columns, sizes.F, window_floats(s * sizes.F))
        inputs = columns_from(x, step_of_window(d, start, s))
        if d == 1:
            inputs = Columns(inputs.p, -inputs.step, inputs.sequence)
    block = Block(
        Rows(buffers.dz, step_floats(size.gradients * H)),
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
    """Add a chunk's gradients at the weights, and write those at its inputs and initial states."""
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


def run_backward(cell, taken, sizes, panels, batch, above, below, kept, buffers):
    """Write the gradients of a batch, of which the threads take the groups of chunks as they come.

    Parameters
    ----------
    cell, sizes, panels, batch, buffers
        As for `run_forward`.
    taken : ndarray of shape (1,), int64
        How many groups have been taken by any thread.
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
    buffers_, panels_ = pointers(buffers), pointers(panels)
    chunks = (batch.B + CHUNK - 1) // CHUNK
    group = atomic_increment(pointer(taken))
    while group < groups:
        gradients = at(below_.weights, group * P)
        for i in range(P):
            store_scalar(f32(0), gradients, i)
        for number in range(group, chunks, groups):
            own = at(pointer(kept), number * kept.shape[1])
            chunk = locate_chunk(number, batch.B, batch_.lengths, sizes, buffers_)
            gather_values(batch_.x, sizes.F, buffers_.x, buffers_.x_columns, sizes, chunk, buffers_)
            if above.of_y:
                gather_values(above_.y, width, buffers_.dh, buffers_.dy_columns, sizes, chunk, buffers_)
            else:
                clear(buffers_.dh, sizes.s * width)
            _backward_chunk(cell, panels_, gradients, sizes, chunk, batch_, above_, below_, own, buffers_)
            if below.of_x:
                write_input_gradient(sizes, chunk, buffers_, below_.x)
        group = atomic_increment(pointer(taken))
    restore_mode(mode)


def pack_weights(cell, parameters, panels, sizes):
    """Write the panels of all layers' parameters (P,)."""
    for place in range(sizes.L * sizes.D):
        pack_layer(cell, pointer(parameters), pointers(panels), sizes, place, True, i64(0), i64(1))
