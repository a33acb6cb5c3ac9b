"""The engine that PyTorch computes: any module on any of its devices, with the interface of the SIMD engine.

A module's trained parameters are one flat vector here too, in the order of ``module.named_parameters()``, so that the
optimiser is a few operations on vectors, and a `State` is the same whatever trains. PyTorch sees copies of its parts.

On a device other than the CPU, the sequences are moved there once and are shared by all engines; a step sends two
numbers a window, and all steps of a call are queued before the first loss is asked for. On CUDA a step of a built-in
network is recorded as a graph, where the driver takes it, and replayed.
"""

import inspect
import threading
import weakref
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import TracebackType
from typing import Any, NamedTuple, Self

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.utils.flop_counter import FlopCounterMode

from lengthwise.engine.losses import LOSSES
from lengthwise.engine.optimizers import Optimizer
from lengthwise.engine.pytorch_losses import TORCH_LOSSES, Judged
from lengthwise.engine.pytorch_optimizers import apply_update, move_average, scales_of
from lengthwise.engine.step import Data, State
from lengthwise.errors import UsageError
from lengthwise.windows import Windows

VALUES_AT_ONCE = 2**22
"""Values of windows that are judged together: 16 MB."""

WARM_UPS = 3
"""Steps before a graph is recorded, in which libraries choose their kernels; PyTorch asks for them."""


class Batch(NamedTuple):
    """The windows of one step, on the device.

    Attributes
    ----------
    x : Tensor of shape (B, s, F), float32
        Zero beyond a window's length.
    targets : Tensor of shape (B,), (B, O) or (B, s)
        What is to be said of each window.
    lengths : Tensor of shape (B,), int64
        Valid steps of each window.
    weights : Tensor of shape (B,), float32
        What each window's loss is multiplied by in training.
    """

    x: Tensor
    targets: Tensor
    lengths: Tensor
    weights: Tensor


