"""Whatever PyTorch does with a model that contains its modules, it does with ours in their place."""

import copy
import io

import pytest
import torch
from torch import nn
from torch.autograd import forward_ad
from torch.fx.experimental.proxy_tensor import make_fx

import lengthwise.torch as ours
from lengthwise.errors import UsageError
from tests.torch.pairs import PAIRS, assert_close, cells, pair_of

# PyTorch says that `torch.jit` is deprecated also where it uses it itself; export, that it stores weights in a list.
pytestmark = pytest.mark.filterwarnings(
    "ignore:.torch.jit:DeprecationWarning", "ignore:The tensor attributes self.rnn._flat_weights:UserWarning"
)


class Model(nn.Module):
    """The commonest form of a user's model."""

    def __init__(self, rnn):
        super().__init__()
        self.rnn = rnn
        self.head = nn.Linear(rnn.hidden_size, 2)

    def forward(self, x):
        y = self.rnn(x)[0]
        return self.head(y.view(-1, self.rnn.hidden_size))


def models_of(cell, **options):
    mine, theirs = (Model(module) for module in pair_of(cell, 3, 5, 2, **options))
    mine.head.load_state_dict(theirs.head.state_dict())
    return mine, theirs


def ancestors(node):
    """A node of the graph of gradients, and those that it leads to through the first of each."""
    while node is not None:
        yield node
        node = node.next_functions[0][0] if node.next_functions else None


def loss_of(model, parameters, x):
    return torch.func.functional_call(model, parameters, (x,)).square().sum()


@cells
def test_a_scripted_model_is_pytorchs_and_shares_the_parameters(cell):
    mine, theirs = models_of(cell)
    x = torch.randn(6, 4, 3)
    parameters = dict(mine.named_parameters())
    scripted = torch.jit.script(mine)
    assert torch.equal(scripted(x), torch.jit.script(theirs)(x))
    assert all(parameter is parameters[name] for name, parameter in scripted.named_parameters())
    file = io.BytesIO()
    torch.jit.save(scripted, file)
    file.seek(0)
    assert torch.equal(torch.jit.load(file)(x), theirs(x))
    assert torch.equal(mine(x), theirs(x))
    assert type(mine.rnn) is PAIRS[cell][1]


def test_a_derived_class_cannot_be_scripted_unless_its_forward_is_its_own():
    class Own(ours.LSTM):
        pass

    with pytest.raises(UsageError, match=r"no class derived from it, as Own is: use torch\.jit\.trace"):
        torch.jit.script(Model(Own(3, 5)))

    class Twice(ours.LSTM):
        def forward(self, x: torch.Tensor):
            return 2 * x

    assert torch.jit.script(Twice(3, 5))(torch.ones(2, 2)).sum() == 8


def of_old(module):
    """A model in PyTorch's form of old, which TorchScript compiles with the modules in it."""

    class OfOld(torch.jit.ScriptModule):
        def __init__(self):
            super().__init__()
            self.rnn = module

        @torch.jit.script_method
        def forward(self, x):
            return self.rnn(x)

    return OfOld()


@cells
def test_a_script_method_is_refused_with_the_module_to_use(cell):
    mine, theirs = pair_of(cell, 3, 5, 2)
    x = torch.randn(6, 4, 3)
    assert torch.equal(of_old(theirs)(x)[0], theirs(x)[0])
    name = PAIRS[cell][1].__name__
    with pytest.raises(UsageError, match=rf"compile {name} of lengthwise\.torch .* use torch\.nn\.{name} there"):
        of_old(mine)
    assert_close(mine(x)[0], theirs(x)[0])


def test_a_script_method_compiles_a_derived_class_with_a_forward_of_its_own():
    class Own(ours.LSTM):
        pass

    with pytest.raises(UsageError, match=r"compile Own, which is derived from LSTM .* use torch\.nn\.LSTM there"):
        of_old(Own(3, 5))

    class Twice(ours.LSTM):
        def forward(self, x: torch.Tensor):
            return 2 * x

    assert of_old(Twice(3, 5))(torch.ones(2, 2)).sum() == 8


@pytest.mark.filterwarnings("ignore:Converting a tensor:torch.jit.TracerWarning")
def test_a_traced_model_is_pytorchs():
    mine, theirs = models_of("gru")
    x = torch.randn(6, 4, 3)
    assert torch.equal(torch.jit.trace(mine, (x,))(x), theirs(x))


@cells
def test_fx_records_a_call_of_the_module(cell):
    mine, theirs = models_of(cell)
    traced, expected = torch.fx.symbolic_trace(mine), torch.fx.symbolic_trace(theirs)
    assert traced.code == expected.code
    assert traced.rnn is mine.rnn
    x = torch.randn(6, 4, 3)
    assert torch.equal(traced(x), mine(x))


def test_fx_records_states_that_are_given():
    class Decoder(nn.Module):
        def __init__(self):
            super().__init__()
            self.rnn = ours.LSTM(3, 5)

        def forward(self, x, h, c):
            return self.rnn(x, (h, c))[1][0]

    decoder = Decoder()
    x, h, c = torch.randn(6, 4, 3), torch.randn(1, 4, 5), torch.randn(1, 4, 5)
    assert torch.equal(torch.fx.symbolic_trace(decoder)(x, h, c), decoder(x, h, c))


@cells
def test_operations_are_recorded_one_by_one(cell):
    mine, theirs = pair_of(cell, 3, 5, 2)
    x = torch.randn(6, 4, 3)
    recorded = make_fx(lambda x: mine(x)[0])(x)
    assert_close(recorded(2 * x), theirs(2 * x)[0])


