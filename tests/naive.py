"""The network in plain NumPy and float64, written from the equations: what the engine is held against.

Letters: n sequences, s steps, F inputs of a layer, H units, O classes, D directions. Everything is for a whole batch at
once, step by step, with no thought of speed. A cell is two functions: ``forward(x, W_x, W_h, b)`` takes x (n, s, F) to
the outputs h (n, s, H) and a tape, ``backward(dh, x, h, tape, W_x, W_h)`` takes dh (n, s, H) to the gradients at x,
W_x, W_h and b.
"""

import numpy as np


def softmax(z):
    """Row by row: exp(z) / sum exp(z), for z (n, O)."""
    e = np.exp(z - z.max(axis=1, keepdims=True))
    return e / e.sum(axis=1, keepdims=True)


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def outer(a, b):
    """Sum over sequences of a bᵀ: (n, p) and (n, q) to (p, q)."""
    return a.T @ b


class Elman:
    """h_t = f(W_x x_t + W_h h_{t-1} + b), with f = tanh or f = max(., 0)."""

    def __init__(self, f, slope):
        self.f, self.slope = f, slope

    def forward(self, x, W_x, W_h, b):
        n, s, _ = x.shape
        h = np.zeros((n, s + 1, W_h.shape[1]))
        z = np.zeros((n, s, W_h.shape[1]))
        for t in range(s):
            z[:, t] = x[:, t] @ W_x.T + h[:, t - 1] @ W_h.T + b
            h[:, t] = self.f(z[:, t])
        return h[:, :s], z

    def backward(self, dh, x, h, _tape, W_x, W_h):
        dx, dW_x, dW_h, db = np.zeros(x.shape), np.zeros(W_x.shape), np.zeros(W_h.shape), np.zeros(len(W_h))
        carried = np.zeros(dh[:, 0].shape)
        for t in reversed(range(x.shape[1])):
            before = h[:, t - 1] if t > 0 else np.zeros(h[:, 0].shape)
            dz = (dh[:, t] + carried) * self.slope(h[:, t])
            dW_x += outer(dz, x[:, t])
            dW_h += outer(dz, before)
            db += dz.sum(axis=0)
            dx[:, t] = dz @ W_x
            carried = dz @ W_h
        return dx, dW_x, dW_h, db


class LSTM:
    def forward(self, x, W_x, W_h, b):
        n, s, _ = x.shape
        H = W_h.shape[1]
        h, c, gates = np.zeros((n, s + 1, H)), np.zeros((n, s + 1, H)), []
        for t in range(s):
            i, f, g, o = np.split(x[:, t] @ W_x.T + h[:, t - 1] @ W_h.T + b, 4, axis=1)
            i, f, g, o = sigmoid(i), sigmoid(f), np.tanh(g), sigmoid(o)
            c[:, t] = f * c[:, t - 1] + i * g
            h[:, t] = o * np.tanh(c[:, t])
            gates.append((i, f, g, o))
        return h[:, :s], (c, gates)

    def backward(self, dh, x, h, tape, W_x, W_h):
        c, gates = tape
        dx, dW_x, dW_h, db = np.zeros(x.shape), np.zeros(W_x.shape), np.zeros(W_h.shape), np.zeros(len(W_h))
        zero = np.zeros(h[:, 0].shape)
        carried_h, carried_c = zero, zero
        for t in reversed(range(x.shape[1])):
            h_before, c_before = (h[:, t - 1], c[:, t - 1]) if t > 0 else (zero, zero)
            i, f, g, o = gates[t]
            y = np.tanh(c[:, t])
            d = dh[:, t] + carried_h
            dc = carried_c + d * o * (1 - y**2)
            dz = np.concatenate(
                [dc * g * i * (1 - i), dc * c_before * f * (1 - f), dc * i * (1 - g**2), d * y * o * (1 - o)], axis=1
            )
            dW_x += outer(dz, x[:, t])
            dW_h += outer(dz, h_before)
            db += dz.sum(axis=0)
            dx[:, t] = dz @ W_x
            carried_h, carried_c = dz @ W_h, dc * f
        return dx, dW_x, dW_h, db


