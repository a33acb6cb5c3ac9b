"""How fast data are read: MNIST, a large .ts file beside aeon's own reader, and a file larger than memory.

Run it from the repository::

    python -m benchmarks.data mnist
    python -m benchmarks.data ts --megabytes 100
    python -m benchmarks.data mapped --gigabytes 10 --limit-gigabytes 2

The last makes a file of float32 values, trains on it for an epoch in a process of its own whose memory is limited, and
compares with merely reading the same windows of the same map, both from a file that is not in the system's cache at
first, and with the rate of the same training on sequences in memory. The
limit is on what the process itself holds (RLIMIT_DATA: heap and anonymous maps); pages of a mapped file are the
system's, which takes them back when it needs them. Before it times anything, it checks on a small file that training
from disk gives, bit for bit, the parameters that training from memory gives.
"""

import argparse
import json
import mmap
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np

import lengthwise
from lengthwise.data import load_data
from lengthwise.data.rows import Rows, is_mapped
from lengthwise.training.loop import Training
from lengthwise.training.settings import Settings
from lengthwise.training.setup import samplers_for

ROOT = Path(__file__).parent.parent
GIGABYTE = 1_000_000_000
STEPS, FEATURES, CLASSES = 100, 125, 4
"""A sequence of the file: 50 kB of float32 values."""

BATCH = 256

IN_MEMORY = 400_000_000
"""Bytes of sequences that the training from memory has."""

NETWORK: dict[str, Any] = {"hidden_size": 8, "num_layers": 1, "batch_size": BATCH, "sampling": "shuffle"}


def mnist(repeats: int = 5) -> None:
    seconds = []
    for _ in range(repeats):
        began = time.perf_counter()
        load_data("mnist")
        seconds.append(time.perf_counter() - began)
    print(f"load_data('mnist'): median {statistics.median(seconds):.3f} s, best {min(seconds):.3f} s of {repeats}")


def ts(megabytes: float, folder: Path, repeats: int = 3) -> None:
    from aeon.datasets import load_from_ts_file  # noqa: PLC0415 - heavy, and an extra

    path = folder / "large.ts"
    random = np.random.default_rng(0)
    channels, steps = 6, 500
    with path.open("w") as file:
        file.write("@problemName large\n@timeStamps false\n@missing false\n@univariate false\n@dimension 6\n")
        file.write(f"@equalLength true\n@seriesLength {steps}\n@classLabel true a b c\n@data\n")
        while file.tell() < megabytes * 1e6:
            series = [
                ",".join(f"{value:.6f}" for value in channel) for channel in random.normal(size=(channels, steps))
            ]
            file.write(":".join([*series, "abc"[random.integers(3)]]) + "\n")
    ours, theirs = [], []
    for _ in range(repeats):
        began = time.perf_counter()
        load_from_ts_file(str(path))
        theirs.append(time.perf_counter() - began)
        began = time.perf_counter()
        dataset = load_data(path)
        ours.append(time.perf_counter() - began)
    ratio = statistics.median(ours) / statistics.median(theirs)
    print(
        f"{path.stat().st_size / 1e6:.0f} MB .ts, {len(dataset.train):,} training sequences: load {min(ours):.2f} s, "
        f"aeon's reader {min(theirs):.2f} s (best of {repeats}); ratio of medians {ratio:.2f}"
    )


def make_file(path: Path, num_sequences: int) -> None:
    """Write sequences whose class is in their mean, and their labels beside."""
    random = np.random.default_rng(0)
    labels = random.integers(CLASSES, size=num_sequences)
    np.save(path.with_name(f"{path.stem}.targets.npy"), labels)
    shape = (num_sequences, STEPS, FEATURES)
    values = np.lib.format.open_memmap(path, "w+", np.float32, shape)  # type: ignore[no-untyped-call]
    block = random.normal(size=(512, STEPS, FEATURES)).astype(np.float32)
    for first in range(0, num_sequences, len(block)):
        part = labels[first : first + len(block)]
        values[first : first + len(block)] = block[: len(part)] + 0.2 * part[:, None, None].astype(np.float32)
    values.flush()


def drop_from_cache(path: Path, values: Any = None) -> None:
    """Have the system forget what it has read of a file, and of a map of it, so that it must be read from disk."""
    if isinstance(values, Rows) and is_mapped(values):
        map_of(values.stored).madvise(mmap.MADV_DONTNEED)
    with path.open("rb") as file:
        os.fsync(file.fileno())
        os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)


def map_of(array: Any) -> mmap.mmap:
    """Return the map that an array lies in."""
    while not isinstance(array, mmap.mmap):
        array = array.base
    return array


def check(folder: Path) -> None:
    path = folder / "small.npy"
    make_file(path, 2000)
    from_disk = load_data(path, standardize="none")
    assert isinstance(from_disk.train.values, Rows), "the small file was to be read from disk"
    from_memory = load_data(np.load(path), np.load(folder / "small.targets.npy"), standardize="none")
    assert from_disk.checksum == from_memory.checksum
    one, two = (
        lengthwise.train(data, seq_len=50, steps=20, quiet=True, **NETWORK) for data in (from_disk, from_memory)
    )
    for name, parameter in one.parameters.items():
        np.testing.assert_array_equal(parameter, two.parameters[name])
    print("training from disk gives the bits that training from memory gives")


