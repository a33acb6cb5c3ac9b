"""``answer.json``: a study's answer for programs, described in docs/report.md and stable from version to version."""

import json
import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from lengthwise._internal.atomic_files import replace_text
from lengthwise.study.answer import Answer

NAME = "answer.json"


def write_answer(found: Sequence[Answer], folder: Path, seconds: float) -> Path:
    """Write ``answer.json`` into a folder, which must exist; return its path.

    Parameters
    ----------
    found : sequence of Answer
        What `Study.answers` returned; each is an object of the file's list.
    folder : Path
    seconds : float
        For how long the study has been run, with the choice of what to train.

    Raises
    ------
    RunError
        If it cannot be written.
    """
    path = folder / NAME
    records = [_record(answer, seconds) for answer in found]
    replace_text(path, json.dumps(records, indent=2, allow_nan=False) + "\n")
    return path


def _record(answer: Answer, seconds: float) -> dict[str, Any]:
    recommendation, baseline = answer.recommendation, answer.baseline
    bounds = {} if recommendation is None else recommendation.bounds
    return {
        "configuration": answer.configuration,
        "recommended": None if recommendation is None else recommendation.seq_len,
        "best_guess": None if recommendation is None else recommendation.seq_len or recommendation.best_seq_len,
        "decided": recommendation is not None and recommendation.decided,
        "margin": None if recommendation is None else recommendation.margin,
        "confidence": answer.confidence,
        "bounds": {str(seq_len): bound if math.isfinite(bound) else None for seq_len, bound in bounds.items()},
        "placement": answer.placement,
        "metric": answer.metric.name,
        "baseline": None if baseline is None else {"title": baseline.title, "validation": baseline.validation},
        "cases": answer.cases.sentence,
        "sentence": answer.sentence,
        "step_seconds": answer.step_seconds,
        "recommended_seconds": _seconds(answer),
        "failed": list(answer.failed),
        "runs": len(answer.runs),
        "seconds": round(seconds, 3),
    }


def _seconds(answer: Answer) -> float | None:
    """Return how long the recommended length is; None if none is recommended, or a step's time is not known."""
    found = None if answer.recommendation is None else answer.recommendation.seq_len
    return None if found is None or answer.step_seconds is None else found * answer.step_seconds
