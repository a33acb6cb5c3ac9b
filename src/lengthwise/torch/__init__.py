"""`RNN`, `GRU` and `LSTM` like PyTorch's, computed by lengthwise's kernels: only the import has to be changed.

    from lengthwise.torch import GRU        # was: from torch.nn import GRU

They are subclasses of PyTorch's modules, with the same constructor, ``forward``, packed sequences, ``state_dict``,
random numbers and dropout. Calls that the kernels do not support are computed by PyTorch: those on another device than
the CPU, in another type than float32, with ``proj_size`` or autocast, and of a module that is being traced or compiled;
`runs_on_kernels` tells which. There are no second derivatives; asking for them is an error.
"""

from lengthwise.torch.modules import GRU, LSTM, RNN, runs_on_kernels

__all__ = ["GRU", "LSTM", "RNN", "runs_on_kernels"]
