"""The regions and features that evidence comes from, in numbers and in words."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from mien.atlas.places import feature_points, on_points, share_inside
from mien.atlas.summary import Summary
from mien.atlas.words import feature_words
from mien.core.errors import InputError
from mien.core.features import NAMED, SEQUENCE
from mien.core.topology import topology
from mien.stats import student

NAN = float("nan")
# Shares that differ by less are equal.
_SAME = 1e-6
# A share is larger than those of models of shuffled labels up to this p, corrected over places.
_SURE = 0.05


@dataclass(frozen=True)
class Share:
    """Part of the evidence.

    Attributes
    ----------
    name : str
        Region, or feature as the model calls it.
    words : str
        The same in plain words.
    share : float
        Of the absolute evidence, 0 to 1.
    expected : float
        What an even spread would give: the share of points or features.
    signed : float
        Sum of the signed evidence; NaN where its sign does not mean for or against (``Summary.directed``).
    consistency : float
        Share of subjects with the same sign; NaN for regions, and where the sign means nothing.
    low : float
        Lower end of the 95 % interval of people's own shares, which holds for all rows at once (Bonferroni); NaN where
        they are not known or fewer than three.
    shuffled : float
        Mean share of models that were trained on shuffled labels; NaN where there are none.
    p_shuffled : float
        How often such a model has at least so large a share, corrected over places; NaN where there are none.
    """

    name: str
    words: str
    share: float
    expected: float
    signed: float
    consistency: float = NAN
    low: float = NAN
    shuffled: float = NAN
    p_shuffled: float = NAN

    @property
    def exceeds(self) -> bool:
        """Whether people show more of the evidence here than an even spread, and than shuffled labels, would give."""
        even = self.expected * (1 + _SAME)
        return bool(self.name) and self.low > even and self.share > even and not self.p_shuffled > _SURE

    @property
    def density(self) -> float:
        """The share in even spreads: what one point, pixel or feature of it holds, the mean of all being 1."""
        return self.share / self.expected if self.expected > 0 else NAN


def features(summary: Summary) -> list[Share]:
    """Named features with their share of the evidence, largest first.

    Raises
    ------
    InputError
        If the evidence is not about named features.
    """
    if summary.space != NAMED:
        raise InputError(f"Evidence in the space '{summary.space}' has no named features.")
    total, many = summary.mean_absolute.sum() or 1.0, len(summary.names)
    rows = [
        Share(
            name=name,
            words=feature_words(name, summary.topology),
            share=float(summary.mean_absolute[i] / total),
            expected=1 / len(summary.names),
            signed=float(summary.signed_mean[i]) if summary.directed else NAN,
            consistency=float(summary.consistency[i]) if summary.directed else NAN,
            low=_low_of(summary, summary.by_person[:, i], many) if len(summary.by_person) else NAN,
        )
        for i, name in enumerate(summary.names)
    ]
    return _ordered(rows, summary)


def _ordered(rows: list[Share], summary: Summary) -> list[Share]:
    """The largest first, with what models of shuffled labels have there."""
    if known := summary.shuffled:
        rows = [
            replace(row, shuffled=known[row.name]["mean"], p_shuffled=known[row.name]["p_corrected"])
            if row.name in known else row
            for row in rows
        ]  # fmt: skip
    return sorted(rows, key=lambda row: -row.share)


def regions(summary: Summary) -> list[Share]:
    """Facial regions with their share of the evidence, largest first.

    Evidence of named features counts for the region that each is about; what has no place on the face is a
    row of its own. For pictures an even spread is the region's share of the pixels.

    Raises
    ------
    InputError
        If the evidence cannot be put on points: see ``Summary.topology``.
    """
    if summary.places:
        found, many = summary.places_by_person, len(summary.places)
        result = [
            Share(
                name, name, share, area, signed if summary.directed else NAN,
                low=area + lower_end(found[name], many) if name in found else NAN,
            )
            for name, (share, area, signed) in summary.places.items()
        ]  # fmt: skip
        return _ordered(result, summary)
    if not summary.topology or summary.space not in (NAMED, SEQUENCE):
        raise InputError(f"Evidence in the space '{summary.space}' without a topology has no facial regions.")
    absolute, signed = summary.point_absolute, summary.point_signed
    total = summary.mean_absolute.sum() or 1.0
    if summary.space == NAMED:
        even = on_points(np.ones(len(summary.names)), summary.names, summary.topology) / len(summary.names)
    else:
        even = np.full(len(absolute), 1 / len(absolute))
    known = {name: part for name, part in topology(summary.topology).regions.items() if len(part)}
    rows = [
        Share(
            name=name,
            words=name,
            share=float(absolute[part].sum() / total),
            expected=float(even[part].sum()),
            signed=float(signed[part].sum()) if summary.directed else NAN,
            low=_low_of(summary, _of_part(summary, name, part), len(known)) if len(summary.by_person) else NAN,
        )
        for name, part in known.items()
    ]
    lost = [i for i, name in enumerate(summary.names) if summary.space == NAMED and not _placed(summary, name)]
    if lost:
        rows.append(
            Share(
                name="",
                words="not about a place on the face",
                share=float(summary.mean_absolute[lost].sum() / total),
                expected=len(lost) / len(summary.names),
                signed=float(summary.signed_mean[lost].sum()) if summary.directed else NAN,
            )
        )
    return _ordered(rows, summary)


def on_regions(summary: Summary) -> tuple[np.ndarray, np.ndarray]:
    """The evidence of each point's region, as ``regions`` has it, so that a picture of it says what the table says.

    Returns
    -------
    share : ndarray of float64, shape (points,)
        Of the absolute evidence, the same for all points of a region.
    speaks_for : ndarray of float64, shape (points,)
        The part of that share that speaks for the target, 0 to 1; the rest speaks against it.
    """
    of_point, signed_of_point = summary.point_absolute, summary.point_signed
    share, speaks_for = np.zeros((2, len(of_point)))
    total = summary.mean_absolute.sum() or 1.0
    for part in topology(summary.topology).regions.values():
        amount, signed = of_point[part].sum(), signed_of_point[part].sum()
        share[part] = amount / total
        speaks_for[part] = (amount + signed) / (2 * amount) if amount > 0 else 0.5
    return share, speaks_for


def _of_part(summary: Summary, region: str, part: np.ndarray) -> np.ndarray:
    """Absolute evidence of each person in a region, shape (people,)."""
    if summary.space != NAMED:
        return np.asarray(summary.by_person[:, part].sum(axis=1))
    weights = [share_inside(name, region, summary.topology) for name in summary.names]
    return np.asarray(summary.by_person @ np.array(weights))


def _low_of(summary: Summary, amount: np.ndarray, many: int) -> float:
    """Lower end of the mean of people's own shares, in which somebody with large amounts weighs no more than others."""
    total = summary.by_person.sum(axis=1)
    return lower_end(np.divide(amount, total, out=np.full(len(total), NAN), where=total > 0), many)


def lower_end(values: np.ndarray, many: int) -> float:
    """Lower end of the 95 % interval of a mean over people (Student), for so many means at once; NaN below three."""
    known = values[np.isfinite(values)]
    if len(known) < 3:
        return NAN
    quantile = student.ppf(1 - 0.025 / many, len(known) - 1)
    return float(known.mean() - quantile * known.std(ddof=1) / np.sqrt(len(known)))


def _placed(summary: Summary, name: str) -> bool:
    return bool(feature_points(name, summary.topology))


def main_parts(summary: Summary) -> list[Share]:
    """Regions if the evidence can be put on a face, else features, else nothing."""
    if summary.topology or summary.places:
        return regions(summary)
    return features(summary) if summary.space == NAMED else []


def undirected_words(method: str) -> str:
    """What values without a direction say."""
    return f"'{method}' says how much rests on a place; the sign of its values has no direction, so amounts are shown."


def densest(rows: list[Share]) -> Share | None:
    """The region with the most evidence for its size among those that hold at least a twentieth; None if even."""
    known = [row for row in rows if row.name and row.share >= 0.05 and row.expected > 0]
    best = max(known, key=lambda row: row.density, default=None)
    return best if best and best.density > 1.2 else None
