"""How a study was made, in words: what the page says of its data, its settings and its environment."""

import shlex
from collections.abc import Iterable
from typing import Any

from lengthwise.analysis import Looks
from lengthwise.data.step_time import span_in_words
from lengthwise.study.answer import Answer
from lengthwise.study.design import DEFAULT_MAX_SEEDS, DEFAULT_SEEDS, SCOUTING_SEEDS, Design
from lengthwise.study.study import Study
from lengthwise.study.table import TABLE
from lengthwise.tasks.baselines import Baseline
from lengthwise.tasks.metrics import Metric
from lengthwise.training.keyword_settings import DEFAULTS

WHERE = {"end": "the last ", "any": "", "start": "the first "}
"""How the lengths of windows are introduced, by where in a sequence they lie."""

NOT_SHOWN = (
    "data_checksum",
    "num_steps",
    "task",
    "baseline",
    "block",
    "recipe",
    "grouped_by",
    "step_seconds",
    "told",
    "forecast",
)
"""Entries of the environment that are not in the page's list of it."""


def describe(study: Study) -> str:
    """Return a line that describes the study's trainings."""
    design, num_steps = study.design, study.store.subject.num_steps
    first, last, number = design.seq_lens[0], design.seq_lens[-1], len(design.seq_lens)
    placements = design.settings.get("placement", ())
    where = WHERE[placements[0]] if len(placements) == 1 else ""
    known = "" if num_steps is None else f" of {num_steps}"
    lengths = f"windows of {where}{last}{known} steps"
    if number > 1:
        lengths = f"windows of {where}{first} to {last}{known} steps ({number} lengths)"
    counts = [len(design.seeds_of(length)) for length in design.seq_lens]
    what = "fold" if study.store.subject.divisions else "seed"
    seeds = f"{min(counts)} {what}{'s' if counts[0] > 1 else ''}"
    if max(counts) > min(counts):
        seeds = f"{min(counts)} to {max(counts)} {what}s"
    if design.budget is None:
        return f"{design.data}: {lengths}, {seeds} each"
    names = {"epochs": "epochs", "steps": "training steps", "timesteps": "time steps", "flops": "FLOP"}
    kind, amount = str(design.budget).split("=")
    most = "" if set(design.settings.get("patience", ())) <= {None} else "at most "
    return f"{design.data}: {lengths}, {seeds} each, {most}{int(float(amount)):,} {names[kind]} a training"


def command_of(study: Study, margin: float | None = None, confidence: float | None = None) -> str:
    """Return the command that repeats a study, run with this margin and confidence."""
    design, told = study.design, study.store.environment.get("told")
    if told is not None:
        return _told_command(design, told)
    if design.settings.get("module_name", (None,)) != (None,):
        return f"lengthwise.Study({design.data!r}, make_module=…) with {design.settings['module_name'][0]}, in Python"
    words = ["lengthwise", "study", "--data", design.data]
    if not design.candidates:
        words += ["--seq-lens", _ranges(design.seq_lens)]
    first = Looks(design.looks).fewest if design.looks else None
    is_planned = (len(design.seeds), first) == ((1, SCOUTING_SEEDS) if design.candidates else (DEFAULT_SEEDS,) * 2)
    if not is_planned:
        words += ["--seeds", str(len(design.seeds))]
    words += ["--budget", str(design.budget)]
    if design.eval_lens:
        words += ["--eval-lens", _ranges(design.eval_lens)]
    words += ["--folds", str(design.folds)]
    words += ["--recipe", "notebook"]  # with every setting that a recipe has chosen
    for name, values in design.settings.items():
        if values != (DEFAULTS[name],):
            words += [f"--{name.replace('_', '-')}", ",".join(map(str, values))]
    if design.looks and not is_planned:
        words += ["--until-decided"]
    if design.looks and design.looks[-1] != DEFAULT_MAX_SEEDS:
        words += ["--max-seeds", str(design.looks[-1])]
    words += [] if margin is None else ["--margin", f"{margin:g}"]
    words += [] if confidence is None else ["--confidence", f"{confidence:g}"]
    return shlex.join(words)


