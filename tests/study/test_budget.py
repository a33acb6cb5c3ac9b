"""What is held equal between lengths."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lengthwise.errors import UsageError
from lengthwise.networks.costs import training_flops
from lengthwise.networks.network import Network
from lengthwise.study.budget import Budget

NETWORK = Network(input_size=28, num_outputs=10)


@pytest.mark.parametrize("text", ["epochs=2", "steps=8592", "timesteps=20000000", "flops=1000000000000"])
def test_a_budget_reads_what_it_writes(text):
    assert str(Budget.parse(text)) == text


def test_large_numbers_may_be_written_with_an_exponent():
    assert Budget.parse("flops=1e12") == Budget("flops", 10**12)


@pytest.mark.parametrize("text", ["", "8592", "steps", "steps=", "steps=x", "steps=1.5", "steps=nan", "steps=inf"])
def test_what_is_no_budget_is_refused_with_an_example(text):
    with pytest.raises(UsageError, match="such as steps=8592 or epochs=2"):
        Budget.parse(text)


@pytest.mark.parametrize("text", ["hours=3", "=3"])
def test_another_kind_is_refused_with_those_that_there_are(text):
    with pytest.raises(UsageError, match="epochs, steps, timesteps, flops"):
        Budget.parse(text)


@pytest.mark.parametrize("text", ["steps=0", "epochs=-1"])
def test_a_budget_is_one_or_more(text):
    with pytest.raises(UsageError, match="must be 1 or more"):
        Budget.parse(text)


def test_epochs_give_each_length_its_own_updates():
    assert Budget("epochs", 2).updates(NETWORK, 19, 128, steps_per_epoch=4296) == 8592


def test_steps_are_the_updates_of_every_length():
    assert {Budget("steps", 70).updates(NETWORK, s, 128, steps_per_epoch=9) for s in (1, 19, 28)} == {70}


@given(st.integers(1, 28), st.integers(1, 500), st.integers(10**6, 10**9))
def test_time_steps_are_equal_within_one_update(seq_len, batch_size, amount):
    updates = Budget("timesteps", amount).updates(NETWORK, seq_len, batch_size, steps_per_epoch=9)
    an_update = seq_len * batch_size
    assert abs(updates * an_update - amount) <= an_update / 2 or updates == 1


@given(st.integers(1, 28), st.integers(10**9, 10**12))
def test_operations_are_equal_within_one_update(seq_len, amount):
    updates = Budget("flops", amount).updates(NETWORK, seq_len, 128, steps_per_epoch=9)
    an_update = training_flops(NETWORK, seq_len, 128)
    assert abs(updates * an_update - amount) <= an_update / 2 or updates == 1
