import numpy as np

from benchmarks.answer_panel import Entry
from benchmarks.study_costs import measured, table


def test_steps_are_a_part_of_what_a_study_takes(tmp_path):
    steps = np.random.default_rng(0).normal(size=(60, 6, 1)).astype(np.float32)
    np.savez(tmp_path / "sums.npz", values=steps, targets=steps[:, -2:, 0].sum(axis=1) > 0)
    entry = Entry("sums", str(tmp_path / "sums.npz"))
    options = ["--seq-lens", "2,6", "--seeds", "1", "--budget", "steps=20", "--recipe", "notebook", "--folds", "none"]
    cost = measured(entry, tmp_path, options)
    assert cost.trainings == 2
    assert 0 < cost.steps_cpu_seconds < cost.cpu_seconds
    assert 0 < cost.wall_share < 1
    assert table({"sums": cost}).splitlines()[-1].startswith("| sums | 2 | ")
