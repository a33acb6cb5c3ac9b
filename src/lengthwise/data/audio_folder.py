"""A folder of recordings, WAV files, in a folder for each class: each becomes a sequence of frames of sound."""

import os
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from lengthwise.data.array_names import PARTS
from lengthwise.data.arrays import padded
from lengthwise.data.column_names import GROUP, plain_name
from lengthwise.data.mel import FRAMES_A_SECOND, NUM_BANDS, WINDOW, centres, log_mel
from lengthwise.data.options import Options
from lengthwise.data.reading import Reading, listed
from lengthwise.data.sequence_types import Sequences
from lengthwise.data.sequences import check_memory
from lengthwise.data.wav_files import Header, read_header, read_samples
from lengthwise.errors import DataError, UsageError

WAV = ".wav"

OTHERS = (".aif", ".aiff", ".au", ".flac", ".m4a", ".mp3", ".ogg", ".opus", ".wma")
"""Sound that is not read."""

TABLES = (".csv", ".tsv", ".tab", ".parquet", ".xlsx")

NOISE = "_background_noise_"
"""The folder of Speech Commands (Warden, arXiv 1804.03209) that is no class, but noise to be added to recordings."""

LISTS = {"validation_list.txt": "validation", "testing_list.txt": "test"}
"""The lists of Speech Commands, a recording a line, as ``yes/0a7c2a8d_nohash_0.wav``."""

SPEAKER_ENDS = "_nohash_"
"""What stands behind the speaker in Speech Commands' names."""

DIVISIONS = ("fold", "split", "part", "set", "session", "batch", "disc", "chunk")
"""Words before a number in names of folders that divide recordings, and are no classes."""

PEOPLE = (*GROUP, "actor", "singer", "reader", "child", "id")
"""Words before a number in names of folders that may be people's, or classes if it is they who are told apart."""

WHAT_IS_RIGHT = (
    "put each into a folder with the name of its class, as in yes/1.wav and no/2.wav, or make frames of your own and "
    "give them with their labels as .npz"
)


class Recording(NamedTuple):
    """A recording, and what its place says of it.

    Attributes
    ----------
    path : Path
    label : str
        Its class.
    split : str
        A word for its split, or "" where the folders name none.
    """

    path: Path
    label: str
    split: str = ""

    @property
    def key(self) -> str:
        """Its name in the lists of Speech Commands."""
        return f"{self.label}/{self.path.name}"


def is_audio_folder(folder: Path) -> bool:
    """Return whether a folder has sound, and no more tables: signals in tables may have recordings beside them."""
    kinds = Counter(path.suffix.lower() for path in _visible(folder))
    sounds = sum(kinds[ending] for ending in (WAV, *OTHERS))
    return sounds > 0 and sounds >= sum(kinds[ending] for ending in TABLES)


def refuse_recording(path: Path) -> None:
    """Raise `UsageError` if a file is sound: one recording is no data set."""
    if path.suffix.lower() in (WAV, *OTHERS) and path.is_file():
        raise UsageError(
            f"{path} is one recording, but a class is learnt from many: give the folder that has a folder of WAV files "
            f"for each class, or make frames of your own and give them with their labels as .npz."
        )


