"""The engine that PyTorch computes: any module on any of its devices, with the interface of the SIMD engine.

A module's trained parameters are one flat vector here too, in the order of ``module.named_parameters()``, so that the
optimiser is a few operations on vectors, and a `State` is the same whatever trains. PyTorch sees copies of its parts.

On a device other than the CPU, a call sends two numbers a window, and all its steps are queued before the first loss is
asked for. On CUDA each engine has a stream of its own, so that several runs share the card, and a step of a built-in
network is recorded as a graph and replayed.
"""

import inspect
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext
from types import TracebackType
from typing import Any, NamedTuple, Self

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from lengthwise.engine.protocol import LOSS_KINDS, Data, Optimizer, State
from lengthwise.engine.torch.graph import NotRecordedError, Recording
from lengthwise.engine.torch.losses import TORCH_LOSSES, Judged
from lengthwise.engine.torch.network import TorchNetwork
from lengthwise.engine.torch.optimizers import apply_update, move_average, scales_of
from lengthwise.engine.torch.process import (
    GENERATORS,
    generator_states,
    own_generators,
    own_stream,
    recurrent_products,
    threads_of,
)
from lengthwise.engine.torch.windows import Batch, Sequences, cut, sequences_on
from lengthwise.errors import UsageError
from lengthwise.windows import Windows

