"""Numbers a window: the mean squared error of the O outputs z, for the targets y.

    loss = 1/O Σ (z_o - y_o)²,   dz_o = 2/O (z_o - y_o) w

with w the example's weight in the batch's loss. The score is the mean absolute error.
"""

import numpy as np

from lengthwise.engine.simd.head import head_backward, head_forward
from lengthwise.engine.simd.kernel import kernel
from lengthwise.engine.simd.losses.loss import Loss
from lengthwise.engine.simd.vectors import CHUNK, store_scalar

f32 = np.float32


@kernel
def _store_target(data, sequence, start, j, sizes, workspace):
    for o in range(sizes.O):
        store_scalar(data.targets[sequence * sizes.O + o], workspace.numbers, o * CHUNK + j)


@kernel
def _write_results(sizes, chunk, workspace):
    """Write losses and scores."""
    z, y = workspace.z, workspace.numbers
    share = f32(1) / f32(sizes.O)
    for j in range(chunk.examples):
        squares, distances = f32(0), f32(0)
        for o in range(sizes.O):
            error = z[o * CHUNK + j] - y[o * CHUNK + j]
            squares += error * error
            distances += abs(error)
        store_scalar(squares * share, workspace.losses, j)
        store_scalar(distances * share, workspace.scores, j)


@kernel
def _loss_and_predictions(cell, panels, data, sizes, chunk, workspace, predicted):
    head_forward(cell, panels, sizes, chunk, workspace)
    _write_results(sizes, chunk, workspace)
    for j in range(chunk.examples):
        for o in range(sizes.O):
            store_scalar(workspace.z[o * CHUNK + j], predicted, j * sizes.O + o)


@kernel
def _loss_and_gradient(cell, panels, gradients, data, sizes, chunk, workspace, dh):
    head_forward(cell, panels, sizes, chunk, workspace)
    _write_results(sizes, chunk, workspace)
    z, y = workspace.z, workspace.numbers
    scale = f32(2) / f32(sizes.O)
    for o in range(sizes.O):
        for j in range(CHUNK):
            i = o * CHUNK + j
            store_scalar((z[i] - y[i]) * scale * workspace.factors[j] if j < chunk.examples else f32(0), z, i)
    head_backward(cell, panels, gradients, sizes, chunk, workspace, dh)


SQUARED_ERROR = Loss(
    "squared_error",
    store_target=_store_target,
    loss_and_predictions=_loss_and_predictions,
    loss_and_gradient=_loss_and_gradient,
)
