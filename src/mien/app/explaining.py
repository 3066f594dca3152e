"""From the bytes of a picture to what is said about its faces, with evidence, as JSON; nothing goes to a disk."""

from __future__ import annotations

import base64
import io
import math
import warnings
from http import HTTPStatus
from typing import Any

import numpy as np

from mien.app.guard import Refused
from mien.app.overlay import Scale, in_picture
from mien.app.reading import FaceEvidence, FaceReading, LiveModel, about_of, title_of
from mien.atlas.crop_regions import crop_regions, region_names
from mien.atlas.places import feature_points, on_points
from mien.core.errors import InputError, MissingExtra
from mien.core.topology import topology_of_count
from mien.data.media.pictures import PictureBytes, open_picture
from mien.faces.reader import LARGEST_SIDE_PX, Looker
from mien.nets.threads import one_thread
from mien.report.draw.raster import png, rgba_of

# Content types that are taken, and what Pillow calls what may be in them, whatever is said.
KINDS = ("image/jpeg", "image/png", "image/webp", "image/bmp")
FORMATS = ("JPEG", "PNG", "WEBP", "BMP")
NOWHERE = "not about a place on the face"


class Explainer:
    """Answers about one picture after the other; whoever calls it sees to it that it is never two at once.

    Parameters
    ----------
    live : LiveModel
    looker : Looker
    most_faces : int
        Of more faces the largest are explained; the others are counted.
    most_pixels : float
    points : bool
        Also give where each face's points lie.
    """

    def __init__(
        self, live: LiveModel, looker: Looker, most_faces: int, most_pixels: float, *, points: bool = False
    ) -> None:
        self._live, self._looker, self._points = live, looker, points
        self._most_faces, self._most_pixels = most_faces, most_pixels

    def __call__(self, content: bytes) -> dict[str, Any]:
        """What is said about a picture.

        Raises
        ------
        Refused
            If the bytes are no picture, or one with too many pixels.
        """
        self._check(content)
        try:
            picture = open_picture(PictureBytes(content))
        except (InputError, MissingExtra) as error:
            raise Refused(HTTPStatus.UNPROCESSABLE_ENTITY, str(error)) from error
        # More threads than one only wait for each other in networks for one face; this is set thread by thread.
        with one_thread():
            found = self._looker.opened("picture", picture)
            found = found[found.ok]
            area = found.box_px[:, 2] * found.box_px[:, 3]
            faces = found[np.sort(np.argsort(-area, kind="stable")[: self._most_faces])]
            readings, features = self._live.answers(picture.pixels, faces)
            readings = self._live.explained(faces, features, readings) if len(faces) else []
        shape = picture.pixels.shape[:2]
        said = [_face(reading, self._live, (shape[0], shape[1])) for reading in readings]
        if self._points:
            for face, reading in zip(said, readings, strict=True):
                face["points_px"] = np.round(reading.points_px[:, :2].astype(np.float64), 1).tolist()
        return {
            "about": about_of(self._live.model),
            "title": title_of(self._live.model),
            "caution": self._live.caution(readings),
            "status": "ok" if said else "no face",
            "model": self._live.model.name,
            "method": self._live.method,
            "width_px": picture.width,
            "height_px": picture.height,
            "faces": said,
            "faces_not_read": len(found) - len(faces),
        }

    def _check(self, content: bytes) -> None:
        """Refuse what is no picture of a known format, or a large one, by its first bytes, before it is unpacked."""
        from PIL import Image, UnidentifiedImageError

        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                with Image.open(io.BytesIO(content), formats=FORMATS) as image:
                    width, height = image.size
        except UnidentifiedImageError as error:
            words = f"The body is no picture that can be read; {', '.join(FORMATS)} can."
            raise Refused(HTTPStatus.UNPROCESSABLE_ENTITY, words) from error
        except Image.DecompressionBombError as error:
            raise self._too_large() from error
        except Exception as error:  # decoders raise what they like on damaged files
            raise Refused(HTTPStatus.UNPROCESSABLE_ENTITY, "The picture is damaged or cut off.") from error
        if width * height > self._most_pixels or max(width, height) > LARGEST_SIDE_PX:
            raise self._too_large()

    def _too_large(self) -> Refused:
        return Refused(
            HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
            f"The picture has more than {self._most_pixels / 1e6:g} megapixels, or a side of more than "
            f"{LARGEST_SIDE_PX:,} pixels; make it smaller.",
        )


