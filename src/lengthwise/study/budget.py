"""What a study holds equal between lengths."""

import math
from dataclasses import dataclass
from typing import Literal, Self, cast, get_args

from lengthwise.errors import UsageError
from lengthwise.networks.costs import training_flops, training_timesteps
from lengthwise.networks.module_network import AnyNetwork

BudgetKind = Literal["epochs", "steps", "timesteps", "flops"]
"""Epochs; training steps (updates); time steps seen; floating-point operations."""


@dataclass(frozen=True)
class Budget:
    """How long each network of a study is trained.

    Parameters
    ----------
    kind : {"epochs", "steps", "timesteps", "flops"}
        What is equal between lengths. ``"epochs"`` is the notebook's protocol, by which a shorter window gets more
        updates; see `lengthwise.windows`.
    amount : int
        How much of it, 1 or more.

    Examples
    --------
    >>> Budget.parse("steps=8592")
    Budget(kind='steps', amount=8592)
    """

    kind: BudgetKind
    amount: int

    def __post_init__(self) -> None:
        if self.kind not in get_args(BudgetKind):
            raise UsageError(f"budget is of kind {self.kind!r}, but must be one of {', '.join(get_args(BudgetKind))}.")
        if self.amount < 1:
            raise UsageError(f"budget is {self.kind}={self.amount}, but must be 1 or more.")

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read a budget as it is written on the command line, such as ``steps=8592`` or ``flops=1e12``."""
        kind, _, number = text.partition("=")
        try:
            amount = float(number)
        except ValueError:
            amount = math.nan
        if not amount.is_integer():
            raise UsageError(
                f"budget is {text!r}, but must be what is held equal and how much, such as steps=8592 or epochs=2."
            )
        return cls(cast("BudgetKind", kind), int(amount))

    def __str__(self) -> str:
        return f"{self.kind}={self.amount}"

    def updates(self, network: AnyNetwork | None, seq_len: int, batch_size: int, steps_per_epoch: int) -> int:
        """Return the training steps that the budget allows, at least one.

        Parameters
        ----------
        network : Network, ModuleNetwork or None
            None if it is not known, which only operations mind.
        seq_len, batch_size : int
        steps_per_epoch : int
            Training steps of an epoch at this length.
        """
        match self.kind:
            case "epochs":
                return self.amount * steps_per_epoch
            case "steps":
                return self.amount
            case "timesteps":
                return max(1, round(self.amount / training_timesteps(1, seq_len, batch_size)))
            case "flops":
                if network is None:
                    raise UsageError(
                        f"budget is {self}, which depends on the module that is trained: give it in Python, as "
                        f"make_module=…."
                    )
                return max(1, round(self.amount / training_flops(network, seq_len, batch_size)))