def read_audio_folder(folder: Path, options: Options) -> Sequences:
    """Read a folder of WAV files, each a sequence of frames (`log_mel`), whose class is the folder that it lies in.

    The splits are folders around the classes' (train, validation, test), or Speech Commands' two lists; else they are
    drawn. Where names are Speech Commands', all recordings of a speaker are a group. Recordings are read one after the
    other, and only their frames are kept. The bands reach up to half the lowest sampling rate for all of them.

    Raises
    ------
    UsageError
        If recordings lie in no folder of a class, or in several, there is one class only, or none is a WAV file.
    DataError
        If a file is damaged, or no recording is as long as a frame.
    """
    recordings, notes = _recordings(folder)
    headers = [read_header(recording.path) for recording in recordings]
    highest = min(header.rate for header in headers) / 2
    frames = [
        log_mel(read_samples(recording.path), header.rate, highest)
        for recording, header in zip(recordings, headers, strict=True)
    ]
    short = [recording.path for recording, own in zip(recordings, frames, strict=True) if not len(own)]
    if len(short) == len(frames):
        raise DataError(f"{folder} has no recording as long as a frame, {1000 * WINDOW:g} ms.")
    if short:
        notes.append(f"{_of(folder, short)} left out: shorter than a frame of {1000 * WINDOW:g} ms")
    kept = [recording for recording, own in zip(recordings, frames, strict=True) if len(own)]
    values, lengths = _as_one([own for own in frames if len(own)], kept)
    splits, by = _splits(folder, kept)
    groups = _speakers(kept)
    return Sequences(
        source=str(folder),
        values=values,
        targets=np.array([recording.label for recording in kept]),
        lengths=lengths,
        splits=splits,
        groups=groups,
        grouped_by="" if groups is None else "speaker",
        features=tuple(f"{centre:.0f} Hz" for centre in centres(highest)),
        task="classification",
        options=replace(options, rate=float(FRAMES_A_SECOND)),
        reading=Reading(
            (
                ("recordings", f"{len(kept):,} WAV files; the class is the folder, the split {by}"),
                ("frames", f"of {1000 * WINDOW:g} ms: log power in {NUM_BANDS} mel bands up to {highest:,.0f} Hz"),
            ),
            (*notes, *_sound_notes(headers, highest)),
            _doubts(kept),
        ),
    )


def _visible(folder: Path) -> Iterable[Path]:
    """Yield the files in a folder, and in the folders in it, that are not hidden."""
    for place, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if name[0] != ".")
        paths = (Path(place, name) for name in sorted(names) if name[0] != ".")
        yield from (path for path in paths if path.is_file())


def _recordings(folder: Path) -> tuple[list[Recording], list[str]]:
    """Return the recordings with what their places say, and notes of what was left out."""
    files = list(_visible(folder))
    wavs, others = ([path for path in files if path.suffix.lower() in endings] for endings in ((WAV,), OTHERS))
    if not wavs:
        raise UsageError(
            f"{folder} has sound as {listed(sorted({path.suffix.lower() for path in others}))}, but only WAV files are "
            f"read: convert them, for example with ffmpeg."
        )
    notes = [f"{_of(folder, others)} left out: only WAV files are read"] if others else []
    places = {path: path.relative_to(folder).parts[:-1] for path in wavs}
    noise = [path for path, place in places.items() if NOISE in place]
    if noise:
        notes.append(f"{_count(len(noise), 'recording')} of {NOISE} left out: noise is no class")
    places = {path: place for path, place in places.items() if NOISE not in place}
    own = _of_classes(places)
    if not own:
        raise UsageError(
            f"{folder} has {_count(len(wavs), 'WAV file')}, but none in a folder of a class: {WHAT_IS_RIGHT}."
        )
    if len(own) < len(places):
        notes.append(f"{_of(folder, [path for path in places if path not in own])} left out: in no folder of a class")
    are_split = _are_splits(own.values())
    found = []
    for path, place in own.items():
        split, classes = (place[0].lower(), place[1:]) if are_split else ("", place)
        if len(classes) > 1:
            raise UsageError(
                f"{path} lies in the folders {' and '.join(classes)}, and which is its class is not certain: give a "
                f"folder that has a folder of WAV files for each class, and around these at most train, validation "
                f"and test."
            )
        found.append(Recording(path, classes[0], split))
    if len({recording.label for recording in found}) == 1:
        raise UsageError(
            f"{folder} has {_count(len(found), 'WAV file')} in one folder, {found[0].label}, which would be the only "
            f"class: {WHAT_IS_RIGHT}."
        )
    labels = sorted({recording.label for recording in found})
    if _are_numbered(labels, DIVISIONS):
        raise UsageError(
            f"{folder} has its WAV files in the folders {listed(labels)}, which divide them and are no classes: "
            f"{WHAT_IS_RIGHT}."
        )
    return found, notes


def _are_numbered(labels: Iterable[str], words: Iterable[str]) -> bool:
    """Return whether all names are one of the words with a number, such as fold1 or Actor_01."""
    numbered = [re.fullmatch(r"(.*?)_?\d+", plain_name(label)) for label in labels]
    return all(name is not None and name[1] in words for name in numbered)


