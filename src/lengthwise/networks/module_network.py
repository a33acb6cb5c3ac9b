"""A PyTorch module of the user's in place of a built-in network.

The rest of the package asks a `ModuleNetwork` what it asks a `lengthwise.networks.network.Network`: its task, its named
parameters, its first values. PyTorch is imported only where there is a module, so that nobody else needs it.
"""

from __future__ import annotations

import hashlib
import math
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from lengthwise._internal.extras import required
from lengthwise.data.dataset import Dataset, Task
from lengthwise.engine.protocol import LOSS_KINDS
from lengthwise.errors import UsageError
from lengthwise.networks.network import Initializer, Network, flat_of, views_of
from lengthwise.tasks.tasks import TASKS

if TYPE_CHECKING:
    from collections.abc import Callable

    from torch import Tensor, nn

    Factory = Callable[[int], nn.Module]
    """Takes a seed, and returns a module with first values that depend on it."""

ADDRESS = re.compile(r" at 0x[0-9a-f]+")


def describe(module: nn.Module) -> str:
    """Return a short name of a module's architecture: its class, and a mark of its parts and its parameters' shapes.

    Two modules with the same name have the same parts and parameters of the same shapes; their values do not matter,
    and neither does the code of ``forward``, which nobody can compare.
    """
    shapes = [f"{name} {tuple(parameter.shape)}" for name, parameter in module.named_parameters()]
    text = "\n".join([ADDRESS.sub("", repr(module)), *shapes])
    return f"{type(module).__name__}-{hashlib.sha256(text.encode()).hexdigest()[:8]}"


def check_module(module: Any) -> nn.Module:
    """Return a module that can be trained.

    Raises
    ------
    UsageError
        If it is no module, or one that cannot be trained here.
    """
    import torch  # noqa: PLC0415 - an extra
    from torch.nn.modules.batchnorm import _NormBase  # noqa: PLC0415

    if not isinstance(module, torch.nn.Module):
        raise UsageError(f"module is {type(module).__name__}, but must be a torch.nn.Module.")
    name = type(module).__name__
    trained = {key: parameter for key, parameter in module.named_parameters() if parameter.requires_grad}
    if not trained:
        raise UsageError(f"module is {name}, which has no parameters to train.")
    for key, parameter in trained.items():
        if parameter.dtype != torch.float32:
            raise UsageError(f"parameter {key!r} of {name} is {parameter.dtype}, but must be torch.float32.")
    for key, part in module.named_modules():
        if isinstance(part, _NormBase) and part.track_running_stats:
            raise UsageError(
                f"{key!r} of {name} is {type(part).__name__}, whose running statistics are no parameters and would not "
                f"be kept: use LayerNorm, or track_running_stats=False."
            )
    return module


