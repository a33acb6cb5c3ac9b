"""The network in plain NumPy and float64, written from the equations: what the engine is held against.

Letters: n sequences, s steps, F inputs of a layer, H units, O classes. Everything is for a whole batch at once, step by
step, with no thought of speed.
"""

import numpy as np


def softmax(z):
    """Row by row: exp(z) / sum exp(z), for z (n, O)."""
    e = np.exp(z - z.max(axis=1, keepdims=True))
    return e / e.sum(axis=1, keepdims=True)


def rnn_layer(x, W_x, W_h, b):
    """h_t = tanh(W_x x_t + W_h h_{t-1} + b): x (n, s, F) to h (n, s, H)."""
    n, s, _ = x.shape
    h = np.zeros((n, s, len(b)))
    before = np.zeros((n, len(b)))
    for t in range(s):
        before = h[:, t] = np.tanh(x[:, t] @ W_x.T + before @ W_h.T + b)
    return h


def rnn_layer_backward(x, h, dh, W_x, W_h):
    """From the gradient dh (n, s, H) at the outputs: the gradients at x, W_x, W_h and b."""
    dx, dW_x, dW_h, db = np.zeros_like(x), np.zeros_like(W_x), np.zeros_like(W_h), np.zeros(len(W_h))
    carried = np.zeros_like(dh[:, 0])
    for t in reversed(range(x.shape[1])):
        dz = (dh[:, t] + carried) * (1 - h[:, t] ** 2)
        before = h[:, t - 1] if t > 0 else np.zeros_like(h[:, 0])
        dW_x += dz.T @ x[:, t]
        dW_h += dz.T @ before
        db += dz.sum(axis=0)
        dx[:, t] = dz @ W_x
        carried = dz @ W_h
    return dx, dW_x, dW_h, db


def forward(named, x):
    """Return every layer's outputs (n, s, H) and the logits (n, O)."""
    layers = sum(name.startswith("rnn.bias") for name in named)
    states = []
    for layer in range(layers):
        weights = (named[f"rnn.{name}_l{layer}"].astype(np.float64) for name in ("weight_ih", "weight_hh", "bias"))
        x = rnn_layer(x, *weights)
        states.append(x)
    return states, x[:, -1] @ named["head.weight"].astype(np.float64).T + named["head.bias"]


def loss_and_gradients(named, x, targets):
    """Return the mean cross-entropy of windows x (n, s, F), and its gradient by parameter name."""
    states, z = forward(named, x)
    n = len(x)
    p = softmax(z)
    loss = -np.log(p[np.arange(n), targets]).mean()
    dz = (p - np.eye(p.shape[1])[targets]) / n
    gradients = {"head.weight": dz.T @ states[-1][:, -1], "head.bias": dz.sum(axis=0)}
    dh = np.zeros_like(states[-1])
    dh[:, -1] = dz @ named["head.weight"]
    for layer in reversed(range(len(states))):
        below = x if layer == 0 else states[layer - 1]
        W_x, W_h = (named[f"rnn.{name}_l{layer}"].astype(np.float64) for name in ("weight_ih", "weight_hh"))
        dh, *by_weight = rnn_layer_backward(below, states[layer], dh, W_x, W_h)
        for name, gradient in zip(("weight_ih", "weight_hh", "bias"), by_weight, strict=True):
            gradients[f"rnn.{name}_l{layer}"] = gradient
    return loss, gradients


def adam(parameters, gradients, *, lr, beta1, beta2, epsilon, epsilon_hat):
    """Apply one update for each of `gradients` (updates, P), and return the parameters after each."""
    p, m, v = parameters.astype(np.float64), 0.0, 0.0
    after = []
    for t, g in enumerate(gradients, start=1):
        m = beta1 * m + (1 - beta1) * g
        v = beta2 * v + (1 - beta2) * g**2
        if epsilon_hat:
            p = p - lr * np.sqrt(1 - beta2**t) / (1 - beta1**t) * m / (np.sqrt(v) + epsilon)
        else:
            p = p - lr * (m / (1 - beta1**t)) / (np.sqrt(v / (1 - beta2**t)) + epsilon)
        after.append(p)
    return np.array(after)
