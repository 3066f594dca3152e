"""Effects on a probe's answers of what was done to a picture: differences of pictures that belong together."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from mien.responses.probes.rows import Estimated, PairedEffect
from mien.responses.probes.sets import (
    ALTERATION,
    KINDS,
    MADE_FROM,
    ORIENTATION,
    PAIR,
    AnsweredSet,
)
from mien.stats.paired import subject_mean
from mien.stats.shares import mean_interval
from mien.stats.subjects import codes_of, subject_means
from mien.stats.two_groups import LEAST, Contrast, permutation_tests

_TURNED, _UPRIGHT = "inverted", "upright"
_UNALTERED = ("", "none", "original", "unaltered")


@dataclass(frozen=True, eq=False)
class _Matched:
    """Pictures that belong together: differences of the answers, and of whether they are called a face."""

    kind: dict[str, str]
    what: str
    source: np.ndarray
    answer: np.ndarray
    share: np.ndarray
    # An interaction lies between -2 and 2; its share is given in halves, so that it is a number from -1 to 1.
    scale: float = 1.0


def paired_effects(
    answered: AnsweredSet, others: Sequence[AnsweredSet], target: str, layers: Sequence[str], *, n_permutations: int,
    seed: int,
) -> list[PairedEffect]:  # fmt: skip
    """Effects in one set: of alterations (column ``made_from`` names the original), and within pairs.

    Parameters
    ----------
    answered : AnsweredSet
    others : sequence of AnsweredSet
        Where originals are that are not in the set itself.
    target : str
        Column of categories.
    layers : sequence of str
    n_permutations, seed : int
        Signs of the sources' differences are flipped; corrected over the layers by the largest t of each permutation.

    Notes
    -----
    Pictures of a source are averaged first. Intervals of answers are Student's over sources, those of shares Gaffke's
    (``mien.stats.shares``) of the differences, which lie between -1 and 1.
    """
    found = [*_altered(answered, others, target), *_contrasts(answered, target), *_interactions(answered, target)]
    return [row for part in found for row in _effects(part, answered.name, layers, n_permutations, seed)]


def _altered(answered: AnsweredSet, others: Sequence[AnsweredSet], target: str) -> Iterator[_Matched]:
    """Altered pictures against those that they were made from."""
    if MADE_FROM not in answered.samples.labels:
        return
    # What stands first counts: the set itself, then the others in order. An unaltered copy of a picture stands for it.
    place: dict[str, tuple[AnsweredSet, int]] = {}
    for given in (answered, *others):
        done, origin = given.column(ALTERATION), given.column(MADE_FROM)
        for row in np.flatnonzero(np.isin(done.astype(str), _UNALTERED)):
            for path in filter(None, (str(origin[row]), str(given.samples.path[row]))):
                place.setdefault(path, (given, int(row)))
    for kind, rows in answered.kinds(target):
        change = kind.get(ALTERATION, "")
        if change in _UNALTERED:
            continue
        partners = [(row, place.get(str(answered.column(MADE_FROM)[row]))) for row in rows]
        pairs = [(row, *partner) for row, partner in partners if partner is not None]
        if pairs:
            values = answered.values[[row for row, *_ in pairs]]
            originals = np.stack([given.values[row] for _, given, row in pairs])
            yield _difference(
                {name: value for name, value in kind.items() if name != ALTERATION}, f"{change} - original",
                answered.source[[row for row, *_ in pairs]], values, originals,
            )  # fmt: skip


def _contrasts(answered: AnsweredSet, target: str) -> Iterator[_Matched]:
    """Two categories, and two orientations, of pictures of one pair that are alike in everything else."""
    for column, values in (*_categories(answered, target), (ORIENTATION, (_TURNED, _UPRIGHT))):
        for kind, rows in _pairs(answered, target, column, values):
            yield _difference(
                kind, " - ".join(values), answered.source[rows[:, 0]], answered.values[rows[:, 0]],
                answered.values[rows[:, 1]],
            )  # fmt: skip


def _categories(answered: AnsweredSet, target: str) -> list[tuple[str, tuple[str, str]]]:
    """Categories that come in pairs, such as made-up pareidolia and the same parts scrambled."""
    pair, category = answered.column(PAIR).astype(str), answered.column(target).astype(str)
    together: dict[str, set[str]] = {}
    for name, found in zip(pair, category, strict=True):
        if name and found:
            together.setdefault(name, set()).add(found)
    both = sorted({pairs for found in together.values() for pairs in combinations(sorted(found), 2)})
    return [(target, values) for values in both]


def _interactions(answered: AnsweredSet, target: str) -> Iterator[_Matched]:
    """How much more the category does for upright pictures than for inverted ones."""
    pair = answered.column(PAIR)
    for column, values in _categories(answered, target):
        parts = {kind.get(ORIENTATION, ""): rows for kind, rows in _pairs(answered, target, column, values)}
        if not {_TURNED, _UPRIGHT} <= set(parts):
            continue
        first, second = ({str(pair[rows[0]]): rows for rows in parts[name]} for name in (_UPRIGHT, _TURNED))
        both = [name for name in first if name in second]
        if not both:
            continue
        chosen = [np.array([rows[name] for name in both]) for rows in (first, second)]
        a, b, c, d = (answered.values[rows[:, side]] for rows in chosen for side in (0, 1))
        share = (_called(a) - _called(b) - _called(c) + _called(d)) / 2
        what = f"({' - '.join(values)}), {_UPRIGHT} - {_TURNED}"
        yield _Matched({}, what, answered.source[chosen[0][:, 0]], a - b - c + d, share, 2.0)


def _pairs(
    answered: AnsweredSet, target: str, column: str, values: tuple[str, str]
) -> Iterator[tuple[dict[str, str], np.ndarray]]:
    """Rows of the two values of a column, of one pair and alike in the other columns, shape (pairs, 2)."""
    same = [name for name in (target, *KINDS) if name != column and name in answered.samples.labels]
    table = np.stack([answered.column(name).astype(str) for name in (*same, PAIR)], axis=1)
    keys = [tuple(row) for row in table.tolist()]
    place = answered.column(column).astype(str)
    first, second = ({keys[row]: int(row) for row in np.flatnonzero(place == value)} for value in values)
    groups: dict[tuple[str, ...], list[tuple[int, int]]] = {}
    for key, row in first.items():
        if key in second and key[-1]:
            groups.setdefault(key[:-1], []).append((row, second[key]))
    for key, rows in groups.items():
        yield {name: value for name, value in zip(same, key, strict=True) if value}, np.array(rows)


def _called(values: np.ndarray) -> np.ndarray:
    return np.where(np.isfinite(values), values > 0, np.nan)


def _difference(kind: dict[str, str], what: str, source: np.ndarray, one: np.ndarray, other: np.ndarray) -> _Matched:
    return _Matched(kind, what, source, one - other, _called(one) - _called(other))


def _effects(part: _Matched, name: str, layers: Sequence[str], n_permutations: int, seed: int) -> list[PairedEffect]:
    known = np.isfinite(part.answer).all(1)
    source, answer, share = part.source[known], part.answer[known], part.share[known]
    if not len(source):
        return []
    sources = codes_of(source)[0]
    p, p_largest = np.full((2, 2, len(layers)), np.nan)
    if len(sources) >= LEAST:
        for number, values in enumerate((answer, share)):
            means = np.stack([subject_means(column, source) for column in values.T], axis=1)
            tests = permutation_tests(Contrast(means, np.zeros_like(means), paired=True),
                                      n_permutations=n_permutations, seed=seed)  # fmt: skip
            p[number], p_largest[number] = tests.p, tests.p_largest
    result = []
    for column, layer in enumerate(layers):
        mean = subject_mean(answer[:, column], source)
        shares = subject_means(share[:, column], source)
        bound = mean_interval((shares + 1) / 2, sources)
        low, high = (part.scale * (2 * end - 1) for end in (bound.low, bound.high))
        result.append(
            PairedEffect(
                name, layer, part.kind, part.what,
                Estimated(part.scale * float(shares.mean()), low, high, float(p[1, column]), bound.withheld),
                Estimated(mean.value, float(mean.low), float(mean.high), float(p[0, column])),
                len(source), len(sources), float(p_largest[1, column]), float(p_largest[0, column]),
            )
        )  # fmt: skip
    return result
