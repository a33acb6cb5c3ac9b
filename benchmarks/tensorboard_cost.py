"""What writing TensorBoard's events costs, as a share of the time of a run.

    python -m benchmarks.tensorboard_cost [--runs 5] [--threads 2]

The notebook's training with and without events, in turn, in one process and with the same seed. Two numbers come out:

* the ratio of the medians of the whole trainings' times, which another program on the machine can blur,
* the time spent in the callback itself as a share of the training's, which it cannot.

Fails where the second one is above 5 %.
"""

import argparse
import statistics
import tempfile
import time
from pathlib import Path

from lengthwise._internal.threads import check_threads
from lengthwise.data import load_data
from lengthwise.training.callbacks.tensorboard import TensorBoard
from lengthwise.training.events import Event
from lengthwise.training.loop import Training, ignore
from lengthwise.training.settings import Settings

LIMIT = 0.05


class Timed:
    """TensorBoard's callback, and the seconds that it took."""

    def __init__(self, folder: Path) -> None:
        self._board = TensorBoard(folder)
        self.seconds = 0.0

    def __call__(self, event: Event) -> None:
        """Listen, on the clock."""
        began = time.perf_counter()
        self._board(event)
        self.seconds += time.perf_counter() - began

    def close(self) -> None:
        """Close the files, on the clock."""
        began = time.perf_counter()
        self._board.close()
        self.seconds += time.perf_counter() - began


def seconds_of(settings: Settings, threads: int, board: Timed | None) -> float:
    """Train once, and return how long it took."""
    training = Training.begin(settings, load_data(settings.data))
    began = time.perf_counter()
    training.fit(threads=threads, emit=board or ignore)
    if board is not None:
        board.close()
    return time.perf_counter() - began


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--threads", type=int)
    arguments = parser.parse_args()
    threads = check_threads(arguments.threads)
    settings = Settings()
    seconds_of(Settings(steps=10), threads, None)  # compiles, where that is still to be done
    without, with_events, shares = [], [], []
    for _ in range(arguments.runs):
        without.append(seconds_of(settings, threads, None))
        with tempfile.TemporaryDirectory() as folder:
            board = Timed(Path(folder))
            with_events.append(seconds_of(settings, threads, board))
        shares.append(board.seconds / with_events[-1])
    print(f"{arguments.runs} trainings each of the notebook's 10,154 steps, {threads} threads; medians (all)")
    for name, seconds in (("without events", without), ("with events", with_events)):
        print(f"{name:15} {statistics.median(seconds):6.3f} s  ({', '.join(f'{value:.3f}' for value in seconds)})")
    ratio = statistics.median(with_events) / statistics.median(without)
    share = statistics.median(shares)
    print(f"{'ratio':15} {ratio:6.3f}")
    print(f"{'in the callback':15} {100 * share:6.2f} %  ({', '.join(f'{100 * value:.2f}' for value in shares)})")
    if share > LIMIT:
        raise SystemExit(f"writing events takes more than {100 * LIMIT:g} % of a run")


if __name__ == "__main__":
    main()
