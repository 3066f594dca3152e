"""What has to be told about evidence besides its values: precision that was not reached, abstention."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from mien.core.evidence import INCOMPLETE, Evidence
from mien.core.words import percent
from mien.explain.completeness import MOST_OPEN, gap_shares, judged_complete
from mien.explain.gradients.lines import most_points
from mien.explain.problem import GRIDDED, REACHED, RELATIVE_ERROR, STABILITY, STABLE

ABSTAINED, BETWEEN = "abstained", "between"
# Share of the output's difference that values may miss before it has to be said.
LARGE_GAP = 0.05


def noted(evidence: Evidence) -> Evidence:
    """The evidence, judged by its gap, with ``notes_of`` it among its settings, behind those of its inputs."""
    evidence = judged_complete(evidence)
    notes = list(dict.fromkeys([*evidence.settings.get("notes", []), *notes_of(evidence)]))
    return replace(evidence, settings={**evidence.settings, "notes": notes}) if notes else evidence


def notes_of(evidence: Evidence) -> list[str]:
    """Sentences that whoever uses the evidence has to know; empty where all is as asked for."""
    of_method = str(evidence.settings.get("note", ""))
    result = (
        of_method, _saturated(evidence), _incomplete(evidence), _precision(evidence), _stability(evidence),
        _completeness(evidence), _abstention(evidence), _segments(evidence),
    )  # fmt: skip
    return [note for note in result if note]


def _completeness(evidence: Evidence) -> str:
    """Values that do not add up to the output's difference, as the method promises."""
    share = gap_shares(evidence)
    share = share[np.isfinite(share)]
    if not len(share) or share.max() <= LARGE_GAP:
        return ""
    steps, draws = (evidence.settings.get(name) for name in ("n_steps", "n_samples"))
    advice = f"use more steps (n_steps is {steps})" if steps else "do not read small differences into them"
    if steps is None and "n_steps" in evidence.settings:
        advice = f"the lines have their most points ({most_points(evidence.space)}); n_steps takes more"
    advice = f"use more draws (n_samples is {draws})" if draws else advice
    return (
        f"The values of {int((share > LARGE_GAP).sum())} of {len(share)} samples miss the output's difference to the "
        f"baselines by more than {percent(LARGE_GAP)} (completeness gap: median {percent(float(np.median(share)))}, "
        f"largest {percent(float(share.max()))}; status '{INCOMPLETE}' from {percent(MOST_OPEN)} on): {advice}."
    )


def _incomplete(evidence: Evidence) -> str:
    missed = int((evidence.status == INCOMPLETE).sum())
    if not missed:
        return ""
    return (
        f"INCOMPLETE: the values of {missed} of {len(evidence)} samples leave more of the output's difference open "
        f"than they explain (gap above {percent(MOST_OPEN)}). Do not interpret them; they are in no average and no "
        "drawing. Another method, such as integrated-gradients with more steps or permutation-shap, may be complete."
    )


def _saturated(evidence: Evidence) -> str:
    flat = int((evidence.status == "saturated").sum())
    if not flat:
        return ""
    return (
        f"All values of {flat} of {len(evidence)} samples are zero although the output is not the usual one (status "
        "'saturated'): the network's answer is flat there (activations at their ends, thresholds or rounding on its "
        "way), which does not mean that nothing matters. Occlusion and other methods that need only scores may tell."
    )


def _precision(evidence: Evidence) -> str:
    if REACHED not in evidence.columns:
        return ""
    short = evidence.ok & (evidence.columns[REACHED] == 0)
    if not short.any():
        return ""
    most, settings = float(evidence.columns[RELATIVE_ERROR][short].max()), evidence.settings
    reached = _share(most) if np.isfinite(most) else "more than all"
    return (
        f"Tolerance not reached for {int(short.sum())} of {int(evidence.ok.sum())} samples: their standard error is up "
        f"to {reached} of the values, but {_share(settings['tolerance'])} was asked for within "
        f"{settings['n_samples']} passes. The values can be used; a higher n_samples makes them more precise."
    )


def _stability(evidence: Evidence) -> str:
    if STABLE not in evidence.columns:
        return ""
    settings = evidence.settings
    short = evidence.ok & (evidence.columns[STABLE] == 0)
    if not short.any():
        return ""
    least = float(evidence.columns[STABILITY][short].min())
    return (
        f"Stability not reached for {int(short.sum())} of {int(evidence.ok.sum())} samples: a second run's values "
        f"would correlate with theirs at {least:.2f} or more, but {settings['stability']:g} was asked for within "
        f"{settings['n_samples']} passes. Do not read an order of places from them; a higher n_samples may give one, "
        "unless places hardly differ."
    )


def _share(share: float) -> str:
    """A share in per cent with three digits, so that two small ones can be told apart."""
    return f"{100 * share:.3g} %"


def _segments(evidence: Evidence) -> str:
    gridded = evidence.columns.get(GRIDDED, np.zeros(0)) == 1
    if not gridded.any():
        return ""
    return (
        f"SLIC tells almost no segments apart in {int(gridded.sum())} of {len(evidence)} pictures (noise or hardly any "
        f"contrast), so a regular grid of about {evidence.settings['n_segments']} parts was covered there instead; "
        "give segments=... for parts of your own."
    )


def _abstention(evidence: Evidence) -> str:
    if ABSTAINED not in evidence.columns:
        return ""
    known = np.isfinite(evidence.columns[ABSTAINED])
    share, small = evidence.columns[ABSTAINED][known], evidence.columns[BETWEEN][known]
    whole = int((evidence.status == ABSTAINED).sum())
    if not share.any() and not small.any():
        return ""
    text = (
        f"The map abstains at {percent(float(np.median(share)))} of the values and certifies "
        f"{percent(float(np.median(small)))} to be small, which is 0, too (medians over samples)"
    )
    if not whole:
        return f"{text}; no sample abstains as a whole."
    return f"{text}; {whole} of {len(share)} samples abstain as a whole, because nothing is certified there."
