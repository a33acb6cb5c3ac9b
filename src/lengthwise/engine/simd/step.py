"""The compiled programs: many training steps in one call, and the evaluation of many windows in one call.

Every thread of a run calls the same program with its own number and workspace, and takes what there is to do, as
`lengthwise.engine.simd.team` says. A batch is cut into chunks, and the chunks belong to groups; a group adds its
chunks' gradients in order, and the groups' are added in a fixed order. The number of groups depends on the batch alone,
so that the result does not depend on the threads, bit for bit; and it is bounded, so that memory does not grow with the
batch.
"""

import numpy as np

from lengthwise.engine.simd.average import move_average
from lengthwise.engine.simd.cells.cell import sizes_of
from lengthwise.engine.simd.chunk import (
    backward_chunk,
    forward_chunk,
    gather,
    mix64,
    read_carried_states,
    top_gradient,
    write_carried_states,
)
from lengthwise.engine.simd.kernel import kernel
from lengthwise.engine.simd.layout import Chunk, Panels, carried_floats
from lengthwise.engine.simd.losses.loss import loss_and_gradient, loss_and_predictions, store_target
from lengthwise.engine.simd.optimizers import (
    clip_factor,
    prepare_gradient,
    sum_of_squares,
    update_parameters,
)
from lengthwise.engine.simd.panels import pack_head, pack_layer
from lengthwise.engine.simd.step_types import BLOCK
from lengthwise.engine.simd.team import (
    FOR_EVER,
    add_groups,
    buffer_of,
    fill_zero,
    finish,
    next_group,
    next_share,
    publish,
    share_of,
)
from lengthwise.engine.simd.vectors import (
    CHUNK,
    at,
    atomic_increment,
    flush_subnormals,
    nanoseconds,
    pointer,
    pointers,
    restore_mode,
    store_scalar,
)

f32 = np.float32
i64 = np.int64
u64 = np.uint64


@kernel
def locate_chunk(loss, data, windows, batch, sizes, step, first, training, key, workspace):
    """Write where the windows of a chunk begin, how long they are, and what their targets are.

    Parameters
    ----------
    step, first : int
        The chunk is of this step's batch, and `first` is its first example there.

    Returns
    -------
    Chunk
    """
    count = min(CHUNK, batch - first)
    shortest = sizes.s
    for j in range(count):
        i = step * batch + first + j
        sequence, start = windows.sequences[i], windows.starts[i]
        length = min(sizes.s, data.lengths[sequence] - start)
        shortest = min(shortest, length)
        store_scalar((sequence * data.steps + start) * sizes.F, workspace.offsets, j)
        store_target(loss, data, sequence, start, j, sizes, workspace)
        store_scalar(length, workspace.lengths, j)
        store_scalar(f32(1) / f32(length), workspace.shares, j)
        store_scalar(data.weights[sequence] * (f32(1) / f32(batch)), workspace.factors, j)
    return Chunk(first, count, shortest, sizes.s, training, key)


@kernel
def truncate(chunk, steps, workspace):
    """Have the head see only the first `steps` steps of a chunk's windows, through which the layers have run."""
    for j in range(CHUNK):
        length = min(f32(steps), workspace.lengths[j])
        store_scalar(length, workspace.lengths, j)
        store_scalar(f32(1) / length, workspace.shares, j)
    return Chunk(chunk.first, chunk.examples, min(chunk.shortest, steps), steps, chunk.training, chunk.key)


@kernel
def pack_weights(cell, thread, due, parameters, sizes, team):
    """Pack the layers and the head: a part, whose shares are some rows of each matrix."""
    panels = Panels(team.forward, team.backward)
    share = next_share(team, thread, due)
    while share >= 0:
        for place in range(sizes.L * sizes.D):
            pack_layer(cell, parameters, panels, sizes, place, place >= sizes.D, share, team.threads)
        pack_head(cell, parameters, panels, sizes, share, team.threads)
        finish(team)
        share = next_share(team, thread, due)


