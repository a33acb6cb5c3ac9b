"""Whatever series are given, they become forecasts of what is known from what was before, or a sentence."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from lengthwise.data.dataset import SPLITS
from lengthwise.data.forecasting import Series, make_forecasts
from lengthwise.data.options import Options
from lengthwise.errors import DataError, UsageError

KINDS = ("noise", "walk", "growth", "season", "constant", "zeros", "counts", "steps")


def made(kind, steps, seed):
    random = np.random.default_rng(seed)
    noise, time = random.normal(size=steps), np.arange(steps)
    return {
        "noise": noise,
        "walk": 3e8 + noise.cumsum(),
        "growth": np.exp(0.02 * time + 0.1 * noise),
        "season": np.sin(time * np.pi / 6),
        "constant": np.full(steps, 7.5),
        "zeros": np.where(noise > 2, 1.0, 0.0),
        "counts": random.poisson(2, steps).astype(float),
        "steps": (time // 50).astype(float),
    }[kind]


@st.composite
def series(draw):
    count, features = draw(st.integers(1, 4)), draw(st.integers(1, 3))
    dated, timed = draw(st.booleans()), draw(st.booleans())
    lines, times = [], []
    for _ in range(count):
        steps = draw(st.integers(1, 160))
        seed = draw(st.integers(0, 99))
        values = np.stack(
            [made(draw(st.sampled_from(KINDS)), steps, seed + place) for place in range(features)], axis=1
        )
        random = np.random.default_rng(seed)
        values[random.random(values.shape) < draw(st.sampled_from([0, 0, 0.05, 0.5]))] = np.nan
        pauses = np.where(
            random.random(steps) < draw(st.sampled_from([0, 0, 0.05, 0.5])), random.integers(2, 40, steps), 1
        )
        own = draw(st.integers(0, 200)) + pauses.cumsum()
        lines.append(values)
        times.append(np.datetime64("2024-01-01") + own.astype("timedelta64[D]") if dated else own)
    return Series("the data", lines, target=draw(st.integers(0, features - 1)), times=times if timed else None)


choices = st.fixed_dictionaries(
    {"horizon": st.integers(1, 12)},
    optional={
        "lookback": st.integers(1, 40),
        "season": st.integers(1, 30),
        "relative": st.sampled_from(["none", "difference", "ratio"]),
        "missing": st.sampled_from(["forward", "mean", "zero"]),
        "validation": st.sampled_from([0.1, 0.3]),
        "test": st.sampled_from([0.1, 0.3]),
    },
)


@settings(max_examples=150, deadline=None)
@given(series(), choices)
def test_any_series_become_forecasts_or_a_sentence(found, given):
    options = Options(task="forecasting", **given)
    try:
        dataset = make_forecasts(found, options, "the data")
    except (DataError, UsageError):
        return
    known = np.unique(np.concatenate([line[:, found.target] for line in found.series]))
    known = known[~np.isnan(known)]
    for name in SPLITS:
        split = dataset.split(name)
        assert split.values.shape == (len(split), dataset.outlook.lookback, found.series[0].shape[1])
        assert np.isfinite(np.asarray(split.values)).all()
        assert np.isfinite(split.reference.errors).all()
        assert (split.reference.scale > 0).all()
        far = np.abs(split.numbers[:, :, None] - known).min(axis=2)  # what is forecast are numbers of the series
        rounding = 1e-6 * (1 + np.abs(split.targets)) * np.abs(split.units.unit) + 1e-9 * np.abs(split.numbers)
        assert (far <= rounding).all()
    assert dataset.outlook.horizon == given["horizon"]
    assert dataset.outlook.relative == given.get("relative", dataset.outlook.relative)
