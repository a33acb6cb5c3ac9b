"""Which engine computes, and on what: the one place where that is chosen."""

from collections.abc import Callable, Sequence
from types import TracebackType
from typing import Any, Literal, NamedTuple, Protocol, Self

import numpy as np
from numpy.typing import NDArray

from lengthwise.data.extras import required
from lengthwise.engine.engine import Engine
from lengthwise.engine.optimizers import Optimizer
from lengthwise.engine.step import Data, State
from lengthwise.errors import UsageError
from lengthwise.modules import AnyNetwork, ModuleNetwork
from lengthwise.windows import Windows

EngineName = Literal["simd", "torch"]
"""What computes a training step: our own engine on the CPU, or PyTorch."""

Device = Literal["cpu", "cuda", "mps"]
"""Where it is computed."""


class Backend(NamedTuple):
    """What computes.

    Attributes
    ----------
    engine : {"simd", "torch"}
    device : {"cpu", "cuda", "mps"}
        Where; only PyTorch has a choice.
    tf32 : bool
        Whether the layers of a built-in network multiply in TF32; only CUDA has it.
    """

    engine: EngineName = "simd"
    device: Device = "cpu"
    tf32: bool = False

    @property
    def packages(self) -> tuple[str, ...]:
        """The packages, beside those that are always there, whose versions matter to a result."""
        return ("torch",) if self.engine == "torch" else ()


SIMD = Backend()


class AnyEngine(Protocol):
    """What training and evaluation ask of an engine; `lengthwise.engine.engine.Engine` says what each method does."""

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...

    @property
    def workspace_bytes(self) -> int:
        """Bytes of the activations that are kept between forward and backward."""
        ...

    def prepare(self, data: Data, *, on_compile: Callable[[], None] = ...) -> None:
        """Get ready for data of this type: compile, or move them, so that no step takes the time of it."""

    def train(
        self,
        state: State,
        updates: int,
        data: Data,
        windows: Windows,
        optimizer: Optimizer,
        rates: NDArray[np.float64] | None = None,
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Make one update for every step of the windows; return their losses and scores."""

    def settle(self) -> None:
        """Bring the state that was trained last up to date, as leaving the ``with`` statement does.

        Until then an engine may keep what training has come to where it computes, if it is given the same state again.
        """

    def gradient(
        self, parameters: NDArray[np.float32], data: Data, windows: Windows, updates: int = 0
    ) -> tuple[float, NDArray[np.float32]]:
        """Return the mean loss of one step's batch and its gradient."""

    def evaluate(
        self, parameters: NDArray[np.float32], data: Data, windows: Windows
    ) -> tuple[NDArray[np.float32], NDArray[Any]]:
        """Return each window's loss and what the network says of it."""
        ...

    def evaluate_prefixes(
        self, parameters: NDArray[np.float32], data: Data, windows: Windows, lengths: Sequence[int]
    ) -> list[tuple[NDArray[np.float32], NDArray[Any]]]:
        """Return the same of the windows' first steps, for each of some lengths."""


def check_backend(backend: Backend, *, cell: str, gru_variant: str, dropout: float, carry_state: bool = False) -> None:
    """Raise `UsageError` unless the backend can train such a network as the SIMD engine would.

    >>> check_backend(Backend(device="cuda"), cell="rnn", gru_variant="reset_after", dropout=0)
    Traceback (most recent call last):
    lengthwise.errors.UsageError: device is 'cuda', but the engine simd computes on the CPU alone: choose engine torch.
    """
    if backend.tf32 and backend.device != "cuda":
        raise UsageError(
            f"tf32 is True, but device is {backend.device!r}, which has no TF32: leave it out or choose device cuda."
        )
    if backend.engine == "simd":
        if backend.device != "cpu":
            raise UsageError(
                f"device is {backend.device!r}, but the engine simd computes on the CPU alone: choose engine torch."
            )
        return
    if cell == "gru" and gru_variant == "reset_before":
        raise UsageError(
            "gru_variant is 'reset_before', but PyTorch has no such GRU: choose reset_after or engine simd."
        )
    if carry_state:
        raise UsageError(
            "carry_state is True, but only the engine simd carries states: leave it out or choose engine simd."
        )
    if dropout > 0:
        raise UsageError(
            f"dropout is {dropout:g}, but PyTorch draws other random numbers, so that the engines would train "
            f"different networks: choose 0 or engine simd."
        )


def shows_once(network: AnyNetwork, backend: Backend) -> bool:
    """Return whether a window is shown once for all the lengths that it is judged at, see `Engine.evaluate_prefixes`.

    It is by our own engine, to a network that reads in one direction and says something of a window once.
    """
    if isinstance(network, ModuleNetwork) or backend.engine != "simd":
        return False
    return not (network.bidirectional or network.every_step)


def make_engine(
    network: AnyNetwork,
    seq_len: int,
    batch_size: int,
    threads: int = 1,
    seed: int = 0,
    backend: Backend = SIMD,
    states: NDArray[np.float32] | None = None,
) -> AnyEngine:
    """Return the engine for a network and windows of `seq_len` steps; use it in a ``with`` statement.

    Parameters
    ----------
    network : Network or ModuleNetwork
    seq_len, batch_size : int
    threads : int
        Threads to use.
    seed : int
        What dropout is drawn from.
    backend : Backend
    states : ndarray of float32, optional
        Where a network that carries states keeps them between steps; changed in place. Without, nothing is carried.

    Raises
    ------
    UsageError
        If PyTorch is asked for, and is not installed or has not the device.
    """
    if isinstance(network, ModuleNetwork):
        from lengthwise.engine.pytorch import TorchEngine  # noqa: PLC0415 - an extra

        shape = (batch_size, seq_len, network.input_size)
        return TorchEngine(network.module, shape, device=backend.device, threads=threads, seed=seed, loss=network.loss)
    sizes = network.sizes(seq_len)._replace(carry=network.carry_state and states is not None)
    if backend.engine == "simd":
        return Engine(network.engine_cell, sizes, batch_size, threads, seed=seed, loss=network.loss, states=states)
    required("torch", "engine torch", "torch")
    from lengthwise.engine.pytorch import TorchEngine  # noqa: PLC0415 - an extra
    from lengthwise.engine.pytorch_network import TorchNetwork  # noqa: PLC0415

    module = TorchNetwork(network.engine_cell, sizes, every_step=network.every_step)
    return TorchEngine(
        module, (batch_size, seq_len, sizes.F), device=backend.device, threads=threads, seed=seed,
        loss=network.loss, places=module.places(), tf32=backend.tf32,
    )  # fmt: skip
