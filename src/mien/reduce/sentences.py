"""A reduction in sentences."""

from __future__ import annotations

from typing import Any

import numpy as np

from mien.reduce.result import Reduction
from mien.reduce.ways import ALL, RANDOM
from mien.stats.scores import between

ALPHA = 0.05
# Random sets per count below which a remark is due: of 20, one is a twentieth.
ENOUGH_DRAWS = 20


def row_of(table: Any, **wanted: Any) -> dict[str, Any] | None:
    """The first row of a table with these values."""
    for row in table.to_dict("records"):
        if all(row[key] == value for key, value in wanted.items()):
            return dict(row)
    return None


def accuracy_words(reduction: Reduction) -> str:
    """``accuracy``, with the question where one class alone is asked about."""
    contrast = reduction.protocol.get("contrast")
    return f"accuracy ('{contrast['name']}' or not)" if contrast else "accuracy"


def enough(reduction: Reduction) -> str:
    """How few are enough."""
    chosen, total, people = reduction.chosen, len(reduction.ranking), reduction.protocol.get("n_subjects", 0)
    rule = {
        "one-se": "the smallest count within one standard error of the best",
        "best": "the count with the highest accuracy",
        "tolerance": f"the smallest count within {reduction.protocol.get('tolerance', 0.01)} of the best",
    }[chosen.rule]
    if chosen.count == total:
        return (
            f"All {total} landmarks are needed ({rule}): {accuracy_words(reduction)} {chosen.held_out_accuracy:.3f} "
            f"({between(chosen.held_out_low, chosen.held_out_high, people)})."
        )
    but = reservation(reduction)
    return (
        f"{chosen.count} of {total} landmarks are enough ({rule}): {accuracy_words(reduction)} "
        f"{chosen.held_out_accuracy:.3f} ({between(chosen.held_out_low, chosen.held_out_high, people)}) against "
        f"{chosen.all_accuracy:.3f} with all, chance "
        f"{reduction.protocol.get('chance', float('nan')):.3f}{f', but {but}' if but else ''}."
    )


def reservation(reduction: Reduction) -> str:
    """Why the chosen landmarks may be no better than others, to follow "but"; empty where both checks were passed."""
    chosen = reduction.chosen
    if chosen.count == len(reduction.ranking):
        return ""
    parts = []
    row = row_of(reduction.tests, method=chosen.method, against=RANDOM, count=chosen.count)
    if row is None:
        parts.append("random sets of that size were not tried")
    elif row["p_corrected"] >= ALPHA:
        parts.append(f"random sets of {chosen.count} did not do reliably worse (p = {row['p_corrected']:.2g})")
    elif row["difference"] < 0:
        parts.append(f"random sets of {chosen.count} did better (p = {row['p_corrected']:.2g})")
    if agreed(reduction) is False:
        parts.append("folds did not agree on them more than chance")
    return f"{', and '.join(parts)}: do not read anatomy into these points" if parts else ""


