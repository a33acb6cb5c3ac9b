"""The page: all results of a study, in one file that opens without a network connection."""

import base64
import hashlib
import json
import math
from collections.abc import Iterable, Sequence
from functools import cache
from importlib.resources import files
from typing import Any

import jinja2
import numpy as np
import pandas as pd
from markupsafe import Markup

from lengthwise._version import __version__
from lengthwise.analysis import recommend
from lengthwise.data.description import target_in_words
from lengthwise.errors import LengthwiseError
from lengthwise.plots.curves import (
    frontier,
    intervals,
    matrix,
    mean_anytime,
    mean_learning_curves,
    over_in_words,
)
from lengthwise.plots.palette import COLOURS, ON_DARK, ON_LIGHT
from lengthwise.report.hard_sequences import compare, draw
from lengthwise.report.made import describe, made_rows
from lengthwise.report.plan import plan_of
from lengthwise.report.status import Status, status_of
from lengthwise.report.tables import csv_text, runs_table
from lengthwise.report.thinning import MOST_CURVES, slider, spread, spread_steps, thinned_curves, told
from lengthwise.report.verdicts import verdict_of
from lengthwise.study.answer import Answer, question_of, usual_margin
from lengthwise.study.cases import scores_of
from lengthwise.study.costs import COSTS
from lengthwise.study.study import Study
from lengthwise.study.table import TABLE
from lengthwise.tasks.metrics import ACCURACY

QUESTION = "How long must a training sequence be?"

MARGINS = (0.0005, *(number / 1000 for number in range(1, 31)), 0.035, 0.04, 0.045, 0.05)
"""The margins of an accuracy on the page's slider, besides the given one; for an error they are scaled, so that the
metric's usual margin takes the place of 0.005."""

DIGITS = 6
"""Significant digits of the numbers in the page's figures; results.csv has all digits."""

SCRIPTS = ("vendor/d3.min.js", "vendor/plot.umd.min.js", "page.js")


def page_data(study: Study, *, margin: float | None = None, confidence: float | None = None) -> dict[str, Any]:
    """Return all content of the page, ready for JSON.

    Parameters
    ----------
    study : Study
        It may be unfinished, or have no finished run yet.
    margin, confidence : float, optional
        As for `lengthwise.Study.answers`.

    Raises
    ------
    UsageError
        If `margin` or `confidence` is out of range.
    """
    margin, confidence = question_of(study.store, margin, confidence)
    metric, subject, status = study.metric, study.store.subject, status_of(study)
    table = runs_table(study)
    found = study.answers_so_far(margin=margin, confidence=confidence)
    usual = usual_margin(study.store) / ACCURACY.margin
    margins = sorted({*(float(f"{usual * each:.3g}") for each in MARGINS), margin})
    margins = slider(margins, sum(len(answer.validation) for answer in found), (margin,))
    return {
        "question": QUESTION,
        "subject": describe(study),
        "metric": {
            "title": metric.title,
            "label": metric.label,
            "percent": metric.percent,
            "higher_is_better": metric.higher_is_better,
        },
        "chosen_on": subject.chosen_on,
        "tested": len(subject.splits) > 1,
        "planned": study.store.environment.get("told", {}).get("trainer", {}).get("kind") != TABLE,
        "costs": [cost for cost in COSTS if any(answer.costs[cost].notna().any() for answer in found)],
        "spans": subject.step_seconds is not None,
        "colours": len(ON_LIGHT),
        "baseline": None if study.baseline is None else study.baseline.to_dict(),
        "margins": margins,
        "margin": margins.index(margin),
        "confidence": confidence,
        "status": status_data(status),
        "configurations": [_configuration(study, answer, margins) for answer in found],
        "made": made_rows(study, found, margin, confidence),
        "csv": csv_text(table),
    }


