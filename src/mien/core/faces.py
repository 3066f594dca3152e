"""Faces: what was found in pictures and videos, one row per source, frame and face."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, fields
from typing import Any

import numpy as np

from mien.core.brief import brief
from mien.core.errors import InputError
from mien.core.in_notebooks import Plotted, WithAxes
from mien.core.topology import MEDIAPIPE_478, topology

OK, NO_FACE, UNREADABLE, TRUNCATED, EXCLUDED = "ok", "no face", "unreadable", "truncated", "excluded"
STATUSES = (OK, NO_FACE, UNREADABLE, TRUNCATED, EXCLUDED)
# Remarks in the column 'quality' that come from a review.
RETRACKED, MARKED = "retracked", "marked"

# Output order of the landmarker's blendshape network; "Right" and "Left" are those of the person shown.
BLENDSHAPES: tuple[str, ...] = tuple(
    """_neutral browDownLeft browDownRight browInnerUp browOuterUpLeft browOuterUpRight cheekPuff
    cheekSquintLeft cheekSquintRight eyeBlinkLeft eyeBlinkRight eyeLookDownLeft eyeLookDownRight eyeLookInLeft
    eyeLookInRight eyeLookOutLeft eyeLookOutRight eyeLookUpLeft eyeLookUpRight eyeSquintLeft eyeSquintRight
    eyeWideLeft eyeWideRight jawForward jawLeft jawOpen jawRight mouthClose mouthDimpleLeft mouthDimpleRight
    mouthFrownLeft mouthFrownRight mouthFunnel mouthLeft mouthLowerDownLeft mouthLowerDownRight mouthPressLeft
    mouthPressRight mouthPucker mouthRight mouthRollLower mouthRollUpper mouthShrugLower mouthShrugUpper
    mouthSmileLeft mouthSmileRight mouthStretchLeft mouthStretchRight mouthUpperUpLeft mouthUpperUpRight
    noseSneerLeft noseSneerRight""".split()
)


@dataclass(frozen=True)
class Column:
    """Shape behind the row axis, type, names of the parts and meaning of one column of ``Faces``."""

    shape: tuple[int, ...]
    dtype: str
    parts: tuple[str, ...]
    meaning: str


SIDES = ("right", "left")
COLUMNS: dict[str, Column] = {
    "source": Column((), "str", (), "path of the picture or video, or clip id"),
    "frame": Column((), "i8", (), "number of the frame in its source, from 0"),
    "time_s": Column((), "f8", (), "presentation time of the frame in seconds; 0 for pictures"),
    "track": Column((), "i8", (), "number of the person within the source; -1 where there is no face"),
    "status": Column((), "str", (), "'ok', 'no face', 'unreadable' (the source, or some frames of "
                     "it), 'truncated' (a video ends here, before the end that it states), or 'excluded' (by review)"),
    "reason": Column((), "str", (), "why a source or part of it was unreadable, is missing or excluded, in words"),
    "width_px": Column((), "i8", (), "width of the upright picture with square pixels"),
    "height_px": Column((), "i8", (), "height of the upright picture with square pixels"),
    "box_px": Column((4,), "f4", ("x", "y", "width", "height"), "box around the face"),
    "score": Column((), "f4", (), "detector's score, 0 to 1; NaN where the last frame gave the crop"),
    "presence": Column((), "f4", (), "landmarker's probability that the crop holds a face"),
    "blendshapes": Column((52,), "f4", BLENDSHAPES, "strength of each blendshape, 0 to 1"),
    "pose_deg": Column((3,), "f4", ("pitch", "yaw", "roll"), "head rotation; + up, + to the person's left, "
                       "+ clockwise as seen in the picture"),
    "roll_deg": Column((), "f4", (), "in-plane slope of the eye line, + clockwise as seen in the picture"),
    "iris_px": Column((2, 2), "f4", ("right x", "right y", "left x", "left y"), "centre of each iris"),
    "iris_diameter_px": Column((2,), "f4", SIDES, "diameter of each iris"),
    "eye_opening": Column((2,), "f4", SIDES, "distance of the eyelids / width of the eye"),
    "gaze_deg": Column((2,), "f4", ("pitch", "yaw"), "proxy of gaze relative to the head, from the place of "
                       "the irises between eye corners and lids; + up, + to the person's left"),
    "sharpness": Column((), "f4", (), "standard deviation of the Laplacian of the grey face at 128 px"),
    "quality": Column((), "str", (), "'' or any of 'small', 'blurred', 'dark', 'turned', 'truncated' "
                      "(face beyond the edge), 'deinterlaced', 'resized', 'damaged', 'repeated' (the frame), "
                      "'first-of-several' (pages or frames of a picture), 'marked' and 'retracked' (by review), "
                      "joined by ' '"),
}  # fmt: skip
_TEXT = {name for name, column in COLUMNS.items() if column.dtype == "str"}


@dataclass(frozen=True, eq=False)
class Faces(Plotted, WithAxes):
    """One row per source, frame and face; a source or frame without a face has one row that says so.

    Coordinates are pixels of the upright picture with square pixels, in a video of the size of its first frame (x
    right, y down, origin at the outer corner of the top left pixel; landmark z in the same unit, negative toward the
    camera). Measures of rows whose status is not ``'ok'``, and columns that a reader of other tools' output cannot
    fill, are NaN. "Right" and "left" are the person's. ``mien.core.faces.COLUMNS`` names the parts of every column.

    Attributes
    ----------
    source : ndarray of str, shape (rows,)
        Path of the picture or video, or clip id.
    frame : ndarray of int64, shape (rows,)
        Number of the frame in its source, from 0.
    time_s : ndarray of float64, shape (rows,)
        Presentation time of the frame in seconds; 0 for pictures.
    track : ndarray of int64, shape (rows,)
        Number of the person within the source; -1 where there is no face.
    status : ndarray of str, shape (rows,)
        ``'ok'``, ``'no face'``, ``'unreadable'`` (the source, or some frames of it), ``'truncated'`` (a video ends
        before the end that it states) or ``'excluded'`` (by the study's review).
    reason : ndarray of str, shape (rows,)
        Why a source or part of it was unreadable, is missing or excluded, in words.
    width_px, height_px : ndarray of int64, shape (rows,)
        Size of the upright picture.
    box_px : ndarray of float32, shape (rows, 4)
        Box around the face: x, y, width, height.
    score : ndarray of float32, shape (rows,)
        Detector's score, 0 to 1; NaN where the last frame gave the crop.
    presence : ndarray of float32, shape (rows,)
        Landmarker's probability that the crop holds a face.
    landmarks_px : ndarray of float32, shape (rows, points, 3)
    blendshapes : ndarray of float32, shape (rows, 52)
        Strength of each of ``mien.core.faces.BLENDSHAPES``, 0 to 1.
    pose_deg : ndarray of float32, shape (rows, 3)
        Rotation of the head in degrees: pitch (+ up), yaw (+ to the person's left), roll (+ clockwise as seen).
    roll_deg : ndarray of float32, shape (rows,)
        Slope of the eye line in the picture in degrees, + clockwise as seen.
    iris_px : ndarray of float32, shape (rows, 2, 2)
        Centre of the right and the left iris: x, y.
    iris_diameter_px : ndarray of float32, shape (rows, 2)
        Right, left.
    eye_opening : ndarray of float32, shape (rows, 2)
        Distance of the eyelids divided by the width of the eye; right, left.
    gaze_deg : ndarray of float32, shape (rows, 2)
        Proxy of gaze relative to the head in degrees: pitch (+ up), yaw (+ to the person's left).
    sharpness : ndarray of float32, shape (rows,)
        Standard deviation of the Laplacian of the grey face at 128 px.
    quality : ndarray of str, shape (rows,)
        ``''`` or remarks such as ``'small'`` and ``'blurred'``, joined by ``' '``.
    topology : str
        Which points these are: ``mediapipe-478``, ``mediapipe-468`` or ``ibug-68``.
    extra : dict of str to ndarray, each of shape (rows,)
        Further columns of imported tables, such as action units, under their own names.
    """

    __repr__ = brief

    source: np.ndarray
    frame: np.ndarray
    time_s: np.ndarray
    track: np.ndarray
    status: np.ndarray
    reason: np.ndarray
    width_px: np.ndarray
    height_px: np.ndarray
    box_px: np.ndarray
    score: np.ndarray
    presence: np.ndarray
    landmarks_px: np.ndarray
    blendshapes: np.ndarray
    pose_deg: np.ndarray
    roll_deg: np.ndarray
    iris_px: np.ndarray
    iris_diameter_px: np.ndarray
    eye_opening: np.ndarray
    gaze_deg: np.ndarray
    sharpness: np.ndarray
    quality: np.ndarray
    topology: str = MEDIAPIPE_478
    extra: dict[str, np.ndarray] = field(default_factory=dict)

    def __post_init__(self) -> None:
        rows = len(self.source)
        points = len(topology(self.topology))
        for name, column in COLUMNS.items():
            dtype = object if column.dtype == "str" else column.dtype
            _set(self, name, _column(name, getattr(self, name), (rows, *column.shape), dtype))
        _set(self, "landmarks_px", _column("landmarks_px", self.landmarks_px, (rows, points, 3), "f4"))
        extra = {k: _column(k, v, (rows,), np.asarray(v).dtype) for k, v in self.extra.items()}
        _set(self, "extra", extra)
        unknown = sorted(set(self.status) - set(STATUSES))
        if unknown:
            raise InputError(f"Faces: status is one of {STATUSES}, but got {unknown[0]!r}.")

    @classmethod
    def build(
        cls, rows: int, *, topology: str = MEDIAPIPE_478, extra: dict[str, Any] | None = None, **columns: Any
    ) -> Faces:
        """Faces with the given columns; the others are NaN, ``''``, frame 0, track -1, status ``'ok'``.

        Parameters
        ----------
        rows : int
            How many.
        topology : str
            Which points ``landmarks_px`` holds: ``'mediapipe-478'``, ``'mediapipe-468'`` or ``'ibug-68'``.
        extra : dict of str to array, each of shape (rows,), optional
            Further columns under their own names.
        **columns
            Any of the attributes, with their shapes and units.

        Returns
        -------
        Faces

        Raises
        ------
        InputError
            For an unknown column, or one of another shape.

        Examples
        --------
        >>> import mien, numpy as np
        >>> points = np.random.default_rng(0).uniform(0, 400, size=(3, 68, 3))
        >>> faces = mien.Faces.build(3, topology="ibug-68", source=["a.jpg", "b.jpg", "c.jpg"], landmarks_px=points)
        >>> faces.landmarks_px.shape, faces.counts()
        ((3, 68, 3), {'ok': 3, 'no face': 0, 'unreadable': 0})
        """
        from mien.core.topology import topology as find

        full: dict[str, Any] = {}
        for name, column in COLUMNS.items():
            if column.dtype == "str":
                full[name] = np.full(rows, OK if name == "status" else "", dtype=object)
            elif column.dtype == "i8":
                full[name] = np.full((rows, *column.shape), -1 if name == "track" else 0, dtype="i8")
            else:
                empty = 0.0 if name == "time_s" else np.nan
                full[name] = np.full((rows, *column.shape), empty, dtype=column.dtype)
        full["landmarks_px"] = np.full((rows, len(find(topology)), 3), np.nan, dtype="f4")
        unknown = set(columns) - set(full)
        if unknown:
            raise InputError(f"Faces has no column '{sorted(unknown)[0]}'.")
        return cls(**{**full, **columns}, topology=topology, extra=extra or {})

    @classmethod
    def empty(cls, topology: str = MEDIAPIPE_478) -> Faces:
        """Faces without rows.

        Parameters
        ----------
        topology : str
            As in ``build``.

        Returns
        -------
        Faces
        """
        return cls.build(0, topology=topology)

    def __len__(self) -> int:
        return len(self.source)

    def __getitem__(self, rows: Any) -> Faces:
        """Rows by slice, mask or array of indices."""
        if isinstance(rows, (int, np.integer)):
            rows = [rows]
        values = {name: getattr(self, name)[rows] for name in (*COLUMNS, "landmarks_px")}
        extra = {name: column[rows] for name, column in self.extra.items()}
        return Faces(**values, topology=self.topology, extra=extra)

    @staticmethod
    def concat(parts: Sequence[Faces]) -> Faces:
        """Rows of all parts, in order.

        Parameters
        ----------
        parts : sequence of Faces
            Of one topology.

        Returns
        -------
        Faces
            An extra column that a part lacks is NaN there.

        Raises
        ------
        InputError
            If the topologies differ.
        """
        parts = list(parts)
        if not parts:
            return Faces.empty()
        kinds = {part.topology for part in parts}
        if len(kinds) > 1:
            raise InputError(f"Faces of different topologies cannot be joined: {', '.join(sorted(kinds))}.")
        names = (*COLUMNS, "landmarks_px")
        values = {name: np.concatenate([getattr(part, name) for part in parts]) for name in names}
        keys = list(dict.fromkeys(key for part in parts for key in part.extra))
        extra = {
            key: np.concatenate([part.extra.get(key, np.full(len(part), np.nan)) for part in parts]) for key in keys
        }
        return Faces(**values, topology=parts[0].topology, extra=extra)

    @property
    def ok(self) -> np.ndarray:
        """Mask of the rows that hold a face, shape (rows,)."""
        return self.status == OK

    def by_source(self) -> Iterator[tuple[str, np.ndarray]]:
        """Each source with its rows, in order of first appearance.

        Yields
        ------
        source : str
        rows : ndarray of int
            Indices of the source's rows.
        """
        names, first, inverse = np.unique(self.source.astype(str), return_index=True, return_inverse=True)
        groups = np.split(np.argsort(inverse, kind="stable"), np.cumsum(np.bincount(inverse))[:-1])
        for position in np.argsort(first):
            yield str(names[position]), groups[position]

    def counts(self) -> dict[str, int]:
        """Number of sources per status.

        Returns
        -------
        dict of str to int
            A source with any face is ``'ok'``; ``'truncated'`` and ``'excluded'`` only where there are any.
        """
        result = dict.fromkeys((OK, NO_FACE, UNREADABLE), 0)
        for _, rows in self.by_source():
            status = source_status(set(self.status[rows]))
            result[status] = result.get(status, 0) + 1
        return result


def source_status(statuses: set[str]) -> str:
    """Status of a source by those of its rows: ``'truncated'`` if its end is missing, ``'ok'`` with any face."""
    return next((status for status in (TRUNCATED, OK, EXCLUDED, UNREADABLE) if status in statuses), NO_FACE)


def _set(instance: Any, name: str, value: Any) -> None:
    object.__setattr__(instance, name, value)


def _column(name: str, values: Any, shape: tuple[int, ...], dtype: Any) -> np.ndarray:
    array = np.asarray(values, dtype=dtype)
    if array.shape != shape:
        raise InputError(f"Faces: '{name}' must have shape {shape}, but has {array.shape}.")
    array = array.view()
    array.flags.writeable = False
    return array


assert {f.name for f in fields(Faces)} == {*COLUMNS, "landmarks_px", "topology", "extra"}
