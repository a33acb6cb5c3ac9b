"""A class a step: the mean cross-entropy over the steps of a window that are valid.

The head says something of each step, from the top layer's outputs there; see `lengthwise.engine.head`. The score is
the share of the steps whose class is right.
"""

import numpy as np

from lengthwise.engine.head import step_backward, step_forward
from lengthwise.engine.kernel import kernel
from lengthwise.engine.losses.loss import Loss
from lengthwise.engine.losses.softmax import cross_entropy, loss_gradient, predictions
from lengthwise.engine.simd import pointer

f32 = np.float32


@kernel
def _place_target(data, sequence, start, j, sizes, workspace):
    workspace.sequences[j] = sequence
    workspace.starts[j] = start


@kernel
def _begin(chunk, workspace):
    for j in range(chunk.examples):
        workspace.losses[j] = f32(0)
        workspace.scores[j] = f32(0)


@kernel
def _note_step(data, t, sizes, chunk, workspace):
    """Add what step t gives to losses and scores; z becomes probabilities."""
    z = pointer(workspace.z)
    for j in range(chunk.examples):
        step = min(workspace.starts[j] + t, data.targets.shape[1] - 1)
        workspace.targets[j] = data.targets[workspace.sequences[j], step]
    predictions(sizes.O, z, chunk.examples, workspace.predicted)
    cross_entropy(sizes.O, z, workspace.targets, chunk.examples, workspace.step_losses)
    for j in range(chunk.examples):
        if t < workspace.lengths[j]:
            workspace.losses[j] += workspace.step_losses[j] * workspace.shares[j]
            workspace.scores[j] += workspace.shares[j] * f32(workspace.predicted[j] == workspace.targets[j])


@kernel
def _judge(cell, panels, data, sizes, chunk, workspace, predicted):
    _begin(chunk, workspace)
    for t in range(sizes.s):
        step_forward(cell, panels, sizes, chunk, workspace, t)
        _note_step(data, t, sizes, chunk, workspace)
        for j in range(chunk.examples):
            predicted[j, t] = workspace.predicted[j] if t < workspace.lengths[j] else -1


@kernel
def _learn(cell, panels, gradients, data, sizes, chunk, workspace, dh):
    _begin(chunk, workspace)
    for t in range(sizes.s):
        step_forward(cell, panels, sizes, chunk, workspace, t)
        _note_step(data, t, sizes, chunk, workspace)
        for j in range(chunk.examples):
            valid = t < workspace.lengths[j]
            workspace.step_factors[j] = workspace.factors[j] * workspace.shares[j] if valid else f32(0)
        loss_gradient(sizes.O, pointer(workspace.z), workspace.targets, chunk.examples, workspace.step_factors)
        step_backward(cell, panels, gradients, sizes, workspace, t, dh)


STEP_CROSS_ENTROPY = Loss("step_cross_entropy", every_step=True, place_target=_place_target, judge=_judge, learn=_learn)
