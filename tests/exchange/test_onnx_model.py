"""ONNX Runtime predicts what our network predicts, for any number of windows of any length."""

import numpy as np
import onnxruntime
import pytest

from lengthwise.exchange import Model
from lengthwise.exchange.onnx_model import onnx_model
from lengthwise.networks.network import Network
from tests import naive

CELLS = ("rnn", "rnn_relu", "gru", "gru_reset_before", "lstm")


def model_of(cell, **options):
    if cell == "gru_reset_before":
        cell, options = "gru", options | {"gru_variant": "reset_before"}
    network = Network(4, 3, cell, hidden_size=5, num_layers=3, **options)
    flat = np.random.default_rng(0).normal(scale=0.3, size=network.num_parameters).astype(np.float32)
    return Model(network, network.named(flat))


def said_of(model, x):
    session = onnxruntime.InferenceSession(onnx_model(model.network, model.parameters).SerializeToString())
    (outputs,) = session.run(None, {"windows": x})
    return outputs


@pytest.mark.parametrize("shape", [(1, 1, 4), (6, 7, 4), (2, 40, 4)], ids=str)
@pytest.mark.parametrize("pooling", ["last", "mean", "max"])
@pytest.mark.parametrize("bidirectional", [False, True])
@pytest.mark.parametrize("cell", CELLS)
def test_onnx_runtime_says_the_same(cell, bidirectional, pooling, shape):
    model = model_of(cell, bidirectional=bidirectional, pooling=pooling)
    x = np.random.default_rng(1).normal(size=shape).astype(np.float32)
    *_, expected = naive.forward(model.network, model.parameters, x)
    np.testing.assert_allclose(said_of(model, x), expected, rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("bidirectional", [False, True])
def test_of_a_network_that_judges_every_step_onnx_runtime_says_every_step(bidirectional):
    model = model_of("gru", bidirectional=bidirectional, task="tagging")
    x = np.random.default_rng(1).normal(size=(6, 7, 4)).astype(np.float32)
    _, outputs, *_ = naive.forward(model.network, model.parameters, x)
    expected = outputs[-1] @ model.parameters["head.weight"].T + model.parameters["head.bias"]
    np.testing.assert_allclose(said_of(model, x), expected, rtol=1e-5, atol=1e-5)


def test_batch_and_time_are_free_and_named():
    model = model_of("lstm")
    graph = onnx_model(model.network, model.parameters).graph
    (windows,), (logits,) = graph.input, graph.output
    dims = [dim.dim_param or dim.dim_value for dim in windows.type.tensor_type.shape.dim]
    assert (windows.name, dims) == ("windows", ["batch", "time", 4])
    dims = [dim.dim_param or dim.dim_value for dim in logits.type.tensor_type.shape.dim]
    assert (logits.name, dims) == ("logits", ["batch", 3])
