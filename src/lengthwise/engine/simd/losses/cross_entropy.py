"""A class a window: the cross-entropy of the logits. The score of a window is 1 if its class is right, else 0."""

import numpy as np

from lengthwise.engine.simd.head import head_backward, head_forward
from lengthwise.engine.simd.kernel import kernel
from lengthwise.engine.simd.losses.loss import Loss
from lengthwise.engine.simd.losses.softmax import cross_entropy, loss_gradient, predictions
from lengthwise.engine.simd.vectors import store_scalar

f32 = np.float32


@kernel
def _store_target(data, sequence, start, j, sizes, workspace):
    store_scalar(data.targets[sequence], workspace.targets, j)


@kernel
def _write_results(sizes, chunk, workspace, predicted):
    """Write losses, scores and predicted classes; z becomes probabilities."""
    z = workspace.z
    predictions(sizes.O, z, chunk.examples, predicted)
    cross_entropy(sizes.O, z, workspace.targets, chunk.examples, workspace.losses)
    for j in range(chunk.examples):
        store_scalar(f32(predicted[j] == workspace.targets[j]), workspace.scores, j)


@kernel
def _loss_and_predictions(cell, panels, data, sizes, chunk, workspace, predicted):
    head_forward(cell, panels, sizes, chunk, workspace)
    _write_results(sizes, chunk, workspace, predicted)


@kernel
def _loss_and_gradient(cell, panels, gradients, data, sizes, chunk, workspace, dh):
    head_forward(cell, panels, sizes, chunk, workspace)
    _write_results(sizes, chunk, workspace, workspace.predicted)
    loss_gradient(sizes.O, workspace.z, workspace.targets, chunk.examples, workspace.factors)
    head_backward(cell, panels, gradients, sizes, chunk, workspace, dh)


CROSS_ENTROPY = Loss(
    "cross_entropy",
    store_target=_store_target,
    loss_and_predictions=_loss_and_predictions,
    loss_and_gradient=_loss_and_gradient,
)
