"""The network's description: sizes, names, first values."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from lengthwise.errors import UsageError
from lengthwise.networks.network import Network

NOTEBOOK = Network(input_size=28, num_outputs=10)

networks = st.builds(
    Network,
    input_size=st.integers(1, 9),
    num_outputs=st.integers(2, 9),
    hidden_size=st.integers(1, 9),
    num_layers=st.integers(1, 4),
)


def test_the_notebooks_network_has_its_parameters():
    assert NOTEBOOK.num_parameters == 6086
    assert NOTEBOOK.parameter_shapes == {
        "rnn.weight_ih_l0": (31, 28),
        "rnn.weight_hh_l0": (31, 31),
        "rnn.bias_l0": (31,),
        "rnn.weight_ih_l1": (31, 31),
        "rnn.weight_hh_l1": (31, 31),
        "rnn.bias_l1": (31,),
        "rnn.weight_ih_l2": (31, 31),
        "rnn.weight_hh_l2": (31, 31),
        "rnn.bias_l2": (31,),
        "head.weight": (10, 31),
        "head.bias": (10,),
    }


@given(networks)
def test_named_parameters_are_views_that_cover_the_vector_once(network):
    flat = np.zeros(network.num_parameters, np.float32)
    for view in network.named(flat).values():
        np.add(view, 1, out=view)
    assert (flat == 1).all()


@given(networks, st.integers(0, 2**63 - 1))
def test_flat_is_the_inverse_of_named(network, seed):
    flat = network.initial(seed)
    np.testing.assert_array_equal(network.flat(network.named(flat)), flat)


def limits(initializer):
    named = NOTEBOOK.named(NOTEBOOK.initial(0, initializer))
    return named, {name: float(np.abs(values).max()) for name, values in named.items()}


def test_glorot_limits_are_those_of_the_joint_matrices():
    _, largest = limits("glorot")
    for layer, rows in ((0, 59), (1, 62), (2, 62)):
        for weight in ("ih", "hh"):
            limit = math.sqrt(6 / (rows + 31))
            assert 0.98 * limit < largest[f"rnn.weight_{weight}_l{layer}"] <= limit
    assert 0.98 * math.sqrt(6 / 41) < largest["head.weight"] <= math.sqrt(6 / 41)


def test_uniform_unit_scaling_limits_are_those_of_the_joint_matrices():
    _, largest = limits("uniform_unit_scaling")
    for layer, rows in ((0, 59), (1, 62), (2, 62)):
        for weight in ("ih", "hh"):
            limit = math.sqrt(3 / rows)
            assert 0.98 * limit < largest[f"rnn.weight_{weight}_l{layer}"] <= limit
    assert 0.98 * math.sqrt(3 / 31) < largest["head.weight"] <= math.sqrt(3 / 31)


def test_weights_are_uniform_and_biases_zero():
    named, _ = limits("glorot")
    for name, values in named.items():
        if "bias" in name:
            assert (values == 0).all()
    weights = named["rnn.weight_hh_l1"].ravel()
    limit = math.sqrt(6 / 93)
    assert stats.kstest(weights, stats.uniform(-limit, 2 * limit).cdf).pvalue > 0.01


def test_the_seed_alone_decides_the_first_values():
    np.testing.assert_array_equal(NOTEBOOK.initial(3), NOTEBOOK.initial(3))
    assert not (NOTEBOOK.initial(3) == NOTEBOOK.initial(4)).all()


def test_the_initializers_draw_the_same_numbers_at_another_scale():
    glorot, older = (NOTEBOOK.named(NOTEBOOK.initial(0, name)) for name in ("glorot", "uniform_unit_scaling"))
    ratio = math.sqrt(3 / 59) / math.sqrt(6 / 90)
    np.testing.assert_allclose(older["rnn.weight_ih_l0"], ratio * glorot["rnn.weight_ih_l0"], rtol=1e-6)


def test_an_unknown_initializer_is_refused():
    with pytest.raises(UsageError, match="initializer is 'zeros', but must be one of glorot, uniform_unit_scaling"):
        NOTEBOOK.initial(0, "zeros")


@pytest.mark.parametrize(
    ("name", "least"), [("input_size", 1), ("num_outputs", 2), ("hidden_size", 1), ("num_layers", 1)]
)
@pytest.mark.parametrize("below", [1, 10])
def test_a_size_below_the_least_is_refused(name, least, below):
    sizes = {"input_size": 28, "num_outputs": 10} | {name: least - below}
    with pytest.raises(UsageError, match=f"{name} is {least - below}, but must be {least} (or more|to [0-9]+)"):
        Network(**sizes)


@pytest.mark.parametrize("size", [31.0, "31", True, None], ids=repr)
def test_a_size_that_is_no_integer_is_refused(size):
    with pytest.raises(UsageError, match=r"hidden_size is .*, but must be an integer"):
        Network(input_size=28, num_outputs=10, hidden_size=size)


def test_an_unknown_cell_is_refused():
    with pytest.raises(UsageError, match="cell is 'transformer', but must be one of rnn"):
        Network(input_size=28, num_outputs=10, cell="transformer")


def test_parameters_of_another_network_are_refused_by_name():
    named = NOTEBOOK.named(NOTEBOOK.initial(0))
    with pytest.raises(UsageError, match=r"'head.bias' has shape missing, but this network's has shape \(10,\)"):
        NOTEBOOK.flat({name: values for name, values in named.items() if name != "head.bias"})
    with pytest.raises(
        UsageError, match=r"'head.weight' has shape \(31, 10\), but this network's has shape \(10, 31\)"
    ):
        NOTEBOOK.flat(named | {"head.weight": named["head.weight"].T})
    with pytest.raises(UsageError, match=r"'more' has shape .* there is no such parameter"):
        NOTEBOOK.flat(named | {"more": named["head.bias"]})


@pytest.mark.parametrize(
    ("options", "named"),
    [
        ({"dropout": 1.0}, "dropout"),
        ({"dropout": -0.1}, "dropout"),
        ({"pooling": "first"}, "pooling"),
        ({"gru_variant": "both"}, "gru_variant"),
        ({"bidirectional": 2}, "bidirectional"),
        ({"forget_bias": float("nan")}, "forget_bias"),
    ],
)
def test_an_option_out_of_range_is_named(options, named):
    with pytest.raises(UsageError, match=f"^{named} is "):
        Network(3, 2, **options)


def test_two_directions_and_a_gru_have_the_parameters_that_the_documentation_says():
    shapes = Network(3, 2, "gru", hidden_size=5, num_layers=2, bidirectional=True).parameter_shapes
    assert list(shapes)[:8] == [
        f"rnn.{name}_l0{direction}"
        for direction in ("", "_reverse")
        for name in ("weight_ih", "weight_hh", "bias", "bias_hn")
    ]
    assert shapes["rnn.weight_ih_l0"] == (15, 3)
    assert shapes["rnn.weight_ih_l1_reverse"] == (15, 10)
    assert shapes["rnn.bias_hn_l1"] == (5,)
    assert shapes["head.weight"] == (2, 10)


def test_the_forget_gate_begins_open():
    one, other = (Network(3, 2, "lstm", hidden_size=4, num_layers=1, forget_bias=bias) for bias in (0, 1.5))
    difference = other.named(other.initial(3) - one.initial(3))
    assert difference["rnn.bias_l0"].tolist() == [0] * 4 + [1.5] * 4 + [0] * 8
    assert not difference["rnn.weight_hh_l0"].any()


def test_recurrent_weights_can_begin_orthogonal_or_as_the_identity():
    network = Network(3, 2, "gru", hidden_size=16, num_layers=1)
    orthogonal = network.named(network.initial(0, "orthogonal"))["rnn.weight_hh_l0"]
    for gate in np.split(orthogonal, 3):
        np.testing.assert_allclose(gate @ gate.T, np.eye(16), atol=1e-5)
    assert not np.allclose(orthogonal[:16], orthogonal[16:32])
    identity = network.named(network.initial(0, "identity"))["rnn.weight_hh_l0"]
    assert (identity == np.tile(np.eye(16), (3, 1))).all()


def test_pytorchs_initial_values_are_uniform_within_one_over_the_root_of_the_units():
    network = Network(7, 3, "lstm", hidden_size=100, num_layers=1, bidirectional=True, forget_bias=0)
    for name, values in network.named(network.initial(0, "pytorch")).items():
        limit = (200 if name.startswith("head") else 100) ** -0.5
        assert np.abs(values).max() <= limit
        if values.size > 50:
            assert np.abs(values).max() > 0.9 * limit


def test_one_number_is_enough_to_predict_but_one_class_is_not():
    assert Network(input_size=1, num_outputs=1, task="regression").num_parameters > 0
    with pytest.raises(UsageError, match="num_outputs is 1, but must be 2 or more"):
        Network(input_size=1, num_outputs=1)


def test_a_task_that_predicts_at_every_step_has_no_pooling():
    with pytest.raises(UsageError, match="pooling is 'mean', but tagging predicts at every step: choose last"):
        Network(input_size=1, num_outputs=2, task="tagging", pooling="mean")
