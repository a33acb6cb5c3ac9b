from benchmarks.tensorboard_cost import Timed, seconds_of
from lengthwise.training.settings import Settings


def test_events_are_written_on_a_clock(small_folder, tmp_path):
    settings = Settings(data=str(small_folder), seq_len=4, steps=5, hidden_size=4, num_layers=1, batch_size=16)
    board = Timed(tmp_path)
    assert seconds_of(settings, 1, board) > board.seconds > 0
    assert list(tmp_path.rglob("events.out.tfevents.*"))
