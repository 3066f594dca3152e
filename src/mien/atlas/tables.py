"""Evidence as a table: one row per sample, one column per facial region or feature."""

from __future__ import annotations

import numpy as np

from mien.atlas.crop_regions import OUTSIDE, SHARE, SIGNED
from mien.atlas.places import on_points
from mien.atlas.region_columns import ATLAS_SHARE, ATLAS_SIGNED, atlas_names, points_to_regions
from mien.atlas.summary import topology_of
from mien.core.errors import InputError
from mien.core.evidence import SIGN_IS_DIRECTION, Evidence
from mien.core.features import NAMED, PICTURE, SEQUENCE
from mien.core.topology import topology

MEASURES = ("share", "signed")
# Words for what columns are.
ATLAS, LANDMARKS, FEATURES = "canonical face", "landmarks", "features"


def evidence_table(evidence: Evidence, measure: str = "share", regions: str = "") -> tuple[np.ndarray, tuple[str, ...]]:
    """Evidence of every sample by facial region, or by feature where features have no place on the face.

    Parameters
    ----------
    evidence : Evidence
        Pictures need the columns that ``mien explain`` gives them from the faces' points.
    measure : str
        ``'share'``: part of the sample's absolute evidence (on the canonical face: of that on the face), 0 to 1.
        ``'signed'``: sum of the signed evidence, in the unit of the output; positive speaks for the target.
    regions : str
        ``'canonical face'``, or ``'landmarks'`` for the coarser regions of the landmarks; by default the first of
        ``vocabularies``.

    Returns
    -------
    values : ndarray of float64, shape (samples, columns)
        NaN in rows whose status is not ``'ok'``, in shares of a sample without any evidence, and in regions of the
        canonical face that a picture does not show.
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
    regions = regions or vocabularies(evidence)[0]
    if evidence.space == PICTURE:
        values, names = _of_pictures(evidence, measure, regions)
    elif regions == ATLAS:
        values, names = _on_canonical(evidence, measure)
    else:
        values, names = _of_points(evidence, measure)
    return np.where((evidence.status == "ok")[:, None], values, np.nan), names


def vocabularies(evidence: Evidence) -> tuple[str, ...]:
    """By which regions evidence can be described, the finest first; features without a place have none."""
    place = topology_of(evidence)
    if evidence.space == PICTURE:
        # Evidence of earlier versions has the regions of the landmarks only.
        kept = any(name.startswith(ATLAS_SHARE) for name in evidence.columns)
        return (ATLAS, LANDMARKS) if kept else (LANDMARKS,)
    if not place or not topology(place).regions or evidence.space not in (SEQUENCE, NAMED):
        return (FEATURES,)
    return (LANDMARKS,) if place.endswith("]") or not atlas_names() else (ATLAS, LANDMARKS)


def _of_pictures(evidence: Evidence, measure: str, regions: str) -> tuple[np.ndarray, tuple[str, ...]]:
    share = measure == "share"
    coarse = SHARE if share else SIGNED
    start = coarse if regions != ATLAS else ATLAS_SHARE if share else ATLAS_SIGNED
    columns = {name.removeprefix(start): name for name in evidence.columns if name.startswith(start)}
    if not columns:
        raise InputError(
            "This evidence about pictures does not say where the face is; explain again with the folder of extracted "
            "faces ('mien explain' keeps regions then)."
        )
    if regions == ATLAS and coarse + OUTSIDE in evidence.columns:
        columns[OUTSIDE] = coarse + OUTSIDE
    return np.stack([evidence.columns[name] for name in columns.values()], axis=1).astype(np.float64), tuple(columns)


def _on_canonical(evidence: Evidence, measure: str) -> tuple[np.ndarray, tuple[str, ...]]:
    place = topology_of(evidence)
    table = _at_points(evidence, measure, place) @ points_to_regions(place)
    if measure == "share":
        total = table.sum(1, keepdims=True)
        with np.errstate(invalid="ignore", divide="ignore"):
            table = np.where(total > 0, table / total, np.nan)
    return table, atlas_names()


def _at_points(evidence: Evidence, measure: str, place: str) -> np.ndarray:
    """Evidence at the points of a topology, shape (samples, points); of shares whatever its sign."""
    values = evidence.values.astype(np.float64)
    values = np.abs(values) if measure == "share" else values
    if evidence.space == SEQUENCE:
        return np.asarray(values.sum(axis=(1, 3)))
    return np.asarray(values @ np.stack([on_points(one, evidence.names, place) for one in np.eye(len(evidence.names))]))


def _of_points(evidence: Evidence, measure: str) -> tuple[np.ndarray, tuple[str, ...]]:
    values = evidence.values.astype(np.float64)
    absolute = np.abs(values).reshape(len(values), -1).sum(1, keepdims=True)
    place = topology_of(evidence)
    regions = {name: part for name, part in topology(place).regions.items() if len(part)} if place else {}
    if regions and evidence.space in (SEQUENCE, NAMED):
        points = _at_points(evidence, measure, place)
        table, names = np.stack([points[:, part].sum(1) for part in regions.values()], axis=1), tuple(regions)
    else:
        values = np.abs(values) if measure == "share" else values
        table, names = values.reshape(len(values), -1), evidence.names
    if measure == "share":
        with np.errstate(invalid="ignore", divide="ignore"):
            table = np.where(absolute > 0, table / absolute, np.nan)
    return table, names
