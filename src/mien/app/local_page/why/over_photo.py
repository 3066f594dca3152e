"""Evidence laid over the photo of one face, method by method, all on one scale."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from mien.app.local_page.why.asked import AskedModel
from mien.app.local_page.why.evidence import OneFace
from mien.app.local_page.why.stage import SIDE_PX, Stage, as_data, photo_to_square, stage_of
from mien.app.overlay import BEYOND, OPACITY
from mien.atlas.maps import amounts_at_points
from mien.core.errors import InputError
from mien.core.evidence import SIGN_IS_DIRECTION, Evidence
from mien.core.features import PICTURE
from mien.core.placing import place_of
from mien.report.draw.raster import rgba_of

# How far evidence about one point reaches, in sides of the square.
REACH = 0.02


@dataclass(frozen=True)
class OverPhoto:
    """Evidence of one method over the photo.

    Attributes
    ----------
    address : str
        The picture itself, as a data address.
    words : str
        Says what is seen.
    """

    address: str
    words: str


def over_photo(asked: AskedModel, row: int, faces: Sequence[OneFace]) -> tuple[list[OverPhoto], list[str]]:
    """Each method's evidence over this face, and what cannot be drawn, in sentences.

    Evidence about pixels lies where it was found; evidence about points and measures lies on the points that it is
    about. Every map is a share of its own evidence, so that one scale serves all.

    Parameters
    ----------
    asked : AskedModel
    row : int
        Of the sample.
    faces : sequence of OneFace
        Evidence about it.
    """
    stage = stage_of(asked, row)
    if stage.picture is None:
        return [], ["There is no photo to lay the evidence over: the picture or film is not where it was."]
    maps: list[tuple[OneFace, np.ndarray]] = []
    problems = []
    for one in faces:
        if one.evidence.status[0] != "ok":
            continue
        try:
            values = _map(asked, row, stage, one.evidence)
        except InputError as error:
            problems.append(f"{one.name}: {error}")
            continue
        total = float(np.abs(values).sum())
        if np.isfinite(total) and total > 0:
            maps.append((one, values * (values.size / total)))
    # Of pixels with evidence: of little evidence in one place most of the picture has none.
    limit = max((float(np.quantile(np.abs(values[values != 0]), 1 - BEYOND)) for _, values in maps), default=0.0)
    return [_drawn(stage.picture, one, values, limit) for one, values in maps], problems


def _map(asked: AskedModel, row: int, stage: Stage, evidence: Evidence) -> np.ndarray:
    """In pixels of what is shown, signed, shape (height, width)."""
    assert stage.picture is not None
    shape = stage.picture.shape[:2]
    if evidence.space == PICTURE:
        values = np.ascontiguousarray(evidence.values[0].sum(axis=0), dtype=np.float32)
        if asked.of_pixels and values.shape == shape:
            return values
        to_photo = place_of(evidence.columns, 0)[0]
        square = photo_to_square(asked, row)
        matrix = square[:, :2] @ to_photo
        matrix[:, 2] += square[:, 2]
        return np.asarray(cv2.warpAffine(values, matrix, (SIDE_PX, SIDE_PX), flags=cv2.INTER_LINEAR))
    amounts = amounts_at_points(evidence)[0]
    places = np.floor(stage.points[: len(amounts)] * shape[::-1]).astype(int)
    inside = ((places >= 0) & (places < shape[::-1])).all(axis=1)
    spread = np.zeros(shape)
    np.add.at(spread, (places[inside, 1], places[inside, 0]), amounts[inside])
    return np.asarray(cv2.GaussianBlur(spread, (0, 0), REACH * shape[0]))


def _drawn(picture: np.ndarray, one: OneFace, values: np.ndarray, limit: float) -> OverPhoto:
    """The face below is grey, so that no colour of it passes for evidence."""
    signed = bool(one.evidence.settings.get(SIGN_IS_DIRECTION, True))
    rgba = rgba_of(values, limit, not signed)
    share = rgba[..., 3:].astype(np.float32) * np.float32(OPACITY / 255)
    grey = cv2.cvtColor(np.ascontiguousarray(picture), cv2.COLOR_RGB2GRAY)[..., None].astype(np.float32)
    drawn = np.round(grey * (1 - share) + rgba[..., :3] * share).astype(np.uint8)
    how = "red for, blue against" if signed else "amounts"
    return OverPhoto(
        as_data(drawn, 92),
        f"{one.evidence.method}: {how} '{one.evidence.target}'" if signed else f"{one.evidence.method}: {how}",
    )
