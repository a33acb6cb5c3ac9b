"""Who takes part, and how each is talked to."""

import contextlib
import json
import os
import select
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

from benchmarks.environments import variables
from benchmarks.peers.peer import Timed

ROOT = Path(__file__).parent.parent
"""The repository, from which ``python -m benchmarks.peers`` is found."""

PATIENCE = 600
"""Seconds after which a worker that does not answer is given up, if nothing else is said."""

PARTING_SECONDS = 5
"""How long a worker may take to end."""


class PeerError(Exception):
    """A peer that cannot take part; the message is a sentence's end that says why."""


def count(threads: int) -> str:
    """Return a number of threads in words: ``1 thread``, ``2 threads``."""
    return f"{threads} thread" if threads == 1 else f"{threads} threads"


@dataclass(frozen=True)
class Contestant:
    """One library in one of its variants on so many threads.

    Attributes
    ----------
    label : str
        What people call it.
    peer, variant : str
        The module in `peers`, and its variant.
    threads : int
    every_shape : bool
        Whether it is timed at every shape, or at the notebook's alone.
    """

    label: str
    peer: str
    variant: str
    threads: int
    every_shape: bool = False

    @property
    def is_ours(self) -> bool:
        """Whether this is lengthwise."""
        return self.peer == "ours"

    @property
    def name(self) -> str:
        """The label with the threads."""
        return f"{self.label} on {count(self.threads)}"


SHORT_NAMES = {
    "pytorch": "PyTorch eager",
    "compile": "PyTorch torch.compile",
    "keras": "Keras on TensorFlow",
    "keras-xla": "Keras unrolled, XLA",
    "jax": "JAX unrolled",
    "jax-scan": "JAX lax.scan",
}
"""The peers' labels by what they are called on a command line."""

LIBRARIES = (
    ("lengthwise", "ours", "-"),
    ("PyTorch eager", "pytorch", "eager"),
    ("PyTorch torch.compile", "pytorch", "compile"),
    ("Keras on TensorFlow", "keras_tensorflow", "plain"),
    ("Keras unrolled, XLA", "keras_tensorflow", "xla"),
    ("JAX lax.scan", "jax_xla", "scan"),
    ("JAX unrolled", "jax_xla", "unrolled"),
)
"""Label, module and variant of each. Those that take long to compile or are beaten by a sibling have one shape."""

ONE_SHAPE = {"PyTorch torch.compile", "Keras on TensorFlow", "JAX lax.scan"}


def contestants(most_threads: int) -> list[Contestant]:
    """Return everybody on 1 and, if there are as many processors, on 2 threads."""
    return [
        Contestant(
            label, peer, variant, threads, label not in ONE_SHAPE and (peer == "ours" or threads == most_threads)
        )
        for label, peer, variant in LIBRARIES
        for threads in range(1, most_threads + 1)
    ]


def processors() -> list[int]:
    """Return the processors that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return sorted(os.sched_getaffinity(0))
    return list(range(os.cpu_count() or 1))


class Worker:
    """A contestant at work in a process of its own.

    Parameters
    ----------
    contestant : Contestant
    python : Path
        The interpreter of the peers' environment; ours runs on this one.
    cpus : list of int
        The processors it is held to, one for each thread.
    patience : float
        Seconds after which it is given up when it does not answer.
    """

    def __init__(self, contestant: Contestant, python: Path, cpus: list[int], patience: float = PATIENCE) -> None:
        self.contestant = contestant
        self._patience = patience
        self._log = tempfile.TemporaryFile("w+")  # noqa: SIM115 - closed with the worker
        self._process = subprocess.Popen(
            [
                sys.executable if contestant.is_ours else python,
                *("-m", "benchmarks.peers", contestant.peer, contestant.variant, ",".join(map(str, cpus))),
            ],
            cwd=ROOT,
            env=variables(contestant.threads, python.parent.parent / "compiled"),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._log,
            text=True,
            bufsize=1,
        )
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._input, self._output = self._process.stdin, self._process.stdout
        self.versions: dict[str, str] = self._answer()

    @property
    def is_given_up(self) -> bool:
        """Whether it failed or was closed, so that another would have to be started."""
        return self._input.closed

    def build(self, case: Path) -> str:
        """Make the peer ready for a case; return what it chose by measuring."""
        return str(self._ask(do="build", case=str(case))["choice"])

    def train(self, steps: int) -> Timed:
        """Time so many updates."""
        return Timed(**self._ask(do="train", steps=steps))

    def evaluate(self, steps: int) -> Timed:
        """Time the evaluation of so many batches."""
        return Timed(**self._ask(do="evaluate", steps=steps))

    def close(self) -> None:
        """End the process: it ends with its input, or is killed after a few seconds."""
        with contextlib.suppress(BrokenPipeError):
            self._input.close()
        try:
            self._process.wait(PARTING_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._output.close()
        self._log.close()

    def _ask(self, **message: Any) -> dict[str, Any]:
        if self._input.closed:
            raise PeerError("it was given up before.")
        with contextlib.suppress(BrokenPipeError):  # its last words follow instead of the answer
            self._input.write(json.dumps(message) + "\n")
        return self._answer()

    def _answer(self) -> dict[str, Any]:
        ready, _, _ = select.select([self._output], [], [], self._patience)
        if not ready:
            self._give_up(f"it did not answer for {self._patience:g} seconds.")
        line = self._output.readline()
        if not line:
            self._give_up(self._last_words())
        answer: dict[str, Any] = json.loads(line)
        if "error" in answer:
            self._give_up(answer["error"])
        return answer

    def _give_up(self, reason: str) -> NoReturn:
        self.close()
        raise PeerError(reason)

    def _last_words(self) -> str:
        self._process.wait()
        self._log.seek(0)
        lines = self._log.read().strip().splitlines()
        return lines[-1] if lines else f"its process ended with {self._process.returncode}."
