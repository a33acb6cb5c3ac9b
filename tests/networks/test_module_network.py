"""A module of the user's in place of a built-in network: trained, judged, resumed, studied."""

import json

import numpy as np
import pytest
import torch
from torch import nn

import lengthwise
from lengthwise.errors import UsageError
from lengthwise.networks.costs import forward_flops
from lengthwise.networks.module_network import ModuleNetwork, describe
from lengthwise.networks.network import Network
from lengthwise.study.network_design import network_runs
from lengthwise.study.run_rows import run_key
from tests.processes import lengthwise as command

SETTINGS = {"seq_len": 5, "batch_size": 16, "quiet": True, "threads": 1}


class Last(nn.Module):
    """A recurrent layer whose last output goes to a linear layer."""

    def __init__(self, kind=nn.LSTM, hidden_size=4, classes=3):
        super().__init__()
        self.rnn = kind(6, hidden_size, batch_first=True)
        self.head = nn.Linear(hidden_size, classes)

    def forward(self, x):
        return self.head(self.rnn(x)[0][:, -1])


class Masked(Last):
    """The same of sequences of any length."""

    def forward(self, x, lengths):
        outputs = self.rnn(x)[0]
        return self.head(outputs[torch.arange(len(x)), lengths - 1])


class Convolution(nn.Sequential):
    """No recurrent network at all, with dropout, for windows of any length."""

    def __init__(self):
        super().__init__(nn.Conv1d(6, 8, 3, padding=1), nn.ReLU(), nn.Dropout(0.5), nn.Conv1d(8, 3, 1))

    def forward(self, x):
        return super().forward(x.transpose(1, 2)).mean(2)


def module_of(seed, kind=Last):
    torch.manual_seed(seed)
    return kind()


def test_a_module_like_a_built_in_network_is_trained_to_the_same_losses(small):
    """The same network, once built in, once as a module with the first values of the other."""
    settings = {"steps": 40, "seq_len": 5, "batch_size": 16, "quiet": True}
    ours = lengthwise.train(small, cell="rnn", hidden_size=4, num_layers=1, **settings)
    module = module_of(0, lambda: Last(nn.RNN))
    module.rnn.bias_hh_l0.requires_grad_(False).zero_()
    network = ours.network
    for (name, shape), parameter in zip(
        network.parameter_shapes.items(), [p for p in module.parameters() if p.requires_grad], strict=True
    ):
        first = network.named(network.initial(0))[name]
        assert first.shape == shape
        parameter.data = torch.tensor(first)
    theirs = lengthwise.train(small, module=module, **settings)
    np.testing.assert_allclose(theirs.history.losses, ours.history.losses, rtol=1e-4, atol=1e-4)
    np.testing.assert_allclose(theirs.evaluation.accuracy, ours.evaluation.accuracy, atol=0.02)


def test_the_module_has_the_trained_values_afterwards(small):
    module = module_of(0)
    result = lengthwise.train(small, module=module, steps=10, **SETTINGS)
    assert result.network.module is module
    for name, parameter in module.named_parameters():
        np.testing.assert_array_equal(result.parameters[name], parameter.detach().numpy())


@pytest.mark.parametrize("kind", [Last, Masked, Convolution])
def test_a_run_that_was_stopped_goes_on_to_the_same_bits(small, tmp_path, kind):
    whole = lengthwise.train(small, module=module_of(1, kind), steps=30, **SETTINGS)
    lengthwise.train(small, module=module_of(1, kind), steps=20, out=tmp_path / "run", **SETTINGS)
    other = module_of(2, kind)
    rest = lengthwise.resume(tmp_path / "run", module=other, data=small, steps=30, quiet=True, threads=1)
    assert rest.history.losses.tobytes() == whole.history.losses.tobytes()
    for name, array in whole.parameters.items():
        assert rest.parameters[name].tobytes() == array.tobytes()


def test_the_run_says_what_was_trained(small, tmp_path):
    module = module_of(0)
    lengthwise.train(small, module=module, steps=5, out=tmp_path / "run", **SETTINGS)
    record = json.loads((tmp_path / "run" / "run.json").read_text())
    assert record["config"]["module_name"] == describe(module)
    assert record["config"]["cell"] is None
    assert record["config"]["engine"] == "torch"
    assert record["network"]["module"].endswith("test_module_network.Last")
    assert record["network"]["num_parameters"] == sum(parameter.numel() for parameter in module.parameters())
    assert record["network"]["parameters"]["head.weight"] == [3, 4]
    assert "torch" in record["environment"]


def test_a_run_is_evaluated_with_a_module_like_the_one_it_trained(small, tmp_path):
    result = lengthwise.train(small, module=module_of(0), steps=10, out=tmp_path / "run", **SETTINGS)
    assert lengthwise.evaluate(tmp_path / "run", module=module_of(3), data=small, threads=1) == result.evaluation
    with pytest.raises(UsageError, match=r"PyTorch module Last-\w{8}: give it in Python, as module="):
        lengthwise.evaluate(tmp_path / "run", data=small)
    with pytest.raises(UsageError, match=r"module is Last-\w{8}, but the trained one is Last-"):
        lengthwise.evaluate(tmp_path / "run", module=Last(hidden_size=5), data=small)


