"""Faces in one picture, and following them through the frames of a video."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np

from mien.core.errors import MienError
from mien.core.track import Tracker
from mien.data.media.video_frame import VideoFrame
from mien.faces.detect import SAME_FACE_IOU, Detections, FaceFinder, iou
from mien.faces.mesh import MIN_PRESENCE, SURE_PRESENCE, Crops, Landmarker, Meshes, crops_of_landmarks

# While somebody is missing, the detector looks for them this often.
SEARCH_S = 0.1
# Two tracked crops that slid onto one face overlap more than this.
MERGED_IOU = 0.5
# Share of the smaller of two faces inside the larger one that a doubtful face may not have.
INSIDE = 0.6
# A crop serves two frames if the face moved by less than this share of the crop's side between them, grew by less,
# and turned by less (radians).
STILL_SHARE = 0.05


@dataclass(frozen=True, eq=False)
class FacesOfFrame:
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

    def find(
        self, picture: np.ndarray, known_px: np.ndarray | None = None, reduction: float = 1
    ) -> tuple[Meshes, np.ndarray]:
        """Faces in an RGB picture that overlap none of the known boxes (n, 4), left to right; and their scores.

        Where the landmarker is not sure of what the closest look saw, the other looks at that place are asked as
        well, and the best face stays: a face on one scale does not hide a better one on another. ``reduction`` says
        how much smaller the picture is than that in which the smallest face is measured.
        """
        smallest = None if self._smallest_face_px is None else self._smallest_face_px / reduction
        found, others = self._finder(picture, smallest)
        if known_px is not None and len(known_px):
            found, others = _apart(found, known_px), _apart(others, known_px)
        meshes, kept = self.landmarker.of_detections(picture, found)
        score = found.score[kept]
        unsure = np.delete(found.box_px, kept[meshes.presence >= SURE_PRESENCE], axis=0)
        others = others[np.flatnonzero(iou(others.box_px, unsure).max(axis=1, initial=0) > SAME_FACE_IOU)]
        if len(others):
            more, kept = self.landmarker.of_detections(picture, others)
            meshes, score = meshes + more, np.concatenate([score, others.score[kept]])
        alone = without_doubles(meshes, evidence(meshes.presence, score))
        order = alone[np.argsort(meshes.box_px[alone, 0], kind="stable")]
        return meshes[order], score[order]


def _apart(found: Detections, known_px: np.ndarray) -> Detections:
    return found[np.flatnonzero(iou(found.box_px, known_px).max(axis=1, initial=0) <= SAME_FACE_IOU)]


class Follower:
    """Follows faces through a video: each frame's points give the crops of the next.

    The detector runs on frames with nobody in view, when a face was lost, every ``SEARCH_S`` while somebody is
    missing, and every ``redetect_s`` for newcomers.

    Frames are taken two at a time, so that their landmarks are computed side by side: the crops of the frame before
    serve both, unless somebody came, went or moved by more than ``STILL_SHARE`` in between.
    """

    def __init__(self, seer: Seer, redetect_s: float) -> None:
        self._seer = seer
        self._redetect_s = redetect_s
        self._crops: Crops | None = None
        self._tracker = Tracker()
        self._detected_s = -np.inf

    def follow(self, frames: Iterable[VideoFrame]) -> Iterator[tuple[VideoFrame, FacesOfFrame]]:
        """Every frame with its faces."""
        # Fixed pairs: results must not depend on the number of threads.
        for pair in _pairs(frames):
            crops = self._crops
            looks: list[Meshes] = []
            if crops is not None and len(crops):
                looks = self._seer.landmarker.pair(pair, crops)
            for number, frame in enumerate(pair):
                look = looks[number] if looks and (number == 0 or _still(crops, self._crops)) else None
                yield frame, self._step(frame, look)

    def one(self, frame: VideoFrame) -> FacesOfFrame:
        """The next frame's faces at once, without waiting for a second one: for streams that do not wait either."""
        return self._step(frame, None)

    def _step(self, frame: VideoFrame, meshes: Meshes | None) -> FacesOfFrame:
        """Faces of the next frame; ``meshes`` are those of the crops of its pair, None if those do not hold."""
        expected = 0 if self._crops is None else len(self._crops)
        if self._crops is None or not expected:
            meshes = Meshes.empty()
        else:
            if meshes is None:
                meshes = self._seer.landmarker(frame, self._crops)
            if meshes.presence.min() < MIN_PRESENCE:
                meshes = meshes[np.flatnonzero(meshes.presence >= MIN_PRESENCE)]
            if len(meshes) > 1:
                meshes = meshes[without_doubles(meshes, -np.arange(len(meshes), dtype=float))]
        score = np.full(len(meshes), np.nan)
        if self._must_detect(frame.time_s, len(score), expected):
            self._detected_s = frame.time_s
            sure = meshes.presence >= SURE_PRESENCE
            new, new_score = self._seer.find(frame.picture, meshes.box_px[sure])
            both, scores = meshes + new, np.concatenate([score, new_score])
            # Known faces first: a newcomer on top of one is dropped, unless the known one is none for certain.
            known_first = np.concatenate([np.where(sure, np.inf, 0), np.zeros(len(new))])
            kept = without_doubles(both, known_first + evidence(both.presence, scores))
            meshes, score = both[kept], scores[kept]
        self._crops = crops_of_landmarks(meshes)
        return FacesOfFrame(meshes, score, self._tracker.update(frame.time_s, meshes.box_px))

    def _must_detect(self, time_s: float, found: int, expected: int) -> bool:
        since = time_s - self._detected_s
        if found == 0 or found < expected or since >= self._redetect_s:
            return True
        return since >= SEARCH_S and self._tracker.waiting(time_s, found)


