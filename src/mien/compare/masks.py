"""Does a model look where experts look: agreement of maps with masks of the canonical face, such as FACS's."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from scipy.ndimage import gaussian_filter
from scipy.stats import rankdata

from mien.atlas.canonical_map import HEIGHT, canonical_face
from mien.atlas.face_regions import action_unit_mask
from mien.atlas.maps import AtlasMaps, person_maps
from mien.core.errors import InputError
from mien.models.rules import ALSO_CALLED, TABLE
from mien.stats.paired import SubjectMean, subject_mean

METRICS = ("rank auc", "iou", "precision", "recall", "f1")
# Random maps that a mean map is compared with, at every fourth pixel: they are smooth.
_RANDOM, _STEP = 499, 4


@dataclass(frozen=True, eq=False)
class MaskAgreement:
    """How well maps agree with a mask, one row per metric.

    Attributes
    ----------
    name : str
        Of the mask.
    people : dict of str to SubjectMean
        Mean over people by metric, with its interval.
    centre : dict of str to float
        The same of a map that only knows where the middle of the face is: what an explanation has to be better than.
    random : dict of str to float
        Mean of smooth random maps.
    p_random : dict of str to float
        Share of smooth random maps that agree with the mask at least as well as the mean map does.
    better_than_centre : dict of str to SubjectMean
        Differences from the map of the middle, over people.
    area : float
        Part of the face that the mask covers: the precision of chance.
    """

    name: str
    people: dict[str, SubjectMean]
    centre: dict[str, float]
    random: dict[str, float]
    p_random: dict[str, float]
    better_than_centre: dict[str, SubjectMean]
    area: float


def expert_mask(expression: str, height: int = HEIGHT) -> np.ndarray:
    """Where FACS says that an apparent expression shows: the places of its action units; bool, shape (height, width).

    The units are those that at least three of five published descriptions name (``mien.models.rules``).

    Raises
    ------
    InputError
        If the expression has no units there.
    """
    name = ALSO_CALLED.get(expression.lower(), expression.lower())
    if name not in TABLE:
        raise InputError(f"There is no expert mask for '{expression}'; there are: {', '.join(TABLE)}.")
    return np.any([action_unit_mask(int(unit.removeprefix("AU")), height) for unit in TABLE[name]], axis=0)


def mask_agreement(maps: AtlasMaps, mask: np.ndarray, *, name: str = "mask", seed: int = 0) -> MaskAgreement:
    """Agreement of each person's mean map with a mask.

    Parameters
    ----------
    maps : AtlasMaps
        Of one class and model. Evidence for the target counts; of methods without a direction, all of it.
    mask : ndarray of bool, shape (height, width)
        On the canonical face, such as ``expert_mask('happiness')``.
    name : str
    seed : int
        Of the random maps.

    Returns
    -------
    MaskAgreement

    Raises
    ------
    InputError
        If the mask has another shape, or covers nothing or the whole face.

    Notes
    -----
    ``rank auc``: probability that a pixel of the mask has more evidence than one outside. The others need a threshold:
    Otsu's (1979, IEEE Trans. SMC 9(1)), as in Gaya-Morey et al. (arXiv 2401.11835). Random maps are Gaussian noise as
    smooth as the mean map (ratio of the variance to that of its slopes).
    """
    face = canonical_face(468, maps.values.shape[1])
    if mask.shape != face.shape:
        raise InputError(f"The mask has the shape {mask.shape}, but the maps {face.shape}.")
    wanted = mask[face.inside]
    if not wanted.any() or wanted.all():
        raise InputError(f"The mask '{name}' covers {'the whole face' if wanted.all() else 'nothing of the face'}.")
    values, people = person_maps(maps)
    values = np.maximum(values, 0.0) if maps.directed else np.abs(values)
    rows = values[:, face.inside]
    known = np.isfinite(rows).any(1)
    if not known.any():
        raise InputError("No map has values.")
    each = _metrics(rows[known], wanted)
    rows_mid, columns_mid = np.indices(face.shape)
    middle = np.array(face.shape) / 2
    away = ((rows_mid - middle[0]) ** 2 + (columns_mid - middle[1]) ** 2)[face.inside]
    centre = _metrics(np.exp(-away / (2 * (0.2 * face.shape[0]) ** 2))[None], wanted)
    mean = np.full(face.shape, np.nan)
    counts = np.isfinite(rows[known]).sum(0)
    with np.errstate(invalid="ignore"):
        mean[face.inside] = np.where(counts > 0, np.nansum(rows[known], axis=0) / np.maximum(counts, 1), np.nan)
    coarse, part = mean[::_STEP, ::_STEP], face.inside[::_STEP, ::_STEP]
    few = mask[::_STEP, ::_STEP][part]
    random, observed = _metrics(_random_maps(coarse, part, seed), few), _metrics(coarse[part][None], few)
    who = people[known]
    return MaskAgreement(
        name,
        {metric: subject_mean(each[metric], who) for metric in METRICS},
        {metric: float(centre[metric][0]) for metric in METRICS},
        {metric: float(np.mean(random[metric])) for metric in METRICS},
        {metric: float((1 + (random[metric] >= observed[metric][0]).sum()) / (1 + _RANDOM)) for metric in METRICS},
        {metric: subject_mean(each[metric] - centre[metric][0], who) for metric in METRICS},
        float(wanted.mean()),
    )


def _metrics(rows: np.ndarray, wanted: np.ndarray) -> dict[str, np.ndarray]:
    """Metrics of maps, shape (maps,) each; ``rows`` (maps, pixels) with NaN where a map shows nothing."""
    found = np.full((len(METRICS), len(rows)), np.nan)
    for number, row in enumerate(rows):
        known = np.isfinite(row)
        value, inside = row[known], wanted[known]
        if not inside.any() or inside.all():
            continue
        rank = rankdata(value)
        in_mask = int(inside.sum())
        found[0, number] = (rank[inside].sum() - in_mask * (in_mask + 1) / 2) / (in_mask * (len(value) - in_mask))
        chosen = value > _otsu(value)
        both = int((chosen & inside).sum())
        precision = both / chosen.sum() if chosen.any() else 0.0
        recall = both / in_mask
        union = int((chosen | inside).sum())
        f1 = 2 * precision * recall / (precision + recall) if both else 0.0
        found[1:, number] = both / union, precision, recall, f1
    return dict(zip(METRICS, found, strict=True))


def _otsu(values: np.ndarray) -> float:
    """Otsu's threshold."""
    low, high = float(values.min()), float(values.max())
    if high <= low:
        return high
    scaled = np.round((values - low) / (high - low) * 255).astype(np.uint8)
    level, _ = cv2.threshold(scaled.reshape(1, -1), 0, 255, cv2.THRESH_BINARY + cv2.THRESH_OTSU)
    return low + level / 255 * (high - low)


def _random_maps(mean: np.ndarray, inside: np.ndarray, seed: int) -> np.ndarray:
    """Noise as smooth as a map, shape (maps, pixels inside); positive where the map's evidence is."""
    filled = np.where(np.isfinite(mean), mean, np.nanmean(mean))
    centred = np.where(inside, filled - filled[inside].mean(), 0.0)
    slope = (np.diff(centred, axis=0)[:, :-1] ** 2 + np.diff(centred, axis=1)[:-1] ** 2).mean() / 2
    # White noise smoothed by a Gaussian of this width has this ratio of variances.
    width = float(np.sqrt(centred[inside].var() / (2 * slope))) if slope > 0 else float(max(mean.shape))
    rng = np.random.default_rng(seed)
    maps = gaussian_filter(rng.normal(size=(_RANDOM, *mean.shape)), (0, width, width), mode="reflect")
    return np.asarray(maps[:, inside])
