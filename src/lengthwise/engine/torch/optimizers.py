"""The optimisers of `lengthwise.engine.simd.optimizers` in PyTorch's operations: the same equations on whole vectors.

The numbers that differ from update to update are in a tensor on the device, so that an update can be recorded and
replayed.
"""

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from lengthwise.engine.protocol import ADAM_EPSILON_HAT, ADAMW, RMSPROP, SGD, Optimizer


def shares_of_new(decay: float, first: int, count: int) -> NDArray[np.float64]:
    """Return the weights of the newest parameters in the average after updates number `first` (from 1) and on.

    >>> shares_of_new(0.75, 1, 3).tolist(), shares_of_new(0.75, 5, 2).tolist()
    ([1.0, 0.25, 0.25], [0.25, 0.25])
    """
    shares = np.full(count, 1.0 - decay)
    shares[: max(0, 2 - first)] = 1.0
    return shares


def scales_of(optimizer: Optimizer, lrs: NDArray[np.float64], updates: int) -> NDArray[np.float32]:
    """Return the numbers that differ from update to update.

    They are the step size, the factor of sqrt(v), the factor of the parameters before the step (weight decay), and the
    weight of the new parameters in their average.

    Parameters
    ----------
    optimizer : Optimizer
    lrs : ndarray of shape (steps,), float64
        The step size of each update.
    updates : int
        Updates made before.

    Returns
    -------
    ndarray of shape (steps, 4), float32
    """
    ones = np.ones_like(lrs)
    shares = shares_of_new(optimizer.ema_decay, updates + 1, len(lrs))
    if optimizer.rule in (SGD, RMSPROP):
        return np.stack([lrs, ones, ones, shares], axis=1).astype(np.float32)
    t = updates + 1 + np.arange(len(lrs))
    correction1 = 1 - optimizer.beta1**t
    correction2 = np.sqrt(1 - optimizer.beta2**t)
    if optimizer.rule == ADAM_EPSILON_HAT:
        return np.stack([lrs * correction2 / correction1, ones, ones, shares], axis=1).astype(np.float32)
    keep = 1 - lrs * optimizer.weight_decay if optimizer.rule == ADAMW else ones
    return np.stack([lrs / correction1, 1 / correction2, keep, shares], axis=1).astype(np.float32)


def apply_update(optimizer: Optimizer, scale: Tensor, p: Tensor, m: Tensor, v: Tensor, g: Tensor) -> None:
    """Make one update in place.

    Parameters
    ----------
    optimizer : Optimizer
    scale : Tensor of shape (4,)
        What `scales_of` gives for it.
    p, m, v, g : Tensor of shape (P,)
        The parameters, the optimiser's two means, and the gradient.
    """
    rate, root, keep, _ = scale
    if optimizer.clip_norm > 0:
        g.mul_((optimizer.clip_norm / (torch.linalg.vector_norm(g) + 1e-6)).clamp(max=1))
    if optimizer.weight_decay > 0 and optimizer.rule != ADAMW:
        g.add_(p, alpha=optimizer.weight_decay)
    if optimizer.rule == SGD:
        m.mul_(optimizer.momentum).add_(g)
        step = g.add(m, alpha=optimizer.momentum) if optimizer.nesterov else m
        p.sub_(step * rate)
        return
    v.mul_(optimizer.beta2).addcmul_(g, g, value=1 - optimizer.beta2)
    if optimizer.rule == RMSPROP:
        m.mul_(optimizer.momentum).add_(g / v.sqrt().add_(optimizer.epsilon))
        p.sub_(m * rate)
        return
    m.mul_(optimizer.beta1).add_(g, alpha=1 - optimizer.beta1)
    p.mul_(keep).sub_(m.mul(rate).div_(v.sqrt().mul_(root).add_(optimizer.epsilon)))


def move_average(scale: Tensor, p: Tensor, average: Tensor) -> None:
    """Take the parameters after an update into their average, in place; see `lengthwise.engine.simd.average`.

    Parameters
    ----------
    scale : Tensor of shape (4,)
        What `scales_of` gives for the update.
    p, average : Tensor of shape (P,)
    """
    average.lerp_(p, scale[3])