def _doubts(recordings: Iterable[Recording]) -> tuple[str, ...]:
    """Return a warning where the classes have the names of people."""
    labels = sorted({recording.label for recording in recordings})
    if not _are_numbered(labels, PEOPLE):
        return ()
    who = f"the folders {listed(labels)} are taken for the classes, so that the question is who it is"
    return (f"{who}: if they are only who made the recordings, {WHAT_IS_RIGHT}",)


def _of_classes(places: dict[Path, tuple[str, ...]]) -> dict[Path, tuple[str, ...]]:
    """Return the folders of each recording without those around them all; recordings in no folder of a class go."""
    while True:
        tops = {place[0] for place in places.values() if place}
        if len(tops) == 1 and all(len(place) > 1 for place in places.values()):
            places = {path: place[1:] for path, place in places.items()}
            continue
        least = 2 if tops and all(top.lower() in PARTS for top in tops) else 1
        own = {path: place for path, place in places.items() if len(place) >= least}
        if len(own) == len(places):
            return places
        places = own


def _are_splits(places: Iterable[tuple[str, ...]]) -> bool:
    """Return whether the outer folders are splits, and not classes, of which one may be called train as well."""
    return all(len(place) > 1 and place[0].lower() in PARTS for place in places)


def _splits(folder: Path, recordings: Sequence[Recording]) -> tuple[NDArray[np.str_] | None, str]:
    """Return the split of each recording, None where they are to be drawn, and what says so."""
    if recordings[0].split:
        return np.array([recording.split for recording in recordings]), "the folder around it"
    inner = recordings[0].path.parents[1]
    places = [place for place in (inner, *inner.parents) if place == folder or place.is_relative_to(folder)]
    lists = {name: next((place / name for place in places if (place / name).is_file()), None) for name in LISTS}
    named = {name: _lines(path) for name, path in lists.items() if path is not None}
    if not named:
        return None, "drawn"
    of = {key: LISTS[name] for name, keys in named.items() for key in keys}
    splits = np.array([of.get(recording.key, "train") for recording in recordings])
    for name in named:
        if LISTS[name] not in splits:
            raise DataError(
                f"{lists[name]} names none of the recordings, such as {recordings[0].key}: it needs such lines, or "
                f"delete it, and splits are drawn."
            )
    return splits, f"by {' and '.join(named)}"


def _lines(path: Path) -> list[str]:
    text = path.read_text(encoding="utf-8", errors="surrogateescape")
    return [line.strip().replace("\\", "/").removeprefix("./") for line in text.splitlines()]


def _speakers(recordings: Sequence[Recording]) -> NDArray[np.str_] | None:
    """Return the speaker of each recording, where names say it; others are of nobody else."""
    names = [recording.path.name for recording in recordings]
    if not any(SPEAKER_ENDS in name for name in names):
        return None
    return np.array(
        [
            name.partition(SPEAKER_ENDS)[0] if SPEAKER_ENDS in name else recording.key
            for name, recording in zip(names, recordings, strict=True)
        ]
    )


def _as_one(
    frames: Sequence[NDArray[np.float32]], recordings: Sequence[Recording]
) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    """Return frames as one array, (recordings, most frames, bands), and the number of each recording's."""
    longest = max(range(len(frames)), key=lambda at: len(frames[at]))
    check_memory(
        f"the longest recording, {recordings[longest].path}, has {len(frames[longest]):,} frames, and an array with as "
        f"many for each",
        len(frames) * frames[longest].nbytes,
        frames[longest].dtype,
    )
    return padded(frames, str(recordings[0].path.parents[1]))


def _of(folder: Path, paths: Sequence[Path]) -> str:
    """Return how many files there are, and some of their names."""
    names = listed([path.relative_to(folder).as_posix() for path in paths], most=3)
    return f"{_count(len(paths), 'file')} ({names})"


def _count(count: int, what: str) -> str:
    return f"{count:,} {what}{'' if count == 1 else 's'}"


def _sound_notes(headers: Sequence[Header], highest: float) -> Iterable[str]:
    rates = Counter(header.rate for header in headers)
    if len(rates) > 1:
        each = listed([f"{count:,} of {rate:,} Hz" for rate, count in sorted(rates.items())])
        yield f"recordings have different sampling rates ({each}): bands reach to {highest:,.0f} Hz, half the lowest"
    several = sum(header.channels > 1 for header in headers)
    if several:
        yield f"{_count(several, 'recording')} {'has' if several == 1 else 'have'} several channels: their mean is read"
