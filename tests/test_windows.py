"""Windows: which steps of which sequences a training and an evaluation see."""

from collections import Counter
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from lengthwise.errors import UsageError
from lengthwise.evaluation_windows import every_window
from lengthwise.windows import DRAWN_AT_ONCE, Sampler, check_seq_len, windows_of

SAMPLINGS = ("blocks", "crops", "shuffle", "ordered")


def epoch_of(sampler, epoch=0, most=10**9):
    """Draw all steps of an epoch, in parts as the sampler gives them."""
    sequences, starts, first = [], [], 0
    while first < sampler.steps_per_epoch:
        windows = sampler.draw(epoch, first, min(most, sampler.steps_per_epoch - first))
        assert 1 <= len(windows.sequences) <= most
        sequences.append(windows.sequences)
        starts.append(windows.starts)
        first += len(windows.sequences)
    assert first == sampler.steps_per_epoch
    return np.concatenate(sequences), np.concatenate(starts)


@st.composite
def samplers(draw, sampling=None):
    num_sequences = draw(st.integers(1, 40) | st.sampled_from([300, 9000]))
    num_steps = draw(st.integers(1, 9))
    lengths = np.random.default_rng(num_sequences).integers(1, num_steps + 1, num_sequences)
    return Sampler(
        lengths=draw(st.sampled_from([None, lengths])),
        num_sequences=num_sequences,
        num_steps=num_steps,
        seq_len=draw(st.integers(1, num_steps)),
        batch_size=draw(st.integers(1, num_sequences)),
        sampling=sampling or draw(st.sampled_from(SAMPLINGS)),
        seed=draw(st.integers(0, 2**63 - 1)),
        phase=draw(st.sampled_from(["train", "test"])),
    )


def notebook(**changes):
    arguments = {"num_sequences": 55_000, "num_steps": 28, "seq_len": 19, "batch_size": 128} | changes
    return Sampler(**arguments)


def test_an_epoch_of_the_notebook_has_its_numbers_of_steps():
    assert notebook().steps_per_epoch == 4296
    assert notebook(num_sequences=10_000, phase="test").steps_per_epoch == 781
    assert notebook(seq_len=28).steps_per_epoch == 429


@settings(deadline=None)
@given(samplers())
def test_every_window_drawn_lies_in_its_sequence(sampler):
    sequences, starts = epoch_of(sampler)
    assert sequences.shape == starts.shape == (sampler.steps_per_epoch, sampler.batch_size)
    assert sequences.dtype == starts.dtype == np.int64
    assert sequences.min() >= 0
    assert sequences.max() < sampler.num_sequences
    assert starts.min() >= 0
    lengths = np.full(sampler.num_sequences, sampler.num_steps) if sampler.lengths is None else sampler.lengths
    assert (starts < windows_of(lengths, sampler.seq_len)[sequences]).all()


@settings(deadline=None)
@given(samplers(), st.integers(0, 3), st.data())
def test_any_step_can_be_drawn_again_without_those_before(sampler, epoch, data):
    sequences, starts = epoch_of(sampler, epoch)
    first = data.draw(st.integers(0, sampler.steps_per_epoch - 1))
    most = data.draw(st.integers(1, sampler.steps_per_epoch - first))
    again = replace(sampler).draw(epoch, first, most)
    assert len(again.sequences) == most
    np.testing.assert_array_equal(again.sequences, sequences[first : first + len(again.sequences)])
    np.testing.assert_array_equal(again.starts, starts[first : first + len(again.starts)])


@settings(deadline=None)
@given(samplers(), st.integers(0, 2), st.integers(1, 3))
def test_steps_go_on_into_the_next_epochs_unless_an_epoch_is_drawn_as_such(sampler, epoch, more):
    length = sampler.steps_per_epoch
    drawn = sampler.draw(epoch, length - 1, 1 + more * length)
    whole = [epoch_of(sampler, each) for each in range(epoch, epoch + 1 + more)]
    expected = [np.concatenate(parts)[length - 1 :] for parts in zip(*whole, strict=True)]
    for one, other in zip(drawn, expected, strict=True):
        np.testing.assert_array_equal(one, other[:1] if sampler.by_epoch else other)


@pytest.mark.parametrize("sampling", SAMPLINGS)
def test_an_epoch_drawn_step_by_step_is_the_epoch_drawn_at_once(sampling):
    sampler = notebook(num_sequences=2000, sampling=sampling)
    for one, other in zip(epoch_of(sampler, most=1), epoch_of(sampler), strict=True):
        np.testing.assert_array_equal(one, other)


@settings(deadline=None)
@given(samplers("shuffle"), st.integers(0, 2))
def test_shuffle_shows_every_window_once_an_epoch(sampler, epoch):
    windows = Counter(zip(*(part.ravel().tolist() for part in epoch_of(sampler, epoch)), strict=True))
    assert set(windows.values()) == {1}
    lengths = np.full(sampler.num_sequences, sampler.num_steps) if sampler.lengths is None else sampler.lengths
    count = int(windows_of(lengths, sampler.seq_len).sum())
    assert len(windows) == count - count % sampler.batch_size


