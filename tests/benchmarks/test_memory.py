import sys

import pytest

from benchmarks.memory import Shape, measure, table


@pytest.mark.skipif(sys.platform != "linux", reason="a process's memory is read from /proc")
def test_memory_is_measured_in_a_process_of_its_own():
    shape = Shape(batch_size=8, seq_len=3, hidden_size=4)
    figures = measure(shape)
    assert figures["parameters"] == 4 * (4 * 28 + 4 * 4 + 4 + 10 * 4 + 10)
    assert figures["activations"] > 0
    assert figures["PyTorch"] > 0
    assert table([(shape, figures)]).splitlines()[-1].startswith("| rnn | 8 | 3 | 1 × 4 | 1 | 0.00 | ")
