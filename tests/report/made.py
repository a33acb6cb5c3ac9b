"""Studies whose results are made up: as large and as clear as a real one, in a moment."""

import numpy as np

from lengthwise import Dataset, Evaluation, Study
from lengthwise.data import Split
from lengthwise.study.run import Outcome, RunValidation, validation_updates
from lengthwise.tasks.metrics import ACCURACY
from tests.idx_files import digits

SHAPE = {"num_steps": 28, "features": 28, "num_classes": 3}
"""As MNIST's, of fewer classes."""


def dataset(name="mnist-like", *, test=1000, num_steps=28, **options):
    """Data of which the splits that choose and report have as many sequences as is asked."""
    shape = SHAPE | {"num_steps": num_steps}
    splits = [Split(*digits(count, seed=seed, **shape)) for seed, count in enumerate((600, test, test))]
    return Dataset(name, *splits, num_classes=3, **options)


def accuracy(settings):
    """What a network of these settings comes to: more with length, hardly more from about 20 steps on."""
    noise = np.random.default_rng([settings.seq_len, settings.seed, settings.hidden_size]).normal(0, 0.0008)
    return 0.97 - 0.8 * np.exp(-settings.seq_len / 4.5) - 0.5 / settings.hidden_size + noise


def evaluation(share, seq_len, num_sequences, num_steps):
    """An evaluation in which the same sequences are the hard ones whatever the network."""
    windows = num_steps - seq_len + 1
    hardness = np.random.default_rng(0).permutation(num_sequences) / num_sequences
    right = (hardness < share).astype(float)
    mean = float(right.mean())
    return Evaluation(seq_len, windows * num_sequences, ACCURACY, mean, (mean,) * windows, 1 - mean, per_sequence=right)


def outcome(settings, design, num_sequences, num_steps):
    """The outcome of a run."""
    reached = accuracy(settings)
    seconds = settings.steps * settings.seq_len * settings.hidden_size * 1e-6
    validations = []
    for update in validation_updates(settings.steps):
        part = update / settings.steps
        share = float(reached * part**0.15)
        validations.append(RunValidation(update, seconds * part, 1 - share, share, share, 1 - share))
    longest = max(design.seq_lens)
    evaluations = {
        length: evaluation(reached * (1 - abs(length - settings.seq_len) / 40), length, num_sequences, num_steps)
        for length in design.eval_lens
    }
    anytime = {
        steps: float(reached * (1 - abs(steps - settings.seq_len) / 40)) for steps in range(1, longest + 1)
    }  # fmt: skip
    own = evaluation(reached, settings.seq_len, num_sequences, num_steps)
    return Outcome(
        settings, validations=tuple(validations), best_update=settings.steps, validation=own, test=own,
        evaluations=evaluations, anytime=anytime if design.eval_lens else {},
        flops_per_step=settings.seq_len * 4_000_000, activation_bytes=settings.seq_len * 20_000,
        seconds=seconds, wall_seconds=2 * seconds, worker="made:1",
    )  # fmt: skip


def add_runs(study, most=None):
    """Store the outcomes of the pending runs, at most `most` of them."""
    for settings in study.pending()[:most]:
        study.store.add(outcome(settings, study.design, len(study.dataset.test), study.num_steps))
    return study


def made_study(data=None, *, runs=None, **options):
    """A study with made-up results of its first runs, by default of all."""
    options = {"seq_lens": "1:28", "seeds": 3, "budget": "steps=8592", "eval_lens": "1:28:3"} | options
    return add_runs(Study(dataset() if data is None else data, **options, recipe="notebook"), runs)