class GRU:
    """The reset gate acts after the recurrent product; b is b_r, b_z, b_n, b_hn."""

    def forward(self, x, W_x, W_h, b):
        n, s, _ = x.shape
        H = W_h.shape[1]
        h, tape = np.zeros((n, s + 1, H)), []
        for t in range(s):
            x_r, x_z, x_n = np.split(x[:, t] @ W_x.T + b[: 3 * H], 3, axis=1)
            h_r, h_z, h_n = np.split(h[:, t - 1] @ W_h.T, 3, axis=1)
            r, z, a = sigmoid(x_r + h_r), sigmoid(x_z + h_z), h_n + b[3 * H :]
            m = np.tanh(x_n + r * a)
            h[:, t] = (1 - z) * m + z * h[:, t - 1]
            tape.append((r, z, m, a))
        return h[:, :s], tape

    def backward(self, dh, x, h, tape, W_x, W_h):
        H = W_h.shape[1]
        dx, dW_x, dW_h, db = np.zeros(x.shape), np.zeros(W_x.shape), np.zeros(W_h.shape), np.zeros(4 * H)
        carried = np.zeros(h[:, 0].shape)
        for t in reversed(range(x.shape[1])):
            before = h[:, t - 1] if t > 0 else np.zeros(h[:, 0].shape)
            r, z, m, a = tape[t]
            d = dh[:, t] + carried
            dm = d * (1 - z) * (1 - m**2)
            dr, dz = dm * a * r * (1 - r), d * (before - m) * z * (1 - z)
            at_x, at_h = np.concatenate([dr, dz, dm], axis=1), np.concatenate([dr, dz, dm * r], axis=1)
            dW_x += outer(at_x, x[:, t])
            dW_h += outer(at_h, before)
            db += np.concatenate([at_x, dm * r], axis=1).sum(axis=0)
            dx[:, t] = at_x @ W_x
            carried = at_h @ W_h + d * z
        return dx, dW_x, dW_h, db


class GRUResetBefore:
    """The reset gate acts before the recurrent product."""

    def forward(self, x, W_x, W_h, b):
        n, s, _ = x.shape
        H = W_h.shape[1]
        h, tape = np.zeros((n, s + 1, H)), []
        for t in range(s):
            x_r, x_z, x_n = np.split(x[:, t] @ W_x.T + b, 3, axis=1)
            r = sigmoid(x_r + h[:, t - 1] @ W_h[:H].T)
            z = sigmoid(x_z + h[:, t - 1] @ W_h[H : 2 * H].T)
            m = np.tanh(x_n + (r * h[:, t - 1]) @ W_h[2 * H :].T)
            h[:, t] = (1 - z) * m + z * h[:, t - 1]
            tape.append((r, z, m))
        return h[:, :s], tape

    def backward(self, dh, x, h, tape, W_x, W_h):
        H = W_h.shape[1]
        dx, dW_x, dW_h, db = np.zeros(x.shape), np.zeros(W_x.shape), np.zeros(W_h.shape), np.zeros(3 * H)
        carried = np.zeros(h[:, 0].shape)
        for t in reversed(range(x.shape[1])):
            before = h[:, t - 1] if t > 0 else np.zeros(h[:, 0].shape)
            r, z, m = tape[t]
            d = dh[:, t] + carried
            dm = d * (1 - z) * (1 - m**2)
            dq = dm @ W_h[2 * H :]
            dr, dz = dq * before * r * (1 - r), d * (before - m) * z * (1 - z)
            at_x = np.concatenate([dr, dz, dm], axis=1)
            dW_x += outer(at_x, x[:, t])
            dW_h += np.concatenate([outer(dr, before), outer(dz, before), outer(dm, r * before)])
            db += at_x.sum(axis=0)
            dx[:, t] = at_x @ W_x
            carried = dr @ W_h[:H] + dz @ W_h[H : 2 * H] + dq * r + d * z
        return dx, dW_x, dW_h, db


CELLS = {
    "rnn": Elman(np.tanh, lambda h: 1 - h**2),
    "rnn_relu": Elman(lambda z: np.maximum(z, 0), lambda h: (h > 0).astype(float)),
    "lstm": LSTM(),
    "gru": GRU(),
    "gru_reset_before": GRUResetBefore(),
}


