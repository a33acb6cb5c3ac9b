"""How a recommendation is said in plain words."""

import math
from collections.abc import Mapping
from dataclasses import dataclass

from lengthwise.analysis.recommendation import LengthTest, Recommendation
from lengthwise.data.step_time import span_in_words

EQUAL = 1e-9
"""Two means are equal if they differ by no more than this share of the larger: sums may be rounded."""

LEAST_WRITTEN = 0.0001
"""The least difference that is written of a score in percent."""


@dataclass(frozen=True)
class _Called:
    """What lengths are called.

    Attributes
    ----------
    longest : int
        The longest length tried.
    num_steps : int
        The steps of the longest sequence.
    step_seconds : float or None
        How long a step is, if that is known.
    """

    longest: int
    num_steps: int
    step_seconds: float | None

    def span(self, length: int) -> str:
        """Return how long so many steps are, in brackets, or nothing."""
        return "" if self.step_seconds is None else f" ({span_in_words(length, self.step_seconds)})"

    def steps(self, length: int) -> str:
        """Return a length as steps of all there are."""
        if length == 1:
            return f"1 step{self.span(1)}"
        if length == self.num_steps:
            return f"all {length} steps{self.span(length)}"
        most = ", the most that were tried," if length == self.longest else ""
        return f"{length} of {self.num_steps} steps{self.span(length)}{most}"


def in_words(seconds: float) -> str:
    """Return a rough time.

    >>> in_words(12.3), in_words(80), in_words(400), in_words(9000)
    ('about 20 seconds', 'about 2 minutes', 'about 7 minutes', 'about 2.5 hours')
    """
    if seconds < 60:
        return f"about {math.ceil(max(seconds, 1) / 10) * 10} seconds"
    if seconds < 5400:
        return f"about {math.ceil(seconds / 60)} minutes"
    return f"about {seconds / 3600:.2g} hours"


def sentence_of(
    found: Recommendation,
    operations: Mapping[int, float] | None = None,
    *,
    seconds: float | None = None,
    cases: str = "sequences",
    step_seconds: float | None = None,
    num_steps: int | None = None,
) -> str:
    """Say in plain words what was found.

    Parameters
    ----------
    found : Recommendation
    operations : mapping of int to float, optional
        Of a training step of each length. (Times would change the words from one study to the next of its kind.)
    seconds : float, optional
        What `Recommendation.more_seeds` would take, or where there are single runs alone, one more of each length.
    cases : str
        What the scores are of: sequences, people.
    step_seconds : float, optional
        How long a step of a sequence is, to give lengths as times too.
    num_steps : int, optional
        The steps of the longest sequence; those of the longest length tried by default.
    """
    longest = found.tests[0].seq_len
    called = _Called(longest, max(longest, num_steps or 0), step_seconds)
    time = "" if seconds is None else f" ({in_words(seconds)})"
    return _found(found, operations, time, cases, called) + _without_chance(found, cases) + _hidden(found, cases)


def _hidden(found: Recommendation, cases: str) -> str:
    if found.hidden_loss is None:
        return ""
    loss = found.metric.difference_text(found.metric.rounded_up(found.hidden_loss))
    return f" So few {cases} could hide a loss of up to {loss} on others."


def _without_chance(found: Recommendation, cases: str) -> str:
    if found.chance == "shown":
        return ""
    if found.chance == "absent":
        return f" The scores did not change with the seed: the confidence is about other {cases} alone."
    return " The scores did not change with the seed; what other cases would show is not known."


def _found(
    found: Recommendation, operations: Mapping[int, float] | None, time: str, cases: str, called: _Called
) -> str:
    if found.seq_len is None:
        return _undecided(found, time, cases, called) + _guess(found) + _too_short(found, called)
    parts = [_answer(found, found.seq_len, cases, called)]
    longest = found.tests[0].seq_len
    if operations is not None and found.seq_len < longest and operations.get(found.seq_len):
        ratio = operations[longest] / operations[found.seq_len]
        parts[0] += f"; {longest} would take {float(f'{ratio:.2g}'):,g} × as many operations a training step"
    too_long = [test.seq_len for test in found.tests if test.verdict == "too poor" and test.seq_len > found.seq_len]
    if too_long:
        many = "steps are" if len(too_long) == 1 else "are"
        parts.append(f"Longer is not better here: {_listed(too_long[::-1])} {many} worse by more than that")
    if not found.decided:
        parts.append(f"Whether {_open(found)} is not decided: {_more_seeds(found, time, cases)}")
    return ". ".join(parts) + "."


def _answer(found: Recommendation, seq_len: int, cases: str, called: _Called) -> str:
    test, longest, shortest = found.test(seq_len), found.tests[0].seq_len, found.tests[-1].seq_len
    within = f"less than {found.metric.difference_text(found.margin)}"
    sure = f"with {_percent(found.confidence)} confidence"
    worse = f"{within} worse" + ("" if found.hidden_loss is None else f" on these {cases}")
    if seq_len == longest and found.decided:
        return _all_needed(found, called)
    steps = f"{_begun(called.steps(seq_len))} {'is' if seq_len == 1 else 'are'}"
    start = f"{steps} enough: {sure}, the {found.metric.title} is {worse} than with any other length tried"
    if seq_len == shortest:
        than = "even with this shortest length than with any other"
        start = f"{steps} enough: {sure}, the {found.metric.title} is {worse} {than}"
    return f"{start} ({_seen(found, test)})"


def _begun(words: str) -> str:
    """Return words as the beginning of a sentence."""
    return words[0].upper() + words[1:]


