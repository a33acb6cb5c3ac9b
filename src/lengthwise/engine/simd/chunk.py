"""One chunk of sequences, forward and backward: the main kernels of a training step.

Letters and buffers are those of `lengthwise.engine.simd.layout`. A layer reads the window in a direction, d: forwards
or, the second of two, backwards. Step j of the computation is then step t of the window, t = j or t = s - 1 - j.
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
from lengthwise.engine.simd.kernel import kernel
from lengthwise.engine.simd.layout import GRADIENT_STEPS, column_floats, step_floats, window_floats
from lengthwise.engine.simd.panels import kept_rows, layer_at, matrices_at, uses_layer_outputs
from lengthwise.engine.simd.products import (
    Columns,
    Rows,
    add_matrix_product,
    affine,
    transpose_rows,
)
from lengthwise.engine.simd.vectors import (
    CHUNK,
    LANES,
    at,
    dropout_mask,
    gather_square,
    load,
    splat,
    store,
    store_scalar,
    where_less,
)

f32 = np.float32
i64 = np.int64
u32 = np.uint32
u64 = np.uint64


# --- the input ------------------------------------------------------------------------------------------------------


@kernel
def gather(values, sizes, chunk, scale, workspace):
    """Write the windows of the chunk's sequences to x, feature by feature, and to x_columns, sequence by sequence.

    A window is s * F consecutive values of its sequence, so it is transposed in squares without regard to its steps;
    the last square overlaps the one before. Sequences beyond the chunk's repeat the first. Beyond the length of its
    window, a sequence's inputs are zero.
    """
    F = sizes.F
    length = sizes.s * F
    for j in range(chunk.examples, CHUNK):
        store_scalar(workspace.offsets[0], workspace.offsets, j)
        store_scalar(workspace.lengths[0], workspace.lengths, j)
        store_scalar(workspace.shares[0], workspace.shares, j)
    x = workspace.x
    columns = workspace.x_columns
    stride = window_floats(length)
    if length < LANES:
        for i in range(length):
            for j in range(CHUNK):
                value = f32(values[workspace.offsets[j] + i]) * scale
                store_scalar(value, x, i * CHUNK + j)
                store_scalar(value, columns, j * stride + i)
    else:
        for j in range(0, CHUNK, LANES):
            offsets = at(workspace.offsets, j)
            for first in range(0, length, LANES):
                i = min(first, length - LANES)
                gather_square(at(values, i), offsets, scale, at(x, i * CHUNK + j), at(columns, j * stride + i), stride)
    if chunk.shortest < sizes.s:
        for j in range(CHUNK):
            for i in range(int(workspace.lengths[j]) * F, length):
                store_scalar(f32(0), x, i * CHUNK + j)
                store_scalar(f32(0), columns, j * stride + i)


# --- between steps and layers ---------------------------------------------------------------------------------------


@kernel
def clear(p, rows):
    """Write zeros to rows of a chunk buffer."""
    for i in range(0, rows * CHUNK, LANES):
        store(splat(f32(0)), p, i)


@kernel
def copy_rows(p, rows, out):
    """Copy rows of a chunk buffer."""
    for i in range(0, rows * CHUNK, LANES):
        store(load(p, i), out, i)


@kernel
def zero_beyond_length(p, rows, t, workspace):
    """Write zeros to rows of step t where it is beyond the length of a sequence's window."""
    now = splat(f32(t))
    lengths = workspace.lengths
    for i in range(0, rows * CHUNK, LANES):
        store(where_less(now, load(lengths, i % CHUNK), load(p, i), splat(f32(0))), p, i)


@kernel
def mix64(value):
    """Return a number whose bits all depend on all of `value`'s: the finaliser of SplitMix64 (Steele et al., 2014)."""
    value = (value ^ (value >> u64(30))) * u64(0xBF58476D1CE4E5B9)
    value = (value ^ (value >> u64(27))) * u64(0x94D049BB133111EB)
    return value ^ (value >> u64(31))


@kernel
def drop_out(p, layer, t, sizes, chunk):
    """Multiply a layer's outputs (D * H, C) at step t, or their gradient, by the mask of this update."""
    rate = f32(sizes.dropout)
    rows = sizes.D * sizes.H
    base = (layer * sizes.s + t) * rows
    for row in range(rows):
        key = u32(mix64(chunk.key + u64(base + row)) >> u64(32))
        for j in range(0, CHUNK, LANES):
            i = row * CHUNK + j
            store(load(p, i) * dropout_mask(key, chunk.first + j, rate), p, i)


@kernel
def step_of_window(d, j, s):
    """Return the step of the window that direction d computes as its j-th."""
    return j if d == 0 else s - 1 - j


