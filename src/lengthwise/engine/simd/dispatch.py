"""Arguments that choose functions when a program is compiled: what a cell and a loss have in common.

To Numba such an argument is a type without data. So a program is compiled once for each choice, with the functions that
were chosen in it, and nothing is decided while it runs.
"""

from collections.abc import Callable
from typing import Any

from numba.core import types
from numba.extending import NativeValue, models, overload, register_model, typeof_impl, unbox

from lengthwise.engine.simd.arguments import Chosen
from lengthwise.engine.simd.kernel import KERNEL_OPTIONS


class Choice(Chosen):
    """One of several sets of kernels; a subclass says which kernels there are.

    Parameters
    ----------
    name : str
        Different from the others of the subclass.
    **functions : kernel
        What `chosen` functions of these names call.
    """

    def __init__(self, name: str, **functions: Callable[..., None]) -> None:
        super().__init__(type(self).__name__.lower(), name)
        self.name = name
        self.functions = functions
        _CHOICES[self.type_name] = self


class ChoiceType(types.Type):
    """The Numba type of one `Choice`."""


_CHOICES: dict[str, Choice] = {}
"""The choices by their types' names."""

register_model(ChoiceType)(models.OpaqueModel)


@typeof_impl.register(Choice)
def _typeof_choice(choice: Choice, _context: Any) -> ChoiceType:
    return ChoiceType(choice.type_name)


@unbox(ChoiceType)
def _unbox_choice(_kind: Any, _choice: Any, context: Any) -> Any:
    return NativeValue(context.context.get_dummy_value())


def choice_of(kind: ChoiceType) -> Any:
    """Return the choice that a type stands for."""
    return _CHOICES[kind.name]


def chosen(function: Callable[..., None]) -> Callable[..., None]:
    """Have kernels that call ``function(choice, *arguments)`` call the choice's kernel of that name; a decorator.

    The kernel takes the other arguments. The function itself is only a name for it.
    """

    @overload(function, jit_options=KERNEL_OPTIONS)
    def call(choice, *arguments):  # without annotations, as the signatures of both functions must be the same
        kernel = choice_of(choice).functions[function.__name__]
        return lambda choice, *arguments: kernel(*arguments)

    return function