def torch_device(name: str) -> torch.device:
    """Return PyTorch's device.

    Raises
    ------
    UsageError
        If it is not there.
    """
    present = {"cpu": True, "cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available()}
    if not present[name]:
        names = ", ".join(device for device, is_there in present.items() if is_there)
        raise UsageError(f"device is {name!r}, but PyTorch finds none here: choose {names}.")
    return torch.device(name)


def takes_lengths(module: nn.Module) -> bool:
    """Return whether the module's ``forward`` has a parameter named ``lengths``."""
    return "lengths" in inspect.signature(module.forward).parameters


class TorchEngine:
    """PyTorch as the engine for one module and one window length.

    Parameters
    ----------
    module : nn.Module
        ``module(x)``, or ``module(x, lengths)`` if its ``forward`` has a parameter of that name, maps x (B, s, F) and
        lengths (B,) to logits (B, O). What it holds is changed by training and by evaluation.
    shape : tuple of int
        B, s and F: the windows of a training step, the steps of a window, and its features.
    device : {"cpu", "cuda", "mps"}
    threads : int
        Threads that PyTorch may use. Unlike with the SIMD engine, they may change the last bits.
    seed : int
        What a module that draws random numbers draws them from, with the number of the update.
    loss : str
        A name of `lengthwise.engine.losses.LOSSES`: what the module says of a window.
    places : ndarray of shape (P,), int64, optional
        Which of the module's trained parameters are those of a `State`, in its order; the others stay as they are. All,
        in the module's order, if not given.
    built_in : bool
        Whether the module is known to draw no random numbers, so that its steps may be recorded.
    """

    def __init__(
        self,
        module: nn.Module,
        shape: tuple[int, int, int],
        *,
        device: str = "cpu",
        threads: int = 1,
        seed: int = 0,
        loss: str = "cross_entropy",
        places: NDArray[np.int64] | None = None,
        built_in: bool = False,
    ) -> None:
        self._device = torch_device(device)
        self._module = module.to(self._device)
        self._trained: list[Tensor] = [parameter for parameter in module.parameters() if parameter.requires_grad]
        self._shape = shape
        self._seq_len = shape[1]
        self._threads = threads
        self._seed = seed
        self._takes_lengths = takes_lengths(module)
        self._built_in = built_in
        self._draws = not built_in
        self._loss = LOSSES[loss]
        self._judge = TORCH_LOSSES[loss]
        self._whole = nn.utils.parameters_to_vector(self._trained).detach().clone()
        is_all = places is None or len(places) == len(self._whole)
        self._places = None if is_all else torch.tensor(places, device=self._device)
        self._vectors: _Vectors | None = None
        self._graph: _Graph | None = None
        self._may_record = built_in and self._device.type == "cuda"

    def __enter__(self) -> Self:
        self._threads_before = torch.get_num_threads()
        torch.set_num_threads(self._threads)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        torch.set_num_threads(self._threads_before)

    @property
    def workspace_bytes(self) -> int:
        """Bytes of the activations that PyTorch keeps of a training step's forward pass for its backward pass."""
        kept: dict[int, int] = {}

        def keep(tensor: Tensor) -> Tensor:
            storage = tensor.untyped_storage()
            kept[storage.data_ptr()] = storage.nbytes()
            return tensor

        batch, s, _ = self._shape
        x = torch.zeros(self._shape, device=self._device)
        lengths = torch.full((batch,), s, device=self._device)
        self._module.train()
        with self._seeded(0), torch.autograd.graph.saved_tensors_hooks(keep, lambda tensor: tensor):
            said = self._said(Batch(x, lengths, lengths, lengths), are_short=False)
        del said
        weights = {parameter.untyped_storage().data_ptr() for parameter in self._module.parameters()}
        return sum(count for pointer, count in kept.items() if pointer not in weights)

    def prepare(self, data: Data, *, on_compile: Callable[[], None] = lambda: None) -> None:  # noqa: ARG002
        """Move the sequences to the device; nothing is compiled."""
        self._values(data)

    def train(
        self,
        state: State,
        updates: int,
        data: Data,
        windows: Windows,
        optimizer: Optimizer,
        rates: NDArray[np.float64] | None = None,
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Make one update for every step of `windows`; see `lengthwise.engine.engine.Engine.train`."""
        steps = len(windows.sequences)
        self._module.train()
        ours = self._moved(state)
        results = torch.empty(steps, 2, device=self._device)
        rates = np.full(steps, optimizer.lr) if rates is None else rates
        scales = self._to_device(scales_of(optimizer, rates, updates))
        self._load(ours.p)
        are_short = self._are_short(data, windows)
        for step, (batch, scale) in enumerate(zip(self._batches(data, windows), scales, strict=True)):
            with self._seeded(updates + step):
                results[step] = self._step(ours, batch, scale, optimizer, are_short=are_short)
        for array, tensor in zip(state, ours, strict=True):
            array[:] = tensor.cpu().numpy()
        losses, scores = results.cpu().numpy().astype(np.float64).T
        return losses, scores

    def gradient(
        self, parameters: NDArray[np.float32], data: Data, windows: Windows, updates: int = 0
    ) -> tuple[float, NDArray[np.float32]]:
        """Return the mean loss of one step's batch and its gradient, as `train` computes them."""
        self._module.train()
        self._load(self._to_device(parameters))
        with self._seeded(updates):
            batch = next(self._batches(data, windows))
            loss, _, gradient = self._loss_and_gradient(batch, are_short=self._are_short(data, windows))
        return loss.item(), gradient.cpu().numpy()

    def evaluate(
        self, parameters: NDArray[np.float32], data: Data, windows: Windows
    ) -> tuple[NDArray[np.float32], NDArray[Any]]:
        """Judge windows without learning from them; see `lengthwise.engine.engine.Engine.evaluate`."""
        shape = windows.sequences.shape
        at_once = max(1, VALUES_AT_ONCE // (self._seq_len * data.values.shape[2]))
        parts = [
            Windows(*(array.reshape(1, -1)[:, first : first + at_once] for array in windows))
            for first in range(0, windows.sequences.size, at_once)
        ]
        self._module.eval()
        self._load(self._to_device(parameters))
        losses, predicted = [], []
        with torch.no_grad():
            for part in parts:
                judged = self._judged(next(self._batches(data, part)), are_short=self._are_short(data, part))
                losses.append(judged.losses.cpu().numpy())
                predicted.append(judged.predicted.cpu().numpy())
        said = np.concatenate(predicted)
        return np.concatenate(losses).reshape(shape), said.reshape(*shape, *said.shape[1:])

    # --- parameters ---------------------------------------------------------------------------------------------

    def _to_device(self, array: NDArray[Any]) -> Tensor:
        return torch.tensor(array, device=self._device)

    def _moved(self, state: State) -> "_Vectors":
        """Return the state on the device, always in the same tensors, since a graph remembers where they are."""
        if self._vectors is None:
            self._vectors = _Vectors(*(self._to_device(array) for array in state))
        else:
            for tensor, array in zip(self._vectors, state, strict=True):
                tensor.copy_(self._to_device(array))
        return self._vectors

    def _load(self, parameters: Tensor) -> None:
        """Copy parameters (P,) into the module."""
        whole = parameters
        if self._places is not None:
            self._whole[self._places] = parameters
            whole = self._whole
        parts = whole.split([parameter.numel() for parameter in self._trained])
        with torch.no_grad():
            torch._foreach_copy_(
                self._trained, [part.view_as(parameter) for part, parameter in zip(parts, self._trained, strict=True)]
            )

    # --- a step -------------------------------------------------------------------------------------------------

    def _step(self, ours: "_Vectors", batch: Batch, scale: Tensor, optimizer: Optimizer, *, are_short: bool) -> Tensor:
        """Make one update; return the batch's mean loss and score, (2,)."""
        if self._may_record and not are_short:
            if self._graph is None:
                self._graph = self._record(ours, batch, scale, optimizer)
            if self._graph is not None:
                return self._graph.replay(batch, scale)
        return self._make_update(ours, batch, scale, optimizer, are_short=are_short)

    def _make_update(
        self, ours: "_Vectors", batch: Batch, scale: Tensor, optimizer: Optimizer, *, are_short: bool
    ) -> Tensor:
        loss, score, gradient = self._loss_and_gradient(batch, are_short=are_short)
        apply_update(optimizer, scale, ours.p, ours.m, ours.v, gradient)
        if optimizer.ema_decay > 0:
            move_average(scale, ours.p, ours.average)
        self._load(ours.p)
        return torch.stack([loss, score])

    def _loss_and_gradient(self, batch: Batch, *, are_short: bool) -> tuple[Tensor, Tensor, Tensor]:
        judged = self._judged(batch, are_short=are_short)
        loss = (judged.losses * batch.weights).mean()
        gradients = torch.autograd.grad(loss, self._trained, allow_unused=True, materialize_grads=True)
        gradient = torch.cat([part.reshape(-1) for part in gradients])
        chosen = gradient if self._places is None else gradient[self._places]
        return loss.detach(), judged.scores.detach().mean(), chosen

    def _judged(self, batch: Batch, *, are_short: bool) -> Judged:
        return self._judge(self._said(batch, are_short=are_short), batch.targets, batch.lengths)

    def _said(self, batch: Batch, *, are_short: bool) -> Tensor:
        """Return what the module says of the windows: (B, O), or (B, s, O) where every step is judged."""
        asks = self._takes_lengths and (are_short or not self._built_in)
        said = self._module(batch.x, lengths=batch.lengths) if asks else self._module(batch.x)
        wanted = batch.x.shape[:2] if self._loss.every_step else batch.x.shape[:1]
        if not isinstance(said, Tensor) or said.shape[:-1] != wanted:
            got = f"shape {tuple(said.shape)}" if isinstance(said, Tensor) else f"a {type(said).__name__}"
            raise UsageError(
                f"the module gave {got} for windows of shape {tuple(batch.x.shape)}, but must give a tensor of shape "
                f"({', '.join(map(str, wanted))}, outputs)."
            )
        return said

    # --- windows ------------------------------------------------------------------------------------------------

    def _values(self, data: Data) -> Any:
        """Return the sequences where they are gathered: NumPy's on the CPU, else a tensor on the device."""
        return data.values if self._device.type == "cpu" else _shared(data.values, self._device)

    def _lengths(self, data: Data, windows: Windows) -> NDArray[np.int64]:
        """Return the valid steps of each window."""
        lengths: NDArray[np.int64] = np.minimum(self._seq_len, data.lengths[windows.sequences] - windows.starts)
        return lengths

    def _are_short(self, data: Data, windows: Windows) -> bool:
        """Return whether some windows have fewer steps than others, which the module has to know.

        Raises
        ------
        UsageError
            If it does not ask.
        """
        are_short = bool((self._lengths(data, windows) < self._seq_len).any())
        if are_short and not self._takes_lengths:
            raise UsageError(
                "some windows are shorter than seq_len, but the module's forward has no parameter named lengths: add "
                "one, which takes the valid steps of each window."
            )
        return are_short

    def _targets(self, data: Data, windows: Windows) -> NDArray[Any]:
        """Return what is to be said of each window, (steps, B, …)."""
        if not self._loss.every_step:
            return np.asarray(data.targets[windows.sequences])
        places = (windows.starts[..., None] + np.arange(self._seq_len)).clip(max=data.targets.shape[1] - 1)
        return np.asarray(data.targets[windows.sequences[..., None], places])

    def _batches(self, data: Data, windows: Windows) -> Iterator[Batch]:
        """Yield each step's batch."""
        values = self._values(data)
        steps: Any = np.arange(self._seq_len)
        lengths = self._lengths(data, windows)
        short = lengths.min() < self._seq_len
        targets_of_all, weights_of_all = self._targets(data, windows), data.weights[windows.sequences]
        parts: tuple[Any, ...] = (windows.sequences, windows.starts, targets_of_all, lengths, weights_of_all)
        if self._device.type != "cpu":
            parts, steps = tuple(self._to_device(part) for part in parts), self._to_device(steps)
        for sequences, starts, *rest in zip(*parts, strict=True):
            places = (starts[:, None] + steps).clip(max=data.values.shape[1] - 1)
            x = torch.as_tensor(values[sequences[:, None], places]).float() * float(data.scale)
            targets, valid_steps, weights = map(torch.as_tensor, rest)
            if short:
                valid = torch.as_tensor(steps) < valid_steps[:, None]
                x = torch.where(valid[..., None], x, 0.0)
            yield Batch(x, targets, valid_steps, weights)

    # --- random numbers of a module of the user's ---------------------------------------------------------------

    @contextmanager
    def _seeded(self, update: int) -> Iterator[None]:
        """Seed PyTorch's generators for an update, and leave them as they were.

        They are the process's, so whoever draws from them has them for itself. A module that has drawn nothing in its
        first step is taken to draw nothing in the others.
        """
        if not self._draws:
            yield
            return
        words = np.random.SeedSequence(self._seed, spawn_key=(3, update)).generate_state(1, np.uint64)
        with own_generators(int(words[0] >> np.uint64(1)), self._device):
            before = generator_states(self._device)
            yield
            after = generator_states(self._device)
            self._draws = any(not torch.equal(*states) for states in zip(before, after, strict=True))

    # --- graphs on CUDA -----------------------------------------------------------------------------------------

    def _record(self, ours: "_Vectors", batch: Batch, scale: Tensor, optimizer: Optimizer) -> "_Graph | None":
        """Record one update as a CUDA graph; None, and never again, if that is not possible here."""
        before = [tensor.clone() for tensor in ours]
        try:
            return _Graph(
                lambda own, own_scale: self._make_update(ours, own, own_scale, optimizer, are_short=False), batch, scale
            )
        except RuntimeError:
            self._may_record = False
            return None
        finally:
            for tensor, copy in zip(ours, before, strict=True):
                tensor.copy_(copy)
            self._load(ours.p)


class _Vectors(NamedTuple):
    """A `State` on the device.

    Attributes
    ----------
    p, m, v : Tensor of shape (P,), float32
    average : Tensor of shape (P,), float32
        Empty if none is kept.
    """

    p: Tensor
    m: Tensor
    v: Tensor
    average: Tensor


class _Graph:
    """One update, recorded: its windows and its step size lie in tensors of its own.

    Parameters
    ----------
    make_update : callable ``(batch, scale)``
        It returns the results of an update, and changes nothing but tensors that stay where they are.
    batch : Batch
    scale : Tensor
        An example of what it takes.
    """

    def __init__(self, make_update: Callable[[Batch, Tensor], Tensor], batch: Batch, scale: Tensor) -> None:
        self._batch = Batch(*(tensor.clone() for tensor in batch))
        self._scale = scale.clone()
        stream = torch.cuda.Stream()
        stream.wait_stream(torch.cuda.current_stream())
        with torch.cuda.stream(stream):
            for _ in range(WARM_UPS):
                make_update(self._batch, self._scale)
        torch.cuda.current_stream().wait_stream(stream)
        self._graph = torch.cuda.CUDAGraph()
        with torch.cuda.graph(self._graph):
            self._result = make_update(self._batch, self._scale)

    def replay(self, batch: Batch, scale: Tensor) -> Tensor:
        """Make the update with these windows; the result is overwritten by the next."""
        for own, given in zip(self._batch, batch, strict=True):
            own.copy_(given)
        self._scale.copy_(scale)
        self._graph.replay()
        return self._result


_SHARED: dict[tuple[int, str], Tensor] = {}


def _shared(values: NDArray[Any], device: torch.device) -> Tensor:
    """Return sequences on a device, where they are once however many engines use them, as long as `values` lives."""
    key = (id(values), str(device))
    if key not in _SHARED:
        _SHARED[key] = torch.tensor(values, device=device)
        weakref.finalize(values, _SHARED.pop, key, None)
    return _SHARED[key]


def counted_flops(call: Callable[[], object]) -> int:
    """Return the floating-point operations of a call, as PyTorch counts those of products and convolutions."""
    # oneDNN's layer of an LSTM is one operation, which the counter does not know.
    counter = FlopCounterMode(display=False, custom_mapping={torch.ops.aten.mkldnn_rnn_layer: _lstm_layer_flops})
    with counter:
        call()
    return counter.get_total_flops()


def _lstm_layer_flops(x: torch.Size, W_x: torch.Size, W_h: torch.Size, *_rest: Any, **_more: Any) -> int:
    """Return the operations of the products of x (s, B, F) and h with W_x (4 H, F) and W_h (4 H, H)."""
    return 2 * x[0] * x[1] * W_x[0] * (W_x[1] + W_h[1])


GENERATORS = threading.Lock()
"""Held by whoever draws from PyTorch's generators, which are the process's."""


@contextmanager
def own_generators(seed: int, device: torch.device | None = None) -> Iterator[None]:
    """Have PyTorch's generators for oneself, seeded; afterwards they are as they were."""
    on_cuda = device is not None and device.type == "cuda"
    with GENERATORS, torch.random.fork_rng(devices=[device] if on_cuda else []):
        torch.manual_seed(seed)
        yield


def generator_states(device: torch.device) -> list[Tensor]:
    """Return the states of the generators that a module on this device may draw from."""
    states = [torch.get_rng_state()]
    return [*states, torch.cuda.get_rng_state(device)] if device.type == "cuda" else states
