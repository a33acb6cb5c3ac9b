"""Ask and tell: a study whose trials are made by loops of the user's own, in one process or in several."""

import time
from typing import Any

from lengthwise.errors import RunError, UsageError
from lengthwise.study.asked import Asked
from lengthwise.study.design import Design
from lengthwise.study.execution import longest_first
from lengthwise.study.lock import holder
from lengthwise.study.outcome import described
from lengthwise.study.plan import AsDesigned, Plan, UntilDecided
from lengthwise.study.run_rows import run_key
from lengthwise.study.store import Store
from lengthwise.study.time_limit import as_time_limit
from lengthwise.study.trial import Scores, Trial, TrialOutcome
from lengthwise.study.trials import trials_of

POLL = 0.2
"""Seconds after which it is looked again whether other processes have told their trials."""


def ask(store: Store, *, lease: str | float | None, wait: bool) -> Trial | None:
    """Return the trial to make next; see `lengthwise.Study.ask`."""
    _check(store)
    limit = as_time_limit(lease)
    while True:
        design, under_way = store.design, store.asked.all()
        done = store.stored()
        pending = [trial for trial in trials_of(design) if run_key(trial) not in done]
        trial = store.asked.take(longest_first(pending), None if limit is None else limit.seconds)
        if trial is not None:
            return trial
        if under_way:
            if not wait or all(_is_own(asked) for asked in under_way):
                return None
            time.sleep(POLL)
        elif not pending and not _go_on(store, design):
            return None


def _is_own(asked: Asked) -> bool:
    """Return whether it is this process that is to tell it, so that to wait for it would be in vain."""
    return asked.until is not None or asked.process == asked.process.this()


def _go_on(store: Store, design: Design) -> bool:
    """Note what comes after all that the design has; return whether there is something, or the design has changed."""
    plan: Plan = UntilDecided() if design.looks or design.candidates else AsDesigned()
    wider = plan.extended(store)
    if store.design != design:  # another process was quicker
        return True
    if wider == design:
        return False
    if store.replace_design(design, wider):
        store.begin_round()
    return True


def tell(store: Store, trial: Trial, returned: Any, error: str | None) -> bool:
    """Store what came of a trial; see `lengthwise.Study.tell`."""
    _check(store)
    if trial not in trials_of(store.design):
        raise UsageError(f"{described(trial)} is no trial of this study: tell what study.ask() returned.")
    scores = None
    if error is None:
        try:
            scores = Scores.read(returned, store.subject.metric.name)
        except UsageError as refused:
            error = str(refused)
    key = run_key(trial)
    taken = [asked for asked in store.asked.all() if asked.key == key]
    passed = max(0.0, time.time() - taken[0].since) if taken else None  # 0 where the clock was set back meanwhile
    wall_seconds = passed if passed is not None else (scores.seconds if scores else None) or 0.0
    at_a_time = max(1, len(store.asked.all()))
    worker = "" if not taken else f"{taken[0].process.host}:{taken[0].process.number}"
    metric = store.subject.metric
    outcome = TrialOutcome(trial, metric, error, scores, wall_seconds, worker)
    is_new = store.add_if_new(outcome)
    if is_new:
        store.add_seconds(wall_seconds / at_a_time)
    return is_new


def _check(store: Store) -> None:
    """Raise an error if trials of a study cannot be asked for and told."""
    if not store.subject.told:
        raise UsageError(
            "ask and tell go with a study of your own trainings, and this one trains networks: study.run() does, or "
            "make one with Study.told()."
        )
    running = None if store.folder is None else holder(store.folder)
    if running is not None:
        raise RunError(f"the study in {store.folder} is being run by {running}, which makes all its trials itself.")
