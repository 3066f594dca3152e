"""The registry of faithfulness metrics: one row each.

A metric is a function ``(Case, Explanation, *, settings) -> one number per sample``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from mien.core.registry import Row, row_of

AGAIN, NETWORK, TRUTH = "a method by name", "a torch module with weights", "truth"
# What a metric may lack for these samples; it then gives no numbers, and the others go on.
OTHERS = "at least two reference samples (reference=...), from which removed parts are guessed"
# What the inverse of an explanation is: the opposite sign; the same sizes in reverse order; or nothing that the metric
# could tell from the explanation itself.
OPPOSITE, REVERSED, SAME = "opposite sign", "reversed sizes", "same"


@dataclass(frozen=True)
class Metric(Row[np.ndarray]):
    """One metric; its home is below ``mien.faithfulness``.

    Attributes
    ----------
    higher_is_better : bool
    inverse : str
        How the inverse explanation is made, or the name of a metric that gives the inverse's value.
    needs : tuple of str
    lacks : tuple of str
        What some samples cannot give it; without it all its numbers are NaN.
    bounds : tuple of float
        Between which its numbers lie.
    hits : bool
        Whether its numbers are mostly 0 or 1, so that few people may well show one of them only.
    """

    higher_is_better: bool = True
    inverse: str = OPPOSITE
    needs: tuple[str, ...] = ()
    lacks: tuple[str, ...] = ()
    bounds: tuple[float, float] = (-np.inf, np.inf)
    hits: bool = False

    kind: ClassVar[str] = "metric"
    room: ClassVar[str] = "mien.faithfulness."
    n_given: ClassVar[int] = 2

    @property
    def direction(self) -> str:
        """``'higher is better'`` or ``'lower is better'``."""
        return f"{'higher' if self.higher_is_better else 'lower'} is better"


METRICS: dict[str, Metric] = {
    row.name: row
    for row in (
        Metric(
            "insertion", "curves:insertion",
            "area under the output while units come in, the most evident first",
            "Petsiuk, Das & Saenko 2018", inverse="deletion",
        ),
        Metric(
            "deletion", "curves:deletion",
            "area under the output while units go, the most evident first",
            "Petsiuk, Das & Saenko 2018", inverse="insertion", higher_is_better=False,
        ),
        Metric(
            "road", "curves:road",
            "mean output without the most evident units, which are guessed from the rest",
            "Rong et al. 2022", lacks=(OTHERS,), higher_is_better=False,
        ),
        Metric(
            "infidelity", "infidelity:infidelity",
            "share of the output's changes that removed evidence does not predict", "Yeh et al. 2019",
            higher_is_better=False,
        ),
        Metric(
            "sensitivity-n", "infidelity:sensitivity_n",
            "correlation of removed evidence with the output's change", "Ancona et al. 2018", bounds=(-1.0, 1.0),
        ),
        Metric(
            "gini", "localisation:gini",
            "how few units hold the evidence (says nothing about truth)", "Chalasani et al. 2020", inverse=REVERSED,
            bounds=(0.0, 1.0),
        ),
        Metric(
            "max-sensitivity", "stability:max_sensitivity",
            "largest relative change of the evidence under small noise", "Yeh et al. 2019", inverse=SAME,
            needs=(AGAIN,), higher_is_better=False, bounds=(0.0, np.inf),
        ),
        Metric(
            "parameter-randomisation", "stability:parameter_randomisation",
            "likeness to the evidence of networks whose weights are random", "Adebayo et al. 2018", inverse=SAME,
            needs=(AGAIN, NETWORK), higher_is_better=False, bounds=(-1.0, 1.0),
        ),
        Metric(
            "region-mass", "localisation:region_mass",
            "share of the evidence inside the true cause", "Arras, Osman & Samek 2022", inverse=REVERSED,
            needs=(TRUTH,), bounds=(0.0, 1.0),
        ),
        Metric(
            "pointing", "localisation:pointing",
            "whether the most evident unit lies in the true cause", "Zhang et al. 2018", inverse=REVERSED,
            needs=(TRUTH,), bounds=(0.0, 1.0), hits=True,
        ),
        Metric(
            "region-auc", "localisation:region_auc",
            "whether units of the true cause come before others", "area under the ROC curve", inverse=REVERSED,
            needs=(TRUTH,), bounds=(0.0, 1.0),
        ),
    )
}  # fmt: skip


def metric_of_name(name: str) -> Metric:
    """The metric of that name.

    Raises
    ------
    InputError
        If there is none; the message lists what there is.
    """
    return row_of(METRICS, name)
