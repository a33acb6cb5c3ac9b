"""A PyTorch module of the user's in place of a built-in network.

A `ModuleNetwork` has the interface of a `lengthwise.networks.network.Network`: its task, its named parameters, their
initial values. PyTorch is imported only where there is a module, so that nobody else needs it.
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
from lengthwise.data.dataset import Dataset
from lengthwise.data.targets import TaskName
from lengthwise.engine.protocol import LOSS_KINDS
from lengthwise.errors import UsageError
from lengthwise.networks.network import Initializer, Network, flat_of, views_of
from lengthwise.tasks.tasks import TASKS, placement_of
from lengthwise.windows import Placement

if TYPE_CHECKING:
    from collections.abc import Callable

    from torch import Tensor, nn

    Factory = Callable[[int], nn.Module]
    """Takes a seed, and returns a module whose initial values depend on it."""

ADDRESS = re.compile(r" at 0x[0-9a-f]+")


def describe(module: nn.Module) -> str:
    """Return a short name of a module's architecture: its class, and a hash of its parts and its parameters' shapes.

    Two modules with the same name have the same parts, and parameters of the same shapes. The parameters' values are
    not part of it, and neither is the code of ``forward``, which cannot be compared.
    """
    shapes = [f"{name} {tuple(parameter.shape)}" for name, parameter in module.named_parameters()]
    text = "\n".join([ADDRESS.sub("", repr(module)), *shapes])
    return f"{type(module).__name__}-{hashlib.sha256(text.encode()).hexdigest()[:8]}"


def check_module(module: Any) -> nn.Module:
    """Return a module that can be trained.

    Raises
    ------
    UsageError
        If it is not a module, or cannot be trained.
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
                f"{key!r} of {name} is {type(part).__name__}, whose running statistics are not parameters and would "
                f"not be kept: use LayerNorm, or track_running_stats=False."
            )
    return module


@dataclass(frozen=True, eq=False)
class ModuleNetwork:
    """A module and what it predicts.

    Parameters
    ----------
    module : nn.Module
        ``module(x)``, or ``module(x, lengths)`` if its ``forward`` has a parameter of that name, maps windows x
        (batch, time, features), of which `lengths` (batch,) steps are valid, to outputs (batch, outputs), or
        (batch, time, outputs) where every step has a target.
    input_size : int
        Features of a time step.
    num_outputs : int
        Logits or numbers.
    task : str
        A key of `lengthwise.tasks.tasks.TASKS`.
    placement : {"any", "end", "start"}, optional
        Which windows of a sequence it is trained on, as for `lengthwise.networks.network.Network`.
    """

    module: nn.Module
    input_size: int
    num_outputs: int
    task: TaskName = "classification"
    placement: Placement | None = None

    @classmethod
    def of(cls, module: nn.Module, dataset: Dataset, seq_len: int, placement: Placement | None = None) -> ModuleNetwork:
        """Return a module as the network for a data set, after it has predicted for one window of zeros.

        Raises
        ------
        UsageError
            If its outputs do not have the shape that the task needs.
        """
        network = cls(check_module(module), dataset.input_size, dataset.num_outputs, dataset.task, placement)
        predicted = tuple(network.predict_once(seq_len).shape)
        outputs = predicted[-1] if predicted else 0
        wanted = (1, seq_len) if network.every_step else (1,)
        enough = outputs == network.num_outputs if network.numeric else outputs >= network.num_outputs
        if predicted[:-1] != wanted or not enough:
            shape = ", ".join(map(str, (*wanted, network.num_outputs)))
            raise UsageError(
                f"{type(module).__name__} gives shape {predicted} for one window of shape "
                f"{(1, seq_len, network.input_size)}, but {dataset.task} with {network.num_outputs} "
                f"{TASKS[dataset.task].outputs} needs ({shape})."
            )
        return network

    @property
    def windows(self) -> Placement:
        """Which windows of a sequence it is trained on."""
        return placement_of(self.task, self.placement)

    @property
    def name(self) -> str:
        """Its name in settings and keys; see `describe`."""
        return describe(self.module)

    @property
    def carry_state(self) -> bool:
        """Whether states are carried from window to window: never, for a module."""
        return False

    @property
    def loss(self) -> str:
        """The loss that the engine minimises: a name of `lengthwise.engine.protocol.LOSS_KINDS`."""
        return TASKS[self.task].loss_for(self.windows)

    @property
    def numeric(self) -> bool:
        """Whether the module predicts numbers; if not, it predicts classes."""
        return LOSS_KINDS[self.loss].numbers

    @property
    def every_step(self) -> bool:
        """Whether the module predicts at every step; if not, once for the window."""
        return LOSS_KINDS[self.loss].every_step

    @property
    def parameter_shapes(self) -> dict[str, tuple[int, ...]]:
        """Names and shapes of the parameters that are trained, in the module's order."""
        named = self.module.named_parameters()
        return {name: tuple(parameter.shape) for name, parameter in named if parameter.requires_grad}

    @property
    def num_parameters(self) -> int:
        """Number of parameters that are trained."""
        return sum(math.prod(shape) for shape in self.parameter_shapes.values())

    def named(self, flat: NDArray[np.float32]) -> dict[str, NDArray[np.float32]]:
        """Return the trained parameters by name, as views of the flat vector (num_parameters,)."""
        return views_of(self.parameter_shapes, flat)

    def flat(self, named: dict[str, NDArray[np.float32]]) -> NDArray[np.float32]:
        """Return named parameters as one vector, the inverse of `named`."""
        return flat_of(self.parameter_shapes, named)

    def initial(self, seed: int, initializer: Initializer = "glorot") -> NDArray[np.float32]:  # noqa: ARG002
        """Return the parameters that the module has now, of shape (num_parameters,)."""
        trained = [parameter for parameter in self.module.parameters() if parameter.requires_grad]
        return np.concatenate([parameter.detach().cpu().numpy().ravel() for parameter in trained])

    def record(self) -> dict[str, Any]:
        """Return the module as run.json describes it."""
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

    def predict_once(self, seq_len: int) -> Tensor:
        """Return the module's outputs for one window of zeros; its mode and PyTorch's generators stay as they are."""
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
                outputs = self.module(x, **more)
        except (RuntimeError, TypeError, ValueError) as error:
            raise UsageError(
                f"{type(self.module).__name__} cannot take a window of shape {tuple(x.shape)}: {error}"
            ) from error
        finally:
            self.module.train(was_training)
        if not isinstance(outputs, torch.Tensor):
            raise UsageError(
                f"{type(self.module).__name__} gives a {type(outputs).__name__}, but must give a tensor of outputs."
            )
        return outputs

    def forward_flops(self, seq_len: int) -> int:
        """Return the operations of a prediction for one window, as PyTorch counts products and convolutions."""
        from lengthwise.engine.torch.flops import counted_flops  # noqa: PLC0415 - an extra

        return counted_flops(lambda: self.predict_once(seq_len))


AnyNetwork = Network | ModuleNetwork
"""A network that can be trained."""


def module_from(factory: Factory, seed: int) -> nn.Module:
    """Return the module that a factory makes after PyTorch's generators are seeded."""
    required("torch", "make_module", "torch")
    from lengthwise.engine.torch.process import own_generators  # noqa: PLC0415 - an extra

    with own_generators(seed):
        return factory(seed)