def pool(head, h, D):
    """What the head sees of h (n, s, D * H), all of whose steps are valid."""
    if head == "mean":
        return h.mean(axis=1)
    if head == "max":
        return h.max(axis=1)
    H = h.shape[2] // D
    return np.concatenate([h[:, -1, :H], h[:, 0, H:]], axis=1)


def least_lead(h):
    """By how much the largest step of h (n, s, K) exceeds the second, at least: below rounding, either may be taken.

    Where both are zero, as rectified units are, it does not matter which: neither lets a gradient through.
    """
    if h.shape[1] == 1:
        return np.inf
    *_, second, first = np.moveaxis(np.sort(h, axis=1), 1, 0)
    return np.where((first == 0) & (second == 0), np.inf, first - second).min()


def pool_backward(head, h, D, dtop):
    """The gradient at h, from that at what the head sees."""
    dh = np.zeros(h.shape)
    H = h.shape[2] // D
    if head == "mean":
        dh[:] = dtop[:, None] / h.shape[1]
    elif head == "max":
        np.put_along_axis(dh, h.argmax(axis=1)[:, None], dtop[:, None], axis=1)
    else:
        dh[:, -1, :H] = dtop[:, :H]
        dh[:, 0, H:] = dtop[:, H:]
    return dh


def weights_of(named, layer, d):
    """W_x, W_h and the whole bias of one layer's direction, in float64."""
    suffix = f"_l{layer}" + ("_reverse" if d else "")
    b = [named[f"rnn.{name}{suffix}"] for name in ("bias", "bias_hn") if f"rnn.{name}{suffix}" in named]
    W_x, W_h = named[f"rnn.weight_ih{suffix}"], named[f"rnn.weight_hh{suffix}"]
    return W_x.astype(np.float64), W_h.astype(np.float64), np.concatenate(b).astype(np.float64)


def forward(network, named, x, masks=None):
    """Run sequences of one length, x (n, s, F): return every layer's inputs, outputs (n, s, D * H), tapes, and logits.

    masks, for each layer but the last, is what its outputs (n, s, D * H) are multiplied by.
    """
    cell, D = CELLS[network.engine_cell], network.num_directions
    inputs, outputs, tapes = [x], [], []
    for layer in range(network.num_layers):
        results = []
        for d in range(D):
            ordered = inputs[-1][:, ::-1] if d else inputs[-1]
            h, tape = cell.forward(ordered, *weights_of(named, layer, d))
            results.append((h[:, ::-1] if d else h, tape))
        outputs.append(np.concatenate([h for h, _ in results], axis=2))
        tapes.append([tape for _, tape in results])
        inputs.append(outputs[-1] if masks is None or layer == network.num_layers - 1 else outputs[-1] * masks[layer])
    every_step = network.task in STEPWISE
    top = outputs[-1] if every_step else pool(network.pooling, outputs[-1], D)
    return inputs, outputs, tapes, top @ named["head.weight"].astype(np.float64).T + named["head.bias"]


def cross_entropy(z, targets):
    """The losses of logits z (n, O), and their gradient at z."""
    p = softmax(z)
    return -np.log(p[np.arange(len(z)), targets]), p - np.eye(p.shape[1])[targets]


def squared_error(z, targets):
    """The mean squared errors of numbers z (n, O), and their gradient at z."""
    errors = z - targets.reshape(z.shape)
    return (errors**2).mean(axis=1), 2 * errors / z.shape[1]


def step_cross_entropy(z, targets):
    """The mean losses over the steps of logits z (n, s, O), and their gradient at z."""
    n, s, classes = z.shape
    losses, dz = cross_entropy(z.reshape(n * s, classes), targets.ravel())
    return losses.reshape(n, s).mean(axis=1), dz.reshape(z.shape) / s


LOSSES = {
    "classification": cross_entropy,
    "regression": squared_error,
    "tagging": step_cross_entropy,
    "language": step_cross_entropy,
}
STEPWISE = ("tagging", "language")


