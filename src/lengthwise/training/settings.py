"""The settings of a training, which determine its result bit for bit."""

from dataclasses import dataclass
from typing import Any, Literal, Self

from lengthwise._internal.described_fields import check_fields, described, with_documented_fields
from lengthwise.engine.protocol import ADAM, ADAM_EPSILON_HAT, ADAMW, RMSPROP, SGD
from lengthwise.engine.protocol import Optimizer as EngineOptimizer
from lengthwise.errors import UsageError
from lengthwise.networks.backend import Backend, Device, EngineName, check_backend
from lengthwise.networks.costs import training_timesteps
from lengthwise.networks.network import MAX_HIDDEN_SIZE, MAX_LAYERS, CellName, GruVariant, Initializer, Pooling
from lengthwise.tasks.judged_by import MetricName
from lengthwise.training.lr_schedules import LrSchedule, LrScheduleName
from lengthwise.windows import Placement, Sampling

Optimizer = Literal["adam_tf1", "adam", "adamw", "sgd", "rmsprop"]
"""Adam in TensorFlow's form (the notebook's) or in PyTorch's, and the others in PyTorch's."""

OPTIMIZERS = {
    "adam_tf1": EngineOptimizer(ADAM_EPSILON_HAT),
    "adam": EngineOptimizer(ADAM),
    "adamw": EngineOptimizer(ADAMW),
    "sgd": EngineOptimizer(SGD),
    "rmsprop": EngineOptimizer(RMSPROP, beta2=0.99),
}
"""Each optimiser in the engine's form, with PyTorch's defaults for values that have no setting."""

ClassWeights = Literal["none", "balanced"]
"""The weight of a window of each class in the loss."""

MAX_SEED = 2**63 - 1

BUILT_IN = (
    "cell",
    "hidden_size",
    "num_layers",
    "bidirectional",
    "dropout",
    "pooling",
    "gru_variant",
    "forget_bias",
    "carry_state",
    "initializer",
    "tf32",
)
"""Settings that apply only to built-in networks."""


def _data_name(name: str, value: Any) -> str:
    if not isinstance(value, str):
        raise UsageError(f"{name} is {value!r}, but must be mnist or the path of a folder, as text.")
    return value


