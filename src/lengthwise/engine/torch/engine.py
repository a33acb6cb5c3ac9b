"""The engine torch: any PyTorch module on any of PyTorch's devices.

A module's trained parameters are one flat vector here too, so that the optimiser is a few operations on vectors, and a
`State` is the same for both engines.

On a device other than the CPU, a call sends two numbers a window, and all its steps are queued before the first loss is
read. On CUDA each engine has a stream of its own, so that several runs share the card, and a step of a built-in network
is recorded as a graph and replayed.
"""

import inspect
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext
from types import TracebackType
from typing import Any, Self

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from lengthwise.engine.protocol import LOSS_KINDS, Data, Optimizer, State
from lengthwise.engine.torch.graph import NotRecordedError, Recording
from lengthwise.engine.torch.losses import TORCH_LOSSES, LossOutputs
from lengthwise.engine.torch.network import TorchNetwork
from lengthwise.engine.torch.optimizers import apply_update, move_average, scales_of
from lengthwise.engine.torch.parameters import DeviceCopy, DeviceState, Parameters
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
from lengthwise.windows import PHASES, Phase, Windows

VALUES_AT_ONCE = 2**22
"""Values of windows that are evaluated together: 16 MB."""


def torch_device(name: str) -> torch.device:
    """Return PyTorch's device.

    Raises
    ------
    UsageError
        If PyTorch does not find it.
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
    """The engine torch for one module and one window length.

    Parameters
    ----------
    module : nn.Module
        ``module(x)``, or ``module(x, lengths)`` if its ``forward`` has a parameter of that name, maps x (B, s, F) and
        lengths (B,) to outputs (B, O), or (B, s, O) for a loss of every step. Training and evaluation change its
        parameters.
    shape : tuple of int
        B, s and F: the windows of a training step, the steps of a window, and its features.
    device : {"cpu", "cuda", "mps"}
    threads : int
        Threads that PyTorch may use. Unlike with the SIMD engine, they may change the last bits.
    seed : int
        Seed of the random numbers that a module draws, with the number of the update.
    loss : str
        A name of `lengthwise.engine.protocol.LOSS_KINDS`: what the module predicts.
    parameter_indices : ndarray of shape (P,), int64, optional
        Which elements of the module's trained parameters a `State` has, in its order; see `Parameters`. All by default.
    tf32 : bool
        Whether cuDNN multiplies in TF32 in a `TorchNetwork`. Other modules follow PyTorch's own settings.
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
        parameter_indices: NDArray[np.int64] | None = None,
        tf32: bool = False,
    ) -> None:
        self._device = torch_device(device)
        self._module = module.to(self._device)
        self._parameters = Parameters(self._module, parameter_indices)
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
        self._loss = TORCH_LOSSES[loss]
        self._state = DeviceCopy(self._device)
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
            self.synchronize()
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
            self._outputs_of_zeros()
        weights = {parameter.untyped_storage().data_ptr() for parameter in self._module.parameters()}
        return sum(count for pointer, count in kept.items() if pointer not in weights)

    def prepare(
        self,
        data: Data,
        *,
        phases: tuple[Phase, ...] = PHASES,  # noqa: ARG002
        on_compile: Callable[[], None] = lambda: None,  # noqa: ARG002
    ) -> None:
        """Move the sequences to the device, and have CUDA's libraries loaded; nothing is compiled."""
        self._sequences_of(data)
        if self._device.type == "cuda" and self._built_in:
            with self._precision(), torch.enable_grad():
                self._parameters.gradient(self._outputs_of_zeros().sum())
            torch.cuda.current_stream(self._device).synchronize()

    def train(
        self,
        state: State,
        updates: int,
        data: Data,
        windows: Windows,
        optimizer: Optimizer,
        lrs: NDArray[np.float64] | None = None,
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Make one update for every step of `windows`; see `lengthwise.engine.protocol.Engine.train`."""
        self._module.train()
        lrs = np.full(len(windows.sequences), optimizer.lr) if lrs is None else lrs
        positions, scales = self._on_device(windows), self._to_device(scales_of(optimizer, lrs, updates))
        are_short = self._are_short(data, windows, self._seq_len)
        tensors = self._state.of(state)
        recording = self._recording(tensors, data, positions, scales, optimizer, are_short=are_short)
        self._parameters.load(tensors.p)
        if recording is not None:
            results = recording.replay(positions, scales)
        else:
            results = torch.empty(len(lrs), 2, device=self._device)
            for step, ((sequences, starts), scale) in enumerate(zip(positions, scales, strict=True)):
                with self._seeded(updates + step):
                    results[step] = self._make_update(
                        tensors, data, sequences, starts, scale, optimizer, are_short=are_short
                    )
        losses, scores = results.cpu().numpy().astype(np.float64).T
        return losses, scores

    def synchronize(self) -> None:
        """Bring the state that was trained last up to date."""
        self._state.synchronize()

    def gradient(
        self, parameters: NDArray[np.float32], data: Data, windows: Windows, updates: int = 0
    ) -> tuple[float, NDArray[np.float32]]:
        """Return the mean loss of one step's batch and its gradient, as `train` computes them."""
        self._module.train()
        self._parameters.load(self._to_device(parameters))
        are_short = self._are_short(data, windows, self._seq_len)
        with self._seeded(updates):
            batch = self._cut(data, *self._on_device(windows)[0], are_short=are_short)
            loss, _, gradient = self._loss_and_gradient(batch, are_short=are_short)
        return loss.item(), gradient.cpu().numpy()

    def evaluate(
        self, parameters: NDArray[np.float32], data: Data, windows: Windows
    ) -> tuple[NDArray[np.float32], NDArray[Any]]:
        """Evaluate windows without training on them; see `lengthwise.engine.protocol.Engine.evaluate`."""
        return self.evaluate_prefixes(parameters, data, windows, [self._seq_len])[0]

    def evaluate_prefixes(
        self, parameters: NDArray[np.float32], data: Data, windows: Windows, lengths: Sequence[int]
    ) -> list[tuple[NDArray[np.float32], NDArray[Any]]]:
        """Evaluate windows by their first steps, one length after another, as a module gives only its last outputs."""
        self._module.eval()
        self._parameters.load(self._to_device(parameters))
        return [self._evaluate(data, windows, length) for length in lengths]

    def outputs(self, parameters: NDArray[np.float32], data: Data, windows: Windows) -> NDArray[np.float32]:
        """Return the probabilities or the numbers of windows; see `lengthwise.engine.protocol.Engine.outputs`."""
        self._module.eval()
        self._parameters.load(self._to_device(parameters))
        parts = []
        with torch.no_grad(), self._precision():
            for batch, are_short in self._parts(data, windows, self._seq_len):
                z = self._outputs(batch, are_short=are_short)
                parts.append((z if self._kind.numbers else z.softmax(-1)).cpu().numpy())
        outputs: NDArray[np.float32] = np.concatenate(parts).reshape(*windows.sequences.shape, -1)
        return outputs

    def _evaluate(self, data: Data, windows: Windows, seq_len: int) -> tuple[NDArray[np.float32], NDArray[Any]]:
        """Evaluate windows by their first `seq_len` steps."""
        shape = windows.sequences.shape
        losses, predicted = [], []
        with torch.no_grad(), self._precision():
            for batch, are_short in self._parts(data, windows, seq_len):
                results = self._evaluate_batch(batch, are_short=are_short)
                losses.append(results.losses.cpu().numpy())
                predicted.append(results.predicted.cpu().numpy())
        predictions = np.concatenate(predicted)
        return np.concatenate(losses).reshape(shape), predictions.reshape(*shape, *predictions.shape[1:])

    def _parts(self, data: Data, windows: Windows, seq_len: int) -> Iterator[tuple[Batch, bool]]:
        """Yield the first `seq_len` steps of windows, some at a time, and whether some of them are short."""
        at_once = max(1, VALUES_AT_ONCE // (seq_len * data.values.shape[2]))
        for first in range(0, windows.sequences.size, at_once):
            part = Windows(*(array.reshape(1, -1)[:, first : first + at_once] for array in windows))
            are_short = self._are_short(data, part, seq_len)
            yield self._cut(data, *self._on_device(part)[0], are_short=are_short, steps=seq_len), are_short

    def _to_device(self, array: NDArray[Any]) -> Tensor:
        return torch.tensor(array, device=self._device)

    # --- a step -------------------------------------------------------------------------------------------------

    def _make_update(
        self,
        tensors: DeviceState,
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
        apply_update(optimizer, scale, tensors.p, tensors.m, tensors.v, gradient)
        if optimizer.ema_decay > 0:
            move_average(scale, tensors.p, tensors.average)
        self._parameters.load(tensors.p)
        return torch.stack([loss, score])

    def _recording(
        self, tensors: DeviceState, data: Data, positions: Tensor, scales: Tensor, optimizer: Optimizer, *,
        are_short: bool,
    ) -> Recording | None:  # fmt: skip
        """Return an update recorded as a graph, or None if it cannot be one."""
        packs = isinstance(self._module, TorchNetwork) and self._module.packs and are_short
        if self._device.type != "cuda" or not self._built_in or packs:
            return None
        key = (id(data), optimizer, are_short)
        if key not in self._recordings:
            before = [tensor.clone() for tensor in tensors]
            self._parameters.load(tensors.p)
            try:
                with GENERATORS, self._precision():
                    self._recordings[key] = Recording(
                        lambda sequences, starts, scale: self._make_update(
                            tensors, data, sequences, starts, scale, optimizer, are_short=are_short
                        ),
                        positions,
                        scales,
                    )
            except NotRecordedError as reason:
                warnings.warn(f"CUDA records no graph of a training step, which will be slower: {reason}", stacklevel=2)
                self._recordings[key] = None
            finally:
                for tensor, copy in zip(tensors, before, strict=True):
                    tensor.copy_(copy)
        return self._recordings[key]

    def _loss_and_gradient(self, batch: Batch, *, are_short: bool) -> tuple[Tensor, Tensor, Tensor]:
        results = self._evaluate_batch(batch, are_short=are_short)
        loss = (results.losses * batch.weights).mean()
        return loss.detach(), results.scores.detach().mean(), self._parameters.gradient(loss)

    def _evaluate_batch(self, batch: Batch, *, are_short: bool) -> LossOutputs:
        return self._loss(self._outputs(batch, are_short=are_short), batch.targets, batch.lengths)

    def _outputs_of_zeros(self) -> Tensor:
        """Return the module's outputs for a training step's windows of zeros."""
        batch, s, _ = self._shape
        x = torch.zeros(self._shape, device=self._device)
        lengths = torch.full((batch,), s, device=self._device)
        self._module.train()
        return self._outputs(Batch(x, lengths, lengths, lengths), are_short=False)

    def _outputs(self, batch: Batch, *, are_short: bool) -> Tensor:
        """Return the module's outputs for the windows: (B, O), or (B, s, O) for a loss of every step."""
        asks = self._takes_lengths and (are_short or not self._built_in)
        outputs = self._module(batch.x, lengths=batch.lengths) if asks else self._module(batch.x)
        wanted = batch.x.shape[:2] if self._kind.every_step else batch.x.shape[:1]
        if not isinstance(outputs, Tensor) or outputs.shape[:-1] != wanted:
            got = f"shape {tuple(outputs.shape)}" if isinstance(outputs, Tensor) else f"a {type(outputs).__name__}"
            raise UsageError(
                f"the module gave {got} for windows of shape {tuple(batch.x.shape)}, but must give a tensor of shape "
                f"({', '.join(map(str, wanted))}, outputs)."
            )
        return outputs

    # --- windows ------------------------------------------------------------------------------------------------

    def _are_short(self, data: Data, windows: Windows, seq_len: int) -> bool:
        """Return whether some windows have fewer steps than `seq_len`, so that the module needs their lengths.

        Raises
        ------
        UsageError
            If its ``forward`` does not take them.
        """
        are_short = bool((data.lengths[windows.sequences] - windows.starts < seq_len).any())
        if are_short and not self._takes_lengths:
            raise UsageError(
                "some windows are shorter than seq_len, but the module's forward has no parameter named lengths: add "
                "one, which takes the valid steps of each window."
            )
        return are_short

    def _sequences_of(self, data: Data) -> Sequences:
        """Return the sequences on the device, always the same tensors, because a graph refers to their addresses."""
        if id(data) not in self._sequences:
            self._sequences[id(data)] = (data, sequences_on(self._device, data, self._seq_len))
        return self._sequences[id(data)][1]

    def _cut(self, data: Data, sequences: Any, starts: Any, *, are_short: bool, steps: int | None = None) -> Batch:
        """Cut out the windows of one step, or their first `steps` steps."""
        whole = self._sequences_of(data)
        whole = whole._replace(offsets=whole.offsets[:steps])
        return cut(whole, sequences, starts, every_step=self._kind.every_step, are_short=are_short)

    def _on_device(self, windows: Windows) -> Any:
        """Return windows (n, B) as indices on the device, sequences and starts together: (n, 2, B)."""
        both = np.stack([windows.sequences, windows.starts], axis=-2)
        return both if self._device.type == "cpu" else self._to_device(both)

    # --- settings that all of a process shares ------------------------------------------------------------------

    def _precision(self) -> AbstractContextManager[None]:
        """Set the precision of the products in the layers of a built-in network."""
        on_cuda = self._device.type == "cuda"
        return recurrent_products(tf32=self._tf32) if self._built_in and on_cuda else nullcontext()

    @contextmanager
    def _seeded(self, update: int) -> Iterator[None]:
        """Seed PyTorch's generators for an update of a module of the user's, and restore them afterwards.

        No other engine draws from them meanwhile. A module that draws nothing in its first step is expected to draw
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
