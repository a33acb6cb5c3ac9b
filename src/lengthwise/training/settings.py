"""The settings of a training: what decides, bit for bit, what comes out."""

from dataclasses import asdict, dataclass
from typing import Any, Literal, Self

from lengthwise._internal.argument_checks import (
    check_between_0_and_1,
    check_choice,
    check_finite,
    check_flag,
    check_integer,
    check_positive,
    check_share,
)
from lengthwise.engine.protocol import ADAM, ADAM_EPSILON_HAT, ADAMW, RMSPROP, SGD
from lengthwise.engine.protocol import Optimizer as EngineOptimizer
from lengthwise.errors import UsageError
from lengthwise.networks.backend import Backend, Device, EngineName, check_backend
from lengthwise.networks.network import MAX_HIDDEN_SIZE, MAX_LAYERS, CellName, GruVariant, Initializer, Pooling
from lengthwise.training.lr_schedules import LrSchedule, LrScheduleName
from lengthwise.windows import Sampling

Optimizer = Literal["adam_tf1", "adam", "adamw", "sgd", "rmsprop"]
"""Adam in TensorFlow's form (the notebook's) or in PyTorch's, and the others in PyTorch's."""

OPTIMIZERS = {
    "adam_tf1": EngineOptimizer(ADAM_EPSILON_HAT),
    "adam": EngineOptimizer(ADAM),
    "adamw": EngineOptimizer(ADAMW),
    "sgd": EngineOptimizer(SGD),
    "rmsprop": EngineOptimizer(RMSPROP, beta2=0.99),
}
"""What each optimiser is to the engine, with PyTorch's defaults where it has no setting."""

ClassWeights = Literal["none", "balanced"]
"""What a window of each class weighs in the loss."""

MAX_SEED = 2**63 - 1

MOST = {
    "seq_len": None,
    "hidden_size": MAX_HIDDEN_SIZE,
    "num_layers": MAX_LAYERS,
    "batch_size": None,
    "epochs": 10**9,
    "steps": 10**9,
    "patience": None,
    "validate_every": None,
}
"""The largest value of each setting that counts something; the data limit the others."""

NO_NUMBER = ("steps", "patience", "validate_every")
"""Those of them that may be None."""


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
"""Settings of the built-in networks alone."""


