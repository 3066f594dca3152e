"""478 points, presence and 52 blendshapes on face crops. Constants: MediaPipe's face landmarker graph."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property

import cv2
import numpy as np

from mien.data.media.video_frame import VideoFrame, crop_of
from mien.faces.detect import Detections
from mien.faces.networks import FaceNetwork

CROP_SIDE = 256
CROP_MARGIN = 1.5
# Below this the landmarker says that its crop holds no face (MediaPipe's setting).
MIN_PRESENCE = 0.5
# From here on a crop certainly holds a face: 120 of 123 faces in collages made to be hard, all of 204 portraits.
SURE_PRESENCE = 0.999
# Outer corners of the person's right and left eye; the line between them is level in a crop.
EYE_CORNERS = (33, 263)

# Points that the blendshape network reads, in its order.
BLENDSHAPE_POINTS = np.array(
    """0 1 4 5 6 7 8 10 13 14 17 21 33 37 39 40 46 52 53 54 55 58 61 63 65 66 67 70 78 80 81 82 84 87 88 91 93 95
    103 105 107 109 127 132 133 136 144 145 146 148 149 150 152 153 154 155 157 158 159 160 161 162 163 168 172 173
    176 178 181 185 191 195 197 234 246 249 251 263 267 269 270 276 282 283 284 285 288 291 293 295 296 297 300 308
    310 311 312 314 317 318 321 323 324 332 334 336 338 356 361 362 365 373 374 375 377 378 379 380 381 382 384 385
    386 387 388 389 390 397 398 400 402 405 409 415 454 466 468 469 470 471 472 473 474 475 476 477""".split(),
    dtype=np.int64,
)


@dataclass(frozen=True, eq=False)
class Crops:
    """Rotated squares of a picture: centre (faces, 2) px, side (faces,) px, angle (faces,) radians, clockwise."""

    centre_px: np.ndarray
    side_px: np.ndarray
    angle: np.ndarray

    def __len__(self) -> int:
        return len(self.side_px)

    def __getitem__(self, rows: np.ndarray | list[int]) -> "Crops":
        return Crops(self.centre_px[rows], self.side_px[rows], self.angle[rows])


def crops_of_detections(found: Detections) -> Crops:
    """Squares around detected boxes, level with the eyes."""
    line = found.eyes_px[:, 1] - found.eyes_px[:, 0]
    return Crops(
        found.box_px[:, :2] + found.box_px[:, 2:] / 2,
        CROP_MARGIN * found.box_px[:, 2:].max(axis=1, initial=0),
        np.arctan2(line[:, 1], line[:, 0]),
    )


@dataclass(frozen=True, eq=False)
class Meshes:
    """Faces of one picture as the landmarker sees them.

    Attributes
    ----------
    landmarks_px : ndarray of float32, shape (faces, 478, 3)
    presence : ndarray of float32, shape (faces,)
    grey : ndarray of uint8, shape (faces, 128, 128)
        The green channel of the level crops, halved.
    box_px : ndarray of float32, shape (faces, 4)
        x, y, width, height around the landmarks.
    """

    landmarks_px: np.ndarray
    presence: np.ndarray
    grey: np.ndarray
    box_px: np.ndarray

    @classmethod
    def build(cls, landmarks_px: np.ndarray, presence: np.ndarray, grey: np.ndarray) -> "Meshes":
        """Meshes with their boxes."""
        low, high = landmarks_px[:, :, :2].min(axis=1), landmarks_px[:, :, :2].max(axis=1)
        return cls(landmarks_px, presence, grey, np.concatenate([low, high - low], axis=1))

    @classmethod
    def empty(cls) -> "Meshes":
        """No faces."""
        side = CROP_SIDE // 2
        return cls.build(np.empty((0, 478, 3), "f4"), np.empty(0, "f4"), np.empty((0, side, side), "u1"))

    def __len__(self) -> int:
        return len(self.presence)

    def enlarged(self, factor: float) -> "Meshes":
        """The same faces in a picture that is ``factor`` times as large."""
        return self if factor == 1 else Meshes.build(self.landmarks_px * np.float32(factor), self.presence, self.grey)

    def __getitem__(self, rows: np.ndarray) -> "Meshes":
        return Meshes(self.landmarks_px[rows], self.presence[rows], self.grey[rows], self.box_px[rows])

    def __add__(self, other: "Meshes") -> "Meshes":
        return Meshes(
            np.concatenate([self.landmarks_px, other.landmarks_px]),
            np.concatenate([self.presence, other.presence]),
            np.concatenate([self.grey, other.grey]),
            np.concatenate([self.box_px, other.box_px]),
        )


def crops_of_landmarks(meshes: Meshes) -> Crops:
    """Squares around landmarks, for a second look or the next frame of a video."""
    line = meshes.landmarks_px[:, EYE_CORNERS[1], :2] - meshes.landmarks_px[:, EYE_CORNERS[0], :2]
    size = meshes.box_px[:, 2:]
    return Crops(
        meshes.box_px[:, :2] + size / 2, CROP_MARGIN * size.max(axis=1, initial=0), np.arctan2(line[:, 1], line[:, 0])
    )


class Landmarker:
    """The landmark network on crops of one picture at a time."""

    def __init__(self, threads: int) -> None:
        self._threads = threads
        self._network = _network(threads)

    @cached_property
    def _halves(self) -> tuple[ThreadPoolExecutor, list[FaceNetwork]]:
        return ThreadPoolExecutor(2), [_network(self._threads // 2), _network(self._threads // 2)]

    def pair(self, pictures: Sequence[np.ndarray | VideoFrame], crops: Crops) -> list[Meshes]:
        """Landmarks of the same crops of one or two pictures or frames.

        Two networks side by side on half the threads each take three quarters of the time that one network on all
        threads takes for one picture after the other.
        """
        if len(pictures) == 1 or self._threads == 1:
            return [self(picture, crops) for picture in pictures]
        pool, networks = self._halves
        return list(pool.map(lambda network, picture: _landmarks(network, picture, crops), networks, pictures))

    def __call__(self, picture: np.ndarray | VideoFrame, crops: Crops, *, brighten: bool = False) -> Meshes:
        """Landmarks of every crop.

        Parameters
        ----------
        picture : ndarray of uint8, shape (height, width, 3), or VideoFrame
            RGB. Of a frame of a video only the crops are converted.
        crops : Crops
        brighten : bool
            Stretch the contrast of each crop and remove its noise first.
        """
        return _landmarks(self._network, picture, crops, brighten)

    def of_detections(self, picture: np.ndarray, found: Detections) -> tuple[Meshes, np.ndarray]:
        """Landmarks of detected faces, with further looks where the first sees no face.

        Covered and dark faces often fail at the detector's crop only: the next looks are at the crop that the
        first points give, at the crop that those give, and at the detector's crop brightened and denoised.

        Returns
        -------
        Meshes
            Of those detections in which some look saw a face.
        ndarray of int
            Which detections these are.
        """
        crops = crops_of_detections(found)
        meshes = self(picture, crops)
        landmarks, presence = meshes.landmarks_px.copy(), meshes.presence.copy()
        for row in np.flatnonzero(presence < MIN_PRESENCE).tolist():
            look = crops_of_landmarks(meshes[np.array([row])])
            for brighten in (False, False, True):
                again = self(picture, crops[[row]] if brighten else look, brighten=brighten)
                look = crops_of_landmarks(again)
                if again.presence[0] >= MIN_PRESENCE:
                    landmarks[row], presence[row] = again.landmarks_px[0], again.presence[0]
                    break
        kept = np.flatnonzero(presence >= MIN_PRESENCE)
        return Meshes.build(landmarks[kept], presence[kept], meshes.grey[kept]), kept


def _network(threads: int) -> FaceNetwork:
    return FaceNetwork("landmarker", threads, scale=1 / 255)


def _landmarks(network: FaceNetwork, picture: np.ndarray | VideoFrame, crops: Crops, brighten: bool = False) -> Meshes:
    count = len(crops)
    landmarks = np.empty((count, 478, 3), dtype=np.float32)
    presence = np.empty(count, dtype=np.float32)
    grey = np.empty((count, CROP_SIDE // 2, CROP_SIDE // 2), dtype=np.uint8)
    for row in range(count):
        turn, shift = _crop_to_picture(crops, row)
        crop = crop_of(picture, np.column_stack([turn, shift]), CROP_SIDE)
        points, logit, *_ = network((_brightened(crop) if brighten else crop)[None])
        points = points.reshape(478, 3)
        landmarks[row, :, :2] = points[:, :2] @ turn.T + shift
        landmarks[row, :, 2] = points[:, 2] * (crops.side_px[row] / CROP_SIDE)
        presence[row] = 1 / (1 + np.exp(-np.clip(logit.reshape(()), -80, 80)))
        green = cv2.extractChannel(crop, 1)
        grey[row] = cv2.resize(green, (CROP_SIDE // 2, CROP_SIDE // 2), interpolation=cv2.INTER_AREA)
    return Meshes.build(landmarks, presence, grey)


def _crop_to_picture(crops: Crops, row: int) -> tuple[np.ndarray, np.ndarray]:
    """Matrix (2, 2) and shift (2,) from crop to picture pixels; the crop's middle lies on the square's centre."""
    cosine, sine = np.cos(crops.angle[row]), np.sin(crops.angle[row])
    turn = crops.side_px[row] / CROP_SIDE * np.array([[cosine, -sine], [sine, cosine]])
    return turn, crops.centre_px[row] - turn @ np.full(2, CROP_SIDE / 2)


def _brightened(crop: np.ndarray) -> np.ndarray:
    low, high = np.percentile(crop, [1, 99])
    stretched = np.clip((crop - low) * (255 / max(high - low, 1)), 0, 255).astype(np.uint8)
    return cv2.medianBlur(stretched, 7)


class Blendshapes:
    """The blendshape network on landmarks."""

    def __init__(self) -> None:
        # A network this small is slower on two threads than on one.
        self._network = FaceNetwork("blendshapes", threads=1)

    def __call__(self, landmarks_px: np.ndarray) -> np.ndarray:
        """Strengths (faces, 52) in 0..1 from landmarks (faces, 478, 3) px."""
        if len(landmarks_px) == 0:
            return np.empty((0, 52), dtype=np.float32)
        (strengths,) = self._network(landmarks_px[:, BLENDSHAPE_POINTS, :2])
        return strengths.reshape(len(landmarks_px), 52)
