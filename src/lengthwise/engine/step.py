"""The compiled programs: many training steps in one call, and the evaluation of many windows in one call.

Every thread of a run calls the same program with its own number and workspace. A batch is cut into chunks, the chunks
are dealt to groups, and the groups to threads; a group adds its chunks' gradients in order, and the optimiser adds
the groups' in order. The number of groups depends on the batch alone, so the result does not depend on the threads,
bit for bit; and it is bounded, so memory does not grow with the batch.
"""

from typing import Any, NamedTuple

import numpy as np

from lengthwise.engine.chunk import backward_chunk, forward_chunk, gather, mix64
from lengthwise.engine.compilation import program
from lengthwise.engine.kernel import inlined_kernel, kernel
from lengthwise.engine.layout import Chunk, pack_layer
from lengthwise.engine.loss import cross_entropy, loss_gradient, predictions
from lengthwise.engine.optimizers import (
    BLOCK,
    add_groups,
    clip_factor,
    prepare_gradient,
    sum_of_squares,
    update_parameters,
)
from lengthwise.engine.simd import CHUNK, atomic_increment, atomic_load, pointer, yield_thread

f32 = np.float32
u64 = np.uint64

MAX_GROUPS = 16
"""Most parts that a batch's gradient is summed in, and so most threads that a run can use."""

SPINS_BEFORE_YIELD = 2000
"""How often a thread looks whether the others have arrived before it offers its core to them."""


class Data(NamedTuple):
    """The sequences of a split.

    Attributes
    ----------
    values : ndarray of shape (n, T, F), uint8 or float32
    targets : ndarray of shape (n,), int64
    lengths : ndarray of shape (n,), int64
        Valid steps of each sequence, 1 to T.
    scale : float32
        What a value is multiplied by as it is gathered.
    """

    values: Any
    targets: Any
    lengths: Any
    scale: Any


class State(NamedTuple):
    """What training changes.

    Attributes
    ----------
    parameters, m, v : ndarray of shape (P,), float32
        The parameters and the optimiser's two means.
    """

    parameters: Any
    m: Any
    v: Any


class Plan(NamedTuple):
    """How the steps of a call change the parameters.

    Attributes
    ----------
    optimizer : Optimizer
    rates : ndarray of shape (steps,), float64
        Step size of each step.
    updates : int
        Updates made before.
    seed : uint64
        What dropout is drawn from, with the number of the update.
    """

    optimizer: Any
    rates: Any
    updates: int
    seed: Any


class Team(NamedTuple):
    """What the threads of a run share beside the state.

    Attributes
    ----------
    panels : ndarray of shape (2 * P,), float32
        The parameters as the kernels read them; see `lengthwise.engine.layout.pack_layer`.
    gradients : ndarray of shape (groups, P), float32
    squares : ndarray of shape (blocks,), float64
        Sum of the squares of each block of the gradient.
    losses : ndarray of shape (groups,), float64
    correct : ndarray of shape (groups,), int64
    arrivals : ndarray of shape (1,), int64
        How often a thread has arrived at the barrier; 0 at the start of a call.
    threads : int
    """

    panels: Any
    gradients: Any
    squares: Any
    losses: Any
    correct: Any
    arrivals: Any
    threads: int


@inlined_kernel
def place(data, windows, sizes, step, first, training, key, workspace):
    """Look up the chunk that begins at example `first` of a step."""
    batch = windows.sequences.shape[1]
    count = min(CHUNK, batch - first)
    shortest = sizes.s
    for j in range(count):
        sequence, start = windows.sequences[step, first + j], windows.starts[step, first + j]
        length = min(sizes.s, data.lengths[sequence] - start)
        shortest = min(shortest, length)
        workspace.offsets[j] = (sequence * data.values.shape[1] + start) * sizes.F
        workspace.targets[j] = data.targets[sequence]
        workspace.lengths[j] = length
        workspace.shares[j] = f32(1) / f32(length)
    return Chunk(first, count, shortest, training, key)


@kernel
def wait_for_all(team, phase):
    """Return once every thread has come here for the `phase`-th time, counted from 1; return the next phase."""
    counter = pointer(team.arrivals)
    atomic_increment(counter)
    spins = 0
    while atomic_load(counter) < phase * team.threads:
        spins += 1
        if spins >= SPINS_BEFORE_YIELD:
            yield_thread()
    return phase + 1


@kernel
def pack_share(cell, thread, parameters, sizes, team):
    """Pack every layer that is this thread's to pack."""
    for place in range(thread, sizes.L * sizes.D + 1, team.threads):
        pack_layer(cell, parameters, team.panels, sizes, place)


