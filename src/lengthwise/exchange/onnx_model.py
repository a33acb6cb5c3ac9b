"""A network as an ONNX model, written operator by operator: ONNX has operators for all our recurrent layers.

    windows (batch, time, F)  ->  RNN, GRU or LSTM, one for each layer  ->  pooling  ->  head  ->  logits (batch, O)

Batch and time have any size. ONNX orders the gates differently, z, r, n and i, o, f, g, and each layer has two biases:
the first is ours, the second is zero, except for a GRU's b_hn.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from lengthwise._version import __version__
from lengthwise.networks.network import Network
from lengthwise.tasks.tasks import TASKS

OPSET = 17
"""The version of 2022; recurrent layers have not changed since version 14."""

IR_VERSION = 8

OPERATORS: dict[str, tuple[str, tuple[int, ...]]] = {
    "rnn": ("RNN", (0,)),
    "rnn_relu": ("RNN", (0,)),
    "gru": ("GRU", (1, 0, 2)),
    "lstm": ("LSTM", (0, 3, 1, 2)),
}
"""ONNX's operator of a cell, and the indices of its gates in our order."""


def _options(network: Network) -> dict[str, Any]:
    """Return the attributes of a recurrent operator."""
    D = network.num_directions
    options: dict[str, Any] = {
        "hidden_size": network.hidden_size,
        "direction": "bidirectional" if D == 2 else "forward",
    }
    if network.cell in ("rnn", "rnn_relu"):
        options["activations"] = ["Tanh" if network.cell == "rnn" else "Relu"] * D
    if network.cell == "gru":
        options["linear_before_reset"] = int(network.gru_variant == "reset_after")
    return options


def _weights(network: Network, named: Mapping[str, NDArray[np.float32]], layer: int) -> dict[str, NDArray[np.float32]]:
    """Return a layer's W (D, gates * H, inputs), R (D, gates * H, H) and B (D, 2 * gates * H) in ONNX's order."""
    H = network.hidden_size
    order = OPERATORS[network.cell][1]
    W, R, B = [], [], []
    for direction in ("", "_reverse")[: network.num_directions]:
        suffix = f"_l{layer}{direction}"
        bias = named[f"rnn.bias{suffix}"]
        second = np.zeros_like(bias)
        if f"rnn.bias_hn{suffix}" in named:
            second[2 * H :] = named[f"rnn.bias_hn{suffix}"]
        rows = np.concatenate([np.arange(gate * H, (gate + 1) * H) for gate in order])
        W.append(named[f"rnn.weight_ih{suffix}"][rows])
        R.append(named[f"rnn.weight_hh{suffix}"][rows])
        B.append(np.concatenate([bias[rows], second[rows]]))
    return {"W": np.stack(W), "R": np.stack(R), "B": np.stack(B)}


class _Graph:
    """Nodes and constants of a model that is being written."""

    def __init__(self) -> None:
        self.nodes: list[onnx.NodeProto] = []
        self.constants: list[onnx.TensorProto] = []

    def constant(self, name: str, array: NDArray[Any]) -> str:
        self.constants.append(numpy_helper.from_array(np.ascontiguousarray(array), name))
        return name

    def node(self, operator: str, inputs: list[str], outputs: list[str], **options: Any) -> str:
        self.nodes.append(helper.make_node(operator, inputs, outputs, name=outputs[0] or outputs[-1], **options))
        return outputs[0]


def onnx_model(network: Network, named: Mapping[str, NDArray[np.float32]]) -> onnx.ModelProto:
    """Return the model.

    Parameters
    ----------
    network : Network
    named : mapping of str to ndarray
        Its parameters.
    """
    graph = _Graph()
    size = network.num_directions * network.hidden_size
    output_name = TASKS[network.task].outputs
    three = graph.constant("steps_of_both", np.array([0, 0, size], np.int64))
    x = graph.node("Transpose", ["windows"], ["x"], perm=[1, 0, 2])
    for layer in range(network.num_layers):
        weights = [graph.constant(f"{name}_{layer}", array) for name, array in _weights(network, named, layer).items()]
        of_directions, last = f"h_of_directions_{layer}", f"h_last_{layer}"
        operator = OPERATORS[network.cell][0]
        graph.node(operator, [x, *weights], [of_directions, last], **_options(network))
        beside = graph.node("Transpose", [of_directions], [f"h_beside_{layer}"], perm=[0, 2, 1, 3])
        x = graph.node("Reshape", [beside, three], [f"h_{layer}"])  # (time, batch, D * H)
    if network.every_step:
        top = graph.node("Transpose", [x], ["top"], perm=[1, 0, 2])
    elif network.pooling == "last":
        two = graph.constant("both", np.array([0, size], np.int64))
        beside = graph.node("Transpose", [last], ["last"], perm=[1, 0, 2])
        top = graph.node("Reshape", [beside, two], ["top"])
    else:
        top = graph.node("ReduceMean" if network.pooling == "mean" else "ReduceMax", [x], ["top"], axes=[0], keepdims=0)
    product = graph.node("MatMul", [top, graph.constant("head_weight", named["head.weight"].T)], ["product"])
    graph.node("Add", [product, graph.constant("head_bias", named["head.bias"])], [output_name])
    shape: list[str | int | None] = (
        ["batch", "time", network.num_outputs] if network.every_step else ["batch", network.num_outputs]
    )
    windows = helper.make_tensor_value_info("windows", TensorProto.FLOAT, ["batch", "time", network.input_size])
    outputs = helper.make_tensor_value_info(output_name, TensorProto.FLOAT, shape)
    model = helper.make_model(
        helper.make_graph(graph.nodes, f"lengthwise_{network.cell}", [windows], [outputs], graph.constants),
        producer_name="lengthwise",
        producer_version=__version__,
        opset_imports=[helper.make_opsetid("", OPSET)],
        ir_version=IR_VERSION,
    )
    onnx.checker.check_model(model)
    return model
