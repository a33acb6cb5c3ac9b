"""Export of trained networks to other programs, and import from PyTorch."""

from lengthwise.exchange.files import Format, export
from lengthwise.exchange.model import Model, load_torch

__all__ = ["Format", "Model", "export", "load_torch"]
