"""The arguments of the programs of `lengthwise.engine.simd.step`, and the parts that its work is cut into."""

from typing import Any, NamedTuple

MAX_GROUPS = 16
"""The largest number of groups, and so of threads that a training step can use."""

BLOCK = 512
"""Parameters that one thread updates at a time, and whose squares are summed at a time."""


class Plan(NamedTuple):
    """How the steps of a call change the parameters.

    Attributes
    ----------
    optimizer : Optimizer
    lrs : ndarray of shape (steps,), float64
        Step size of each step.
    updates : int
        Updates made before.
    seed : uint64
        Seed of dropout, with the number of the update.
    """

    optimizer: Any
    lrs: Any
    updates: int
    seed: Any


class Team(NamedTuple):
    """The arrays that the threads of a run share, beside the state.

    Attributes
    ----------
    forward, backward : ndarray of shape (P,), float32
        The parameters as the kernels read them: the two of `lengthwise.engine.simd.layout.Panels`.
    gradients : ndarray of shape (groups, P), float32
    squares : ndarray of shape (blocks,), float64
        Sum of the squares of each block of the gradient.
    losses : ndarray of shape (groups,), float64
    scores : ndarray of shape (groups,), float64
    states : ndarray of shape (chunks, L * D * kept * H * C), float32
        The last states of the windows of each chunk of the batch, if states are carried; otherwise empty.
    arrivals : ndarray of shape (1,), int64
        How often threads have arrived at the barrier; 0 at the start of a call.
    P, groups, blocks, threads : int
    """

    forward: Any
    backward: Any
    gradients: Any
    squares: Any
    losses: Any
    scores: Any
    states: Any
    arrivals: Any
    P: int
    groups: int
    blocks: int
    threads: int
