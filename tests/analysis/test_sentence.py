import math

import numpy as np
import pytest

from lengthwise.analysis import LengthScores, Metric, recommend, sentence_of
from tests.analysis.test_decision import study, table_of


def said(worth, deviation=0.0005, num_seeds=6, operations=None, step_seconds=None, num_steps=None, **options):
    found = recommend(study(table_of(worth, num_seeds, deviation), **options))
    return found, sentence_of(found, operations, step_seconds=step_seconds, num_steps=num_steps)


def test_a_shorter_length_is_enough():
    found, sentence = said([0.90, 0.9595, 0.96], operations={1: 1.0, 2: 1.5, 3: 3.0})
    assert (found.seq_len, found.decided, found.open_seq_len, found.seeds_needed) == (2, True, None, 0)
    assert sentence == (
        "2 of 3 steps are enough: with 95 % confidence, the accuracy is less than 0.5 percentage points worse than "
        "with any other length tried (seen: 0.05 percentage points worse than 3, the best); 3 would take 2 × as many "
        "operations a training step."
    )
    assert found.bounds[1] > 0.06
    assert found.bounds[2] <= 0.005


def test_the_longest_is_needed():
    found, sentence = said([0.90, 0.93, 0.96])
    assert (found.seq_len, found.decided) == (3, True)
    assert sentence == (
        "All 3 steps are needed: 2 steps are worse (3 percentage points below 3). "
        "The curve still rises at its end, so longer sequences might do better still."
    )


def test_the_longest_that_was_tried_is_not_all_there_is():
    _, sentence = said([0.90, 0.93, 0.96], num_steps=20)
    assert sentence == (
        "3 of 20 steps, the most that were tried, are needed: 2 steps are worse (3 percentage points below 3). "
        "The curve still rises at its end, so longer windows might do better still."
    )
    assert said([0.90, 0.9595, 0.96], num_steps=20)[1].startswith("2 of 20 steps are enough: with 95 % confidence")
    open_one = said([0.90, 0.95, 0.955], deviation=0.006, num_seeds=3, num_steps=20)[1]
    assert "3 of 20 steps, the most that were tried, the best one seen, cost at most" in open_one


def test_where_all_is_right_longer_sequences_have_nothing_to_gain():
    _, sentence = said([0.90, 0.93, 0.998])
    assert sentence == "All 3 steps are needed: 2 steps are worse (6.8 percentage points below 3)."


def test_many_times_the_operations_are_written_out():
    _, sentence = said([0.96, 0.9601, 0.9601], operations={1: 1.0, 2: 1.5, 3: 128.0})
    assert "3 would take 130 × as many operations" in sentence


def test_the_longest_seems_to_be_needed():
    _, sentence = said([0.90, 0.9545, 0.96], deviation=0.003)
    assert sentence.startswith("All 3 steps seem to be needed: 2 steps did worse by 0.55 percentage points.")


def test_all_lengths_are_equally_good():
    found, sentence = said([0.9601, 0.96, 0.96])
    assert found.seq_len == 1
    assert sentence == (
        "1 step is enough: with 95 % confidence, the accuracy is less than 0.5 percentage points worse even with this "
        "shortest length than with any other (it is the best one seen)."
    )


def test_nothing_is_decided_and_the_best_bound_is_given():
    found, sentence = said([0.958, 0.9595, 0.96], deviation=0.004, num_seeds=3)
    assert (found.seq_len, found.decided) == (None, False)
    shown = found.best_bound
    assert shown.bound > 0.005
    useful = [seq_len for seq_len, bound in found.bounds.items() if bound < 0.01]
    assert shown.seq_len == min(useful, default=shown.seq_len)
    most = f"{math.ceil(1e4 * shown.bound) / 100:g}"
    assert sentence.startswith(
        f"Not decided: with 95 % confidence, {shown.seq_len} of 3 steps cost at most {most} percentage "
        "points in accuracy against the best length tried; to show less than 0.5 percentage points"
    )
    assert (shown.seq_len, found.best_seq_len) == (2, 3)
    assert sentence.endswith("more seeds. The best guess is 3, which did best so far.")
    assert found.more_seeds == dict.fromkeys(sorted({found.open_seq_len, *found.unresolved}), found.seeds_needed)


def test_the_length_that_did_best_is_the_best_guess_unless_it_is_told_already():
    def guessed(*means, **options):
        found, sentence = said(means, **options)
        assert found.seq_len is None
        return "The best guess is" in sentence

    assert guessed(0.90, 0.955, 0.96, 0.961, deviation=0.02, num_seeds=3)
    assert not guessed(0.90, 0.95, 0.955, deviation=0.006, num_seeds=3)  # the bound that is told is its own
    assert not guessed(0.90, 0.95, 0.955, num_seeds=1)  # single runs tell which did best


