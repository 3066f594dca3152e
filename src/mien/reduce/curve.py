"""From folds to numbers: accuracy against count, tests against chance and against all landmarks, stability."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

import numpy as np
from scipy.stats import hypergeom

from mien.core.extras import require
from mien.reduce.clips import Clips
from mien.reduce.fold import FoldResult, Rung
from mien.reduce.sets import LandmarkUnits
from mien.reduce.ways import ALL, RANDOM
from mien.stats.correction import holm
from mien.stats.permutation import sign_flip_test
from mien.stats.shares import mean_interval
from mien.stats.subjects import subject_means

Key = tuple[str, int]
COLUMNS = (
    "count", "method", "accuracy", "low", "high", "draws", "draws_low", "draws_high", "parameters", "trained", "frozen",
    "fit_seconds", "inference_seconds",
)  # fmt: skip


def right_of(clips: Clips, folds: Sequence[FoldResult]) -> dict[Key, np.ndarray]:
    """Whether each clip was told right; by method and count, shape (draws, clips), NaN where it was not tested."""
    result: dict[Key, dict[int, np.ndarray]] = defaultdict(dict)
    for fold in folds:
        for rung in fold.rungs:
            draws = result[(rung.method, rung.count)]
            column = draws.setdefault(rung.draw, np.full(len(clips.y), np.nan))
            column[fold.test] = clips.right(fold.test, rung.predicted)
    return {key: np.array([draws[draw] for draw in sorted(draws)]) for key, draws in result.items()}


def curve(clips: Clips, folds: Sequence[FoldResult]) -> Any:
    """Accuracy and costs of every method at every count.

    Parameters
    ----------
    clips : Clips
    folds : sequence of FoldResult

    Returns
    -------
    pandas.DataFrame
        ``count``, ``method``, ``accuracy`` (share of test clips; of random sets the mean over draws), ``low`` and
        ``high`` (95 % interval over subjects, NaN where it is withheld), ``draws`` (random sets behind the row),
        ``draws_low`` and ``draws_high`` (2.5 and 97.5 per cent of the draws), ``parameters``, ``trained`` and
        ``frozen`` (of the network), ``fit_seconds`` (mean over folds) and ``inference_seconds`` (per clip, median over
        folds).
    """
    right = right_of(clips, folds)
    costs: dict[Key, list[Rung]] = defaultdict(list)
    for fold in folds:
        for rung in fold.rungs:
            costs[(rung.method, rung.count)].append(rung)
    rows = []
    for (method, count), correct in right.items():
        mean = correct.mean(axis=0)
        interval = mean_interval(mean, clips.subjects)
        draws = correct.mean(axis=1)
        spread = np.percentile(draws, [2.5, 97.5]) if len(draws) > 1 else (np.nan, np.nan)
        own = costs[(method, count)]
        timed = [rung.inference_seconds for rung in own if np.isfinite(rung.inference_seconds)]
        trained, frozen = own[0].trained, own[0].frozen
        row = (
            count,
            method,
            float(mean.mean()),
            interval.low,
            interval.high,
            len(draws),
            float(spread[0]),
            float(spread[1]),
        )
        fit_seconds = float(np.mean([rung.fit_seconds for rung in own]))
        inference = float(np.median(timed)) if timed else float("nan")
        rows.append((*row, trained + frozen, trained, frozen, fit_seconds, inference))
    return require("pandas", "the reduction curve", "learn").DataFrame(rows, columns=list(COLUMNS))


def compared(clips: Clips, folds: Sequence[FoldResult], *, seed: int = 0, n_permutations: int = 10_000) -> Any:
    """Is a selected set better than random ones of its size, and than all landmarks?

    Each subject's difference in accuracy is one value; signs are flipped (``sign_flip_test``, two-sided, exact where
    there are at most 13 subjects). Holm's correction counts all counts of one method against one opponent.

    Returns
    -------
    pandas.DataFrame
        ``method``, ``against``, ``count``, ``difference`` (mean over subjects, positive: the selected set is better),
        ``p``, ``p_corrected``, ``subjects``, ``exact``, ``beaten`` (share of random draws with a lower accuracy; NaN
        against all landmarks).
    """
    pandas = require("pandas", "the reduction's tests", "learn")
    right = right_of(clips, folds)
    everything = right[(ALL, clips.n_points)].mean(axis=0)
    rows: list[dict[str, Any]] = []
    for method in folds[0].rankings:
        counts = sorted((count for name, count in right if name == method), reverse=True)
        for against in (RANDOM, ALL):
            family = []
            for count in counts:
                chosen = right[(method, count)].mean(axis=0)
                rivals = right.get((RANDOM, count)) if against == RANDOM else everything[None]
                if rivals is None:
                    continue
                differences = subject_means(chosen - rivals.mean(axis=0), clips.subjects)
                result = sign_flip_test(differences, n_permutations=n_permutations, seed=seed)
                beaten = float((rivals.mean(axis=1) < chosen.mean()).mean()) if against == RANDOM else float("nan")
                family.append(
                    {
                        "method": method, "against": against, "count": count, "difference": result.statistic,
                        "p": result.p, "subjects": len(differences), "exact": result.exact, "beaten": beaten,
                    }
                )  # fmt: skip
            if family:
                corrected = holm([row["p"] for row in family])
                rows += [{**row, "p_corrected": float(p)} for row, p in zip(family, corrected, strict=True)]
    columns = ["method", "against", "count", "difference", "p", "p_corrected", "subjects", "exact", "beaten"]
    return pandas.DataFrame(rows, columns=columns)


def stability(folds: Sequence[FoldResult], counts: Sequence[int], units: LandmarkUnits, *, seed: int = 0) -> Any:
    """How alike the sets of the folds are: Jaccard index (shared landmarks / landmarks in either), mean over pairs.

    Returns
    -------
    pandas.DataFrame
        ``method``, ``count``, ``jaccard``, ``chance`` (the same for random sets of that size), ``always`` (landmarks
        that every fold kept). Folds share most of their training clips, so agreement between new studies would be
        lower.
    """
    pandas = require("pandas", "the reduction's stability", "learn")
    n_points = sum(map(len, units.members))
    rows = []
    for method in folds[0].rankings if folds else ():
        for count in counts:
            sets = [set(units.take(fold.rankings[method], count).tolist()) for fold in folds]
            pairs = [jaccard(a, b) for i, a in enumerate(sets) for b in sets[:i]]
            chance = chance_jaccard(count, n_points, units, seed)
            always = len(set.intersection(*sets))
            rows.append((method, count, float(np.mean(pairs)) if pairs else float("nan"), chance, always))
    return pandas.DataFrame(rows, columns=["method", "count", "jaccard", "chance", "always"])


def jaccard(a: set[int], b: set[int]) -> float:
    """Shared members over members of either; 1 for two empty sets."""
    return len(a & b) / len(a | b) if a | b else 1.0


def chance_jaccard(count: int, n_points: int, units: LandmarkUnits, seed: int = 0, draws: int = 200) -> float:
    """Expected Jaccard index of two random sets of ``count`` of ``n_points`` landmarks.

    Exact (hypergeometric) for single landmarks; for mirror pairs the mean over random draws.
    """
    if len(units.members) == n_points:
        shared = np.arange(count + 1)
        return float((hypergeom.pmf(shared, n_points, count, count) * shared / (2 * count - shared)).sum())
    rng = np.random.default_rng([seed, count])
    pairs = [(set(units.draw(count, rng).tolist()), set(units.draw(count, rng).tolist())) for _ in range(draws)]
    return float(np.mean([jaccard(a, b) for a, b in pairs]))
