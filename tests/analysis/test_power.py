import numpy as np
import pytest

from benchmarks.synthetic_studies import MARGIN, SEED_DEVIATION, Curve, decide
from lengthwise.analysis.power import Evidence, seeds_to_show_enough


def evidence(distance, num_seeds=3, cases=0.0, deviation=SEED_DEVIATION, num_lengths=8):
    distance = np.atleast_1d(distance)
    return Evidence(
        distance=distance,
        seeds=np.full(distance.shape, 2 * deviation**2 / num_seeds),
        cases=np.full(distance.shape, cases),
        case_df=np.full(distance.shape, 100.0),
        num_seeds=np.full(distance.shape, float(num_seeds)),
        num_lengths=num_lengths,
    )


@pytest.mark.parametrize("num_lengths", [2, 4])
def test_that_many_seeds_do_decide_four_times_in_five(num_lengths):
    needed = seeds_to_show_enough(evidence([MARGIN] * (num_lengths - 1), num_lengths=num_lengths), 0.0475)
    curve = Curve("flat", (0,) * num_lengths)
    enough = decide(curve.scores(np.random.default_rng(0), 2000, needed)).enough
    assert 0.7 < np.mean(enough[:, 0]) < 0.95


def test_more_is_needed_nearer_to_the_margin():
    needed = [seeds_to_show_enough(evidence(distance), 0.05) for distance in (0.005, 0.003, 0.001)]
    assert needed == sorted(needed)
    assert needed[0] < needed[-1]


def test_more_is_needed_at_a_stricter_level():
    assert seeds_to_show_enough(evidence(0.005), 0.01) > seeds_to_show_enough(evidence(0.005), 0.05)


def test_no_number_helps_beyond_the_margin_or_against_cases():
    assert seeds_to_show_enough(evidence(-0.001), 0.05) is None
    assert seeds_to_show_enough(evidence(0.005, cases=0.005**2), 0.05) is None


def test_runs_without_any_noise_need_the_fewest_seeds():
    assert seeds_to_show_enough(evidence(0.005, deviation=0.0), 0.05) == 4
