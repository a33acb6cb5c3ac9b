"""The idx reader, on files of every type and rank, and on files that lie."""

import gzip
import random
import struct
import subprocess
import sys
import textwrap
import tracemalloc

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from lengthwise.data import read_idx
from lengthwise.errors import DataError
from tests.idx_files import CODES, idx_bytes, write_idx

VALUES = np.arange(24, dtype=np.uint8).reshape(2, 3, 4)


@pytest.fixture(params=["", ".gz"], ids=["plain", "gzip"])
def ending(request):
    return request.param


def written(tmp_path, content, name="file"):
    path = tmp_path / name
    path.write_bytes(content)
    return path


def refused(path):
    """Read a file that must be refused, and return the message."""
    with pytest.raises(DataError) as caught:
        read_idx(path)
    message = str(caught.value)
    assert str(path) in message
    assert "\n" not in message
    assert message.endswith(".")
    return message


@settings(deadline=None, max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    array=st.sampled_from(sorted(CODES)).flatmap(
        lambda dtype: arrays.arrays(dtype, arrays.array_shapes(min_dims=0, max_dims=5, min_side=0, max_side=4))
    )
)
def test_an_array_of_any_type_and_rank_comes_back_from_a_file(tmp_path, ending, array):
    read = read_idx(write_idx(tmp_path / f"file{ending}", array))
    assert read.dtype == array.dtype
    assert read.dtype.isnative
    assert read.shape == array.shape
    np.testing.assert_array_equal(read, array)


def test_whether_a_file_is_compressed_is_seen_from_its_bytes_and_not_from_its_name(tmp_path):
    np.testing.assert_array_equal(read_idx(written(tmp_path, idx_bytes(VALUES), "plain.gz")), VALUES)
    np.testing.assert_array_equal(read_idx(written(tmp_path, gzip.compress(idx_bytes(VALUES)), "packed")), VALUES)


def test_a_path_may_be_text(tmp_path):
    np.testing.assert_array_equal(read_idx(str(write_idx(tmp_path / "file", VALUES))), VALUES)


@pytest.mark.parametrize(
    "magic", [b"\1\0\x08\3", b"\0\1\x08\3", b"\0\0\x0a\3", b"\0\0\x00\3", b"PNG!"], ids=lambda magic: magic.hex()
)
def test_a_wrong_magic_number_is_shown_beside_the_right_ones(tmp_path, ending, magic):
    content = magic + idx_bytes(VALUES)[4:]
    message = refused(written(tmp_path, gzip.compress(content) if ending else content))
    assert magic.hex(" ") in message
    assert "begins with 00 00, a type (08, 09, 0b, 0c, 0d, 0e) and a rank" in message


@pytest.mark.parametrize("length", range(16))
def test_a_file_that_ends_in_its_header_is_truncated(tmp_path, length):
    message = refused(written(tmp_path, idx_bytes(VALUES)[:length]))
    found, expected = (length, 4) if length < 4 else (length - 4, 12)
    assert f"truncated: it ends after {found} of the {expected} bytes" in message


@pytest.mark.parametrize("missing", [1, 5, 15])
def test_a_file_that_ends_within_its_values_is_refused_with_the_bytes_needed_and_found(tmp_path, ending, missing):
    content = idx_bytes(VALUES)[:-missing]
    message = refused(written(tmp_path, gzip.compress(content) if ending else content))
    assert "truncated: 2 x 3 x 4 values of type uint8 need 24 bytes after the header" in message
    assert f"but it has {24 - missing}." in message


def test_trailing_bytes_are_refused(tmp_path, ending):
    content = idx_bytes(VALUES) + b"\0"
    message = refused(written(tmp_path, gzip.compress(content) if ending else content))
    assert "trailing bytes after the 24 of its 2 x 3 x 4 values" in message


def test_trailing_bytes_after_a_gzip_stream_are_refused(tmp_path):
    assert "corrupt gzip" in refused(written(tmp_path, gzip.compress(idx_bytes(VALUES)) + b"more"))


def huge(ending, *sizes):
    content = struct.pack(f">BBBB{len(sizes)}I", 0, 0, CODES["float64"], len(sizes), *sizes) + b"\0" * 64
    return gzip.compress(content) if ending else content


def test_sizes_that_the_file_cannot_hold_are_refused(tmp_path, ending):
    message = refused(written(tmp_path, huge(ending, 2**32 - 1, 2**32 - 1, 2**32 - 1)))
    assert f"need {8 * (2**32 - 1) ** 3} bytes" in message
    assert "but the file can hold" in message


