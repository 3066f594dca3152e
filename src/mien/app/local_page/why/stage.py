"""What is shown to be brushed over or moved: a square of the photo with the face, and where its points lie in it."""

from __future__ import annotations

import base64
import io
from dataclasses import dataclass

import cv2
import numpy as np

from mien.app.local_page.gallery.frames import frame_jpeg
from mien.app.local_page.why.asked import AskedModel
from mien.app.local_page.why.moving import eye_distance
from mien.core.errors import InputError, MienError
from mien.data.media.kinds import is_video
from mien.data.media.pictures import open_picture
from mien.explain.thumbnails import displayed
from mien.features.crop import crop_points

# Side of a square that is cut from a photo, and how much larger than the face it is.
SIDE_PX, MARGIN = 360, 1.25
# Of a film, which is read up to the frame that is shown; beyond this nobody would wait for it.
FURTHEST_FRAME = 3000


@dataclass(frozen=True, eq=False)
class Stage:
    """One face as it is shown.

    Attributes
    ----------
    picture : ndarray of uint8, shape (side, side, 3), or None
        Of a clip its last frame with the face; None where there is none to be read.
    points : ndarray of float64, shape (points, 2)
        In sides of the square.
    unit : float
        Distance between the eyes, in sides of the square.
    """

    picture: np.ndarray | None
    points: np.ndarray
    unit: float


def stage_of(asked: AskedModel, row: int) -> Stage:
    """The model's own crop, of models that look at pixels; else the face in its photo.

    Raises
    ------
    InputError
        If there is no face.
    """
    values = asked.input(row)
    choice = asked.choices[row]
    # Of a clip the last frame: there it has gone farthest from where it began.
    face = int(choice.rows[-1])
    pixels = asked.faces.landmarks_px[face, :, :2].astype(np.float64)
    distance = eye_distance(pixels, asked.faces.iris_px[face])
    if asked.of_pixels:
        shown = displayed(values)[0]
        points = crop_points(asked.model.recipe, [choice], asked.faces)[0] / len(shown)
        spread = np.ptp(points, axis=0) / np.ptp(pixels, axis=0)
        return Stage(shown, points, float(distance * spread.mean()))
    corner, side = _square(pixels)
    return Stage(_photo(asked, row, corner, side), (pixels - corner) / side, distance / side)


def points_of(asked: AskedModel, row: int) -> np.ndarray:
    """Where the points of a face lie in the square that is cut from its photo, (points, 2) in sides of it."""
    pixels = asked.faces.landmarks_px[int(asked.choices[row].rows[-1]), :, :2].astype(np.float64)
    corner, side = _square(pixels)
    return np.asarray((pixels - corner) / side)


def photo_to_square(asked: AskedModel, row: int) -> np.ndarray:
    """Matrix (2, 3) from pixels of the photo to pixels of the square that is cut from it, of ``SIDE_PX``."""
    pixels = asked.faces.landmarks_px[int(asked.choices[row].rows[-1]), :, :2].astype(np.float64)
    corner, side = _square(pixels)
    step = side / SIDE_PX
    # Both count from the middle of their first pixel.
    return np.column_stack([np.eye(2) / step, (0.5 - corner) / step - 0.5])


def _square(pixels: np.ndarray) -> tuple[np.ndarray, float]:
    low, high = pixels.min(axis=0), pixels.max(axis=0)
    side = float((high - low).max()) * MARGIN
    return (low + high) / 2 - side / 2, side


def _photo(asked: AskedModel, row: int, corner: np.ndarray, side: float) -> np.ndarray | None:
    file = asked.samples.files()[row]
    frame = int(asked.faces.frame[int(asked.choices[row].rows[-1])])
    if frame > FURTHEST_FRAME:
        return None
    try:
        photo = picture_of(frame_jpeg(file, frame)) if is_video(file) else open_picture(file).pixels
    except (MienError, OSError):
        return None
    step = side / SIDE_PX
    matrix = np.array([[step, 0, corner[0] + step / 2 - 0.5], [0, step, corner[1] + step / 2 - 0.5]])
    flags = cv2.INTER_AREA | cv2.WARP_INVERSE_MAP
    return np.asarray(cv2.warpAffine(photo, matrix, (SIDE_PX, SIDE_PX), flags=flags, borderMode=cv2.BORDER_REPLICATE))


def picture_of(data: bytes) -> np.ndarray:
    """An RGB picture of a JPEG's bytes."""
    picture = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)
    if picture is None:
        raise InputError("The frame cannot be read as a picture.")
    return np.ascontiguousarray(picture[:, :, ::-1])


def as_data(picture: np.ndarray, quality: int = 88) -> str:
    """A picture as an address that holds it."""
    from PIL import Image

    file = io.BytesIO()
    Image.fromarray(picture).save(file, "JPEG", quality=quality)
    return f"data:image/jpeg;base64,{base64.b64encode(file.getvalue()).decode()}"
