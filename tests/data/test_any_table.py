"""Whatever a table looks like, it is read or refused in a sentence."""

import numpy as np
import pandas as pd
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st

from lengthwise.data import load_data
from lengthwise.errors import LengthwiseError

NAMES = (
    "id", "t", "date", "Time", "hour", "year", "month", "day", "label", "y", "x", "group", "subject", "split",
    "text", "note", "unique_id", "ds", "value", "", " x y ", "größe", "Unnamed: 0", "column1", "0", "1", "kind", "t0",
    "t1", "a,b", 'q"',
)  # fmt: skip
WORDS = ("a", "b", "None", "NA", "null", "?", "-", "", " ", "wood", "1,5", "x;y", "true", "inf", "nan", "-inf", "é")
DATES = (
    "2026-01-31", "31.01.2026", "01/02/2026", "13/01/2026", "2026-01-31T10:00:00+01:00", "10:30", "1990Q1",
    "14 Jun 2022", "20260131", "2026-02-30", "1-01", "2026-W05", "Jan-20", "1/1/26 5:00 PM", "99999-01-01",
    "0001-01-01", "3. März 2026", "mars 2026", "31 de febrero de 2026", "99 juin 19", "2026년 1월",
    "1767225600", "1767225600123",
)  # fmt: skip


