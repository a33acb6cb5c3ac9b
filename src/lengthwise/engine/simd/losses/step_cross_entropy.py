"""A class a step: the mean cross-entropy over the steps of a window that are valid.

The head has outputs for each step, from the top layer's outputs there; see `lengthwise.engine.simd.head`. The score is
the fraction of the steps whose class is right.
"""

import numpy as np

from lengthwise.engine.simd.head import step_backward, step_forward
from lengthwise.engine.simd.kernel import kernel
from lengthwise.engine.simd.losses.loss import Loss
from lengthwise.engine.simd.losses.softmax import cross_entropy, loss_gradient, predictions
from lengthwise.engine.simd.vectors import store_scalar

f32 = np.float32


@kernel
def _store_target(data, sequence, start, j, sizes, workspace):
    store_scalar(sequence, workspace.sequences, j)
    store_scalar(start, workspace.starts, j)


@kernel
def _clear_results(chunk, workspace):
    for j in range(chunk.examples):
        store_scalar(f32(0), workspace.losses, j)
        store_scalar(f32(0), workspace.scores, j)


@kernel
def _add_step(data, t, sizes, chunk, workspace):
    """Add step t's part to losses and scores; z becomes probabilities."""
    z = workspace.z
    for j in range(chunk.examples):
        step = min(workspace.starts[j] + t, data.steps - 1)
        store_scalar(data.targets[workspace.sequences[j] * data.steps + step], workspace.targets, j)
    predictions(sizes.O, z, chunk.examples, workspace.predicted)
    cross_entropy(sizes.O, z, workspace.targets, chunk.examples, workspace.step_losses)
    for j in range(chunk.examples):
        if t < workspace.lengths[j]:
            share, right = workspace.shares[j], f32(workspace.predicted[j] == workspace.targets[j])
            store_scalar(workspace.losses[j] + workspace.step_losses[j] * share, workspace.losses, j)
            store_scalar(workspace.scores[j] + share * right, workspace.scores, j)


@kernel
def _loss_and_predictions(cell, panels, data, sizes, chunk, workspace, predicted):
    _clear_results(chunk, workspace)
    for t in range(sizes.s):
        step_forward(cell, panels, sizes, chunk, workspace, t)
        _add_step(data, t, sizes, chunk, workspace)
        for j in range(chunk.examples):
            prediction = workspace.predicted[j] if t < workspace.lengths[j] else -1
            store_scalar(prediction, predicted, j * sizes.s + t)


@kernel
def _loss_and_gradient(cell, panels, gradients, data, sizes, chunk, workspace, dh):
    _clear_results(chunk, workspace)
    for t in range(sizes.s):
        step_forward(cell, panels, sizes, chunk, workspace, t)
        _add_step(data, t, sizes, chunk, workspace)
        for j in range(chunk.examples):
            valid = t < workspace.lengths[j]
            factor = workspace.factors[j] * workspace.shares[j] if valid else f32(0)
            store_scalar(factor, workspace.step_factors, j)
        loss_gradient(sizes.O, workspace.z, workspace.targets, chunk.examples, workspace.step_factors)
        step_backward(cell, panels, gradients, sizes, workspace, t, dh)


STEP_CROSS_ENTROPY = Loss(
    "step_cross_entropy",
    store_target=_store_target,
    loss_and_predictions=_loss_and_predictions,
    loss_and_gradient=_loss_and_gradient,
)
