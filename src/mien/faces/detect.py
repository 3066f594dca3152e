"""Finding faces: two BlazeFace detectors whose results are joined.

The short-range network sees faces that fill much of the picture, the full-range network small ones; by default
both run, so close-ups and group photos need no setting. Constants: MediaPipe's face detection graphs.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from mien.faces.networks import FaceNetwork

MIN_SCORE = 0.5
# Detections of one network that overlap more than this are one face (MediaPipe's setting).
SAME_FACE_IOU = 0.3
# The full-range network finds faces down to about this share of its square's side.
SMALLEST_SHARE = 0.073


@dataclass(frozen=True, eq=False)
class Detections:
    """Faces found in one picture.

    Attributes
    ----------
    box_px : ndarray of float64, shape (faces, 4)
        x, y of the top left corner, width, height; pixels.
    eyes_px : ndarray of float64, shape (faces, 2, 2)
        The person's right and left eye, x and y.
    score : ndarray of float64, shape (faces,)
    """

    box_px: np.ndarray
    eyes_px: np.ndarray
    score: np.ndarray

    def __len__(self) -> int:
        return len(self.score)

    def __getitem__(self, rows: np.ndarray | list[int]) -> "Detections":
        return Detections(self.box_px[rows], self.eyes_px[rows], self.score[rows])


def _anchors(side: int, layers: tuple[tuple[int, int], ...]) -> np.ndarray:
    """Centres of all anchors in input pixels, shape (anchors, 2); layers are (cells per side, anchors per cell)."""
    parts = []
    for cells, per_cell in layers:
        centre = (np.arange(cells) + 0.5) * side / cells
        y, x = np.meshgrid(centre, centre, indexing="ij")
        parts.append(np.repeat(np.stack([x.ravel(), y.ravel()], axis=1), per_cell, axis=0))
    return np.concatenate(parts)


class Detector:
    """One BlazeFace network with its anchors."""

    def __init__(self, card: str, threads: int, layers: tuple[tuple[int, int], ...], average: bool) -> None:
        self._network = FaceNetwork(card, threads, scale=1 / 127.5, offset=-1)
        self._average = average
        self.side = self._network.input_shape[1]
        self._anchors = _anchors(self.side, layers)

    def __call__(self, picture: np.ndarray) -> Detections:
        """Faces in one RGB picture (height, width, 3) of uint8, strongest first."""
        small, scale, left, top = letterbox(picture, self.side, self._average)
        values, logits = self._network(small[None])
        score = 1 / (1 + np.exp(-np.clip(logits[0, :, 0].astype(np.float64), -100, 100)))
        keep = score >= MIN_SCORE
        raw, anchor = values[0, keep].astype(np.float64), self._anchors[keep]
        # Layout of a row: box centre, box size, six keypoints; centres and keypoints relative to the anchor.
        centre, size = raw[:, :2] + anchor, raw[:, 2:4]
        eyes = raw[:, 4:8].reshape(-1, 2, 2) + anchor[:, None]
        offset = np.array([left, top])
        box = np.concatenate([(centre - size / 2 - offset) / scale, size / scale], axis=1)
        return merge_weighted(Detections(box, (eyes - offset) / scale, score[keep]))


def letterbox(picture: np.ndarray, side: int, average: bool) -> tuple[np.ndarray, float, float, float]:
    """Shrink or enlarge a picture into the middle of a black square of ``side`` pixels.

    Parameters
    ----------
    picture : ndarray of uint8, shape (height, width, 3)
    side : int
    average : bool
        Average over the area of each new pixel, so that small faces in large photos do not vanish; else sample.

    Returns
    -------
    square, scale, left, top
        ``square`` pixel = picture pixel * scale + (left, top).
    """
    height, width = picture.shape[:2]
    longest = max(height, width)
    if average and longest > 2 * side:
        shrink = 2 * side / longest
        size = (max(1, round(width * shrink)), max(1, round(height * shrink)))
        picture = cv2.resize(picture, size, interpolation=cv2.INTER_AREA)
    scale = side / longest
    left, top = (longest - width) / 2 * scale, (longest - height) / 2 * scale
    now = np.array([[scale * width / picture.shape[1], 0, left], [0, scale * height / picture.shape[0], top]])
    # Bilinear sampling without a half-pixel shift is what the networks' own graph does; points move by half a
    # percent of the inter-ocular distance with any other choice.
    return cv2.warpAffine(picture, now, (side, side), flags=cv2.INTER_LINEAR), scale, left, top


def iou(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Intersection over union of boxes (x, y, width, height): shapes (n, 4) and (m, 4) give (n, m)."""
    low = np.maximum(a[:, None, :2], b[None, :, :2])
    high = np.minimum(a[:, None, :2] + a[:, None, 2:], b[None, :, :2] + b[None, :, 2:])
    inner = np.prod(np.clip(high - low, 0, None), axis=2)
    union = np.prod(a[:, None, 2:], axis=2) + np.prod(b[None, :, 2:], axis=2) - inner
    return np.where(union > 0, inner / np.where(union > 0, union, 1), 0.0)


