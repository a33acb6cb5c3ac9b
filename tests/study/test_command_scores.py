"""Where a command may leave its score, and what is said where it did not."""

import json

import numpy as np
import pytest
from tensorboard.compat.proto.summary_pb2 import Summary

from lengthwise.errors import UsageError
from lengthwise.study.command_scores import check_score, name_of_score, read_score
from lengthwise.training.callbacks.tensorboard import EventFile


@pytest.fixture
def left(tmp_path):
    """Return what a command left in a file, given its name and its text, and where to look."""

    def read(where, text="", name="stdout.txt", metric=""):
        (tmp_path / name).write_text(text)
        return read_score(where, tmp_path / "stdout.txt", tmp_path, metric)

    return read


@pytest.mark.parametrize(
    ("line", "score"),
    [("0.5", 0.5), ("epoch 1\n-1e-3\n\n", -0.001), ("mae: .25", 0.25), ("val acc=1", 1.0), ("loss: nan", None)],
)
def test_the_last_line_is_a_number_perhaps_with_its_name(left, line, score):
    found = left(None, line)
    assert found == score or (score is None and np.isnan(found))


def test_the_last_line_may_be_json(left):
    assert left(None, 'x\n{"cases": [1, 0]}\n') == {"cases": [1, 0]}
    assert left(None, "[1, 0.5]") == [1, 0.5]


@pytest.mark.parametrize("text", ["", "epoch 10 took 35 s", "0.5 0.6", "done", "epoch 3: loss 0.4"])
def test_a_last_line_that_is_no_score_is_none(left, text):
    with pytest.raises(UsageError, match=r"the last line of the output is .*, but must be the score: a number"):
        left(None, text)


@pytest.mark.parametrize(
    ("text", "score"),
    [
        ("epoch 1 val_acc: 0.5\nepoch 2 - loss: 0.3 - val_acc: 0.9\ndone in 3 s", 0.9),
        ("\x1b[32mval_acc = 0.9\x1b[0m\nsaved", 0.9),
        ("val_acc: 0.9\nval_loss: 0.3", 0.9),  # another score comes last
        ("best_val_acc: 0.7\nval_acc=0.9, took 5 s\nmax/val_acc: 1", 0.9),
        ("val_acc: 0.5\n0.9", 0.9),
        ('val_acc: 0.5\n{"score": 0.9}', {"score": 0.9}),
        ("val_loss: 0.9", 0.9),  # no other number is called so
    ],
)
def test_where_the_output_ends_with_something_else_the_metric_s_name_is_looked_for(left, text, score):
    assert left(None, text, metric="val_acc") == score


@pytest.mark.parametrize("key", ["val_mae", "val.mae", "runs.-1.mae", "a.b"])
def test_a_key_of_json_may_lead_into_tables_and_lists(left, key):
    tables = {"val_mae": 0.5, "val": {"mae": 0.5}, "runs": [{}, {"mae": 0.5}], "a.b": 0.5}
    assert left(f"m.json:{key}", json.dumps(tables), "m.json") == 0.5


def test_the_whole_of_a_json_file_and_the_last_line_of_json_lines(left):
    assert left("m.json", '{"score": 1}', "m.json") == {"score": 1}
    assert left("m.jsonl:mae", '{"mae": 2}\n{"mae": 1}\n', "m.jsonl") == 1


def test_the_last_value_of_a_column(left):
    text = "epoch,train_loss,val_loss\n0,1,\n0,,0.9\n1,0.5,\n1,,0.7\n2,0.4,\n"
    assert left("log.csv:val_loss", text, "log.csv") == 0.7
    with pytest.raises(UsageError, match=r"log.csv has no val_mae, but epoch, train_loss, val_loss"):
        left("log.csv:val_mae", text, "log.csv")


def test_an_array_has_a_score_for_each_case(left, tmp_path):
    np.save(tmp_path / "cases.npy", np.array([1.0, 0.0]))
    assert left("cases.npy").tolist() == [1, 0]
    with pytest.raises(UsageError, match=r"is no .npy file that can be read"):
        left("bad.npy", "?", "bad.npy")


def test_the_last_value_of_a_scalar_of_tensorboard(left, tmp_path):
    file = EventFile(tmp_path / "tb" / "version_0")
    for step, value in enumerate((0.25, 0.5)):
        summary = Summary(value=[Summary.Value(tag="val/acc", simple_value=value)])
        file.write(wall_time=float(step), step=step, summary=summary)
    file.close()
    assert left("tb:val/acc") == 0.5
    with pytest.raises(UsageError, match="tb has no val/loss, but val/acc"):
        left("tb:val/loss")


@pytest.mark.parametrize(
    ("where", "name", "text", "sentence"),
    [
        ("other.json:mae", "m.json", "{}", "the command ended well, but there is no .*other.json"),
        ("m.json:mae", "m.json", '{"loss": 1, "mse": 2}', "m.json has no mae, but loss, mse"),
        ("m.json:mae", "m.json", "{", "m.json is no JSON"),
        ("m.json:loss.x", "m.json", '{"loss": 1}', "m.json has no loss.x, but nothing"),
    ],
)
def test_what_is_not_there_is_named_with_what_is(left, where, name, text, sentence):
    with pytest.raises(UsageError, match=sentence):
        left(where, text, name)


@pytest.mark.parametrize("where", ["", "metrics", "{out}", ":mae", "{out}/log.csv"])
def test_what_can_be_no_place_is_refused(where):
    with pytest.raises(UsageError, match="but must be a JSON file and its key"):
        check_score(where)


def test_the_key_is_the_name():
    assert name_of_score("{out}/m.json:val_mae") == "val_mae"
    assert name_of_score("{out}/cases.npy") is None
    assert name_of_score(None) is None