@kernel
def add_group(cell, loss, group, buffer, is_zero, data, windows, batch, step, key, sizes, team, workspace):
    """Write a group's gradient, loss and sum of scores for a step to one of the team's buffers, which may be zero."""
    panels, gradients = Panels(team.forward, team.backward), at(team.gradients, buffer * team.P)
    carried = carried_floats(sizes_of(cell), sizes)
    if not is_zero:
        fill_zero(gradients, i64(0), team.P)
    total, scores = 0.0, 0.0
    for first in range(group * CHUNK, batch, team.groups * CHUNK):
        chunk = locate_chunk(loss, data, windows, batch, sizes, step, first, True, key, workspace)
        gather(data.values, sizes, chunk, data.scale, workspace)
        states = at(team.states, first // CHUNK * carried)
        if sizes.carry:
            read_carried_states(cell, sizes, states, workspace)
        forward_chunk(cell, panels, sizes, chunk, workspace)
        if sizes.carry:
            write_carried_states(cell, sizes, states, workspace)
        loss_and_gradient(loss, cell, panels, gradients, data, sizes, chunk, workspace, top_gradient(sizes, workspace))
        backward_chunk(cell, panels, gradients, sizes, chunk, workspace)
        for j in range(chunk.examples):
            total += workspace.losses[j] * data.weights[windows.sequences[step * batch + first + j]]
            scores += workspace.scores[j]
    store_scalar(total, team.losses, buffer)
    store_scalar(scores, team.scores, buffer)


@kernel
def write_means(step, batch, team, losses, scores):
    """Write the mean loss and score of a step's batch."""
    total, score = 0.0, 0.0
    for group in range(team.groups):
        total += team.losses[buffer_of(team, group)]
        score += team.scores[buffer_of(team, group)]
    store_scalar(total / batch, losses, step)
    store_scalar(score / batch, scores, step)


@kernel
def make_update(thread, due, plan, step, batch, state, team, losses, scores):
    """Change the parameters by the groups' gradients, block by block, in parts that follow `due`; return the last.

    Afterwards the buffers of all groups are zero.
    """
    optimizer, threads = plan.optimizer, team.threads
    p, m, v = state.parameters, state.m, state.v
    P, factor, clips = team.P, 1.0, optimizer.clip_norm > 0
    if clips:
        due += threads
        share = next_share(team, thread, due)
        while share >= 0:
            g = at(team.gradients, buffer_of(team, i64(0)) * P)
            for block in range(*share_of(team.blocks, share, threads)):
                start, stop = block * BLOCK, min(P, (block + 1) * BLOCK)
                add_groups(team, start, stop)
                store_scalar(sum_of_squares(g, start, stop), team.squares, block)
            finish(team)
            share = next_share(team, thread, due)
        factor = clip_factor(optimizer, team.squares, team.blocks)
    due += threads
    share = next_share(team, thread, due)
    while share >= 0:
        g = at(team.gradients, buffer_of(team, i64(0)) * P)
        for block in range(*share_of(team.blocks, share, threads)):
            start, stop = block * BLOCK, min(P, (block + 1) * BLOCK)
            if not clips:
                add_groups(team, start, stop)
            prepare_gradient(optimizer, factor, p, g, start, stop)
            update_parameters(optimizer, plan.lrs[step], plan.updates + step + 1, p, m, v, g, start, stop)
            if optimizer.ema_decay > 0:
                move_average(optimizer.ema_decay, plan.updates + step + 1, p, state.average, start, stop)
            fill_zero(g, start, stop)  # while it is in the cache: the next gradient is added to it
        if share == 0:
            write_means(step, batch, team, losses, scores)
        finish(team)
        share = next_share(team, thread, due)
    return due


def train_steps(cell, loss, thread, plan, data, windows, state, sizes, team, workspace, losses, scores):
    """Make one update of the parameters for each step of `windows`, as thread number `thread` of the team.

    Parameters
    ----------
    cell : Cell
    loss : Loss
    thread : int
    plan : Plan
    data : Data
    windows : Windows
    state : State
        Changed in place.
    sizes : Sizes
    team : Team
    workspace : Workspace
        This thread's own.
    losses, scores : ndarray of shape (steps,), float64
        Written: each step's mean loss and score, before its update.
    """
    mode = flush_subnormals()
    steps, batch = windows.sequences.shape
    plan_, data_, windows_, state_ = pointers(plan), pointers(data), pointers(windows), pointers(state)
    team_, workspace_, losses_, scores_ = pointers(team), pointers(workspace), pointer(losses), pointer(scores)
    due, buffer, is_zero, patience = i64(0), i64(team.groups + thread), True, FOR_EVER
    for step in range(steps):
        due += team.threads
        pack_weights(cell, thread, due, state_.parameters, sizes, team_)
        due += team.groups
        key = mix64(plan.seed + mix64(u64(plan.updates + step)))
        group = next_group(team_, thread, due, patience)
        while group >= 0:
            began = nanoseconds()
            add_group(cell, loss, group, buffer, is_zero, data_, windows_, batch, step, key, sizes, team_, workspace_)
            if not sizes.carry:
                patience = min(patience, nanoseconds() - began)
            free = publish(team_, group, buffer, thread, due)
            is_zero = free != buffer  # else the group's gradient was published by another, and this one is left over
            buffer = free
            group = next_group(team_, thread, due, patience)
        due = make_update(thread, due, plan_, step, batch, state_, team_, losses_, scores_)
    restore_mode(mode)


def evaluate_windows(
    cell, loss, thread, data, windows, lengths, parameters, sizes, team, workspace, losses, predicted, outputs
):
    """Evaluate every window of `windows` by its first steps; the threads take its chunks as they come.

    Parameters
    ----------
    cell, loss, thread, data, windows, sizes, team, workspace
        As for `train_steps`.
    lengths : ndarray of shape (lengths,), int64
        By how many of its steps a window is evaluated: one or more numbers, descending, from s.
    parameters : ndarray of shape (P,), float32
    losses : ndarray of shape (lengths, steps, batch), float32
        Written: the loss of each window.
    predicted : ndarray of shape (lengths, steps, batch, …), int64 or float32
        Written: the class, the numbers (O), or the classes of the steps (s) that the network predicts for each window.
    outputs : ndarray of shape (lengths, steps, batch, O), float32, or empty
        Written, unless it is empty: the probability of each class of each window, or the numbers.
    """
    mode = flush_subnormals()
    steps, batch = windows.sequences.shape
    chunks = (batch + CHUNK - 1) // CHUNK
    width = predicted.strides[2] // predicted.itemsize
    data_, windows_, team_, workspace_ = pointers(data), pointers(windows), pointers(team), pointers(workspace)
    panels, losses_, predicted_ = Panels(team_.forward, team_.backward), pointer(losses), pointer(predicted)
    outputs_, O = pointer(outputs), sizes.O
    pack_weights(cell, thread, i64(team.threads), pointer(parameters), sizes, team_)
    unit = atomic_increment(team_.chunks)
    while unit < steps * chunks:
        step, part = divmod(unit, chunks)
        first = part * CHUNK
        chunk = locate_chunk(loss, data_, windows_, batch, sizes, step, first, False, np.uint64(0), workspace_)
        gather(data_.values, sizes, chunk, data.scale, workspace_)
        forward_chunk(cell, panels, sizes, chunk, workspace_)
        for length in range(len(lengths)):
            chunk = truncate(chunk, lengths[length], workspace_)
            i = (length * steps + step) * batch + first
            loss_and_predictions(loss, cell, panels, data_, sizes, chunk, workspace_, at(predicted_, i * width))
            for j in range(chunk.examples):
                store_scalar(workspace_.losses[j], losses_, i + j)
            if outputs.size:
                for j in range(chunk.examples):
                    for o in range(O):
                        store_scalar(workspace_.z[o * CHUNK + j], outputs_, (i + j) * O + o)
        unit = atomic_increment(team_.chunks)
    restore_mode(mode)
