"""How often the recommendation is wrong, and how often it finds what is right, as tables in Markdown.

    python -m benchmarks.error_rate                        print the tables
    python -m benchmarks.error_rate --write docs/recommendation.md    put them between the page's markers
    python -m benchmarks.error_rate --only lax             one part of the page alone
    python -m benchmarks.error_rate --search 1000          look for the curve with the highest rate of errors

Run it from the root of the repository. The studies are synthetic, drawn by `benchmarks/synthetic_studies.py`; the code
that decides about them is the package's.
"""

import argparse
from dataclasses import replace
from pathlib import Path

import numpy as np

from benchmarks.pages import write_between
from benchmarks.synthetic_studies import (
    AVERAGED_DEVIATION,
    CURVE_OF,
    CURVES,
    FLAT,
    GROUP_SIZES,
    LAX,
    MARGIN,
    MNIST,
    NOISES,
    NOISY,
    SATURATING,
    STEP,
    Curve,
    decide,
    decide_by_case,
    errors_at_any_look,
    following,
    is_error,
    played,
    random_curve,
    rate_and_bounds,
    values_by_fold,
    values_by_group,
)
from lengthwise.analysis import Looks
from lengthwise.study.design import usual_looks

CORRELATIONS = (0, 0.2, 0.5, 0.8)
LOOKS = (Looks.growing(first=3, last=12), Looks((3, 4, 5)), Looks((2, 4, 8, 16)), Looks((3, 10, 30)))
LOOKED_AT = tuple(
    replace(CURVE_OF[name], correlation=0.5)
    for name in (
        "two lengths, the shorter worse by exactly the margin",
        "the same, the shorter noisier (3 ×)",
        "saturating: half as far from the plateau at each length",
        "peak, exactly the margin below it on both sides",
    )
)
PLAN = Looks(usual_looks(None, is_scouting=True))
RISING = Curve("rising to the end", (-3, -2, -1, 0))
TWELVE = (-1, *(-0.5,) * 10, 0)
ONE_OF_TWELVE = (*(-1,) * 11, 0)


def averaged(*curves):
    """Return the curves with the noise of averaged weights."""
    return [replace(curve, correlation=0.5, deviation=AVERAGED_DEVIATION) for curve in curves]


RISING_28 = tuple(range(-27, 1))
PLANNED = (
    *averaged(
        Curve("28 lengths, rising to a plateau as MNIST's", MNIST),
        Curve("28 lengths, flat", (0,) * 28),
        Curve("28 lengths, a step", (-20,) * 13 + (0,) * 15),
        Curve("28 lengths, a step of exactly the margin", (-1,) * 20 + (0,) * 8),
        Curve("28 lengths, rising to the end", RISING_28),
        Curve("28 lengths, a peak", tuple(-abs(place - 13) / 2 for place in range(28))),
        Curve("12 lengths, a dip", (-8, -6, -4, -2, -1, 0, -3, -3, 0, 0, 0, 0)),
        Curve("12 lengths, the shortest worse by exactly the margin, others between", TWELVE),
        Curve("the same, the poor length's variance tenfold", TWELVE, (NOISY, *(1,) * 11)),
        Curve("12 lengths, exactly the margin to the sixth", (-1,) * 6 + (0,) * 6),
        Curve("28 lengths, rising to the end, failing trainings", RISING_28, noise="failing"),
        Curve("12 lengths, the longest alone right, failing trainings", ONE_OF_TWELVE, noise="failing"),
        Curve("12 lengths, the longest alone right, its variance tenfold", ONE_OF_TWELVE, (*(1,) * 11, NOISY)),
        Curve("2 lengths, the shorter worse by exactly the margin, noisier (3 ×)", (-1, 0), (3, 1)),
        Curve("28 lengths, rising to the end, noise in inverse proportion", RISING_28, following(RISING_28, -1)),
        Curve("12 lengths, the shortest worse by exactly the margin, neighbours alike (0.9)", TWELVE, decay=0.9),
    ),
    replace(
        Curve("12 lengths, the shortest worse by exactly the margin, three times as noisy; little noise", TWELVE),
        deviations=(3, *(1,) * 11),
        correlation=0.5,
        deviation=MARGIN / 10,
    ),
)
NEAR = (PLANNED[8], PLANNED[12], PLANNED[13], PLANNED[16])
"""Those whose rate of errors is nearest to what is allowed."""

TIMES = 8
"""How many times as many studies of these are played."""

CHUNK = 2000
"""Studies that are held in memory at a time."""


def percent(rate):
    return f"{100 * rate:.1f}"


def with_interval(wrong):
    rate, low, high = rate_and_bounds(wrong)
    return f"{percent(rate)} ({percent(low)} to {percent(high)})"


def recommended_in(curve, num_seeds, num_studies, seed):
    """Return what is recommended in each of many studies of a curve, (S,)."""
    random = np.random.default_rng(seed)
    sizes = [min(CHUNK, num_studies - done) for done in range(0, num_studies, CHUNK)]
    return np.concatenate([decide(curve.scores(random, size, num_seeds)).recommended for size in sizes])


