import pytest

import lengthwise
from benchmarks import reproduction


@pytest.fixture(scope="module")
def results():
    """Trainings as long as those that are reported, of the smallest network there is."""
    return [
        lengthwise.train(seed=seed, steps=9001, seq_len=1, hidden_size=1, num_layers=1, batch_size=4, quiet=True)
        for seed in range(2)
    ]


def test_losses_are_averaged_as_the_notebook_prints_them(results):
    losses = results[0].history.losses
    assert reproduction.mean_loss(results[0], 500) == losses[:500].mean()
    assert reproduction.mean_loss(results[0], 5500) == losses[5077:5500].mean()


def test_the_tables_are_made(results):
    assert len(list(reproduction.table_of_losses(results, results))) == 2 + 16 + 1