@with_documented_fields
@dataclass(frozen=True)
class Settings:
    """The network, the data and how it is trained; the defaults are the notebook's.

    Raises
    ------
    UsageError
        If a value is out of range. ``seq_len`` and ``batch_size``, which depend on the data, are checked later.
    """

    data: str = described(
        "mnist",
        "Data set: a name such as mnist, a file, or a folder, with options; see lengthwise data list.",
        convert=_data_name,
    )
    seq_len: int = described(19, "Steps of the window that the network reads.", at_least=1)
    placement: Placement | None = described(
        None,
        "Where in a sequence the window lies: its last steps (end), any place (any), or its first steps (start).",
        if_none="end for numbers and forecasts; for classes any where sequences are bytes or repeat themselves, else "
        "end",
    )
    cell: CellName = described("rnn", "Recurrent cell; rnn has the activation tanh, rnn_relu the activation ReLU.")
    hidden_size: int = described(31, "Units of each layer.", at_least=1, at_most=MAX_HIDDEN_SIZE)
    num_layers: int = described(3, "Number of recurrent layers.", at_least=1, at_most=MAX_LAYERS)
    bidirectional: bool = described(
        False, "Whether every layer also reads the window backwards, with as many units again."
    )
    dropout: float = described(
        0.0, "Fraction of a layer's outputs that is hidden from the layer above in training.", at_least=0, below=1
    )
    pooling: Pooling = described(
        "last", "Input of the output layer: the last step, or the mean or the maximum over all steps."
    )
    gru_variant: GruVariant = described(
        "reset_after",
        "Where a GRU's reset gate acts: after the recurrent product (PyTorch, Keras), or before it (the paper).",
    )
    forget_bias: float = described(1.0, "Constant that is added to the initial bias of an LSTM's forget gate.", usual=1)
    carry_state: bool = described(
        False,
        "Whether windows are consecutive and each begins with the last state of the previous one (truncated "
        "backpropagation through time), for tasks with a target at every step.",
    )
    class_weights: ClassWeights = described(
        "none",
        "Weight of each class in the loss: all equal, or balanced, n / (classes x n of the class), so that rare "
        "classes count as much as frequent ones; for classification.",
    )
    metric: MetricName | None = described(
        None,
        "What lengths, and the validations of a training, are compared by.",
        if_none="that of the task: accuracy, mse, mase or bits",
    )
    batch_size: int = described(128, "Windows in each step.", at_least=1)
    lr: float = described(0.001, "Learning rate, the step size of the optimiser.", above=0, usual=0.001)
    epochs: int = described(
        2,
        "Epochs, each of (T - seq_len + 1) x sequences // batch_size training steps, so more for shorter windows, "
        "and then the test steps.",
        at_least=1,
        at_most=10**9,
    )
    steps: int | None = described(
        None, "Training steps in all, in place of whole epochs.", at_least=1, at_most=10**9, if_none="whole epochs"
    )
    sampling: Sampling = described(
        "blocks",
        "How the windows of a step are chosen: random blocks of consecutive sequences (as in the notebook), every "
        "sequence once a pass in shuffled order (crops, the default of all data but MNIST), every window once an epoch "
        "in shuffled order, or blocks in the order of the file.",
    )
    seed: int = described(
        0,
        "Seed of the initial parameters and of the choice of windows; the same seed gives the same bits.",
        at_least=0,
        at_most=MAX_SEED,
    )
    optimizer: Optimizer = described(
        "adam_tf1",
        "Optimiser: Adam in TensorFlow 1's form (adam_tf1) or as published (adam), Adam with decoupled weight decay "
        "(adamw), gradient descent (sgd), or RMSprop (rmsprop).",
    )
    momentum: float = described(0.0, "Momentum of sgd and rmsprop.", at_least=0, below=1)
    nesterov: bool = described(False, "Whether the momentum of sgd is Nesterov's.")
    weight_decay: float = described(
        0.0, "Weight decay: decoupled from the gradient for adamw, an L2 penalty for the others.", at_least=0, below=1
    )
    clip_norm: float | None = described(
        None,
        "Largest norm of the gradient of all parameters; a longer gradient is scaled down to it.",
        above=0,
        usual=1,
        if_none="no clipping",
    )
    lr_schedule: LrScheduleName = described(
        "constant",
        "How the learning rate changes during the training, with lr as its largest value; cosine and one_cycle depend "
        "on the number of training steps in all.",
    )
    warmup_steps: int = described(
        0, "Training steps at the beginning over which the learning rate grows linearly.", at_least=0
    )
    patience: int | None = described(
        None,
        "Validations without a better score after which training ends early, with the parameters of the best "
        "validation.",
        at_least=1,
        if_none="no early stopping",
    )
    validate_every: int | None = described(
        None,
        "Training steps between validations, each on every window of the validation split; training then ends with "
        "the parameters of the best validation.",
        at_least=1,
        if_none="with patience once an epoch (a study: at its own validations), without patience never",
    )
    ema_decay: float | None = described(
        None,
        "Decay of the exponential moving average of the weights, which is then evaluated and kept in their place.",
        above=0,
        below=1,
        usual=0.999,
        if_none="no average",
    )
    initializer: Initializer = described("glorot", "Distribution that the initial weights are drawn from.")
    engine: EngineName = described(
        "simd", "What computes the steps: the package's own engine (simd), or PyTorch, which trains the same network."
    )
    device: Device = described("cpu", "Where PyTorch computes the steps.")
    tf32: bool = described(
        False,
        "Whether built-in networks multiply in TF32 (10 bits of mantissa) on CUDA, which is faster for wide layers, "
        "but agrees less well with the CPU than 1e-4.",
    )
    module_name: str | None = described(
        None,
        "Name of the PyTorch module that is trained in place of a built-in network, whose settings are then ignored.",
        if_none="a built-in network",
    )
    folds: int | None = described(
        None,
        "In a study: the number of folds into which the training and the validation split are divided, by the seed.",
        at_least=2,
        if_none="the splits as they are",
    )
    fold: int | None = described(
        None, "In a study: the fold that the network is judged on, and not trained on.", at_least=0, if_none="no folds"
    )

    def __post_init__(self) -> None:
        check_fields(self)
        if (self.folds is None) != (self.fold is None) or (self.fold or 0) >= (self.folds or 1):
            raise UsageError(f"fold is {self.fold} of folds {self.folds}, but must be one of them, from 0; or neither.")
        if self.module_name is not None and self.engine != "torch":
            raise UsageError(
                f"engine is {self.engine!r}, but the module {self.module_name} is trained by PyTorch: leave engine out."
            )
        check_backend(
            self.backend,
            cell=self.cell,
            gru_variant=self.gru_variant,
            dropout=self.dropout,
            carry_state=self.carry_state,
        )

    @property
    def engine_optimizer(self) -> EngineOptimizer:
        """The optimiser in the engine's form."""
        return OPTIMIZERS[self.optimizer]._replace(
            lr=self.lr,
            momentum=self.momentum,
            nesterov=self.nesterov,
            weight_decay=self.weight_decay,
            clip_norm=self.clip_norm or 0.0,
            ema_decay=self.ema_decay or 0.0,
        )

    def rates(self, updates: int) -> LrSchedule:
        """Return the step sizes of a training with this many updates."""
        return LrSchedule(self.lr, self.lr_schedule, updates, self.warmup_steps)

    @property
    def timesteps(self) -> int:
        """Time steps that a training of so many `steps` sees; 0 where epochs are given instead."""
        return training_timesteps(self.steps or 0, self.seq_len, self.batch_size)

    @property
    def selects(self) -> bool:
        """Whether the parameters that are kept are selected by the validation split; see `training.selection`."""
        return self.patience is not None or self.validate_every is not None

    @property
    def backend(self) -> Backend:
        """The engine and the device."""
        return Backend(self.engine, self.device, self.tf32)

    def to_dict(self) -> dict[str, Any]:
        """Return the settings by name, as in run.json: None for those that are ignored.

        Folds and the metric are there only if they were given.
        """
        settings = dict(vars(self))
        if self.folds is None:
            del settings["folds"], settings["fold"]
        if self.metric is None:
            del settings["metric"]
        return settings if self.module_name is None else settings | dict.fromkeys(BUILT_IN)

    @classmethod
    def from_dict(cls, settings: dict[str, Any]) -> Self:
        """Return the settings from a dictionary that `to_dict` returned."""
        skipped = () if settings.get("module_name") is None else BUILT_IN
        return cls(**{name: value for name, value in settings.items() if name not in skipped})