def test_where_nothing_is_recommended_lengths_that_are_too_short_are_named():
    def end(*means):
        found, sentence = said(means, deviation=0.004, num_seeds=3)
        assert found.seq_len is None
        return sentence[sentence.index("did best so far.") + 16 :]

    assert end(0.90, 0.959, 0.96) == " 1 step would be too few."
    assert end(0.90, 0.91, 0.959, 0.96) == " Of the lengths tried, those up to 2 steps are too short."
    assert end(0.958, 0.90, 0.959, 0.96) == ""


def test_a_length_is_enough_and_a_shorter_one_is_open():
    found, sentence = said([0.90, 0.957, 0.96], deviation=0.0025)
    assert (found.seq_len, found.decided, found.open_seq_len) == (3, False, 2)
    assert sentence.startswith("All 3 steps are enough: with 95 % confidence")
    assert sentence.endswith(f"Whether 2 would do is not decided: about {found.seeds_needed} more seeds would tell.")


def test_what_goes_up_and_down_is_told_as_it_is():
    table = table_of([0.90, 0.957, 0.93, 0.96], deviation=0.0004)
    table[1] += [0.006, -0.006, 0.004, -0.004, 0.002, -0.002]
    found = recommend(study(table))
    assert {test.seq_len: test.verdict for test in found.tests} == {
        1: "too poor",
        2: "open",
        3: "too poor",
        4: "enough",
    }
    assert (found.is_too_short(1), found.is_too_short(3)) == (True, False)
    assert "Whether 2 would do, though 3 would not, is not decided: about" in sentence_of(found)


def test_a_single_seed_decides_nothing():
    found, sentence = said([0.90, 0.95], num_seeds=1)
    assert (found.seq_len, found.num_seeds, found.seeds_needed) == (None, 1, None)
    assert found.bounds == {1: math.inf, 2: math.inf}
    assert (found.best_bound, found.more_seeds) == (None, {})
    assert sentence == (
        "Not decided: there are too few seeds to tell the length from chance; every length needs at least 2 to "
        "compare, better 3 (2 if they turn out alike). So far 2 steps did best (95.00 %)."
    )
    assert said([0.90, 0.946, 0.95], num_seeds=1)[1].endswith(
        "So far 3 steps did best (95.00 %), and 2 came within 0.5 percentage points of that."
    )


def test_the_minutes_are_those_of_what_they_stand_beside():
    single = recommend(study(table_of([0.90, 0.95], 1, 0.0005)))
    assert "every length needs at least 2 to compare (about 2 minutes), better 3" in sentence_of(single, seconds=90)
    found = recommend(study(table_of([0.90, 0.92, 0.955, 0.955, 0.956], 3, 0.004)))
    assert (found.best_bound.seq_len, found.open_seq_len, found.seeds_needed) == (3, 5, 7)
    least = "to show less than 0.5 percentage points for 5 would take about 7 more seeds (about 2 minutes)."
    assert least in sentence_of(found, seconds=90)


def test_one_step_that_did_best_is_one():
    assert said([0.95, 0.90], num_seeds=1)[1].endswith("So far 1 step did best (95.00 %).")


def test_the_best_one_seen_is_held_against_the_others():
    found, sentence = said([0.90, 0.95, 0.955], deviation=0.006, num_seeds=3)
    assert found.best_bound.seq_len == found.best_seq_len == 3
    most = f"{math.ceil(1e4 * found.best_bound.bound) / 100:g}"
    assert sentence.startswith(
        f"Not decided: with 95 % confidence, all 3 steps, the best one seen, cost at most {most} percentage points in "
        "accuracy against any other length tried"
    )


def test_a_length_that_is_as_good_as_the_best_is_called_so():
    scores = LengthScores([8, 8, 16, 16], [0, 1, 0, 1], [0.90, 0.91, 0.90, 0.91])
    assert sentence_of(recommend(scores)).endswith("(seen: as good as 16, and none did better).")
    rounded = LengthScores([8, 8, 16, 16], [0, 1, 0, 1], [0.90, 0.91, 0.90, 0.91 + 1e-15])
    assert sentence_of(recommend(rounded)).endswith("(seen: as good as 16, and none did better).")


