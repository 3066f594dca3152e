"""What neural activity does to the blood: the canonical response to it, a regressor of a stream convolved with it."""

from __future__ import annotations

import numpy as np

from mien.core.errors import InputError
from mien.core.streams import Stream
from mien.data.streams.placing import step_of
from mien.data.streams.windows import Windows, onto

# Peak and undershoot in seconds, dispersion of both, ratio of their areas: SPM's canonical response (Friston et al.
# 1998, NeuroImage 7, 30-40; the same parameters as in SPM12's spm_hrf and nilearn's spm_hrf).
PEAK_S, UNDERSHOOT_S, DISPERSION, RATIO, LENGTH_S = 6.0, 16.0, 1.0, 6.0, 32.0
# In which convolution is done, in seconds.
_FINE_S = 0.1


def response(step_s: float = _FINE_S) -> np.ndarray:
    """SPM's canonical haemodynamic response, sampled from 0 to 32 s; sums to 1.

    Parameters
    ----------
    step_s : float
        Seconds from sample to sample.
    """
    from scipy.stats import gamma

    at = np.arange(0.0, LENGTH_S + step_s / 2, step_s)
    shape = gamma.pdf(at, PEAK_S / DISPERSION, scale=DISPERSION)
    shape = shape - gamma.pdf(at, UNDERSHOOT_S / DISPERSION, scale=DISPERSION) / RATIO
    result: np.ndarray = shape / shape.sum()
    return result


def convolved(stream: Stream, windows: Windows, *, overlap: str = "mean") -> np.ndarray:
    """A stream in windows after convolution with the canonical response.

    Parameters
    ----------
    stream : Stream
        Of samples or intervals, on runs. Where nothing holds it counts as 0 (intervals) or stays missing (samples).
    windows : Windows
    overlap : str
        As of ``mien.data.streams.windows.onto``.

    Returns
    -------
    ndarray of float64, shape (windows, columns)
        NaN for samples where a part of the response that weighs 1 % or more is missing. Runs are convolved one by one:
        what was before a run has no part in it.

    Raises
    ------
    InputError
        If the stream has no columns of numbers.
    """
    if not stream.columns:
        raise InputError(f"Stream '{stream.name}' has no column of numbers to be convolved.")
    kernel = response()
    result = np.full((len(windows), len(stream.columns)), np.nan)
    for viewer, run in dict.fromkeys(zip(windows.viewer.tolist(), windows.run.tolist(), strict=True)):
        at = np.flatnonzero((windows.viewer == viewer) & (windows.run == run))
        stop = float(windows.start_s[at].max()) + windows.width_s
        moments = np.arange(0.0, stop + _FINE_S, _FINE_S)
        step = step_of(stream)
        wide = _FINE_S if stream.kind != "sampled" or not step > _FINE_S else 0.0
        fine = Windows(np.full(len(moments), run, object), moments, wide, np.full(len(moments), viewer, object))
        values = onto(stream, fine, rule="hold" if wide == 0.0 else "", overlap=overlap)
        missing = ~np.isfinite(values)
        if stream.kind != "sampled":
            missing[:] = False
        filled = np.where(np.isfinite(values), values, 0.0)
        made = np.stack([np.convolve(column, kernel)[: len(moments)] for column in filled.T], axis=1)
        lost = np.stack([np.convolve(column, np.abs(kernel))[: len(moments)] for column in missing.T.astype(float)], 1)
        made[lost >= 0.01 * np.abs(kernel).sum()] = np.nan
        middle = np.clip(
            np.round((windows.start_s[at] + windows.width_s / 2) / _FINE_S).astype(int), 0, len(moments) - 1
        )
        result[at] = made[middle]
    return result
