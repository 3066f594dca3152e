"""What a probe found, in sentences."""

from __future__ import annotations

from mien.core.words import DASH, equals, listed, number
from mien.responses.probes.result import Probe
from mien.responses.probes.rows import BodyDifference, Estimated, PairedEffect, ProbeScore
from mien.responses.probes.scores import CHOSEN
from mien.stats.scores import between

LEVEL = 0.05


def with_interval(given: Estimated) -> str:
    """``0.97 (0.95 to 0.98)``; a dash in brackets where the interval is withheld."""
    return f"{number(given.value)} ({given.between})"


def area(given: Estimated) -> str:
    """The same with three decimals, as areas under the ROC curve come close to 1: ``0.995 (0.960 to 0.999)``."""
    return f"{three(given.value)} ({between(given.low, given.high, 0, why=given.withheld)})"


def three(value: float) -> str:
    """Three decimals, or a dash."""
    return DASH if value != value else f"{value:.3f}".replace("-", "−")


def kind_words(kind: dict[str, str]) -> str:
    """``face, inverted``."""
    return ", ".join(kind.values()) or "all pictures"


def above_chance_from(probe: Probe) -> str:
    """The first layer from which on every layer is above chance, corrected over the layers; ``''`` if none."""
    first = ""
    for row in reversed(probe.own):
        if row.status != "ok":
            continue
        if not row.p_corrected <= LEVEL:
            break
        first = row.layer
    return first


def level_with_best_from(probe: Probe) -> str:
    """The first layer whose AUC lies within the interval of the best layer's; ``''`` where there is no interval."""
    best = probe.score(probe.best).auc
    return next((row.layer for row in probe.own if row.auc.value >= best.low), "")


def words(probe: Probe) -> str:
    """Which layers tell faces from everything else, and how well."""
    pictures, sources = probe.settings["pictures"], probe.settings["sources"]
    text = (
        f"{probe.body.sentence()} Faces ({', '.join(probe.faces)}: {pictures['faces']} pictures of {sources['faces']} "
        f"sources) against {', '.join(probe.against)} ({pictures['rest']} pictures of {sources['rest']} sources)"
    )
    text += f", within one '{probe.within}'. " if probe.within else ". "
    first = above_chance_from(probe)
    if first and first == next(row.layer for row in probe.own if row.status == "ok"):
        text += "Every layer tells them apart by more than chance. "
    elif first:
        text += f"From layer {first} on they are told apart by more than chance. "
    else:
        which = (
            "The last layers do not" if any(row.p_corrected <= LEVEL for row in probe.own) else "No layer is shown to"
        )
        text += f"{which} tell them apart by more than chance, which does not show that they cannot. "
    text += _best(probe)
    return text


def _best(probe: Probe) -> str:
    row = probe.score(probe.best)
    text = f"Best in inner folds is layer {row.layer}: AUC {area(row.auc)}, d' {with_interval(row.d_prime)}"
    chosen = [other for other in probe.scores if other.layer == CHOSEN and not other.body]
    if chosen:
        text += f"; with the layer chosen anew within each fold AUC {area(chosen[0].auc)}"
    level = level_with_best_from(probe) if any(one.p_corrected <= LEVEL for one in probe.own) else ""
    return text + (f". From layer {level} on the AUC lies within its interval." if level else ".")


def difference_words(probe: Probe, row: BodyDifference) -> str:
    """One difference to another body."""
    mine = probe.score(row.layer).auc.value
    theirs = probe.score(row.other_layer, row.body).auc.value
    what = "Layers chosen within each fold" if row.layer == CHOSEN else f"Layer {row.layer}"
    apart = f"difference {area(row.auc)}, p {equals(row.auc.p)}"
    return f"{what}: AUC {three(mine)}, of {row.body} {three(theirs)}; {apart}."


def effect_words(row: PairedEffect) -> str:
    """One paired effect."""
    return (
        f"{kind_words(row.kind)}, {row.what}: share called face {with_interval(row.share)}, p "
        f"{equals(row.share_p_corrected)}; answer {with_interval(row.answer)} SD, p {equals(row.answer_p_corrected)} "
        f"({row.pairs} pairs of {row.sources} sources)."
    )


def method_words(probe: Probe) -> str:
    """How it was done, in sentences."""
    unique = list(dict.fromkeys(probe.settings["chosen"]))
    folds, permutations = probe.settings["n_folds"], probe.settings["n_permutations"]
    text = (
        "A ridge discriminant of each layer's answers (standardised within the training pictures, faces and the rest "
        f"weighing the same), {folds} folds by source, the penalty chosen in inner folds by source. Chance is 0.5 for "
        "AUC and balanced accuracy, 0 for d'. Intervals: 95 %, over sources. d' and criterion with the log-linear "
        f"correction. p: labels change hands between sources, {permutations} permutations, corrected over the layers "
        "(Holm). "
    )
    if len(probe.own) > 1:
        text += f"Within the folds the layer chosen was {listed(unique)}. "
    return text + (
        "A picture is called a face where the answer is above 0. That a layer's answers can be told apart by a line "
        "does not say that the network uses them so, nor that it sees faces as people do."
    )


def score_cells(row: ProbeScore, *, short: bool = False) -> list[str]:
    """The scores of one layer as texts: AUC, d', balanced accuracy and criterion with their intervals.

    With ``short`` the last two are without.
    """
    if row.status != "ok":
        return [row.status, "", "", ""]
    rest = (row.balanced_accuracy, row.criterion)
    cells = [number(part.value) if short else with_interval(part) for part in rest]
    return [area(row.auc), with_interval(row.d_prime), *cells]