@kernel
def inputs_at(cell, sizes, chunk, workspace, layer):
    """Return the inputs of a layer, as Rows in the order of time."""
    s, D, H = sizes.s, sizes.D, sizes.H
    if layer == 0:
        return Rows(workspace.x, sizes.F * CHUNK)
    if uses_layer_outputs(sizes):
        return rows_from(Rows(workspace.y, step_floats(D * H)), 0, (layer - 1) * s)
    kept = Rows(workspace.kept, step_floats(kept_rows(cell, sizes, chunk.training)))
    return rows_from(kept, 0, (layer - 1) * (s + 1) + 1)


@kernel
def input_columns_at(sizes, workspace, layer):
    """Return the inputs of a layer, as Columns in the order of time."""
    s, F = sizes.s, sizes.F
    if layer == 0:
        return Columns(workspace.x_columns, F, window_floats(s * F))
    width = column_floats(sizes.D * sizes.H)
    if uses_layer_outputs(sizes):
        return columns_from(Columns(workspace.y_columns, CHUNK * width, width), (layer - 1) * s)
    return columns_from(Columns(workspace.h_columns, CHUNK * width, width), (layer - 1) * (s + 1) + 1)


@kernel
def write_layer_outputs(cell, layer, sizes, chunk, workspace):
    """Write y and y_columns: a layer's outputs of all directions, in the order of time, after dropout."""
    H, D, s = sizes.H, sizes.D, sizes.s
    N = H * CHUNK
    kept = Rows(workspace.kept, step_floats(kept_rows(cell, sizes, chunk.training)))
    y = rows_from(Rows(workspace.y, step_floats(D * H)), 0, layer * s)
    width = column_floats(D * H)
    y_columns = columns_from(Columns(workspace.y_columns, CHUNK * width, width), layer * s)
    for t in range(s):
        y_t = at(y.p, t * y.step)
        for d in range(D):
            h_t = at(kept.p, ((layer * D + d) * (s + 1) + 1 + step_of_window(d, t, s)) * kept.step)
            for i in range(0, N, LANES):
                store(load(h_t, i), y_t, d * N + i)
        if chunk.training:
            if sizes.dropout > 0:
                drop_out(y_t, layer, t, sizes, chunk)
            transpose_rows(D * H, y_t, at(y_columns.p, t * y_columns.step), width)


# --- from window to window ------------------------------------------------------------------------------------------


@kernel
def read_carried_states(cell, sizes, states, workspace):
    """Write the state before each window: the last state of the window before, or zero where a sequence begins.

    Parameters
    ----------
    states : pointer to float32, shape (L * D * kept * H * C,)
        Of this chunk.
    """
    rows = sizes_of(cell).kept * sizes.H
    kept = Rows(workspace.kept, step_floats(rows))
    for place in range(sizes.L * sizes.D):
        out = rows_from(kept, 0, place * (sizes.s + 1)).p
        for row in range(rows):
            for j in range(CHUNK):
                value = states[(place * rows + row) * CHUNK + j] if workspace.starts[j] > 0 else f32(0)
                store_scalar(value, out, row * CHUNK + j)


@kernel
def write_carried_states(cell, sizes, states, workspace):
    """Store the last states of the windows of this chunk, as `read_carried_states` reads them."""
    N = sizes_of(cell).kept * sizes.H * CHUNK
    kept = Rows(workspace.kept, step_floats(sizes_of(cell).kept * sizes.H))
    for place in range(sizes.L * sizes.D):
        last = rows_from(kept, 0, place * (sizes.s + 1) + sizes.s).p
        for i in range(0, N, LANES):
            store(load(last, i), states, place * N + i)


# --- forward --------------------------------------------------------------------------------------------------------


@kernel
def forward_chunk(cell, panels, sizes, chunk, workspace):
    """Run all layers over all steps of the gathered windows."""
    H, D, s = sizes.H, sizes.D, sizes.s
    kept = kept_rows(cell, sizes, chunk.training)
    states = Rows(workspace.kept, step_floats(kept))
    width = column_floats(H)
    h_columns = Columns(workspace.h_columns, CHUNK * width, width)
    for place in range(sizes.L * D):
        index, d = place // D, place % D
        layer = layer_at(cell, panels, workspace.zeros, sizes, place)
        x = inputs_at(cell, sizes, chunk, workspace, index)
        first = rows_from(states, 0, place * (s + 1)).p
        if sizes.carry:
            transpose_rows(H, first, columns_from(h_columns, place * (s + 1)).p, width)
        else:
            clear(first, kept)
        for j in range(s):
            t = step_of_window(d, j, s)
            before = rows_from(states, 0, place * (s + 1) + j).p
            now = at(before, states.step)
            forward(cell, layer, at(x.p, t * x.step), before, now, H if j > 0 or sizes.carry else 0)
            if t >= chunk.shortest:
                zero_beyond_length(now, kept, t, workspace)
            if chunk.training:
                transpose_rows(H, now, columns_from(h_columns, place * (s + 1) + j + 1).p, width)
        if uses_layer_outputs(sizes) and d == D - 1 and index < sizes.L - 1:
            write_layer_outputs(cell, index, sizes, chunk, workspace)


