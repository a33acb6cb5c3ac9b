"""What a training costs, counted and not measured: floating-point operations and bytes.

A multiply-add is two operations. The forward pass uses every recurrent weight once a step, and the head's weights once,
or once a step where every step has a target. The backward pass costs twice as much: the gradients with respect to the
inputs, and to the weights. So a training step of B windows of s steps takes
``3 * 2 * B * (s * recurrent weights + head weights)`` operations, 83 million at the notebook's shape. Operations that
are done once for every unit (tanh, biases) are not counted, and the first layer's input gradient, which is not needed,
is not subtracted.
"""

import math

from lengthwise.networks.backend import SIMD, Backend, make_engine
from lengthwise.networks.module_network import AnyNetwork, ModuleNetwork


def forward_flops(network: AnyNetwork, seq_len: int) -> int:
    """Return the operations of a prediction for one window.

    >>> from lengthwise.networks.network import Network
    >>> forward_flops(Network(input_size=28, num_outputs=10), seq_len=19)
    216194
    """
    if isinstance(network, ModuleNetwork):
        return network.forward_flops(seq_len)
    weights = {name: math.prod(shape) for name, shape in network.parameter_shapes.items() if len(shape) == 2}
    recurrent = sum(count for name, count in weights.items() if name.startswith("rnn."))
    head = sum(count for name, count in weights.items() if name.startswith("head."))
    return 2 * (seq_len * recurrent + (seq_len if network.every_step else 1) * head)


def training_timesteps(updates: int, seq_len: int, batch_size: int) -> int:
    """Return the time steps that a network sees in so many updates.

    >>> training_timesteps(100, seq_len=19, batch_size=128)
    243200
    """
    return updates * batch_size * seq_len


def training_flops(network: AnyNetwork, seq_len: int, batch_size: int) -> int:
    """Return the operations of one training step.

    >>> from lengthwise.networks.network import Network
    >>> training_flops(Network(input_size=28, num_outputs=10), seq_len=19, batch_size=128)
    83018496
    """
    return 3 * batch_size * forward_flops(network, seq_len)


def activation_bytes(network: AnyNetwork, seq_len: int, batch_size: int = 1, backend: Backend = SIMD) -> int:
    """Return the bytes that a training step keeps between the forward and the backward pass.

    For the SIMD engine they are those of one thread, and do not depend on the batch size.
    """
    with make_engine(network, seq_len, batch_size, backend=backend) as engine:
        return engine.workspace_bytes