def deterministic(per_case, num_seeds):
    """Return runs whose scores on cases, of shape (lengths, cases), are the same for all seeds."""
    lengths, seeds = np.repeat([8, 16, 32], num_seeds), np.tile(np.arange(num_seeds), 3)
    values = np.repeat(per_case, num_seeds, axis=0)
    return LengthScores(lengths, seeds, values.mean(axis=1), values)


def test_what_so_few_cases_could_hide_is_told():
    def alike(num_cases):
        return np.arange(num_cases) % 20 > np.zeros((3, 1))

    found = recommend(deterministic(alike(40), 3))
    assert (found.seq_len, found.hidden_loss) == (8, pytest.approx(1 - 0.05 ** (1 / 40)))
    assert sentence_of(found, cases="people").startswith(
        "8 of 32 steps are enough: with 95 % confidence, the accuracy is less than 0.5 percentage points worse on "
        "these people even with this shortest length than with any other (seen: as good as 32, and none did better)."
    )
    assert sentence_of(found, cases="people").endswith(
        " So few people could hide a loss of up to 7.22 percentage points on others."
    )
    assert recommend(deterministic(alike(597), 3)).hidden_loss > 0.005
    assert recommend(deterministic(alike(598), 3)).hidden_loss is None
    differs = np.ones((3, 4000))
    differs[0, 0] = 0
    assert recommend(deterministic(differs, 3)).seq_len == 8
    means = deterministic(alike(40), 3)
    assert recommend(LengthScores(means.seq_lens, means.seeds, means.scores)).hidden_loss is None
    perfect = recommend(deterministic(np.ones((3, 150)), 8))
    assert perfect.hidden_loss == pytest.approx(1 - 0.05 ** (1 / 150))
    assert "on these sequences" in sentence_of(perfect)


def test_what_does_not_change_with_the_seed_is_answered_by_its_cases():
    random = np.random.default_rng(0)
    hard = random.normal(size=400)
    per_case = np.stack([hard - 1, hard - 0.001, hard]) + 0.01 * random.normal(size=(3, 400))
    found = recommend(deterministic(per_case, 2), margin=0.005)
    assert (found.seq_len, found.chance) == (16, "absent")
    assert sentence_of(found, cases="series").endswith(
        " The scores did not change with the seed: the confidence is about other series alone."
    )
    single = recommend(deterministic(per_case, 1), margin=0.005)
    assert (single.seq_len, single.chance) == (None, "shown")
    means = deterministic(per_case, 2)
    alone = recommend(LengthScores(means.seq_lens, means.seeds, means.scores), margin=0.005)
    assert alone.chance == "absent without cases"
    assert sentence_of(alone).endswith(
        " The scores did not change with the seed; what other cases would show is not known."
    )


def test_windows_can_be_too_long():
    found, sentence = said([0.90, 0.96, 0.95, 0.94], operations={2: 1, 4: 2.2})
    assert (found.seq_len, found.decided) == (2, True)
    assert (
        "4 would take 2.2 × as many operations a training step. Longer is not better here: 3 and 4 are worse by more "
        "than that." in sentence
    )


def test_when_cases_are_too_few_more_seeds_would_not_tell():
    random = np.random.default_rng(0)
    values = 0.9 + 0.1 * random.normal(size=(2, 1, 30)) + 0.0001 * random.normal(size=(2, 4, 30))
    values += 0.9 - values.mean(axis=(1, 2), keepdims=True)
    flat = values.reshape(8, 30)
    found = recommend(LengthScores([1] * 4 + [2] * 4, [0, 1, 2, 3] * 2, flat.mean(1), flat))
    assert found.cases_limit
    assert "more seeds alone would not tell, but judging by more sequences would" in sentence_of(found)


def test_a_loss_is_given_as_a_number():
    _, sentence = said([0.9, 0.0412, 0.0409], metric=Metric("loss", higher_is_better=False))
    assert "the loss is less than 0.005 worse" in sentence
    assert "seen: 0.0003 worse than 3" in sentence


def test_lengths_are_times_too_where_a_step_s_is_known():
    assert said([0.90, 0.9595, 0.96], step_seconds=0.02)[1].startswith("2 of 3 steps (40 ms) are enough: with 95 %")
    assert said([0.9601, 0.96, 0.96], step_seconds=3600)[1].startswith("1 step (1 hour) is enough: with 95 %")
    assert said([0.90, 0.93, 0.96], step_seconds=86400)[1].startswith("All 3 steps (3 days) are needed: 2 steps are")
    assert " of 3 steps (" in said([0.958, 0.9595, 0.96], deviation=0.004, num_seeds=3, step_seconds=2)[1]
