"""PyTorch: `torch.nn.RNN`, `GRU` or `LSTM`, batch first, with its own fused Adam.

Variants: ``eager``, and ``compile``, which compiles network and loss together. The compiler is told to write the calls
between its kernels in C++ too (``cpp_wrapper``), and to look into these modules (``allow_rnn``), which it otherwise
leaves alone; each made it faster here, and ``max-autotune`` did not. As PyTorch 2.13 cannot compile the training of
oneDNN's LSTM, two arrangements of that are timed, and the faster is kept, in training and in evaluation:

``inside``
    Compiled without oneDNN, step after step.
``outside``
    oneDNN's, which the compiler leaves alone.
"""

import time
from collections.abc import Callable, Sequence
from itertools import cycle, islice

import torch
from torch import Tensor, nn

from benchmarks.peers.peer import BETA1, BETA2, EPSILON, Case, Layer

PACKAGES = ("torch",)


MODULES: dict[str, Callable[..., nn.RNNBase]] = {"rnn": nn.RNN, "gru": nn.GRU, "lstm": nn.LSTM}


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
        logits: Tensor = self.head(outputs[:, -1])
        return logits


ARRANGEMENTS = {"inside": (True, False), "outside": (False, True)}
"""Of a compiled LSTM: whether the compiler looks into the module, and whether there is oneDNN."""

CHOOSING_SECONDS = 0.5
"""How long an arrangement is timed."""


def arrange(name: str) -> None:
    """Set PyTorch to an arrangement; what is compiled after that has it."""
    torch._dynamo.config.allow_rnn, onednn = ARRANGEMENTS[name]  # noqa: SLF001 - the documented place of this option
    torch.backends.mkldnn.set_flags(onednn)


def faster(step: Callable[[], object]) -> str:
    """Return the arrangement in which a compiled step takes less time."""
    seconds = {}
    for name in ARRANGEMENTS:
        torch._dynamo.reset()  # noqa: SLF001 - what was compiled for the other
        arrange(name)
        step()
        times: list[float] = []
        while sum(times) < CHOOSING_SECONDS:
            start = time.perf_counter()
            step()
            times.append(time.perf_counter() - start)
        seconds[name] = min(times)
    torch._dynamo.reset()  # noqa: SLF001
    return min(seconds, key=lambda name: seconds[name])


class Peer:
    """See `peers.peer.Peer`."""

    choice = ""

    def __init__(self, case: Case, variant: str, threads: int) -> None:
        torch.set_num_threads(threads)
        torch.backends.mkldnn.set_flags(True)
        network = Network(case)

        def judge(x: Tensor, y: Tensor) -> tuple[Tensor, Tensor]:
            logits = network(x)
            return nn.functional.cross_entropy(logits, y), logits.argmax(1)

        def loss(x: Tensor, y: Tensor) -> Tensor:
            return nn.functional.cross_entropy(network(x), y)

        if variant == "compile":
            torch._dynamo.config.allow_rnn = True  # noqa: SLF001 - the documented place of this option
            torch._dynamo.reset()  # noqa: SLF001 - what was compiled for the case before
            judge = torch.compile(judge, options={"cpp_wrapper": True})
            loss = torch.compile(loss, options={"cpp_wrapper": True})
        self._judge, self._loss = judge, loss
        trained = [parameter for parameter in network.parameters() if parameter.requires_grad]
        self._adam = torch.optim.Adam(trained, lr=case.lr, betas=(BETA1, BETA2), eps=EPSILON, fused=True)
        self._batches = [(torch.from_numpy(x), torch.from_numpy(y)) for x, y in case.batches]
        self._arrangements: dict[str, str] = {}
        if variant == "compile" and case.cell == "lstm":
            first = self._batches[0]
            self._arrangements["train"] = faster(lambda: loss(*first).backward())
            with torch.inference_mode():
                self._arrangements["evaluate"] = faster(lambda: judge(*first))
            self.choice = ", ".join(f"{mode} {name}" for mode, name in self._arrangements.items())

    def train(self, steps: int) -> Sequence[Tensor]:
        """Make `steps` updates."""
        if self._arrangements:
            arrange(self._arrangements["train"])
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
        if self._arrangements:
            arrange(self._arrangements["evaluate"])
        with torch.inference_mode():
            return [self._judge(x, y)[0] for x, y in islice(cycle(self._batches), steps)]
