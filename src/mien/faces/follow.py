"""Faces in one picture, and following them through the frames of a video."""

from dataclasses import dataclass

import numpy as np

from mien.faces.detect import SAME_FACE_IOU, FaceFinder, iou
from mien.faces.mesh import MIN_PRESENCE, Crops, Landmarker, Meshes, crops_of_landmarks
from mien.faces.track import Tracker

# While somebody is missing, the detector looks for them this often.
SEARCH_S = 0.1
# Two tracked crops that slid onto one face overlap more than this.
MERGED_IOU = 0.5


@dataclass(frozen=True, eq=False)
class Seen:
    """Faces of one frame: their points, the detector's score (NaN where the last frame gave the crop), the number."""

    meshes: Meshes
    score: np.ndarray
    track: np.ndarray


class Seer:
    """The networks that find and landmark faces."""

    def __init__(self, threads: int, smallest_face_px: float | None) -> None:
        self._finder = FaceFinder(threads)
        self._smallest_face_px = smallest_face_px
        self.landmarker = Landmarker(threads)

    def find(self, picture: np.ndarray, known_px: np.ndarray | None = None) -> tuple[Meshes, np.ndarray]:
        """Faces in an RGB picture that overlap none of the known boxes (n, 4), left to right; and their scores."""
        found = self._finder(picture, self._smallest_face_px)
        if known_px is not None and len(known_px) and len(found):
            found = found[np.flatnonzero(iou(found.box_px, known_px).max(axis=1) <= SAME_FACE_IOU)]
        meshes, kept = self.landmarker.of_detections(picture, found)
        score = found.score[kept]
        alone = without_doubles(meshes, score)
        order = alone[np.argsort(boxes_of(meshes.landmarks_px[alone])[:, 0], kind="stable")]
        return take(meshes, order), score[order]


class Follower:
    """Follows faces through a video: each frame's points give the next frame's crops.

    The detector runs on frames with nobody in view, when a face was lost, every ``SEARCH_S`` while somebody is
    missing, and every ``redetect_s`` for newcomers.
    """

    def __init__(self, seer: Seer, redetect_s: float) -> None:
        self._seer = seer
        self._redetect_s = redetect_s
        self._crops: Crops | None = None
        self._tracker = Tracker()
        self._detected_s = -np.inf

    def step(self, picture: np.ndarray, time_s: float) -> Seen:
        """Faces of the next frame (height, width, 3) of uint8, RGB."""
        expected = 0 if self._crops is None else len(self._crops)
        meshes, score = _nobody(), np.empty(0)
        if self._crops is not None and expected:
            meshes = self._seer.landmarker(picture, self._crops)
            meshes = take(meshes, np.flatnonzero(meshes.presence >= MIN_PRESENCE))
            meshes = take(meshes, without_doubles(meshes, -np.arange(len(meshes.presence), dtype=float)))
            score = np.full(len(meshes.presence), np.nan)
        if self._must_detect(time_s, len(score), expected):
            self._detected_s = time_s
            new, new_score = self._seer.find(picture, boxes_of(meshes.landmarks_px))
            both = _joined(meshes, new)
            # Known faces first: a newcomer on top of one is dropped.
            kept = without_doubles(both, -np.arange(len(both.presence), dtype=float))
            meshes, score = take(both, kept), np.concatenate([score, new_score])[kept]
        self._crops = crops_of_landmarks(meshes.landmarks_px)
        return Seen(meshes, score, self._tracker.update(time_s, boxes_of(meshes.landmarks_px)))

    def _must_detect(self, time_s: float, found: int, expected: int) -> bool:
        since = time_s - self._detected_s
        if found == 0 or found < expected or since >= self._redetect_s:
            return True
        return since >= SEARCH_S and self._tracker.waiting(time_s, found)


def boxes_of(landmarks_px: np.ndarray) -> np.ndarray:
    """Boxes (faces, 4) around landmarks (faces, points, 3)."""
    low, high = landmarks_px[:, :, :2].min(axis=1), landmarks_px[:, :, :2].max(axis=1)
    return np.concatenate([low, high - low], axis=1)


def without_doubles(meshes: Meshes, priority: np.ndarray) -> np.ndarray:
    """Rows that remain when, of faces that overlap by more than ``MERGED_IOU``, the one of highest priority stays."""
    overlap = iou(*[boxes_of(meshes.landmarks_px)] * 2)
    kept: list[int] = []
    for row in np.argsort(-priority, kind="stable"):
        if not kept or overlap[row, kept].max() <= MERGED_IOU:
            kept.append(int(row))
    return np.array(sorted(kept), dtype=np.int64)


def take(meshes: Meshes, rows: np.ndarray) -> Meshes:
    """Some of the faces."""
    return Meshes(meshes.landmarks_px[rows], meshes.presence[rows], meshes.grey[rows])


def _joined(a: Meshes, b: Meshes) -> Meshes:
    return Meshes(
        np.concatenate([a.landmarks_px, b.landmarks_px]),
        np.concatenate([a.presence, b.presence]),
        np.concatenate([a.grey, b.grey]),
    )


def _nobody() -> Meshes:
    return Meshes(np.empty((0, 478, 3), np.float32), np.empty(0, np.float32), np.empty((0, 128, 128), np.uint8))
