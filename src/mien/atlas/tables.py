"""Evidence as a table: one row per sample, one column per facial region or feature."""

from __future__ import annotations

import numpy as np

from mien.atlas.crop_regions import SHARE, SIGNED
from mien.atlas.places import on_points
from mien.atlas.summary import topology_of
from mien.core.errors import InputError
from mien.core.evidence import SIGN_IS_DIRECTION, Evidence
from mien.core.features import NAMED, PICTURE, SEQUENCE
from mien.core.topology import topology

MEASURES = ("share", "signed")


def evidence_table(evidence: Evidence, measure: str = "share") -> tuple[np.ndarray, tuple[str, ...]]:
    """Evidence of every sample by facial region, or by feature where features have no place on the face.

    Parameters
    ----------
    evidence : Evidence
        Pictures need the columns that ``mien explain`` gives them from the faces' points.
    measure : str
        ``'share'``: part of the sample's absolute evidence, 0 to 1. ``'signed'``: sum of the signed evidence, in the
        unit of the output; positive speaks for the target.

    Returns
    -------
    values : ndarray of float64, shape (samples, columns)
        NaN in rows whose status is not ``'ok'``, and in shares of a sample without any evidence.
    names : tuple of str

    Raises
    ------
    InputError
        If pictures have no regions, or signed evidence is asked of a method whose sign has no direction.
    """
    if measure not in MEASURES:
        raise InputError(f"Evidence is compared by {' or '.join(MEASURES)}, not by '{measure}'.")
    if measure == "signed" and not evidence.settings.get(SIGN_IS_DIRECTION, True):
        raise InputError(f"The sign of '{evidence.method}' says nothing about for and against; compare by share.")
    if evidence.space == PICTURE:
        values, names = _of_pictures(evidence, measure)
    else:
        values, names = _of_points(evidence, measure)
    return np.where((evidence.status == "ok")[:, None], values, np.nan), names


def _of_pictures(evidence: Evidence, measure: str) -> tuple[np.ndarray, tuple[str, ...]]:
    start = SHARE if measure == "share" else SIGNED
    names = tuple(name.removeprefix(start) for name in evidence.columns if name.startswith(start))
    if not names:
        raise InputError(
            "This evidence about pictures does not say where the face is; explain again with the folder of extracted "
            "faces ('mien explain' keeps regions then)."
        )
    return np.stack([evidence.columns[start + name] for name in names], axis=1).astype(np.float64), names


def _of_points(evidence: Evidence, measure: str) -> tuple[np.ndarray, tuple[str, ...]]:
    values = evidence.values.astype(np.float64)
    absolute = np.abs(values).reshape(len(values), -1).sum(1, keepdims=True)
    values = np.abs(values) if measure == "share" else values
    place = topology_of(evidence)
    regions = {name: part for name, part in topology(place).regions.items() if len(part)} if place else {}
    if regions and evidence.space in (SEQUENCE, NAMED):
        if evidence.space == SEQUENCE:
            points = values.sum(axis=(1, 3))
        else:
            points = values @ np.stack([on_points(one, evidence.names, place) for one in np.eye(len(evidence.names))])
        table, names = np.stack([points[:, part].sum(1) for part in regions.values()], axis=1), tuple(regions)
    else:
        table, names = values.reshape(len(values), -1), evidence.names
    if measure == "share":
        with np.errstate(invalid="ignore", divide="ignore"):
            table = np.where(absolute > 0, table / absolute, np.nan)
    return table, names