def agreed(reduction: Reduction) -> bool | None:
    """Whether folds chose sets more alike than random ones; None where that is not known.

    More than two standard deviations of the mean over pairs of random sets, whose pairs are uncorrelated.
    """
    from scipy.stats import hypergeom

    chosen, total = reduction.chosen, len(reduction.ranking)
    row = row_of(reduction.stability, method=chosen.method, count=chosen.count)
    folds = reduction.protocol.get("n_folds", 0)
    if row is None or row["jaccard"] != row["jaccard"] or folds < 2:
        return None
    # Mirror pairs go as a whole: half as many things to choose from.
    each = 2 if reduction.protocol.get("symmetric") else 1
    kept = max(1, chosen.count // each)
    shared = np.arange(kept + 1)
    alike, share = shared / (2 * kept - shared), hypergeom.pmf(shared, max(kept, total // each), kept, kept)
    spread = np.sqrt(max(0.0, (share * alike**2).sum() - (share * alike).sum() ** 2) / (folds * (folds - 1) / 2))
    return bool(row["jaccard"] > row["chance"] + 2 * spread)


def answer(reduction: Reduction) -> str:
    """The whole result in one paragraph: accuracy with all and with the chosen number, chance, and what is saved."""
    chosen, total, people = reduction.chosen, len(reduction.ranking), reduction.protocol.get("n_subjects", 0)
    if chosen.count == total:
        return enough(reduction)
    chance = reduction.protocol.get("chance")
    said = (
        f"{chosen.count} of {total} landmarks reach an {accuracy_words(reduction)} of {chosen.held_out_accuracy:.2f} "
        f"({between(chosen.held_out_low, chosen.held_out_high, people, decimals=2)}), all {total} reach "
        f"{chosen.all_accuracy:.2f}"
        f"{f', chance {chance:.2f}' if chance else ''}"
    )
    but = reservation(reduction)
    row = row_of(reduction.tests, method=chosen.method, against=RANDOM, count=chosen.count)
    sure = "" if row is None else f"; random sets of {chosen.count} did worse (p = {row['p_corrected']:.2g})"
    said += f", but {but}." if but else f"{sure}."
    timing = reduction.timing
    if timing:
        size = timing["parameters"]
        said += (
            f" The smaller network answers many clips in {100 * timing['binary_all_clips']['ratio']:.0f} % of the time "
            f"(one clip alone in {100 * timing['binary_one_clip']['ratio']:.0f} %) and has "
            f"{100 * size['chosen'] / max(1, size['all']):.0f} % of the parameters."
        )
    return said


def choice_caveat(reduction: Reduction) -> str:
    """What choosing on the curve's own folds means, and what the choice is worth without that."""
    chosen = reduction.chosen
    return (
        f"The accuracy {chosen.held_out_accuracy:.3f} is that of the rule: each fold's count is chosen without that "
        f"fold. The curve says {chosen.accuracy:.3f} at {chosen.count}, a little too good, as the count was chosen on "
        "the same folds. Which landmarks are kept is decided in training folds only."
    )


def tested(reduction: Reduction, against: str) -> str:
    """Whether the chosen set is better than random ones of its size, or than all landmarks."""
    chosen = reduction.chosen
    row = row_of(reduction.tests, method=chosen.method, against=against, count=chosen.count)
    if row is None:
        return ""
    other = f"random sets of {chosen.count}" if against == RANDOM else "all landmarks"
    sure = row["p_corrected"] < ALPHA
    words = "better than" if row["difference"] > 0 else "worse than"
    beaten = f"; it beat {beaten_words(reduction, row)}" if row["beaten"] == row["beaten"] else ""
    verdict = f"{words} {other}" if sure else f"not told apart from {other}"
    exact = "exact" if row["exact"] else "sampled"
    return (
        f"The selected set is {verdict} (difference {row['difference']:+.3f}, p = {row['p']:.2g}, corrected over "
        f"counts {row['p_corrected']:.2g}; {exact} sign flips of {row['subjects']} subjects{beaten})."
    )


def beaten_words(reduction: Reduction, row: dict[str, Any]) -> str:
    """``3 of 4 draws``: how many random sets had a lower accuracy."""
    drawn = row_of(reduction.curve, method=RANDOM, count=row["count"])
    number = int(drawn["draws"]) if drawn else int(reduction.protocol.get("n_random", 0))
    return f"{round(row['beaten'] * number)} of {number} draws"


def few_draws(reduction: Reduction) -> str:
    """A remark where so few random sets were drawn that beating them says little."""
    drawn = row_of(reduction.curve, method=RANDOM, count=reduction.chosen.count)
    number = int(drawn["draws"]) if drawn else ENOUGH_DRAWS
    if number >= ENOUGH_DRAWS:
        return ""
    sets = "Only one random set was" if number == 1 else f"Only {number} random sets were"
    return (
        f"{sets} drawn of that size: so few say little about how good random landmarks can be, and beating all of them "
        f"is weak evidence. {ENOUGH_DRAWS} or more tell something (n_random)."
    )


def saved(reduction: Reduction) -> str:
    """What is gained in time and size."""
    timing = reduction.timing
    if not timing:
        return ""
    one, size, alone = timing["binary_all_clips"], timing["parameters"], timing["binary_one_clip"]["ratio"]
    return (
        f"One binary network answers in {one['chosen_us']:.1f} µs per clip instead of {one['all_us']:.1f} "
        f"({one['ratio']:.2f} of the time) where it gets many at once ({alone:.2f} for one "
        f"clip alone), and the whole has {size['chosen']:,} parameters instead of "
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
        few_draws(reduction),
        tested(reduction, ALL),
        saved(reduction),
        stable(reduction),
        choice_caveat(reduction),
        *reduction.protocol.get("notes", []),
    ]
    return [part for part in parts if part]
