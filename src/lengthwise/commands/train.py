"""``lengthwise train``."""

from datetime import datetime
from pathlib import Path

from lengthwise.errors import LengthwiseError, UsageError
from lengthwise.network import Initializer
from lengthwise.runs import resume as resume_run
from lengthwise.runs import train as train_run
from lengthwise.settings import EngineName, Optimizer
from lengthwise.windows import Sampling


def train(
    *,
    data: str | None = None,
    seq_len: int | None = None,
    cell: str | None = None,
    hidden_size: int | None = None,
    num_layers: int | None = None,
    batch_size: int | None = None,
    lr: float | None = None,
    epochs: int | None = None,
    sampling: Sampling | None = None,
    seed: int | None = None,
    optimizer: Optimizer | None = None,
    initializer: Initializer | None = None,
    engine: EngineName | None = None,
    threads: int | None = None,
    out: Path | None = None,
    resume: Path | None = None,
    quiet: bool = False,
) -> None:
    """Train a network on windows of a data set, and evaluate it on every window of the test split.

    With no options it is the notebook's training: MNIST's 28 rows as 28 steps, random windows of 19 of them, three tanh
    layers of 31 units, 2 epochs.

    Parameters
    ----------
    data
        mnist, or a folder of four idx files. [default: mnist]
    seq_len
        Steps of the window shown to the network. [default: 19]
    cell
        Recurrent cell: rnn (tanh). [default: rnn]
    hidden_size
        Units of a layer. [default: 31]
    num_layers
        Layers. [default: 3]
    batch_size
        Windows a step. [default: 128]
    lr
        Step size of the optimiser. [default: 0.001]
    epochs
        Epochs; each has (T - seq_len + 1) x sequences / batch_size steps. [default: 2]
    sampling
        How a step's windows are chosen: random blocks of consecutive sequences, every window once in shuffled order,
        or blocks in file order. [default: blocks]
    seed
        Seed of the first parameters and of the windows: the same seed, the same bits. [default: 0]
    optimizer
        Adam in TensorFlow's form, or in PyTorch's. [default: adam]
    initializer
        How the weights are first drawn. [default: glorot]
    engine
        What computes the steps. [default: simd]
    threads
        Threads to use; they change no bit of the result. [default: all processors]
    out
        Folder to write the run to; it must not exist. [default: a new one under runs/]
    resume
        Go on with the run in this folder; only --epochs (to raise it), --threads and --quiet go with it.
    quiet
        Print nothing but errors.
    """
    given = {
        "data": data,
        "seq_len": seq_len,
        "cell": cell,
        "hidden_size": hidden_size,
        "num_layers": num_layers,
        "batch_size": batch_size,
        "lr": lr,
        "sampling": sampling,
        "seed": seed,
        "optimizer": optimizer,
        "initializer": initializer,
        "engine": engine,
    }
    settings = {name: value for name, value in given.items() if value is not None}
    if resume is not None:
        _refuse_beside_resume(settings | ({} if out is None else {"out": out}))
        folder = resume
    else:
        folder = _new_folder(data or "mnist", cell or "rnn", 19 if seq_len is None else seq_len) if out is None else out
    try:
        if resume is not None:
            resume_run(resume, epochs=epochs, threads=threads, quiet=quiet)
        else:
            if epochs is not None:
                settings["epochs"] = epochs
            train_run(**settings, threads=threads, out=folder, quiet=quiet)
    except KeyboardInterrupt:
        raise Interrupted(folder) from None
    if not quiet:
        print(f"written to {folder}; see it with: tensorboard --logdir {folder}")


class Interrupted(LengthwiseError):
    """The user stopped a run that can go on.

    Parameters
    ----------
    folder : Path
        The run's folder.
    """

    exit_code = 130

    def __init__(self, folder: Path) -> None:
        super().__init__(f"interrupted; go on with: lengthwise train --resume {folder}")


def _refuse_beside_resume(options: dict[str, object]) -> None:
    for name in options:
        option = "--" + name.replace("_", "-")
        raise UsageError(
            f"{option} does not go with --resume, which takes its settings from the run's folder: leave it out, or "
            f"start a new run without --resume."
        )


def _new_folder(data: str, cell: str, seq_len: int) -> Path:
    now = datetime.now().astimezone()
    return Path("runs") / f"{Path(data).name}-{cell}-{seq_len}-{now:%Y%m%d-%H%M%S-%f}"
