"""Parsing lengths, and the default lengths."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lengthwise.errors import UsageError
from lengthwise.lengths import choose_lengths, parse_lengths, spread_lengths


@pytest.mark.parametrize(
    ("text", "lengths"),
    [
        ("5", (5,)),
        ("1:4", (1, 2, 3, 4)),
        ("1:28:9", (1, 10, 19, 28)),
        ("8,4,8", (4, 8)),
        ("1:3,7:9:2", (1, 2, 3, 7, 9)),
    ],
)
def test_lengths_are_numbers_and_ranges_with_their_ends(text, lengths):
    assert parse_lengths(text) == lengths


@pytest.mark.parametrize("text", ["", "a", "1:", "1:2:3:4", "1:9:0", "4,,8"])
def test_what_are_no_lengths_is_refused_with_an_example(text):
    with pytest.raises(UsageError, match=r"such as 1:28 or 4,8,16:28:4"):
        parse_lengths(text)


def test_a_range_that_runs_backwards_is_refused():
    with pytest.raises(UsageError, match="first length is above its last"):
        parse_lengths("9:3")


@given(st.integers(1, 5000))
def test_the_default_lengths_include_both_ends_and_are_all_or_the_short_ones_and_about_twelve(num_steps):
    lengths = spread_lengths(num_steps)
    assert (lengths[0], lengths[-1]) == (1, min(num_steps, 512))
    assert list(lengths) == sorted(set(lengths))
    assert lengths[:12] == tuple(range(1, min(num_steps, 12) + 1))
    assert len(lengths) == num_steps if num_steps <= 28 else 16 <= len(lengths) <= 21


@given(st.integers(29, 500), st.integers(2, 200))
def test_the_season_its_multiples_and_its_neighbours_are_among_the_default_lengths(num_steps, season):
    lengths = spread_lengths(num_steps, season)
    wanted = {season - 1, season, season + 1, *range(season, num_steps + 1, season)}
    assert set(lengths) == set(spread_lengths(num_steps)) | {length for length in wanted if length <= num_steps}


def test_chosen_lengths_ascend_and_are_there_once():
    assert choose_lengths("8,2:4,3", 8) == (2, 3, 4, 8)
    assert choose_lengths([8, 2, 8], 8) == (2, 8)
    assert choose_lengths("all", 3) == (1, 2, 3)


def test_an_error_calls_lengths_by_their_option():
    with pytest.raises(UsageError, match="eval_lens has the part 'x'"):
        choose_lengths("x", 8, "eval_lens")
    with pytest.raises(UsageError, match="eval_len is 9, but the sequences have 8 steps: choose 1 to 8"):
        choose_lengths("2,9", 8, "eval_lens")
