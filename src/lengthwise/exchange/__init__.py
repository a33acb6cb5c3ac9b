"""Trained networks for other programs, and theirs for us."""

from lengthwise.exchange.files import Format, export
from lengthwise.exchange.model import Model, load_torch

__all__ = ["Format", "Model", "export", "load_torch"]
