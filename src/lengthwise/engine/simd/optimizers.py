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
from lengthwise.engine.simd.vectors import LANES, at, load, store, store_scalar

f32 = np.float32


@kernel
def first_group(thread, groups, threads):
    """Return the first of a thread's groups, which are consecutive."""
    return thread * groups // threads


@kernel
def owner(group, groups, threads):
    """Return the thread that a group belongs to."""
    return ((group + 1) * threads - 1) // groups


@kernel
def _add(p, other, count):
    """Add `count` numbers to those at p."""
    whole = count // LANES * LANES
    for i in range(0, whole, LANES):
        store(load(p, i) + load(other, i), p, i)
    for i in range(whole, count):
        store_scalar(p[i] + other[i], p, i)


@kernel
def add_groups(g, groups, P, start, stop, threads, thread):
    """Sum the groups' parts of the gradient, (groups, P), into the first, from `start` to `stop`.

    They are added in pairs, then in pairs of pairs, and so on: in this order for any number of threads. A thread first
    adds the pairs whose groups are all its own, and so in its core's cache; then less has to be fetched from others.

    Parameters
    ----------
    thread : int
        The thread whose pairs are to be added, or -1 for the pairs that do not belong to one thread.
    """
    half = 1
    while half < groups:
        for group in range(0, groups - half, 2 * half):
            last = min(group + 2 * half, groups) - 1
            first_owner = owner(group, groups, threads)
            if thread == (first_owner if first_owner == owner(last, groups, threads) else -1):
                _add(at(g, group * P + start), at(g, (group + half) * P + start), stop - start)
        half *= 2


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
