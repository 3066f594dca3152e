"""The face crops that the landmarker sees, cut out of photos as extraction does."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import cv2
import numpy as np

from mien.core.errors import InputError
from mien.core.faces import NO_FACE, OK, UNREADABLE, Faces
from mien.core.features import PICTURE, Features
from mien.core.samples import Samples
from mien.core.topology import MEDIAPIPE_478
from mien.data.media import video
from mien.data.media.pictures import read_picture
from mien.explain.problem import Progress, silent
from mien.faces.detect import FaceFinder
from mien.faces.mesh import CROP_SIDE, MIN_PRESENCE, Crops, Landmarker, Meshes, crops_of_detections, crops_of_landmarks
from mien.faces.reader import PICTURE_SMALLEST_FACE_PX
from mien.features.geometry import EYE_CORNERS, ibug_points
from mien.features.match import NOT_FOUND, choose, files_of

A_CLIP = "a clip, not a picture"
# Points of a second look at a photo that lie within this share of the inter-ocular distance are those stored.
SAME_POINTS = 0.01


@dataclass(frozen=True, eq=False)
class PhotoCrops:
    """Level face crops of photos, one per sample.

    Attributes
    ----------
    features : Features
        The crops as the landmarker takes them: (samples, 3, 256, 256), red, green, blue from 0 to 1.
    to_photo : ndarray of float64, shape (samples, 2, 3)
        From pixels of the crop to pixels of the photo; NaN where there is no crop.
    points : ndarray of float32, shape (samples, 478, 3)
        The landmarker's points in pixels of the crop.
    presence : ndarray of float64, shape (samples,)
        The landmarker's probability that the crop holds a face.
    files : list of Path
        The photos.
    size_px : ndarray, shape (samples, 2)
        Their width and height; NaN where there is no crop.
    moved : ndarray of float64, shape (samples,)
        Mean distance of the points from the stored ones, in inter-ocular distances; NaN where none are stored.
    """

    features: Features
    to_photo: np.ndarray
    points: np.ndarray
    presence: np.ndarray
    moved: np.ndarray
    files: list[Path]
    size_px: np.ndarray

    def __len__(self) -> int:
        return len(self.features)

    @property
    def turn(self) -> np.ndarray:
        """In-plane turn of each crop in its photo, radians clockwise; 0 where there is no crop."""
        return np.nan_to_num(np.arctan2(self.to_photo[:, 1, 0], self.to_photo[:, 0, 0]))


def photo_crops(samples: Samples, faces: Faces | None = None, *, progress: Progress = silent) -> PhotoCrops:
    """Cut the face of every sample out of its photo.

    Parameters
    ----------
    samples : Samples
        Paths of pictures.
    faces : Faces, optional
        What extraction found in them. The crop is then the detector's that gives the stored points again, or, if
        none does (videos, other tools), the square around the stored points that the landmarker itself uses when it
        follows a face. Without faces, the largest face of each photo is taken.
    progress : callable (done, total)

    Returns
    -------
    PhotoCrops
        Status ``'no face'``, ``'unreadable'``, ``'not extracted'``, ``'not found'`` or ``'a clip, not a
        picture'`` where there is none.

    Raises
    ------
    WeightsError
        If the weights were not pulled.
    """
    looker = _Looker()
    count = len(samples)
    values = np.full((count, 3, CROP_SIDE, CROP_SIDE), np.nan, dtype=np.float32)
    result = PhotoCrops(
        Features(values, PICTURE, ("red", "green", "blue"), {"name": "photo"}, np.full(count, OK, dtype=object)),
        np.full((count, 2, 3), np.nan),
        np.full((count, 478, 3), np.nan, dtype=np.float32),
        np.full(count, np.nan),
        np.full(count, np.nan),
        list(samples.files()),
        np.full((count, 2), np.nan),
    )
    choices = None if faces is None else choose(samples, faces)
    files = samples.files() if choices is None or faces is None else files_of(samples, faces, choices)
    status = np.full(count, OK, dtype=object)
    for row, path in enumerate(files):
        stored = None
        if choices is not None and faces is not None:
            choice = choices[row]
            status[row] = choice.status if len(choice.rows) < 2 else A_CLIP
            stored = faces[choice.rows[:1]]
        if status[row] == OK:
            status[row] = looker.fill_row(path, stored, result, row)
        progress(row + 1, count)
    return replace(result, features=replace(result.features, values=values, status=status), files=files)


def one_crop(photo: np.ndarray, crops: Crops) -> tuple[np.ndarray, np.ndarray]:
    """The first crop, uint8 (256, 256, 3), and the matrix (2, 3) from its pixels to the photo's."""
    cosine, sine = np.cos(crops.angle[0]), np.sin(crops.angle[0])
    turn = crops.side_px[0] / CROP_SIDE * np.array([[cosine, -sine], [sine, cosine]])
    matrix = np.column_stack([turn, crops.centre_px[0] - turn @ np.full(2, CROP_SIDE / 2)])
    crop = cv2.warpAffine(
        photo, matrix, (CROP_SIDE, CROP_SIDE), flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
        borderMode=cv2.BORDER_REPLICATE,
    )  # fmt: skip
    return crop, matrix


