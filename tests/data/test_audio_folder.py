"""A folder of recordings: classes, splits, groups, frames, what is left out, and what is refused."""

import subprocess
import sys
from collections import Counter

import numpy as np
import pytest
from scipy.io import wavfile

from lengthwise.cli import main
from lengthwise.data import load_data
from lengthwise.data.audio_folder import read_audio_folder
from lengthwise.data.mel import SILENCE, log_mel
from lengthwise.data.options import Options
from lengthwise.errors import DataError, UsageError

PITCHES = {"yes": 500, "no": 1000, "up": 1500}


def record(path, pitch=700, *, rate=8000, seconds=0.2, seed=0, kind=np.int16, channels=1):
    """Write a tone with some noise, and return its samples from -1 to 1."""
    random = np.random.default_rng(seed)
    samples = 0.3 * np.sin(2 * np.pi * pitch * np.arange(round(rate * seconds)) / rate)
    samples += 0.01 * random.normal(size=len(samples))
    written = (samples * 32768).round().astype(np.int16) if kind == np.int16 else samples.astype(kind)
    path.parent.mkdir(parents=True, exist_ok=True)
    wavfile.write(path, rate, written if channels == 1 else np.stack([written] * channels, axis=1))
    return written / 32768 if kind == np.int16 else written


def classes(folder, count=8, **more):
    """Write a folder for each class."""
    for label, pitch in PITCHES.items():
        for at in range(count):
            record(folder / label / f"{at}.wav", pitch, seed=at, **more)
    return folder


def commands(folder, *, speakers=12):
    """Write recordings as Speech Commands has them, two of each class by a speaker, with its lists."""
    lists = {"validation_list.txt": [], "testing_list.txt": []}
    for speaker in range(speakers):
        for label, pitch in PITCHES.items():
            for at in range(2):
                name = f"{label}/{speaker:08x}_nohash_{at}.wav"
                record(folder / name, pitch, seed=speaker)
                if speaker < 4:
                    lists["validation_list.txt" if speaker < 2 else "testing_list.txt"].append(name)
    for name, lines in lists.items():
        (folder / name).write_text("\n".join([*lines, "house/ffffffff_nohash_0.wav"]) + "\n")
    record(folder / "_background_noise_" / "tap.wav", seconds=1)
    (folder / "README.md").write_text("# Speech Commands\n")
    return folder


def read(folder):
    return read_audio_folder(folder, Options())


def test_a_recording_becomes_the_frames_of_its_samples(tmp_path):
    classes(tmp_path, count=3)
    samples = record(tmp_path / "yes" / "0.wav", 600)
    found = read(tmp_path)
    at = [*found.targets].index("yes")
    assert found.values.dtype == np.float32
    np.testing.assert_allclose(found.values[at], log_mel(samples, 8000, 4000), atol=1e-5)
    assert found.values.shape == (9, 18, 40)
    assert found.features[:2] == ("33 Hz", "68 Hz")


def test_the_class_is_the_folder_and_a_step_is_10_ms(tmp_path):
    dataset = load_data(classes(tmp_path))
    assert dataset.classes == ("no", "up", "yes")
    assert dataset.task == "classification"
    assert dataset.step_seconds == 0.01
    assert [len(dataset.split(name)) for name in ("train", "validation", "test")] == [16, 4, 4]
    facts = dict(dataset.reading.facts)
    assert facts["recordings"] == "24 WAV files; the class is the folder, the split drawn"
    assert facts["frames"] == "of 25 ms: log power in 40 mel bands up to 4,000 Hz"
    assert dataset.reading.notes == ()
    assert dataset.train.groups is None
    assert load_data(dataset.name).checksum == dataset.checksum


def test_recordings_of_different_lengths_are_sequences_of_different_lengths(tmp_path):
    classes(tmp_path, count=3)
    record(tmp_path / "no" / "long.wav", seconds=0.5)
    found = read(tmp_path)
    assert sorted(found.lengths) == [18] * 9 + [48]
    short = found.lengths < 48
    assert (found.values[short, 18:] == 0).all()