def render_page(data: dict[str, Any], *, live: bool = False) -> str:
    """Return the page as HTML.

    Parameters
    ----------
    data : dict
        The return value of `page_data`.
    live : bool
        Whether the page requests updates from its server.
    """
    scripts = [_resource(name) for name in SCRIPTS]
    return _template().render(
        data=data,
        json=Markup(_json_in_html(data)),  # noqa: S704 - escaped by _json_in_html
        sentences=[
            (each["name"], each["recommendations"][data["margin"]]["sentence"]) for each in data["configurations"]
        ],
        scripts=[Markup(script) for script in scripts],  # noqa: S704 - our own
        style=Markup(_colours() + _resource("page.css")),  # noqa: S704 - our own
        policy=_policy(scripts, live=live),
        live=live,
        version=__version__,
    )


def status_data(status: Status) -> dict[str, Any]:
    """Return a study's status, ready for JSON."""
    return {
        "finished": status.finished,
        "failed": status.failed,
        "pending": status.pending,
        "complete": status.complete,
        "running": status.running,
        "seconds_left": None if status.seconds_left is None else round(status.seconds_left),
        "most_seconds_left": None if status.most_seconds_left is None else round(status.most_seconds_left),
        "failures": status.failures,
    }


def _policy(scripts: Iterable[str], *, live: bool) -> str:
    """Return the page's content security policy: only our own scripts, by their hashes, and no other connections."""
    hashes = (base64.b64encode(hashlib.sha256(script.encode()).digest()).decode() for script in scripts)
    rules = {
        "default-src": ["'none'"],
        "img-src": ["data:"],
        "style-src": ["'unsafe-inline'"],
        "script-src": [f"'sha256-{digest}'" for digest in hashes],
        "connect-src": ["'self'" if live else "'none'"],
        "base-uri": ["'none'"],
        "form-action": ["'none'"],
    }
    return "; ".join(" ".join([name, *values]) for name, values in rules.items())


def _configuration(study: Study, answer: Answer, margins: Sequence[float]) -> dict[str, Any]:
    return {
        "name": answer.name,
        "source": over_in_words(answer),
        "lengths": _lengths(answer),
        "recommendations": _recommendations(study, answer, margins),
        "plan": plan_of(study.store, answer),
        **_curves(answer),
        "hard": _hard(study, answer),
    }


def _curves(answer: Answer) -> dict[str, Any]:
    """Return what is drawn of the trainings of each length, and under ``drawn`` what of it is left out."""
    lengths = [summary.seq_len for summary in answer.validation]
    recommended = None if answer.recommendation is None else answer.recommendation.seq_len
    kept = spread(lengths, MOST_CURVES, [] if recommended is None else [recommended])
    learning, scores, anytime = mean_learning_curves(answer), matrix(answer), mean_anytime(answer)
    across = spread([int(length) for length in scores.columns], MOST_CURVES, kept)
    steps = spread_steps(0 if anytime.empty else int(anytime.steps.max()), lengths)
    curves = thinned_curves(learning, kept)
    pairs = scores.loc[scores.index.isin(kept), across]
    after = anytime[anytime.steps.isin(steps) & anytime.seq_len.isin(kept)]
    columns = ["seq_len", "update", "timesteps", "seconds", "val_score"]
    return {
        "learning_curves": _rows(curves[columns]),
        "frontier": _rows(frontier(answer)[columns]),
        "matrix": {} if scores.shape[1] < 2 else _rows(pairs.reset_index().melt("seq_len", value_name="score")),
        "anytime": _rows(after),
        "drawn": {
            "frontier": told(len(curves), len(learning), "points of the curves"),
            "learning": told(len(curves), len(learning), "points of the curves"),
            "matrix": told(pairs.size, scores.size, "pairs of lengths"),
            "anytime": told(len(after), len(anytime), "points of the curves"),
        },
    }


