import dataclasses

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from lengthwise.analysis import LengthScores, Looks, Metric, lengths_to_extend, recommend
from lengthwise.errors import UsageError
from tests.analysis import naive


@st.composite
def tables(draw, *, least_seeds=2):
    """(L, R) scores of a random curve with random noise."""
    random = np.random.default_rng(draw(st.integers(0, 2**32)))
    num_lengths, num_seeds = draw(st.integers(2, 6)), draw(st.integers(least_seeds, 6))
    worth = (
        np.sort(random.uniform(0.93, 0.96, num_lengths))
        if draw(st.booleans())
        else random.uniform(0.945, 0.955, num_lengths)
    )
    return worth[:, None] + draw(st.sampled_from([0.0003, 0.001, 0.004])) * random.normal(size=(num_lengths, num_seeds))


LOSS = Metric("loss", higher_is_better=False)


def study(table, order=None, **options):
    seq_lens, seeds = np.indices(table.shape).reshape(2, -1)
    order = slice(None) if order is None else order
    return LengthScores(seq_lens[order] + 1, seeds[order], table.ravel()[order], **options)


def uneven_study(table, counts):
    rows = [(s, r) for s, number in enumerate(counts) for r in range(number)]
    seq_lens, seeds = np.array(rows).T
    return LengthScores(seq_lens + 1, seeds, table[seq_lens, seeds])


def table_of(worth, num_seeds=6, deviation=0.001, seed=0):
    noise = np.random.default_rng(seed).normal(size=(len(worth), num_seeds))
    noise -= noise.mean(axis=1, keepdims=True)
    return np.array(worth)[:, None] + deviation * noise


