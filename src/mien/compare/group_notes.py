"""What has to be known beside a comparison of two groups, in sentences."""

from __future__ import annotations

from typing import Any

import numpy as np

from mien.core.evidence import Evidence
from mien.core.words import listed
from mien.stats.two_groups import LEAST, Contrast, Tests, enough, spread_ratio

# From simulations (``wider``): a group of fewer people than this that spreads so much more makes p too small.
MUCH_WIDER, ENOUGH_OF_WIDE = 1.5, 20


def few_ways(contrast: Contrast, tests: Tests) -> list[str]:
    """A sentence where even the largest difference could not be told from chance."""
    # Exchanging everybody gives the same difference with the other sign.
    mirrored = contrast.paired or len(contrast.a) == len(contrast.b)
    least = (2 if mirrored else 1) / tests.n_permutations
    if not tests.exact or least <= 0.05:
        return []
    return [f"So few people can be arranged in {tests.n_permutations} ways only: no p can be below {least:.3f}."]


def wider(contrast: Contrast, labels: tuple[str, str]) -> list[str]:
    """A sentence where the few people of one group differ so much more that the test rejects too often.

    From 4,800 simulated studies of six measures without a difference, 400 of each size of groups and ratio of spreads.
    """
    if contrast.paired:
        return []
    spread, n_a, n_b = spread_ratio(contrast), len(contrast.a), len(contrast.b)
    wide, few, many = (labels[0], n_a, n_b) if spread > 1 else (labels[1], n_b, n_a)
    ratio = max(spread, 1 / spread) if spread > 0 else 1.0
    if not ratio >= MUCH_WIDER or few > many or few >= ENOUGH_OF_WIDE:
        return []
    return [
        f"People of {wide} vary {ratio:.1f} times as much as the others and are few ({few}), so that p can be too "
        "small. In simulations without a difference, up to .08 of the measures and up to .16 of studies of six "
        "measures had p <= .05 (5 people against 20, three times the spread; 12 against 12: .05 and .08). More people "
        "make it hold."
    ]


def two_models(a: Any, b: Any) -> list[str]:
    """What it means that the two sets were explained with different models, or asked differently."""
    if not (isinstance(a, Evidence) and isinstance(b, Evidence)):
        return []
    marks = [given.model.get("weights_sha256") for given in (a, b)]
    if marks[0] == marks[1] and a.method == b.method:
        return []
    what = "methods" if marks[0] == marks[1] else "models"
    return [
        f"The two sets come from different {what}: a difference between them is one of these two {what} on these "
        "people, and another training or choice may give another one. To compare people, explain both with one model "
        "that has seen neither."
    ]


def unequal(contrast: Contrast) -> list[str]:
    """A sentence where few people of one group are known so much less exactly than those of the other."""
    if contrast.scales is None:
        return []
    n_a, n_b = len(contrast.a), len(contrast.b)
    one, other = contrast.scales[:n_a].mean(0), contrast.scales[n_a:].mean(0)
    ratio = float(np.median(one / other))
    if min(n_a, n_b) >= ENOUGH_OF_WIDE or 1 / MUCH_WIDER < ratio < MUCH_WIDER:
        return []
    return [
        "People of one group have far fewer samples than those of the other, and are few. How much that matters is "
        "estimated from the samples themselves, so that p can be a little too small: in simulations of six measures "
        "without a difference (8 people of 1 sample against 8 of 9, nothing between people) .06 of the measures had "
        "p <= .05, and .05 (false-discovery rate) or .08 (largest t) of the studies any corrected one."
    ]


def not_compared(names: tuple[str, ...], contrast: Contrast) -> list[str]:
    """A sentence that names measures which too few people have."""
    lacking = [f"'{names[i]}'" for i in np.flatnonzero(~enough(contrast))]
    if not lacking:
        return []
    more = f" and {len(lacking) - 8} more" if len(lacking) > 8 else ""
    who = "of both sets" if contrast.paired else "in each group"
    shown = ", ".join(lacking[:8]) if more else listed(lacking)
    return [f"Not compared, as fewer than {LEAST} people {who} have them: {shown}{more}."]
