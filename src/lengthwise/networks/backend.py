"""Which engine computes, and on which device: the one place where that is chosen."""

from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from lengthwise._internal.extras import required
from lengthwise.engine.protocol import Engine
from lengthwise.errors import UsageError
from lengthwise.networks.module_network import AnyNetwork, ModuleNetwork

EngineName = Literal["simd", "torch"]
"""The engine of a training step: lengthwise's own on the CPU, or PyTorch."""

Device = Literal["cpu", "cuda", "mps"]
"""The device that computes."""


class Backend(NamedTuple):
    """The engine and the device that compute.

    Attributes
    ----------
    engine : {"simd", "torch"}
    device : {"cpu", "cuda", "mps"}
        Only the engine torch has a choice.
    tf32 : bool
        Whether the layers of a built-in network multiply in TF32; only on CUDA.
    """

    engine: EngineName = "simd"
    device: Device = "cpu"
    tf32: bool = False

    @property
    def packages(self) -> tuple[str, ...]:
        """The optional packages whose versions matter to a result."""
        return ("torch",) if self.engine == "torch" else ()


SIMD = Backend()


def check_backend(backend: Backend, *, cell: str, gru_variant: str, dropout: float, carry_state: bool = False) -> None:
    """Raise `UsageError` unless the backend can train such a network with the SIMD engine's results.

    >>> check_backend(Backend(device="cuda"), cell="rnn", gru_variant="reset_after", dropout=0)
    Traceback (most recent call last):
    lengthwise.errors.UsageError: device is 'cuda', but the engine simd computes on the CPU only: choose engine torch.
    """
    if backend.tf32 and backend.device != "cuda":
        raise UsageError(
            f"tf32 is True, but device is {backend.device!r}, which has no TF32: leave it out or choose device cuda."
        )
    if backend.engine == "simd":
        if backend.device != "cpu":
            raise UsageError(
                f"device is {backend.device!r}, but the engine simd computes on the CPU only: choose engine torch."
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


def one_pass_for_all_lengths(network: AnyNetwork, backend: Backend) -> bool:
    """Return whether one pass over a window evaluates all its prefixes; see `Engine.evaluate_prefixes`.

    This holds for the SIMD engine and networks that read in one direction and predict once for a window.
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
) -> Engine:
    """Return the engine for a network and windows of `seq_len` steps; use it in a ``with`` statement.

    Parameters
    ----------
    network : Network or ModuleNetwork
    seq_len, batch_size : int
    threads : int
        Threads to use.
    seed : int
        Of the random numbers of dropout.
    backend : Backend
    states : ndarray of float32, optional
        The states that a network carries from one training step to the next, changed in place; without, none are
        carried.

    Raises
    ------
    UsageError
        If the engine is torch, and PyTorch is not installed or lacks the device.
    """
    if isinstance(network, ModuleNetwork):
        from lengthwise.engine.torch.engine import TorchEngine  # noqa: PLC0415 - an extra

        shape = (batch_size, seq_len, network.input_size)
        return TorchEngine(network.module, shape, device=backend.device, threads=threads, seed=seed, loss=network.loss)
    sizes = network.sizes(seq_len)._replace(carry=network.carry_state and states is not None)
    if backend.engine == "simd":
        from lengthwise.engine.simd.engine import SimdEngine  # noqa: PLC0415 - loads LLVM

        return SimdEngine(network.engine_cell, sizes, batch_size, threads, seed=seed, loss=network.loss, states=states)
    required("torch", "engine torch", "torch")
    from lengthwise.engine.torch.engine import TorchEngine  # noqa: PLC0415 - an extra
    from lengthwise.engine.torch.network import TorchNetwork  # noqa: PLC0415

    module = TorchNetwork(network.engine_cell, sizes, every_step=network.every_step)
    return TorchEngine(
        module, (batch_size, seq_len, sizes.F), device=backend.device, threads=threads, seed=seed,
        loss=network.loss, parameter_indices=module.parameter_indices(), tf32=backend.tf32,
    )  # fmt: skip


def initial_states(network: AnyNetwork, seq_len: int, batch_size: int) -> NDArray[np.float32]:
    """Return the initial states of a training that carries them from window to window; else an empty array.

    Parameters
    ----------
    network : Network or ModuleNetwork
    seq_len, batch_size : int
    """
    if isinstance(network, ModuleNetwork) or not network.carry_state:
        return np.zeros((0, 0), np.float32)
    from lengthwise.engine.simd.engine import states_shape  # noqa: PLC0415 - loads LLVM

    return np.zeros(states_shape(network.engine_cell, network.sizes(seq_len), batch_size), np.float32)
