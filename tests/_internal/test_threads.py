"""How many threads to use."""

import subprocess
import sys

import pytest

from lengthwise._internal.threads import available_threads, check_threads
from lengthwise.errors import UsageError


def test_without_a_number_all_processors_of_the_process_are_used():
    program = "import os; os.sched_setaffinity(0, {min(os.sched_getaffinity(0))}); "
    program += "from lengthwise._internal.threads import check_threads; print(check_threads(None))"
    if sys.platform == "linux":
        result = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
        assert result.stdout == "1\n"
    assert check_threads(None) == available_threads() >= 1


def test_a_number_is_taken_as_it_is_even_if_there_are_fewer_processors():
    assert check_threads(64) == 64


@pytest.mark.parametrize("threads", [0, -1, 1025])
def test_a_number_out_of_range_is_refused(threads):
    with pytest.raises(UsageError, match=f"threads is {threads}, but must be 1 to 1024"):
        check_threads(threads)


def test_the_number_is_called_as_the_option_is():
    with pytest.raises(UsageError, match=r"^workers is 0, but must be 1 to 1024\.$"):
        check_threads(0, "workers")
