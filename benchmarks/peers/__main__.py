"""A worker: one peer in a process of its own, held to the processors it is given.

Run as ``python -m benchmarks.peers NAME VARIANT CPUS`` (processors separated by commas, one thread for each). It writes
one line of JSON, the versions of its packages, and then answers each line of its input with one line:

    {"do": "build", "case": PATH}        {"choice": …}
    {"do": "train", "steps": 64}         {"seconds": …, "losses": […]}
    {"do": "evaluate", "steps": 64}      {"seconds": …, "losses": […]}

or, where that fails, with ``{"error": SENTENCE}``. It ends with its input.
"""

import importlib
import json
import os
import sys
import traceback
from importlib.metadata import version
from typing import Any

from benchmarks.peers.peer import Case, Peer, timed


class Worker:
    """Does what the messages say.

    Parameters
    ----------
    name, variant : str
        Which module of this folder, and which of its variants.
    threads : int
    """

    def __init__(self, name: str, variant: str, threads: int) -> None:
        self._module = importlib.import_module(f"benchmarks.peers.{name}")
        self._variant = variant
        self._threads = threads
        self._peer: Peer | None = None

    def versions(self) -> dict[str, str]:
        """Return the versions of the peer's packages."""
        return {package: version(package) for package in self._module.PACKAGES}

    def answer(self, message: dict[str, Any]) -> dict[str, Any]:
        """Do what one message says; return the answer."""
        if message["do"] == "build":
            self._peer = self._module.Peer(Case.load(message["case"]), self._variant, self._threads)
            return {"choice": self._peer.choice}
        return timed(getattr(self._peer, message["do"]), message["steps"]).to_dict()


def main() -> None:
    name, variant, cpus = sys.argv[1:]
    processors = {int(cpu) for cpu in cpus.split(",")}
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, processors)
    # What libraries print goes to the log, so that standard output holds answers alone.
    answers = os.fdopen(os.dup(1), "w", buffering=1)
    os.dup2(2, 1)

    worker = Worker(name, variant, len(processors))
    answers.write(json.dumps(worker.versions()) + "\n")
    for line in sys.stdin:
        try:
            answer = worker.answer(json.loads(line))
        except Exception as error:  # whatever a library raises, the contest goes on
            traceback.print_exc()
            first = (str(error).strip() or "no message").splitlines()[0]
            answer = {"error": f"{type(error).__name__}: {first}"}
        answers.write(json.dumps(answer) + "\n")


if __name__ == "__main__":
    main()
