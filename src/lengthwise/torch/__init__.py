"""`RNN`, `GRU` and `LSTM` like PyTorch's, computed by lengthwise's kernels: only the import has to be changed.

    from lengthwise.torch import GRU        # was: from torch.nn import GRU

They are subclasses of PyTorch's modules, with the same constructor, ``forward``, packed sequences, ``state_dict``,
random numbers and dropout. PyTorch computes what the kernels do not: calls on another device than the CPU, in another
type than float32, with ``proj_size`` or autocast, of a module that is traced, compiled or transformed by `torch.func`;
`runs_on_kernels` tells which. It computes second derivatives, too.

The classes are equal to those that they replace, so that code which looks a class up, ``type(module) == nn.LSTM``,
finds them; ``is`` tells them apart.
"""

from lengthwise.torch.modules import GRU, LSTM, RNN, runs_on_kernels

__all__ = ["GRU", "LSTM", "RNN", "runs_on_kernels"]