def test_the_splits_are_folders_around_the_classes(tmp_path):
    for split, count in (("train", 8), ("val", 2), ("Test", 3)):
        classes(tmp_path / split, count)
    dataset = load_data(tmp_path)
    assert [len(dataset.split(name)) for name in ("train", "validation", "test")] == [24, 6, 9]
    assert "the split the folder around it" in dict(dataset.reading.facts)["recordings"]


def test_a_validation_split_that_no_folder_has_is_drawn_from_the_training_split(tmp_path):
    classes(tmp_path / "train")
    classes(tmp_path / "test", 3)
    dataset = load_data(tmp_path)
    assert [len(dataset.split(name)) for name in ("train", "validation", "test")] == [20, 4, 9]


def test_a_class_may_be_called_train(tmp_path):
    for label in ("train", "bus", "car"):
        for at in range(5):
            record(tmp_path / label / f"{at}.wav", seed=at)
    assert load_data(tmp_path).classes == ("bus", "car", "train")


def test_folders_around_all_classes_do_not_matter(tmp_path):
    classes(tmp_path / "data" / "wavs")
    assert load_data(tmp_path).checksum == load_data(tmp_path / "data" / "wavs").checksum


def test_speech_commands_has_its_own_splits_and_speakers(tmp_path):
    dataset = load_data(commands(tmp_path))
    assert [len(dataset.split(name)) for name in ("train", "validation", "test")] == [48, 12, 12]
    assert [len(set(dataset.split(name).groups)) for name in ("train", "validation", "test")] == [8, 2, 2]
    assert dataset.grouped_by == "speaker"
    assert set(dataset.group_names) == {f"{speaker:08x}" for speaker in range(12)}
    assert "by validation_list.txt and testing_list.txt" in dict(dataset.reading.facts)["recordings"]
    assert dataset.reading.notes == ("1 recording of _background_noise_ left out: noise is no class",)


def test_the_lists_may_lie_outside_of_a_folder_around_the_classes(tmp_path):
    commands(tmp_path / "audio")
    for name in ("validation_list.txt", "testing_list.txt"):
        (tmp_path / "audio" / name).rename(tmp_path / name)
    assert len(load_data(tmp_path).test) == 12


def test_speakers_stay_together_where_splits_are_drawn(tmp_path):
    commands(tmp_path)
    for name in ("validation_list.txt", "testing_list.txt"):
        (tmp_path / name).unlink()
    record(tmp_path / "no" / "mine.wav")
    dataset = load_data(tmp_path)
    groups = [set(dataset.split(name).groups) for name in ("train", "validation", "test")]
    assert sum(map(len, groups)) == len(set.union(*groups)) == 13
    assert "no/mine.wav" in dataset.group_names


def test_files_of_different_rates_and_channels_are_read_to_half_the_lowest_rate(tmp_path):
    classes(tmp_path, count=3)
    record(tmp_path / "no" / "high.wav", 1000, rate=44100, channels=2, kind=np.float32)
    found = read(tmp_path)
    rates, channels = found.reading.notes
    assert rates.endswith("rates (9 of 8,000 Hz, 1 of 44,100 Hz): bands reach to 4,000 Hz, half the lowest")
    assert channels == "1 recording has several channels: their mean is read"
    frames = found.values[found.targets == "no"].mean(axis=1)
    bands = frames.argmax(axis=1)
    assert (bands == bands[0]).all()
    np.testing.assert_allclose(frames[:, bands[0]], frames[0, bands[0]], atol=0.05)


