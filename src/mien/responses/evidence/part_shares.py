"""How evidence is spread over parts of a face: shares over sources, against area and against other bodies."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from mien.core.words import DASH
from mien.responses.evidence.picture_parts import PARTS
from mien.responses.probes.rows import Estimated
from mien.stats.correction import holm
from mien.stats.paired import subject_mean
from mien.stats.permutation import sign_flip_test
from mien.stats.subjects import subject_means

# What is shared out: evidence for "face", against it, and both by size.
SIGNS = ("for", "against", "both")
# With fewer sources no flip of signs can reach .05.
LEAST_SOURCES = 6


@dataclass(frozen=True)
class PartShare:
    """Share of the evidence in one part of the pictures of one group.

    Attributes
    ----------
    body : str
        ``''`` for the body that the probe is about.
    group : str
        ``''`` where pictures are not grouped.
    sign : str
        One of ``SIGNS``.
    part : str
        One of ``mien.responses.evidence.picture_parts.PARTS``.
    share : Estimated
        Mean over sources of the share, 0 to 1; p against the part's share of the area, by signs flipped over sources,
        corrected over parts (Holm).
    area : float
        Mean share of the area.
    less_body : Estimated
        The probe's share less this body's, over the same sources, with its p, corrected over parts; of the probe's
        own rows nothing.
    pictures, sources : int
    """

    body: str
    group: str
    sign: str
    part: str
    share: Estimated
    area: float
    less_body: Estimated
    pictures: int
    sources: int

    @property
    def in_words(self) -> tuple[str, str]:
        """The share with its interval, and the share of the area, in per cent."""
        value, low, high, area = (
            f"{100 * v:.1f}" if v == v else DASH for v in (self.share.value, self.share.low, self.share.high, self.area)
        )
        interval = f" ({low} to {high})" if self.share.low == self.share.low else ""
        return f"{value} %{interval}", f"{area} %"

    @property
    def density(self) -> float:
        """Evidence per area: 1 is what an even spread would give."""
        return self.share.value / self.area if self.area > 0 else float("nan")


def shares_of_maps(maps: np.ndarray, parts: np.ndarray) -> dict[str, np.ndarray]:
    """Shares of each picture.

    Parameters
    ----------
    maps : ndarray, shape (pictures, height, width)
        Signed evidence; NaN where a picture has none.
    parts : ndarray of int, shape (pictures, height, width)
        Index into ``PARTS``.

    Returns
    -------
    dict of str to ndarray of float64, shape (pictures, parts)
        For each of ``SIGNS`` the share of that evidence (NaN where there is none), ``'area'`` the share of the pixels,
        ``'net'`` the sum of the signed evidence in the unit of the answer.
    """
    count = len(PARTS)
    found = {name: np.full((len(maps), count), np.nan) for name in (*SIGNS, "area", "net")}
    for row, (values, where) in enumerate(zip(maps, parts, strict=True)):
        flat, place = values.astype(np.float64).ravel(), where.ravel()
        found["area"][row] = np.bincount(place, minlength=count) / len(place)
        if not np.isfinite(flat).all():
            continue
        found["net"][row] = np.bincount(place, flat, count)
        amounts = {"for": np.maximum(flat, 0), "against": np.maximum(-flat, 0), "both": np.abs(flat)}
        for sign, amount in amounts.items():
            total = amount.sum()
            if total > 0:
                found[sign][row] = np.bincount(place, amount, count) / total
    return found


def part_shares(
    shares: dict[str, np.ndarray], sources: np.ndarray, groups: np.ndarray, *, body: str = "",
    of_probe: dict[str, np.ndarray] | None = None, signs: Sequence[str] = SIGNS, seed: int = 0,
) -> list[PartShare]:  # fmt: skip
    """Means over sources of what ``shares_of_maps`` gave, with tests.

    Parameters
    ----------
    shares : dict
    sources, groups : ndarray of str, shape (pictures,)
    body : str
    of_probe : dict, optional
        Of the same pictures by the probe, that another body's shares are taken from.
    signs : sequence of str
        Of a method whose values have no direction ``('both',)``.
    seed : int
        Of the flips.
    """
    rows: list[PartShare] = []
    for group in dict.fromkeys(groups.tolist()):
        inside = groups == group
        for sign in signs:
            family = [
                _row(shares, of_probe, sources, inside, body, group, sign, part, seed) for part in range(len(PARTS))
            ]
            against_area = holm([row.share.p for row in family])
            against_body = holm([row.less_body.p for row in family])
            rows += [
                replace(row, share=replace(row.share, p=float(p)), less_body=replace(row.less_body, p=float(q)))
                for row, p, q in zip(family, against_area, against_body, strict=True)
            ]
    return rows


def _row(
    shares: dict[str, np.ndarray], of_probe: dict[str, np.ndarray] | None, sources: np.ndarray, inside: np.ndarray,
    body: str, group: str, sign: str, part: int, seed: int,
) -> PartShare:  # fmt: skip
    value, area = shares[sign][:, part], shares["area"][:, part]
    known = inside & np.isfinite(value)
    excess = _estimated(value[known] - area[known], sources[known], seed)
    share = subject_mean(value[known], sources[known])
    less = Estimated(float("nan"), float("nan"), float("nan"))
    if of_probe is not None:
        both = known & np.isfinite(of_probe[sign][:, part])
        less = _estimated(of_probe[sign][both, part] - value[both], sources[both], seed)
    mean_area = subject_mean(area[known], sources[known]).value
    # Shares lie between 0 and 1; NaN stays.
    low, high = (float(np.clip(end, 0, 1)) for end in (share.low, share.high))
    found = Estimated(share.value, low, high, excess.p, excess.withheld)
    return PartShare(body, group, sign, PARTS[part], found, mean_area, less, share.samples, share.subjects)


def _estimated(differences: np.ndarray, sources: np.ndarray, seed: int) -> Estimated:
    """Mean difference over sources with interval and a test by flipped signs."""
    mean = subject_mean(differences, sources)
    if mean.subjects < LEAST_SOURCES:
        why = f"{mean.subjects} sources; a test needs {LEAST_SOURCES}"
        return Estimated(mean.value, float(mean.low), float(mean.high), withheld=why)
    test = sign_flip_test(subject_means(differences, sources), seed=seed)
    return Estimated(mean.value, float(mean.low), float(mean.high), test.p)
