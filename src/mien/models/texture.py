"""The model 'texture': regression on colour histograms, local binary patterns and oriented gradients.

Hand-made features (colour, fine texture, edges) are the baselines that networks have to beat. The linear model is
stored as one on named features; support vectors are Gaussian bumps around training samples, stored as plain arrays.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from sklearn.svm import SVR
from torch import nn

from mien.core.errors import InputError
from mien.core.progress import Progress
from mien.models.base import Model
from mien.models.estimator import Estimator, people_of
from mien.models.fitting.heads import INNER_FOLDS, LogisticClassifier, RidgeRegressor
from mien.models.fitting.sample_space import SampleSpace
from mien.models.linear import TabularModel, TabularScores
from mien.stats.folds import subject_folds

# Rows whose distances to all training samples are computed at once.
_ROWS = 256
# Of the support vector machine, on standardised ratings.
COSTS = (0.3, 1.0, 3.0, 10.0)
TUBE = 0.1
KERNELS = ("linear", "rbf")


class KernelModule(nn.Module):
    """Named features (samples, features) -> ratings (samples, ratings).

    Mirror partners are averaged, features standardised; each training sample adds its dual weight times
    exp(-gamma * squared distance).
    """

    partner: torch.Tensor
    centre: torch.Tensor
    scale: torch.Tensor
    support: torch.Tensor

    def __init__(self, arrays: dict[str, torch.Tensor], gamma: float) -> None:
        super().__init__()
        self.register_buffer("partner", arrays["partner"].long())
        for name in ("centre", "scale", "support"):
            self.register_buffer(name, arrays[name].float())
        self.gamma = gamma
        outputs, count = arrays["dual"].shape
        self.linear = nn.Linear(count, outputs)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """The ratings."""
        x = ((x + x[:, self.partner]) / 2 - self.centre) / self.scale
        # Written out, because the gradient of a root (torch.cdist) is undefined at distance 0.
        squared = (x**2).sum(1, keepdim=True) - 2 * x @ self.support.T + (self.support**2).sum(1)
        ratings: torch.Tensor = self.linear(torch.exp(-self.gamma * squared.clamp_min(0.0)))
        return ratings


class KernelScores(Model):
    """A fitted kernel model of ratings.

    ``arrays``: ``partner`` (each feature's mirror image, itself where there is none), ``centre``, ``scale``,
    ``support`` (standardised features of the training samples that count), ``dual`` (their weights), ``bias``. The
    file holds features of training pictures; treat it like them.
    """

    kind = "kernel-score"
    explained = "rating unit"
    predicts = "ratings"

    def shapes(self) -> dict[str, tuple[int, ...]]:
        """Shape that each array must have."""
        features, ratings, count = self.input_shape[0], len(self.classes), int(self.settings["support"])
        each = (features,)
        return {
            "partner": each, "centre": each, "scale": each, "support": (count, features), "dual": (ratings, count),
            "bias": (ratings,),
        }  # fmt: skip

    def module(self) -> nn.Module:
        """The model as a torch module in evaluation mode."""
        arrays = {key: torch.tensor(value) for key, value in self.arrays.items()}
        module = KernelModule(arrays, float(self.settings["gamma"]))
        with torch.no_grad():
            module.linear.weight.copy_(arrays["dual"])
            module.linear.bias.copy_(arrays["bias"])
        return module.eval()

    def predict(self, values: np.ndarray) -> np.ndarray:
        """Ratings, (samples, ratings), computed in double precision from the stored arrays."""
        values = self.check_values(values)
        a = {key: value.astype(np.float64) for key, value in self.arrays.items() if key != "partner"}
        partner = self.arrays["partner"].astype(int)
        parts = []
        for start in range(0, len(values), _ROWS):
            x = values[start : start + _ROWS].astype(np.float64)
            x = ((x + x[:, partner]) / 2 - a["centre"]) / a["scale"]
            parts.append(gaussian(x, a["support"], float(self.settings["gamma"])) @ a["dual"].T + a["bias"])
        return np.concatenate(parts) if parts else np.zeros((0, len(self.classes)))


def gaussian(a: np.ndarray, b: np.ndarray, gamma: float) -> np.ndarray:
    """exp(-gamma * squared distance) of every row of ``a`` and every row of ``b``, (rows of a, rows of b)."""
    squared = (a**2).sum(1)[:, None] - 2 * a @ b.T + (b**2).sum(1)
    found: np.ndarray = np.exp(-gamma * np.maximum(squared, 0))
    return found


def block_sizes(names: tuple[str, ...], count: int) -> tuple[int, ...]:
    """Number of colour, pattern and edge features, in the order of ``names``; one block for unnamed features."""
    kind = {"pattern": "lbp", "edge": "hog"}
    return tuple(Counter(kind.get(name.split(" ")[0], "colour") for name in names).values()) or (count,)


def mirror_partners(names: tuple[str, ...], count: int) -> np.ndarray:
    """For each feature the one that takes its place in a mirror image: edges change side and direction."""
    index = {name: i for i, name in enumerate(names)}
    cells = max((int(name.split()[2]) for name in names if name.startswith("edge ")), default=0)
    turns = max((int(name.split()[3]) for name in names if name.startswith("edge ")), default=0)
    partner = np.arange(count)
    for name, i in index.items():
        if name.startswith("edge "):
            _, row, column, turn = name.split()
            partner[i] = index[f"edge {row} {cells - int(column)} {turns - int(turn)}"]
    return partner


@dataclass(kw_only=True, eq=False, repr=False)
class _Texture(Estimator):
    """What estimators of classes and of ratings share; edges change places with their mirror partners.

    Parameters
    ----------
    feature_names : tuple of str
        Of the recipe 'texture'; they tell the three blocks apart.
    """

    called = "texture"
    feature_names: tuple[str, ...] = ()
    mirror: bool = True

    def _seen(self, values: Any) -> np.ndarray:
        """Features that are the same for a face and its mirror image, if asked for."""
        found = self._named(values)
        return (found + found[:, self._partners(found.shape[1])]) / 2

    def _partners(self, count: int) -> np.ndarray:
        return mirror_partners(tuple(self.feature_names), count) if self.mirror else np.arange(count)

    def _blocks(self, count: int) -> tuple[int, ...]:
        return block_sizes(tuple(self.feature_names), count)


@dataclass(kw_only=True, eq=False, repr=False)
class TextureRegressor(_Texture, RidgeRegressor):
    """Ridge or support vector regression on colour histograms, local binary patterns and oriented gradients.

    Features are standardised; colour, patterns and edges weigh the same as wholes.

    Parameters
    ----------
    kernel : str
        ``'linear'`` (ridge) or ``'rbf'`` (support vector regression with Gaussian bumps; gamma is one over the
        features' total variance, the tube 0.1 standard deviations).
    costs : tuple of float
        Of support vectors (scikit-learn's ``C``), chosen in inner folds over people; for the
        others see ``_Texture`` and ``mien.models.fitting.heads.RidgeRegressor``.
    """

    kernel: str = "linear"
    costs: tuple[float, ...] = COSTS

    def model(self, **facts: Any) -> Model:
        """The fitted model, storable; ``facts`` are further arguments of ``Model``, ``classes`` names the ratings."""
        fitted: dict[str, Any] = {"input_shape": (len(self.arrays_["centre"]),), "arrays": self.arrays_}
        if self.kernel == "linear":
            return self._built(TabularScores, facts, settings=self._head_settings(), **fitted)
        chosen = {"gamma": self.gamma_, "cost": self.cost_, "support": len(self.arrays_["support"])}
        return self._built(KernelScores, facts, settings=self._settings() | chosen, **fitted)

    def _fit(self, values: Any, goal: np.ndarray, groups: np.ndarray | None, progress: Progress | None) -> None:
        if self.kernel not in KERNELS:
            raise InputError(f"The texture model's kernel is one of {', '.join(KERNELS)}, but got '{self.kernel}'.")
        features = self._seen(values)
        if self.kernel == "rbf":
            self._fit_kernel(features, goal, groups)
            return
        self._fit_head(features, self._blocks(features.shape[1]), goal, groups)
        self.arrays_["logarithm"] = np.zeros(features.shape[1], dtype=np.uint8)

    def _fit_kernel(self, features: np.ndarray, goal: np.ndarray, groups: np.ndarray | None) -> None:
        space = SampleSpace(features, self._blocks(features.shape[1]))
        seen = ((features - space.centre) / space.scale).astype(np.float32).astype(np.float64)
        self.gamma_ = float(1 / max(seen.var(axis=0).sum(), 1e-12))
        kernel = gaussian(seen, seen, self.gamma_)
        centre, spread = goal.mean(0), np.maximum(goal.std(0), 1e-12)
        standard = (goal - centre) / spread
        people = people_of(groups, len(goal))
        folds = subject_folds(
            people, scheme="grouped", n_folds=min(INNER_FOLDS, len(np.unique(people))), seed=self.seed
        )
        dual, bias, costs = np.zeros((goal.shape[1], len(goal))), np.zeros(goal.shape[1]), []
        for j, one in enumerate(standard.T):
            cost = self._cost(kernel, one, folds)
            fitted = SVR(kernel="precomputed", C=cost, epsilon=TUBE).fit(kernel, one)
            dual[j, fitted.support_], bias[j] = fitted.dual_coef_[0] * spread[j], fitted.intercept_[0] * spread[j]
            costs.append(float(cost))
        used = (dual != 0).any(axis=0)
        used[0] |= not used.any()
        self.cost_ = costs
        arrays = {"centre": space.centre, "scale": space.scale, "support": seen[used], "dual": dual[:, used],
                  "bias": bias + centre}  # fmt: skip
        self.arrays_ = {key: np.asarray(value, dtype=np.float32) for key, value in arrays.items()}
        self.arrays_["partner"] = self._partners(features.shape[1]).astype(np.int32)

    def _cost(self, kernel: np.ndarray, y: np.ndarray, folds: list[Any]) -> float:
        """The cost with the smallest squared error in inner folds, the smallest one on a tie."""
        costs = sorted(self.costs)
        if len(costs) == 1:
            return costs[0]
        errors = np.zeros(len(costs))
        for train, test in folds:
            for i, cost in enumerate(costs):
                fitted = SVR(kernel="precomputed", C=cost, epsilon=TUBE).fit(kernel[np.ix_(train, train)], y[train])
                errors[i] += ((fitted.predict(kernel[np.ix_(test, train)]) - y[test]) ** 2).sum()
        return costs[int(errors.round(9).argmin())]


@dataclass(kw_only=True, eq=False, repr=False)
class TextureClassifier(_Texture, LogisticClassifier):
    """Logistic regression on colour histograms, local binary patterns and oriented gradients.

    Parameters are those of ``_Texture`` and ``mien.models.fitting.heads.LogisticClassifier``.
    """

    def model(self, **facts: Any) -> TabularModel:
        """The fitted model, storable; ``facts`` are further arguments of ``Model``."""
        shape, settings = (len(self.arrays_["centre"]),), self._head_settings()
        return self._built(TabularModel, facts, input_shape=shape, settings=settings, arrays=self.arrays_)

    def _fit(self, values: Any, codes: np.ndarray, groups: np.ndarray | None, progress: Progress | None) -> None:
        features = self._seen(values)
        self._fit_head(features[:, None], self._blocks(features.shape[1]), codes, groups)
        self.arrays_["logarithm"] = np.zeros(features.shape[1], dtype=np.uint8)