def test_shuffle_takes_another_order_in_each_pass_and_epoch():
    sampler = notebook(num_sequences=1280, sampling="shuffle")
    (first, _), (second, _) = epoch_of(sampler, 0), epoch_of(sampler, 1)
    passes = [order.ravel()[:1280] for order in (first[:10], first[10:20], second[:10])]
    for order in passes:
        np.testing.assert_array_equal(np.sort(order), np.arange(1280))
    assert not (passes[0] == passes[1]).all()
    assert not (passes[0] == passes[2]).all()


@pytest.mark.parametrize("sampling", ["blocks", "ordered"])
@pytest.mark.parametrize(("num_sequences", "left_over"), [(55_000, 88), (10_000, 16)])
def test_blocks_are_aligned_and_the_last_images_are_in_none(sampling, num_sequences, left_over):
    sequences, _ = epoch_of(notebook(num_sequences=num_sequences, sampling=sampling))
    assert (sequences[:, 0] % 128 == 0).all()
    assert (np.diff(sequences, axis=1) == 1).all()
    assert sequences.max() == num_sequences - left_over - 1


def test_blocks_are_drawn_uniformly_and_with_replacement():
    sequences, _ = epoch_of(notebook())
    counts = np.bincount(sequences[:, 0] // 128, minlength=429)
    assert counts.max() > counts.min()
    assert stats.chisquare(counts).pvalue > 0.01


@pytest.mark.parametrize("sampling", SAMPLINGS)
def test_starts_are_uniform(sampling):
    _, starts = epoch_of(notebook(sampling=sampling))
    counts = np.bincount(starts.ravel(), minlength=10)
    assert len(counts) == 10
    assert stats.chisquare(counts).pvalue > 0.01


def test_the_images_of_a_block_have_starts_of_their_own():
    _, starts = epoch_of(notebook(num_sequences=12_800))
    first, second = starts[:, 0], starts[:, 1]
    table = np.histogram2d(first, second, bins=(range(11), range(11)))[0]
    assert stats.chi2_contingency(table).pvalue > 0.01


def test_ordered_takes_the_blocks_in_file_order_over_and_over():
    sequences, _ = epoch_of(notebook(num_sequences=1000, sampling="ordered"))
    np.testing.assert_array_equal(sequences[:, 0], np.arange(len(sequences)) % 7 * 128)


def test_ordered_at_the_full_length_is_the_data_in_file_order():
    sequences, starts = epoch_of(notebook(seq_len=28, sampling="ordered"))
    np.testing.assert_array_equal(sequences.ravel(), np.arange(429 * 128))
    assert (starts == 0).all()


@pytest.mark.parametrize(
    "changes", [{"seed": 1}, {"phase": "test"}], ids=["another seed", "another phase"]
)  # fmt: skip
@pytest.mark.parametrize("sampling", ["blocks", "crops", "shuffle"])
def test_other_windows_are_drawn_for(sampling, changes):
    one, other = notebook(sampling=sampling), notebook(sampling=sampling, **changes)
    assert not (one.draw(0, 0, 10).sequences == other.draw(0, 0, 10).sequences).all()
    assert not (one.draw(0, 0, 10).starts == other.draw(0, 0, 10).starts).all()


def drawn_in_all(sampler, steps):
    """The first so many steps of a training, over as many epochs as that takes."""
    epochs = [epoch_of(sampler, epoch) for epoch in range(-(-steps // sampler.steps_per_epoch))]
    return tuple(np.concatenate(part)[:steps] for part in zip(*epochs, strict=True))


@pytest.mark.parametrize("sampling", ["blocks", "crops"])
def test_one_seed_shows_the_same_sequences_at_every_length_and_windows_at_like_places(sampling):
    """Common random numbers: also where an epoch of one length ends before that of another."""
    short, long, whole = (
        drawn_in_all(notebook(num_sequences=1300, seq_len=seq_len, sampling=sampling), 250) for seq_len in (19, 24, 28)
    )
    for other in (long, whole):
        np.testing.assert_array_equal(short[0], other[0])
    np.testing.assert_array_equal(short[1] // 2, long[1])  # of 10 places and of 5
    assert (whole[1] == 0).all()


@settings(deadline=None)
@given(samplers("crops"))
def test_crops_take_every_sequence_once_a_pass_in_another_order(sampler):
    sequences, _ = drawn_in_all(sampler, 2 * sampler.num_sequences // sampler.batch_size)
    passes = sequences.ravel()
    passes = passes[: len(passes) // sampler.num_sequences * sampler.num_sequences].reshape(-1, sampler.num_sequences)
    np.testing.assert_array_equal(
        np.sort(passes, axis=1), np.broadcast_to(np.arange(sampler.num_sequences), passes.shape)
    )
    if len(passes) == 2 and sampler.num_sequences > 10:
        assert not (passes[0] == passes[1]).all()


@pytest.mark.parametrize("sampling", SAMPLINGS)
def test_every_epoch_and_part_draws_other_starts(sampling):
    sampler = notebook(sampling=sampling)
    part = DRAWN_AT_ONCE // 128
    drawn = [sampler.draw(epoch, first, 1).starts[0].tolist() for epoch, first in ((0, 0), (1, 0), (0, part))]
    assert len({tuple(starts) for starts in drawn}) == 3


@pytest.mark.parametrize("seq_len", [0, -1, 29])
def test_a_window_that_does_not_fit_is_refused(seq_len):
    with pytest.raises(UsageError, match=f"seq_len is {seq_len}, but the sequences have 28 steps: choose 1 to 28"):
        check_seq_len(seq_len, 28)
    with pytest.raises(UsageError, match="choose 1 to 28"):
        notebook(seq_len=seq_len)


@pytest.mark.parametrize("batch_size", [0, -128, 55_001])
def test_a_batch_that_the_split_cannot_fill_is_refused(batch_size):
    with pytest.raises(UsageError, match=f"batch_size is {batch_size}, but the train split has 55000 sequences"):
        notebook(batch_size=batch_size)


def test_an_unknown_sampling_and_a_negative_seed_are_refused():
    with pytest.raises(UsageError, match="sampling is 'random', but must be one of blocks, crops, shuffle, ordered"):
        notebook(sampling="random")
    with pytest.raises(UsageError, match="seed is -1"):
        notebook(seed=-1)


LENGTHS = np.array([9, 4, 6, 2, 9, 7, 5, 9, 1, 8])


def windows_by_definition(seq_len):
    """Every window of sequences of those lengths: one that is shorter than a window has one, the whole of it."""
    return {(i, start) for i, length in enumerate(LENGTHS) for start in range(max(1, length - seq_len + 1))}


@pytest.mark.parametrize("seq_len", [1, 4, 9])
def test_a_shuffled_epoch_has_every_window_of_sequences_of_different_lengths_once(seq_len):
    sampler = Sampler(len(LENGTHS), 9, seq_len, batch_size=1, sampling="shuffle", lengths=LENGTHS)
    windows = [sampler.draw(0, step, 1) for step in range(sampler.steps_per_epoch)]
    found = [(int(w.sequences[0, 0]), int(w.starts[0, 0])) for w in windows]
    assert len(found) == len(windows_by_definition(seq_len))
    assert set(found) == windows_by_definition(seq_len)


@pytest.mark.parametrize("sampling", ["blocks", "ordered"])
def test_a_window_of_sequences_of_different_lengths_lies_within_its_sequence(sampling):
    sampler = Sampler(len(LENGTHS), 9, 4, batch_size=5, sampling=sampling, lengths=LENGTHS)
    for step in range(sampler.steps_per_epoch):
        windows = sampler.draw(1, step, 1)
        assert (windows.starts <= np.maximum(LENGTHS[windows.sequences] - 4, 0)).all()


@pytest.mark.parametrize("sampling", ["blocks", "ordered", "shuffle"])
def test_lengths_that_are_all_the_same_give_every_window_the_same_chance(sampling):
    full = Sampler(10, 9, 4, batch_size=5, sampling=sampling, lengths=np.full(10, 9))
    assert full.steps_per_epoch == Sampler(10, 9, 4, batch_size=5, sampling=sampling).steps_per_epoch
    drawn = np.concatenate([full.draw(epoch, step, 1).starts for epoch in range(50) for step in range(12)])
    assert np.ptp(np.bincount(drawn.ravel(), minlength=6)) < 0.25 * drawn.size / 6


@given(samplers())
def test_at_the_end_the_only_window_of_a_sequence_is_its_last(sampler):
    last = replace(sampler, placement="end", lengths=None)
    windows = last.draw(0, 0, 5) if last.steps_per_epoch else None
    assert last.steps_per_epoch == sampler.num_sequences // sampler.batch_size
    if windows is not None:
        assert (windows.starts == sampler.num_steps - sampler.seq_len).all()
    judged = list(every_window(sampler.num_sequences, sampler.num_steps, sampler.seq_len, placement="end"))
    assert np.concatenate([part.sequences[0] for part in judged]).tolist() == list(range(sampler.num_sequences))
    assert all((part.starts == sampler.num_steps - sampler.seq_len).all() for part in judged)


@given(samplers())
def test_in_turn_windows_follow_each_other_until_their_sequences_end(sampler):
    sampler = replace(sampler, in_turn=True, lengths=None)
    tiles_of_one = sampler.num_steps // sampler.seq_len
    assert sampler.steps_per_epoch == sampler.num_sequences // sampler.batch_size * tiles_of_one
    sequences, starts = epoch_of(sampler)
    for step in range(sampler.steps_per_epoch):
        assert (starts[step] == step % tiles_of_one * sampler.seq_len).all()
        if step % tiles_of_one:
            assert (sequences[step] == sequences[step - 1]).all()
    firsts = sequences[::tiles_of_one].ravel()
    assert len(set(firsts.tolist())) == len(firsts)
