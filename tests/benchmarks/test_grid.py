import io
import sys
from pathlib import Path

from rich.console import Console

from benchmarks.contestants import Contestant, Worker, processors
from benchmarks.grid import Crew, Results, measure
from benchmarks.grid_page import BEGIN, END, print_summary, write_page

OURS = Contestant("lengthwise", "ours", "-", 1)


def test_a_shape_is_measured_kept_and_shown(tiny, tmp_path):
    results = Results.load(tmp_path / "grid-here.json")
    results.machine = {"cpu": "a processor", "processors": 1}
    assert results.missing(tiny, [OURS]) == [OURS]
    with Crew(lambda who: Worker(who, Path(sys.executable), processors()[:1]), print) as crew:
        results.add(tiny, measure(tiny, [OURS], crew, print, seconds=0.003, most_seconds=1))
        results.versions = crew.versions
    results.save()

    again = Results.load(results.path)
    assert again.missing(tiny, [OURS]) == []
    points = again.measured.points
    assert [(point.mode, point.threads, point.peers) for point in points] == [("train", 1, {}), ("evaluate", 1, {})]
    assert all(0 < point.limit_share < 1 for point in points)

    out = io.StringIO()
    print_summary(points, Console(file=out, width=120))
    assert "rnn, training, 1 thread" in out.getvalue()
    page = tmp_path / "page.md"
    page.write_text(f"before\n{BEGIN}\n{END}\nafter\n")
    (tmp_path / "images").mkdir()
    write_page(page, [again.measured])
    assert page.read_text().startswith(f"before\n{BEGIN}\n\n### a processor")
    assert page.read_text().endswith(f"{END}\nafter\n")
