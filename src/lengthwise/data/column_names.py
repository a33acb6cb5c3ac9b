"""The names by which the columns of a table are known: those of NeuralForecast, GluonTS, Darts, tsfresh and others."""

import re

SEQUENCE = (
    "sequence", "sequence_id", "series", "series_id", "unique_id", "item_id", "ts_id", "id", "case", "case_id",
    "sample_id", "trial", "trial_id", "recording", "recording_id", "segment_id", "window_id", "episode", "episode_id",
    "session_id", "run", "run_id", "file", "uid",
)  # fmt: skip
TIME = (
    "time_index", "timestamp", "time_stamp", "datetime", "date_time", "ds", "date", "time", "time_idx", "step",
    "time_step", "timestep", "t", "ts",
)  # fmt: skip
TIMED = re.compile(
    r"(time|timestamp|time_stamp|datetime|elapsed|elapsed_time|time_elapsed|t)_"
    r"(ns|us|ms|s|sec|secs|second|seconds|min|mins|minute|minutes|h|hour|hours|utc|gmt|unix|local|epoch|iso)"
)
"""A name of the time that says its unit, or its zone."""

SECONDS = {
    "ns": 1e-9, "us": 1e-6, "ms": 1e-3, **dict.fromkeys(("s", "sec", "secs", "second", "seconds"), 1.0),
    **dict.fromkeys(("min", "mins", "minute", "minutes"), 60.0), **dict.fromkeys(("h", "hour", "hours"), 3600.0),
}  # fmt: skip
"""The units in such a name."""

DATED = ("time", "date", "stamp", "zeit", "datum", "fecha", "epoch", "unix", "tiempo", "temps", "tijd", "tempo")
"""Parts of names of columns whose numbers are the time if they are dates, such as Unix time or 2026013117."""

TARGET = (
    "target", "label", "labels", "class", "class_label", "class_id", "activity", "activity_id", "y", "folder",
    "class_name", "label_name", "activity_name", "activity_label", "ground_truth", "sentiment", "rul", "klasse",
    "clase", "classe", "outcome", "diagnosis",
)  # fmt: skip
FORECAST = ("target", "y", "value")
SPLIT = ("split", "set", "subset", "partition")
GROUP = (
    "group", "subject", "subject_id", "subj", "subj_id", "person", "person_id", "participant", "participant_id",
    "patient", "patient_id", "user", "user_id", "machine", "machine_id", "device", "device_id", "animal",
    "animal_id", "driver", "driver_id", "speaker", "speaker_id", "player", "player_id", "customer", "customer_id",
)  # fmt: skip
"""The names by which columns are found if no option names them: the first that exists, in any case and with any signs
around. They include those of NeuralForecast, GluonTS, Darts and tsfresh."""

COUNTERS = ("period", "year", "quarter", "month", "week", "day", "cycle")
"""Names of columns that are the time if they tell all rows apart, alone or with the columns of words."""

CLOCK = ("time", "clock", "time_of_day", "hhmm", "uhrzeit", "heure", "hora")
"""Names of columns that may hold the time of day beside a date."""

TOKENS = (
    "token", "tokens", "word", "words", "text", "texts", "sentence", "character", "char", "symbol", "note", "content",
    "body", "message", "review", "tweet", "comment", "document",
)  # fmt: skip
"""Names of columns of tokens or texts, of which the next token is predicted."""

CALENDAR = frozenset("mon tue wed thu fri sat sun jan feb mar apr may jun jul aug sep oct nov dec".split())  # noqa: SIM905
"""How the days of a week and the months begin, which are no labels."""

AXES = frozenset({"x", "z"})
"""Names beside which y is no target."""

DOUBTFUL_TIMES = ("t", "ts", "step")
"""Names that mean something else as well, such as a temperature: their values must look like a clock."""


def plain_name(name: str) -> str:
    """Return a name as it is compared with the usual ones.

    >>> plain_name("#Sequence ID"), plain_name("Unnamed: 0"), plain_name("SessionId"), plain_name("trialID")
    ('sequence_id', 'unnamed_0', 'session_id', 'trial_id')
    """
    return re.sub(r"[^a-z0-9]+", "_", re.sub(r"(?<=[a-z])(?=[A-Z][a-z]|ID$)", "_", name).lower()).strip("_")


def seconds_in(name: str) -> float | None:
    """Return the seconds of the unit that a name of the time says; None if it says none.

    >>> seconds_in("Time (s)"), seconds_in("timestamp_ms"), seconds_in("time_utc"), seconds_in("t")
    (1.0, 0.001, None, None)
    """
    found = TIMED.fullmatch(plain_name(name))
    return None if found is None else SECONDS.get(found[2])
