"""How well a linear reader tells categories apart under many lesions at once, and what each source contributes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.stats import rankdata

from mien.stats import student


@dataclass(frozen=True, eq=False)
class Readings:
    """AUC under each lesion, and how far each source pulls it.

    Attributes
    ----------
    auc : ndarray, shape (lesions,)
        Mean over categories of the probability that a source of the category ranks above another one.
    pull : ndarray, shape (sources, lesions)
        Influence of each source; a contrast of lesions has the variance of the contrast of the pulls.
    rarest : int
        Sources of the rarest category.
    """

    auc: np.ndarray
    pull: np.ndarray
    rarest: int

    def contrast(self, weights: np.ndarray) -> tuple[float, float, float, float]:
        """A weighted sum of AUCs: value, 95 % interval over sources, and one-sided p of its being above 0.

        Parameters
        ----------
        weights : ndarray, shape (lesions,)

        Notes
        -----
        Standard error after DeLong, DeLong and Clarke-Pearson 1988 (Biometrics 44(3)), with quantiles of Student's
        t for the rarest category's sources.
        """
        value = float(self.auc @ weights)
        error = float(np.sqrt(((self.pull @ weights) ** 2).sum())) / len(self.pull)
        df = max(self.rarest - 1, 1)
        half = float(student.ppf(0.975, df)) * error
        p = float(student.sf(value / error, df)) if error > 0 else (1.0 if value <= 0 else 0.0)
        return value, value - half, value + half, p


def readings(scores: np.ndarray, truth: np.ndarray) -> Readings:
    """AUC of each category against the rest, averaged.

    Parameters
    ----------
    scores : ndarray, shape (sources, lesions, categories)
        Of two categories one column is enough: that of category 1.
    truth : ndarray of int, shape (sources,)
    """
    one = scores.shape[2] == 1
    kinds = [1] if one else range(scores.shape[2])
    auc, pull = np.zeros(scores.shape[1]), np.zeros(scores.shape[:2])
    for column, kind in enumerate(kinds):
        here = truth == kind
        area, each = _placed(scores[..., column], here)
        auc += area / len(kinds)
        pull += each / len(kinds)
    return Readings(auc, pull, int(np.bincount(truth).min()))


def joined(parts: list[Readings]) -> Readings:
    """Sources that were tested in turn, each part with a reader and lesions of its own: the mean of the AUCs."""
    total = sum(len(part.pull) for part in parts)
    pull = np.concatenate([part.pull * (total / (len(parts) * len(part.pull))) for part in parts])
    return Readings(np.mean([part.auc for part in parts], axis=0), pull, sum(part.rarest for part in parts))


def _placed(scores: np.ndarray, here: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """AUC of each column, and each row's pull: how many of the other kind it beats, less the mean of its own kind."""
    inside, outside = int(here.sum()), int((~here).sum())
    ranks = rankdata(scores, axis=0)
    beats = (ranks[here] - rankdata(scores[here], axis=0)) / outside
    beaten = 1 - (ranks[~here] - rankdata(scores[~here], axis=0)) / inside
    auc = beats.mean(0)
    pull = np.empty(scores.shape)
    for rows, placed, count in ((here, beats, inside), (~here, beaten, outside)):
        pull[rows] = (placed - auc) * (len(scores) / count) * np.sqrt(count / max(count - 1, 1))
    return auc, pull