def test_the_commands_say_that_a_module_needs_python(small_folder, tmp_path):
    lengthwise.train(small_folder, module=module_of(0), steps=5, out=tmp_path / "run", **SETTINGS)
    for arguments in (("evaluate", tmp_path / "run"), ("train", "--resume", tmp_path / "run")):
        result = command(*map(str, arguments))
        assert result.returncode == 2
        assert "give it in Python, as module=" in result.stderr


def test_what_the_module_is_does_not_depend_on_its_values():
    assert describe(Last()) == describe(Last())
    assert len({describe(module) for module in (Last(), Last(hidden_size=5), Last(nn.GRU), Masked())}) == 4


def test_windows_that_are_short_need_a_module_that_asks_for_lengths():
    random = np.random.default_rng(0)
    lengths = random.integers(2, 9, 160)
    data = lengthwise.load_data(
        random.normal(size=(160, 8, 6)).astype(np.float32), random.integers(3, size=160), lengths=lengths
    )
    lengthwise.train(data, module=Masked(), steps=5, **SETTINGS)
    with pytest.raises(UsageError, match="the module's forward has no parameter named lengths"):
        lengthwise.train(data, module=Last(), steps=5, **SETTINGS)


class Normed(Last):
    def __init__(self):
        super().__init__()
        self.norm = nn.BatchNorm1d(4)


@pytest.mark.parametrize(
    ("module", "more", "sentence"),
    [
        (Last, {}, "module is type, but must be a torch.nn.Module"),
        (nn.Identity(), {}, "module is Identity, which has no parameters to train"),
        (Last().double(), {}, "parameter 'rnn.weight_ih_l0' of Last is torch.float64"),
        (Normed(), {}, "'norm' of Normed is BatchNorm1d, whose running statistics"),
        (
            Last(classes=2),
            {},
            r"Last gives shape \(1, 2\) for one window of shape \(1, 5, 6\), but classification with 3",
        ),
        (nn.LSTM(6, 3), {}, "LSTM gives a tuple, but must give a tensor"),
        (nn.Linear(5, 3), {}, r"Linear cannot take a window of shape \(1, 5, 6\): "),
        (Last(), {"cell": "gru"}, "cell is a setting of the built-in networks"),
        (Last(), {"engine": "simd"}, "engine is 'simd', but the module Last-"),
    ],
    ids=str,
)
def test_what_cannot_be_trained_is_refused_in_a_sentence(small, module, more, sentence):
    with pytest.raises(UsageError, match=sentence):
        lengthwise.train(small, module=module, steps=5, **SETTINGS, **more)


def test_operations_are_those_of_the_products(small):
    ours = Network(input_size=6, num_outputs=3, cell="lstm", hidden_size=4, num_layers=1)
    assert forward_flops(ModuleNetwork.of(Last(), small, 5), 5) == forward_flops(ours, 5)
    rnn = Network(input_size=6, num_outputs=3, cell="rnn", hidden_size=4, num_layers=1)
    assert forward_flops(ModuleNetwork.of(Last(nn.RNN), small, 5), 5) == forward_flops(rnn, 5)


STUDY = {"seq_lens": "2,5", "seeds": 2, "batch_size": 16}


@pytest.mark.parametrize("kind", [Last, Convolution])
def test_a_study_of_a_module_is_the_same_whatever_the_workers(small, kind):
    tables = []
    for workers in (1, 3):
        study = lengthwise.Study(small, make_module=lambda _seed: kind(), budget="steps=20", **STUDY).run(
            workers=workers
        )
        tables.append(study.results.set_index(["seq_len", "seed"])[["val_loss", "test_loss"]].sort_index())
    assert (tables[0] == tables[1]).all(axis=None)
    assert tables[0].loc[(2, 0)].tolist() != tables[0].loc[(2, 1)].tolist()


def test_a_study_says_what_it_trains_and_what_that_costs(small):
    study = lengthwise.Study(small, make_module=lambda _seed: Last(), budget="flops=1000000", **STUDY).run(workers=1)
    results = study.results
    assert set(results.status) == {"finished"}
    assert set(results.module_name) == {describe(Last())}
    assert results.cell.isna().all()
    assert (results.activation_bytes > 0).all()
    network = ModuleNetwork.of(Last(), small, 5)
    assert set(results.flops_per_step[results.seq_len == 5]) == {3 * 16 * forward_flops(network, 5)}
    assert describe(Last()) in run_key(network_runs(study.design, small, Last())[0])


def test_a_study_goes_on_with_what_makes_its_modules(small, tmp_path):
    def make(_seed):
        return Last()

    lengthwise.Study(small, make_module=make, budget="steps=10", out=tmp_path / "study", **STUDY)
    with pytest.raises(UsageError, match=r"trains the PyTorch module Last-\w{8}: go on with it in Python"):
        lengthwise.Study.load(tmp_path / "study", data=small).run()
    study = lengthwise.Study.load(tmp_path / "study", data=small, make_module=make).run(workers=1)
    assert set(study.results.status) == {"finished"}
    wider = lengthwise.Study.load(tmp_path / "study", data=small, make_module=make).extend(seq_lens=[3]).run(workers=1)
    assert sorted(set(wider.results.seq_len)) == [2, 3, 5]
    with pytest.raises(UsageError, match="module is Masked-"):
        lengthwise.Study.load(tmp_path / "study", data=small, make_module=lambda _seed: Masked()).run()
