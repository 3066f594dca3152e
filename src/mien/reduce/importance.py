"""How important each landmark is to a fitted network: evidence over the training clips, summed up per landmark."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from mien.atlas.summary import summarise
from mien.core.evidence import Evidence
from mien.core.features import SEQUENCE
from mien.core.target import Target
from mien.explain.baselines import choose_baselines
from mien.explain.explain import explain
from mien.explain.methods import baselines_for
from mien.stats.subjects import subject_means

AMOUNTS = ("net", "absolute", "signed")


@dataclass(frozen=True, eq=False)
class Asking:
    """How evidence is computed.

    Attributes
    ----------
    method : str
        One of ``mien.explain.methods.METHODS`` that explains landmark sequences.
    baselines : str
        ``'medoids'``, ``'medoids:LABEL'``, ``'class-medoids'``, ``'mean'`` or ``'zero'``; taken from the
        training clips.
    n_baselines : int
    amount : str
        ``'absolute'``: of each clip the sum of absolute values over frames and coordinates, so that what swings to and
        fro counts as well. ``'net'``: the absolute value of the sum, which is what the output owes the landmark (parts
        that cancel do not move the output).
    settings : dict
        Of the method, such as ``n_steps``.
    seed : int
    """

    method: str = "integrated-gradients"
    baselines: str = "medoids"
    n_baselines: int = 5
    amount: str = "absolute"
    settings: dict[str, Any] = field(default_factory=dict)
    seed: int = 0


def importance(
    model: Any, values: np.ndarray, y: np.ndarray, subjects: np.ndarray, asking: Asking, contrast: Target | None = None
) -> np.ndarray:
    """Amount of evidence of each landmark for each class, over that class's clips.

    Parameters
    ----------
    model : Model
        Fitted on these clips.
    values : ndarray of float32, shape (clips, frames, landmarks, coordinates)
        Training clips: nothing else may be given where the evidence is to select anything.
    y, subjects : ndarray of str, shape (clips,)
    asking : Asking
    contrast : Target, optional
        Evidence for this class alone, against its rival if it has one, over this class's clips.

    Returns
    -------
    ndarray of float64, shape (classes, landmarks)
        In the order of ``model.classes``, or one row with a contrast. Each row is the mean over subjects of each
        subject's mean of amounts, divided by its sum: every class weighs the same.
    """
    against = choose_baselines(
        asking.baselines, values, count=asking.n_baselines, seed=asking.seed, scaled=False, labels=y
    ).values
    rows = []
    for target in (contrast,) if contrast else map(Target, model.classes):
        own = np.flatnonzero(y == target.name)
        evidence = explain(
            model,
            values[own],
            target=target if target.against else model.classes.index(target.name),
            method=asking.method,
            baselines=baselines_for(asking.method, against, asking.settings),
            reference=values,  # what is covered shows the mean of all classes, not that of the explained one
            space=SEQUENCE,
            subjects=subjects[own],
            labels=y[own],
            seed=asking.seed,
            **asking.settings,
        )
        if not evidence.ok.any():
            rows.append(np.full(values.shape[2], 1 / values.shape[2]))
            continue
        result = _amounts(evidence, asking.amount)
        total = result.sum()
        rows.append(result / total if total > 0 else np.full(len(result), 1 / len(result)))
    return np.array(rows)


def _amounts(evidence: Evidence, amount: str) -> np.ndarray:
    """Amount per landmark, each subject weighing the same; shape (landmarks,)."""
    if amount == "absolute":
        return summarise(evidence, label="").point_absolute
    if amount == "signed":
        return np.abs(summarise(evidence, label="").point_signed)
    net = np.abs(evidence.values[evidence.ok].astype(np.float64).sum(axis=(1, 3)))
    return np.stack([subject_means(column, evidence.subject[evidence.ok]) for column in net.T], axis=1).mean(axis=0)
