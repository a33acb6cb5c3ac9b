"""The SIMD engine as the rest of the package uses it: it trains on windows, and evaluates windows."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from types import TracebackType
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from lengthwise.engine.protocol import CELL_SIZES, LOSS_KINDS, SGD, Data, Optimizer, Sizes, State
from lengthwise.engine.simd.arguments import Chosen, Packed
from lengthwise.engine.simd.compilation import Program
from lengthwise.engine.simd.host import CHUNK
from lengthwise.engine.simd.layout import carried_floats
from lengthwise.engine.simd.programs import evaluate_windows, train_steps
from lengthwise.engine.simd.step_types import Plan, Team, groups_of, team_of
from lengthwise.engine.simd.threads import run_threads
from lengthwise.engine.simd.workspace import workspace_of
from lengthwise.windows import PHASES, Phase, Windows

NO_OUTPUTS = np.empty((0, 0, 0, 0), np.float32)
"""Where `evaluate_windows` is not to write the outputs."""

OPTIMIZER_TYPES = tuple(type(value) for value in Optimizer())


def states_shape(cell: str, sizes: Sizes, batch_size: int) -> tuple[int, int]:
    """Return the shape of the states that are carried from a batch's windows to the next: chunks, numbers of each."""
    return -(-batch_size // CHUNK), carried_floats(CELL_SIZES[cell], sizes)


class SimdEngine:
    """The SIMD engine for one network and one window length.

    Parameters
    ----------
    cell : str
        A name of `lengthwise.engine.protocol.CELL_SIZES`.
    sizes : Sizes
        The network's sizes and the window's steps.
    batch_size : int
        Sequences a training step.
    threads : int
        Threads to use; training uses no more than the batch has groups of chunks, 16 at most. They change the time,
        and not the result.
    seed : int
        Seed of dropout.
    loss : str
        A name of `lengthwise.engine.protocol.LOSS_KINDS`: what the network predicts, and how its error is measured.
    states : ndarray of shape `states_shape`, float32, optional
        Where states are carried (``sizes.carry``), those to begin with, changed in place; zero by default. A training
        window that does not begin a sequence then begins with the state that the same example of the step before ended
        with. Only losses of every step carry states, and only in one direction.

    Examples
    --------
    ::

        with SimdEngine("rnn", Sizes(F=28, H=31, L=3, O=10, s=19), batch_size=128, threads=2) as engine:
            losses, scores = engine.train(state, updates, data, windows, Optimizer(lr=0.001))
    """

    def __init__(
        self, cell: str, sizes: Sizes, batch_size: int, threads: int, seed: int = 0, loss: str = "cross_entropy",
        states: NDArray[np.float32] | None = None,
    ) -> None:  # fmt: skip
        self._cell = Chosen("cell", cell)
        self._loss = Chosen("loss", loss)
        self._kind = LOSS_KINDS[loss]
        self._sizes = sizes
        self._groups = groups_of(-(-batch_size // CHUNK))
        self._threads = threads
        shape = states_shape(cell, sizes, batch_size) if sizes.carry else (0, 0)
        self._states = np.zeros(shape, np.float32) if states is None or not sizes.carry else states
        self._seed = np.uint64(seed)
        self.workspaces = [workspace_of(cell, sizes) for _ in range(threads)]
        self._workspaces = [Packed(workspace) for workspace in self.workspaces]
        self._pool = ThreadPoolExecutor(max(1, threads - 1), thread_name_prefix="lengthwise")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._pool.shutdown()

    @property
    def workspace_bytes(self) -> int:
        """Bytes of the activations that all threads hold together; they do not depend on the batch."""
        return sum(buffer.nbytes for workspace in self.workspaces for buffer in workspace)

    def prepare(
        self,
        data: Data,
        *,
        phases: tuple[Phase, ...] = PHASES,
        on_compile: Callable[[], None] = lambda: None,
    ) -> None:
        """Load the machine code for data of this type, or compile it.

        Parameters
        ----------
        data : Data
        phases : tuple of {"train", "test"}
            What is to be done with them: to train, to evaluate, or both, as by default.
        on_compile : callable
            Called when the code is not in the cache on disk and has to be compiled, which takes about ten seconds.
        """
        for phase, (program, arguments) in zip(PHASES, self.programs(data), strict=True):
            if phase in phases:
                program.prepare(*arguments, on_compile=on_compile)

    def programs(self, data: Data) -> list[tuple[Program, tuple[Any, ...]]]:
        """Return the programs for data of this type, in the order of `PHASES`, with arguments as they take them."""
        data, windows = _read(data, Windows(np.zeros((0, 1), np.int64), np.zeros((0, 1), np.int64)), self._sizes.s)
        state, team = State(*(np.zeros(1, np.float32) for _ in range(3))), team_of(1, self._groups, 1, self._states)
        plan = self._plan(Optimizer(), None, 0, 0)
        results = self._empty_results((1, 0, 1), self._sizes.s)
        training = self._train_arguments(0, plan, data, windows, state, team, np.empty(0), np.empty(0))
        evaluation = self._evaluate_arguments(
            0, data, windows, [self._sizes.s], state.parameters, team, *results, NO_OUTPUTS
        )
        return [(train_steps, training), (evaluate_windows, evaluation)]

    def train(
        self,
        state: State,
        updates: int,
        data: Data,
        windows: Windows,
        optimizer: Optimizer,
        lrs: NDArray[np.float64] | None = None,
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Make one update for every step of `windows`; see `lengthwise.engine.protocol.Engine.train`."""
        team = team_of(len(state.parameters), self._groups, min(self._threads, self._groups), self._states)
        plan = self._plan(optimizer, lrs, len(windows.sequences), updates)
        return self._train(state, plan, data, windows, team)

    def synchronize(self) -> None:
        """Do nothing: the state that was trained last is always up to date."""

    def gradient(
        self, parameters: NDArray[np.float32], data: Data, windows: Windows, updates: int = 0
    ) -> tuple[float, NDArray[np.float32]]:
        """Return the mean loss of one step's batch and its gradient, as `train` computes them."""
        state = State(parameters.copy(), np.zeros_like(parameters), np.zeros_like(parameters))
        team = team_of(len(parameters), self._groups, min(self._threads, self._groups), self._states)
        kept = Optimizer(rule=SGD, lr=0.0)  # without momentum its mean is the gradient
        losses, _ = self._train(state, self._plan(kept, None, 1, updates), data, windows, team)
        return float(losses[0]), state.m

    def evaluate(
        self, parameters: NDArray[np.float32], data: Data, windows: Windows
    ) -> tuple[NDArray[np.float32], NDArray[Any]]:
        """Evaluate windows without training on them; see `lengthwise.engine.protocol.Engine.evaluate`."""
        return self.evaluate_prefixes(parameters, data, windows, [self._sizes.s])[0]

    def evaluate_prefixes(
        self, parameters: NDArray[np.float32], data: Data, windows: Windows, lengths: Sequence[int]
    ) -> list[tuple[NDArray[np.float32], NDArray[Any]]]:
        """Evaluate windows by their first steps, at several lengths.

        Where a network reads in one direction and predicts once a window, a window is read once for all lengths: its
        states at its first steps do not depend on the steps that follow. The results are those of `evaluate` for
        windows of each length, bit for bit.

        Raises
        ------
        ValueError
            If a length is not from 1 to s, or a window would go beyond the T steps that there are.
        """
        there = max(data.steps, int(data.lengths[windows.sequences].max(initial=0)))  # more where windows overlap
        most = min(self._sizes.s, there - int(windows.starts.max(initial=0)))
        if not all(1 <= length <= most for length in lengths):
            raise ValueError(f"lengths are {list(lengths)}, but must be 1 to {most} for windows that begin there.")
        if self._sizes.D > 1 or self._kind.every_step or not lengths:
            return [self._evaluate(parameters, data, windows, [length])[0] for length in lengths]
        descending = sorted(lengths, reverse=True)
        results = dict(zip(descending, self._evaluate(parameters, data, windows, descending), strict=True))
        return [results[length] for length in lengths]

    def outputs(self, parameters: NDArray[np.float32], data: Data, windows: Windows) -> NDArray[np.float32]:
        """Return the probabilities or the numbers of windows; see `lengthwise.engine.protocol.Engine.outputs`."""
        outputs = np.empty((*windows.sequences.shape, self._sizes.O), np.float32)
        self._evaluate(parameters, data, windows, [self._sizes.s], outputs[None])
        return outputs

    def _evaluate(
        self,
        parameters: NDArray[np.float32],
        data: Data,
        windows: Windows,
        lengths: list[int],
        outputs: NDArray[np.float32] = NO_OUTPUTS,
    ) -> list[tuple[NDArray[np.float32], NDArray[Any]]]:
        """Evaluate windows by their first steps, at each of the lengths, which descend.

        Unless it is empty, `outputs`, of shape (lengths, steps, batch, O), is written too.
        """
        losses, predicted = self._empty_results((len(lengths), *windows.sequences.shape), lengths[0])
        data, windows = _read(data, windows, lengths[0])
        team = team_of(len(parameters), self._groups, self._threads, self._states)
        run_threads(
            self._pool,
            self._threads,
            lambda thread: evaluate_windows(
                *self._evaluate_arguments(thread, data, windows, lengths, parameters, team, losses, predicted, outputs)
            ),
        )
        return list(zip(losses, predicted, strict=True))

    def _empty_results(self, shape: tuple[int, ...], steps: int) -> tuple[NDArray[np.float32], NDArray[Any]]:
        """Return arrays for the losses and predictions of windows of some number of steps."""
        losses = np.empty(shape, np.float32)
        if self._kind.every_step:
            return losses, np.empty((*shape, steps), np.int64)
        if self._kind.numbers:
            return losses, np.empty((*shape, self._sizes.O), np.float32)
        return losses, np.empty(shape, np.int64)

    def _train(
        self, state: State, plan: Plan, data: Data, windows: Windows, team: Team
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        steps = len(windows.sequences)
        losses, scores = np.empty(steps), np.empty(steps)
        data, windows = _read(data, windows, self._sizes.s)
        run_threads(
            self._pool,
            team.threads,
            lambda thread: train_steps(
                *self._train_arguments(thread, plan, data, windows, state, team, losses, scores)
            ),
        )
        return losses, scores

    def _plan(self, optimizer: Optimizer, lrs: NDArray[np.float64] | None, steps: int, updates: int) -> Plan:
        lrs = np.full(steps, optimizer.lr) if lrs is None else np.ascontiguousarray(lrs, np.float64)
        # Numba compiles anew for an integer where it has seen a float.
        optimizer = Optimizer._make(kind(value) for kind, value in zip(OPTIMIZER_TYPES, optimizer, strict=True))
        return Plan(optimizer, lrs, updates, self._seed)

    def _train_arguments(
        self,
        thread: int,
        plan: Plan,
        data: Data,
        windows: Windows,
        state: State,
        team: Team,
        losses: NDArray[np.float64],
        scores: NDArray[np.float64],
    ) -> tuple[Any, ...]:
        workspace = self._workspaces[thread]
        return (
            self._cell, self._loss, thread, plan, data, windows, state, self._sizes, team, workspace, losses, scores
        )  # fmt: skip

    def _evaluate_arguments(
        self,
        thread: int,
        data: Data,
        windows: Windows,
        lengths: list[int],
        parameters: NDArray[np.float32],
        team: Team,
        losses: NDArray[np.float32],
        predicted: NDArray[Any],
        outputs: NDArray[np.float32],
    ) -> tuple[Any, ...]:
        workspace = self._workspaces[thread]
        sizes = self._sizes._replace(s=lengths[0], carry=False)
        return (
            self._cell, self._loss, thread, data, windows, np.array(lengths, np.int64), parameters, sizes, team,
            workspace, losses, predicted, outputs,
        )  # fmt: skip


def _read(data: Data, windows: Windows, steps: int) -> tuple[Data, Windows]:
    """Return the windows' own steps as data, if the sequences are computed when they are read; else what was given.

    Parameters
    ----------
    data : Data
    windows : Windows
    steps : int
        Steps of each window.
    """
    if isinstance(data.values, np.ndarray):
        return data, windows
    sequences, starts = windows.sequences.ravel(), windows.starts.ravel()
    there = Data(
        values=data.values[sequences[:, None], starts[:, None] + np.arange(steps)],
        targets=data.targets[sequences],
        lengths=np.minimum(data.lengths[sequences] - starts, steps),
        weights=data.weights[sequences],
        scale=data.scale,
        steps=steps,
    )
    own = np.arange(len(sequences)).reshape(windows.sequences.shape)
    return there, Windows(own, np.zeros_like(own))
