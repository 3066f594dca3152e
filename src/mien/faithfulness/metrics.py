"""The registry of faithfulness metrics: one row each.

A metric is a function ``(Trial, Explanation, *, settings) -> one number per sample``.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Any

from mien.core.errors import InputError
from mien.core.settings import check_settings, defaults_of, parse_pairs

if TYPE_CHECKING:
    import numpy as np

AGAIN, NETWORK, TRUTH = "a method by name", "a torch module with weights", "truth"
# What a metric may lack for these samples; it then gives no numbers, and the others go on.
OTHERS = "at least two reference samples (reference=...), from which removed parts are guessed"
# What the inverse of an explanation is: the opposite sign; the same sizes in reverse order; or nothing that the metric
# could tell from the explanation itself.
OPPOSITE, REVERSED, SAME = "opposite sign", "reversed sizes", "same"


@dataclass(frozen=True)
class Metric:
    """One metric.

    Attributes
    ----------
    name : str
    home : str
        ``'module:function'`` below ``mien.faithfulness``.
    higher_is_better : bool
    meaning, source : str
        One line for people; where it was published.
    inverse : str
        How the inverse explanation is made, or the name of a metric that gives the inverse's value.
    needs : tuple of str
    lacks : tuple of str
        What some samples cannot give it; without it all its numbers are NaN.
    """

    name: str
    home: str
    higher_is_better: bool
    meaning: str
    source: str
    inverse: str = OPPOSITE
    needs: tuple[str, ...] = ()
    lacks: tuple[str, ...] = ()

    @property
    def direction(self) -> str:
        """``'higher is better'`` or ``'lower is better'``."""
        return f"{'higher' if self.higher_is_better else 'lower'} is better"

    @property
    def run(self) -> Callable[..., np.ndarray]:
        """Its code."""
        module, function = self.home.split(":")
        found: Callable[..., np.ndarray] = getattr(import_module(f"mien.faithfulness.{module}"), function)
        return found

    def defaults(self) -> dict[str, Any]:
        """Its settings with their defaults."""
        return defaults_of(self.run, 2)

    def settings(self, given: dict[str, Any]) -> dict[str, Any]:
        """Defaults of the metric with what was given.

        Raises
        ------
        InputError
            If a setting is none of the metric's, or its value not what the metric's signature says.
        """
        known = self.defaults()
        unknown = sorted(set(given) - set(known))
        if unknown:
            raise InputError(f"'{self.name}' has no setting '{unknown[0]}'; it has: {', '.join(known) or 'none'}.")
        return {**known, **check_settings(self.run, given)}

    def parsed(self, pairs: Sequence[str]) -> dict[str, Any]:
        """Settings from ``NAME=VALUE`` texts; see ``mien.core.settings.parse_pairs``.

        Raises
        ------
        InputError
            If a text has no '=', a setting is unknown, or a value is of another kind.
        """
        result = parse_pairs(pairs, self.defaults())
        self.settings(result)
        return result


METRICS: dict[str, Metric] = {
    row.name: row
    for row in (
        Metric(
            "insertion", "curves:insertion", True,
            "area under the output while units come in, the most evident first",
            "Petsiuk, Das & Saenko 2018", inverse="deletion",
        ),
        Metric(
            "deletion", "curves:deletion", False,
            "area under the output while units go, the most evident first",
            "Petsiuk, Das & Saenko 2018", inverse="insertion",
        ),
        Metric(
            "road", "curves:road", False,
            "mean output without the most evident units, which are guessed from the rest",
            "Rong et al. 2022", lacks=(OTHERS,),
        ),
        Metric(
            "infidelity", "infidelity:infidelity", False,
            "share of the output's changes that removed evidence does not predict", "Yeh et al. 2019",
        ),
        Metric(
            "sensitivity-n", "infidelity:sensitivity_n", True,
            "correlation of removed evidence with the output's change", "Ancona et al. 2018",
        ),
        Metric(
            "gini", "localisation:gini", True,
            "how few units hold the evidence (says nothing about truth)", "Chalasani et al. 2020", inverse=REVERSED,
        ),
        Metric(
            "max-sensitivity", "stability:max_sensitivity", False,
            "largest relative change of the evidence under small noise", "Yeh et al. 2019", inverse=SAME,
            needs=(AGAIN,),
        ),
        Metric(
            "parameter-randomisation", "stability:parameter_randomisation", False,
            "likeness to the evidence of networks whose weights are random", "Adebayo et al. 2018", inverse=SAME,
            needs=(AGAIN, NETWORK),
        ),
        Metric(
            "region-mass", "localisation:region_mass", True,
            "share of the evidence inside the true cause", "Arras, Osman & Samek 2022", inverse=REVERSED,
            needs=(TRUTH,),
        ),
        Metric(
            "pointing", "localisation:pointing", True,
            "whether the most evident unit lies in the true cause", "Zhang et al. 2018", inverse=REVERSED,
            needs=(TRUTH,),
        ),
        Metric(
            "region-auc", "localisation:region_auc", True,
            "whether units of the true cause come before others", "area under the ROC curve", inverse=REVERSED,
            needs=(TRUTH,),
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
    if name not in METRICS:
        raise InputError(f"There is no metric '{name}'; mien has: {', '.join(METRICS)}.")
    return METRICS[name]
