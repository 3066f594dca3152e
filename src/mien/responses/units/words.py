"""What was seen of units and lesions, in sentences."""

from __future__ import annotations

from mien.core.words import DASH, equals, interval, listed, number, percent
from mien.responses.units.result import FaceUnits
from mien.stats.correction import holm


def interval_of_shares(low: float, high: float) -> str:
    """``12 to 18 %``."""
    return f"{_points(low)} to {_points(high)} %" if low == low and high == high else DASH


def share_words(share: float) -> str:
    """As ``percent``; a dash where it is not known."""
    return percent(share) if share == share else DASH


def _points(share: float) -> str:
    """Whole per cent with a true minus sign."""
    return f"{round(100 * share)}".replace("-", "−")


def words_of(found: FaceUnits) -> list[str]:
    """Sentences on the network, the shares and the lesions.

    Parameters
    ----------
    found : FaceUnits

    Returns
    -------
    list of str
    """
    cards = [found.body.sentence()]
    if found.beside is not None:
        cards.append(f"Beside it: {found.beside.sentence()}")
    return [*cards, _shares(found), *_lesions(found)]


def _shares(found: FaceUnits) -> str:
    best = max(found.layers, key=lambda row: row.share)
    kinds = listed([f"'{name}'" for name in found.faces])
    others = listed([f"'{name}'" for name in found.against]) if len(found.against) < 4 else (
        f"{len(found.against)} other categories"
    )  # fmt: skip
    rate = percent(float(found.settings["fdr"]))
    if not best.selective:
        return (
            f"In no layer do units respond more to {kinds} than to {others} on both halves of the sources "
            f"(false-discovery rate {rate}); with {found.settings['sources_of_faces']} sources of faces small "
            "differences go unseen."
        )
    text = (
        f"Units that respond more to {kinds} than to {others} (false-discovery rate {rate}) are at most "
        f"{percent(best.share)} of a layer ({best.layer}; {interval_of_shares(best.low, best.high)})"
    )
    if best.shuffled == best.shuffled:
        text += f", where sources' categories are shuffled {percent(best.shuffled)}"
    text = (
        f"{text}. {percent(best.selective_each / best.units)} respond more to faces than to each other category alone. "
        f"Of units that one half of the sources chose, d' is {number(best.d_chosen)} on that half and "
        f"{number(best.d_held_out)} on the other, which is the honest figure."
    )
    known = [row for row in found.layers if row.gap == row.gap]
    if not known:
        return text
    ahead = [row for row in known if row.gap_low > 0]
    if not ahead:
        return f"{text} In no layer are they clearly more than in the network beside."
    most = max(ahead, key=lambda row: row.gap)
    return (
        f"{text} In {len(ahead)} of {len(known)} layers they are more than in the network beside, most in "
        f"{most.layer}: {percent(most.share)} against {percent(most.beside)} (difference {_points(most.gap)} points, "
        f"{_points(most.gap_low)} to {_points(most.gap_high)})."
    )


def _lesions(found: FaceUnits) -> list[str]:
    if not found.dissociations:
        return []
    rows = found.dissociations
    p = holm([row.cost_p for row in rows])
    costly = [row for row, one in zip(rows, p, strict=True) if one <= 0.05]
    said = []
    if costly:
        most = max(costly, key=lambda row: row.cost)
        said.append(
            f"In {len(costly)} of {len(rows)} lesions silencing the units that respond more to faces costs faces more "
            f"than random units do (corrected over lesions); most with {percent(most.dose)} of {most.layer} silent: "
            f"{number(most.cost)} of AUC ({interval(most.cost_low, most.cost_high)}), for telling objects apart "
            f"{number(most.cost_objects)} ({interval(most.cost_objects_low, most.cost_objects_high)})."
        )
    else:
        said.append(
            f"In none of {len(rows)} lesions does silencing the units that respond more to faces cost faces more than "
            "random units do."
        )
    double = [row for row in rows if row.double]
    if double:
        first = max(double, key=lambda row: min(row.faces, row.objects))
        said.append(
            f"{len(double)} of {len(rows)} lesions show a double dissociation. Clearest with {percent(first.dose)} of "
            f"{first.layer} silent, read at {first.read_at}: without the units that respond more to faces the AUC of "
            f"faces is lower by {number(first.faces)} ({interval(first.faces_low, first.faces_high)}) than without "
            f"those that respond less; for telling objects apart it is the other way round by {number(first.objects)} "
            f"({interval(first.objects_low, first.objects_high)}); p {equals(first.p_corrected)}, corrected over "
            "lesions."
        )
    else:
        said.append(
            "No lesion shows a double dissociation: silencing the units that respond less to faces does not cost "
            "objects more, beyond chance, than silencing those that respond more, where the latter costs faces more."
        )
    said.append(
        "That a linear probe needs units does not say that the network itself uses them for faces, nor that what is "
        "lost could not be read from others."
    )
    return said


def method_words(found: FaceUnits) -> str:
    """How it was tested, in sentences."""
    asked = found.settings
    text = (
        f"{asked['pictures']} pictures of {asked['sources']} sources ({asked['sources_of_faces']} of faces); pictures "
        "of a source are averaged first. Each half of the sources chooses units (one-sided p below .05) that are "
        f"tested on the other half by shuffling whole sources ({asked['n_permutations']} permutations), corrected "
        "over the chosen units. A unit counts as responding more, which does not say that it stands for faces: "
        "whatever pictures of faces have in common, such as round shapes on plain ground, makes units respond more, in "
        "a network with random weights, too."
    )
    if found.lesions:
        text += (
            " Lesions: linear probes are trained without a lesion on the half that chooses the units, and tested with "
            "it on the other half. Beyond chance: over sources, and against random sets of as many units, whichever p "
            "is larger; corrected over layers and doses (Holm)."
        )
    return text