# --- backward -------------------------------------------------------------------------------------------------------


@kernel
def top_gradient(sizes, workspace):
    """Return where the gradient at the top layer's outputs is, (s, D * H, C)."""
    return Rows(workspace.dh, step_floats(sizes.D * sizes.H))


@kernel
def backward_chunk(cell, panels, gradients, sizes, chunk, workspace):
    """Add the layers' gradients of the chunk's share of the loss, of which dh is the gradient at the top outputs."""
    D, s = sizes.D, sizes.s
    dh = top_gradient(sizes, workspace)
    # With one direction, the gradient at the layer's inputs overwrites the one at its outputs.
    dx = Rows(workspace.dx, dh.step) if D > 1 else dh
    for place in range(sizes.L * D - 1, -1, -1):
        index, d = place // D, place % D
        end = s
        while end > 0:
            start = max(0, end - GRADIENT_STEPS)
            backward_steps(cell, panels, sizes, chunk, workspace, place, start, end, dh, dx)
            add_gradients_of_steps(cell, panels, gradients, sizes, workspace, place, start, end)
            end = start
        if d == 0 and index > 0:
            if sizes.dropout > 0:
                for t in range(s):
                    drop_out(at(dx.p, t * dx.step), index - 1, t, sizes, chunk)
            dh, dx = dx, dh


@kernel
def backward_steps(cell, panels, sizes, chunk, workspace, place, start, end, dh, dx):
    """Write dz of the steps from `end` down to `start` of the layer at `place`, and the gradient at its inputs, dx.

    dz begins with step `start`. Before, it began with step `end`, unless that is the end of the window.
    """
    H, D, s = sizes.H, sizes.D, sizes.s
    size = sizes_of(cell)
    G, Z = size.gates * H, size.gradients * H
    index, d = place // D, place % D
    layer = layer_at(cell, panels, workspace.zeros, sizes, place)
    states = rows_from(Rows(workspace.kept, step_floats(size.kept * H)), 0, place * (s + 1))
    dz = Rows(workspace.dz, step_floats(Z))
    carry = workspace.carry
    if end == s:
        clear(carry, H)
    else:
        copy_rows(dz.p, Z, at(dz.p, (end - start) * dz.step))
    for j in range(end - 1, start - 1, -1):
        t = step_of_window(d, j, s)
        before = at(states.p, j * states.step)
        dz_j = at(dz.p, (j - start) * dz.step)
        dh_t = rows_from(dh, d * H, t).p
        terms = H if j < s - 1 else 0
        backward(cell, layer, dh_t, at(dz_j, dz.step), carry, before, at(before, states.step), dz_j, terms)
        if t >= chunk.shortest:
            zero_beyond_length(dz_j, Z, t, workspace)
            zero_beyond_length(carry, H, t, workspace)
        if index > 0:
            dx_t = at(dx.p, t * dx.step)
            if d == D - 1:
                affine(layer.F, dx_t, layer.zeros, layer.W_xT, G, dz_j, layer.W_xT, G, dz_j, i64(0))
            else:
                add_matrix_product(layer.F, dx_t, layer.W_xT, G, dz_j, G)


@kernel
def add_gradients_of_steps(cell, panels, gradients, sizes, workspace, place, start, end):
    """Add the gradients of the steps from `start` to `end` of the layer at `place`, whose dz is known."""
    H, D, s = sizes.H, sizes.D, sizes.s
    size = sizes_of(cell)
    layer = layer_at(cell, panels, workspace.zeros, sizes, place)
    gradient = matrices_at(cell, gradients, sizes, place)
    dz = Rows(workspace.dz, step_floats(size.gradients * H))
    kept = Rows(workspace.kept, step_floats(size.kept * H))
    width = column_floats(H)
    h_columns = Columns(workspace.h_columns, CHUNK * width, width)
    x = input_columns_at(sizes, workspace, place // D)
    if place % D == 1:
        x = columns_from(x, s - 1)
        x = Columns(x.p, -x.step, x.sequence)
    block = Block(
        dz,
        columns_from(x, start),
        columns_from(h_columns, place * (s + 1) + start),
        rows_from(kept, 0, place * (s + 1) + 1 + start),
        Columns(workspace.scratch, CHUNK * width, width),
        end - start,
        1 if start == 0 and not sizes.carry else 0,
    )
    add_gradients(cell, layer, gradient, block)
