"""The engine's networks as PyTorch's modules: `nn.RNN`, `nn.GRU` or `nn.LSTM`, and a linear head.

PyTorch has two biases where the engine has one, b, which is the sum of both. Here PyTorch's second one, ``bias_hh``, is
zero and not trained, except the last third of a GRU's, which is b_hn. So both train the same network.

Letters as in the engine's README; B is the windows of a batch.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from lengthwise.engine.protocol import MAX, MEAN, Sizes

KINDS: dict[str, tuple[Callable[..., nn.RNNBase], dict[str, Any]]] = {
    "rnn": (nn.RNN, {"nonlinearity": "tanh"}),
    "rnn_relu": (nn.RNN, {"nonlinearity": "relu"}),
    "gru": (nn.GRU, {}),
    "lstm": (nn.LSTM, {}),
}
"""PyTorch's modules for the cells of `lengthwise.engine.protocol.CELL_SIZES`, without those that PyTorch lacks."""


class TorchNetwork(nn.Module):
    """The network of one cell and size.

    Parameters
    ----------
    cell : {"rnn", "rnn_relu", "gru", "lstm"}
    sizes : Sizes
        Without dropout. Its `s` does not matter.
    every_step : bool
        Whether the head predicts something for every step.
    """

    def __init__(self, cell: str, sizes: Sizes, *, every_step: bool = False) -> None:
        super().__init__()
        self._every_step = every_step
        kind, options = KINDS[cell]
        self.rnn = kind(sizes.F, sizes.H, sizes.L, batch_first=True, bidirectional=sizes.D > 1, **options)
        self.head = nn.Linear(sizes.D * sizes.H, sizes.O)
        self._sizes = sizes
        for name, parameter in self.rnn.named_parameters():
            if "bias_hh" in name:
                nn.init.zeros_(parameter)
                parameter.requires_grad_(cell == "gru")

    @property
    def packs(self) -> bool:
        """Whether windows of different lengths are packed, for which PyTorch needs their lengths on the CPU.

        Only the backward direction begins at a window's end; forward, the steps after it do not matter.
        """
        return self._sizes.D > 1

    def forward(self, x: Tensor, lengths: Tensor | None = None) -> Tensor:
        """Return the outputs, (B, O) or (B, s, O), for windows x (B, s, F), of which `lengths` (B,) steps are valid."""
        if lengths is None or not self.packs:
            outputs, _ = self.rnn(x)
        else:
            packed = pack_padded_sequence(x, lengths.cpu(), batch_first=True, enforce_sorted=False)
            outputs, _ = pad_packed_sequence(self.rnn(packed)[0], batch_first=True, total_length=x.shape[1])
        return self.head(outputs if self._every_step else self._pooled(outputs, lengths))  # type: ignore[no-any-return]

    def _pooled(self, outputs: Tensor, lengths: Tensor | None) -> Tensor:
        """Return the head's inputs (B, D * H) from outputs (B, s, D * H), all valid if no `lengths` are given."""
        B, s, _ = outputs.shape
        H, D = self._sizes.H, self._sizes.D
        if lengths is not None and self._sizes.pooling in (MEAN, MAX):
            valid = (torch.arange(s, device=outputs.device) < lengths[:, None])[..., None]
            if self._sizes.pooling == MEAN:
                return torch.where(valid, outputs, 0).sum(1) / lengths[:, None]
            return torch.where(valid, outputs, -torch.inf).amax(1)
        if self._sizes.pooling == MEAN:
            return outputs.mean(1)
        if self._sizes.pooling == MAX:
            return outputs.amax(1)
        last = outputs[:, -1] if lengths is None else outputs[torch.arange(B, device=outputs.device), lengths - 1]
        return last if D == 1 else torch.cat([last[:, :H], outputs[:, 0, H:]], dim=1)

    def parameter_indices(self) -> NDArray[np.int64]:
        """Return the index of each of the engine's parameters among the trained ones of this module, shape (P,).

        The order is the same in both; but of a GRU's ``bias_hh``, the engine has only the last third.
        """
        chosen = []
        first = 0
        for name, parameter in self.named_parameters():
            if parameter.requires_grad:
                count = parameter.numel()
                skipped = 2 * count // 3 if "bias_hh" in name else 0
                chosen.append(np.arange(first + skipped, first + count))
                first += count
        return np.concatenate(chosen)
