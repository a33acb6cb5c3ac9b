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
from lengthwise.report.files import write_page, write_tables
from lengthwise.study.execution import RunEnded
from tests.campaign.damages import RUN, STUDY
from tests.kills import killed_at
from tests.study.test_study import figures

MOST_CALLS = {"training": 150, "study": 700}
"""A process is killed at one of so many of its first calls that change files; some end before."""

STORED, KILLS = 0, 8
"""Places of counts that processes share: runs of which one heard that they are stored, and kills."""

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
        self._counts = mmap.mmap(-1, 16)
        begun = time.monotonic()
        self._expected = self._found(folder / "undisturbed")
        self._seconds = time.monotonic() - begun

    def attempt(self, rng: np.random.Generator) -> str:
        """Kill a new one, at a call or after a time, go on with it to the end, and compare."""
        place = Path(tempfile.mkdtemp(dir=self._folder))
        out = place / "out"
        self._note(STORED, 0)
        for _ in range(int(rng.integers(1, 3))):
            if rng.random() < 0.7:
                ended = killed_at(int(rng.integers(1, MOST_CALLS[self.what])), lambda: self._found(out))
            else:
                seconds, number = float(rng.uniform(0, 2 * self._seconds)), SIGNALS[rng.integers(len(SIGNALS))]
                ended = self._signalled(out, seconds, number)
            self._note(KILLS, self.kills + ended)
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
        tables = {str(at): table for at, table in enumerate(figures(study))}
        study.store.close()
        return tables

    def _signalled(self, out: Path, seconds: float, number: int) -> bool:
        """Send a signal to a process after a time; whether that ended it."""
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
        _, status = os.waitpid(child, 0)
        return status != 0

    def _hear(self, event: object) -> None:
        if isinstance(event, RunEnded):
            self._note(STORED, self._noted(STORED) + 1)

    @property
    def kills(self) -> int:
        """How many processes have been killed, also by tries in other processes."""
        return self._noted(KILLS)

    def _note(self, place: int, count: int) -> None:
        struct.pack_into("q", self._counts, place, count)

    def _noted(self, place: int) -> int:
        return int(struct.unpack_from("q", self._counts, place)[0])

    def _check_stored(self, out: Path) -> None:
        """Check that every run is in the store whose end a process heard of before it was killed."""
        count = self._noted(STORED)
        if count:
            study = lengthwise.Study.load(out, read_only=True)
            assert len(study.results) >= count, (len(study.results), count)
            study.store.close()


def _equal(one: Any, other: Any) -> bool:
    return bool(np.array_equal(one, other) if isinstance(one, np.ndarray) else one.equals(other))
