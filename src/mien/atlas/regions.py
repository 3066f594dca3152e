"""The regions and features that evidence comes from, in numbers and in words."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mien.atlas.places import feature_points, on_points
from mien.atlas.summary import Summary
from mien.atlas.words import feature_words
from mien.core.errors import InputError
from mien.core.features import NAMED, SEQUENCE
from mien.core.topology import topology
from mien.core.words import listed, percent

NAN = float("nan")


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
    """

    name: str
    words: str
    share: float
    expected: float
    signed: float
    consistency: float = NAN

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
    total = summary.mean_absolute.sum() or 1.0
    rows = [
        Share(
            name=name,
            words=feature_words(name),
            share=float(summary.mean_absolute[i] / total),
            expected=1 / len(summary.names),
            signed=float(summary.signed_mean[i]) if summary.directed else NAN,
            consistency=float(summary.consistency[i]) if summary.directed else NAN,
        )
        for i, name in enumerate(summary.names)
    ]
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
        result = [
            Share(name, name, share, area, signed if summary.directed else NAN)
            for name, (share, area, signed) in summary.places.items()
        ]
        return sorted(result, key=lambda row: -row.share)
    if not summary.topology or summary.space not in (NAMED, SEQUENCE):
        raise InputError(f"Evidence in the space '{summary.space}' without a topology has no facial regions.")
    absolute, signed = summary.point_absolute, summary.point_signed
    total = summary.mean_absolute.sum() or 1.0
    if summary.space == NAMED:
        even = on_points(np.ones(len(summary.names)), summary.names, summary.topology) / len(summary.names)
    else:
        even = np.full(len(absolute), 1 / len(absolute))
    rows = [
        Share(
            name=name,
            words=name,
            share=float(absolute[part].sum() / total),
            expected=float(even[part].sum()),
            signed=float(signed[part].sum()) if summary.directed else NAN,
        )
        for name, part in topology(summary.topology).regions.items()
        if len(part)
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
    return sorted(rows, key=lambda row: -row.share)


def on_regions(summary: Summary) -> tuple[np.ndarray, np.ndarray]:
    """The evidence of each point's region, as ``regions`` has it, so that a picture of it says what the table says.

    Returns
    -------
    share : ndarray of float64, shape (points,)
        Of the absolute evidence, the same for all points of a region.
    speaks_for : ndarray of float64, shape (points,)
        The part of that share that speaks for the target, 0 to 1; the rest speaks against it.
    """
    share, speaks_for = np.zeros((2, len(summary.point_absolute)))
    total = summary.mean_absolute.sum() or 1.0
    for part in topology(summary.topology).regions.values():
        amount, signed = summary.point_absolute[part].sum(), summary.point_signed[part].sum()
        share[part] = amount / total
        speaks_for[part] = (amount + signed) / (2 * amount) if amount > 0 else 0.5
    return share, speaks_for


def _placed(summary: Summary, name: str) -> bool:
    return bool(feature_points(name, summary.topology))


def main_parts(summary: Summary) -> list[Share]:
    """Regions if the evidence can be put on a face, else features, else nothing."""
    if summary.topology or summary.places:
        return regions(summary)
    return features(summary) if summary.space == NAMED else []


def in_words(summary: Summary, *, most: int = 3) -> str:
    """One sentence: "Most evidence for 'smiling' comes from mouth (61 %), right cheek (12 %) and nose (8 %)."

    More sentences tell the region that stands out for its size, and the strongest of named features. Of methods whose
    sign does not mean for or against it is "evidence about".
    """
    what = f"{'for' if summary.directed else 'about'} '{summary.target}'"
    if not summary.mean_absolute.any():
        return f"There is no evidence {what}: all values are zero."
    parts = main_parts(summary)
    text = f"Most evidence {what} comes from {_top(parts, most)}." if parts else ""
    dense = densest(parts) if summary.topology or summary.places else None
    if dense:
        text += f" For its size, {dense.words} stands out: {dense.density:.1f} times an even spread."
    if summary.space == NAMED and summary.topology:
        text += f" The strongest features are {_top(features(summary), most)}."
    if text and not summary.directed:
        text += f" {undirected_words(summary.method)}"
    return text


def undirected_words(method: str) -> str:
    """What values without a direction say."""
    return f"'{method}' says how much rests on a place; the sign of its values has no direction, so amounts are shown."


def densest(rows: list[Share]) -> Share | None:
    """The region with the most evidence for its size among those that hold at least a twentieth; None if even."""
    known = [row for row in rows if row.name and row.share >= 0.05 and row.expected > 0]
    best = max(known, key=lambda row: row.density, default=None)
    return best if best and best.density > 1.2 else None


def _top(rows: list[Share], most: int) -> str:
    return listed([f"{row.words} ({percent(row.share)})" for row in rows[:most] if row.share > 0])