def losses_and_gradients(network, named, x, targets, masks=None, weights=None):
    """Return the losses of sequences of one length, and the gradient of their weighted SUM by parameter name."""
    cell, D = CELLS[network.engine_cell], network.num_directions
    inputs, outputs, tapes, z = forward(network, named, x, masks)
    losses, dz = LOSSES[network.task](z, targets)
    weights = np.ones(len(x)) if weights is None else weights
    dz = dz * weights.reshape(-1, *[1] * (dz.ndim - 1))
    dtop = dz @ named["head.weight"].astype(np.float64)
    if network.task in STEPWISE:
        top, dh, dz = outputs[-1].reshape(-1, outputs[-1].shape[2]), dtop, dz.reshape(-1, dz.shape[2])
    else:
        top, dh = pool(network.pooling, outputs[-1], D), pool_backward(network.pooling, outputs[-1], D, dtop)
    gradients = {"head.weight": outer(dz, top), "head.bias": dz.sum(axis=0)}
    for layer in reversed(range(network.num_layers)):
        H = network.hidden_size
        dx = np.zeros(inputs[layer].shape)
        for d in range(D):
            W_x, W_h, _ = weights_of(named, layer, d)
            order = slice(None, None, -1) if d else slice(None)
            part = slice(d * H, (d + 1) * H)
            dx_d, dW_x, dW_h, db = cell.backward(
                dh[:, order, part], inputs[layer][:, order], outputs[layer][:, order, part], tapes[layer][d], W_x, W_h
            )
            dx += dx_d[:, order]
            suffix = f"_l{layer}" + ("_reverse" if d else "")
            gradients[f"rnn.weight_ih{suffix}"], gradients[f"rnn.weight_hh{suffix}"] = dW_x, dW_h
            split = named[f"rnn.bias{suffix}"].size
            gradients[f"rnn.bias{suffix}"] = db[:split]
            if split < len(db):
                gradients[f"rnn.bias_hn{suffix}"] = db[split:]
        dh = dx if masks is None or layer == 0 else dx * masks[layer - 1]
    return losses * weights, gradients


def loss_and_gradients(network, named, x, targets, lengths=None, masks=None, weights=None):
    """Return the mean loss of windows x (n, s, F) of which `lengths` steps are valid, and its gradient.

    Sequences of the same length are run together, without the steps that are not valid. Targets are those of the
    windows: of tagging (n, s).
    """
    n, s, _ = x.shape
    lengths = np.full(n, s) if lengths is None else lengths
    loss, total = 0.0, {name: np.zeros(array.shape) for name, array in named.items()}
    for length in np.unique(lengths):
        chosen = lengths == length
        masks_here = None if masks is None else [mask[chosen, :length] for mask in masks]
        targets_here = targets[chosen, :length] if network.task in STEPWISE else targets[chosen]
        losses, gradients = losses_and_gradients(
            network, named, x[chosen, :length], targets_here, masks_here, None if weights is None else weights[chosen]
        )
        loss += losses.sum()
        for name, gradient in gradients.items():
            total[name] += gradient
    return loss / n, {name: gradient / n for name, gradient in total.items()}


def dropout_masks(network, seed, update, seq_len, batch_size):
    """The masks of every layer but the last, (batch, s, D * H), from the hash that the engine's are made of."""

    def mix64(v):
        v = (v ^ (v >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        v = (v ^ (v >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        return v ^ (v >> np.uint64(31))

    with np.errstate(over="ignore"):
        key = mix64(np.uint64(seed) + mix64(np.uint64(update)))
        rows = network.num_directions * network.hidden_size
        shape = (network.num_layers, seq_len, rows)
        keys = mix64(key + np.arange(np.prod(shape), dtype=np.uint64)) >> np.uint64(32)
        h = keys.astype(np.uint32)[:, None] + np.arange(batch_size, dtype=np.uint32) * np.uint32(0x9E3779B9)
        h = (h ^ (h >> np.uint32(16))) * np.uint32(0x85EBCA6B)
        h = (h ^ (h >> np.uint32(13))) * np.uint32(0xC2B2AE35)
        h = h ^ (h >> np.uint32(16))
    uniform = (h >> np.uint32(8)).astype(np.float64) / 2**24
    masks = np.where(uniform < np.float32(network.dropout), 0, 1 / (1 - np.float32(network.dropout)))
    return list(masks.reshape(*shape, batch_size).transpose(0, 3, 1, 2)[:-1])


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