@cells
def test_functional_gradients_are_those_of_pytorch(cell):
    mine, theirs = models_of(cell)
    x = torch.randn(6, 4, 3)
    found, expected = (
        torch.func.grad(lambda parameters, model=model: loss_of(model, parameters, x))(dict(model.named_parameters()))
        for model in (mine, theirs)
    )
    for name, gradient in expected.items():
        assert_close(found[name], gradient)
    assert_close(torch.func.jacrev(mine)(x), torch.func.jacrev(theirs)(x))


@cells
def test_gradients_of_each_example_are_those_of_one_after_the_other(cell):
    mine, theirs = models_of(cell)
    examples = torch.randn(7, 6, 1, 3)
    parameters = dict(mine.named_parameters())
    gradient = torch.func.grad(lambda parameters, x: loss_of(mine, parameters, x))
    found = torch.func.vmap(gradient, in_dims=(None, 0))(parameters, examples)
    for i, x in enumerate(examples):
        theirs.zero_grad()
        theirs(x).square().sum().backward()
        for name, parameter in theirs.named_parameters():
            assert_close(found[name][i], parameter.grad)


@cells
def test_an_ensemble_is_computed_at_once(cell):
    modules = [pair_of(cell, 3, 5, 2, bidirectional=True)[1] for _ in range(3)]
    with torch.no_grad():
        for i, module in enumerate(modules):
            module.weight_hh_l0.mul_(i)
    parameters, _ = torch.func.stack_module_state(modules)
    mine, _ = pair_of(cell, 3, 5, 2, bidirectional=True)
    x = torch.randn(6, 4, 3)
    found = torch.func.vmap(lambda own: torch.func.functional_call(mine, own, (x,))[0])(parameters)
    assert_close(found, torch.stack([module(x)[0] for module in modules]))


@cells
def test_derivatives_forwards_are_those_backwards(cell):
    mine, theirs = pair_of(cell, 3, 4, 2)
    x = torch.randn(3, 2, 3)
    expected = torch.func.jacrev(lambda x: theirs(x)[0])(x)
    assert_close(torch.func.jacfwd(lambda x: mine(x)[0])(x), expected)
    direction = torch.randn(x.shape)
    with forward_ad.dual_level():
        y, _ = mine(forward_ad.make_dual(x, direction))
        tangent = forward_ad.unpack_dual(y).tangent
    assert_close(tangent, torch.tensordot(expected, direction, dims=3))


@cells
def test_a_hessian_is_that_of_pytorchs_module(cell):
    mine, theirs = pair_of(cell, 3, 4, 2)
    x = torch.randn(3, 2, 3)

    def loss(module, x):
        return module(x)[0].square().sum()

    # PyTorch's own module cannot be vectorised, so its Hessian is made row by row.
    expected = torch.autograd.functional.hessian(lambda x: loss(theirs, x), x)
    assert_close(torch.func.hessian(lambda x: loss(mine, x))(x), expected)


@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore:.*deprecated")
@pytest.mark.parametrize("spec", [None, {nn.LSTM, nn.GRU}, {ours.LSTM, ours.GRU}], ids=["default", "theirs", "ours"])
@pytest.mark.parametrize("cell", ["gru", "lstm"])
def test_dynamic_quantisation_makes_pytorchs_quantised_module(cell, spec):
    if torch.backends.quantized.engine == "none":
        pytest.skip("this PyTorch has no quantised kernels")
    mine, theirs = (torch.ao.quantization.quantize_dynamic(model, spec) for model in models_of(cell))
    assert type(mine.rnn) is type(theirs.rnn) is not PAIRS[cell][0]
    assert type(mine.rnn).__module__.startswith("torch.ao.nn.quantized.dynamic")
    x = torch.randn(6, 4, 3)
    if spec is None:
        assert torch.equal(mine(x), theirs(x))


def test_classes_are_equal_to_the_ones_they_replace_and_to_no_other():
    for cell in ("rnn", "gru", "lstm"):
        mine, theirs, _ = PAIRS[cell]
        assert mine == theirs
        assert theirs == mine
        assert {theirs: 1}[mine] == 1
        assert mine is not theirs
        assert mine != nn.RNNBase
    assert ours.GRU != ours.LSTM
    assert ours.GRU != nn.LSTM

    class Own(ours.GRU):
        pass

    assert Own not in {ours.GRU, nn.GRU}
    assert Own == Own  # noqa: PLR0124


def test_an_exported_model_is_pytorchs():
    mine, theirs = models_of("gru")
    x = torch.randn(6, 4, 3)
    for strict in (False, True):
        assert torch.equal(torch.export.export(mine, (x,), strict=strict).module()(x), theirs(x))


@cells
def test_a_compiled_model_runs_on_kernels(cell):
    mine, theirs = (nn.Sequential(module) for module in pair_of(cell, 3, 5, 2))
    compiled = torch.compile(mine, backend="eager")
    x = torch.randn(6, 4, 3)
    for _ in range(2):
        y, _ = compiled(x)
        assert_close(y, theirs(x)[0])
    assert "StackBackward" in {node.name() for node in ancestors(y.grad_fn)}


def test_a_compiled_model_gives_the_same():
    mine, theirs = models_of("lstm")
    compiled = torch.compile(copy.deepcopy(mine), backend="eager")
    x = torch.randn(6, 4, 3)
    compiled(x).sum().backward()
    theirs(x).sum().backward()
    assert_close(compiled(x), theirs(x))
    for one, other in zip(compiled.parameters(), theirs.parameters(), strict=True):
        assert_close(one.grad, other.grad)
