"""One WAV file: kinds of samples, channels, headers, and what is damaged."""

import struct
from contextlib import suppress

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.io import wavfile

from lengthwise.data.mel import log_mel
from lengthwise.data.wav_files import Header, read_header, read_samples
from lengthwise.errors import DataError

LEVELS = np.array([-1, -0.5, 0, 0.25, 0.5])
"""Samples that every kind of file can have exactly."""


def wav(samples, *, kind=1, bits=16, rate=8000, channels=1, order="<", more=b"", size=None):
    """Make the bytes of a WAV file from the bytes of its samples."""
    align = channels * bits // 8
    begin = {"<": b"RIFF", ">": b"RIFX"}[order]
    form = struct.pack(f"{order}HHIIHH", kind, channels, rate, rate * align, align, bits)
    length = len(samples) if size is None else size
    data = b"data" + struct.pack(f"{order}I", length) + samples + b"\0" * (len(samples) % 2)
    body = b"WAVE" + more + b"fmt " + struct.pack(f"{order}I", 16) + form + data
    return begin + struct.pack(f"{order}I", len(body) if size is None else size) + body


def of_24_bits(levels):
    return b"".join(int(level * 2**23).to_bytes(3, "little", signed=True) for level in levels)


@pytest.fixture
def path(tmp_path):
    return tmp_path / "a.wav"


@pytest.mark.parametrize(
    "content",
    [
        wav((LEVELS * 128 + 128).astype("u1").tobytes(), bits=8),
        wav((LEVELS * 2**15).astype("<i2").tobytes()),
        wav((LEVELS * 2**15).astype(">i2").tobytes(), order=">"),
        wav(of_24_bits(LEVELS), bits=24),
        wav((LEVELS * 2**31).astype("<i4").tobytes(), bits=32),
        wav(LEVELS.astype("<f4").tobytes(), kind=3, bits=32),
        wav(LEVELS.astype("<f8").tobytes(), kind=3, bits=64),
        wav((LEVELS * 2**15).astype("<i2").tobytes(), more=b"LIST\x03\0\0\0abc\0"),
    ],
    ids=["8 bits", "16", "big-endian", "24", "32", "float", "double", "with another chunk"],
)
def test_samples_of_every_kind_lie_between_the_same_limits(path, content):
    path.write_bytes(content)
    assert read_header(path) == Header(rate=8000, channels=1)
    samples = read_samples(path)
    assert samples.dtype == np.float32
    np.testing.assert_array_equal(samples, LEVELS)


def test_the_mean_of_channels_is_read(path):
    wavfile.write(path, 16000, np.array([[0.5, 0.25], [-1, 1], [0.25, 0]], np.float32))
    assert read_header(path) == Header(rate=16000, channels=2)
    np.testing.assert_array_equal(read_samples(path), np.array([0.375, 0, 0.125], np.float32))


def test_a_size_that_was_not_known_when_it_was_written_is_the_rest_of_the_file(path):
    path.write_bytes(wav((LEVELS * 2**15).astype("<i2").tobytes(), size=0xFFFFFFFF))
    read_header(path)
    np.testing.assert_array_equal(read_samples(path), LEVELS)


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "it is empty"),
        (b"fLaC and more than twelve bytes", "it does not begin as one"),
        (b"RIFF", "it does not begin as one"),
        (wav(b"")[:25], "its header is cut off"),
        (wav(b"")[:36], "it has no samples, as if it were cut off"),
        (wav(b"1234567890")[:-4], "it should have 10 bytes of samples, but has 6"),
        (b"RIFF\0\0\0\0WAVEdata\4\0\0\0abcd", "its samples come before what they are"),
    ],
    ids=["empty", "another format", "a word", "within the header", "before the samples", "within them", "order"],
)
def test_a_damaged_file_is_refused_with_its_name(path, content, why):
    path.write_bytes(content)
    with pytest.raises(DataError, match=rf"a\.wav is no complete WAV file: {why}; write it again, or delete it\.$"):
        read_header(path)


def test_a_compressed_file_is_refused_with_what_is_read(path):
    path.write_bytes(wav(bytes(100), kind=7, bits=8))
    with pytest.raises(DataError, match=r"a\.wav cannot be read as a WAV file: .*MULAW.*\. Write it .* 16 bits, PCM"):
        read_samples(path)


def test_a_rate_that_is_no_sounds_is_refused(path):
    wavfile.write(path, 100, np.zeros(1000, np.int16))
    with pytest.raises(DataError, match=r"a\.wav has a sampling rate of 100 Hz, but .* 1,000 or more"):
        read_header(path)


def test_samples_that_are_no_numbers_are_refused(path):
    wavfile.write(path, 8000, np.array([0, np.nan], np.float32))
    with pytest.raises(DataError, match=r"a\.wav has a sample that is no finite number"):
        read_samples(path)


def test_a_file_that_may_not_be_read_is_refused(path):
    with pytest.raises(DataError, match=r"a\.wav cannot be read: No such file"):
        read_header(path)


@given(at=st.integers(0, 47), byte=st.integers(0, 255))
def test_a_file_with_any_byte_changed_is_read_or_refused(tmp_path_factory, at, byte):
    content = bytearray(wav((np.sin(np.arange(400)) * 9000).astype("<i2").tobytes(), channels=2))
    content[at] = byte
    path = tmp_path_factory.mktemp("changed") / "a.wav"
    path.write_bytes(content)
    with suppress(DataError):
        header = read_header(path)
        log_mel(read_samples(path), header.rate, header.rate / 2)