@inlined_kernel
def add_group(cell, group, data, windows, step, key, sizes, team, workspace):
    """Set a group's gradient, loss and number of correct predictions for a step."""
    gradients = team.gradients[group]
    for i in range(len(gradients)):
        gradients[i] = f32(0)
    z = pointer(workspace.z)
    batch = windows.sequences.shape[1]
    loss = 0.0
    correct = 0
    for first in range(group * CHUNK, batch, len(team.gradients) * CHUNK):
        chunk = place(data, windows, sizes, step, first, True, key, workspace)
        gather(data.values, sizes, chunk, data.scale, workspace)
        forward_chunk(cell, team.panels, sizes, chunk, workspace)
        predictions(sizes.O, z, chunk.examples, workspace.predicted)
        cross_entropy(sizes.O, z, workspace.targets, chunk.examples, workspace.losses)
        loss_gradient(sizes.O, z, workspace.targets, chunk.examples, batch)
        backward_chunk(cell, team.panels, gradients, sizes, chunk, workspace)
        for j in range(chunk.examples):
            loss += workspace.losses[j]
            correct += workspace.predicted[j] == workspace.targets[j]
    team.losses[group] = loss
    team.correct[group] = correct


@kernel
def make_update(thread, plan, step, state, team, phase):
    """Change the parameters by the groups' gradients, block by block; return the next phase of the team."""
    optimizer = plan.optimizer
    p, m, v = state.parameters, state.m, state.v
    g = team.gradients[0]
    P, blocks = len(p), len(team.squares)
    factor = 1.0
    for block in range(thread, blocks, team.threads):
        add_groups(team.gradients, block * BLOCK, min(P, (block + 1) * BLOCK))
    if optimizer.clip_norm > 0:
        for block in range(thread, blocks, team.threads):
            team.squares[block] = sum_of_squares(g, block * BLOCK, min(P, (block + 1) * BLOCK))
        phase = wait_for_all(team, phase)
        factor = clip_factor(optimizer, team.squares)
    for block in range(thread, blocks, team.threads):
        start, stop = block * BLOCK, min(P, (block + 1) * BLOCK)
        prepare_gradient(optimizer, factor, p, g, start, stop)
        update_parameters(optimizer, plan.rates[step], plan.updates + step + 1, p, m, v, g, start, stop)
    return phase


@program
def train_steps(cell, thread, plan, data, windows, state, sizes, team, workspace, losses, accuracies):
    """Make one update of the parameters for each step of `windows`, as thread number `thread` of the team.

    Parameters
    ----------
    cell : Cell
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
    losses, accuracies : ndarray of shape (steps,), float64
        Written: each step's mean loss and share of correct predictions, before its update.
    """
    steps, batch = windows.sequences.shape
    groups = len(team.gradients)
    pack_share(cell, thread, state.parameters, sizes, team)
    phase = wait_for_all(team, 1)
    for step in range(steps):
        key = mix64(plan.seed + mix64(u64(plan.updates + step)))
        for group in range(thread, groups, team.threads):
            add_group(cell, group, data, windows, step, key, sizes, team, workspace)
        phase = wait_for_all(team, phase)
        phase = make_update(thread, plan, step, state, team, phase)
        if thread == 0:
            loss, correct = 0.0, 0
            for group in range(groups):
                loss += team.losses[group]
                correct += team.correct[group]
            losses[step], accuracies[step] = loss / batch, correct / batch
        phase = wait_for_all(team, phase)
        pack_share(cell, thread, state.parameters, sizes, team)
        phase = wait_for_all(team, phase)


@program
def evaluate_windows(cell, thread, data, windows, parameters, sizes, team, workspace, losses, predicted):
    """Judge every window of `windows`, of which this thread takes its share of chunks.

    Parameters
    ----------
    cell, thread, data, windows, sizes, team, workspace
        As for `train_steps`.
    parameters : ndarray of shape (P,), float32
    losses : ndarray of shape (steps, batch), float32
        Written: the cross-entropy of each window.
    predicted : ndarray of shape (steps, batch), int64
        Written: the class predicted for each window.
    """
    steps, batch = windows.sequences.shape
    chunks = (batch + CHUNK - 1) // CHUNK
    pack_share(cell, thread, parameters, sizes, team)
    wait_for_all(team, 1)
    for unit in range(thread, steps * chunks, team.threads):
        step, chunk = divmod(unit, chunks)
        first = chunk * CHUNK
        judged = place(data, windows, sizes, step, first, False, np.uint64(0), workspace)
        gather(data.values, sizes, judged, data.scale, workspace)
        forward_chunk(cell, team.panels, sizes, judged, workspace)
        z = pointer(workspace.z)
        predictions(sizes.O, z, judged.examples, workspace.predicted)
        cross_entropy(sizes.O, z, workspace.targets, judged.examples, workspace.losses)
        for j in range(judged.examples):
            losses[step, first + j] = workspace.losses[j]
            predicted[step, first + j] = workspace.predicted[j]
