"""Exported parameters load into PyTorch's modules unchanged, give the same outputs there, and can be imported again."""

import numpy as np
import pytest
import torch
from safetensors.torch import load_file
from torch import nn

import lengthwise
from lengthwise.errors import UsageError
from lengthwise.exchange import Model, export
from lengthwise.networks.network import Network
from tests import naive

KINDS = {"rnn": nn.RNN, "rnn_relu": nn.RNN, "gru": nn.GRU, "lstm": nn.LSTM}
CELLS = tuple(KINDS)


def model_of(cell, **options):
    network = Network(4, 3, cell, hidden_size=5, num_layers=2, **options)
    random = np.random.default_rng(0)
    flat = random.normal(scale=0.3, size=network.num_parameters).astype(np.float32)
    return Model(network, network.named(flat))


def modules_of(network):
    """PyTorch's own modules, made as in the documentation."""
    options = {"nonlinearity": "relu"} if network.cell == "rnn_relu" else {}
    rnn = KINDS[network.cell](4, 5, 2, batch_first=True, bidirectional=network.bidirectional, **options)
    return nn.ModuleDict({"rnn": rnn, "head": nn.Linear(5 * network.num_directions, 3)})


def logits_of(modules, network, x):
    """Their outputs; the top layer's where the head reads them."""
    with torch.no_grad():
        outputs = modules["rnn"](torch.from_numpy(x))[0].numpy()
        top = naive.pool(network.pooling, outputs, network.num_directions)
        return modules["head"](torch.from_numpy(top.astype(np.float32))).numpy()


@pytest.mark.parametrize("to", ["torch", "safetensors"])
@pytest.mark.parametrize("bidirectional", [False, True])
@pytest.mark.parametrize("cell", CELLS)
def test_pytorch_loads_the_file_and_says_the_same(tmp_path, cell, bidirectional, to):
    model = model_of(cell, bidirectional=bidirectional, pooling="last")
    export(model, to=to, out=tmp_path / "model")
    state = (torch.load if to == "torch" else load_file)(tmp_path / "model")
    modules = modules_of(model.network)
    assert modules.load_state_dict(state) == ([], [])
    x = np.random.default_rng(1).normal(size=(6, 7, 4)).astype(np.float32)
    *_, expected = naive.forward(model.network, model.parameters, x)
    np.testing.assert_allclose(logits_of(modules, model.network, x), expected, rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("bidirectional", [False, True])
@pytest.mark.parametrize("cell", CELLS)
def test_a_network_of_pytorch_is_ours(cell, bidirectional):
    """With both of PyTorch's biases at random."""
    torch.manual_seed(0)
    network = Network(4, 3, cell, hidden_size=5, num_layers=2, bidirectional=bidirectional)
    modules = modules_of(network)
    model = lengthwise.load_torch(modules.state_dict(), cell="rnn_relu" if cell == "rnn_relu" else None)
    assert model.network == network
    x = np.random.default_rng(1).normal(size=(6, 7, 4)).astype(np.float32)
    *_, predicted = naive.forward(network, model.parameters, x)
    np.testing.assert_allclose(predicted, logits_of(modules, network, x), rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("cell", CELLS)
def test_there_and_back_is_where_it_began(cell):
    model = model_of(cell, bidirectional=True, pooling="max")
    back = lengthwise.load_torch(model.state_dict(), cell=cell, pooling="max")
    assert back.network == model.network
    for name, array in model.parameters.items():
        np.testing.assert_array_equal(back.parameters[name], array)


def test_any_prefixes_will_do_and_biases_may_lack():
    module = nn.Sequential(nn.GRU(4, 5, bias=False), nn.Linear(5, 3, bias=False))
    model = lengthwise.load_torch(module.state_dict())
    assert model.network == Network(4, 3, "gru", hidden_size=5, num_layers=1)
    assert not model.parameters["rnn.bias_hn_l0"].any()
    np.testing.assert_array_equal(model.parameters["head.weight"], module[1].weight.detach())


@pytest.mark.parametrize(
    ("module", "options", "sentence"),
    [
        (nn.Linear(3, 2), {}, "the parameters weight, bias are not those of one recurrent module"),
        (nn.GRU(3, 2), {}, "are not those of one recurrent module"),
        (nn.ModuleList([nn.GRU(3, 2), nn.GRU(2, 2), nn.Linear(2, 2)]), {}, "are not those of one recurrent module"),
        (nn.ModuleList([nn.LSTM(3, 4, proj_size=2), nn.Linear(2, 2)]), {}, "are not those of one recurrent module"),
        (nn.ModuleList([nn.GRU(3, 2), nn.Linear(5, 2)]), {}, r"parameter 'head.weight' has shape \(2, 5\)"),
        (nn.ModuleList([nn.GRU(3, 2), nn.Linear(2, 2)]), {"cell": "lstm"}, "cell is 'lstm', but the parameters are"),
    ],
    ids=str,
)
def test_other_parameters_are_refused_in_a_sentence(module, options, sentence):
    with pytest.raises(UsageError, match=sentence):
        lengthwise.load_torch(module.state_dict(), **options)


def test_a_network_in_memory_is_evaluated_as_its_run_is(small, tmp_path):
    result = lengthwise.train(small, cell="gru", seq_len=5, batch_size=16, steps=20, quiet=True, out=tmp_path / "run")
    export(tmp_path / "run", to="torch", out=tmp_path / "model.pt")
    model = lengthwise.load_torch(torch.load(tmp_path / "model.pt"))
    assert model.evaluate(small, seq_len=5) == result.evaluation
    with pytest.raises(UsageError, match="mnist is classification with 28 features a step"):
        model.evaluate("mnist", seq_len=5)


@pytest.mark.parametrize("to", ["torch", "safetensors"])
def test_a_result_is_exported_as_its_folder(small, tmp_path, to):
    result = lengthwise.train(small, cell="gru", seq_len=5, batch_size=16, steps=2, quiet=True, out=tmp_path / "run")
    for run, name in ((result, "result"), (str(result.out), "folder"), (model_in(result), "model")):
        export(run, to=to, out=tmp_path / name)
    read = torch.load if to == "torch" else load_file
    first, *others = (read(tmp_path / name) for name in ("result", "folder", "model"))
    for other in others:
        assert list(other) == list(first)
        assert all((other[key] == value).all() for key, value in first.items())


def model_in(result):
    return lengthwise.Model(result.network, result.parameters)


def test_a_module_of_the_users_is_not_exported(small, tmp_path):
    module = nn.Sequential(nn.Flatten(), nn.Linear(5 * 6, 3))
    result = lengthwise.train(small, module=module, seq_len=5, batch_size=16, steps=2, quiet=True, out=tmp_path / "run")
    for run in (result, result.out):
        with pytest.raises(UsageError, match="the PyTorch module Sequential"):
            export(run, to="torch", out=tmp_path / "model.pt")


def test_what_cannot_be_exported_is_refused_in_a_sentence(tmp_path):
    with pytest.raises(UsageError, match="PyTorch has no GRU with gru_variant reset_before: export it to onnx"):
        export(model_of("gru", gru_variant="reset_before"), to="torch", out=tmp_path / "model")
    (tmp_path / "there").touch()
    with pytest.raises(UsageError, match="there exists already, and is not overwritten"):
        export(model_of("gru"), to="torch", out=tmp_path / "there")
    with pytest.raises(UsageError, match="to is 'keras', but must be one of torch, onnx, safetensors"):
        export(model_of("gru"), to="keras", out=tmp_path / "model")
