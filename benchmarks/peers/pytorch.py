"""PyTorch: `torch.nn.RNN`, `GRU` or `LSTM`, batch first, with its own fused Adam.

Variants: ``eager``, and ``compile``, which compiles network and loss together. The compiler is told to look into
these modules (``allow_rnn``), which it otherwise leaves alone, and to write the calls between its kernels in C++ too
(``cpp_wrapper``); each made it faster here, and ``max-autotune`` did not.
"""

from collections.abc import Sequence
from itertools import cycle, islice

import torch
from torch import Tensor, nn

from peers.peer import BETA1, BETA2, EPSILON, Case, Layer

PACKAGES = ("torch",)


MODULES: dict[str, type[nn.RNNBase]] = {"rnn": nn.RNN, "gru": nn.GRU, "lstm": nn.LSTM}


class Network(nn.Module):
    """Stacked recurrent layers and a linear head on the top layer's last output."""

    def __init__(self, case: Case) -> None:
        super().__init__()
        self.rnn = MODULES[case.cell](case.input_size, case.hidden_size, case.num_layers, batch_first=True)
        self.head = nn.Linear(case.hidden_size, case.num_classes)
        with torch.no_grad():
            for index in range(case.num_layers):
                self._set_layer(index, case.layer(index))
            self.head.weight.copy_(torch.from_numpy(case.parameters["head.weight"]))
            self.head.bias.copy_(torch.from_numpy(case.parameters["head.bias"]))

    def _set_layer(self, index: int, layer: Layer) -> None:
        """Give a layer its first parameters."""
        for name, values in (("weight_ih", layer.weight_ih), ("weight_hh", layer.weight_hh), ("bias_ih", layer.bias)):
            getattr(self.rnn, f"{name}_l{index}").copy_(torch.from_numpy(values))
        second = getattr(self.rnn, f"bias_hh_l{index}").zero_()
        if layer.bias_hn is None:
            # A second bias adds nothing but work, so it stays zero and is not trained.
            second.requires_grad_(requires_grad=False)
            return
        # Of a GRU's second bias, that of n alone is not redundant: the others stay zero.
        H = len(layer.bias_hn)
        second[2 * H :] = torch.from_numpy(layer.bias_hn)
        mask = torch.zeros(3 * H)
        mask[2 * H :] = 1
        second.register_hook(mask.mul)

    def forward(self, x: Tensor) -> Tensor:
        """Return the logits (B, O) of windows (B, s, F)."""
        outputs, _ = self.rnn(x)
        return self.head(outputs[:, -1])


class Peer:
    """See `peers.peer.Peer`."""

    choice = ""

    def __init__(self, case: Case, variant: str, threads: int) -> None:
        torch.set_num_threads(threads)
        network = Network(case)

        def judge(x: Tensor, y: Tensor) -> tuple[Tensor, Tensor]:
            logits = network(x)
            return nn.functional.cross_entropy(logits, y), logits.argmax(1)

        def loss(x: Tensor, y: Tensor) -> Tensor:
            return nn.functional.cross_entropy(network(x), y)

        if variant == "compile":
            torch._dynamo.config.allow_rnn = True  # noqa: SLF001 - the documented place of this option
            torch._dynamo.reset()  # noqa: SLF001 - what was compiled for the case before
            judge, loss = (torch.compile(function, options={"cpp_wrapper": True}) for function in (judge, loss))
        self._judge, self._loss = judge, loss
        trained = [parameter for parameter in network.parameters() if parameter.requires_grad]
        self._adam = torch.optim.Adam(trained, lr=case.lr, betas=(BETA1, BETA2), eps=EPSILON, fused=True)
        self._batches = [(torch.from_numpy(x), torch.from_numpy(y)) for x, y in case.batches]

    def train(self, steps: int) -> Sequence[Tensor]:
        """Make `steps` updates."""
        losses = []
        for x, y in islice(cycle(self._batches), steps):
            self._adam.zero_grad(set_to_none=True)
            loss = self._loss(x, y)
            loss.backward()
            self._adam.step()
            losses.append(loss.detach())
        return losses

    def evaluate(self, steps: int) -> Sequence[Tensor]:
        """Compute loss and predicted classes of `steps` batches."""
        with torch.inference_mode():
            return [self._judge(x, y)[0] for x, y in islice(cycle(self._batches), steps)]