def _lengths(answer: Answer) -> list[dict[str, Any]]:
    rows = []
    unknown = [None] * len(answer.validation)
    tests = zip(answer.test, intervals(answer.test), strict=True) if answer.test else zip(unknown, unknown, strict=True)
    pairs = zip(answer.validation, intervals(answer.validation), tests, strict=True)
    for validation, shown, (test, test_shown) in pairs:
        cost = answer.costs.loc[validation.seq_len]
        rows.append(
            {
                "seq_len": validation.seq_len,
                "span": answer.span(validation.seq_len),
                "seeds": validation.num_seeds,
                "val": _number(validation.mean),
                "val_lower": _number(shown.lower),
                "val_upper": _number(shown.upper),
                "test": None if test is None else _number(test.mean),
                "test_lower": None if test_shown is None else _number(test_shown.lower),
                "test_upper": None if test_shown is None else _number(test_shown.upper),
            }
            | {name: _number(cost[name]) for name in COSTS}
        )
    return rows


def _recommendations(study: Study, answer: Answer, margins: Sequence[float]) -> list[dict[str, Any]]:
    """Return the recommendation at each margin: computed here, so that the page only shows it."""
    if answer.recommendation is None:
        nothing: dict[str, Any] = {"seq_len": None, "decided": False, "sentence": answer.sentence}
        return [nothing | {"verdicts": {}, "bounds": {}} for _ in margins]
    scores = scores_of(study.store, answer.runs, "validation")
    recommendations: list[dict[str, Any]] = []
    for margin in margins:
        found = recommend(scores, margin=margin, confidence=answer.confidence, looks=study.looks)
        recommendations.append(
            {
                "seq_len": found.seq_len,
                "decided": found.decided,
                "sentence": answer.sentence_for(found),
                "verdicts": {test.seq_len: verdict_of(found, test.seq_len) for test in found.tests},
                "bounds": {seq_len: _number(study.metric.rounded_up(bound)) for seq_len, bound in found.bounds.items()},
            }
        )
    return recommendations


def _hard(study: Study, answer: Answer) -> dict[str, Any] | None:
    found = compare(study, answer)
    if found is None:
        return None
    shown: dict[str, Any] = {
        name: getattr(found, name) for name in ("long", "short", "num_sequences", "gained", "lost")
    }
    try:
        dataset = study.dataset
    except LengthwiseError as error:
        return shown | {"sequences": [], "note": f"They cannot be drawn, as the data cannot be loaded: {error}"}
    if dataset.test.recordings is not None:
        return None  # what is judged are stretches of recordings, which are no sequences
    sequences = [
        {
            "index": each.sequence,
            "label": target_in_words(dataset, "test", each.sequence),
            "long_right": _number(each.long_right),
            "short_right": _number(each.short_right),
            "svg": draw(dataset.test.sequence(each.sequence), found.short, answer.placement or "any"),
        }
        for each in found.hardest
    ]
    return shown | {"sequences": sequences, "note": ""}


def _rows(frame: pd.DataFrame) -> dict[str, list[Any]]:
    """Return a table as columns, which take less space than rows."""
    return {str(name): [_number(value) for value in frame[name]] for name in frame.columns}


def _number(value: Any) -> int | float | None:
    """Return a number for JSON, rounded to `DIGITS`; None if it is not known."""
    if isinstance(value, int | np.integer):
        return int(value)
    number = float(value)
    return None if not math.isfinite(number) else float(f"{number:.{DIGITS}g}")


def _json_in_html(data: dict[str, Any]) -> str:
    """Return JSON that is safe within a script element: no text in it can end the element or begin another."""
    text = json.dumps(data, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    for character in "<>&\u2028\u2029":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return text


def _colours() -> str:
    """Return the palette as variables of the page's style: the colours of series, and that of a window on white."""
    light, dark = (
        " ".join(f"--c{place}: {colour};" for place, colour in enumerate(colours)) for colours in (ON_LIGHT, ON_DARK)
    )
    return (
        f":root {{ {light} --window: {COLOURS[0]}; }}\n"
        f"@media screen and (prefers-color-scheme: dark) {{ :root {{ {dark} }} }}\n"
    )


@cache
def _resource(name: str) -> str:
    return files("lengthwise.report").joinpath(name).read_text(encoding="utf-8").replace("\r\n", "\n")


@cache
def _template() -> jinja2.Template:
    environment = jinja2.Environment(
        autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    return environment.from_string(_resource("page.html.jinja"))
