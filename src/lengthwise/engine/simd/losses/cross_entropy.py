"""A class a window: the cross-entropy of what the head says of it. Its score is 1 where the class is right, else 0."""

import numpy as np

from lengthwise.engine.simd.head import head_backward, head_forward
from lengthwise.engine.simd.kernel import kernel
from lengthwise.engine.simd.losses.loss import Loss
from lengthwise.engine.simd.losses.softmax import cross_entropy, loss_gradient, predictions
from lengthwise.engine.simd.vectors import store_scalar

f32 = np.float32


@kernel
def _place_target(data, sequence, start, j, sizes, workspace):
    store_scalar(data.targets[sequence], workspace.targets, j)


@kernel
def _note(sizes, chunk, workspace, predicted):
    """Write losses, scores and predicted classes; z becomes probabilities."""
    z = workspace.z
    predictions(sizes.O, z, chunk.examples, predicted)
    cross_entropy(sizes.O, z, workspace.targets, chunk.examples, workspace.losses)
    for j in range(chunk.examples):
        store_scalar(f32(predicted[j] == workspace.targets[j]), workspace.scores, j)


@kernel
def _judge(cell, panels, data, sizes, chunk, workspace, predicted):
    head_forward(cell, panels, sizes, chunk, workspace)
    _note(sizes, chunk, workspace, predicted)


@kernel
def _learn(cell, panels, gradients, data, sizes, chunk, workspace, dh):
    head_forward(cell, panels, sizes, chunk, workspace)
    _note(sizes, chunk, workspace, workspace.predicted)
    loss_gradient(sizes.O, workspace.z, workspace.targets, chunk.examples, workspace.factors)
    head_backward(cell, panels, gradients, sizes, chunk, workspace, dh)


CROSS_ENTROPY = Loss("cross_entropy", place_target=_place_target, judge=_judge, learn=_learn)
