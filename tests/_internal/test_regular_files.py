"""Pipes and devices are refused at once, and not waited for."""

import os

import pytest

import lengthwise
from lengthwise.errors import DataError, UsageError

REFUSED = "is a pipe or a device, and no file: save what comes out of it to a file"


@pytest.mark.parametrize("read", [lengthwise.load_data, lengthwise.decide])
@pytest.mark.parametrize("name", ["pipe.csv", "pipe"])
def test_a_pipe_that_nobody_writes_is_refused_and_not_waited_for(read, name, tmp_path):
    os.mkfifo(tmp_path / name)
    with pytest.raises(UsageError, match=f"{name} {REFUSED}"):
        read(tmp_path / name)


def test_a_device_is_refused():
    with pytest.raises(UsageError, match=f"/dev/null {REFUSED}"):
        lengthwise.load_data("/dev/null")


def test_a_link_that_leads_nowhere_or_round_in_a_ring_says_where_it_leads(tmp_path):
    for name, to in (("gone.csv", "elsewhere.csv"), ("ring.csv", "ring.csv")):
        (tmp_path / name).symlink_to(to)
        with pytest.raises(DataError, match=f"{name} is missing: it is a link to {to}, which leads nowhere"):
            lengthwise.load_data(tmp_path / name)
