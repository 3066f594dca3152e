"""A reduction in sentences."""

from __future__ import annotations

from typing import Any

from mien.reduce.fold import ALL, RANDOM
from mien.reduce.result import Reduction


def row_of(table: Any, **wanted: Any) -> dict[str, Any] | None:
    """The first row of a table with these values."""
    for row in table.to_dict("records"):
        if all(row[key] == value for key, value in wanted.items()):
            return dict(row)
    return None


def enough(reduction: Reduction) -> str:
    """How few are enough."""
    chosen, total = reduction.chosen, len(reduction.ranking)
    rule = {
        "one-se": "the smallest count within one standard error of the best",
        "best": "the count with the highest accuracy",
        "tolerance": f"the smallest count within {reduction.protocol.get('tolerance', 0.01)} of the best",
    }[chosen.rule]
    if chosen.count == total:
        return (
            f"All {total} landmarks are needed ({rule}): accuracy {chosen.accuracy:.3f} ({chosen.low:.3f} to "
            f"{chosen.high:.3f})."
        )
    return (
        f"{chosen.count} of {total} landmarks are enough ({rule}): accuracy {chosen.accuracy:.3f} ({chosen.low:.3f} to "
        f"{chosen.high:.3f}) against {chosen.all_accuracy:.3f} with all, chance "
        f"{reduction.protocol.get('chance', float('nan')):.3f}."
    )


def choice_caveat(reduction: Reduction) -> str:
    """What choosing on the curve's own folds means, and what the choice is worth without that."""
    return (
        "The count was chosen on the same folds that the curve shows, so its accuracy is a little too good. Where each "
        "fold's count is chosen without that fold, accuracy is "
        f"{reduction.chosen.held_out_accuracy:.3f}. Which landmarks are kept is decided in training folds only."
    )


def tested(reduction: Reduction, against: str) -> str:
    """Whether the chosen set is better than random ones of its size, or than all landmarks."""
    chosen = reduction.chosen
    row = row_of(reduction.tests, method=chosen.method, against=against, count=chosen.count)
    if row is None:
        return ""
    other = f"random sets of {chosen.count}" if against == RANDOM else "all landmarks"
    sure = row["p_corrected"] < 0.05
    words = "better than" if row["difference"] > 0 else "worse than"
    beaten = f"; it beat {100 * row['beaten']:.0f} % of the draws" if row["beaten"] == row["beaten"] else ""
    verdict = f"{words} {other}" if sure else f"not told apart from {other}"
    exact = "exact" if row["exact"] else "sampled"
    return (
        f"The selected set is {verdict} (difference {row['difference']:+.3f}, p = {row['p']:.2g}, corrected over "
        f"counts {row['p_corrected']:.2g}; {exact} sign flips of {row['subjects']} subjects{beaten})."
    )


def saved(reduction: Reduction) -> str:
    """What is gained in time and size."""
    timing = reduction.timing
    if not timing:
        return ""
    one, size = timing["binary_all_clips"], timing["parameters"]
    return (
        f"One binary network answers in {one['chosen_us']:.1f} µs per clip instead of {one['all_us']:.1f} "
        f"({one['ratio']:.2f} of the time) and the whole has {size['chosen']:,} parameters instead of "
        f"{size['all']:,}."
    )


def stable(reduction: Reduction) -> str:
    """How alike the folds' sets are."""
    chosen = reduction.chosen
    row = row_of(reduction.stability, method=chosen.method, count=chosen.count)
    if row is None:
        return ""
    return (
        f"The sets of two folds share {100 * row['jaccard']:.0f} % of their landmarks (Jaccard; random sets "
        f"{100 * row['chance']:.0f} %); {row['always']} landmarks were kept by every fold. Folds share most of their "
        "training clips, so new studies would agree less."
    )


def sentences(reduction: Reduction) -> list[str]:
    """Everything in order."""
    parts = [
        enough(reduction),
        tested(reduction, RANDOM),
        tested(reduction, ALL),
        saved(reduction),
        stable(reduction),
        choice_caveat(reduction),
    ]
    return [part for part in parts if part]