class TestRecommend:
    @given(table=tables())
    def test_the_recommended_length_is_the_shortest_that_is_enough(self, table):
        found = recommend(study(table))
        passed = [test.seq_len for test in found.tests if test.passed]
        assert found.seq_len == min(passed, default=None)
        for test in found.tests:
            assert test.passed == (test.verdict != "too poor" and test.bound <= found.margin)
        assert list(found.bounds) == sorted(found.bounds)

    @given(table=tables())
    def test_the_verdicts_are_the_naive_ones(self, table):
        found = recommend(study(table))
        enough, poor = naive.judged(table, 0.005)
        assert {test.seq_len - 1 for test in found.tests if test.passed} == enough
        assert {test.seq_len - 1 for test in found.tests if test.verdict == "too poor"} == poor

    @given(table=tables(), shift=st.floats(-1, 1))
    def test_only_differences_matter(self, table, shift):
        assert recommend(study(table + shift)).seq_len == recommend(study(table)).seq_len

    @given(table=tables(), data=st.data())
    def test_the_order_of_rows_does_not_matter(self, table, data):
        order = data.draw(st.permutations(range(table.size)))
        assert recommend(study(table, order)) == recommend(study(table))

    @given(table=tables())
    def test_losses_are_accuracies_upside_down(self, table):
        accuracy, loss = recommend(study(table)), recommend(study(-table, metric=LOSS))
        upright = [dataclasses.replace(test, mean=-test.mean) for test in loss.tests]
        assert dataclasses.replace(loss, tests=tuple(upright), metric=accuracy.metric) == accuracy

    @given(table=tables(), data=st.data())
    def test_what_a_seed_adds_at_every_length_does_not_matter(self, table, data):
        added = np.array(data.draw(st.lists(st.floats(-1, 1), min_size=table.shape[1], max_size=table.shape[1])))
        assert recommend(study(table + added)).seq_len == recommend(study(table)).seq_len

    @given(table=tables(), unit=st.sampled_from([0.01, 100.0]))
    def test_the_unit_does_not_matter(self, table, unit):
        assert recommend(study(table * unit), margin=0.005 * unit).seq_len == recommend(study(table)).seq_len

    def test_sequences_add_their_share(self):
        random = np.random.default_rng(0)
        values = 0.9 + np.stack([naive.two_way_values(random, (4, 20), 0.0005, 0.02, 0.001) for _ in range(3)])
        flat = values.reshape(-1, 20)
        seq_lens, seeds = np.repeat([1, 2, 3], 4), np.tile(range(4), 3)
        without = recommend(LengthScores(seq_lens, seeds, flat.mean(1)), margin=0.02)
        with_them = recommend(LengthScores(seq_lens, seeds, flat.mean(1), flat), margin=0.02)
        assert with_them.tests[0].p_value > without.tests[0].p_value

    def test_folds_are_compared_by_the_corrected_t_test(self):
        table = table_of([0.948, 0.95], num_seeds=5, deviation=0.004)
        scores = LengthScores(np.repeat([1, 2], 5), np.tile(range(5), 2), table.ravel(), overlap=0.25)
        difference = table[0] - table[1]
        statistic = (difference.mean() + 0.005) / np.sqrt((1 / 5 + 0.25) * difference.var(ddof=1))
        found = recommend(scores, margin=0.005).test(1)
        assert found.p_value == pytest.approx(stats.t.sf(statistic, 4))
        assert found.p_value > recommend(study(table), margin=0.005).test(1).p_value

    def test_more_folds_of_the_same_data_are_not_asked_for(self):
        table = table_of([0.949, 0.95], num_seeds=5, deviation=0.005)
        options = {"overlap": 0.25}
        found = recommend(study(table, **options))
        assert not found.decided
        assert found.seeds_needed is None
        assert found.cases_limit
        assert recommend(study(table)).seeds_needed is not None

    def test_single_runs_are_judged_by_no_more_than_is_known_of_chance(self):
        """Two lengths have two seeds: their one difference has one degree of freedom."""
        table = table_of([0.90, 0.95, 0.951], num_seeds=2, deviation=0.001)
        found = recommend(uneven_study(table, (1, 2, 2)), margin=0.005)
        difference = table[1] - table[2]
        for place in (1, 2):
            error = np.sqrt(10 * difference.var(ddof=1))
            p_value = stats.t.sf((table[0, 0] - table[place, 0] + 0.005) / error, 1)
            assert found.test(1).p_value >= p_value - 1e-12
        assert found.test(1).p_value == pytest.approx(p_value)

    def test_the_order_of_runs_without_seeds_in_common_does_not_matter(self):
        table = table_of([0.90, 0.948, 0.95, 0.9505], num_seeds=5, deviation=0.002)
        seeds = np.arange(table.size)
        seq_lens = np.repeat([1, 2, 3, 4], 5)
        plain, ordered = (recommend(LengthScores(seq_lens, seeds, each.ravel())) for each in (table, np.sort(table)))
        assert plain.bounds == pytest.approx(ordered.bounds)

    def test_lengths_that_share_seeds_are_compared_in_pairs_whatever_others_share(self):
        """Two lengths rise and fall together with the seed; a third has seeds of its own."""
        together = 0.01 * np.array([-1, 0, 1, 0.5]) + 0.0001 * np.array([[1, -1, 1, 0], [0, 1, 0, -1]])
        rows = [(1 + place, seed, 0.95 + value) for place, row in enumerate(together) for seed, value in enumerate(row)]
        alone = [(3, seed, score) for seed, score in zip(range(4, 8), (0.93, 0.95, 0.96, 0.955), strict=True)]
        p_values = []
        for moved in (0, 10):
            shifted = [(length, seed + moved * (length == 2), score) for length, seed, score in rows]
            tests = recommend(LengthScores(*zip(*shifted, *alone, strict=True))).tests
            p_values.append(tests[-1].p_value)
        assert p_values[0] < p_values[1]

    def test_lengths_with_different_numbers_of_seeds_are_compared_by_those_that_both_have(self):
        table = table_of([0.90, 0.95, 0.95])
        uneven = recommend(uneven_study(table, (2, 4, 6)))
        pair = recommend(study(table[1:, :4]))
        assert uneven.test(3).against in (1, 2)
        assert uneven.seq_len == 2
        assert uneven.test(2).verdict == pair.test(1).verdict

    def test_a_length_with_one_run_far_below_stands_in_nobodys_way(self):
        table = table_of([0.50, 0.9495, 0.95], num_seeds=4, deviation=0.0005)
        found = recommend(uneven_study(table, (1, 4, 4)))
        assert found.seq_len == 2
        assert found.test(1).verdict == "too poor"
        close = recommend(uneven_study(table_of([0.9494, 0.9495, 0.95], num_seeds=4, deviation=0.003), (1, 4, 4)))
        assert close.test(1).verdict == "open"

    def test_an_open_length_beyond_does_not_withhold_the_answer(self):
        table = table_of([0.90, 0.95, 0.95, 0.95], num_seeds=4, deviation=0.0004)
        table[3] += [-0.015, 0.005, 0.004, 0.006]
        found = recommend(study(table), margin=0.02)
        assert found.test(4).verdict == "enough"
        assert recommend(study(table), margin=0.005).test(4).verdict == "open"

    def test_bounds_are_of_the_scores_unit_and_hold_for_losses_too(self):
        table = table_of([0.90, 0.9495, 0.95])
        accuracy = recommend(study(table)).bounds
        assert recommend(study(-table, metric=LOSS)).bounds == pytest.approx(accuracy)
        assert 0.05 < accuracy[1] < 0.052
        assert accuracy[2] <= 0.005

    def test_before_the_first_look_nothing_is_said(self):
        found = recommend(study(table_of([0.90, 0.95], num_seeds=3)), looks=Looks((4, 8)))
        assert found.seq_len is None
        assert found.seeds_needed is None

    def test_an_early_look_is_stricter(self):
        table = table_of([0.951, 0.95], num_seeds=4, deviation=0.005)
        once, early = recommend(study(table)), recommend(study(table), looks=Looks((4, 400)))
        assert early.bounds[2] > once.bounds[2]
        assert once.seq_len is not None
        assert early.seq_len is None

    @pytest.mark.parametrize(
        ("options", "message"),
        [
            ({"margin": 0}, "margin is 0, but must be positive"),
            ({"margin": float("nan")}, "margin is nan"),
            ({"confidence": 95}, "confidence is 95, but must lie between 0.5 and 1"),
        ],
    )
    def test_numbers_out_of_range_are_refused(self, options, message):
        with pytest.raises(UsageError, match=message):
            recommend(study(table_of([0.9, 0.95])), **options)

    def test_a_single_length_is_refused(self):
        with pytest.raises(UsageError, match="give at least two"):
            recommend(study(table_of([0.9])))