VALUES_AT_ONCE = 2**22
"""Values of windows that are judged together: 16 MB."""


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
        A name of `lengthwise.engine.protocol.LOSS_KINDS`: what the module says of a window.
    places : ndarray of shape (P,), int64, optional
        Which of the module's trained parameters are those of a `State`, in its order; the others stay as they are. All,
        in the module's order, if not given.
    tf32 : bool
        Whether cuDNN multiplies in TF32 in a `TorchNetwork`. Other modules have what PyTorch is set to.
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
        tf32: bool = False,
    ) -> None:
        self._device = torch_device(device)
        self._module = module.to(self._device)
        self._trained: list[Tensor] = [parameter for parameter in module.parameters() if parameter.requires_grad]
        self._shape = shape
        self._seq_len = shape[1]
        self._threads = threads
        self._seed = seed
        self._takes_lengths = takes_lengths(module)
        # A built-in network draws no random numbers.
        self._built_in = isinstance(module, TorchNetwork)
        self._draws = not self._built_in
        self._tf32 = tf32
        self._kind = LOSS_KINDS[loss]
        self._judge = TORCH_LOSSES[loss]
        self._whole = nn.utils.parameters_to_vector(self._trained).detach().clone()
        is_all = places is None or len(places) == len(self._whole)
        self._places = None if is_all else torch.tensor(places, device=self._device)
        self._vectors: _Vectors | None = None
        self._held: State | None = None
        self._sequences: dict[int, tuple[Data, Sequences]] = {}
        self._recordings: dict[tuple[int, Optimizer, bool], Recording | None] = {}
        self._inside = ExitStack()

    def __enter__(self) -> Self:
        self._inside.enter_context(threads_of(self._threads))
        if self._device.type == "cuda":
            self._inside.enter_context(own_stream(self._device))
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            self.settle()
        finally:
            self._inside.close()

    @property
    def workspace_bytes(self) -> int:
        """Bytes of the activations that PyTorch keeps of a training step's forward pass for its backward pass."""
        kept: dict[int, int] = {}

        def keep(tensor: Tensor) -> Tensor:
            storage = tensor.untyped_storage()
            kept[storage.data_ptr()] = storage.nbytes()
            return tensor

        with self._seeded(0), torch.autograd.graph.saved_tensors_hooks(keep, lambda tensor: tensor):
            self._said_of_nothing()
        weights = {parameter.untyped_storage().data_ptr() for parameter in self._module.parameters()}
        return sum(count for pointer, count in kept.items() if pointer not in weights)

    def prepare(self, data: Data, *, on_compile: Callable[[], None] = lambda: None) -> None:  # noqa: ARG002
        """Move the sequences to the device, and have CUDA's libraries loaded; nothing is compiled."""
        self._sequences_of(data)
        if self._device.type == "cuda" and self._built_in:
            with self._precision(), torch.enable_grad():
                torch.autograd.grad(self._said_of_nothing().sum(), self._trained)
            torch.cuda.current_stream(self._device).synchronize()

    def train(
        self,
        state: State,
        updates: int,
        data: Data,
        windows: Windows,
        optimizer: Optimizer,
        rates: NDArray[np.float64] | None = None,
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Make one update for every step of `windows`; see `lengthwise.engine.simd.engine.SimdEngine.train`."""
        self._module.train()
        rates = np.full(len(windows.sequences), optimizer.lr) if rates is None else rates
        places, scales = self._on_device(windows), self._to_device(scales_of(optimizer, rates, updates))
        are_short = self._are_short(data, windows, self._seq_len)
        ours = self._hold(state)
        recording = self._recording(ours, data, places, scales, optimizer, are_short=are_short)
        self._load(ours.p)
        if recording is not None:
            results = recording.replay(places, scales)
        else:
            results = torch.empty(len(rates), 2, device=self._device)
            for step, ((sequences, starts), scale) in enumerate(zip(places, scales, strict=True)):
                with self._seeded(updates + step):
                    results[step] = self._make_update(
                        ours, data, sequences, starts, scale, optimizer, are_short=are_short
                    )
        losses, scores = results.cpu().numpy().astype(np.float64).T
        return losses, scores

    def settle(self) -> None:
        """Bring the state that was trained last up to date."""
        if self._held is not None and self._vectors is not None:
            for array, tensor in zip(self._held, self._vectors, strict=True):
                array[:] = tensor.cpu().numpy()
        self._held = None

    def gradient(
        self, parameters: NDArray[np.float32], data: Data, windows: Windows, updates: int = 0
    ) -> tuple[float, NDArray[np.float32]]:
        """Return the mean loss of one step's batch and its gradient, as `train` computes them."""
        self._module.train()
        self._load(self._to_device(parameters))
        are_short = self._are_short(data, windows, self._seq_len)
        with self._seeded(updates):
            batch = self._cut(data, *self._on_device(windows)[0], are_short=are_short)
            loss, _, gradient = self._loss_and_gradient(batch, are_short=are_short)
        return loss.item(), gradient.cpu().numpy()

    def evaluate(
        self, parameters: NDArray[np.float32], data: Data, windows: Windows
    ) -> tuple[NDArray[np.float32], NDArray[Any]]:
        """Judge windows without learning from them; see `lengthwise.engine.simd.engine.SimdEngine.evaluate`."""
        return self.evaluate_prefixes(parameters, data, windows, [self._seq_len])[0]

    def evaluate_prefixes(
        self, parameters: NDArray[np.float32], data: Data, windows: Windows, lengths: Sequence[int]
    ) -> list[tuple[NDArray[np.float32], NDArray[Any]]]:
        """Judge windows by their first steps, one length after another: what a module comes to, only the end shows."""
        self._module.eval()
        self._load(self._to_device(parameters))
        return [self._evaluate(data, windows, length) for length in lengths]

    def _evaluate(self, data: Data, windows: Windows, seq_len: int) -> tuple[NDArray[np.float32], NDArray[Any]]:
        """Judge windows by their first `seq_len` steps, some at a time."""
        shape = windows.sequences.shape
        at_once = max(1, VALUES_AT_ONCE // (seq_len * data.values.shape[2]))
        parts = [
            Windows(*(array.reshape(1, -1)[:, first : first + at_once] for array in windows))
            for first in range(0, windows.sequences.size, at_once)
        ]
        losses, predicted = [], []
        with torch.no_grad():
            for part in parts:
                are_short = self._are_short(data, part, seq_len)
                batch = self._cut(data, *self._on_device(part)[0], are_short=are_short, steps=seq_len)
                with self._precision():
                    judged = self._judged(batch, are_short=are_short)
                losses.append(judged.losses.cpu().numpy())
                predicted.append(judged.predicted.cpu().numpy())
        said = np.concatenate(predicted)
        return np.concatenate(losses).reshape(shape), said.reshape(*shape, *said.shape[1:])

    # --- parameters ---------------------------------------------------------------------------------------------

    def _to_device(self, array: NDArray[Any]) -> Tensor:
        return torch.tensor(array, device=self._device)

    def _hold(self, state: State) -> "_Vectors":
        """Return the state on the device, always in the same tensors, since a graph remembers where they are.

        It stays there from call to call: that of a wide network takes longer to copy than to train for a tenth of a
        second.
        """
        if self._vectors is None:
            self._vectors = _Vectors(*(self._to_device(array) for array in state))
        elif self._held is None or any(one is not other for one, other in zip(self._held, state, strict=True)):
            self.settle()
            for tensor, array in zip(self._vectors, state, strict=True):
                tensor.copy_(self._to_device(array))
        self._held = state
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

    def _make_update(
        self,
        ours: "_Vectors",
        data: Data,
        sequences: Any,
        starts: Any,
        scale: Tensor,
        optimizer: Optimizer,
        *,
        are_short: bool,
    ) -> Tensor:
        """Make one update with windows (B,); return their mean loss and score, (2,)."""
        batch = self._cut(data, sequences, starts, are_short=are_short)
        loss, score, gradient = self._loss_and_gradient(batch, are_short=are_short)
        apply_update(optimizer, scale, ours.p, ours.m, ours.v, gradient)
        if optimizer.ema_decay > 0:
            move_average(scale, ours.p, ours.average)
        self._load(ours.p)
        return torch.stack([loss, score])

    def _recording(
        self, ours: "_Vectors", data: Data, places: Tensor, scales: Tensor, optimizer: Optimizer, *, are_short: bool
    ) -> Recording | None:
        """Return an update recorded as a graph, or None if it is none for a graph."""
        packs = isinstance(self._module, TorchNetwork) and self._module.packs and are_short
        if self._device.type != "cuda" or not self._built_in or packs:
            return None
        key = (id(data), optimizer, are_short)
        if key not in self._recordings:
            before = [tensor.clone() for tensor in ours]
            self._load(ours.p)
            try:
                with GENERATORS, self._precision():
                    self._recordings[key] = Recording(
                        lambda sequences, starts, scale: self._make_update(
                            ours, data, sequences, starts, scale, optimizer, are_short=are_short
                        ),
                        places,
                        scales,
                    )
            except NotRecordedError as reason:
                warnings.warn(f"CUDA records no graph of a training step, which will be slower: {reason}", stacklevel=2)
                self._recordings[key] = None
            finally:
                for tensor, copy in zip(ours, before, strict=True):
                    tensor.copy_(copy)
        return self._recordings[key]

    def _loss_and_gradient(self, batch: Batch, *, are_short: bool) -> tuple[Tensor, Tensor, Tensor]:
        judged = self._judged(batch, are_short=are_short)
        loss = (judged.losses * batch.weights).mean()
        gradients = torch.autograd.grad(loss, self._trained, allow_unused=True, materialize_grads=True)
        gradient = torch.cat([part.reshape(-1) for part in gradients])
        chosen = gradient if self._places is None else gradient[self._places]
        return loss.detach(), judged.scores.detach().mean(), chosen

    def _judged(self, batch: Batch, *, are_short: bool) -> Judged:
        return self._judge(self._said(batch, are_short=are_short), batch.targets, batch.lengths)

    def _said_of_nothing(self) -> Tensor:
        """Return what the module says of a training step's windows of zeros."""
        batch, s, _ = self._shape
        x = torch.zeros(self._shape, device=self._device)
        lengths = torch.full((batch,), s, device=self._device)
        self._module.train()
        return self._said(Batch(x, lengths, lengths, lengths), are_short=False)

    def _said(self, batch: Batch, *, are_short: bool) -> Tensor:
        """Return what the module says of the windows: (B, O), or (B, s, O) where every step is judged."""
        asks = self._takes_lengths and (are_short or not self._built_in)
        said = self._module(batch.x, lengths=batch.lengths) if asks else self._module(batch.x)
        wanted = batch.x.shape[:2] if self._kind.every_step else batch.x.shape[:1]
        if not isinstance(said, Tensor) or said.shape[:-1] != wanted:
            got = f"shape {tuple(said.shape)}" if isinstance(said, Tensor) else f"a {type(said).__name__}"
            raise UsageError(
                f"the module gave {got} for windows of shape {tuple(batch.x.shape)}, but must give a tensor of shape "
                f"({', '.join(map(str, wanted))}, outputs)."
            )
        return said

    # --- windows ------------------------------------------------------------------------------------------------

    def _are_short(self, data: Data, windows: Windows, seq_len: int) -> bool:
        """Return whether some windows have fewer steps than `seq_len`, which the module has to know.

        Raises
        ------
        UsageError
            If it does not ask.
        """
        are_short = bool((data.lengths[windows.sequences] - windows.starts < seq_len).any())
        if are_short and not self._takes_lengths:
            raise UsageError(
                "some windows are shorter than seq_len, but the module's forward has no parameter named lengths: add "
                "one, which takes the valid steps of each window."
            )
        return are_short

    def _sequences_of(self, data: Data) -> Sequences:
        """Return the sequences where windows are cut out of them; a graph remembers where they are."""
        if id(data) not in self._sequences:
            self._sequences[id(data)] = (data, sequences_on(self._device, data, self._seq_len))
        return self._sequences[id(data)][1]

    def _cut(self, data: Data, sequences: Any, starts: Any, *, are_short: bool, steps: int | None = None) -> Batch:
        """Cut out the windows of one step, or their first `steps` steps."""
        there = self._sequences_of(data)
        there = there._replace(offsets=there.offsets[:steps])
        return cut(there, sequences, starts, every_step=self._kind.every_step, are_short=are_short)

    def _on_device(self, windows: Windows) -> Any:
        """Return windows (n, B) where they are cut out, sequences and starts together: (n, 2, B)."""
        both = np.stack([windows.sequences, windows.starts], axis=-2)
        return both if self._device.type == "cpu" else self._to_device(both)

    # --- what PyTorch has once in a process ---------------------------------------------------------------------

    def _precision(self) -> AbstractContextManager[None]:
        """Have the layers of a built-in network multiply as they are to."""
        on_cuda = self._device.type == "cuda"
        return recurrent_products(tf32=self._tf32) if self._built_in and on_cuda else nullcontext()

    @contextmanager
    def _seeded(self, update: int) -> Iterator[None]:
        """Seed PyTorch's generators for an update of a module of the user's, and leave them as they were.

        Whoever draws from them has them for itself. A module that has drawn nothing in its first step is taken to draw
        nothing in the others.
        """
        if not self._draws:
            with self._precision():
                yield
            return
        words = np.random.SeedSequence(self._seed, spawn_key=(3, update)).generate_state(1, np.uint64)
        with own_generators(int(words[0] >> np.uint64(1)), self._device):
            before = generator_states(self._device)
            yield
            after = generator_states(self._device)
            self._draws = any(not torch.equal(*states) for states in zip(before, after, strict=True))


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