def _seen(found: Recommendation, test: LengthTest) -> str:
    if test.seq_len == found.best_seq_len:
        return "it is the best one seen"
    best = found.test(found.best_seq_len)
    if math.isclose(best.mean, test.mean, rel_tol=EQUAL):
        return f"seen: as good as {best.seq_len}, and none did better"
    worse = abs(best.mean - test.mean)
    if found.metric.percent and worse < LEAST_WRITTEN / 2:
        return f"seen: less than {found.metric.difference_text(LEAST_WRITTEN)} worse than {best.seq_len}, the best"
    return f"seen: {found.metric.difference_text(worse)} worse than {best.seq_len}, the best"


def _all_needed(found: Recommendation, called: _Called) -> str:
    shorter = found.tests[1]
    worse = found.metric.difference_text(abs(shorter.difference))
    side, course = ("below", "rises") if found.metric.higher_is_better else ("above", "falls")
    every, more = _begun(called.steps(called.longest)), "sequences" if called.longest == called.num_steps else "windows"
    if shorter.verdict == "too poor":
        start = f"{every} are needed: {shorter.seq_len} steps are worse ({worse} {side} {shorter.against})"
    else:
        start = f"{every} seem to be needed: {shorter.seq_len} steps did worse by {worse}"
    if found.metric.percent and found.metric.higher_is_better and 1 - found.tests[0].mean < found.margin:
        return start  # there is nothing to gain
    return f"{start}. The curve still {course} at its end, so longer {more} might do better still"


def _open(found: Recommendation) -> str:
    """Name the open length, and lengths between it and the recommended one that are shown not to do."""
    between = [
        test.seq_len
        for test in reversed(found.tests)
        if test.verdict == "too poor" and (found.open_seq_len or 0) < test.seq_len < (found.seq_len or 0)
    ]
    return f"{found.open_seq_len} would do{f', though {_listed(between)} would not,' if between else ''}"


def _undecided(found: Recommendation, time: str, cases: str, called: _Called) -> str:
    shown = found.best_bound
    if shown is None and found.num_seeds > 1:
        return f"Not decided: {_more_seeds(found, time, cases)}."
    if shown is None:
        return _single_runs(found, time)
    steps, others = called.steps(shown.seq_len), "the best length tried"
    if shown.seq_len == found.best_seq_len:
        steps, others = f"{steps.removesuffix(',')}, the best one seen,", "any other length tried"
    cost = "costs" if shown.seq_len == 1 else "cost"
    most, less = map(found.metric.difference_text, (found.metric.rounded_up(shown.bound), found.margin))
    start = (
        f"Not decided: with {_percent(found.confidence)} confidence, {steps} {cost} at most {most} in "
        f"{found.metric.title} against {others}"
    )
    if found.seeds_needed is not None:
        other = "" if shown.seq_len == found.open_seq_len else f" for {found.open_seq_len}"
        return f"{start}; to show less than {less}{other} would take {_about(found.seeds_needed)}{time}."
    return f"{start}. Whether it is less than {less}: {_more_seeds(found, time, cases)}."


def _guess(found: Recommendation) -> str:
    """Name the length that did best, where that is not said already: its bound is told, or single runs are."""
    shown, best = found.best_bound, found.test(found.best_seq_len)
    is_said = found.num_seeds < 2 if shown is None else math.isclose(shown.mean, best.mean, rel_tol=EQUAL)
    return "" if is_said else f" The best guess is {best.seq_len}, which did best so far."


def _too_short(found: Recommendation, called: _Called) -> str:
    """Name the lengths up to which all that were tried are too short."""
    short = [test.seq_len for test in reversed(found.tests) if found.is_too_short(test.seq_len)]
    if not short:
        return ""
    if len(short) == 1:
        return f" {short[0]} step{'s' if short[0] > 1 else ''}{called.span(short[0])} would be too few."
    return f" Of the lengths tried, those up to {short[-1]} steps{called.span(short[-1])} are too short."


def _single_runs(found: Recommendation, time: str) -> str:
    """Say what single runs seem to show, and that they prove nothing."""
    best, sign = found.test(found.best_seq_len), found.metric.sign
    near = min(test.seq_len for test in found.tests if sign * (best.mean - test.mean) < found.margin)
    unit = " %" if found.metric.percent else f" {found.metric.title}"
    steps = "1 step" if best.seq_len == 1 else f"{best.seq_len} steps"
    seen = f"So far {steps} did best ({found.metric.text(best.mean)}{unit})"
    if near != best.seq_len:
        seen += f", and {near} came within {found.metric.difference_text(found.margin)} of that"
    return (
        "Not decided: there are too few seeds to tell the length from chance; "
        f"every length needs at least 2 to compare{time}, better 3 (2 if they turn out alike). {seen}."
    )


def _more_seeds(found: Recommendation, time: str, cases: str) -> str:
    if found.num_seeds < 2:
        return "there are too few seeds to compare all lengths"
    if found.seeds_needed is not None:
        return f"{_about(found.seeds_needed)}{time} would tell"
    if found.cases_limit:
        return f"more seeds alone would not tell, but judging by more {cases} would"
    return "no reasonable number of seeds would tell"


def _about(num_seeds: int) -> str:
    return f"about {num_seeds} more seed{'s' if num_seeds > 1 else ''}"


def _percent(share: float) -> str:
    return f"{100 * share:.4g} %"


def _listed(numbers: list[int]) -> str:
    *first, last = map(str, numbers)
    return f"{', '.join(first)} and {last}" if first else last
