"""From numbers per sample to the result of a comparison, with sentences about what could not be done."""

from __future__ import annotations

from typing import Any

import numpy as np

from mien.core.people.unknown import own_person
from mien.faithfulness.case import Case, Explanation
from mien.faithfulness.cases import ScoredSamples
from mien.faithfulness.metrics import AGAIN, METRICS
from mien.faithfulness.result import Faithfulness
from mien.faithfulness.scoring import MetricValues
from mien.stats.jackknife import FEW_PEOPLE


def result_of(
    what: ScoredSamples,
    case: Case,
    explanations: list[dict[str, Explanation]],
    measured: MetricValues,
    seconds: dict[str, float],
    settings: dict[str, Any],
) -> Faithfulness:
    """The result; ``case`` is any of the groups', ``explanations`` are those of each."""
    inquiry = what.whole
    usable, inputs, seed = inquiry.inputs.usable, inquiry.inputs, inquiry.seed

    def spread(column: np.ndarray) -> np.ndarray:
        whole = np.full(len(usable), np.nan)
        whole[usable] = column
        return whole

    known = all(inputs.subject)
    # Rows whose subject is unknown count as one subject each.
    subject = np.array([s or own_person(f"row {i + 1}") for i, s in enumerate(inputs.subject)], dtype=object)
    return Faithfulness(
        target=case.problem.target,
        values={metric: {k: spread(v) for k, v in result.items()} for metric, result in measured.values.items()},
        inverse={metric: {k: spread(v) for k, v in result.items()} for metric, result in measured.inverse.items()},
        curves=measured.curves(subject[usable]),
        shares=case.cuts / case.units.count,
        sample=inputs.sample,
        subject=subject,
        people_known=known,
        seconds=seconds,
        settings={
            **settings,
            "fill": case.fill_name,
            "space": case.units.space,
            "unit": case.units.words,
            "units": case.units.count,
            "seed": seed,
            "explained": inquiry.network.explained,
            "model": inquiry.network.facts,
            **what.facts,
        },
        notes=(*_notes(case, explanations, measured, subject, usable, known), *inquiry.notes),
    )


def _notes(
    case: Case,
    explanations: list[dict[str, Explanation]],
    measured: MetricValues,
    subject: np.ndarray,
    usable: np.ndarray,
    known: bool,
) -> tuple[str, ...]:
    notes = []
    if not usable.all():
        notes.append(f"{int((~usable).sum())} of {len(usable)} samples have no usable input and were left out.")
    people = len(set(subject[usable]))
    if not known:
        notes.append(
            "Whom the samples show is not known (give subjects=...), so people are not counted: there are no intervals "
            "over people and no ranks."
        )
    elif 1 < people < FEW_PEOPLE:
        notes.append(f"Only {people} subjects: intervals drawn from so few people are too narrow.")
    if known and people < 2:
        notes.append("All samples are of one subject, so there are no intervals: one person says nothing about people.")
    notes += [f"'{name}' has no numbers: it needs {reason}." for name, reason in measured.reasons.items()]
    if case.scale != case.scale:
        notes.append("Removing everything changes no output, so there are no normalised curves; try another fill.")
    for name, explanation in explanations[0].items():
        lost = sum(int((~part[name].ok).sum()) for part in explanations)
        if lost:
            notes.append(f"'{name}' has no evidence for {lost} samples.")
        if explanation.rerun is None and any(AGAIN in METRICS[metric].needs for metric in measured.values):
            notes.append(f"'{name}' is ready-made evidence: metrics that explain again leave it out.")
    return tuple(notes)
