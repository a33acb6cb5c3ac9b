"""The optimisers of `lengthwise.engine.simd.optimizers` in PyTorch's operations: the same equations on whole vectors.

What changes from update to update is in a tensor on the device, so that an update can be recorded and replayed.
"""

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from lengthwise.engine.protocol import ADAM_EPSILON_HAT, ADAMW, RMSPROP, SGD, Optimizer
from lengthwise.engine.simd.average import shares_of_new


def scales_of(optimizer: Optimizer, rates: NDArray[np.float64], updates: int) -> NDArray[np.float32]:
    """Return, for each update, what is another number than in the one before.

    That is its step size, what sqrt(v) is multiplied by, what is kept of the parameters, and the part that the new ones
    have in their average.

    Parameters
    ----------
    optimizer : Optimizer
    rates : ndarray of shape (steps,), float64
        The learning rate of each.
    updates : int
        Updates made before.

    Returns
    -------
    ndarray of shape (steps, 4), float32
    """
    ones = np.ones_like(rates)
    shares = shares_of_new(optimizer.ema_decay, updates + 1, len(rates))
    if optimizer.rule in (SGD, RMSPROP):
        return np.stack([rates, ones, ones, shares], axis=1).astype(np.float32)
    t = updates + 1 + np.arange(len(rates))
    correction1 = 1 - optimizer.beta1**t
    correction2 = np.sqrt(1 - optimizer.beta2**t)
    if optimizer.rule == ADAM_EPSILON_HAT:
        return np.stack([rates * correction2 / correction1, ones, ones, shares], axis=1).astype(np.float32)
    keep = 1 - rates * optimizer.weight_decay if optimizer.rule == ADAMW else ones
    return np.stack([rates / correction1, 1 / correction2, keep, shares], axis=1).astype(np.float32)


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