def merge_weighted(found: Detections) -> Detections:
    """Join overlapping detections into their score-weighted mean (MediaPipe's weighted suppression)."""
    left = list(np.argsort(-found.score, kind="stable"))
    boxes, eyes, scores = [], [], []
    overlaps = iou(found.box_px, found.box_px)
    while left:
        best = left[0]
        same = [row for row in left if overlaps[best, row] > SAME_FACE_IOU or row == best]
        weight = found.score[same] / found.score[same].sum()
        boxes.append((weight[:, None] * found.box_px[same]).sum(axis=0))
        eyes.append((weight[:, None, None] * found.eyes_px[same]).sum(axis=0))
        scores.append(found.score[best])
        left = [row for row in left if row not in same]
    return Detections(np.array(boxes).reshape(-1, 4), np.array(eyes).reshape(-1, 2, 2), np.array(scores))


class FaceFinder:
    """Both detectors, and the full-range one on tiles of large pictures, joined."""

    def __init__(self, threads: int) -> None:
        self._short = Detector("detector-short-range", threads, ((16, 2), (8, 6)), average=False)
        self._full = Detector("detector-full-range", threads, ((48, 1),), average=True)

    def __call__(self, picture: np.ndarray, smallest_face_px: float | None) -> tuple[Detections, Detections]:
        """Faces in one RGB picture; and what further looks saw at the same places.

        Where several looks see the same face, the box of the closest look counts: short range, then full range,
        then tiles. The boxes of the others are a second opinion, where the first holds no face for certain.

        Parameters
        ----------
        picture : ndarray of uint8, shape (height, width, 3)
        smallest_face_px : float or None
            Search tiles small enough to find faces of this height; None searches the picture as a whole.
        """
        looks = [self._short(picture), self._full(picture)]
        if smallest_face_px is None:
            return join(looks)
        for left, top, side in tiles(picture.shape[1], picture.shape[0], smallest_face_px / SMALLEST_SHARE):
            part = self._full(picture[top : top + side, left : left + side])
            corner = np.array([left, top, 0, 0])
            looks.append(Detections(part.box_px + corner, part.eyes_px + corner[:2], part.score))
        return join(looks)


def tiles(width: int, height: int, side_wanted: float) -> list[tuple[int, int, int]]:
    """Overlapping squares (left, top, side) no larger than ``side_wanted``, after ones four times that, and so on.

    Empty if the whole picture is no larger. Neighbours overlap by a third, more than the largest face that only
    this size of tile can find.
    """
    longest = max(width, height)
    sides = []
    halvings = max(0, int(np.ceil(np.log2(longest / side_wanted))))
    for power in range(halvings, 0, -2):
        sides.append(int(np.ceil(longest / 2**power)))
    result = []
    for side in reversed(sides):
        for top in _starts(height, side):
            result += [(left, top, side) for left in _starts(width, side)]
    return result


def _starts(length: int, side: int) -> list[int]:
    if length <= side:
        return [0]
    count = int(np.ceil((length - side) / (side * 2 / 3))) + 1
    return [int(start) for start in np.linspace(0, length - side, count).round()]


def join(looks: Sequence[Detections]) -> tuple[Detections, Detections]:
    """Detections of each look that overlap none of the looks before; and those that do."""
    found, others = looks[0], looks[0][[]]
    for look in looks[1:]:
        overlaps = iou(look.box_px, found.box_px).max(axis=1, initial=0) > SAME_FACE_IOU
        others = _both(others, look[np.flatnonzero(overlaps)])
        found = _both(found, look[np.flatnonzero(~overlaps)])
    return found, others


def _both(first: Detections, second: Detections) -> Detections:
    return Detections(
        np.concatenate([first.box_px, second.box_px]),
        np.concatenate([first.eyes_px, second.eyes_px]),
        np.concatenate([first.score, second.score]),
    )
