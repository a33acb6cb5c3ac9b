from benchmarks import busy
from benchmarks.shapes import Shape

SMALL = Shape("small", "small", batch_size=70, seq_len=2, hidden_size=3, num_layers=1)


def test_one_thread_and_all_take_turns_beside_each_number_of_loops():
    found = busy.measure(SMALL, threads=2, loops=(0, 1), rounds=3, seconds=0.001)
    assert [(count, len(turns.one), len(turns.all)) for count, turns in found.items()] == [(0, 3, 3), (1, 3, 3)]
    assert all(time > 0 for turns in found.values() for times in turns for time in times)


def test_the_ratio_is_the_median_of_the_turns_ratios():
    lines = busy.table({1: busy.Turns([2.0, 4.0, 9.0], [1.0, 4.0, 3.0])}, threads=2).splitlines()
    assert lines[-1] == "| 1 | 4.000 | 3.000 | 2.00 |"
