"""Channels: what is measured in every frame of one person, with units; and which person that is."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from mien.core.brief import brief
from mien.core.faces import BLENDSHAPES, OK, SIDES, TRUNCATED, UNREADABLE, Faces
from mien.core.patterns import fits
from mien.core.topology import NO_POINTS
from mien.features.geometry import by_eyes, ibug_points
from mien.features.measures import MEASURES, measures

ACTION_UNIT = re.compile(r"AU_?\d\d?(_[rc])?", re.IGNORECASE)
# Unit and group of columns of other tools, by how their names begin.
_NAMED = (
    (re.compile(r"gaze_angle_"), "rad", "gaze"),
    (re.compile(r"gaze", re.IGNORECASE), "1", "gaze"),
    (re.compile(r"pose_T"), "mm", "head"),
    (re.compile(r".*pupil", re.IGNORECASE), "1", "irises"),
)


@dataclass(frozen=True)
class Channel:
    """One number of every frame.

    Attributes
    ----------
    name : str
        ``'mouthSmileLeft'``, ``'AU12_r'``, ``'yaw'``, ``'eyelids right'``.
    unit : str
        ``'1'`` for numbers without one, ``'IOD'`` for inter-ocular distances.
    group : str
        As ``mien.data.measures.Measure.group``.
    range : float
        From nothing to the most, of strengths that have a zero; 0 for all others.
    """

    name: str
    unit: str = "1"
    group: str = "other"
    range: float = 0.0


# Channels in mien's own columns of numbers, by column.
OWN: dict[str, tuple[Channel, ...]] = {
    "blendshapes": tuple(Channel(name, "1", "blendshapes", 1.0) for name in BLENDSHAPES),
    "pose_deg": tuple(Channel(name, "deg", "head") for name in ("pitch", "yaw", "roll")),
    "gaze_deg": tuple(Channel(f"gaze {name}", "deg", "gaze") for name in ("pitch", "yaw")),
    "eye_opening": tuple(Channel(f"eyelids {side}", "1", "eyelids") for side in SIDES),
    "iris_diameter_px": tuple(Channel(f"iris diameter {side}", "px", "irises") for side in SIDES),
}


@dataclass(frozen=True, eq=False)
class Recording:
    """One person in all frames of a recording that were looked at.

    Attributes
    ----------
    source : str
    time_s : ndarray of float64, shape (frames,)
        Not decreasing.
    values : ndarray of float32, shape (channels, frames)
        NaN where the person was not seen or the tool gives nothing.
    channels : tuple of Channel
    seen : ndarray of bool, shape (frames,)
        Whether the person was seen.
    unreadable : ndarray of bool, shape (frames,)
    others : ndarray of int64, shape (frames,)
        Other faces in the frame.
    people : int
        Tracks in the recording.
    presence, height_px, sharpness : ndarray of float32, shape (frames,)
        NaN where unknown.
    pose_deg : ndarray of float32, shape (frames, 3)
    remarks : ndarray of str, shape (frames,)
        As ``Faces.quality``.
    marks : ndarray of str or None, shape (frames,)
        The task of each frame; ``''`` for none.
    reason : str
        Why a part could not be read.
    """

    __repr__ = brief

    source: str
    time_s: np.ndarray
    values: np.ndarray
    channels: tuple[Channel, ...]
    seen: np.ndarray
    unreadable: np.ndarray
    others: np.ndarray
    people: int
    presence: np.ndarray
    height_px: np.ndarray
    sharpness: np.ndarray
    pose_deg: np.ndarray
    remarks: np.ndarray
    marks: np.ndarray | None = None
    reason: str = ""


def recording_of(
    source: str,
    faces: Faces,
    rows: np.ndarray,
    patterns: Sequence[str] = ("*",),
    task: str = "",
    fps: float | None = None,
) -> Recording:
    """The person of a recording who was seen in most frames.

    Parameters
    ----------
    source : str
    faces : Faces
    rows : ndarray of int
        The source's rows.
    patterns : sequence of str
        Channels to take.
    task : str
        Column of ``Faces.extra`` that names each frame's task; ``''`` for none.
    """
    reason = next((str(text) for text in faces.reason[rows] if text), "")
    # The row that says what is missing at the end of a video is no frame that was looked at.
    rows = rows[faces.status[rows] != TRUNCATED]
    numbers, first, frame_of = np.unique(faces.frame[rows], return_index=True, return_inverse=True)
    time_s = faces.time_s[rows][first]
    if fps and not np.ptp(time_s) > 0:
        time_s = numbers / fps
    order = np.argsort(time_s, kind="stable")
    # From a row to the place of its frame in time.
    place = np.argsort(order, kind="stable")[frame_of]
    time_s, frames = time_s[order], len(numbers)
    ok, broken = faces.status[rows] == OK, np.zeros(frames, dtype=bool)
    broken[place[faces.status[rows] == UNREADABLE]] = True
    mine, people = _longest(faces, rows[ok])
    at, unique = np.unique(place[ok][mine], return_index=True)
    mine = rows[ok][mine][unique]
    seen = np.zeros(frames, dtype=bool)
    seen[at] = True
    channels, found = _channels(faces, mine, patterns)
    values = np.full((len(channels), frames), np.nan, dtype=np.float32)
    values[:, at] = found

    def spread(column: np.ndarray, empty: float | str) -> np.ndarray:
        full = np.full((frames, *column.shape[1:]), empty, dtype=column.dtype)
        full[at] = column[mine]
        return full

    marks = None
    if task and task in faces.extra:
        marks = np.full(frames, "", dtype=object)
        marks[place] = ["" if text is None or text != text else str(text) for text in faces.extra[task][rows]]
    return Recording(
        source=source, time_s=time_s, values=values, channels=channels, seen=seen, unreadable=broken & ~seen,
        others=np.bincount(place[ok], minlength=frames) - seen, people=people,
        presence=spread(faces.presence, np.nan), height_px=spread(faces.box_px, np.nan)[:, 3],
        sharpness=spread(faces.sharpness, np.nan), pose_deg=spread(faces.pose_deg, np.nan),
        remarks=spread(faces.quality, ""), marks=marks, reason=reason,
    )  # fmt: skip


def _longest(faces: Faces, rows: np.ndarray) -> tuple[np.ndarray, int]:
    """Places among these rows of the track seen in most frames, the larger face among equals; and how many tracks."""
    tracks, inverse, counts = np.unique(faces.track[rows], return_inverse=True, return_counts=True)
    if len(tracks) < 2:
        return np.arange(len(rows)), len(tracks)
    heights = np.nan_to_num(faces.box_px[rows, 3])
    sizes = np.bincount(inverse, weights=heights, minlength=len(tracks)) / counts
    best = max(range(len(tracks)), key=lambda one: (counts[one], sizes[one]))
    return np.flatnonzero(inverse == best), len(tracks)


def _channels(faces: Faces, rows: np.ndarray, patterns: Sequence[str]) -> tuple[tuple[Channel, ...], np.ndarray]:
    """Channels that hold any number in these rows, with their values (channels, rows)."""
    known = [*_measured(faces, rows, patterns), *_named(faces, rows)]
    kept = [(channel, column) for channel, column in known if fits(channel.name, patterns)]
    values = np.stack([column for _, column in kept]) if kept else np.empty((0, len(rows)), dtype=np.float32)
    there = [bool(np.isfinite(row).any()) for row in values]
    return tuple(channel for (channel, _), so in zip(kept, there, strict=True) if so), values[there]


def _measured(faces: Faces, rows: np.ndarray, patterns: Sequence[str]) -> list[tuple[Channel, np.ndarray]]:
    """What mien's own columns hold."""
    found: list[tuple[Channel, np.ndarray]] = []

    def add(channels: Sequence[Channel], columns: np.ndarray) -> None:
        block = np.ascontiguousarray(np.asarray(columns, dtype=np.float32).T)
        found.extend((channel, block[i]) for i, channel in enumerate(channels))

    for column, channels in OWN.items():
        add(channels, getattr(faces, column)[rows])
    if faces.topology != NO_POINTS and any(fits(name, patterns) for name in MEASURES):
        # Only the points that the distances need are aligned.
        points = faces.landmarks_px[rows][:, ibug_points(faces.topology), :2]
        add([Channel(name, "IOD", "distances") for name in MEASURES], measures(by_eyes(points, "ibug-68"), "ibug-68"))
    return found


def _named(faces: Faces, rows: np.ndarray) -> list[tuple[Channel, np.ndarray]]:
    """Numbers of other tools, under their names."""
    numbers = {name: column for name, column in faces.extra.items() if column.dtype.kind in "fiu"}
    return [(named_channel(name), np.asarray(column[rows], dtype=np.float32)) for name, column in numbers.items()]


def named_channel(name: str) -> Channel:
    """Unit and group of another tool's column, by its name.

    ``AU12_r`` is OpenFace's intensity from 0 to 5, ``AU12_c`` its presence, 0 or 1; ``AU12`` that of py-feat, 0 to 1.
    """
    unit = ACTION_UNIT.fullmatch(name)
    if unit:
        ending = (unit[1] or "").lower()
        return Channel(
            name, {"_r": "0 to 5", "_c": "0 or 1"}.get(ending, "1"), "action units", 5.0 if ending == "_r" else 1.0
        )
    return next((Channel(name, said, group) for start, said, group in _NAMED if start.match(name)), Channel(name))
