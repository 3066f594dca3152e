"""Evidence over a whole data set: how much, in which direction, and how alike from person to person."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from mien.atlas.crop_regions import AREA, SHARE, SIGNED
from mien.atlas.places import on_points
from mien.core.errors import InputError
from mien.core.evidence import INCOMPLETE, SHUFFLED, SIGN_IS_DIRECTION, Evidence
from mien.core.faces import BLENDSHAPES
from mien.core.features import NAMED, PICTURE, SEQUENCE, SERIES
from mien.core.target import Target
from mien.core.topology import MEDIAPIPE_478, topology


@dataclass(frozen=True, eq=False)
class Summary:
    """Evidence for one target over many samples. The subject is the unit: each weighs the same.

    A sample whose subject is not known is a unit of its own. How many people such samples show is not known, so nothing
    that rests on people being different is computed then.

    "Elements" are what the model's input has per sample: features, or frames x points x coordinates. Of pictures they
    are pixels, shape (1, height, width): the channels are summed first, and what is averaged over people is what lies
    at the same place of their pictures, which have to be aligned for it.

    Attributes
    ----------
    target : Target
    label : str
        Whose samples these are; ``''`` for all.
    samples : int
        How many went in.
    subjects : int or None
        How many people they show; None where the subject of some is not known.
    signed_mean : ndarray of float64, shape of one input
        Mean over subjects of each subject's mean; positive speaks for the target if the method is ``directed``.
    mean_absolute : ndarray of float64, shape of one input
        The same of absolute values.
    consistency : ndarray of float64, shape of one input
        Share of subjects (of samples, where subjects are not known) whose own mean has the sign of ``signed_mean``; 0.5
        is what chance gives, NaN where ``signed_mean`` is 0.
    t : ndarray of float64, shape of one input
        Mean over subjects / its standard error; NaN with fewer than two subjects, or where they are not known.
    point_consistency : ndarray of float64
        As ``consistency``, for the sum over frames and coordinates; shape (points,). For named features equal
        to ``consistency``.
    coordinate_consistency : ndarray of float64
        As ``consistency``, for the sum over frames; shape (points, coordinates). Empty but for sequences.
    frame_consistency : ndarray of float64
        As ``consistency``, for the sum over coordinates; shape (frames, points). Empty but for sequences.
    left_out : dict of str to int
        Samples that gave no evidence, by status.
    median_gap : float
        Median of |completeness gap| / |output - mean output of the baselines|; NaN if the method promises no
        completeness.
    space, names, method
        As in ``Evidence``.
    directed : bool
        Whether the sign of the method's values means for and against the target; if not, only their amount says
        something, see ``mien.core.evidence.SIGN_IS_DIRECTION``.
    topology : str
        Points that the evidence can be put on: those of a sequence, or those that named features are about
        (from the recipe). ``''`` if there are none.
    places : dict of str to (float, float, float)
        Of pictures whose facial regions are known: region -> share of the absolute evidence, share of the pixels,
        sum of the signed evidence; means over subjects.
    step_error : ndarray of float64, shape (steps,)
        Of series: standard error over subjects of the absolute evidence of each step, summed over channels; NaN with
        fewer than two subjects, or where they are not known. Empty but for series.
    step_s : float
        Seconds of a step of series; NaN where that is not known.
    by_person : ndarray of float64, shape (people, points)
        Each person's mean absolute evidence of points, channels or named features, summed over the rest. Empty where
        people are not known, and of pictures.
    places_by_person : dict of str to ndarray, shape (people,)
        Of pictures: how much each person's share of the absolute evidence in a region exceeds its share of the pixels;
        NaN where it is not known.
    shuffled : dict of str to dict
        Place -> what models of shuffled labels have there (``mean``, ``high``: 95 % quantile), and how often one has at
        least the share of this evidence (``p``, ``p_corrected`` over places). Empty where none were trained.
    """

    target: Target
    label: str
    samples: int
    subjects: int | None
    signed_mean: np.ndarray
    mean_absolute: np.ndarray
    consistency: np.ndarray
    t: np.ndarray
    point_consistency: np.ndarray
    left_out: dict[str, int]
    median_gap: float
    space: str
    names: tuple[str, ...]
    topology: str
    method: str = ""
    directed: bool = True
    places: dict[str, tuple[float, float, float]] = field(default_factory=dict)
    step_error: np.ndarray = field(default_factory=lambda: np.zeros(0))
    step_s: float = float("nan")
    coordinate_consistency: np.ndarray = field(default_factory=lambda: np.zeros((0, 0)))
    frame_consistency: np.ndarray = field(default_factory=lambda: np.zeros((0, 0)))
    by_person: np.ndarray = field(default_factory=lambda: np.zeros((0, 0)))
    places_by_person: dict[str, np.ndarray] = field(default_factory=dict)
    shuffled: dict[str, dict[str, float]] = field(default_factory=dict)

    @property
    def who(self) -> str:
        """``'12 samples of 6 people'``."""
        samples = f"{self.samples} {'sample' if self.samples == 1 else 'samples'}"
        if self.subjects is None:
            return f"{samples} (people unknown)"
        return f"{samples} of {self.subjects} {'person' if self.subjects == 1 else 'people'}"

    @property
    def point_signed(self) -> np.ndarray:
        """Signed evidence of each point (of series: channel), summed over frames and coordinates; shape (points,)."""
        return self._on_points(self.signed_mean)

    @property
    def point_absolute(self) -> np.ndarray:
        """Absolute evidence of each point; shape (points,). Of sequences summed over frames and coordinates."""
        return self._on_points(self.mean_absolute)

    def _on_points(self, values: np.ndarray) -> np.ndarray:
        if self.space == NAMED:
            return on_points(values, self.names, self.topology)
        return values.sum(axis=0) if self.space == SERIES else values.sum(axis=(0, 2))

    @property
    def coordinate_signed(self) -> np.ndarray:
        """Signed evidence summed over frames, shape (points, coordinates)."""
        return self.signed_mean.sum(axis=0)

    @property
    def frame_absolute(self) -> np.ndarray:
        """Absolute evidence summed over coordinates, shape (frames, points)."""
        return self.mean_absolute.sum(axis=2)

    @property
    def frame_signed(self) -> np.ndarray:
        """Signed evidence summed over coordinates, shape (frames, points)."""
        return self.signed_mean.sum(axis=2)


def summarise(evidence: Evidence, *, label: str | None = None) -> Summary:
    """Evidence over the data set.

    Parameters
    ----------
    evidence : Evidence
    label : str, optional
        Samples of this label only. By default those whose label is the target's class, if there are any, else all.
        ``''`` takes all.

    Raises
    ------
    InputError
        If no sample is left.
    """
    beside = {} if label is not None else evidence.settings.get(SHUFFLED) or {}
    if label is None:
        label = evidence.target.name if evidence.target.name in set(evidence.label) else ""
    members = evidence.label == label if label else np.ones(len(evidence), dtype=bool)
    used = members & evidence.ok
    if not used.any():
        where = f" labelled '{label}'" if label else ""
        missed = int((members & (evidence.status == INCOMPLETE)).sum())
        why = f" ({missed} are incomplete: do not interpret them)" if missed else ""
        raise InputError(f"No sample{where} has evidence for '{evidence.target}'{why}, so there is nothing to sum up.")
    values = evidence.values[used].astype(np.float64)
    if evidence.space == PICTURE:
        values = values.sum(axis=1, keepdims=True)
    known = all(evidence.subject[used])
    # Rows whose subject is unknown weigh as one each.
    subject = np.array([s or f"\0{i}" for i, s in zip(np.flatnonzero(used), evidence.subject[used], strict=True)])
    signed = _by_subject(values, subject)
    mean = signed.mean(axis=0)
    absolute = _by_subject(np.abs(values), subject)
    axes: dict[str, tuple[int, ...]] = {SEQUENCE: (1, 3), SERIES: (1,)}
    points = signed.sum(axis=axes.get(evidence.space, ()))
    pictures = evidence.space == PICTURE
    status, counts = np.unique(evidence.status[members & ~evidence.ok].astype(str), return_counts=True)
    steps: dict[str, Any] = {}
    if evidence.space == SERIES:
        steps = _over_steps(evidence, np.abs(values), subject, known)
    return Summary(
        target=evidence.target,
        label=label,
        samples=int(used.sum()),
        subjects=len(signed) if known else None,
        signed_mean=mean,
        mean_absolute=absolute.mean(axis=0),
        consistency=_consistency(signed),
        t=_t(signed) if known else np.full(mean.shape, np.nan),
        point_consistency=_consistency(points),
        left_out={str(s): int(c) for s, c in zip(status, counts, strict=True)},
        median_gap=_median_gap(values, evidence.gap[used]),
        space=evidence.space,
        names=evidence.names,
        topology=topology_of(evidence),
        method=evidence.method,
        directed=bool(evidence.settings.get(SIGN_IS_DIRECTION, True)),
        places=_places(evidence, used, subject),
        by_person=absolute.sum(axis=axes.get(evidence.space, ())) if known and not pictures else np.zeros((0, 0)),
        places_by_person=_excess(evidence, used, subject) if known else {},
        shuffled=dict(beside.get("parts") or {}),
        **_over_parts(signed, evidence.space),
        **steps,
    )


def _over_parts(signed: np.ndarray, space: str) -> dict[str, Any]:
    """How alike subjects are in sums over frames and in sums over coordinates, for sequences."""
    if space != SEQUENCE:
        return {}
    return {
        "coordinate_consistency": _consistency(signed.sum(axis=1)),
        "frame_consistency": _consistency(signed.sum(axis=3)),
    }


def _over_steps(evidence: Evidence, absolute: np.ndarray, subject: np.ndarray, known: bool) -> dict[str, Any]:
    """How sure the amount of evidence in each step of series is, and how long a step is."""
    own = _by_subject(absolute.sum(axis=2), subject)
    enough = known and len(own) > 1
    recipe = evidence.settings.get("recipe")
    rate = recipe.get("per_second") if isinstance(recipe, dict) else None
    return {
        "step_error": own.std(axis=0, ddof=1) / np.sqrt(len(own)) if enough else np.full(own.shape[1], np.nan),
        "step_s": 1 / rate if rate else float("nan"),
    }


def _places(evidence: Evidence, used: np.ndarray, subject: np.ndarray) -> dict[str, tuple[float, float, float]]:
    found = {}
    for name in (column[len(SHARE) :] for column in evidence.columns if column.startswith(SHARE)):
        if not {AREA + name, SIGNED + name} <= set(evidence.columns):
            continue
        parts = np.stack([evidence.columns[kind + name][used] for kind in (SHARE, AREA, SIGNED)], axis=1)
        known = np.isfinite(parts).all(axis=1)
        if known.any():
            share, area, signed = _by_subject(parts[known], subject[known]).mean(axis=0).tolist()
            found[name] = (share, area, signed)
    return found


def _excess(evidence: Evidence, used: np.ndarray, subject: np.ndarray) -> dict[str, np.ndarray]:
    """How much each person's share in a region exceeds the region's share of the pixels."""
    people, found = np.unique(subject), {}
    for name in _places(evidence, used, subject):
        share, area = (evidence.columns[kind + name][used] for kind in (SHARE, AREA))
        known = np.isfinite(share) & np.isfinite(area)
        found[name] = np.full(len(people), np.nan)
        here = np.isin(people, subject[known])
        found[name][here] = _by_subject((share - area)[known], subject[known])
    return found


def topology_of(evidence: Evidence) -> str:
    """Which points evidence can be put on; '' where it has none."""
    recipe = evidence.settings.get("recipe")
    of_recipe = recipe.get("topology") if isinstance(recipe, dict) else ""
    if evidence.topology or of_recipe or evidence.space != NAMED:
        return evidence.topology or of_recipe or ""
    # Blendshapes come from the landmarker, so they are about its points.
    return MEDIAPIPE_478 if set(evidence.names) & set(BLENDSHAPES) else ""


def _by_subject(values: np.ndarray, subject: np.ndarray) -> np.ndarray:
    """Each subject's mean, shape (subjects, ...)."""
    _, row = np.unique(subject, return_inverse=True)
    total = np.zeros((row.max() + 1, *values.shape[1:]))
    np.add.at(total, row, values)
    return total / np.bincount(row).reshape(-1, *[1] * (values.ndim - 1))


