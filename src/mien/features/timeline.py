"""Clips as regular sequences: missing frames filled within limits, resampled to a fixed number of frames."""

from __future__ import annotations

import numpy as np

# Times are rounded in files, to milliseconds or worse.
EVEN_SHARE = 0.1
TOO_SHORT, TOO_FEW, GAP = "too short", "too few frames with a face", "gap too long"


def regular(
    frames: np.ndarray,
    values: np.ndarray,
    looked_at: np.ndarray,
    times: np.ndarray | None = None,
    *,
    max_missing: float,
    max_gap: int,
) -> tuple[np.ndarray, str]:
    """Values at even steps of time, as many as frames were looked at; missing ones interpolated linearly over time.

    Parameters
    ----------
    frames : ndarray of int, shape (found,)
        Numbers of the frames with values, increasing.
    values : ndarray, shape (found, ...)
        A frame with any value that is not finite counts as missing.
    looked_at : ndarray of int, shape (looked at,)
        Numbers of all frames of the clip; frames absent from their regular spacing count as missing.
    times : ndarray, shape (looked at,), optional
        Seconds of ``looked_at``. Without them, and where they do not increase, frames are taken as evenly spaced; so
        are times that differ from even ones by less than ``EVEN_SHARE`` of a step.
    max_missing : float
        Largest tolerated share of missing frames.
    max_gap : int
        Longest tolerated run of missing frames, or of time without a frame, in usual steps; at the start and end of
        the clip as well, where the nearest frame is repeated.

    Returns
    -------
    filled : ndarray, shape (frames of the clip, ...)
        Empty unless the status is ``'ok'``.
    status : str
        ``'ok'``, ``'too short'``, ``'too few frames with a face'`` or ``'gap too long'``.
    """
    empty = np.empty((0, *values.shape[1:]))
    usable = np.isfinite(values.reshape(len(values), -1)).all(1)
    seen, first = np.unique(looked_at, return_index=True)
    slots = _slots(seen)
    known = frames[usable]
    present = np.isin(slots, known)
    if len(slots) < 2:
        return empty, TOO_SHORT
    # The tolerance keeps 3 missing of 10 within a limit of 0.3.
    if not present.any() or (~present).sum() > max_missing * len(slots) + 1e-9:
        return empty, TOO_FEW
    when = _when(slots, seen, None if times is None else np.asarray(times, dtype=np.float64)[first])
    if _longest_gap(when, present) > max_gap + 1e-6:
        return empty, GAP
    return at(np.linspace(when[0], when[-1], len(when)), when[present], values[usable]), "ok"


def _slots(seen: np.ndarray) -> np.ndarray:
    """Numbers of all frames that should be there: in even steps, or those looked at, where these are uneven."""
    steps = np.diff(seen)
    stride = int(np.min(steps)) if len(steps) else 1
    return seen if (steps % stride).any() else np.arange(seen[0], seen[-1] + 1, stride)


def _when(slots: np.ndarray, seen: np.ndarray, times: np.ndarray | None) -> np.ndarray:
    """When each slot is, in usual steps from the first."""
    even = np.arange(len(slots), dtype=np.float64)
    if times is None or not np.isfinite(times).all() or (np.diff(times) <= 0).any():
        return even
    when = np.interp(slots, seen, times) - times[0]
    if np.abs(when / when[-1] * even[-1] - even).max() < EVEN_SHARE:
        return even
    return when / float(np.median(np.diff(when)))


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


def _longest_gap(when: np.ndarray, present: np.ndarray) -> float:
    """Longest stretch without a value, in steps: between two values less the step that is always there."""
    known = when[present]
    return float(max(known[0] - when[0], when[-1] - known[-1], np.diff(known).max(initial=1) - 1))
