import numpy as np
import pytest

from benchmarks.synthetic_studies import MARGIN, SEED_DEVIATION, Curve, decide
from lengthwise.analysis.power import Evidence, seeds_to_show_enough, seeds_to_show_poor


def evidence(distance, num_seeds=3, sequences=0.0, deviation=SEED_DEVIATION):
    distance = np.atleast_1d(distance)
    seeds = np.full(distance.shape, 2 * deviation**2 / num_seeds)
    return Evidence(
        distance=distance,
        seeds=seeds,
        sequences=np.full(distance.shape, sequences),
        df=np.full(distance.shape, 2.0 * (num_seeds - 1)),
        num_seeds=np.full(distance.shape, float(num_seeds)),
    )


@pytest.mark.parametrize("num_lengths", [2, 4])
def test_that_many_seeds_do_decide_four_times_in_five(num_lengths):
    needed = seeds_to_show_enough(evidence([MARGIN] * (num_lengths - 1)), 0.0475)
    curve = Curve("flat", (0,) * num_lengths)
    recommended = decide(curve.scores(np.random.default_rng(0), 2000, needed)).recommended
    assert 0.7 < np.mean(recommended >= 0) < 0.95


def test_more_is_needed_nearer_to_the_margin():
    needed = [seeds_to_show_enough(evidence(distance), 0.05) for distance in (0.005, 0.003, 0.001)]
    assert needed == sorted(needed)
    assert needed[0] < needed[-1]


def test_no_number_helps_beyond_the_margin_or_against_sequences():
    assert seeds_to_show_enough(evidence(-0.001), 0.05) is None
    assert seeds_to_show_enough(evidence(0.005, sequences=0.005**2), 0.05) is None


def test_a_poor_length_is_shown_to_be_by_its_clearest_comparison():
    clear = seeds_to_show_poor(evidence(-0.01), 0.01)
    assert clear < 20
    assert seeds_to_show_poor(evidence([0.01, -0.01, -0.001]), 0.01) == clear
    assert seeds_to_show_poor(evidence(0.001), 0.01) is None


def test_runs_without_chance_need_the_fewest_seeds():
    assert seeds_to_show_enough(evidence(0.005, deviation=0.0), 0.05) == 4