def child(path: Path, what: str, limit: int, threads: int) -> None:
    """Do one of the things that are timed, in a process whose memory is limited, and print what it took."""
    resource.setrlimit(resource.RLIMIT_DATA, (limit, limit))
    began = time.perf_counter()
    if what == "memory":  # as many sequences as fit, copied
        count = IN_MEMORY // (STEPS * FEATURES * 4)
        labels = np.load(path.with_name(f"{path.stem}.targets.npy"))[:count]
        dataset = load_data(np.load(path, mmap_mode="r")[:count].copy(), labels, standardize="none")
    else:
        dataset = load_data(path)
    loaded = time.perf_counter() - began
    drop_from_cache(path, dataset.train.values)
    settings = Settings(data=dataset.name, seq_len=STEPS, epochs=1, **NETWORK)
    sampler = samplers_for(settings, dataset, ("train",))["train"]
    steps = sampler.steps_per_epoch
    nbytes = steps * BATCH * STEPS * FEATURES * 4
    began, processor = time.perf_counter(), time.process_time()
    if what == "checksum":
        _ = dataset.checksum
        nbytes = sum(dataset.split(name).values.nbytes for name in ("train", "validation", "test"))
        seconds = time.perf_counter() - began
    elif what == "read":
        values = dataset.train.values
        for step in range(steps):
            values[sampler.draw(0, step, 1).sequences[0]].sum()
        seconds = time.perf_counter() - began
    else:
        seconds = train_one_epoch(settings, dataset, threads)
    processor = time.process_time() - processor
    status = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text().splitlines())
    figures = {
        "seconds": seconds,
        "processor": processor,
        "load": loaded,
        "gigabytes": nbytes / 1e9,
        "anonymous_gb": int(status["RssAnon"].split()[0]) / 1e6,
    }
    print(json.dumps(figures))


def train_one_epoch(settings: Settings, dataset: lengthwise.Dataset, threads: int) -> float:
    """Return the seconds of an epoch's training steps alone."""
    training = Training.begin(settings, dataset, phases=("train",))
    training.fit(threads=threads)
    return float(training.progress.history.seconds.sum())


def mapped(gigabytes: float, limit_gigabytes: float, threads: int, folder: Path) -> None:
    check(folder)
    path = folder.resolve() / "large.npy"
    make_file(path, int(gigabytes * GIGABYTE) // (STEPS * FEATURES * 4))
    size = path.stat().st_size
    print(f"{size / 1e9:.1f} GB in {path.name}; each process may hold {limit_gigabytes:g} GB of its own")
    copying = (
        "import numpy, resource, sys; limit = int(sys.argv[2]); "
        "resource.setrlimit(resource.RLIMIT_DATA, (limit, limit)); numpy.load(sys.argv[1])"
    )
    limit = str(int(limit_gigabytes * GIGABYTE))
    with_copy = subprocess.run(
        [sys.executable, "-c", copying, str(path), limit], capture_output=True, text=True, check=False
    )
    refused = with_copy.returncode != 0 and "MemoryError" in with_copy.stderr
    print(f"reading the whole file into memory under that limit: {'MemoryError' if refused else 'worked (?)'}")
    for what in ("read", "train", "memory", "checksum"):
        drop_from_cache(path)
        arguments = ["child", what, str(path), limit, str(threads)]
        command = [sys.executable, "-m", "benchmarks.data", *arguments]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
        if done.returncode:
            sys.exit(f"{what} failed with {done.returncode}: {done.stderr}")
        figures = json.loads(done.stdout)
        rate = figures["gigabytes"] / figures["seconds"]
        print(
            f"{what:9} {figures['gigabytes']:5.1f} GB in {figures['seconds']:6.1f} s = {rate:.2f} GB/s, with "
            f"{figures['processor']:.1f} s of processor time and {figures['anonymous_gb']:.2f} GB of its own memory; "
            f"loading took {figures['load']:.1f} s",
            flush=True,
        )


def main() -> None:
    if sys.argv[1:2] == ["child"]:
        _, _, what, path, limit, threads = sys.argv
        child(Path(path), what, int(limit), int(threads))
        return
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=["mnist", "ts", "mapped"])
    parser.add_argument("--megabytes", type=float, default=100, help="size of the .ts file")
    parser.add_argument("--gigabytes", type=float, default=10, help="size of the mapped file")
    parser.add_argument("--limit-gigabytes", type=float, default=2, help="memory that a process may hold")
    parser.add_argument("--threads", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--folder", type=Path, help="where to make files [default: a temporary folder]")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=given.folder) as folder:
        if given.what == "mnist":
            mnist()
        elif given.what == "ts":
            ts(given.megabytes, Path(folder))
        else:
            mapped(given.gigabytes, given.limit_gigabytes, given.threads, Path(folder))


if __name__ == "__main__":
    main()