def _told_command(design: Design, told: dict[str, Any]) -> str:
    """Return the call that repeats a study of the user's own trainings."""
    if told["trainer"]["kind"] == TABLE:
        return str(told["trainer"]["repeated_by"])
    if "command" in told["trainer"]:
        return _repeated_command(design, told)
    how = {"function": f"(objective={design.data}", "told": f".told({design.data!r}"}[told["trainer"]["kind"]]
    given = f"{how}, seq_lens={_ranges(design.candidates)!r}"
    if not design.looks:
        given += f", seeds={len(design.seeds)}"
    if design.folds:
        given += f", folds={design.folds}"
    given += f", metric={told['metric']!r}, direction={told['direction']!r}"
    if told["baseline"] is not None:
        given += f", baseline={told['baseline']:g}"
    if design.axes:
        given += f", axes={ ({name: list(values) for name, values in design.axes.items()})!r}"
    return f"lengthwise.Study{given}), in Python"


def _repeated_command(design: Design, told: dict[str, Any]) -> str:
    command = told["trainer"]["command"]
    words = ["lengthwise", "study", "--command", command["line"], "--seq-lens", _ranges(design.candidates)]
    for name in ("score", "timeout"):
        words += [] if command[name] is None else [f"--{name}", str(command[name])]
    words += ["--shell"] if command["shell"] else []
    words += [] if design.looks else ["--seeds", str(len(design.seeds))]
    words += ["--folds", str(design.folds)] if design.folds else []
    words += ["--metric", told["metric"], "--direction", told["direction"]]
    words += [] if told["baseline"] is None else ["--baseline", f"{told['baseline']:g}"]
    words += [
        word for name, values in design.axes.items() for word in ("--axes", f"{name}={','.join(map(str, values))}")
    ]
    return shlex.join(words)


def made_rows(study: Study, found: list[Answer], margin: float, confidence: float) -> list[dict[str, str]]:
    """Return the study's settings and environment, as names and texts."""
    design, environment, metric, baseline = study.design, study.store.environment, study.metric, study.baseline
    shown = {name: ", ".join(map(str, values)) for name, values in design.settings.items()}
    step, is_ours = study.store.subject.step_seconds, design.budget is not None
    read = environment.get("told", {}).get("trainer", {}).get("read")
    seeds = sorted({seed for length in design.seq_lens for seed in design.seeds_of(length)})
    known: list[tuple[str, Any]] = [
        ("data" if is_ours else "what was trained", design.data),
        ("checksum of the data (SHA-256)", environment.get("data_checksum")),
        ("time steps of a sequence", study.store.subject.num_steps),
        ("a time step", None if step is None else span_in_words(1, step)),
        ("lengths", _ranges(design.seq_lens)),
        *([("seeds", ", ".join(map(str, seeds)))] if read is None else read.items()),
        ("equal between lengths", design.budget),
        ("recipe", ("; ".join(study.recipe.reasons) or study.recipe.name) if is_ours else None),
        ("also evaluated at lengths", (_ranges(design.eval_lens) or "none") if is_ours else None),
        *shown.items(),
        ("margin", f"{100 * margin:.4g} percentage points" if metric.percent else f"{margin:.4g}"),
        ("task", environment.get("task")),
        ("compared by", metric.title),
        *(("chosen by", answer.cases.sentence) for answer in found[:1]),
        *(() if baseline is None else (_baseline_row(baseline, metric),)),
        ("confidence", f"{100 * confidence:.4g} %"),
    ]
    rows = [(name, value) for name, value in known if value is not None]
    rows += [(name, value) for name, value in environment.items() if name not in NOT_SHOWN]
    rows.append(("the command that repeats the study", command_of(study, *study.store.question)))
    return [{"name": str(name), "value": str(value)} for name, value in rows]


def _baseline_row(baseline: Baseline, metric: Metric) -> tuple[str, str]:
    tested = baseline.test is not None
    score = metric.text(baseline.validation if baseline.test is None else baseline.test)
    return f"baseline: {baseline.title}", f"{score}{' %' if metric.percent else ''}{' (test)' if tested else ''}"


def _ranges(lengths: Iterable[int]) -> str:
    """Return lengths in the form of the command line.

    >>> _ranges([1, 2, 3, 4, 8, 12, 16, 28])
    '1:4,8:16:4,28'
    """
    rest, parts = list(lengths), []
    while rest:
        step = rest[1] - rest[0] if len(rest) > 1 else 1
        count = 1
        while count < len(rest) and rest[count] - rest[count - 1] == step:
            count += 1
        if count < 3:
            count = 1
        part = f"{rest[0]}" if count == 1 else f"{rest[0]}:{rest[count - 1]}"
        parts.append(part if count == 1 or step == 1 else f"{part}:{step}")
        rest = rest[count:]
    return ",".join(parts)