def _pairs(frames: Iterable[VideoFrame]) -> Iterator[list[VideoFrame]]:
    """Two frames at a time; a last one alone, also where what comes behind it is an error."""
    pair: list[VideoFrame] = []
    try:
        for frame in frames:
            pair.append(frame)
            if len(pair) == 2:
                yield pair
                pair = []
    except (MienError, OSError):
        if pair:
            yield pair
        raise
    if pair:
        yield pair


def _still(before: Crops | None, after: Crops | None) -> bool:
    """Whether the same people are in nearly the same crops."""
    if before is None or after is None or len(before) != len(after):
        return False
    moved = np.linalg.norm(after.centre_px - before.centre_px, axis=1) / before.side_px
    grown = np.abs(after.side_px / before.side_px - 1)
    turned = np.abs(np.angle(np.exp(1j * (after.angle - before.angle))))
    return bool(np.max([moved, grown, turned]) <= STILL_SHARE)


def without_doubles(meshes: Meshes, priority: np.ndarray) -> np.ndarray:
    """Rows that remain when, of faces that overlap, the one of highest priority stays.

    Two faces overlap too much from ``MERGED_IOU`` on. A face that the landmarker is not sure of gives way earlier: from
    ``SAME_FACE_IOU`` on, or where ``INSIDE`` of the smaller one lies in the other.
    """
    overlap = iou(meshes.box_px, meshes.box_px)
    inside = _share_inside(meshes.box_px)
    unsure = meshes.presence < SURE_PRESENCE
    kept: list[int] = []
    for row in np.argsort(-priority, kind="stable"):
        limit = SAME_FACE_IOU if unsure[row] else MERGED_IOU
        most = overlap[row, kept].max(initial=0)
        if most <= limit and not (unsure[row] and inside[row, kept].max(initial=0) > INSIDE):
            kept.append(int(row))
    return np.array(sorted(kept), dtype=np.int64)


def _share_inside(box_px: np.ndarray) -> np.ndarray:
    """Of each pair of boxes (n, 4), the share of the smaller one that both have in common, (n, n)."""
    low = np.maximum(box_px[:, None, :2], box_px[None, :, :2])
    high = np.minimum(box_px[:, None, :2] + box_px[:, None, 2:], box_px[None, :, :2] + box_px[None, :, 2:])
    area = np.prod(box_px[:, 2:], axis=1)
    smaller = np.minimum(area[:, None], area[None])
    return np.prod(np.clip(high - low, 0, None), axis=2) / np.maximum(smaller, 1e-9)


def evidence(presence: np.ndarray, score: np.ndarray) -> np.ndarray:
    """How much speaks for each face: the log odds of the landmarker plus those of the detector (0 where it was not
    asked), as of two witnesses who judge independently."""
    odds = []
    for share in (presence, np.nan_to_num(score, nan=0.5)):
        share = np.clip(np.asarray(share, dtype=np.float64), 1e-6, 1 - 1e-6)
        odds.append(np.log(share / (1 - share)))
    return odds[0] + odds[1]
