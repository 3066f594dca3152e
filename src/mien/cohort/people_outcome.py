"""The outcome of each person: a score, or which of two groups."""

from __future__ import annotations

from collections import Counter

import numpy as np

from mien.cohort.people_rows import People
from mien.core.errors import InputError
from mien.core.samples import Samples
from mien.core.words import did_you_mean

_LEAST_OF_A_GROUP = 3


def outcome_of(
    samples: Samples, people: People, outcome: str, reference: str, cutoff: float | None
) -> tuple[np.ndarray, tuple[str, ...]]:
    """Scores of people, or 0 and 1 with the names of both groups; NaN where not known."""
    values = samples.target(outcome)
    if values.dtype != object:
        if reference:
            raise InputError(f"reference names a band, but '{outcome}' holds numbers; give a cutoff to compare groups.")
        score = people.numbers(values)
        if cutoff is None:
            return score, ()
        above = np.where(np.isfinite(score), score >= cutoff, np.nan)
        return above, (f"below {cutoff:g}", f"{cutoff:g} or more")
    if cutoff is not None:
        raise InputError(f"cutoff is for scores, but '{outcome}' holds bands; name the reference band instead.")
    bands = people.category(values)
    counts = Counter(band for band in bands if band)
    if len(counts) < 2:
        raise InputError(
            f"'{outcome}': all {sum(counts.values())} people are '{next(iter(counts), '')}'; two bands are needed."
        )
    base = reference or counts.most_common(1)[0][0]
    if base not in counts:
        raise InputError(
            f"'{outcome}': no band is called '{base}'.{did_you_mean(base, counts)} There are: "
            f"{', '.join(sorted(counts))}."
        )
    others = sorted(set(counts) - {base})
    y = np.where(bands == "", np.nan, (bands != base).astype(float))
    return y.astype(float), (base, others[0] if len(others) == 1 else f"any other than {base}")


def check_outcome(y: np.ndarray, outcome: str, groups: tuple[str, ...]) -> None:
    """Refuse an outcome of too few people, or one that does not vary."""
    if len(y) < 5:
        raise InputError(f"Only {len(y)} people have measures, '{outcome}' and the covariates; at least 5 are needed.")
    for number, name in enumerate(groups):
        if (y == number).sum() < _LEAST_OF_A_GROUP:
            raise InputError(
                f"'{outcome}': only {int((y == number).sum())} people are '{name}'; at least "
                f"{_LEAST_OF_A_GROUP} are needed."
            )
    if np.ptp(y) == 0:
        raise InputError(f"'{outcome}' is {y[0]:g} for all {len(y)} people; nothing can go with it.")