def _consistency(signed: np.ndarray) -> np.ndarray:
    direction = np.sign(signed.mean(axis=0))
    return np.where(direction == 0, np.nan, (np.sign(signed) == direction).mean(axis=0))


def _t(signed: np.ndarray) -> np.ndarray:
    if len(signed) < 2:
        return np.full(signed.shape[1:], np.nan)
    error = signed.std(axis=0, ddof=1) / np.sqrt(len(signed))
    return np.divide(signed.mean(axis=0), error, out=np.full(error.shape, np.nan), where=error > 0)


def _median_gap(values: np.ndarray, gap: np.ndarray) -> float:
    total = np.abs(values.reshape(len(values), -1).sum(axis=1) - gap)
    known = np.isfinite(gap) & (total > 0)
    return float(np.median(np.abs(gap[known]) / total[known])) if known.any() else float("nan")


def over_time(summary: Summary) -> tuple[tuple[str, ...], np.ndarray]:
    """Signed evidence of each region in each frame (of series: channel in each step); its amount without a direction.

    Returns
    -------
    tuple of str
        Regions or channels.
    ndarray of float64, shape (regions, frames)
    """
    if summary.space == SERIES:
        return summary.names, (summary.signed_mean if summary.directed else summary.mean_absolute).T
    if summary.space != SEQUENCE or not summary.topology:
        raise InputError("Only series, and sequences of a known topology, have evidence over time.")
    known = {name: part for name, part in topology(summary.topology).regions.items() if len(part)}
    frames = summary.frame_signed if summary.directed else summary.frame_absolute
    return tuple(known), np.array([frames[:, part].sum(axis=1) for part in known.values()])
