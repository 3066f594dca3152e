"""Recipe 'crop': the face cut out of its picture, upright and at one size, as pixels."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Annotated, Any, Literal

import cv2
import numpy as np

from mien.core.errors import InputError
from mien.core.faces import OK, UNREADABLE, Faces
from mien.core.features import PICTURE, Features
from mien.core.numbers import Range
from mien.core.samples import Samples
from mien.data.media.pictures import read_picture
from mien.features.geometry import EYE_CORNERS, ibug_points
from mien.features.match import NOT_EXTRACTED, NOT_FOUND, Choice, files_of
from mien.features.settings import resolve

CLIP, CHANGED, NO_EYES = "a clip, not a picture", "changed since extraction", "missing values"
DEFAULTS: dict[str, Any] = {"size": 224, "align": "eyes", "side": 2.8, "eyes_at": 0.4, "grey": False}
KINDS: dict[str, Any] = {
    "size": Annotated[int, Range(16, 2048, whole=True)],
    "align": Literal["eyes", "box", "none"],
    "side": Annotated[float, Range(0.5, 20)],
    "eyes_at": Annotated[float, Range(0, 1)],
    "grey": bool,
}
CHANNELS = ("red", "green", "blue")
# Weights of red, green and blue in brightness (ITU-R BT.601).
BRIGHTNESS = np.array([0.299, 0.587, 0.114], dtype=np.float32)


def crop(recipe: dict[str, Any], samples: Samples, choices: list[Choice], faces: Faces) -> Features:
    """The face of each picture as a square of pixels.

    Settings of the recipe
    ----------------------
    size : int
        Pixels per side of the result.
    align : str
        ``'eyes'``: moved, scaled and turned in the plane so that the eyes lie level and in the same place in every
        crop. ``'box'``: a square around the points, moved and scaled but not turned. ``'none'``: the middle square
        of the whole picture; no face is needed.
    side : float
        Side of the square, for ``'eyes'`` in inter-ocular distances, for ``'box'`` in extents of the points.
    eyes_at : float
        Height of the eyes in the square, from 0 (top) to 1; for ``'eyes'``.
    grey : bool
        Brightness in all three channels.

    Returns
    -------
    Features
        ``'pixels'``, (samples, 3, size, size), float32, red, green and blue from 0 to 1. What lies outside the picture
        repeats its edge. Statuses beside those of the faces: ``'a clip, not a picture'``, ``'changed since
        extraction'`` (the file has another size), ``'not found'`` (nor under the name it was extracted by),
        ``'missing values'`` (no eyes).
    """
    settings = resolve("crop", recipe, DEFAULTS, KINDS)
    size = settings["size"]
    values = np.full((len(choices), len(CHANNELS), size, size), np.nan, dtype=np.float32)
    status = np.full(len(choices), OK, dtype=object)
    for row, (choice, path) in enumerate(zip(choices, files_of(samples, faces, choices), strict=True)):
        status[row] = _cut_into(values[row], settings, path, choice, faces)
    return Features(values, PICTURE, CHANNELS, settings, status)


def _cut_into(target: np.ndarray, settings: dict[str, Any], path: Path, choice: Choice, faces: Faces) -> str:
    """Fill one sample's values; the status says why they stay NaN."""
    if len(choice.frames) > 1:
        return CLIP
    needs_face = settings["align"] != "none"
    if choice.status != OK and (needs_face or choice.status in (NOT_EXTRACTED, UNREADABLE)):
        return choice.status
    if not path.is_file():
        return NOT_FOUND
    try:
        picture = read_picture(path)
    except InputError:
        return UNREADABLE
    if choice.status == OK:
        row = choice.rows[0]
        width, height = int(faces.width_px[row]), int(faces.height_px[row])
        if width > 0 and picture.shape[:2] != (height, width):
            return CHANGED
    points = faces.landmarks_px[choice.rows[0], :, :2] if needs_face else None
    return _pixels_into(target, settings, picture, points, faces.topology)


def _pixels_into(
    target: np.ndarray, settings: dict[str, Any], picture: np.ndarray, points: np.ndarray | None, topology: str
) -> str:
    """Fill one sample's values from its picture; without points with the middle square."""
    if points is not None:
        centre, across = _place(points, settings, topology)
    else:
        height, width = picture.shape[:2]
        centre, across = np.array([width / 2, height / 2]), np.array([float(min(width, height)), 0.0])
    if not (np.isfinite(centre).all() and np.hypot(*across) > 1):
        return NO_EYES
    pixels = cut(picture, centre, across, settings["size"]).astype(np.float32)
    if settings["grey"]:
        pixels = np.repeat((pixels @ BRIGHTNESS)[..., None], len(CHANNELS), axis=2)
    target[:] = pixels.transpose(2, 0, 1) / 255
    return OK


