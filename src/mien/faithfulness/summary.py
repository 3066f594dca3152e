"""From numbers per sample to the result of a comparison, with sentences about what could not be done."""

from __future__ import annotations

from typing import Any

import numpy as np

from mien.core.people.unknown import own_person
from mien.faithfulness.case import Explanation, Trial
from mien.faithfulness.cases import Judged
from mien.faithfulness.metrics import AGAIN, METRICS
from mien.faithfulness.result import Faithfulness
from mien.faithfulness.scoring import Measured

# Percentile intervals over fewer people than this cover too little.
FEW = 8


def result_of(
    what: Judged,
    trial: Trial,
    explanations: list[dict[str, Explanation]],
    measured: Measured,
    seconds: dict[str, float],
    settings: dict[str, Any],
) -> Faithfulness:
    """The result; ``trial`` is any of the pieces', ``explanations`` are those of each."""
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
        target=trial.problem.target,
        values={metric: {k: spread(v) for k, v in found.items()} for metric, found in measured.values.items()},
        inverse={metric: {k: spread(v) for k, v in found.items()} for metric, found in measured.inverse.items()},
        curves=measured.curves(subject[usable]),
        shares=trial.cuts / trial.units.count,
        sample=inputs.sample,
        subject=subject,
        people_known=known,
        seconds=seconds,
        settings={
            **settings,
            "fill": trial.fill_name,
            "space": trial.units.space,
            "unit": trial.units.words,
            "units": trial.units.count,
            "seed": seed,
            "explained": inquiry.network.explained,
            "model": inquiry.network.facts,
            **what.facts,
        },
        notes=_notes(trial, explanations, measured, subject, usable, known),
    )


def _notes(
    trial: Trial,
    explanations: list[dict[str, Explanation]],
    measured: Measured,
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
    elif 1 < people < FEW:
        notes.append(f"Only {people} subjects: intervals drawn from so few people are too narrow.")
    if known and people < 2:
        notes.append("All samples are of one subject, so there are no intervals: one person says nothing about people.")
    notes += [f"'{name}' has no numbers: it needs {reason}." for name, reason in measured.reasons.items()]
    if trial.scale != trial.scale:
        notes.append("Removing everything changes no output, so there are no normalised curves; try another fill.")
    for name, explanation in explanations[0].items():
        lost = sum(int((~part[name].ok).sum()) for part in explanations)
        if lost:
            notes.append(f"'{name}' has no evidence for {lost} samples.")
        if explanation.again is None and any(AGAIN in METRICS[metric].needs for metric in measured.values):
            notes.append(f"'{name}' is ready-made evidence: metrics that explain again leave it out.")
    return tuple(notes)