@dataclass(frozen=True, eq=False)
class ModuleNetwork:
    """A module and what it is to say.

    Parameters
    ----------
    module : nn.Module
        ``module(x)``, or ``module(x, lengths)`` if its ``forward`` has a parameter of that name, maps windows x
        (batch, time, features), of which `lengths` (batch,) steps are valid, to outputs (batch, outputs), or
        (batch, time, outputs) where every step is judged.
    input_size : int
        Features of a time step.
    num_outputs : int
        Logits or numbers.
    task : str
        A key of `lengthwise.tasks.tasks.TASKS`.
    """

    module: nn.Module
    input_size: int
    num_outputs: int
    task: Task = "classification"

    @classmethod
    def of(cls, module: nn.Module, dataset: Dataset, seq_len: int) -> ModuleNetwork:
        """Return a module as the network for some data, after it has been asked about one window of zeros.

        Raises
        ------
        UsageError
            If its outputs are not what the task needs.
        """
        network = cls(check_module(module), dataset.input_size, dataset.num_outputs, dataset.task)
        said = network.say_once(seq_len)
        outputs = said.shape[-1] if said.ndim else 0
        wanted = (1, seq_len) if network.every_step else (1,)
        enough = outputs == network.num_outputs if network.loss == "squared_error" else outputs >= network.num_outputs
        if tuple(said.shape[:-1]) != wanted or not enough:
            shape = ", ".join(map(str, (*wanted, network.num_outputs)))
            raise UsageError(
                f"{type(module).__name__} gives shape {tuple(said.shape)} for one window of shape "
                f"{(1, seq_len, network.input_size)}, but {dataset.task} with {network.num_outputs} "
                f"{TASKS[dataset.task].outputs} needs ({shape})."
            )
        return network

    @property
    def name(self) -> str:
        """What settings and keys call it; see `describe`."""
        return describe(self.module)

    @property
    def carry_state(self) -> bool:
        """Whether states are carried from window to window: never."""
        return False

    @property
    def loss(self) -> str:
        """What it learns by: a name of `lengthwise.engine.protocol.LOSS_KINDS`."""
        return TASKS[self.task].loss

    @property
    def every_step(self) -> bool:
        """Whether it says something of every step, and not of the window."""
        return LOSS_KINDS[self.loss].every_step

    @property
    def parameter_shapes(self) -> dict[str, tuple[int, ...]]:
        """Names and shapes of the parameters that are trained, in the module's order."""
        named = self.module.named_parameters()
        return {name: tuple(parameter.shape) for name, parameter in named if parameter.requires_grad}

    @property
    def num_parameters(self) -> int:
        """How many numbers they are."""
        return sum(math.prod(shape) for shape in self.parameter_shapes.values())

    def named(self, flat: NDArray[np.float32]) -> dict[str, NDArray[np.float32]]:
        """Return the trained parameters by name, as views of the flat vector (num_parameters,)."""
        return views_of(self.parameter_shapes, flat)

    def flat(self, named: dict[str, NDArray[np.float32]]) -> NDArray[np.float32]:
        """Return named parameters as one vector, the inverse of `named`."""
        return flat_of(self.parameter_shapes, named)

    def initial(self, seed: int, initializer: Initializer = "glorot") -> NDArray[np.float32]:  # noqa: ARG002
        """Return the values that the module has now, shape (num_parameters,)."""
        trained = [parameter for parameter in self.module.parameters() if parameter.requires_grad]
        return np.concatenate([parameter.detach().cpu().numpy().ravel() for parameter in trained])

    def record(self) -> dict[str, Any]:
        """Return what run.json says of it."""
        return {
            "module": f"{type(self.module).__module__}.{type(self.module).__qualname__}",
            "name": self.name,
            "parts": ADDRESS.sub("", repr(self.module)).splitlines(),
            "input_size": self.input_size,
            "num_outputs": self.num_outputs,
            "task": self.task,
            "parameters": {name: list(shape) for name, shape in self.parameter_shapes.items()},
            "num_parameters": self.num_parameters,
        }

    def say_once(self, seq_len: int) -> Tensor:
        """Return what the module says of one window of zeros; its generators and its mode stay as they are."""
        import torch  # noqa: PLC0415 - an extra

        from lengthwise.engine.torch.engine import takes_lengths  # noqa: PLC0415
        from lengthwise.engine.torch.process import own_generators  # noqa: PLC0415

        device = next(self.module.parameters()).device
        x = torch.zeros(1, seq_len, self.input_size, device=device)
        more = {"lengths": torch.full((1,), seq_len, device=device)} if takes_lengths(self.module) else {}
        was_training = self.module.training
        self.module.eval()
        try:
            with torch.no_grad(), own_generators(0, device):
                said = self.module(x, **more)
        except (RuntimeError, TypeError, ValueError) as error:
            raise UsageError(
                f"{type(self.module).__name__} cannot take a window of shape {tuple(x.shape)}: {error}"
            ) from error
        finally:
            self.module.train(was_training)
        if not isinstance(said, torch.Tensor):
            raise UsageError(
                f"{type(self.module).__name__} gives a {type(said).__name__}, but must give a tensor of outputs."
            )
        return said

    def forward_flops(self, seq_len: int) -> int:
        """Return the operations to judge one window, as PyTorch counts those of products and convolutions."""
        from lengthwise.engine.torch.flops import counted_flops  # noqa: PLC0415 - an extra

        return counted_flops(lambda: self.say_once(seq_len))


AnyNetwork = Network | ModuleNetwork
"""What is trained."""


def module_from(factory: Factory, seed: int) -> nn.Module:
    """Return the module that a factory makes, with PyTorch's generators seeded for it."""
    required("torch", "make_module", "torch")
    from lengthwise.engine.torch.process import own_generators  # noqa: PLC0415 - an extra

    with own_generators(seed):
        return factory(seed)