def crops_in_memory(recipe: dict[str, Any], picture: np.ndarray, faces: Faces) -> Features:
    """Every face of one picture as ``crop`` cuts it from its file.

    Parameters
    ----------
    recipe : dict
        Of ``crop``.
    picture : ndarray of uint8, shape (height, width, 3)
        RGB, of the size that the faces' points are measured in.
    faces : Faces
        Of this picture; rows without a face keep their status.
    """
    settings = resolve("crop", recipe, DEFAULTS, KINDS)
    size, aligned = settings["size"], settings["align"] != "none"
    values = np.full((len(faces), len(CHANNELS), size, size), np.nan, dtype=np.float32)
    status = faces.status.copy()
    for row in np.flatnonzero(faces.ok):
        points = faces.landmarks_px[row, :, :2] if aligned else None
        status[row] = _pixels_into(values[row], settings, picture, points, faces.topology)
    return Features(values, PICTURE, CHANNELS, settings, status)


def _place(points: np.ndarray, settings: dict[str, Any], topology: str) -> tuple[np.ndarray, np.ndarray]:
    """Centre of the square and the vector along its upper side, in pixels of the picture."""
    points = points.astype(np.float64)
    if settings["align"] == "box":
        low, high = points.min(0), points.max(0)
        return (low + high) / 2, np.array([(high - low).max() * settings["side"], 0.0])
    corners = points[ibug_points(topology)[list(EYE_CORNERS)]]
    right, left = corners[:2].mean(0), corners[2:].mean(0)
    across = (left - right) * settings["side"]
    down = np.array([-across[1], across[0]])
    return (right + left) / 2 + down * (0.5 - settings["eyes_at"]), across


def crop_points(recipe: dict[str, Any], choices: list[Choice], faces: Faces) -> np.ndarray:
    """Where the points of each face lie in its crop; for masks and regions of crops.

    Parameters
    ----------
    recipe : dict
        Of ``crop``, aligned to eyes or box.
    choices : list of Choice
    faces : Faces

    Returns
    -------
    ndarray of float64, shape (choices, points, 2)
        x and y in pixels of the crop, origin at its outer corner; NaN where there is no face.

    Raises
    ------
    InputError
        If the recipe does not align its crops to faces.
    """
    settings = resolve("crop", recipe, DEFAULTS, KINDS)
    if settings["align"] == "none":
        raise InputError("Crops with align='none' are not aligned to faces, so points have no place in them.")
    result = np.full((len(choices), faces.landmarks_px.shape[1], 2), np.nan)
    for row, choice in enumerate(choices):
        if choice.status != OK or len(choice.frames) > 1:
            continue
        points = faces.landmarks_px[choice.rows[0], :, :2].astype(np.float64)
        centre, across = _place(points, settings, faces.topology)
        down = np.array([-across[1], across[0]])
        # The square's own axes have length one per side.
        place = (points - centre) @ np.stack([across, down], axis=1) / (across @ across) + 0.5
        result[row] = settings["size"] * place
    return result


def crops_to_photos(recipe: dict[str, Any], choices: list[Choice], faces: Faces) -> tuple[np.ndarray, np.ndarray]:
    """Where the crop of each face lies in its photo.

    Returns
    -------
    to_photo : ndarray of float64, shape (choices, 2, 3)
        From pixels of the crop to pixels of the photo, counted from the middle of the first; NaN without a face.
    size_px : ndarray of float64, shape (choices, 2)
        Width and height of the photo.
    """
    settings = resolve("crop", recipe, DEFAULTS, KINDS)
    to_photo, size_px = np.full((len(choices), 2, 3), np.nan), np.full((len(choices), 2), np.nan)
    for row, choice in enumerate(choices):
        if choice.status != OK or len(choice.frames) > 1 or settings["align"] == "none":
            continue
        one = choice.rows[0]
        centre, across = _place(faces.landmarks_px[one, :, :2], settings, faces.topology)
        axes = np.stack([across, [-across[1], across[0]]], axis=1)
        step = axes / settings["size"]
        to_photo[row] = np.column_stack([step, centre - axes @ [0.5, 0.5] + step @ [0.5, 0.5] - 0.5])
        size_px[row] = faces.width_px[one], faces.height_px[one]
    return to_photo, size_px


def cut(picture: np.ndarray, centre: np.ndarray, across: np.ndarray, size: int) -> np.ndarray:
    """A turned square of a picture at another size; averaged where that is smaller.

    Parameters
    ----------
    picture : ndarray of uint8, shape (height, width, 3)
    centre, across : ndarray, shape (2,)
        Middle of the square and the vector along its upper side, in pixels, origin at the picture's outer corner.
    size : int

    Returns
    -------
    ndarray of uint8, shape (size, size, 3)
    """
    fold = max(1, math.ceil(float(np.hypot(*across)) / size - 1e-6))
    fine = size * fold
    step = across / fine
    down = np.array([-step[1], step[0]])
    # Centres of pixels lie half a pixel from their outer corners, in the picture and in the result.
    start = centre - (step + down) * (fine / 2) + (step + down) / 2 - 0.5
    matrix = np.array([[step[0], down[0], start[0]], [step[1], down[1], start[1]]])
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    result = cv2.warpAffine(picture, matrix, (fine, fine), flags=flags, borderMode=cv2.BORDER_REPLICATE)
    if fold > 1:
        result = cv2.resize(result, (size, size), interpolation=cv2.INTER_AREA)
    return np.asarray(result)
