"""A module's trained parameters as one flat vector, and the state of a training on a device.

The vector's order is that of ``module.parameters()``. The module itself has copies of its parts.
"""

from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from lengthwise.engine.protocol import State


class Parameters:
    """The trained parameters of a module, or some of them, as a flat vector.

    Parameters
    ----------
    module : nn.Module
        On its device.
    indices : ndarray of shape (P,), int64, optional
        Which elements of all trained parameters the vector has, in its order; the others keep their values. All of them
        by default.

    Attributes
    ----------
    tensors : list of Tensor
        All trained parameters, as the module has them.
    """

    def __init__(self, module: nn.Module, indices: NDArray[np.int64] | None = None) -> None:
        self.tensors: list[Tensor] = [parameter for parameter in module.parameters() if parameter.requires_grad]
        self._all = nn.utils.parameters_to_vector(self.tensors).detach().clone()
        is_all = indices is None or len(indices) == len(self._all)
        self._indices = None if is_all else torch.tensor(indices, device=self._all.device)

    def load(self, vector: Tensor) -> None:
        """Copy a vector (P,) into the module."""
        values = vector
        if self._indices is not None:
            self._all[self._indices] = vector
            values = self._all
        parts = values.split([tensor.numel() for tensor in self.tensors])
        with torch.no_grad():
            torch._foreach_copy_(
                self.tensors, [part.view_as(tensor) for part, tensor in zip(parts, self.tensors, strict=True)]
            )

    def gradient(self, loss: Tensor) -> Tensor:
        """Return the gradient of a loss as a vector (P,)."""
        gradients = torch.autograd.grad(loss, self.tensors, allow_unused=True, materialize_grads=True)
        gradient = torch.cat([part.reshape(-1) for part in gradients])
        return gradient if self._indices is None else gradient[self._indices]


class DeviceState(NamedTuple):
    """A `State` on a device.

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


class DeviceCopy:
    """A copy of the state that is being trained, which stays on the device from call to call.

    Copying the state of a wide network takes longer than a call trains it, a tenth of a second.

    Parameters
    ----------
    device : torch.device
    """

    def __init__(self, device: torch.device) -> None:
        self._device = device
        self._tensors: DeviceState | None = None
        self._state: State | None = None

    def of(self, state: State) -> DeviceState:
        """Return the copy of a state, always in the same tensors, because a graph refers to their addresses.

        Another state that was there before is brought up to date first.
        """
        if self._tensors is None:
            self._tensors = DeviceState(*(torch.tensor(array, device=self._device) for array in state))
        elif self._state is None or any(one is not other for one, other in zip(self._state, state, strict=True)):
            self.synchronize()
            for tensor, array in zip(self._tensors, state, strict=True):
                tensor.copy_(torch.tensor(array, device=self._device))
        self._state = state
        return self._tensors

    def synchronize(self) -> None:
        """Copy what was trained back into the state that it is a copy of, after which that may be changed."""
        if self._state is not None and self._tensors is not None:
            for array, tensor in zip(self._state, self._tensors, strict=True):
                array[:] = tensor.cpu().numpy()
        self._state = None
