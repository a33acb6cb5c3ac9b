"""The version, alone so that ``lengthwise --version`` imports nothing else."""

__version__ = "0.2.0"