def column(rows):
    """Draw the cells of a column, as text."""
    kinds = {
        "counter": st.integers(-2, 2).map(lambda first: [str(first + at) for at in range(rows)]),
        "few": st.lists(st.sampled_from(["0", "1", "2.0"]), min_size=rows, max_size=rows),
        "key": st.integers(1, 5).map(lambda size: [str(at // size) for at in range(rows)]),
        "words": st.lists(st.sampled_from(WORDS), min_size=rows, max_size=rows),
        "dates": st.lists(st.sampled_from(DATES), min_size=rows, max_size=rows),
        "days": st.sampled_from(["%Y-%m-%d", "%d.%m.%Y", "%m/%d/%Y", "%d %b %Y", "%Y%m%d", "%d%m%Y"]).map(
            lambda form: pd.date_range("2026-01-01", periods=rows).strftime(form).tolist()
        ),
        "numbers": st.lists(st.floats(allow_nan=False, width=32).map(str), min_size=rows, max_size=rows),
        "commas": st.lists(st.floats(-1e4, 1e4).map("{:,.2f}".format), min_size=rows, max_size=rows),
        "decimal commas": st.lists(
            st.floats(-1e4, 1e4).map(lambda x: f"{x:.3f}".replace(".", ",")), min_size=rows, max_size=rows
        ),
        "huge": st.lists(st.sampled_from(["1e400", "9" * 30, "-1", "1e-400", ""]), min_size=rows, max_size=rows),
        "unix": st.sampled_from([1, 1000, 10**9]).map(
            lambda scale: [str((1767225600 + at) * scale) for at in range(rows)]
        ),
        "far": st.lists(st.integers(0, 9).map("31200000{}.5".format), min_size=rows, max_size=rows),
        "names": st.lists(st.sampled_from(["007", "7", "9" * 20, "9" * 19 + "8"]), min_size=rows, max_size=rows),
        "texts": st.lists(st.text("ab ", min_size=0, max_size=40), min_size=rows, max_size=rows),
        "blocks": st.integers(1, 9).map(lambda size: [str(at // size * 7 % 5) for at in range(rows)]),
        "empty": st.just([""] * rows),
    }
    return st.sampled_from(sorted(kinds)).flatmap(kinds.__getitem__)


@st.composite
def tables(draw):
    """Draw a table as the bytes of a file, and options."""
    rows = draw(st.integers(0, 40))
    steps = draw(st.integers(2, 5))
    usual = {
        draw(st.sampled_from(["id", "series_id", "Sequence ID"])): [str(at // steps) for at in range(rows)],
        draw(st.sampled_from(["t", "time", "step"])): [str(at % steps) for at in range(rows)],
        draw(st.sampled_from(["label", "class"])): ["ab"[at // steps % 2] for at in range(rows)],
        "v": [f"{at * 7 % 11}.5" for at in range(rows)],
    }
    kept = draw(st.lists(st.sampled_from(sorted(usual)), unique=True, max_size=4)) if draw(st.booleans()) else usual
    names = [*kept, *draw(st.lists(st.sampled_from(NAMES), min_size=not kept, max_size=3, unique=draw(st.booleans())))]
    columns = [usual[name] if name in usual else draw(column(rows)) for name in names]
    sep = draw(st.sampled_from([",", ";", "\t", "|", " "]))
    quoted = draw(st.booleans())

    def line(cells):
        return sep.join(f'"{cell}"' if quoted or sep in cell else cell for cell in cells)

    lines = [line(names)] if draw(st.integers(0, 4)) else []
    lines += [line(cells) for cells in zip(*columns, strict=True)]
    for extra in draw(st.lists(st.sampled_from(["", "a note", sep, "1,2,3,4,5,6,7,8,9", '"']), max_size=1)):
        lines.insert(draw(st.integers(0, len(lines))), extra)
    text = draw(st.sampled_from(["\n", "\r\n", "\r"])).join(lines)
    encoding = draw(st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "latin-1"]))
    given = {
        "task": st.sampled_from(
            ["classification", "regression", "tagging", "step_regression", "forecasting", "language"]
        ),
        "horizon": st.just(1),
        "target": st.sampled_from(names),
        "sequence": st.lists(st.sampled_from([*names, "none"]), min_size=1, max_size=2, unique=True),
        "time": st.lists(st.sampled_from([*names, "none"]), min_size=1, max_size=3, unique=True),
        "layout": st.sampled_from(["long", "wide"]),
        "duplicates": st.sampled_from(["mean", "first", "last"]),
        "missing": st.sampled_from(["forward", "mean", "zero"]),
        "decimal": st.sampled_from([",", "."]),
        "dayfirst": st.booleans(),
        "header": st.sampled_from(["first", "none"]),
        "padding": st.just(0.0),
    }
    chosen = draw(st.lists(st.sampled_from(sorted(given)), max_size=draw(st.sampled_from([0, 1, 5])), unique=True))
    options = {name: draw(given[name]) for name in chosen}
    if options.get("task") == "forecasting":
        options["horizon"] = 1
    return text.encode(encoding, errors="replace"), options, draw(st.sampled_from([".csv", ".tsv", ".txt", ".dat"]))


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(tables())
def test_any_table_is_read_or_refused_in_a_sentence(tmp_path_factory, table):
    content, options, ending = table
    path = tmp_path_factory.mktemp("any", numbered=True) / f"a{ending}"
    path.write_bytes(content)
    try:
        dataset = load_data(path, **options)
    except LengthwiseError as error:
        sentence = str(error)
        event("refused")
        assert sentence.endswith((".", ".)"))
        assert "\n" not in sentence
        return
    event("read")
    assert load_data(dataset.name).checksum == dataset.checksum
    for name in ("train", "validation", "test"):
        assert np.isfinite(np.asarray(dataset.split(name).values)).all()


@settings(deadline=None)
@given(
    st.integers(3, 12), st.integers(2, 6), st.integers(0, 99), st.sampled_from([",", ";", "\t", "|"]),
    st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "latin-1"]), st.sampled_from([",", "."]),
    st.sampled_from(["%Y-%m-%d %H:%M:%S", "%d.%m.%Y %H:%M", "%d %b %Y %H:%M", None]), st.booleans(),
)  # fmt: skip
def test_a_table_in_any_form_has_the_sequences_that_were_written(
    tmp_path_factory, count, steps, seed, sep, encoding, decimal, form, shuffled
):
    random = np.random.default_rng(seed)
    values = random.normal(size=(count, steps, 2)).round(3)
    frame = pd.DataFrame({
        "person": np.repeat([f"Zoë {at}" for at in range(count)], steps),
        "when": np.tile(np.arange(steps), count),
        "a": values[:, :, 0].ravel(), "b": values[:, :, 1].ravel(),
        "sort": np.repeat(np.array(["gut", "None"])[np.arange(count) % 2], steps),
    })  # fmt: skip
    if form:
        frame["when"] = (pd.Timestamp("2026-01-15 10:00") + pd.to_timedelta(frame["when"], "min")).dt.strftime(form)
    if shuffled:
        frame = frame.sample(frac=1, random_state=seed)
    path = tmp_path_factory.mktemp("forms") / "a.csv"
    frame.to_csv(path, sep=sep, encoding=encoding, decimal=decimal, index=False)
    dataset = load_data(
        path, sequence="person", time="when", target="sort", group="none", standardize="none",
        decimal="," if decimal == "," else None,
    )  # fmt: skip
    found = [
        dataset.split(name).sequence(at)
        for name in ("train", "validation", "test")
        for at in range(len(dataset.split(name)))
    ]
    expected = values.astype(np.float32)
    assert sorted(map(np.ndarray.tobytes, found)) == sorted(own.tobytes() for own in expected)
