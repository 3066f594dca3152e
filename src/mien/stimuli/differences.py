"""On which low-level statistics two categories of pictures differ."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mien.core.errors import InputError
from mien.core.words import did_you_mean
from mien.stats.subjects import text_codes
from mien.stats.two_groups import LEAST, Contrast, effects, permutation_tests

REST, JOIN = "all others", "+"
LEAST_PER_CONTRAST = 40


@dataclass(frozen=True)
class Difference:
    """One statistic of two categories. What cannot be computed is NaN.

    Attributes
    ----------
    alteration : str
        Of the pictures that were compared.
    statistic : str
    one, other : str
        Categories.
    mean_one, mean_other : float
        Means over sources, each the mean of its pictures.
    effect, low, high : float
        Difference in standard deviations between sources, and its 95 % interval.
    p, p_corrected : float
        Permutation test over sources, alone and corrected over all statistics (the largest \\|t\\| of each permutation)
        and contrasts (Bonferroni) of the alteration.
    sources_one, sources_other : int
    paired : bool
        Whether both categories show the same sources, which are compared with themselves.
    """

    alteration: str
    statistic: str
    one: str
    other: str
    mean_one: float
    mean_other: float
    effect: float
    low: float
    high: float
    p: float
    p_corrected: float
    sources_one: int
    sources_other: int
    paired: bool


def contrasts_of(categories: np.ndarray, between: str = "") -> list[tuple[str, str]]:
    """Pairs of categories that are compared: the two that there are, or each against all others.

    Parameters
    ----------
    categories : ndarray of str, shape (pictures,)
    between : str
        Two categories with a comma, to compare these alone; ``'a+b'`` counts as one, and one side alone is compared
        with all others.

    Raises
    ------
    InputError
        If ``between`` names something else than two of them.
    """
    names = list(dict.fromkeys(categories.tolist()))
    if between:
        sides = [side.strip() for side in between.split(",")]
        parts = [[side] if side in names else [name.strip() for name in side.split(JOIN)] for side in sides]
        asked = [name for side in parts for name in side]
        lost = [name for name in asked if name not in names]
        if lost or len(sides) > 2 or len(set(asked)) < len(asked) or len(asked) == len(names) == len(parts[0]):
            hint = did_you_mean(lost[0], names) if lost else ""
            raise InputError(
                f"between names two of the categories, with a comma: {', '.join(names)}; but got '{between}'.{hint} "
                "(Several count as one: a+b,c; one side alone is compared with all others.)"
            )
        joined = [JOIN.join(side) for side in parts]
        return [(joined[0], joined[1] if len(joined) == 2 else REST)]
    if len(names) < 3:
        return [(names[0], names[1])] if len(names) == 2 else []
    return [(name, REST) for name in names]


def differences(
    values: np.ndarray,
    names: tuple[str, ...],
    category: np.ndarray,
    source: np.ndarray,
    *,
    between: str = "",
    alteration: str = "",
    n_permutations: int = 2000,
    seed: int = 0,
) -> list[Difference]:
    """Compare categories in each statistic; the unit is the source.

    Parameters
    ----------
    values : ndarray, shape (pictures, statistics)
    names : tuple of str
        Of the statistics.
    category, source : ndarray of str, shape (pictures,)
    between, alteration, n_permutations, seed
        See ``contrasts_of`` and ``Difference``.

    Notes
    -----
    Effects and tests are those of ``mien.stats.two_groups``. Where both categories show the same sources, as matched
    pairs do, pairs are compared; sources in one of the two are then left out. Below 4 sources there is no test. At
    least ``LEAST_PER_CONTRAST`` permutations are drawn for each contrast, as p is multiplied by their number.
    """
    pairs = contrasts_of(category, between)
    # With fewer no p, multiplied by the number of contrasts, could be below .05 by half.
    n_permutations = max(n_permutations, LEAST_PER_CONTRAST * len(pairs))
    rows: list[Difference] = []
    for one, other in pairs:
        first = _of(category, one)
        second = _of(category, other) if other != REST else ~first
        (a, of_a), (b, of_b) = (_means(values[chosen], source[chosen]) for chosen in (first, second))
        both = [name for name in of_a if name in set(of_b)]
        paired = len(both) >= LEAST and 2 * len(both) > min(len(of_a), len(of_b))
        if paired:
            a, b = (rows_of[[list(of).index(name) for name in both]] for rows_of, of in ((a, of_a), (b, of_b)))
        rows += _rows(a, b, paired, names, (alteration, one, other), len(pairs), n_permutations, seed)
    return rows


def _of(category: np.ndarray, name: str) -> np.ndarray:
    """Pictures of a category, or of any of several that count as one."""
    alone = category == name
    return alone if alone.any() else np.isin(category, name.split(JOIN))


def _rows(
    a: np.ndarray, b: np.ndarray, paired: bool, names: tuple[str, ...], said: tuple[str, str, str], n_contrasts: int,
    n_permutations: int, seed: int,
) -> list[Difference]:  # fmt: skip
    alteration, one, other = said
    counts = [[int(n) for n in np.isfinite(group).sum(axis=0)] for group in (a, b)]
    if min(len(a), len(b)) < LEAST:
        means = [_known_means(group) for group in (a, b)]
        tested = np.full((5, len(names)), np.nan)
    else:
        contrast = Contrast(a, b, paired)
        found, tests = effects(contrast), permutation_tests(contrast, n_permutations=n_permutations, seed=seed)
        means = [found.mean_a, found.mean_b]
        corrected = np.minimum(tests.p_largest * n_contrasts, 1)
        tested = np.array([found.effect, found.low, found.high, tests.p, corrected])
    effect, low, high, p, p_corrected = tested.tolist()
    return [
        Difference(
            alteration, name, one, other, float(means[0][k]), float(means[1][k]), effect[k], low[k], high[k], p[k],
            p_corrected[k], counts[0][k], counts[1][k], paired,
        )
        for k, name in enumerate(names)
    ]  # fmt: skip


def _known_means(values: np.ndarray) -> np.ndarray:
    known = np.isfinite(values)
    with np.errstate(invalid="ignore"):
        return np.asarray(np.where(known, values, 0).sum(axis=0) / known.sum(axis=0))


def _means(values: np.ndarray, source: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Mean of each source's pictures that have the statistic, shape (sources, statistics), and the sources."""
    names, code = text_codes(source)
    known = np.isfinite(values)
    sums, counts = np.zeros((len(names), values.shape[1])), np.zeros((len(names), values.shape[1]))
    np.add.at(sums, code, np.where(known, values, 0))
    np.add.at(counts, code, known)
    with np.errstate(invalid="ignore"):
        return sums / counts, names
