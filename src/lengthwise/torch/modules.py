"""PyTorch's recurrent modules, with a ``forward`` that the kernels compute."""

from typing import Any, ClassVar

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.fx import Proxy
from torch.nn.utils.rnn import PackedSequence, pack_padded_sequence, pad_packed_sequence

from lengthwise.engine.protocol import Sizes
from lengthwise.errors import UsageError
from lengthwise.torch.call import Call
from lengthwise.torch.function import Stack
from lengthwise.torch.modes import transformable, watches_operations

States = tuple[Tensor, ...]
"""h, or h and c, each of shape (layers * directions, batch, units)."""


def runs_on_kernels(module: nn.RNNBase, inputs: Tensor | PackedSequence, hx: Tensor | States | None = None) -> bool:
    """Return whether a call of a module is computed by lengthwise's kernels, and not by PyTorch's.

    Parameters
    ----------
    module : RNN, GRU or LSTM
    inputs, hx
        The arguments of the call.
    """
    module._update_flat_weights()  # noqa: SLF001 - as PyTorch's forward does: a parametrisation may compute them
    states = () if hx is None else (hx,) if isinstance(hx, Tensor) else tuple(hx)
    data = inputs.data if isinstance(inputs, PackedSequence) else inputs
    return (
        not watches_operations()
        and module.proj_size == 0
        and all(_is_plain(tensor) for tensor in (data, *states, *module._flat_weights))  # noqa: SLF001
        and _fits(module, inputs, states)
    )


def _is_plain(tensor: Any) -> bool:
    """Return whether an array of NumPy can share a tensor's memory and its type is that of the kernels."""
    return (
        type(tensor) in (Tensor, nn.Parameter)
        and tensor.dtype == torch.float32
        and tensor.device.type == "cpu"
        and tensor.layout == torch.strided
    )


def _fits(module: nn.RNNBase, inputs: Tensor | PackedSequence, states: States) -> bool:
    """Return whether the shapes are right; where they are not, PyTorch's module raises its errors."""
    if len(states) not in (0, 2 if module.mode == "LSTM" else 1):
        return False
    if isinstance(inputs, PackedSequence):
        data, dimensions, batch = inputs.data, 2, [int(inputs.batch_sizes[0])]
    else:
        data, dimensions = inputs, inputs.dim()
        batch = [] if dimensions == 2 else [inputs.shape[0 if module.batch_first else 1]]
    places = module.num_layers * (2 if module.bidirectional else 1)
    return (
        data.numel() > 0
        and data.dim() == dimensions in (2, 3)
        and data.shape[-1] == module.input_size
        and all(list(state.shape) == [places, *batch, module.hidden_size] for state in states)
    )


def _cell(module: nn.RNNBase) -> str:
    names = {"RNN_TANH": "rnn", "RNN_RELU": "rnn_relu", "GRU": "gru", "LSTM": "lstm"}
    return names[module.mode]


def _leaf(module: nn.RNNBase, inputs: Any, hx: Any) -> Any:
    """Return the call of a module as a node of the graph that `torch.fx` records, or None if it does not."""
    states = hx if isinstance(hx, (tuple, list)) else (hx,)
    for argument in (inputs, *states):
        if isinstance(argument, Proxy):
            tracer: Any = argument.tracer
            arguments = (inputs,) if hx is None else (inputs, hx)
            return tracer.create_proxy("call_module", tracer.path_of_module(module), arguments, {})
    return None


class _EqualToPyTorchs(type):
    """Classes that are equal to PyTorch's class that they replace.

    Code that looks a module's class up, ``type(module) == nn.LSTM`` or in a dict, as quantisation does, finds what it
    has for PyTorch's. The names are the same, and what is done for the one is right for the other. Classes derived
    from these are equal to themselves alone.
    """

    def _identity(cls) -> Any:
        return cls.__dict__.get("replaces", cls)

    def __eq__(cls, other: object) -> bool:
        return cls._identity() is (other._identity() if isinstance(other, _EqualToPyTorchs) else other)

    def __hash__(cls) -> int:
        return type.__hash__(cls._identity())


