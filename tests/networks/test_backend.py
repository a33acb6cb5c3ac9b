"""The choice of an engine, and what each cannot do."""

import sys

import pytest

import lengthwise
from lengthwise.engine.simd.engine import SimdEngine
from lengthwise.engine.torch.engine import TorchEngine
from lengthwise.errors import UsageError
from lengthwise.networks.backend import Backend, make_engine
from lengthwise.networks.network import Network
from lengthwise.training.settings import Settings


def test_the_engine_is_our_own_unless_pytorch_is_asked_for():
    network = Network(3, 2)
    assert isinstance(make_engine(network, seq_len=4, batch_size=5), SimdEngine)
    assert isinstance(make_engine(network, seq_len=4, batch_size=5, backend=Backend("torch")), TorchEngine)


def test_a_run_by_pytorch_gives_what_a_run_by_our_engine_gives(small, tmp_path):
    options = {"cell": "gru", "seq_len": 5, "batch_size": 16, "steps": 100, "threads": 1, "quiet": True}
    ours = lengthwise.train(small, **options)
    theirs = lengthwise.train(small, engine="torch", out=tmp_path / "run", **options)
    assert theirs.history.losses == pytest.approx(ours.history.losses, abs=1e-4, nan_ok=True)
    assert theirs.evaluation.accuracy == pytest.approx(ours.evaluation.accuracy, abs=0.01)
    assert lengthwise.evaluate(tmp_path / "run", data=small, threads=1) == theirs.evaluation


def test_a_run_by_pytorch_goes_on_to_the_same_bits(small, tmp_path):
    options = {"engine": "torch", "seq_len": 5, "batch_size": 16, "threads": 1, "quiet": True}
    whole = lengthwise.train(small, steps=60, **options)
    lengthwise.train(small, steps=40, out=tmp_path / "run", **options)
    rest = lengthwise.resume(tmp_path / "run", data=small, steps=60, threads=1, quiet=True)
    assert rest.history.losses.tobytes() == whole.history.losses.tobytes()
    for name, array in whole.parameters.items():
        assert rest.parameters[name].tobytes() == array.tobytes()


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ({"engine": "torch", "tf32": True}, "tf32 is True, but device is 'cpu', which has no TF32"),
        ({"device": "cuda"}, "device is 'cuda', but the engine simd computes on the CPU only: choose engine torch"),
        ({"engine": "torch", "cell": "gru", "gru_variant": "reset_before"}, "PyTorch has no such GRU"),
        ({"engine": "torch", "dropout": 0.5}, "dropout is 0.5, but PyTorch draws other random numbers"),
        ({"engine": "torch", "carry_state": True}, "only the engine simd carries states"),
        ({"engine": "jax"}, "engine is 'jax', but must be one of simd, torch"),
    ],
)
def test_what_an_engine_cannot_do_is_refused_before_anything_begins(settings, sentence):
    with pytest.raises(UsageError, match=sentence):
        Settings(**settings)


def test_without_pytorch_the_error_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "torch", None)
    with pytest.raises(UsageError, match=r"needs the package torch: install it with pip install 'lengthwise\[torch\]'"):
        make_engine(Network(3, 2), seq_len=4, batch_size=5, backend=Backend("torch"))


def test_the_drop_in_modules_are_an_attribute_of_the_package():
    assert lengthwise.torch.GRU.__mro__[2].__module__ == "torch.nn.modules.rnn"
