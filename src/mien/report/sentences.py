"""The report in words: the one sentence to quote, and what the numbers cannot show."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from mien.core.faces import OK
from mien.core.features import NAMED
from mien.core.topology import IBUG_68
from mien.explain.aggregate import Summary
from mien.explain.parts import main_parts
from mien.explain.words import listed, percent
from mien.reduce.words import answer
from mien.report.folder import ModelPart, StudyFolder
from mien.report.impressions_part import rating_headline
from mien.stats.scores import between

MAIN_SCORE = "balanced_accuracy"
NAN = float("nan")
# Blendshapes that stayed below 0.02 in all of our checks, on faces that showed the movement.
BLIND_BLENDSHAPES = ("noseSneer", "cheekPuff", "cheekSquint", "jawForward", "jawRight")


def main_score(part: ModelPart) -> dict[str, Any]:
    """The score that headlines use, or an empty dict."""
    score = (part.evaluation.get("scores") or {}).get(MAIN_SCORE, {})
    return score if isinstance(score.get("value"), (int, float)) else {}


def headline(study: StudyFolder, summaries: dict[str, list[Summary]]) -> str:
    """One sentence with the main result, computed from the numbers."""
    if study.reductions:
        return answer(study.reductions[0].reduction)
    scored = [part for part in study.models if main_score(part)]
    if scored:
        best = max(scored, key=lambda part: main_score(part)["value"])
        choice = f" (the better of {len(scored)})" if len(scored) == 2 else ""
        choice = f" (the best of {len(scored)})" if len(scored) > 2 else choice
        where = most_evidence(summaries.get(best.name, []))
        return f"The model '{best.name}'{choice} {_told_apart(best)}{f'; {where}' if where else ''}."
    rated = rating_headline({part.name: part.evaluation for part in study.models})
    if rated:
        return rated
    every = [summary for found in summaries.values() for summary in found]
    if every:
        where = most_evidence(every)
        people = max(summary.subjects for summary in every)
        return f"Evidence of {_count(people, 'person', 'people')}{f': {where}' if where else ' was computed'}."
    if study.extraction:
        found = study.extraction
        return f"Faces were found in {found.counts[OK]} of {_count(found.sources, 'source', 'sources')}."
    return "This folder holds no results yet."


def _told_apart(part: ModelPart) -> str:
    evaluation, score = part.evaluation, main_score(part)
    classes = [f"'{name}'" for name in evaluation.get("classes", [])]
    what = listed(classes) if 0 < len(classes) <= 3 else f"{len(classes)} classes"
    protocol = evaluation.get("protocol", {})
    people, samples = protocol.get("n_subjects"), protocol.get("n_samples")
    on = f" on {samples} samples of {_count(people, 'person', 'people')} held out of training" if people else ""
    return f"told {what} apart with a balanced accuracy of {interval(score)}{on}"


def interval(score: dict[str, Any]) -> str:
    """``0.96 (95 % interval 0.93 to 0.98, chance 0.50)``; in place of a withheld one, that it is withheld."""
    parts = []
    low, high, chance = (score.get(key) for key in ("low", "high", "chance"))
    if low is not None and high is not None and low == low and high == high:
        parts.append(f"95 % interval {low:.2f} to {high:.2f}")
    elif score.get("people"):
        parts.append(between(NAN, NAN, score["people"]))
    if chance is not None and chance == chance:
        parts.append(f"chance {chance:.2f}")
    return f"{score['value']:.2f}" + (f" ({', '.join(parts)})" if parts else "")


def most_evidence(summaries: list[Summary]) -> str:
    """``most evidence came from mouth (61 %; an even spread would give 29 %)``, averaged over targets."""
    found = [parts for summary in summaries if (parts := main_parts(summary))]
    share: dict[str, float] = defaultdict(float)
    even: dict[str, float] = defaultdict(float)
    for parts in found:
        for row in parts:
            share[row.words] += row.share / len(found)
            even[row.words] += row.expected / len(found)
    if not any(share.values()):
        return ""
    top = max(share, key=lambda words: share[words])
    return f"most evidence came from {top} ({percent(share[top])}; an even spread would give {percent(even[top])})"


def noise_words(noise: dict[str, Any] | None) -> str:
    """What the check with shuffled labels says."""
    score = (noise or {}).get(MAIN_SCORE) or (noise or {}).get("pearson")
    if not score or score.get("value") is None:
        return ""
    low, high, chance = (score.get(key, float("nan")) for key in ("low", "high", "chance"))
    text = f"With shuffled labels the same procedure reached {interval(score)}"
    if low is None or high is None or chance is None or not low <= high:
        return f"{text}."
    if low <= chance <= high:
        return f"{text}: the interval holds chance, as it has to when nothing leaks from test to training."
    if high < chance:
        return f"{text}: below chance, which small or unbalanced sets can give; it is no sign of a leak."
    return f"{text}: ABOVE CHANCE. Something leaks from test to training; do not trust the scores above."


def limits(study: StudyFolder, summaries: dict[str, list[Summary]]) -> list[str]:
    """What these results cannot show, in plain sentences; those that do not apply are left out."""
    every = [summary for found in summaries.values() for summary in found]
    texts = [
        "Labels are apparent expressions or impressions of raters. Nothing here says what a person felt, meant or is, "
        "and nothing here is a diagnosis.",
    ]
    if study.models:
        texts.append(
            "Scores hold for people, cameras and tasks like those in the data; intervals are over the people in the "
            "data, not over other populations."
        )
    people = [p for m in study.models if (p := m.evaluation.get("protocol", {}).get("n_subjects"))]
    if people and min(people) < 30:
        texts.append(
            f"The data hold {min(people)} people. That is few: a handful of unusual faces can move every number."
        )
    if every:
        texts.append(
            "Evidence says what the model used, not what faces do: a movement that people make but the model ignores "
            "has no evidence, and two models of equal score can use different parts. It depends on the baselines "
            "named beside it."
        )
        texts.append(
            "Parts that move together share evidence in ways that are the model's own choice, and large regions "
            "collect more of it; the column 'even spread' says what size alone would give."
        )
    recipes = [str(part.spec.get("recipe", {})) + str(part.spec.get("feature_names", "")) for part in study.models]
    names = {name for s in every if s.space == NAMED for name in s.names}
    if any("blendshape" in r or "mouthSmile" in r or "expression" in r for r in recipes) or any(
        "mouthSmile" in n for n in names
    ):
        texts.append(
            f"The blendshape network is blind to some movements: {', '.join(BLIND_BLENDSHAPES)} never exceeded 0.02 in "
            "our checks. Apparent disgust, for one, cannot be read from blendshapes alone."
        )
    if any(s.topology == IBUG_68 for s in every):
        texts.append("The 68 points hold none on forehead and cheeks: movement there can show only at its edges.")
    gaps = [s.median_gap for s in every if s.median_gap == s.median_gap]
    if gaps and max(gaps) > 0.05:
        texts.append(
            f"The values of some evidence miss the model's output by {percent(max(gaps))} (median): use more steps."
        )
    if study.extraction and study.extraction.failures:
        texts.append(
            "Sources without a usable face are missing from everything after the extraction; see the list there."
        )
    return texts


def _count(number: int, one: str, many: str) -> str:
    return f"{number} {one if number == 1 else many}"
