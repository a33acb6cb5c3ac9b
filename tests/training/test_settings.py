"""The settings of a training, and their ways in: Python, the command line, run.json."""

import inspect
import json

import numpy as np
import pytest
from docstring_parser import parse

import lengthwise
from lengthwise.engine.protocol import ADAM, ADAM_EPSILON_HAT, SGD, Optimizer
from lengthwise.errors import UsageError
from lengthwise.training.keyword_settings import DATA_OPTIONS, DEFAULTS, PYTHON_ONLY, SETTINGS
from lengthwise.training.settings import Settings


def test_the_defaults_are_the_notebooks():
    assert Settings().to_dict() == {
        "data": "mnist",
        "seq_len": 19,
        "placement": None,
        "cell": "rnn",
        "hidden_size": 31,
        "num_layers": 3,
        "bidirectional": False,
        "dropout": 0.0,
        "pooling": "last",
        "gru_variant": "reset_after",
        "forget_bias": 1.0,
        "carry_state": False,
        "class_weights": "none",
        "batch_size": 128,
        "lr": 0.001,
        "epochs": 2,
        "steps": None,
        "sampling": "blocks",
        "seed": 0,
        "optimizer": "adam_tf1",
        "momentum": 0.0,
        "nesterov": False,
        "weight_decay": 0.0,
        "clip_norm": None,
        "lr_schedule": "constant",
        "warmup_steps": 0,
        "patience": None,
        "validate_every": None,
        "ema_decay": None,
        "initializer": "glorot",
        "engine": "simd",
        "device": "cpu",
        "tf32": False,
        "module_name": None,
    }


def test_the_optimiser_is_tensorflows_adam_unless_another_is_asked_for():
    assert Settings(lr=0.5).engine_optimizer == Optimizer(ADAM_EPSILON_HAT, lr=0.5)
    assert Settings(optimizer="adam").engine_optimizer == Optimizer(ADAM)
    chosen = Settings(optimizer="sgd", momentum=0.9, nesterov=True, clip_norm=2)
    assert chosen.engine_optimizer == Optimizer(SGD, momentum=0.9, nesterov=True, clip_norm=2)
    assert Settings(ema_decay=0.99).engine_optimizer == Optimizer(ADAM_EPSILON_HAT, ema_decay=0.99)


@pytest.mark.parametrize(
    "wrong",
    [{"momentum": 1}, {"nesterov": 1}, {"weight_decay": -1}, {"clip_norm": 0}, {"lr_schedule": "step"},
     {"warmup_steps": -1}, {"optimizer": "lion"}, {"dropout": 1}, {"cell": "elman"}, {"pooling": "first"}],
)  # fmt: skip
def test_an_option_out_of_range_is_named(wrong):
    with pytest.raises(UsageError, match=f"^{next(iter(wrong))} is "):
        Settings(**wrong)


@pytest.mark.parametrize(
    "name",
    ["seq_len", "hidden_size", "num_layers", "batch_size", "epochs", "steps", "patience", "validate_every"],
)
@pytest.mark.parametrize("value", [0, -1])
def test_a_size_below_one_is_refused(name, value):
    with pytest.raises(UsageError, match=f"{name} is {value}, but must be 1 (or more|to [0-9]+)"):
        Settings(**{name: value})


@pytest.mark.parametrize(
    ("name", "most"), [("hidden_size", 100_000), ("num_layers", 1000), ("epochs", 10**9), ("steps", 10**9)]
)
def test_a_size_beyond_any_memory_is_refused(name, most):
    assert getattr(Settings(**{name: most}), name) == most
    with pytest.raises(UsageError, match=f"{name} is {most + 1}, but must be 1 to {most}"):
        Settings(**{name: most + 1})


