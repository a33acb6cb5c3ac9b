"""Counted costs, against counting one by one."""

import pytest

from lengthwise.networks.costs import activation_bytes, forward_flops, training_flops
from lengthwise.networks.network import Network


@pytest.mark.parametrize(("hidden_size", "num_layers", "seq_len"), [(1, 1, 1), (5, 3, 7), (31, 3, 19)])
def test_forward_flops_are_two_for_every_weight_that_is_met(hidden_size, num_layers, seq_len):
    network = Network(input_size=4, num_outputs=3, hidden_size=hidden_size, num_layers=num_layers)
    operations = 0
    for _ in range(seq_len):
        inputs = 4
        for _ in range(num_layers):
            operations += 2 * hidden_size * (inputs + hidden_size)
            inputs = hidden_size
    assert forward_flops(network, seq_len) == operations + 2 * 3 * hidden_size


def test_a_training_step_costs_three_times_the_forward_pass_of_its_windows():
    network = Network(input_size=4, num_outputs=3)
    assert training_flops(network, 9, 128) == 3 * 128 * forward_flops(network, 9)


def test_activations_grow_with_the_window_by_a_fixed_amount_a_step():
    network = Network(input_size=4, num_outputs=3)
    # Windows of 32, 64 and 96 numbers, which need as much padding as one another with vectors of any length.
    sizes = [activation_bytes(network, seq_len) for seq_len in (8, 16, 24)]
    assert sizes[2] - sizes[1] == sizes[1] - sizes[0] > 0
