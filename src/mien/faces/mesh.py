"""478 points, presence and 52 blendshapes on face crops. Constants: MediaPipe's face landmarker graph."""

from dataclasses import dataclass

import cv2
import numpy as np

from mien.faces.detect import Detections
from mien.faces.networks import Network

CROP_SIDE = 256
CROP_MARGIN = 1.5
# Below this the landmarker says that its crop holds no face (MediaPipe's setting).
MIN_PRESENCE = 0.5
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

    @staticmethod
    def concat(parts: list["Crops"]) -> "Crops":
        """All crops in order."""
        return Crops(
            np.concatenate([part.centre_px for part in parts]),
            np.concatenate([part.side_px for part in parts]),
            np.concatenate([part.angle for part in parts]),
        )


def crops_of_detections(found: Detections) -> Crops:
    """Squares around detected boxes, level with the eyes."""
    line = found.eyes_px[:, 1] - found.eyes_px[:, 0]
    return Crops(
        found.box_px[:, :2] + found.box_px[:, 2:] / 2,
        CROP_MARGIN * found.box_px[:, 2:].max(axis=1, initial=0),
        np.arctan2(line[:, 1], line[:, 0]),
    )


def crops_of_landmarks(landmarks_px: np.ndarray) -> Crops:
    """Squares around landmarks (faces, 478, 3), for the next frame of a video."""
    low, high = landmarks_px[:, :, :2].min(axis=1), landmarks_px[:, :, :2].max(axis=1)
    line = landmarks_px[:, EYE_CORNERS[1], :2] - landmarks_px[:, EYE_CORNERS[0], :2]
    return Crops(
        (low + high) / 2,
        CROP_MARGIN * (high - low).max(axis=1, initial=0),
        np.arctan2(line[:, 1], line[:, 0]),
    )


@dataclass(frozen=True, eq=False)
class Meshes:
    """Landmarks (faces, 478, 3) px, presence (faces,) and grey crops (faces, 128, 128) of one picture."""

    landmarks_px: np.ndarray
    presence: np.ndarray
    grey: np.ndarray


class Landmarker:
    """The landmark network on crops of one picture at a time."""

    def __init__(self, threads: int) -> None:
        self._network = Network("landmarker", threads, scale=1 / 255)

    def __call__(self, picture: np.ndarray, crops: Crops, *, brighten: bool = False) -> Meshes:
        """Landmarks of every crop.

        Parameters
        ----------
        picture : ndarray of uint8, shape (height, width, 3)
            RGB.
        crops : Crops
        brighten : bool
            Stretch the contrast of each crop and remove its noise first.
        """
        count = len(crops)
        landmarks = np.empty((count, 478, 3), dtype=np.float32)
        presence = np.empty(count, dtype=np.float32)
        grey = np.empty((count, CROP_SIDE // 2, CROP_SIDE // 2), dtype=np.uint8)
        for row in range(count):
            turn, shift = _crop_to_picture(crops, row)
            crop = cv2.warpAffine(
                picture,
                np.column_stack([turn, shift]),
                (CROP_SIDE, CROP_SIDE),
                flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
                borderMode=cv2.BORDER_REPLICATE,
            )
            points, presence[row] = self._look(_brightened(crop) if brighten else crop)
            landmarks[row, :, :2] = points[:, :2] @ turn.T + shift
            landmarks[row, :, 2] = points[:, 2] * (crops.side_px[row] / CROP_SIDE)
            half = cv2.resize(crop, (CROP_SIDE // 2, CROP_SIDE // 2), interpolation=cv2.INTER_AREA)
            grey[row] = cv2.cvtColor(half, cv2.COLOR_RGB2GRAY)
        return Meshes(landmarks, presence, grey)

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
            look = crops_of_landmarks(landmarks[[row]])
            for attempt, brighten in ((look, False), (None, False), (crops[[row]], True)):
                again = self(picture, look if attempt is None else attempt, brighten=brighten)
                look = crops_of_landmarks(again.landmarks_px)
                if again.presence[0] >= MIN_PRESENCE:
                    landmarks[row], presence[row] = again.landmarks_px[0], again.presence[0]
                    break
        kept = np.flatnonzero(presence >= MIN_PRESENCE)
        return Meshes(landmarks[kept], presence[kept], meshes.grey[kept]), kept

    def _look(self, crop: np.ndarray) -> tuple[np.ndarray, float]:
        points, logit, *_ = self._network(crop[None])
        return points.reshape(478, 3), float(1 / (1 + np.exp(-np.clip(logit.reshape(()), -80, 80))))


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
        self._network = Network("blendshapes", threads=1)

    def __call__(self, landmarks_px: np.ndarray) -> np.ndarray:
        """Strengths (faces, 52) in 0..1 from landmarks (faces, 478, 3) px."""
        if len(landmarks_px) == 0:
            return np.empty((0, 52), dtype=np.float32)
        (strengths,) = self._network(landmarks_px[:, BLENDSHAPE_POINTS, :2])
        return strengths.reshape(len(landmarks_px), 52)
