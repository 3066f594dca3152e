"""What goes with an outcome besides the face, such as the site, and is not held constant."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from mien.cohort.people_rows import People, indicators
from mien.core.samples import Samples
from mien.core.words import equals, listed, percent

# Columns that a caution is due for, as tables call them.
_ASKED = ("age", "sex", "gender", "site", "centre", "center", "clinic", "scanner")
_PERMUTATIONS, _ALPHA = 999, 0.05
# A share of the outcome's spread that is worth a sentence, and one that leaves nothing of it.
_SOME, _ALL = 0.02, 0.99
_CHUNK = 2_000_000


def caution(
    samples: Samples, people: People, y: np.ndarray, outcome: str, held: Sequence[str] = (), *, seed: int = 0
) -> str:
    """A sentence on columns that go with the outcome and are not held constant; ``''`` where there is none.

    Parameters
    ----------
    samples : Samples
    people : People
        Those of the samples.
    y : ndarray, shape (people,)
        Scores, or 0 and 1; NaN for people who do not count.
    outcome : str
    held : sequence of str
        What is held constant.
    seed : int
        Of the permutations.
    """
    said, whole = {}, []
    known = {name.casefold(): name for name in (*samples.labels, *samples.ratings)}
    for name in (known[asked] for asked in _ASKED if asked in known and known[asked] not in {outcome, *held}):
        share, p = _share(_columns(samples, people, name), y, seed)
        if share >= _SOME and p <= _ALPHA:
            said[name] = f"{name} ({percent(share)} of its spread, p {equals(p)})"
            whole += [name] if share >= _ALL else []
    if not said:
        return ""
    names, are = list(said), "is" if len(said) == 1 else "are"
    text = f"{outcome} goes with {listed(list(said.values()))}, which {are} not held constant."
    if whole:
        return f"{text} These data cannot tell {outcome} from {listed(whole)}: what is found may be of either."
    return f"{text} What goes with {listed(names)} for other reasons is found, too."


def _columns(samples: Samples, people: People, name: str) -> np.ndarray:
    values = samples.target(name)
    if values.dtype != object:
        return people.numbers(values)[:, None]
    return np.stack([np.ones(len(people)), *indicators(name, people.category(values), [])], 1)


def _share(columns: np.ndarray, y: np.ndarray, seed: int) -> tuple[float, float]:
    """Share of the spread of ``y`` that goes with the columns, and p by permutations of people."""
    kept = np.isfinite(y) & np.isfinite(columns).all(axis=1)
    design, rest = columns[kept], y[kept] - y[kept].mean() if kept.any() else y[kept]
    if len(rest) < 3 or not np.ptp(rest):
        return 0.0, 1.0
    design = design - design.mean(axis=0)
    u, s, _ = np.linalg.svd(design, full_matrices=False)
    basis = u[:, s > 1e-9 * max(s[0], 1e-12)]
    if not basis.shape[1] or s[0] < 1e-9:
        return 0.0, 1.0
    whole = rest @ rest
    share = ((rest @ basis) ** 2).sum() / whole
    generator, above = np.random.default_rng([seed, len(rest)]), 0
    chunk = max(1, _CHUNK // len(rest))
    for start in range(0, _PERMUTATIONS, chunk):
        drawn = generator.permuted(np.tile(rest, (min(chunk, _PERMUTATIONS - start), 1)), axis=1)
        above += int((((drawn @ basis) ** 2).sum(axis=1) >= share * whole * (1 - 1e-9)).sum())
    return float(share), (above + 1) / (_PERMUTATIONS + 1)