@pytest.mark.parametrize("sizes", [(2**32 - 1,) * 3, (1000, 3)], ids=["absurd", "possible for gzip"])
def test_no_memory_is_allocated_for_missing_values(tmp_path, ending, sizes):
    path = written(tmp_path, huge(ending, *sizes))
    refused(path)
    tracemalloc.start()
    refused(path)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 1_000_000


def test_a_compressed_file_whose_header_gives_gigabytes_is_read_in_little_memory(tmp_path):
    """A file of 4 MB can hold 4 GB, and its header gives that size: memory is used only for what it really contains."""
    noise = np.random.default_rng(0).bytes(4_000_000)
    header = struct.pack(">BBBBI", 0, 0, CODES["uint8"], 1, 4_000_000_000)
    path = written(tmp_path, gzip.compress(header + noise, 1))
    program = """
        import resource, sys
        from lengthwise.data import read_idx
        from lengthwise.errors import DataError
        size = int(open("/proc/self/statm").read().split()[0]) * resource.getpagesize()
        resource.setrlimit(resource.RLIMIT_AS, (size + 100_000_000,) * 2)
        try:
            read_idx(sys.argv[1])
        except DataError as error:
            print(error)
    """
    out = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(program), str(path)], capture_output=True, text=True, check=True
    )
    assert "need 4000000000 bytes after the header, but it has 4000000." in out.stdout


@pytest.mark.parametrize("rank", [65, 255])
def test_more_axes_than_an_array_can_have_are_refused(tmp_path, rank):
    content = struct.pack(f">BBBB{rank}I", 0, 0, CODES["uint8"], rank, *[1] * rank) + b"\7"
    message = refused(written(tmp_path, content))
    assert f"{rank} axes" in message
    assert "64" in message


def test_an_empty_array_with_impossible_other_axes_is_refused(tmp_path):
    content = struct.pack(">BBBB4I", 0, 0, CODES["uint8"], 4, 0, *[2**32 - 1] * 3)
    assert f"0 x {2**32 - 1}" in refused(written(tmp_path, content))


def test_a_flipped_bit_in_the_values_fails_the_checksum_of_gzip(tmp_path):
    noise = np.random.default_rng(0).integers(0, 256, 1000, dtype=np.uint8)  # incompressible, so stored unchanged
    content = bytearray(gzip.compress(idx_bytes(noise), 0))
    content[500] ^= 1
    message = refused(written(tmp_path, content))
    assert "corrupt gzip file" in message
    assert "CRC" in message


@pytest.mark.parametrize("missing", [1, 8, 20])
def test_a_gzip_stream_that_ends_early_is_corrupt(tmp_path, missing):
    assert "corrupt gzip file" in refused(written(tmp_path, gzip.compress(idx_bytes(VALUES))[:-missing]))


def test_a_missing_file_is_named(tmp_path):
    assert "is missing" in refused(tmp_path / "nothing-here")


def test_a_folder_in_place_of_a_file_is_named(tmp_path):
    assert "Is a directory" in refused(tmp_path)


def mutated(content, source):
    """Return a valid file with a few changes of the kinds that disks, networks and attackers make."""
    content = bytearray(content)
    for _ in range(source.randint(1, 4)):
        place = source.randrange(len(content) + 1)
        match source.randrange(5):
            case 0 if place < len(content):
                content[place] ^= 1 << source.randrange(8)
            case 1:
                del content[place:]
            case 2:
                content[place:place] = source.randbytes(source.randint(1, 9))
            case 3:
                content[place : place + 4] = b"\xff" * 4
            case 4:  # the header
                content[place % 16 : place % 16 + 1] = source.randbytes(1)
        if not content:
            break
    return bytes(content)


def test_a_damaged_file_gives_an_array_or_a_data_error_and_nothing_else(tmp_path, ending):
    source = random.Random(20)
    refusals = 0
    for number in range(1500):
        dtype = source.choice(sorted(CODES))
        shape = [source.randint(0, 4) for _ in range(source.randint(0, 4))]
        content = idx_bytes(np.zeros(shape, dtype))
        if ending:
            content = gzip.compress(content, source.choice([0, 9]))
        path = written(tmp_path, mutated(content, source), f"{number % 7}")
        try:
            assert isinstance(read_idx(path), np.ndarray)
        except DataError as error:
            refusals += 1
            assert str(path) in str(error)  # noqa: PT017 - most of them are refused, not all
    assert 500 < refusals < 1500
