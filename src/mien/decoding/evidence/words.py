"""What decoders of a brain rest on, and how that was computed, in sentences."""

from __future__ import annotations

import numpy as np

from mien.core.words import equals, listed, number
from mien.decoding.evidence.maps import AMOUNT, DIFFERENCE, LOSS, PATTERN, VIEWERS, WEIGHTS, BrainMap
from mien.decoding.evidence.result import BrainEvidence

_MOST, _LEVEL = 5, 0.05
_BY = {
    AMOUNT: "have larger mean absolute {method} values than in decoders of shifted labels",
    DIFFERENCE: "add, by {method}, to telling it apart",
    LOSS: "cost accuracy when other rows' values are put in, more than in decoders of shifted labels",
    WEIGHTS: "have weights that differ from 0, which can also take noise out of others",
    PATTERN: "go with what is read out, by the activation pattern",
}
# As texts speak of them: how columns go with a target, what they add, then all else.
_FIRST = (PATTERN, DIFFERENCE, AMOUNT, LOSS, WEIGHTS)


def brain_words(found: BrainEvidence) -> list[str]:
    """A sentence for each target and measure, one for overlaps, and what none of them says."""
    maps = sorted(found.maps, key=lambda one: (found.targets.index(one.target), _FIRST.index(one.measure)))
    said = [_of_map(one, found) for one in maps]
    for one in found.overlaps:
        spin = f", against turned maps p {equals(one.p_spin)}" if one.p_spin == one.p_spin else ""
        said.append(
            f"Of the first {one.k} {found.space.unit}s of '{one.one}' and '{one.other}', {one.shared} are the same "
            f"({number(one.expected * one.k)} if they were in any order; p {equals(one.p_columns)}{spin})."
        )
    if not said:
        return []
    return [*said, f"What is decodable from a {found.space.unit} is not what it does, nor what anybody feels."]


def _of_map(one: BrainMap, found: BrainEvidence) -> str:
    unit, many = found.space.unit, len(found.space)
    what = _BY[one.measure].format(method=_method(one.method))
    q = one.q
    if not np.isfinite(q).any():
        first = listed([f"'{found.space.names[column]}'" for column in one.ranked[:_MOST]])
        return f"'{one.target}', {one.measure} ({one.method}): largest in {first}; nothing was tested."
    # Of differences only those above 0 are tested.
    sure = [column for column in one.ranked.tolist() if q[column] <= _LEVEL]
    if not sure:
        return f"'{one.target}': none of {many} {unit}s is shown to {what} (q above .05)."
    more = f" and {len(sure) - _MOST} more" if len(sure) > _MOST else ""
    names = ", ".join(f"'{found.space.names[column]}'" for column in sure[:_MOST])
    return f"'{one.target}': {len(sure)} of {many} {unit}s {what} (q to .05): {names}{more}."


def _method(name: str) -> str:
    return {"shap": "SHAP", "lime": "LIME"}.get(name, name)


def brain_method_words(found: BrainEvidence, cited: str = "") -> str:
    """How it was computed and tested, in sentences.

    Parameters
    ----------
    found : BrainEvidence
    cited : str
        How the text refers to the source of activation patterns, with a blank in front.
    """
    methods = listed([_method(one) for one in dict.fromkeys(one.method for one in found.maps)])
    measures = {one.measure for one in found.maps}
    targets = listed([f"'{name}'" for name in found.targets])
    said = [
        f"What decoders of {targets} rest on over {len(found.space)} {found.space.unit}s was computed by {methods}, "
        "for each held-out row by the decoder that had not seen it, and is the mean over "
        f"{len(found.units)} {found.unit}."
    ]
    if found.unit == VIEWERS:
        said.append("Intervals and tests hold for other viewers (Student's t).")
    else:
        said.append("Nothing follows for other people; weights and patterns have intervals by a jackknife over runs.")
    if measures & {AMOUNT, LOSS}:
        said.append("Amounts and losses are tested against decoders of labels that were shifted within their runs.")
    if DIFFERENCE in measures:
        said.append("Differences between rows with and without the target are tested one-sided, above 0.")
    if PATTERN in measures:
        said.append(f"Activation patterns tell where a target shows; weights also take noise out of others{cited}.")
    said.append(f"q: corrected over {found.space.unit}s (Benjamini and Hochberg).")
    return " ".join(said)
