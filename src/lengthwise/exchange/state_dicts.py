"""Conversion of our named parameters to PyTorch's, and back.

PyTorch has two biases where we have one, their sum: exported, the second is zero; imported, they are added. Only a
GRU's b_hn is separate, inside the reset gate's product, and is the last third of PyTorch's ``bias_hh``.
"""

import re
from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from lengthwise.data.targets import TaskName
from lengthwise.errors import UsageError
from lengthwise.networks.network import CellName, Network, Pooling

Arrays = Mapping[str, NDArray[np.float32]]

RECURRENT = re.compile(
    r"(?P<prefix>.*?)(?P<kind>weight_ih|weight_hh|bias_ih|bias_hh)_l(?P<layer>\d+)(?P<back>_reverse)?"
)

GATES: dict[int, CellName] = {1: "rnn", 3: "gru", 4: "lstm"}
"""The cell with this many gates."""


def to_state_dict(network: Network, named: Arrays) -> dict[str, NDArray[np.float32]]:
    """Return parameters with the names of `nn.RNN`, `nn.GRU` or `nn.LSTM` (``rnn.…``) and `nn.Linear` (``head.…``).

    Raises
    ------
    UsageError
        If PyTorch has no such cell.
    """
    if network.engine_cell == "gru_reset_before":
        raise UsageError("PyTorch has no GRU with gru_variant reset_before: export it to onnx, which has one.")
    state: dict[str, NDArray[np.float32]] = {}
    H = network.hidden_size
    for name, array in named.items():
        if name.startswith("rnn.bias_hn"):
            state[name.replace("bias_hn", "bias_hh")][2 * H :] = array
        elif name.startswith("rnn.bias"):
            state[name.replace("bias", "bias_ih")] = array.copy()
            state[name.replace("bias", "bias_hh")] = np.zeros_like(array)
        else:
            state[name] = array.copy()
    return state


def from_state_dict(
    state: Arrays, *, cell: CellName | None = None, pooling: Pooling = "last", task: TaskName = "classification"
) -> tuple[Network, dict[str, NDArray[np.float32]]]:
    """Return the network whose parameters these are, and our names for them.

    Parameters
    ----------
    state : mapping of str to ndarray
        Those of one `nn.RNN`, `nn.GRU` or `nn.LSTM` and one `nn.Linear`, with any prefixes.
    cell : {"rnn", "rnn_relu", "gru", "lstm"}, optional
        The cell; if it is not given, one gate means ``rnn``.
    pooling : {"last", "mean", "max"}
        The input of the linear layer, which cannot be inferred from the parameters.
    task : str
        The task, which cannot be inferred either.

    Raises
    ------
    UsageError
        If they are not those of such a network.
    """
    recurrent = {name: match for name in state if (match := RECURRENT.fullmatch(name))}
    rest = [name for name in state if name not in recurrent]
    weights = [name for name in rest if state[name].ndim == 2]
    prefixes = {match["prefix"] for match in recurrent.values()}
    if len(prefixes) != 1 or len(weights) != 1 or len(rest) > 2 or any("weight_hr" in name for name in rest):
        raise UsageError(
            f"the parameters {', '.join(state) or '(none)'} are not those of one recurrent module of PyTorch and one "
            f"linear layer after it."
        )
    (prefix,) = prefixes
    of_inputs, first = (state.get(f"{prefix}weight_{kind}_l0") for kind in ("ih", "hh"))
    if of_inputs is None or first is None or first.shape[0] // first.shape[1] not in GATES:
        raise UsageError(f"the parameters have no {prefix}weight_hh_l0 of 1, 3 or 4 gates, or no {prefix}weight_ih_l0.")
    found = GATES[first.shape[0] // first.shape[1]]
    if cell is not None and cell.removesuffix("_relu") != found:
        raise UsageError(f"cell is {cell!r}, but the parameters are those of {found}.")
    W = state[weights[0]]
    network = Network(
        input_size=of_inputs.shape[1],
        num_outputs=W.shape[0],
        cell=found if cell is None else cell,
        hidden_size=first.shape[1],
        num_layers=1 + max(int(match["layer"]) for match in recurrent.values()),
        bidirectional=any(match["back"] for match in recurrent.values()),
        pooling=pooling,
        task=task,
    )
    bias = next((state[name] for name in rest if name != weights[0]), np.zeros(len(W), np.float32))
    named = _recurrent_parameters(network, state, prefix) | {"head.weight": W, "head.bias": bias}
    ordered = {name: np.array(named[name], np.float32) for name in network.parameter_shapes}
    network.flat(ordered)
    return network, ordered


def _recurrent_parameters(network: Network, state: Arrays, prefix: str) -> dict[str, NDArray[np.float32]]:
    """Return the recurrent layers' parameters with our names, with zeros for missing biases."""
    H = network.hidden_size
    named = {}
    for name, shape in network.parameter_shapes.items():
        theirs = name.replace("rnn.", prefix)
        if "bias_hn" in name:
            of_state = state.get(theirs.replace("bias_hn", "bias_hh"), np.zeros(3 * H, np.float32))
            named[name] = of_state[2 * H :]
        elif "bias" in name and name.startswith("rnn."):
            biases = [
                state.get(theirs.replace("bias", kind), np.zeros(shape, np.float32)) for kind in ("bias_ih", "bias_hh")
            ]
            named[name] = biases[0] + biases[1]
            if network.cell == "gru":
                named[name][2 * H :] = biases[0][2 * H :]
        elif name.startswith("rnn."):
            if theirs not in state:
                raise UsageError(f"the parameters have no {theirs}.")
            named[name] = state[theirs]
    return named
