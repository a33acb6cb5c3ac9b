"""The files that Weights & Biases writes offline are read back as its own messages."""

import json
import struct

import numpy as np
import pytest

import lengthwise
from lengthwise.callbacks import WandB
from lengthwise.errors import RunError, UsageError
from lengthwise.study.study import Study

wandb = pytest.importorskip("wandb")
Record = pytest.importorskip("wandb.proto.wandb_internal_pb2").Record

pytestmark = pytest.mark.filterwarnings("ignore")  # its own

SMALL = {"hidden_size": 4, "num_layers": 1, "batch_size": 16, "seq_len": 5, "quiet": True}


BLOCK, HEADER = 1 << 15, 7
FULL, FIRST, MIDDLE, LAST = 1, 2, 3, 4


def records(path):
    """Yield the records of a run's file, a LevelDB log: blocks of pieces, each after its checksum, size and kind."""
    content = path.read_bytes()
    assert content.startswith(b":W&B")
    at, parts = HEADER, b""
    while at + HEADER <= len(content):
        left = BLOCK - at % BLOCK
        if left < HEADER:
            at += left
            continue
        size, kind = struct.unpack("<HB", content[at + 4 : at + HEADER])
        parts += content[at + HEADER : at + HEADER + size]
        at += HEADER + size
        if kind in (FULL, LAST):
            yield Record.FromString(parts)
            parts = b""


def values(items):
    """Return the items of a record by name."""
    return {item.key or "/".join(item.nested_key): json.loads(item.value_json) for item in items}


def read(folder):
    """Yield the configuration, the history, the summary and the exit code of each run under a folder.

    A run that has finished is not written yet: a process of wandb's own does that, and is waited for.
    """
    wandb.teardown()
    for path in sorted(folder.glob("wandb/offline-run-*/*.wandb")):
        config, history, summary, code = {}, [], {}, None
        for record in records(path):
            if record.HasField("run"):
                config |= values(record.run.config.update)
            if record.HasField("history"):
                history.append({"_step": record.history.step.num} | values(record.history.item))
            if record.HasField("summary"):
                summary |= values(record.summary.update)
            if record.HasField("exit"):
                code = record.exit.exit_code
        yield config, history, summary, code


def test_a_training_is_a_run_with_its_settings_and_curves(small, tmp_path):
    result = lengthwise.train(small, steps=50, **SMALL, callbacks=[WandB(folder=tmp_path, every=20)])
    ((config, history, summary, code),) = read(tmp_path)
    assert config["hidden_size"] == 4
    assert code == 0
    assert [row["_step"] for row in history] == [20, 40, 50]
    losses = [row["train_loss"] for row in history[:2]]
    np.testing.assert_allclose(losses, result.history.losses[:40].reshape(2, 20).mean(axis=1))
    assert summary["test_accuracy"] == result.evaluation.accuracy


def test_a_training_that_diverges_is_a_run_that_failed(small, tmp_path):
    with pytest.raises(RunError):
        lengthwise.train(small, steps=50, lr=1e38, **SMALL, callbacks=[WandB(folder=tmp_path)])
    ((_, _, _, code),) = read(tmp_path)
    assert code == 1


def test_every_run_of_a_study_is_a_run(small, tmp_path):
    study = Study(
        small, seq_lens="2,5", seeds=1, budget="steps=30", hidden_size=4, num_layers=1, batch_size=16, recipe="notebook"
    ).run(callbacks=[WandB(folder=tmp_path)])
    scores = {config["seq_len"]: summary["test_accuracy"] for config, _, summary, _ in read(tmp_path)}
    assert scores == dict(zip(study.results.seq_len, study.results.test_accuracy, strict=True))


def test_a_point_is_at_least_one_step():
    with pytest.raises(UsageError, match="every is 0, but must be 1 or more"):
        WandB(every=0)
