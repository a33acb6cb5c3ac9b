"""The losses, one file each; `LOSSES` is the list of them.

A new loss is a file with its functions, and a line here.
"""

from lengthwise.engine.simd.losses.cross_entropy import CROSS_ENTROPY
from lengthwise.engine.simd.losses.loss import Loss
from lengthwise.engine.simd.losses.squared_error import SQUARED_ERROR
from lengthwise.engine.simd.losses.step_cross_entropy import STEP_CROSS_ENTROPY

LOSSES: dict[str, Loss] = {loss.name: loss for loss in (CROSS_ENTROPY, SQUARED_ERROR, STEP_CROSS_ENTROPY)}

__all__ = ["LOSSES", "Loss"]
