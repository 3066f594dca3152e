"""The ladder of landmark counts, and sets of landmarks: the best of a ranking, random ones, anatomical ones."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from mien.core.errors import InputError
from mien.core.topology import IBUG_68, MEDIAPIPE_468, MEDIAPIPE_478, ibug_68_in_478, topology

# Shares of all landmarks that are kept unless counts are asked for.
RUNGS = (1 / 2, 3 / 8, 1 / 4, 1 / 8, 1 / 16)


def counts_of(wanted: Sequence[int] | None, n_points: int) -> tuple[int, ...]:
    """The counts to be tried, most first, without that of all landmarks.

    Raises
    ------
    InputError
        For a count below 1 or above the number of landmarks, and for what is no list of whole numbers.
    """
    if wanted is None:
        wanted = [round(share * n_points) for share in RUNGS]
        return tuple(sorted({n for n in wanted if 1 < n < n_points} or {1} - {n_points}, reverse=True))
    counts = sorted(_whole(wanted), reverse=True)
    odd = [n for n in counts if not 1 <= n <= n_points]
    if odd or not counts:
        raise InputError(f"counts: from 1 to {n_points} landmarks can be kept, but got {odd[0] if odd else 'none'}.")
    return tuple(n for n in counts if n < n_points)


def _whole(wanted: Any) -> set[int]:
    """The counts as whole numbers, each once; 2.7 or '8' are not made fit."""
    known = not isinstance(wanted, (str, bytes, dict)) and (np.ndim(wanted) == 1 or isinstance(wanted, (set, range)))
    listed = list(wanted) if known else []
    odd = [n for n in listed if not isinstance(n, (int, np.integer)) or isinstance(n, bool)]
    if not known or odd:
        got = repr(odd[0]) if odd else repr(wanted)
        raise InputError(f"counts is a list of whole numbers of landmarks, such as [17, 8], but got {got}.")
    return {int(n) for n in listed}


@dataclass(frozen=True, eq=False)
class LandmarkUnits:
    """What is kept or removed at once: single landmarks, or mirror pairs.

    Attributes
    ----------
    members : tuple of ndarray of int
        Landmarks of each unit; together all of them, each once.
    """

    members: tuple[np.ndarray, ...]

    @classmethod
    def of(cls, n_points: int, topology_name: str, symmetric: bool) -> LandmarkUnits:
        """Single landmarks, or with ``symmetric`` the mirror pairs of a known topology.

        Raises
        ------
        InputError
            If pairs are asked for where mirror partners are not known.
        """
        if not symmetric:
            return cls(tuple(np.array([point]) for point in range(n_points)))
        if not topology_name:
            raise InputError(
                f"symmetric=True needs landmarks whose mirror partners are known; name them with topology=... (mien "
                f"knows {MEDIAPIPE_478}, {MEDIAPIPE_468}, {IBUG_68} and subsets of them)."
            )
        mirror = topology(topology_name).mirror
        pairs = sorted({tuple(sorted({point, int(mirror[point])})) for point in range(n_points)})
        return cls(tuple(np.array(pair) for pair in pairs))

    def order(self, importance: np.ndarray) -> np.ndarray:
        """Landmarks from most to least important, units kept together.

        Parameters
        ----------
        importance : ndarray, shape (landmarks,) or (classes, landmarks)
            With several classes they choose in turns: every class's first unit comes before any class's second, and so
            on, because each class needs landmarks of its own and a mean over classes can leave one without any. Within
            a turn, and with one row, by the mean; ties by index.

        Returns
        -------
        ndarray of int, shape (landmarks,)
        """
        rows = np.atleast_2d(importance)
        each = np.stack([rows[:, unit].mean(axis=1) for unit in self.members], axis=1)
        turn = (-each).argsort(axis=1, kind="stable").argsort(axis=1, kind="stable").min(axis=0)
        return np.concatenate([self.members[i] for i in np.lexsort((-each.mean(axis=0), turn))])

    def take(self, order: np.ndarray, count: int) -> np.ndarray:
        """The first ``count`` landmarks of an order, ascending; a pair that would exceed the count is passed over."""
        unit_of = np.empty(sum(map(len, self.members)), dtype=int)
        for number, unit in enumerate(self.members):
            unit_of[unit] = number
        kept: list[int] = []
        for number in dict.fromkeys(unit_of[order]):
            # Units that are partly outside the order (removed earlier) do not occur: units go as a whole.
            if len(kept) + len(self.members[number]) <= count:
                kept.extend(int(point) for point in self.members[number])
            if len(kept) == count:
                break
        return np.array(sorted(kept), dtype=int)

    def draw(self, count: int, rng: np.random.Generator) -> np.ndarray:
        """A random set of ``count`` landmarks, ascending."""
        order = np.concatenate([self.members[i] for i in rng.permutation(len(self.members))])
        return self.take(order, count)


def random_sets(units: LandmarkUnits, counts: Sequence[int], n_random: int, seed: int) -> dict[int, list[np.ndarray]]:
    """``n_random`` random sets of each count; a set depends on seed, count and its own number alone."""
    return {
        count: [units.draw(count, np.random.default_rng([seed, count, draw])) for draw in range(n_random)]
        for count in counts
    }


def anatomical_sets(topology_name: str) -> dict[str, np.ndarray]:
    """Fixed sets that people choose by hand: brows, eyes, mouth, their union, and the 68 among more points.

    Empty where the points are not known; sets of no or of all points are left out.
    """
    if not topology_name:
        return {}
    whole = topology(topology_name)
    names = {
        "brows": ("right brow", "left brow"),
        "eyes": ("right eye", "left eye"),
        "mouth": ("mouth",),
        "brows, eyes and mouth": ("right brow", "left brow", "right eye", "left eye", "mouth"),
    }
    sets = {
        label: np.sort(np.concatenate([whole.regions.get(part, np.array([], dtype=int)) for part in parts]))
        for label, parts in names.items()
    }
    if whole.parent in (MEDIAPIPE_478, MEDIAPIPE_468):
        sets["the 68 of 300-W"] = np.flatnonzero(np.isin(whole.index, ibug_68_in_478()))
    return {label: points for label, points in sets.items() if 0 < len(points) < len(whole)}
