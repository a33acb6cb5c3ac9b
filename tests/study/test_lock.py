"""The lock of a study's folder."""

import pytest

from lengthwise.errors import RunError
from lengthwise.study.lock import exclusive


def test_only_one_may_write_and_the_other_is_told_who_does(tmp_path):
    told = pytest.raises(RunError, match=r"is running already: by \w+ on .*, process \d+, since")
    with exclusive(tmp_path), told, exclusive(tmp_path):
        pass
    with exclusive(tmp_path):
        pass