class _Overloads:
    """What TorchScript keeps as ``__overloads__`` of a module, set before it reads the ``forward`` that it compiles.

    It cannot compile ours, and would complain of whichever statement it comes to first. `torch.jit.script` asks for
    PyTorch's module before and does not come here, nor does `torch.jit.trace`, which compiles nothing.
    """

    def __get__(self, module: nn.RNNBase | None, kind: type[nn.RNNBase]) -> dict[str, Any]:
        return {} if module is None else module.__dict__.get("__overloads__", {})

    def __set__(self, module: "_Kernels", overloads: dict[str, Any]) -> None:
        if type(module).forward is _Kernels.forward:
            name, own = module.replaces.__name__, type(module).__name__
            what = name if own == name else f"{own}, which is derived from {name}"
            raise UsageError(
                f"TorchScript cannot compile {what} of lengthwise.torch inside a torch.jit.ScriptModule: use "
                f"torch.nn.{name} there, which has the same state_dict, or torch.jit.script with a torch.nn.Module"
            )
        module.__dict__["__overloads__"] = overloads


class _Kernels(nn.RNNBase, metaclass=_EqualToPyTorchs):
    """The part that `RNN`, `GRU` and `LSTM` share: PyTorch's arguments are passed to the kernels, and results back."""

    replaces: ClassVar[type[nn.RNNBase]]
    __overloads__ = _Overloads()

    def forward(self, input: Any, hx: Any = None) -> tuple[Any, Any]:  # noqa: A002
        """Return the outputs and the final states, as PyTorch's module does."""
        if torch.compiler.is_compiling():
            return super().forward(input, hx)  # type: ignore[no-any-return]
        if (leaf := _leaf(self, input, hx)) is not None:
            return leaf  # type: ignore[no-any-return]
        if not runs_on_kernels(self, input, hx):
            with transformable():
                return super().forward(input, hx)  # type: ignore[no-any-return]
        outputs, states = self._run(input, (hx,) if isinstance(hx, Tensor) else hx)
        return outputs, states if self.mode == "LSTM" else states[0]

    def __prepare_scriptable__(self) -> nn.RNNBase:
        """Return PyTorch's module with the same parameters, which `torch.jit.script` compiles: it knows its class."""
        if "replaces" not in type(self).__dict__:
            if type(self).forward is not _Kernels.forward:
                return self  # a forward of its own, which PyTorch may be able to compile
            name, own = self.replaces.__name__, type(self).__name__
            raise UsageError(
                f"torch.jit.script can compile {name} itself, of lengthwise.torch or torch.nn, but no class derived "
                f"from it, as {own} is: use torch.jit.trace"
            )
        module = self.replaces.__new__(self.replaces)
        module.__dict__ = self.__dict__
        return module

    def _run(self, inputs: Tensor | PackedSequence, states: States | None) -> tuple[Any, States]:
        """Return the outputs in the form of the inputs, and the final states."""
        if isinstance(inputs, PackedSequence):
            return self._run_packed(inputs, states)
        is_batched = inputs.dim() == 3
        if not is_batched:
            inputs = inputs.unsqueeze(0 if self.batch_first else 1)
            states = None if states is None else tuple(state.unsqueeze(1) for state in states)
        x = inputs if self.batch_first else inputs.transpose(0, 1)
        lengths = np.full(len(x), x.shape[1], np.int64)
        y, final = self._run_layers(x, lengths, states, is_packed=False)
        y = y if self.batch_first else y.transpose(0, 1).contiguous()
        if not is_batched:
            return y.squeeze(0 if self.batch_first else 1), tuple(state.squeeze(1) for state in final)
        return y, final

    def _run_packed(self, inputs: PackedSequence, states: States | None) -> tuple[PackedSequence, States]:
        data, batch_sizes, to_sorted, from_sorted = inputs
        x, lengths = pad_packed_sequence(PackedSequence(data, batch_sizes), batch_first=True)
        if states is not None and to_sorted is not None:
            states = tuple(state.index_select(1, to_sorted) for state in states)
        y, final = self._run_layers(x, lengths.numpy(), states, is_packed=True)
        packed = pack_padded_sequence(y, lengths, batch_first=True)
        if from_sorted is not None:
            final = tuple(state.index_select(1, from_sorted) for state in final)
        return PackedSequence(packed.data, batch_sizes, to_sorted, from_sorted), final

    def _run_layers(
        self, x: Tensor, lengths: NDArray[np.int64], states: States | None, *, is_packed: bool
    ) -> tuple[Tensor, States]:
        """Return the outputs (batch, time, directions * units) and the final states: all layers at once, or one by one.

        With dropout, PyTorch's own function is applied between the layers, to outputs of the same layout as PyTorch's,
        so that the same generator gives the same random numbers.
        """
        weights: tuple[Any, ...] = tuple(self._flat_weights)
        if not (self.dropout > 0 and self.training and self.num_layers > 1):
            return self._run_stack(x, lengths, states, weights, self.num_layers)
        D = 2 if self.bidirectional else 1
        size = len(weights) // self.num_layers
        finals = []
        for layer in range(self.num_layers):
            if layer > 0:
                x = self._dropped(x, lengths, is_packed=is_packed)
            own = None if states is None else tuple(state[layer * D : (layer + 1) * D] for state in states)
            x, final = self._run_stack(x, lengths, own, weights[layer * size : (layer + 1) * size], 1)
            finals.append(final)
        return x, tuple(torch.cat(parts) for parts in zip(*finals, strict=True))

    def _dropped(self, y: Tensor, lengths: NDArray[np.int64], *, is_packed: bool) -> Tensor:
        if is_packed:
            packed = pack_padded_sequence(y, torch.from_numpy(lengths), batch_first=True)
            dropped = nn.functional.dropout(packed.data, self.dropout)
            return pad_packed_sequence(PackedSequence(dropped, packed.batch_sizes), batch_first=True)[0]
        return nn.functional.dropout(y.transpose(0, 1).contiguous(), self.dropout).transpose(0, 1)

    def _run_stack(
        self, x: Tensor, lengths: NDArray[np.int64], states: States | None, weights: States, layers: int
    ) -> tuple[Tensor, States]:
        D = 2 if self.bidirectional else 1
        sizes = Sizes(F=x.shape[2], H=self.hidden_size, L=layers, O=1, s=x.shape[1], D=D)
        h, c = (*(states or ()), None, None)[:2]
        given = [tensor for tensor in (x, h, c, *weights) if tensor is not None]
        keep = torch.is_grad_enabled() and any(tensor.requires_grad for tensor in given)
        shapes = tuple(tuple(weight.shape) for weight in weights)
        call = Call(_cell(self), sizes, lengths, torch.get_num_threads(), keep, shapes)
        y, *final = Stack.apply(call, x, h, c, *weights)  # type: ignore[no-untyped-call]
        return y, tuple(final)


class RNN(_Kernels, nn.RNN):
    """`torch.nn.RNN`, tanh or relu, on lengthwise's kernels; see `lengthwise.torch`.

    Examples
    --------
    >>> import torch
    >>> rnn = RNN(28, 31, num_layers=3, batch_first=True)
    >>> outputs, h = rnn(torch.zeros(5, 19, 28))
    >>> outputs.shape, h.shape
    (torch.Size([5, 19, 31]), torch.Size([3, 5, 31]))
    """

    replaces = nn.RNN


class GRU(_Kernels, nn.GRU):
    """`torch.nn.GRU` on lengthwise's kernels; see `lengthwise.torch`."""

    replaces = nn.GRU


class LSTM(_Kernels, nn.LSTM):
    """`torch.nn.LSTM` on lengthwise's kernels; see `lengthwise.torch`."""

    replaces = nn.LSTM
