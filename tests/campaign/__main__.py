"""Runs the campaign, and prints what came of it."""

import argparse
import signal
import sys
import tempfile
import time
from contextlib import suppress
from pathlib import Path

from tests.campaign.damages import kinds_in
from tests.campaign.killed import MOST_CALLS, Killed
from tests.campaign.rounds import Tally, make_round
from tests.idx_files import write_folder


def main(arguments: list[str] | None = None) -> int:
    """Run the campaign; 1 if anything came that must not."""
    parser = argparse.ArgumentParser("scripts/campaign", description=__doc__)
    parser.add_argument("--minutes", type=float, default=10, help="how long; Ctrl-C ends it sooner [10]")
    parser.add_argument("--seed", type=int, default=0, help="of damages and kills [0]")
    parser.add_argument("--keep", type=Path, default=Path("found"), help="where to keep what must not be [found]")
    asked = parser.parse_args(arguments)
    tally = Tally()
    for ending in (signal.SIGINT, signal.SIGTERM):  # also where the shell has it in the background
        signal.signal(ending, signal.default_int_handler)
    with tempfile.TemporaryDirectory() as name, suppress(KeyboardInterrupt):
        folder = Path(name)
        kinds = kinds_in(folder)
        killed = {what: Killed(what, write_folder(folder / f"{what} data"), folder / what) for what in MOST_CALLS}
        end, number = time.monotonic() + 60 * asked.minutes, 0
        while time.monotonic() < end:
            make_round(number, asked.seed, kinds, killed, asked.keep, tally)
            number += 1
            print(tally.total, file=sys.stderr)
    print(tally)
    return int(not tally.is_good)


if __name__ == "__main__":
    raise SystemExit(main())
