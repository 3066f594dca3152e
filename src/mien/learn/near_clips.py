"""Clips that are nearly the same: saved anew, or cut so that they overlap, under another person's name."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from mien.core.faces import OK, Faces
from mien.core.topology import IBUG_68, topology
from mien.features.geometry import ibug_points
from mien.features.match import Choice
from mien.learn.near_copies import searchable
from mien.learn.shapes import most_apart, shape_of

# Mean shapes of clips that overlap by half are nearer than this, whatever moves in the rest; the middle frame of the
# shorter one is in the part that they share, within so many times what the median frame keeps to.
_MEANS_APART, _MIDDLE = 0.12, 3.0
# So many frames, and half of the shorter clip, have to be the same; more than the most are not compared.
LEAST_FRAMES, _MOST_FRAMES, _SHARE = 5, 300, 0.5


def near_clips(people: np.ndarray, choices: Sequence[Choice], faces: Faces) -> list[tuple[int, int]]:
    """Pairs of clips of two people whose points move alike frame by frame, in the whole or in a part of them.

    Frame rates have to be the same. Also mirrored.

    Parameters
    ----------
    people : ndarray of str, shape (samples,)
    choices : sequence of Choice
        The face of each sample among ``faces``.

    Returns
    -------
    list of (int, int)
        Rows, the earlier one first.
    """
    if not searchable(faces):
        return []
    points = ibug_points(faces.topology)
    clips: dict[int, np.ndarray] = {}
    for row, choice in enumerate(choices):
        if choice.status == OK and len(choice.rows) >= LEAST_FRAMES:
            track = faces.landmarks_px[choice.rows][:, points, :2].astype(np.float64)
            track = track[np.isfinite(track).all(axis=(1, 2)) & (np.ptp(track, axis=1) > 0).all(axis=1)]
            if len(track) >= LEAST_FRAMES:
                clips[row] = track
    if len(clips) < 2:
        return []
    rows = np.array(list(clips))
    person = np.unique(people[rows].astype(str), return_inverse=True)[1]
    mirror = list(topology(IBUG_68).mirror)
    tracks = [shape_of(clips[row]) for row in rows]
    mirrored = [shape_of(clips[row][:, mirror] * [-1.0, 1.0]) for row in rows]
    means, mirrored_means = _means(tracks), _means(mirrored)
    limit = most_apart(means, person)
    found = []
    for a, own in enumerate(means):
        for others, of_others in ((means, tracks), (mirrored_means, mirrored)):
            near = np.sqrt(np.maximum(2 - 2 * np.abs(others @ own.conj()), 0)) < _MEANS_APART
            later = np.flatnonzero(near & (person != person[a]) & (np.arange(len(rows)) > a))
            found += [(a, int(b)) for b in later if _same(tracks[a], of_others[b], limit)]
    return sorted({(int(rows[a]), int(rows[b])) for a, b in found})


def _means(tracks: Sequence[np.ndarray]) -> np.ndarray:
    """Mean shape of each clip, its frames turned onto the first."""
    means = []
    for track in tracks:
        turn = (track[:1].conj() * track).sum(axis=1)
        mean = (track * (np.abs(turn) / np.where(turn == 0, 1, turn))[:, None]).mean(axis=0)
        means.append(mean / np.linalg.norm(mean))
    return np.array(means)


def _same(one: np.ndarray, other: np.ndarray, limit: float) -> bool:
    """Whether the median frame is the same, one clip laid along the other where they agree best."""
    short, long = (one, other) if len(one) <= len(other) else (other, one)
    if np.abs(long @ short[len(short) // 2].conj()).max() < 1 - (_MIDDLE * limit) ** 2 / 2:
        return False
    start = max(0, (len(short) - _MOST_FRAMES) // 2)
    short = short[start : start + _MOST_FRAMES]
    distance = np.sqrt(np.maximum(2 - 2 * np.abs(short.conj() @ long.T), 0))
    need = max(LEAST_FRAMES, int(np.ceil(_SHARE * len(short))))
    shifts = range(need - len(short), len(long) - need + 1)
    return any(float(np.median(np.diagonal(distance, shift))) < limit for shift in shifts)
