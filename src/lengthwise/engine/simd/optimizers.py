"""The optimisers. With g the gradient at update t (from 1), p the parameters, lr the step size:

    Adam (Kingma and Ba, Adam: a method for stochastic optimization, 2015)
        m = b1 m + (1 - b1) g          v = b2 v + (1 - b2) g²
        textbook (PyTorch)             p -= lr / (1 - b1ᵗ) m / (sqrt(v / (1 - b2ᵗ)) + epsilon)
        epsilon hat (TensorFlow 1.x)   p -= lr sqrt(1 - b2ᵗ) / (1 - b1ᵗ) m / (sqrt(v) + epsilon)
    AdamW (Loshchilov and Hutter, Decoupled weight decay regularization, 2019)
        p -= lr decay p, then textbook Adam
    SGD with momentum (Polyak, 1964), or Nesterov's (Sutskever et al., 2013), in PyTorch's form
        m = momentum m + g             p -= lr m, or lr (g + momentum m)
    RMSprop (Tieleman and Hinton, 2012)
        v = b2 v + (1 - b2) g²         m = momentum m + g / (sqrt(v) + epsilon)          p -= lr m

The epsilon hat is the form of Adam's paper's last paragraph of section 2; it differs where sqrt(v) is as small as
epsilon. Except with AdamW, weight decay is a penalty: decay p is added to g. Clipping multiplies the whole gradient by
``clip_norm / (norm + 1e-6)`` if that is below 1 (Pascanu, Mikolov and Bengio, On the difficulty of training recurrent
neural networks, 2013).
"""  # noqa: D400 - the equations are the summary

import math

import numpy as np

from lengthwise.engine.protocol import ADAM_EPSILON_HAT, ADAMW, RMSPROP, SGD
from lengthwise.engine.simd.kernel import kernel
from lengthwise.engine.simd.vectors import store_scalar

f32 = np.float32


@kernel
def sum_of_squares(g, start, stop):
    """Return the sum of the squares of g from `start` to `stop`."""
    total = 0.0
    for i in range(start, stop):
        total += float(g[i]) * float(g[i])
    return total


@kernel
def clip_factor(optimizer, squares, blocks):
    """Return the factor of the gradient, from the sums of its blocks' squares."""
    total = 0.0
    for block in range(blocks):
        total += squares[block]
    return min(1.0, optimizer.clip_norm / (math.sqrt(total) + 1e-6))


@kernel
def prepare_gradient(optimizer, factor, p, g, start, stop):
    """Clip g and add the penalty of weight decay, in place."""
    factor, decay = f32(factor), f32(optimizer.weight_decay)
    if factor < 1:
        for i in range(start, stop):
            store_scalar(factor * g[i], g, i)
    if decay > 0 and optimizer.rule != ADAMW:
        for i in range(start, stop):
            store_scalar(g[i] + decay * p[i], g, i)


@kernel
def update_parameters(optimizer, lr, t, p, m, v, g, start, stop):
    """Make update number `t` (from 1) to the parameters from `start` to `stop`.

    Parameters
    ----------
    p, m, v, g : pointer to float32, shape (P,)
        The parameters and the optimiser's two means, changed in place, and the gradient.
    """
    if optimizer.rule == SGD:
        _sgd(optimizer, f32(lr), p, m, g, start, stop)
    elif optimizer.rule == RMSPROP:
        _rmsprop(optimizer, f32(lr), p, m, v, g, start, stop)
    else:
        _adam(optimizer, lr, t, p, m, v, g, start, stop)


@kernel
def share_of_new(beta):
    """Return 1 - beta, the weight of the newest value in a mean; in float32, 1 - 0.999 is 0.00100005."""
    return f32(1.0 - beta)


@kernel
def _adam(optimizer, lr, t, p, m, v, g, start, stop):
    one, b1, b2, epsilon = f32(1), f32(optimizer.beta1), f32(optimizer.beta2), f32(optimizer.epsilon)
    new1, new2 = share_of_new(optimizer.beta1), share_of_new(optimizer.beta2)
    correction1 = 1.0 - optimizer.beta1**t
    correction2 = math.sqrt(1.0 - optimizer.beta2**t)
    rate, root = f32(lr / correction1), f32(1.0 / correction2)
    if optimizer.rule == ADAM_EPSILON_HAT:
        rate, root = f32(lr * correction2 / correction1), one
    keep = f32(1.0 - lr * optimizer.weight_decay) if optimizer.rule == ADAMW else one
    for i in range(start, stop):
        mean = b1 * m[i] + new1 * g[i]
        square = b2 * v[i] + new2 * g[i] * g[i]
        store_scalar(mean, m, i)
        store_scalar(square, v, i)
        store_scalar(keep * p[i] - rate * mean / (np.sqrt(square) * root + epsilon), p, i)


@kernel
def _sgd(optimizer, lr, p, m, g, start, stop):
    momentum = f32(optimizer.momentum)
    of_g, of_m = (f32(1), momentum) if optimizer.nesterov else (f32(0), f32(1))
    for i in range(start, stop):
        mean = momentum * m[i] + g[i]
        store_scalar(mean, m, i)
        store_scalar(p[i] - lr * (of_g * g[i] + of_m * mean), p, i)


@kernel
def _rmsprop(optimizer, lr, p, m, v, g, start, stop):
    momentum, b2, epsilon = f32(optimizer.momentum), f32(optimizer.beta2), f32(optimizer.epsilon)
    new2 = share_of_new(optimizer.beta2)
    for i in range(start, stop):
        square = b2 * v[i] + new2 * g[i] * g[i]
        mean = momentum * m[i] + g[i] / (np.sqrt(square) + epsilon)
        store_scalar(square, v, i)
        store_scalar(mean, m, i)
        store_scalar(p[i] - lr * mean, p, i)
