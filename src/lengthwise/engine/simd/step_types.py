"""The arguments of the programs of `lengthwise.engine.simd.step`, and the parts that its work is cut into."""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from lengthwise.engine.simd.host import VECTOR_SHAPE
from lengthwise.engine.simd.workspace import aligned_floats

MAX_GROUPS = 16
"""The largest number of groups, and so of threads that a training step can use."""


def groups_of(chunks: int) -> int:
    """Return how many groups the chunks of a batch belong to; it depends on the batch alone, and not on the threads."""
    return min(MAX_GROUPS, chunks if chunks < 2 * VECTOR_SHAPE.group else -(-chunks // VECTOR_SHAPE.group))


BLOCK = 512
"""Parameters that one thread updates at a time, and whose squares are summed at a time."""


APART = 8
"""int64 numbers in a cache line: threads that write numbers in one line would wait for one another."""


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
    gradients : ndarray of shape (buffers, P)
        Of the groups, and of what threads are computing.
    losses, scores : ndarray of shape (buffers,), float64
        Their sums over the group of each gradient.
    squares : ndarray of shape (blocks,), float64
        Sum of the squares of each block of the gradient.
    states : ndarray of shape (chunks, L * D * kept * H * C), float32
        The last states of the windows of each chunk of the batch, if states are carried; otherwise empty.
    published : ndarray of shape (groups,), int64
        For each group where its gradient is, whose it is, and of which part: ``(due * threads + thread) * buffers +
        buffer``. At the start of a call, ``group``.
    begun : ndarray of shape (groups + threads, APART), int64
        The part in which each group, and each thread's share of another part, was last taken; 0 at the start.
    done, chunks : ndarray of shape (1,), int64
        Units that are done, and chunks of an evaluation that are taken; 0 at the start.
    P, groups, buffers, blocks, threads : int
        There are as many buffers as groups and threads.
    """

    forward: Any
    backward: Any
    gradients: Any
    losses: Any
    scores: Any
    squares: Any
    states: Any
    published: Any
    begun: Any
    done: Any
    chunks: Any
    P: int
    groups: int
    buffers: int
    blocks: int
    threads: int


def team_of(parameters: int, groups: int, threads: int, states: NDArray[np.float32]) -> Team:
    """Return the team of the threads of one call, for a network of so many parameters."""
    buffers, blocks = groups + threads, -(-parameters // BLOCK)
    return Team(
        forward=aligned_floats(parameters, np.nan),
        backward=aligned_floats(parameters, np.nan),
        gradients=np.zeros((buffers, parameters), np.float32),
        losses=np.zeros(buffers),
        scores=np.zeros(buffers),
        squares=np.zeros(blocks),
        states=states,
        published=np.arange(groups, dtype=np.int64),
        begun=np.zeros((groups + threads, APART), np.int64),
        done=np.zeros(1, np.int64),
        chunks=np.zeros(1, np.int64),
        P=parameters,
        groups=groups,
        buffers=buffers,
        blocks=blocks,
        threads=threads,
    )