def test_what_is_no_recording_of_a_class_is_left_out_with_a_note(tmp_path):
    classes(tmp_path)
    record(tmp_path / "yes" / "click.wav", seconds=0.02)
    record(tmp_path / "yes" / "nothing.wav", seconds=0)
    record(tmp_path / "example.wav")
    (tmp_path / "yes" / "song.mp3").write_bytes(b"ID3")
    (tmp_path / "yes" / "._0.wav").write_bytes(b"of a Mac")
    (tmp_path / ".hidden").mkdir()
    (tmp_path / ".hidden" / "a.wav").write_bytes(b"hidden")
    dataset = load_data(tmp_path)
    assert dataset.reading.notes == (
        "1 file (yes/song.mp3) left out: only WAV files are read",
        "1 file (example.wav) left out: in no folder of a class",
        "2 files (yes/click.wav, yes/nothing.wav) left out: shorter than a frame of 25 ms",
    )
    assert sum(len(dataset.split(name)) for name in ("train", "validation", "test")) == 24


def test_recordings_without_classes_beside_a_folder_of_classes_are_left_out(tmp_path):
    classes(tmp_path / "train")
    record(tmp_path / "test" / "1.wav")
    dataset = load_data(tmp_path)
    assert dataset.reading.notes == ("1 file (test/1.wav) left out: in no folder of a class",)
    assert [len(dataset.split(name)) for name in ("train", "validation", "test")] == [16, 4, 4]


def test_silence_at_the_end_may_be_left_out(tmp_path):
    for label in ("a", "b"):
        for at in range(6):
            samples = np.zeros(4000, np.int16)
            samples[: 1000 + 200 * at] = np.random.default_rng(at).normal(size=1000 + 200 * at) * 1000
            (tmp_path / label).mkdir(exist_ok=True)
            wavfile.write(tmp_path / label / f"{at}.wav", 8000, samples)
    assert f"padding={SILENCE:g} leaves them out" in load_data(tmp_path).reading.notes[0]
    lengths = load_data(tmp_path, padding=SILENCE, standardize="none").train.lengths
    assert 12 < min(lengths) < max(lengths) < 30


def test_options_of_splits_apply_and_those_of_tables_do_not(tmp_path):
    classes(tmp_path)
    assert len(load_data(f"{tmp_path}?test=0.5").test) == 12
    with pytest.raises(UsageError, match=r"the option rate does not apply to .*, a folder of WAV files, which takes"):
        load_data(tmp_path, rate=50)
    with pytest.raises(UsageError, match="is for classification"):
        load_data(tmp_path, task="regression")


def test_a_folder_without_classes_is_refused(tmp_path):
    for at in range(3):
        record(tmp_path / f"{at}.wav")
    (tmp_path / "labels.csv").write_text("file,label\n0.wav,a\n1.wav,b\n")
    with pytest.raises(UsageError, match=r"has 3 WAV files, but none in a folder of a class: put each .* as \.npz\.$"):
        load_data(tmp_path)


@pytest.mark.parametrize("folders", [("train", "test"), ("train",)])
def test_splits_without_classes_are_refused(tmp_path, folders):
    for folder in folders:
        record(tmp_path / folder / "1.wav")
    with pytest.raises(UsageError, match="none in a folder of a class"):
        load_data(tmp_path)


def test_folders_of_which_the_class_is_not_certain_are_refused(tmp_path):
    classes(tmp_path / "anna")
    classes(tmp_path / "ben")
    with pytest.raises(UsageError, match=r"anna/no/0\.wav lies in the folders anna and no, and which is its class"):
        load_data(tmp_path)


def named(folder, names):
    """Write a folder of four recordings for each name."""
    for name in names:
        for at in range(4):
            record(folder / name / f"{at}.wav", seed=at)
    return folder


@pytest.mark.parametrize("names", [("fold1", "fold2", "fold10"), ("Session 1", "Session 2"), ("part_01", "part_02")])
def test_folders_that_divide_recordings_are_no_classes(tmp_path, names):
    with pytest.raises(UsageError, match="which divide them and are no classes: put each into a folder with the name"):
        load_data(named(tmp_path, names))


@pytest.mark.parametrize("names", [("Actor_01", "Actor_02"), ("speaker1", "speaker2")])
def test_folders_with_the_names_of_people_are_classes_with_a_warning(tmp_path, names):
    data = load_data(named(tmp_path, names))
    (doubt,) = data.reading.doubts
    assert doubt.startswith(
        f"the folders {names[0]}, {names[1]} are taken for the classes, so that the question is who"
    )
    assert data.classes == names