def lines_of_seeds(curve, numbers, num_studies, seed):
    """Yield a line for each number of seeds, the first with the curve's name."""
    for num_seeds in numbers:
        found = recommended_in(curve, num_seeds, num_studies, [seed, num_seeds])
        name = curve.name if num_seeds == numbers[0] else ""
        yield (
            f"| {name} | {num_seeds} | {with_interval(is_error(curve, found))} "
            f"| {percent(np.mean(found >= 0))} | {percent(np.mean(found == curve.shortest))} |"
        )


def table_of_curves(num_studies):
    """Yield the lines of the table of curves, with seeds that are more and less alike."""
    columns = " | ".join(map(str, CORRELATIONS))
    yield (
        f"| lengths, longest last, in margins from the best | seeds | wrong, %, at correlation {columns} "
        "| some answer, % | right, % |"
    )
    yield "| --- | --- " + "| --- " * len(CORRELATIONS) + "| --- | --- |"
    for place, curve in enumerate(CURVES):
        for num_seeds in (3, 5, 10):
            found = {
                alike: recommended_in(replace(curve, correlation=alike), num_seeds, num_studies, [place, num_seeds])
                for alike in CORRELATIONS
            }
            wrong = " | ".join(percent(np.mean(is_error(curve, each))) for each in found.values())
            worth = ", ".join(f"{distance:g}" for distance in curve.worth)
            yield (
                f"| {f'{curve.name}: {worth}' if num_seeds == 3 else ''} | {num_seeds} | {wrong} "
                f"| {percent(np.mean(found[0.5] >= 0))} | {percent(np.mean(found[0.5] == curve.shortest))} |"
            )


def table_of_noises(num_studies):
    """Yield the lines of the table of variances that are not alike."""
    yield "| noise | seeds | wrong, % | some answer, % | right, % |"
    yield "| --- | --- | --- | --- | --- |"
    for place, curve in enumerate(averaged(*NOISES)):
        yield from lines_of_seeds(curve, (2, 3, 4, 5, 10), num_studies, 200 + place)


def table_of_groups(num_studies):
    """Yield the lines of the table of groups as cases."""
    yield "| ten groups of 2 to 20 sequences | seeds | wrong, % | wrong if they are ignored, % | some answer, % |"
    yield "| --- | --- | --- | --- | --- |"
    share = GROUP_SIZES / GROUP_SIZES.sum()
    for curve in averaged(CURVES[0], RISING):
        for num_seeds in (3, 5):
            random = np.random.default_rng([300, num_seeds])
            parts = []
            for done in range(0, num_studies, CHUNK):
                size = min(CHUNK, num_studies - done)
                values = values_by_group(curve, random, size, num_seeds, of_group=0.5, of_sequence=1.0)
                parts.append((decide_by_case(values, GROUP_SIZES).recommended, decide(values @ share).recommended))
            found, naive = map(np.concatenate, zip(*parts, strict=True))
            yield (
                f"| {curve.name if num_seeds == 3 else ''} | {num_seeds} | {with_interval(is_error(curve, found))} "
                f"| {percent(np.mean(is_error(curve, naive)))} | {percent(np.mean(found >= 0))} |"
            )


def table_of_folds(num_studies):
    """Yield the lines of the table of folds."""
    yield "| 60 sequences in five folds, divided anew for each seed | seeds | wrong, % | some answer, % | right, % |"
    yield "| --- | --- | --- | --- | --- |"
    for place, curve in enumerate(averaged(CURVES[0], RISING, FLAT)):
        for num_seeds in (2, 3, 5):
            random = np.random.default_rng([350 + place, num_seeds])
            sizes = [min(CHUNK, num_studies - done) for done in range(0, num_studies, CHUNK)]
            found = np.concatenate(
                [decide_by_case(values_by_fold(curve, random, size, num_seeds)).recommended for size in sizes]
            )
            yield (
                f"| {curve.name if num_seeds == 2 else ''} | {num_seeds} | {with_interval(is_error(curve, found))} "
                f"| {percent(np.mean(found >= 0))} | {percent(np.mean(found == curve.shortest))} |"
            )


def table_of_looks(num_studies):
    """Yield the lines of the table of repeated looks."""
    yield "| looks after … seeds | lengths | wrong at any look, % | some answer, % | wrong at unadjusted levels, % |"
    yield "| --- | --- | --- | --- | --- |"
    for place, looks in enumerate(LOOKS):
        for curve in LOOKED_AT:
            random = np.random.default_rng([100, place])
            parts = []
            for done in range(0, num_studies, CHUNK):
                scores = curve.scores(random, min(CHUNK, num_studies - done), looks.seeds[-1])
                unadjusted = [is_error(curve, decide(scores[..., :number]).recommended) for number in looks.seeds]
                parts.append((*errors_at_any_look(curve, scores, looks), np.any(unadjusted, axis=0)))
            wrong, found, naive = map(np.concatenate, zip(*parts, strict=True))
            yield (
                f"| {', '.join(map(str, looks.seeds))} | {curve.name} | {with_interval(wrong)} "
                f"| {percent(found.mean())} | {percent(naive.mean())} |"
            )