class TestLengthsToExtend:
    looks = Looks((3, 6, 12))

    def extend(self, table):
        found = recommend(study(table), looks=self.looks)
        return lengths_to_extend(study(table), found, self.looks)

    def test_a_decided_study_gets_no_more(self):
        assert self.extend(table_of([0.90, 0.95], num_seeds=6, deviation=0.0001)) == {}

    def test_only_those_that_are_not_told_apart_get_more(self):
        assert self.extend(table_of([0.5, 0.95, 0.951], num_seeds=3, deviation=0.002)) == {2: 6, 3: 6}

    def test_nobody_gets_more_than_the_last_look(self):
        assert self.extend(table_of([0.9501, 0.95], num_seeds=12, deviation=0.02)) == {}

    def test_one_that_lags_behind_catches_up_first(self):
        table = table_of([0.9495, 0.95, 0.95], num_seeds=12, deviation=0.0035)
        rows = [(s, r) for s, number in enumerate((3, 12, 12)) for r in range(number)]
        seq_lens, seeds = np.array(rows).T
        scores = LengthScores(seq_lens + 1, seeds, table[seq_lens, seeds])
        found = recommend(scores, looks=self.looks)
        extended = lengths_to_extend(scores, found, self.looks)
        assert extended == {1: 6}

    def test_before_the_first_look_all_get_its_seeds(self):
        assert self.extend(table_of([0.9, 0.95, 0.95], num_seeds=2)) == {1: 3, 2: 3, 3: 3}
