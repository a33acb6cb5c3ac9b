"""The graph that TensorBoard draws."""

import pytest

from lengthwise.networks.network import Network
from lengthwise.training.callbacks.tensorboard_graph import graph_def

NETWORK = Network(input_size=28, num_outputs=10)


def shape_of(node):
    return tuple(dimension.size for dimension in node.attr["_output_shapes"].list.shape[0].dim)


@pytest.fixture(scope="module")
def nodes():
    return {node.name: node for node in graph_def(NETWORK, seq_len=19, batch_size=128).node}


def test_every_name_is_given_once_and_every_input_is_a_node(nodes):
    graph = graph_def(NETWORK, seq_len=19, batch_size=128)
    assert len(graph.node) == len(nodes)
    for node in graph.node:
        for name in node.input:
            assert name.removeprefix("^") in nodes


def test_shapes_are_those_that_the_notebook_prints(nodes):
    assert shape_of(nodes["window"]) == (128, 19, 28)
    assert shape_of(nodes["last_step"]) == (128, 31)
    assert shape_of(nodes["head/logits"]) == (128, 10)
    assert shape_of(nodes["loss/mean"]) == ()


def test_there_is_a_variable_for_each_parameter_in_its_shape(nodes):
    variables = sorted(shape_of(node) for node in nodes.values() if node.op == "VariableV2")
    assert variables == sorted(NETWORK.parameter_shapes.values())


def test_a_layer_takes_the_layer_below_and_its_own_step_before(nodes):
    assert list(nodes["rnn/layer_0/MatMul_x"].input) == ["x_t", "rnn/layer_0/weight_ih"]
    assert list(nodes["rnn/layer_2/MatMul_x"].input) == ["rnn/layer_1/h", "rnn/layer_2/weight_ih"]
    assert list(nodes["rnn/layer_2/h_before"].input) == ["rnn/layer_2/h"]
    assert list(nodes["last_step"].input) == ["rnn/layer_2/h"]