def _face(reading: FaceReading, live: LiveModel, shape: tuple[int, int]) -> dict[str, Any]:
    """One face as JSON holds it."""
    evidence = reading.evidence
    return {
        "face": reading.track,
        "box_px": [round(float(value), 1) for value in reading.box_px],
        "status": reading.status,
        "expression": reading.chosen or None,
        "probabilities" if live.probabilities else "ratings": reading.answers,
        "abstained": list(reading.abstained),
        "regions": [] if evidence is None else region_table(evidence, reading.points_px),
        "evidence": None if evidence is None else _drawn(evidence, reading.points_px, shape),
    }


def region_table(evidence: FaceEvidence, points_px: np.ndarray) -> list[dict[str, Any]]:
    """Regions with their part of the evidence, largest first.

    Parameters
    ----------
    evidence : FaceEvidence
    points_px : ndarray, shape (points, 2 or 3)

    Returns
    -------
    list of dict
        ``region``; ``share`` of the absolute evidence; ``even``, the share that an even spread would have; ``net``, the
        share that speaks for the target minus that which speaks against it, None where the sign says nothing.
    """
    names, amount, even, signed = (_of_pixels if evidence.of_pixels else _of_features)(evidence, points_px)
    total = amount.sum()
    share, net = (one / total if total else np.zeros(len(names)) for one in (amount, signed))
    table = [
        {
            "region": name,
            "share": _number(share[row]),
            "even": _number(even[row]),
            "net": _number(net[row]) if evidence.signed else None,
        }
        for row, name in enumerate(names)
        if even[row] > 0 or share[row] > 0
    ]
    return sorted(table, key=lambda row: -row["share"])


Regions = tuple[tuple[str, ...], np.ndarray, np.ndarray, np.ndarray]


def _of_pixels(evidence: FaceEvidence, points_px: np.ndarray) -> Regions:
    """Names, absolute evidence, even share and signed sum, of a map of the crop, which has the face's points in it."""
    to_crop = np.linalg.inv(np.vstack([evidence.to_photo, [0, 0, 1]]))[:2]
    points = np.column_stack([points_px[:, :2] - 0.5, np.ones(len(points_px))]) @ to_crop.T + 0.5
    regions = crop_regions(points, (evidence.values.shape[0], evidence.values.shape[1])).ravel()
    names, values = region_names(len(points)), evidence.values.astype(np.float64).ravel()
    each = [np.bincount(regions, one, len(names)) for one in (np.abs(values), np.ones(len(values)), values)]
    return names, each[0], each[1] / len(values), each[2]


def _of_features(evidence: FaceEvidence, points_px: np.ndarray) -> Regions:
    """The same of named features, each counted for the region that it is about."""
    known, values = topology_of_count(len(points_px)), evidence.values.astype(np.float64)
    lost = np.array([not feature_points(name, known.name) for name in evidence.names])
    each = []
    for one in (np.abs(values), np.ones(len(values)) / len(values), values):
        points = on_points(one, evidence.names, known.name)
        each.append(np.array([*(points[part].sum() for part in known.regions.values()), one[lost].sum()]))
    return (*known.regions, NOWHERE), each[0], each[1], each[2]


def _drawn(evidence: FaceEvidence, points_px: np.ndarray, shape: tuple[int, int]) -> dict[str, Any]:
    """The evidence as a transparent PNG to be laid over a part of the picture, and what its colours stand for."""
    values, (left, top) = in_picture(evidence, points_px, shape)
    limit = Scale().see(evidence, len(points_px))
    drawn = png(rgba_of(values, limit, not evidence.signed)) if values.size else b""
    return {
        "target": evidence.target,
        "method": evidence.method,
        "unit": evidence.unit,
        "signed": evidence.signed,
        "strongest": _number(limit),
        "box_px": [left, top, int(values.shape[1]), int(values.shape[0])],
        "png": f"data:image/png;base64,{base64.b64encode(drawn).decode()}" if drawn else None,
        "features": dict(zip(evidence.names, map(_number, evidence.values), strict=True)) if evidence.names else None,
    }


def _number(value: float) -> float | None:
    return float(f"{value:.6g}") if math.isfinite(value) else None
