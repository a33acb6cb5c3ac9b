"""Trainings and studies that are killed, gone on with, and compared with undisturbed ones."""

import mmap
import os
import shutil
import signal
import struct
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np

import lengthwise
from lengthwise.report.answer_file import write_answer
from lengthwise.report.files import write_page, write_tables
from lengthwise.study.execution import RunEnded
from tests.campaign.damages import RUN, STUDY
from tests.kills import killed_at
from tests.study.test_study import figures

MOST_CALLS = {"training": 150, "study": 700}
"""A process is killed at one of so many of its first calls that change files; some end before."""

SIGNALS = (signal.SIGKILL, signal.SIGTERM, signal.SIGINT, signal.SIGHUP)


class Killed:
    """Trainings or studies in folders, each killed once or twice.

    Parameters
    ----------
    what : {"training", "study"}
    small : Path
        The data.
    folder : Path
        An empty folder.
    """

    def __init__(self, what: str, small: Path, folder: Path) -> None:
        self.what, self._small, self._folder = what, small, folder
        self._stored = mmap.mmap(-1, 8)
        begun = time.monotonic()
        self._expected = self._found(folder / "undisturbed")
        self._seconds = time.monotonic() - begun

    def attempt(self, rng: np.random.Generator) -> str:
        """Kill a new one, at a call or after a time, go on with it to the end, and compare."""
        place = Path(tempfile.mkdtemp(dir=self._folder))
        out = place / "out"
        self._note_stored(0)
        for _ in range(int(rng.integers(1, 3))):
            if rng.random() < 0.7:
                killed_at(int(rng.integers(1, MOST_CALLS[self.what])), lambda: self._found(out))
            else:
                self._signalled(out, float(rng.uniform(0, 2 * self._seconds)), SIGNALS[rng.integers(len(SIGNALS))])
        if self.what == "study":
            self._check_stored(out)
        found = self._found(out)
        same = all(_equal(found[name], each) for name, each in self._expected.items())
        left = [path for path in out.rglob(".*") if path.name not in (".lock", ".holder.json")]
        assert not left, left
        shutil.rmtree(place)
        return "same bits" if same else "other content"

    def _found(self, out: Path) -> dict[str, Any]:
        """Go on with what is in a folder, or begin, and return what came out."""
        if self.what == "training":
            if (out / "run.json").exists():
                return dict(lengthwise.resume(out, quiet=True, threads=1).parameters)
            return dict(lengthwise.train(self._small, out=out, **RUN).parameters)
        try:
            study = lengthwise.Study.load(out)
        except lengthwise.errors.UsageError:
            study = lengthwise.Study(self._small, out=out, **STUDY)
        study.run(workers=1, callbacks=[self._hear])
        write_page(study, out)
        write_tables(study, out)
        write_answer(study, study.answers(), out)
        tables = {str(at): table for at, table in enumerate(figures(study))}
        study.store.close()
        return tables

    def _signalled(self, out: Path, seconds: float, number: int) -> None:
        """Send a signal to a process after a time."""
        child = os.fork()
        if child == 0:
            signal.signal(signal.SIGINT, signal.default_int_handler)
            try:
                self._found(out)
            except BaseException:
                os._exit(1)
            os._exit(0)
        time.sleep(seconds)
        os.kill(child, number)
        os.waitpid(child, 0)

    def _hear(self, event: object) -> None:
        if isinstance(event, RunEnded):
            self._note_stored(struct.unpack("q", self._stored[:8])[0] + 1)

    def _note_stored(self, count: int) -> None:
        self._stored[:8] = struct.pack("q", count)

    def _check_stored(self, out: Path) -> None:
        """Check that every run is in the store whose end a process heard of before it was killed."""
        count = struct.unpack("q", self._stored[:8])[0]
        if count:
            study = lengthwise.Study.load(out, read_only=True)
            assert len(study.results) >= count, (len(study.results), count)
            study.store.close()


def _equal(one: Any, other: Any) -> bool:
    return bool(np.array_equal(one, other) if isinstance(one, np.ndarray) else one.equals(other))