@pytest.mark.parametrize("names", [("0", "1"), ("go1", "go2"), ("fold1", "yes"), ("folder1", "folder2")])
def test_folders_with_other_numbers_are_classes(tmp_path, names):
    assert load_data(named(tmp_path, names)).reading.doubts == ()


def test_one_folder_is_refused(tmp_path):
    for at in range(4):
        record(tmp_path / "audio" / f"{at}.wav")
    with pytest.raises(UsageError, match="has 4 WAV files in one folder, audio, which would be the only class: put"):
        load_data(tmp_path)


def test_links_that_lead_nowhere_are_no_recordings(tmp_path):
    classes(tmp_path)
    (tmp_path / "no" / "link.wav").symlink_to(tmp_path / "nowhere.wav")
    assert len(read(tmp_path).values) == 24


def test_one_recording_is_refused(tmp_path):
    record(tmp_path / "a.wav")
    with pytest.raises(UsageError, match=r"a\.wav is one recording, .* a folder of WAV files for each class, .*\.npz"):
        load_data(tmp_path / "a.wav")


def test_sound_of_another_kind_is_refused(tmp_path):
    (tmp_path / "yes").mkdir()
    (tmp_path / "yes" / "a.flac").write_bytes(b"fLaC")
    with pytest.raises(UsageError, match=r"has sound as \.flac, but only WAV files are read: convert"):
        load_data(tmp_path)


def test_a_folder_with_nothing_but_noise_is_refused(tmp_path):
    record(tmp_path / "_background_noise_" / "a.wav")
    with pytest.raises(UsageError, match="none in a folder of a class"):
        load_data(tmp_path)


def test_recordings_that_are_all_too_short_are_refused(tmp_path):
    classes(tmp_path, count=2, seconds=0.01)
    with pytest.raises(DataError, match="has no recording as long as a frame, 25 ms"):
        load_data(tmp_path)


def test_a_list_that_names_no_recording_is_refused(tmp_path):
    commands(tmp_path)
    (tmp_path / "testing_list.txt").write_text("0a_nohash_0.wav\n")
    with pytest.raises(DataError, match=r"testing_list\.txt names none of the recordings, such as no/0.*_0\.wav"):
        load_data(tmp_path)


@pytest.mark.parametrize("content", [b"", b"no sound", b"RIFF\x10\0\0\0WAVEfmt \x10\0\0\0"])
def test_a_damaged_recording_is_refused_with_its_name_in_a_line(tmp_path, content, capsys):
    (classes(tmp_path) / "up" / "bad.wav").write_bytes(content)
    assert main(["data", "info", str(tmp_path)]) == 1
    error = capsys.readouterr().err
    assert "up/bad.wav is no complete WAV file" in error
    assert Counter(error)["\n"] == 1


def test_a_recording_too_long_for_memory_is_refused_with_its_name(tmp_path, monkeypatch):
    classes(tmp_path, count=2)
    monkeypatch.setattr("os.sysconf", lambda _name: 10)
    with pytest.raises(UsageError, match=r"the longest recording, .*/no/0\.wav, has 18 frames, and an array"):
        load_data(tmp_path)


def test_tables_with_a_recording_beside_them_are_tables(tmp_path):
    for label in ("a", "b"):
        for at in range(6):
            path = tmp_path / label / f"{at}.csv"
            path.parent.mkdir(exist_ok=True)
            path.write_text("t,x\n" + "".join(f"{t},{t * at % 7}\n" for t in range(9)))
    record(tmp_path / "a" / "0.wav")
    assert load_data(tmp_path).input_size == 1


def test_scipy_is_loaded_only_where_sound_is_read(tmp_path):
    classes(tmp_path)
    program = (
        f"import lengthwise, sys; lengthwise.load_data('mnist'); print('scipy' in sys.modules); "
        f"lengthwise.load_data({str(tmp_path)!r}); print('scipy.io' in sys.modules, 'scipy.signal' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", "True", "False"]