@dataclass(frozen=True)
class Settings:
    """What is trained, on what, and how. The defaults are the notebook's.

    Parameters
    ----------
    data : str
        Data set: a name such as mnist, a file, or a folder, with options; see lengthwise data list.
    seq_len : int
        Steps of the window shown to the network.
    cell : {"rnn", "rnn_relu", "gru", "lstm"}
        The recurrent cell; rnn is tanh.
    hidden_size : int
        Units of a layer.
    num_layers : int
        Layers.
    bidirectional : bool
        Whether every layer also reads the window backwards, with as many units again.
    dropout : float
        Share of a layer's outputs that the layer above does not see in training, from 0 to below 1.
    pooling : {"last", "mean", "max"}
        What the output layer sees: the last step, or the mean or the maximum over the steps.
    gru_variant : {"reset_after", "reset_before"}
        Where a GRU's reset gate acts: after the recurrent product (PyTorch, Keras), or before it (the paper).
    forget_bias : float
        What is added to the first value of an LSTM's forget-gate bias.
    carry_state : bool
        Whether a window begins with the state that the one before it ended with, and windows follow each other:
        truncated backpropagation through time; where every step is judged.
    class_weights : {"none", "balanced"}
        What a window of each class weighs in the loss: all the same, or balanced, so that every class has the same
        part in it however rare it is (n / (classes x n of the class)); for classification.
    batch_size : int
        Windows a step.
    lr : float
        Step size of the optimiser, above 0.
    epochs : int
        How often to go through an epoch's training steps, then its test steps. An epoch has
        (T - seq_len + 1) x sequences // batch_size steps, so shorter windows get more; see `lengthwise.windows`.
    steps : int, optional
        Training steps in all, in place of whole epochs.
    sampling : {"blocks", "shuffle", "ordered"}
        How a step's windows are chosen: random blocks of consecutive sequences (the notebook's), every window once an
        epoch in shuffled order, or blocks in file order; see `lengthwise.windows`.
    seed : int
        Seed of the first parameters and of the windows, 0 or more: the same seed gives the same bits.
    optimizer : {"adam_tf1", "adam", "adamw", "sgd", "rmsprop"}
        Adam in TensorFlow's form or in PyTorch's, Adam with decoupled weight decay, gradient descent, or RMSprop.
    momentum : float
        Momentum of sgd and rmsprop, from 0 to below 1.
    nesterov : bool
        Whether the momentum of sgd is Nesterov's.
    weight_decay : float
        Weight decay: decoupled from the gradient for adamw, a penalty for the others; 0 or more.
    clip_norm : float, optional
        Largest norm that the gradient of all parameters may have; a longer one is shortened to it.
    lr_schedule : {"constant", "cosine", "one_cycle"}
        How the step size changes over the training; lr is the largest. The other two depend on how many steps there
        are in all.
    warmup_steps : int
        Training steps over which the step size grows linearly from the start.
    patience : int, optional
        Validations without a better score after which training ends, before its steps are all made. The parameters of
        the best validation are restored. Not given: no early end.
    validate_every : int, optional
        Training steps between two validations, on every window of the validation split; the best parameters are then
        restored at the end, also without patience. Not given: with patience, each epoch (in a study at its usual
        checks); without, none.
    ema_decay : float, optional
        Decay of the exponential average of the weights, above 0 and below 1: what is evaluated and kept is then the
        average. Not given: the weights themselves.
    initializer : {"glorot", "uniform_unit_scaling", "pytorch", "orthogonal", "identity"}
        How the weights are first drawn; see `lengthwise.networks.network.Network.initial`.
    engine : {"simd", "torch"}
        What computes the steps: the package's own engine, or PyTorch, which trains the same network.
    device : {"cpu", "cuda", "mps"}
        Where PyTorch computes them.
    tf32 : bool
        Whether built-in networks multiply in TF32 (10 bits of mantissa) on CUDA: wide layers are faster, and the losses
        no longer agree with those of the CPU to 1e-4.
    module_name : str, optional
        The name of the PyTorch module that is trained in place of a built-in network; see
        `lengthwise.networks.module_network`. The settings of `BUILT_IN` then do not count.

    Raises
    ------
    UsageError
        If a value is out of range. What depends on the data (``seq_len``, ``batch_size``) is checked with them.
    """

    data: str = "mnist"
    seq_len: int = 19
    cell: CellName = "rnn"
    hidden_size: int = 31
    num_layers: int = 3
    bidirectional: bool = False
    dropout: float = 0.0
    pooling: Pooling = "last"
    gru_variant: GruVariant = "reset_after"
    forget_bias: float = 1.0
    carry_state: bool = False
    class_weights: ClassWeights = "none"
    batch_size: int = 128
    lr: float = 0.001
    epochs: int = 2
    steps: int | None = None
    sampling: Sampling = "blocks"
    seed: int = 0
    optimizer: Optimizer = "adam_tf1"
    momentum: float = 0.0
    nesterov: bool = False
    weight_decay: float = 0.0
    clip_norm: float | None = None
    lr_schedule: LrScheduleName = "constant"
    warmup_steps: int = 0
    patience: int | None = None
    validate_every: int | None = None
    ema_decay: float | None = None
    initializer: Initializer = "glorot"
    engine: EngineName = "simd"
    device: Device = "cpu"
    tf32: bool = False
    module_name: str | None = None

    def __post_init__(self) -> None:
        for name, most in MOST.items():
            value = getattr(self, name)
            if value is not None or name not in NO_NUMBER:
                object.__setattr__(self, name, check_integer(name, value, 1, most))
        object.__setattr__(self, "seed", check_integer("seed", self.seed, 0, MAX_SEED))
        object.__setattr__(self, "lr", check_positive("lr", self.lr, usual=0.001))
        if not isinstance(self.data, str):
            raise UsageError(f"data is {self.data!r}, but must be mnist or the path of a folder, as text.")
        check_choice("cell", self.cell, CellName)
        check_flag("bidirectional", self.bidirectional)
        object.__setattr__(self, "dropout", check_share("dropout", self.dropout))
        check_choice("pooling", self.pooling, Pooling)
        check_choice("gru_variant", self.gru_variant, GruVariant)
        object.__setattr__(self, "forget_bias", check_finite("forget_bias", self.forget_bias, usual=1))
        check_flag("carry_state", self.carry_state)
        check_choice("class_weights", self.class_weights, ClassWeights)
        check_choice("sampling", self.sampling, Sampling)
        check_choice("optimizer", self.optimizer, Optimizer)
        object.__setattr__(self, "momentum", check_share("momentum", self.momentum))
        check_flag("nesterov", self.nesterov)
        object.__setattr__(self, "weight_decay", check_share("weight_decay", self.weight_decay))
        if self.clip_norm is not None:
            object.__setattr__(self, "clip_norm", check_positive("clip_norm", self.clip_norm, usual=1))
        check_choice("lr_schedule", self.lr_schedule, LrScheduleName)
        object.__setattr__(self, "warmup_steps", check_integer("warmup_steps", self.warmup_steps, 0))
        if self.ema_decay is not None:
            object.__setattr__(self, "ema_decay", check_between_0_and_1("ema_decay", self.ema_decay, usual=0.999))
        check_choice("initializer", self.initializer, Initializer)
        check_choice("engine", self.engine, EngineName)
        check_choice("device", self.device, Device)
        check_flag("tf32", self.tf32)
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
        """The optimiser as the engine takes it."""
        return OPTIMIZERS[self.optimizer]._replace(
            lr=self.lr,
            momentum=self.momentum,
            nesterov=self.nesterov,
            weight_decay=self.weight_decay,
            clip_norm=self.clip_norm or 0.0,
            ema_decay=self.ema_decay or 0.0,
        )

    def rates(self, updates: int) -> LrSchedule:
        """Return the step sizes of a training of so many updates."""
        return LrSchedule(self.lr, self.lr_schedule, updates, self.warmup_steps)

    @property
    def selects(self) -> bool:
        """Whether the parameters that are kept are chosen on the validation split; see `training.selection`."""
        return self.patience is not None or self.validate_every is not None

    @property
    def backend(self) -> Backend:
        """What computes, and where."""
        return Backend(self.engine, self.device, self.tf32)

    def to_dict(self) -> dict[str, Any]:
        """Return the settings by name, as run.json holds them: None for those that do not count."""
        settings = asdict(self)
        return settings if self.module_name is None else settings | dict.fromkeys(BUILT_IN)

    @classmethod
    def from_dict(cls, settings: dict[str, Any]) -> Self:
        """Return the settings of which `to_dict` made a dictionary."""
        skipped = () if settings.get("module_name") is None else BUILT_IN
        return cls(**{name: value for name, value in settings.items() if name not in skipped})