class _Looker:
    """Finds the crop of one photo after the other."""

    def __init__(self) -> None:
        self._finder, self._landmarker = FaceFinder(1), Landmarker(1)

    def fill_row(self, path: Path, stored: Faces | None, crops_of_photos: PhotoCrops, row: int) -> str:
        """Fill one row; gives its status."""
        if path.suffix.lower() in video.SUFFIXES:
            return A_CLIP
        if not path.is_file():
            return NOT_FOUND
        try:
            photo = read_picture(path)
        except (InputError, OSError):
            return UNREADABLE
        crops, meshes = self._candidates(photo)
        known = None if stored is None or not np.isfinite(stored.landmarks_px).all() else stored.landmarks_px
        best = _nearest(meshes, known, stored) if len(meshes) else None
        if best is None and known is not None:
            crops, best = crops_of_landmarks(Meshes.build(known, np.ones(1, "f4"), np.empty((1, 128, 128), "u1"))), 0
            meshes = self._landmarker(photo, crops)
        if best is None:
            return NO_FACE
        crop, matrix = one_crop(photo, crops[[best]])
        crops_of_photos.features.values[row] = crop.transpose(2, 0, 1) * np.float32(1 / 255)
        crops_of_photos.to_photo[row], crops_of_photos.size_px[row] = matrix, photo.shape[1::-1]
        to_crop = np.linalg.inv(matrix[:, :2])
        points = meshes.landmarks_px[best].astype(np.float64)
        crops_of_photos.points[row, :, :2] = (points[:, :2] - matrix[:, 2]) @ to_crop.T
        crops_of_photos.points[row, :, 2] = points[:, 2] * (CROP_SIDE / crops.side_px[best])
        crops_of_photos.presence[row] = meshes.presence[best]
        if known is not None and stored is not None and stored.topology == MEDIAPIPE_478:
            crops_of_photos.moved[row] = _distance(points, known[0])
        return OK

    def _candidates(self, photo: np.ndarray) -> tuple[Crops, Meshes]:
        """Crops around all detected faces that the landmarker sees a face in, and their points."""
        crops = crops_of_detections(self._finder(photo, PICTURE_SMALLEST_FACE_PX)[0])
        meshes = self._landmarker(photo, crops)
        if (meshes.presence < MIN_PRESENCE).any():
            # A second look where the first sees no face, as in extraction.
            again = crops_of_landmarks(meshes)
            lost = meshes.presence < MIN_PRESENCE
            crops = Crops(
                np.where(lost[:, None], again.centre_px, crops.centre_px),
                np.where(lost, again.side_px, crops.side_px),
                np.where(lost, again.angle, crops.angle),
            )
            meshes = self._landmarker(photo, crops)
        kept = np.flatnonzero(meshes.presence >= MIN_PRESENCE)
        return crops[kept], meshes[kept]


def _nearest(meshes: Meshes, known: np.ndarray | None, stored: Faces | None) -> int | None:
    """The face with the stored points; without stored ones the largest; None if it is not among them."""
    if known is None or stored is None:
        return int(np.argmax(meshes.box_px[:, 2:].prod(axis=1)))
    if stored.topology != MEDIAPIPE_478:
        return None
    distances = [_distance(points, known[0]) for points in meshes.landmarks_px.astype(np.float64)]
    best = int(np.argmin(distances))
    return best if distances[best] < SAME_POINTS else None


def _distance(points: np.ndarray, known: np.ndarray) -> float:
    """Mean distance in the plane, in inter-ocular distances of ``known``."""
    corners = known[ibug_points(MEDIAPIPE_478)[list(EYE_CORNERS)], :2]
    between = np.linalg.norm(corners[:2].mean(0) - corners[2:].mean(0))
    return float(np.linalg.norm(points[:, :2] - known[:, :2], axis=1).mean() / max(between, 1e-9))
