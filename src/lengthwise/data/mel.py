"""Frames of sound: the logarithm of its power in bands of the mel scale, every ten milliseconds."""

import math
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

WINDOW = 0.025
"""Seconds of sound in a frame, as is usual of speech (the default of Kaldi's ``compute-fbank-feats``)."""

FRAMES_A_SECOND = 100
"""Frames begin 10 ms apart, as is usual of speech (Davis and Mermelstein took 6.4 ms, Kaldi takes 10)."""

NUM_BANDS = 40
"""Bands of the mel scale, as most networks for speech commands take."""

SILENCE = -27.0
"""Least value of a frame: about the logarithm of a band's share of what rounding to 16 bits adds, 2 ** -30 / 12."""

FRAMES_AT_ONCE = 1024
"""Frames that are computed together, so that a long recording needs no more memory."""


def mel(frequency: NDArray[np.float64] | float) -> NDArray[np.float64]:
    """Return frequencies in Hz on the mel scale, by which equal distances sound equal.

    >>> mel(np.array([0.0, 1000.0])).round().tolist()
    [0.0, 1000.0]

    The scale is that of Stevens, Volkmann and Newman (A scale for the measurement of the psychological magnitude pitch,
    1937); the formula, ``2595 log10(1 + f / 700)``, is that of O'Shaughnessy (Speech communication, 1987) and of HTK.
    """
    mels: NDArray[np.float64] = 2595 * np.log10(1 + np.asarray(frequency, np.float64) / 700)
    return mels


def hertz(mels: NDArray[np.float64] | float) -> NDArray[np.float64]:
    """Return the frequencies in Hz of places on the mel scale, the inverse of `mel`.

    >>> hertz(mel(np.array([0.0, 440.0]))).round(9).tolist()
    [0.0, 440.0]
    """
    frequency: NDArray[np.float64] = 700 * (10 ** (np.asarray(mels, np.float64) / 2595) - 1)
    return frequency


def centres(highest: float) -> NDArray[np.float64]:
    """Return the middle frequency of each band, in Hz, where the bands reach from 0 to `highest` Hz.

    >>> centres(8000)[[0, -1]].round().tolist()
    [44.0, 7481.0]
    """
    return hertz(np.arange(1, NUM_BANDS + 1) * mel(highest) / (NUM_BANDS + 1))


def log_mel(samples: NDArray[np.floating], rate: int, highest: float) -> NDArray[np.float32]:
    r"""Return the frames of a recording: the logarithm of the power of each band of the mel scale.

    A frame is `WINDOW` seconds of the recording, less their mean, under Hann's window. Band ``b`` of 1 to ``B`` has the
    power

    .. math:: E_b = \frac{2}{N \sum_n w_n^2} \sum_k \max(0, 1 - |m_k - b|) \, |X_k|^2, \qquad
              m_k = (B + 1) \frac{\mathrm{mel}(f_k)}{\mathrm{mel}(\mathrm{highest})}

    where X is the discrete Fourier transform of length N of the frame under the window w, and f_k the frequency of its
    bin k: triangles that overlap by half, as Davis and Mermelstein have them (Comparison of parametric representations
    for monosyllabic word recognition, 1980), straight on the mel scale, as HTK's. By the factor, the bands of a sound
    have its power (1/2 for a full sine, between the middle of the first and of the last band), whatever its sampling
    rate, so that recordings of different rates have frames that can be compared.

    Parameters
    ----------
    samples : ndarray of shape (samples,)
        From -1 to 1.
    rate : int
        Samples a second.
    highest : float
        The frequency in Hz to which the bands reach, at most half the rate.

    Returns
    -------
    ndarray of shape (frames, NUM_BANDS), float32
        Natural logarithms, `SILENCE` at least. Frame t begins at sample ``t * rate // FRAMES_A_SECOND``; there are as
        many as fit whole, none in a recording that is shorter than a window.

    Examples
    --------
    A tone of 440 Hz is in the band whose middle is next to it:

    >>> tone = np.sin(2 * np.pi * 440 * np.arange(16000) / 16000)
    >>> frames = log_mel(tone, 16000, 8000)
    >>> frames.shape, centres(8000)[frames[0].argmax()].round()
    ((98, 40), np.float64(445.0))
    """
    count = round(WINDOW * rate)
    starts = np.arange(len(samples) * FRAMES_A_SECOND // rate + 1) * rate // FRAMES_A_SECOND
    starts = starts[starts + count <= len(samples)]
    frames = np.empty((len(starts), NUM_BANDS), np.float32)
    if not len(starts):
        return frames
    bank = _bank(rate, highest)
    windows = sliding_window_view(samples, count)
    for first in range(0, len(starts), FRAMES_AT_ONCE):
        part = slice(first, first + FRAMES_AT_ONCE)
        frames[part] = _log_power(windows[starts[part]].astype(np.float64), bank)
    return frames


class _Bank(NamedTuple):
    """What the frames of a sampling rate are computed with.

    Attributes
    ----------
    window : ndarray of shape (window,)
        Hann's, scaled so that squared transforms are powers.
    length : int
        Of the Fourier transform.
    rise : ndarray of shape (bins,)
        How far a bin lies from the middle of one band, 0, to that of the next, 1; for the bins within the bands alone.
    starts : ndarray of shape (NUM_BANDS + 1,), int64
        The first bin in each of these distances.
    """

    window: NDArray[np.float64]
    length: int
    rise: NDArray[np.float64]
    starts: NDArray[np.int64]


@lru_cache(maxsize=8)
def _bank(rate: int, highest: float) -> _Bank:
    """Return what frames are computed with; the transform is long enough for a bin in each half of a band."""
    count = round(WINDOW * rate)
    narrowest = hertz(mel(highest) / (NUM_BANDS + 1))
    length = 1 << math.ceil(math.log2(max(count, rate / float(narrowest))))
    place = (NUM_BANDS + 1) * mel(np.arange(length // 2 + 1) * rate / length) / mel(highest)
    place = place[place < NUM_BANDS + 1]
    window = np.hanning(count + 1)[:-1]
    return _Bank(
        window=window * np.sqrt(2 / (length * (window**2).sum())),
        length=length,
        rise=place % 1,
        starts=np.searchsorted(place, np.arange(NUM_BANDS + 1)),
    )


def _log_power(frames: NDArray[np.float64], bank: _Bank) -> NDArray[np.float64]:
    """Return the logarithms of the bands' powers, (frames, NUM_BANDS), of frames of samples, (frames, window).

    Sums over neighbours, and no product of matrices: that would depend on the number of threads in its last bits.
    """
    frames = (frames - frames.mean(axis=1, keepdims=True)) * bank.window
    spectrum = np.fft.rfft(frames, bank.length)[:, : len(bank.rise)]
    power = spectrum.real**2 + spectrum.imag**2
    rising = np.add.reduceat(power * bank.rise, bank.starts, axis=1)
    falling = np.add.reduceat(power * (1 - bank.rise), bank.starts, axis=1)
    with np.errstate(divide="ignore"):
        logarithms: NDArray[np.float64] = np.log(rising[:, :-1] + falling[:, 1:])
    return np.maximum(logarithms, SILENCE)
