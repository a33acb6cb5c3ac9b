"""`RNN`, `GRU` and `LSTM` like PyTorch's, computed by lengthwise's kernels: change the import, and nothing else.

    from lengthwise.torch import GRU        # was: from torch.nn import GRU

They are subclasses of PyTorch's modules, with the same constructor, ``forward``, packed sequences, ``state_dict``,
numbers and dropout. What the kernels do not compute, PyTorch does, by the same call; `runs_on_kernels` says which:
another device than the CPU, another type than float32, ``proj_size``, autocast, and a module that is being traced or
compiled. There are no second derivatives; asking for them is an error.
"""

from lengthwise.torch.modules import GRU, LSTM, RNN, runs_on_kernels

__all__ = ["GRU", "LSTM", "RNN", "runs_on_kernels"]
