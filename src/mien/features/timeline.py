"""Clips as regular sequences: missing frames filled within limits, resampled to a fixed number of frames."""

from __future__ import annotations

import numpy as np

TOO_SHORT, TOO_FEW, GAP = "too short", "too few frames with a face", "gap too long"


def regular(
    frames: np.ndarray, values: np.ndarray, looked_at: np.ndarray, *, max_missing: float, max_gap: int
) -> tuple[np.ndarray, str]:
    """Values at every frame that was looked at, missing ones interpolated linearly over time.

    Parameters
    ----------
    frames : ndarray of int, shape (found,)
        Numbers of the frames with values, increasing.
    values : ndarray, shape (found, ...)
        A frame with any value that is not finite counts as missing.
    looked_at : ndarray of int
        Numbers of all frames of the clip; frames absent from their regular spacing count as missing.
    max_missing : float
        Largest tolerated share of missing frames.
    max_gap : int
        Longest tolerated run of missing frames; at the start and end of the clip as well, where the nearest
        frame is repeated.

    Returns
    -------
    filled : ndarray, shape (frames of the clip, ...)
        Empty unless the status is ``'ok'``.
    status : str
        ``'ok'``, ``'too short'``, ``'too few frames with a face'`` or ``'gap too long'``.
    """
    empty = np.empty((0, *values.shape[1:]))
    usable = np.isfinite(values.reshape(len(values), -1)).all(1)
    steps = np.diff(np.unique(looked_at))
    stride = int(np.min(steps)) if len(steps) else 1
    grid = np.arange(looked_at.min(), looked_at.max() + 1, stride)
    known = frames[usable]
    present = np.isin(grid, known)
    if len(grid) < 2:
        return empty, TOO_SHORT
    # The tolerance keeps 3 missing of 10 within a limit of 0.3.
    if not present.any() or (~present).sum() > max_missing * len(grid) + 1e-9:
        return empty, TOO_FEW
    if _longest_run(~present) > max_gap:
        return empty, GAP
    return at(grid.astype(float), known.astype(float), values[usable]), "ok"


def at(when: np.ndarray, times: np.ndarray, values: np.ndarray) -> np.ndarray:
    """Values at the times ``when``, by linear interpolation; outside the known times the nearest value.

    Parameters
    ----------
    when : ndarray, shape (wanted,)
    times : ndarray, shape (known,)
        Increasing.
    values : ndarray, shape (known, ...)
    """
    if len(times) == 1:
        return np.repeat(values, len(when), axis=0)
    when = np.clip(when, times[0], times[-1])
    right = np.clip(np.searchsorted(times, when, side="right"), 1, len(times) - 1)
    share = (when - times[right - 1]) / (times[right] - times[right - 1])
    share = share.reshape(-1, *[1] * (values.ndim - 1))
    return values[right - 1] * (1 - share) + values[right] * share


def resampled(values: np.ndarray, n_frames: int) -> np.ndarray:
    """A regular sequence brought to ``n_frames`` frames by linear interpolation, first and last kept."""
    return at(np.linspace(0, len(values) - 1, n_frames), np.arange(len(values), dtype=float), values)


def _longest_run(mask: np.ndarray) -> int:
    edges = np.flatnonzero(np.diff(np.concatenate([[False], mask, [False]]).astype(int)))
    return int((edges[1::2] - edges[::2]).max(initial=0))
