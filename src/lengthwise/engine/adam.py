"""The Adam optimiser (Kingma and Ba, Adam: a method for stochastic optimization, 2015), in the two forms in use.

With g the gradient at update t, and b1, b2 for beta1, beta2:

    m = b1 m + (1 - b1) g          v = b2 v + (1 - b2) g²

    textbook (PyTorch):            p -= lr / (1 - b1ᵗ) · m / (sqrt(v / (1 - b2ᵗ)) + epsilon)
    epsilon hat (TensorFlow 1.x):  p -= lr sqrt(1 - b2ᵗ) / (1 - b1ᵗ) · m / (sqrt(v) + epsilon)

The second is the form of the paper's last paragraph of section 2; it differs where sqrt(v) is as small as epsilon.
"""

import math
from typing import NamedTuple

import numpy as np

from lengthwise.engine.kernel import kernel

f32 = np.float32


class Adam(NamedTuple):
    """The settings of Adam, as kernels take them.

    Attributes
    ----------
    lr : float
        Step size.
    beta1, beta2 : float
        Decay rates of the two moments.
    epsilon : float
        Added to the denominator.
    epsilon_hat : bool
        Whether epsilon is added after the bias correction was folded into the step size, as TensorFlow 1.x does.
    """

    lr: float = 0.001
    beta1: float = 0.9
    beta2: float = 0.999
    epsilon: float = 1e-8
    epsilon_hat: bool = True


@kernel
def adam(settings, update, parameters, m, v, gradients, start, stop):
    """Make update number `update` (from 1) to the parameters from `start` to `stop`.

    Parameters
    ----------
    parameters, m, v : ndarray of shape (P,), float32
        The parameters and their moments, changed in place.
    gradients : ndarray of shape (groups, P), float32
        Parts of the gradient, summed in this order whatever thread computed them, into the first.
    """
    correction1 = 1.0 - settings.beta1**update
    correction2 = math.sqrt(1.0 - settings.beta2**update)
    b1, b2 = f32(settings.beta1), f32(settings.beta2)
    one = f32(1)
    if settings.epsilon_hat:
        lr, root, epsilon = f32(settings.lr * correction2 / correction1), one, f32(settings.epsilon)
    else:
        lr, root, epsilon = f32(settings.lr / correction1), f32(1.0 / correction2), f32(settings.epsilon)
    g = gradients[0]
    for other in gradients[1:]:
        for i in range(start, stop):
            g[i] += other[i]
    for i in range(start, stop):
        m[i] = b1 * m[i] + (one - b1) * g[i]
        v[i] = b2 * v[i] + (one - b2) * g[i] * g[i]
        parameters[i] -= lr * m[i] / (np.sqrt(v[i]) * root + epsilon)
