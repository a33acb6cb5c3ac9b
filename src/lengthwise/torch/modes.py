"""What PyTorch does with operations beside computing them. Most of it has no public name."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Any

import torch
from torch._C import (
    _are_functorch_transforms_active,
    _get_mkldnn_enabled,
    _len_torch_dispatch_stack,
    _set_mkldnn_enabled,
)
from torch._C._functorch import TransformType, get_interpreter_stack
from torch._decomp import decomposition_table
from torch.autograd import forward_ad
from torch.overrides import TorchFunctionMode

from lengthwise.torch.by_pytorch import FUNCTIONS


def differentiates_forwards() -> bool:
    """Return whether derivatives may be computed forwards, along with the values."""
    return forward_ad._current_level >= 0  # noqa: SLF001


def watches_operations() -> bool:
    """Return whether PyTorch must see the operations one by one: to transform, record, count or cast them."""
    return (
        torch.is_autocast_enabled("cpu")
        or _are_functorch_transforms_active()
        or _len_torch_dispatch_stack() > 0
        or differentiates_forwards()
        or torch.jit.is_tracing()  # type: ignore[attr-defined, no-untyped-call]
    )


@contextmanager
def _without_onednn() -> Iterator[None]:
    before = _get_mkldnn_enabled()
    _set_mkldnn_enabled(False)
    try:
        yield
    finally:
        _set_mkldnn_enabled(before)


class _InOperations(TorchFunctionMode):
    """In this context PyTorch's recurrent functions are made of products, sums and nonlinearities."""

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        """Call the function, or what PyTorch says that it is made of."""
        if func not in FUNCTIONS.values():
            return func(*args, **(kwargs or {}))
        of_function = getattr(torch.ops.aten, func.__name__)
        # The arguments are (x, states, weights, biases or not, …), or (data, batch sizes, states, weights, …).
        operations = decomposition_table[of_function.input if isinstance(args[3], bool) else of_function.data]
        with _without_onednn():  # or an LSTM's operations would be oneDNN's fused one
            return operations(*args)


def transformable() -> AbstractContextManager[Any]:
    """Return a context in which PyTorch's modules can be vectorised and differentiated forwards.

    PyTorch's recurrent functions have no rule for `torch.func.vmap`, and on the CPU that of the LSTM has none for
    forward-mode derivatives; their operations have. Elsewhere the context changes nothing.
    """
    transforms = {level.key() for level in get_interpreter_stack() or ()}
    if differentiates_forwards() or not transforms.isdisjoint((TransformType.Vmap, TransformType.Jvp)):
        return _InOperations()
    return nullcontext()
