import sys
from pathlib import Path

from benchmarks.contest import contest
from benchmarks.shapes import Shape
from benchmarks.study import ALONE, OURS, OnEachCore, costs, throughputs, write
from benchmarks.study_page import BEGIN, END, write_study

LENGTHS = (1, 28)


def test_the_cost_of_the_study_is_summed_and_shown(tmp_path):
    cores = 2
    contestants = [
        OnEachCore.start(OURS, Path(sys.executable), list(range(cores))),
        OnEachCore.start(ALONE, Path(sys.executable), [0]),
    ]
    try:
        results = {
            length: contest(
                Shape(f"s={length}", "tiny", batch_size=32, seq_len=length, hidden_size=2, num_layers=1),
                contestants, 1, print, {"train": 0.001, "evaluate": 0.001},
            )
            for length in LENGTHS
        }  # fmt: skip
    finally:
        for contestant in contestants:
            contestant.close()

    ours, limit = costs(results, cores)
    assert (ours.label, list(ours.train)) == ("lengthwise", list(LENGTHS))
    assert 0 < limit.seconds < ours.seconds
    write(tmp_path / "study-here.json", [ours, limit], throughputs(results, cores), {}, cores)
    page = tmp_path / "page.md"
    page.write_text(f"{BEGIN}\n{END}\n")
    write_study(page, [tmp_path / "study-here.json"])
    assert "| lengthwise | " in page.read_text()
    assert "| multiply-adds alone | " in page.read_text()
