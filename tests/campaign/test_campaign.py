"""A round of the campaign with fixed seeds, and that it tells what must not come."""

import os
import signal
from dataclasses import replace

import pytest

from tests.campaign import attempts, rounds
from tests.campaign.damages import kinds_in
from tests.campaign.killed import MOST_CALLS, Killed
from tests.campaign.rounds import Tally, make_round
from tests.idx_files import write_folder


def test_a_round_of_the_campaign_finds_nothing(tmp_path, monkeypatch):
    kinds = {name: replace(kind, per_round=2) for name, kind in kinds_in(tmp_path).items()}
    killed = {what: Killed(what, write_folder(tmp_path / f"{what} data"), tmp_path / what) for what in MOST_CALLS}
    tally = Tally()
    monkeypatch.setattr(rounds, "TRIES", 5)
    make_round(0, 1, kinds, killed, tmp_path / "kept", tally)
    assert tally.is_good, str(tally)
    assert set(tally.counts) == {*kinds, "killed training", "killed study"}
    assert all(sum(of_kind.values()) == 2 for name, of_kind in tally.counts.items() if name in kinds)
    assert tally.counts["machine code"] == {"read": 2}
    assert tally.counts["killed training"] == tally.counts["killed study"] == {"same bits": 5}
    assert 0 < tally.kills <= 20


@pytest.mark.parametrize(
    ("attempt", "came"),
    [
        (lambda: "read", "read"),
        (lambda: 1 / 0, "traceback"),
        (lambda: os.kill(os.getpid(), signal.SIGKILL), "crash"),
        (lambda: os._exit(3), "crash"),
        (signal.pause, "hang"),
    ],
)
def test_what_a_process_comes_to_is_told(monkeypatch, attempt, came):
    monkeypatch.setattr(attempts, "SECONDS", 1)
    memory = []
    assert list(attempts.attempts(iter([lambda: "refused", attempt]), memory.append)) == ["refused", came]
    assert memory[0] > 10
