"""The places of parameters in the flat vector, against the shapes of the network."""

import math

import numba
import pytest

from lengthwise.engine.protocol import CELL_SIZES
from lengthwise.engine.simd import panels  # noqa: F401 - kernels call the layout's functions by it
from lengthwise.engine.simd.layout import first_parameter
from lengthwise.networks.network import Network

NETWORKS = [
    Network(input_size, 4, cell, 5, num_layers, bidirectional=bidirectional)
    for cell in ("rnn", "gru", "lstm")
    for input_size, num_layers, bidirectional in ((3, 1, False), (3, 4, False), (7, 3, True))
]


@numba.njit
def first_in_a_kernel(size, sizes, place):
    return first_parameter(size, sizes, place)


@pytest.mark.parametrize("first", [first_parameter, first_in_a_kernel])
@pytest.mark.parametrize("network", NETWORKS, ids=str)
def test_each_layer_begins_where_the_shapes_of_the_parameters_before_it_end(network, first):
    sizes, size = network.sizes(seq_len=2), CELL_SIZES[network.engine_cell]
    ends, names, total = {}, [], 0
    for name, shape in network.parameter_shapes.items():
        ends[name], total = total, total + math.prod(shape)
        names.append(name)
    begins = [ends[name] for name in names if "weight_ih" in name] + [ends["head.weight"]]
    assert [first(size, sizes, place) for place in range(sizes.L * sizes.D + 1)] == begins
    assert total == network.num_parameters