@pytest.mark.parametrize(
    ("name", "value", "allowed"),
    [
        ("cell", "transformer", "one of rnn"),
        ("sampling", "random", "one of blocks, crops, shuffle, ordered"),
        ("optimizer", "lion", "one of adam_tf1, adam"),
        ("initializer", "zeros", "one of glorot, uniform_unit_scaling"),
        ("engine", "tensorflow", "one of simd"),
        ("seed", -1, "0 to 9223372036854775807"),
        ("seed", 2**63, "0 to 9223372036854775807"),
        ("lr", 0.0, "a number above 0"),
        ("lr", float("nan"), "a number above 0"),
        ("hidden_size", 31.0, "an integer"),
        ("epochs", None, "an integer"),
        ("patience", 2.0, "an integer"),
        ("validate_every", True, "an integer"),
        ("ema_decay", 0, "a number above 0 and below 1"),
        ("ema_decay", 1.0, "a number above 0 and below 1"),
        ("ema_decay", -0.5, "a number above 0 and below 1"),
        ("ema_decay", float("nan"), "a number above 0 and below 1"),
        ("ema_decay", "much", "a number above 0 and below 1"),
        ("data", 7, "mnist or the path of a folder"),
    ],
)
def test_a_value_out_of_range_is_refused_with_what_is_allowed(name, value, allowed):
    with pytest.raises(UsageError, match=f"^{name} is .*, but must be {allowed}"):
        Settings(**{name: value})


def test_numbers_of_numpy_become_numbers_that_json_can_hold():
    settings = Settings(seq_len=np.int64(7), lr=np.float32(0.5), seed=np.uint32(3), steps=np.int32(9))
    assert json.loads(json.dumps(settings.to_dict())) == Settings(seq_len=7, lr=0.5, seed=3, steps=9).to_dict()


def test_train_has_every_setting_as_a_parameter_with_its_default():
    parameters = inspect.signature(lengthwise.train).parameters
    assert {name: parameters[name].default for name in DEFAULTS if name != "data"} | {"data": "mnist"} == DEFAULTS
    assert {*DEFAULTS, "module_name"} == set(Settings(metric="log_loss").to_dict())


@pytest.mark.parametrize("function", [lengthwise.train, lengthwise.Study])
def test_options_of_the_data_are_parameters_with_the_defaults_of_load_data(function):
    parameters = inspect.signature(function).parameters
    loading = inspect.signature(lengthwise.load_data).parameters
    assert {"task", "horizon", "lookback", "season", "target", "features"} <= set(DATA_OPTIONS)
    own = {"time"} if function is lengthwise.Study else set()  # the time of a study is its limit
    for name in DATA_OPTIONS.keys() - own:
        assert (parameters[name].default, parameters[name].annotation) == (
            loading[name].default,
            loading[name].annotation,
        )


def test_options_of_the_data_do_not_go_with_data_that_were_read_already(small):
    with pytest.raises(UsageError, match="horizon cannot be combined with a Dataset, which has been read already"):
        lengthwise.train(small, horizon=12)
    with pytest.raises(UsageError, match=r"the option horizon does not apply to mnist, .*, which takes standardize"):
        lengthwise.Study("mnist", horizon=12)


def test_every_setting_is_described():
    assert list(SETTINGS) == list(DEFAULTS)
    for setting in (*SETTINGS.values(), *DATA_OPTIONS.values()):
        assert setting.text[0].isupper()
        assert setting.text.endswith(".")
        assert setting.text.count(". ") == 0, f"{setting.name} is described by more than one sentence"


def test_the_docstring_has_every_setting_with_type_bounds_and_default():
    parameters = {item.arg_name: item for item in parse(Settings.__doc__).params}
    assert list(parameters) == [*DEFAULTS, *PYTHON_ONLY]
    assert parameters["cell"].type_name == '{"rnn", "rnn_relu", "gru", "lstm"}'
    assert parameters["seq_len"].type_name == "int"
    assert parameters["seq_len"].description == "Steps of the window that the network reads. [1 or more] [default: 19]"
    assert parameters["clip_norm"].is_optional
    assert parameters["clip_norm"].description.endswith("[above 0] [default: no clipping]")


def test_a_misspelt_setting_is_refused_with_the_nearest_one():
    with pytest.raises(UsageError, match="there is no setting 'hiden_size': did you mean 'hidden_size'"):
        lengthwise.train(hiden_size=3)
    with pytest.raises(UsageError, match="there is no setting 'horizn': did you mean 'horizon'"):
        lengthwise.train(horizn=3)
    with pytest.raises(UsageError, match="there is no setting 'xyz': choose from data, seq_len"):
        lengthwise.train(xyz=3)