def table_of_plans(num_studies):
    """Yield the lines of the table of studies with no options, which choose their lengths and seeds."""
    yield (
        f"| studies with no options: lengths from coarse to fine, looks after {', '.join(map(str, PLAN.seeds))} seeds "
        "| studies | wrong, % "
        "| some answer, % | decided, % | length, × the shortest right one | trainings | of a grid with 5 seeds, % |"
    )
    yield "| --- | --- | --- | --- | --- | --- | --- | --- |"
    for place, curve in enumerate(PLANNED):
        yield line_of_plans(curve, place, num_studies * (TIMES if curve in NEAR else 1))


def line_of_plans(curve, place, num_studies):
    """Return a line of the table of studies with no options; `place` is its seed."""
    scores = curve.scores(np.random.default_rng([400, place]), num_studies, PLAN.seeds[-1])
    ends = [played(study, PLAN) for study in scores]
    places = np.array([end.place for end in ends])
    runs = np.mean([len(end.seq_lens) for end in ends])
    return (
        f"| {curve.name} | {num_studies:,} | {with_interval(is_error(curve, places))} "
        f"| {percent(np.mean(places >= 0))} | {percent(np.mean([end.decided for end in ends]))} "
        f"| {np.mean((places[places >= 0] + 1) / (curve.shortest + 1)):.2f} | {runs:.1f} "
        f"| {percent(runs / (5 * len(curve.worth)))} |"
    )


def table_of_lax(num_studies):
    """Yield the lines of the table of noise with which too many studies are wrong."""
    yield "| noise | seeds | wrong, % | some answer, % | right, % |"
    yield "| --- | --- | --- | --- | --- |"
    for place, curve in enumerate(LAX):
        yield from lines_of_seeds(curve, (2, 3, 5, 10), num_studies, 600 + place)


def table_of_power(num_studies):
    """Yield the lines of the table of power with averaged weights."""
    yield "| averaged weights: deviation 0.21 points, correlation 0.5 | seeds | wrong, % | some answer, % | right, % |"
    yield "| --- | --- | --- | --- | --- |"
    for place, curve in enumerate(averaged(FLAT, STEP, Curve("saturating", SATURATING))):
        yield from lines_of_seeds(curve, (2, 3, 4, 5), num_studies, 500 + place)


def search(num_curves, num_studies):
    """Print the highest rates of errors among random curves, judged by new studies."""
    random = np.random.default_rng(0)
    found = []
    for _ in range(num_curves):
        curve, num_seeds = random_curve(random)
        wrong = is_error(curve, decide(curve.scores(random, 2000, num_seeds)).recommended)
        found.append((np.mean(wrong), curve, num_seeds))
    found.sort(key=lambda entry: -entry[0])
    for _, curve, num_seeds in found[:20]:
        again = recommended_in(curve, num_seeds, num_studies, 1)
        where = f"{num_seeds} seeds, correlation {curve.correlation}, {curve.worth}, noise {curve.deviations}"
        print(f"{with_interval(is_error(curve, again))} %: {where}", flush=True)


PARTS = {
    "seeds": (table_of_power, table_of_curves, table_of_noises, table_of_groups, table_of_folds, table_of_looks),
    "plans": (table_of_plans,),
    "lax": (table_of_lax,),
}
"""The tables of each part of the page, by its name in the marks."""


def marks(part: str) -> tuple[str, str]:
    """Return what the page has before and after a part."""
    return f"<!-- begin: python -m benchmarks.error_rate: {part} -->", f"<!-- end: error_rate: {part} -->"


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--studies", type=int, default=20_000)
    parser.add_argument(
        "--plans",
        type=int,
        default=2000,
        help=f"studies a row of those that add seeds, one at a time; {TIMES} times as many where errors are most",
    )
    parser.add_argument("--only", choices=PARTS, metavar="PART", help=f"of the page: {', '.join(PARTS)}")
    parser.add_argument("--search", type=int, metavar="CURVES")
    parser.add_argument("--write", type=Path, metavar="PAGE")
    arguments = parser.parse_args()
    if arguments.search:
        search(arguments.search, 2 * arguments.studies)
        return
    for part in PARTS if arguments.only is None else (arguments.only,):
        lines = []
        for table in PARTS[part]:
            for line in (*table(arguments.plans if part == "plans" else arguments.studies), ""):
                lines.append(line)
                if arguments.write is None:
                    print(line, flush=True)
        if arguments.write is not None:
            begin, end = marks(part)
            write_between(arguments.write, begin, end, "\n".join(lines).strip())


if __name__ == "__main__":
    main()
