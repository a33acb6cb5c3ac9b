"""Damages files and kills trainings and studies for some minutes, and prints what came of it.

``scripts/campaign --minutes 10``: each try is in a process of its own, so that crashes, hangs and memory are seen. A
damaged file must be read or refused with a sentence; what was killed must end, by the same command, with the same bits.
The tests have a small part of it, with fixed seeds.
"""

import argparse
import collections
import os
import resource
import signal
import sqlite3
import sys
import tempfile
import time
import traceback
import warnings
from contextlib import closing
from functools import partial
from pathlib import Path

import numpy as np

import lengthwise
from lengthwise.commands.configuration import find_configuration
from lengthwise.errors import LengthwiseError
from lengthwise.report.page import page_data
from tests.data.test_damaged_files import TARGETS, VALUES, WRITERS
from tests.idx_files import write_folder
from tests.kills import killed_at
from tests.mutations import mutated

SECONDS = 120
"""After which a try hangs."""

MOST_CALLS = 400
"""A process is killed at one of so many of its first calls that change files."""

SETTINGS = {"seq_len": 5, "hidden_size": 4, "num_layers": 1, "batch_size": 16, "quiet": True, "threads": 1}
READ, REFUSED, TRACEBACK = 0, 10, 11


def outcome(work):
    """Do `work` in a process of its own; what came of it, and the most memory that it had, in MB."""
    child = os.fork()
    if child == 0:
        signal.alarm(SECONDS)
        try:
            work()
        except LengthwiseError:
            os._exit(REFUSED)
        except BaseException:
            traceback.print_exc()
            os._exit(TRACEBACK)
        os._exit(READ)
    _, status, usage = os.wait4(child, 0)
    memory = usage.ru_maxrss / (1024 if sys.platform == "linux" else 1 << 20)
    if os.WIFSIGNALED(status):
        return ("hang" if os.WTERMSIG(status) == signal.SIGALRM else "crash"), memory
    return {READ: "read", REFUSED: "refused"}.get(os.WEXITSTATUS(status), "traceback"), memory


def used_store(folder):
    study = lengthwise.Study.load(folder, read_only=True)
    study.answers()
    page_data(study)


def damages(folder):
    """Return for each kind of file the file, and what reads it."""
    kinds = {}
    for name, write in WRITERS.items():
        place = folder / name.replace(".", "-")
        place.mkdir()
        path = place / name
        read = path
        if path.suffix == ".npy":
            read = place / "walks.npy"
            np.save(read, VALUES)
            np.save(place / "walks.targets.npy", TARGETS)
        write(path)
        kinds[name] = path, partial(lengthwise.load_data, read)
    small = write_folder(folder / "idx")
    for path in small.iterdir():
        kinds["idx"] = path, partial(lengthwise.load_data, small)
    lengthwise.train(small, steps=20, out=folder / "run", **SETTINGS)
    for name in ("run.json", "model.safetensors"):
        kinds[name] = folder / "run" / name, partial(lengthwise.evaluate, folder / "run")
    lengthwise.Study(small, seq_lens="2,5", seeds=2, budget="steps=20", hidden_size=4, num_layers=1, batch_size=16,
                     out=folder / "study", recipe="notebook").run().store.close()  # fmt: skip
    with closing(sqlite3.connect(folder / "study" / "study.sqlite")) as store:
        store.execute("PRAGMA journal_mode = DELETE")
    kinds["study.sqlite"] = folder / "study" / "study.sqlite", partial(used_store, folder / "study")
    (folder / "a.toml").write_text('data = "x.csv"\nlr = 1e-3\n[study]\nseeds = 5\n')
    kinds["configuration"] = folder / "a.toml", partial(find_configuration, folder / "a.toml")
    return kinds


def trained(small, out):
    """Train to the end, from wherever it was killed; the bits of the network."""
    if (out / "run.json").exists():
        return lengthwise.resume(out, quiet=True, threads=1).parameters
    return lengthwise.train(small, steps=20, out=out, **SETTINGS).parameters


def kill(small, out, number, expected):
    """Kill a training at a call, go on with it, and compare."""
    killed_at(number, lambda: trained(small, out))

    def go_on():
        found = trained(small, out)
        assert all(np.array_equal(found[name], expected[name]) for name in expected)
        left = [path.name for path in out.iterdir() if path.name.startswith(".") and path.name != ".lock"]
        assert not left, left

    return outcome(go_on)


def main():
    """Run the campaign."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--seed", type=int, default=0)
    asked = parser.parse_args()
    warnings.simplefilter("ignore")
    rng, counts, most = np.random.default_rng(asked.seed), collections.defaultdict(collections.Counter), 0.0
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        small = lengthwise.load_data(write_folder(folder / "small"))
        expected = trained(small, folder / "expected")
        kinds = {kind: (path, path.read_bytes(), work) for kind, (path, work) in damages(folder).items()}
        end = time.monotonic() + 60 * asked.minutes
        while time.monotonic() < end:
            for kind, (path, content, work) in kinds.items():
                path.write_bytes(mutated(content, rng))
                found, memory = outcome(work)
                if found in ("traceback", "crash", "hang"):
                    Path(f"{found}-{sum(counts[kind].values())}-{path.name}").write_bytes(path.read_bytes())
                path.write_bytes(content)
                counts[kind][found] += 1
                most = max(most, memory)
            number = int(rng.integers(1, MOST_CALLS))
            found, _ = kill(small, folder / f"killed{sum(counts['training killed'].values())}", number, expected)
            counts["training killed"]["same bits" if found == "read" else found] += 1
    for kind, of_kind in counts.items():
        print(f"{kind:20} " + ", ".join(f"{count:,} {found}" for found, count in of_kind.most_common()))
    here = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1024 if sys.platform == "linux" else 1 << 20)
    print(f"most memory of a process: {max(most, here):.0f} MB")
    bad = ("traceback", "crash", "hang")
    return int(any(of_kind[found] for of_kind in counts.values() for found in bad))


if __name__ == "__main__":
    raise SystemExit(main())
