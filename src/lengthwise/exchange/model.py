"""A trained network in memory: its description and its parameters."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lengthwise.data import Dataset, TaskName
from lengthwise.exchange.state_dicts import from_state_dict, to_state_dict
from lengthwise.networks.network import CellName, Network, Pooling
from lengthwise.training.evaluate import evaluate
from lengthwise.training.evaluation import Evaluation


@dataclass(frozen=True, eq=False)
class Model:
    """A trained network.

    Parameters
    ----------
    network : Network
    parameters : dict of str to ndarray, float32
        By name; see `lengthwise.Network.parameter_shapes`.
    """

    network: Network
    parameters: dict[str, NDArray[np.float32]]

    def evaluate(
        self,
        data: str | Path | Dataset = "mnist",
        *,
        seq_len: int,
        split: str = "test",
        threads: int | None = None,
        quiet: bool = False,
    ) -> Evaluation:
        """Evaluate it on every window of a split, as `lengthwise.evaluate` does.

        Raises
        ------
        UsageError
            If the data or the length do not match the network.
        """
        return evaluate(self, data=data, seq_len=seq_len, split=split, threads=threads, quiet=quiet)

    def state_dict(self) -> dict[str, NDArray[np.float32]]:
        """Return the parameters with PyTorch's names; see `lengthwise.exchange.state_dicts.to_state_dict`."""
        return to_state_dict(self.network, self.parameters)


def load_torch(
    state_dict: Mapping[str, Any],
    *,
    cell: CellName | None = None,
    pooling: Pooling = "last",
    task: TaskName = "classification",
) -> Model:
    """Return the network of a PyTorch ``state_dict``: of an `nn.RNN`, `nn.GRU` or `nn.LSTM` and an `nn.Linear`.

    Parameters
    ----------
    state_dict : mapping of str to tensor or array
        The result of ``module.state_dict()``, with any prefixes, such as ``rnn.weight_ih_l0`` and ``head.weight``.
    cell : {"rnn", "rnn_relu", "gru", "lstm"}, optional
        The cell; only ``rnn_relu`` must be named, as its parameters have the same shapes as those of ``rnn``.
    pooling : {"last", "mean", "max"}
        The input of the linear layer: the last step, or the mean or the maximum over all steps.
    task : str
        The task: a key of `lengthwise.tasks.tasks.TASKS`.

    Raises
    ------
    UsageError
        If the parameters are not those of such a network.

    Examples
    --------
    ::

        model = lengthwise.load_torch(torch.load("model.pt"))
        print(model.evaluate("mnist", seq_len=19).accuracy)
    """
    arrays = {name: _array(value) for name, value in state_dict.items()}
    return Model(*from_state_dict(arrays, cell=cell, pooling=pooling, task=task))


def _array(value: Any) -> NDArray[np.float32]:
    """Return a tensor, or anything that NumPy can convert, as an array."""
    return np.asarray(value.detach().cpu() if hasattr(value, "detach") else value, np.float32)
