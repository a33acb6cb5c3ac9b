from pathlib import Path

import pytest

from benchmarks import error_rate

PAGE = Path(__file__).parents[2] / "docs" / "recommendation.md"


def part_of_page(part):
    begin, end = error_rate.marks(part)
    return PAGE.read_text().partition(begin)[2].partition(end)[0].strip().splitlines()


def test_the_tables_of_error_rates_are_made():
    curves = list(error_rate.table_of_curves(20))
    assert len(curves) == 2 + 3 * len(error_rate.CURVES)
    looks = list(error_rate.table_of_looks(20))
    assert len(looks) == 2 + len(error_rate.LOOKED_AT) * len(error_rate.LOOKS)
    lax = list(error_rate.table_of_lax(20))
    assert len(lax) == 2 + 4 * len(error_rate.LAX)


def test_a_line_of_whole_studies_tells_how_many_there_were():
    curve = error_rate.PLANNED[13]
    assert error_rate.line_of_plans(curve, 13, 20).startswith(f"| {curve.name} | 20 | ")


@pytest.mark.parametrize("part", error_rate.PARTS)
def test_every_part_of_the_page_is_there(part):
    first, *_ = error_rate.PARTS[part]
    assert part_of_page(part)[0] == next(first(1))


def test_the_page_has_more_whole_studies_where_errors_are_most():
    rows = [line.split(" | ") for line in part_of_page("plans")[2:]]
    counts = {name.removeprefix("| "): int(count.replace(",", "")) for name, count, *_ in rows}
    few = counts[error_rate.PLANNED[0].name]
    assert counts == {
        curve.name: few * (error_rate.TIMES if curve in error_rate.NEAR else 1) for curve in error_rate.PLANNED
    }
