"""Frames of sound: the mel scale, its bands, and what tones, noise and silence become."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lengthwise.data import mel as frames_of_sound
from lengthwise.data.mel import FRAMES_A_SECOND, NUM_BANDS, SILENCE, WINDOW, centres, hertz, log_mel, mel


def tone(frequency, rate=16000, seconds=0.5, amplitude=1.0):
    return amplitude * np.sin(2 * np.pi * frequency * np.arange(int(rate * seconds)) / rate)


def noise(count, seed=0):
    return np.random.default_rng(seed).normal(size=count) * 0.1


def slow_frame(samples, rate, highest):
    """Compute one frame, (window,) samples, with a loop over bands and bins."""
    count = len(samples)
    narrowest = hertz(mel(highest) / (NUM_BANDS + 1))
    length = 1
    while length < count or rate / length > narrowest:
        length *= 2
    window = np.array([0.5 - 0.5 * np.cos(2 * np.pi * n / count) for n in range(count)])
    padded = np.zeros(length)
    padded[:count] = (samples - samples.mean()) * window
    power = np.abs(np.fft.fft(padded)) ** 2
    edges = hertz(np.linspace(0, mel(highest), NUM_BANDS + 2))
    bands = []
    for band in range(NUM_BANDS):
        low, middle, high = mel(edges[band : band + 3])
        total = 0.0
        for k in range(length // 2 + 1):
            place = mel(k * rate / length)
            total += power[k] * max(0.0, min((place - low) / (middle - low), (high - place) / (high - middle)))
        bands.append(2 * total / (length * (window**2).sum()))
    return np.log(bands)


def test_the_scale_is_that_of_htk():
    assert mel(0) == 0
    assert mel(1000) == pytest.approx(1000, abs=0.02)
    assert mel(8000) == pytest.approx(2595 * np.log10(1 + 8000 / 700))
    np.testing.assert_allclose(hertz(mel(np.arange(0, 8000, 37.0))), np.arange(0, 8000, 37.0), atol=1e-9)


def test_bands_lie_at_equal_distances_on_the_scale():
    places = np.concatenate([[0], mel(centres(4000)), [mel(4000)]])
    np.testing.assert_allclose(np.diff(places), mel(4000) / (NUM_BANDS + 1))


@pytest.mark.parametrize(("rate", "highest"), [(16000, 8000), (44100, 4000), (4000, 2000), (11025, 5512.5)])
def test_a_frame_is_what_a_plain_loop_computes(rate, highest):
    samples = noise(round(WINDOW * rate)) + 0.3
    (frame,) = log_mel(samples, rate, highest)
    np.testing.assert_allclose(frame, slow_frame(samples, rate, highest), rtol=1e-5)


@given(st.floats(100, 7400))
def test_a_tone_is_loudest_in_a_band_that_contains_it(frequency):
    frames = log_mel(tone(frequency), 16000, 8000)
    band = frames.mean(axis=0).argmax()
    edges = np.concatenate([[0], centres(8000), [8000]])
    assert edges[band] - 15 < frequency < edges[band + 2] + 15  # half a bin of the transform


@pytest.mark.parametrize("rate", [8000, 11025, 16000, 22050, 44100, 48000])
def test_the_bands_of_a_tone_have_its_power_at_any_rate(rate):
    frames = log_mel(tone(1000, rate), rate, 4000)
    np.testing.assert_allclose(np.exp(frames.astype(float)).sum(axis=1), 0.5, rtol=0.01)


def test_the_bands_of_noise_have_the_power_that_it_has_within_their_triangles():
    power = np.exp(log_mel(noise(16000 * 20), 16000, 8000).astype(float)).mean(axis=0)
    edges = np.concatenate([[0], centres(8000), [8000]])
    widths = (edges[2:] - edges[:-2]) / 2
    np.testing.assert_allclose(power[5:], (0.1**2 * widths / 8000)[5:], rtol=0.06)


@pytest.mark.parametrize("rate", [8000, 11025, 16000, 22050, 44100])
@given(count=st.integers(0, 4000))
def test_there_are_as_many_frames_as_fit(rate, count):
    window = round(WINDOW * rate)
    begins = [t * rate // FRAMES_A_SECOND for t in range(count * FRAMES_A_SECOND // rate + 1)]
    frames = log_mel(np.zeros(count, np.float32), rate, rate / 2)
    assert frames.shape == (sum(begin + window <= count for begin in begins), NUM_BANDS)
    assert frames.dtype == np.float32


def test_one_second_of_16_khz_has_98_frames():
    assert log_mel(noise(16000), 16000, 8000).shape == (98, 40)


def test_a_frame_depends_on_its_own_samples_alone():
    samples = noise(22050)
    frames = log_mel(samples, 22050, 11025)
    begin = 30 * 22050 // FRAMES_A_SECOND
    np.testing.assert_array_equal(frames[30], log_mel(samples[begin : begin + round(WINDOW * 22050)], 22050, 11025)[0])


def test_a_long_recording_is_computed_in_parts(monkeypatch):
    samples = noise(16000)
    whole = log_mel(samples, 16000, 8000)
    monkeypatch.setattr(frames_of_sound, "FRAMES_AT_ONCE", 7)
    np.testing.assert_array_equal(log_mel(samples, 16000, 8000), whole)


def test_silence_has_the_least_value_and_a_constant_is_silence():
    for level in (0.0, 0.5):
        assert (log_mel(np.full(1600, level, np.float32), 16000, 8000) == SILENCE).all()


def test_twice_as_loud_is_log_4_more():
    frames = [log_mel(amplitude * noise(8000), 16000, 8000) for amplitude in (1, 2)]
    np.testing.assert_allclose(frames[1] - frames[0], np.log(4), atol=1e-4)


@given(st.integers(1000, 200_000), st.integers(1000, 200_000))
def test_every_half_of_a_band_has_a_bin_at_any_rate(rate, lowest):
    bank = frames_of_sound._bank(rate, min(rate, lowest) / 2)
    assert bank.starts[0] == 0
    assert (np.diff(bank.starts) > 0).all()
    assert bank.starts[-1] < len(bank.rise)
