"""A regression model that adds up others, each with its own features; weights per rating."""

from __future__ import annotations

from importlib import import_module
from typing import Any

import numpy as np

from mien.features.stacked import apart
from mien.models.base import Model

FACTS = ("name", "recipe", "feature_names", "input_shape", "settings", "topology")


class JoinedScores(Model):
    """Stacked models: centre + sum over models of weight x (its rating - centre).

    ``arrays``: ``weight`` (parts, ratings), ``centre`` (ratings,), and those of part ``i`` as ``i.NAME``.
    ``settings``: ``parts``, what ``model.json`` says of each part; ``weights`` by part and rating, for people.
    """

    kind = "joined-score"
    differentiable = False
    explained = "rating unit"
    predicts = "ratings"

    def __init__(self, **facts: Any) -> None:
        self.parts = _parts(facts)
        super().__init__(**facts)

    def shapes(self) -> dict[str, tuple[int, ...]]:
        """Shape that each array must have."""
        ratings = len(self.classes)
        own: dict[str, tuple[int, ...]] = {"weight": (len(self.parts), ratings), "centre": (ratings,)}
        return own | {f"{i}.{key}": s for i, part in enumerate(self.parts) for key, s in part.shapes().items()}

    def scores(self, values: np.ndarray) -> np.ndarray:
        """Ratings, (samples, ratings)."""
        return self.predict(values).astype(np.float32)

    def predict(self, values: np.ndarray) -> np.ndarray:
        """Ratings, (samples, ratings), of joined values, (samples, features)."""
        told = [
            part.predict(own)
            for part, own in zip(self.parts, apart(self.check_values(values), self.recipe), strict=True)
        ]
        return weighted_sum(np.stack(told), self.arrays["weight"], self.arrays["centre"])


def weighted_sum(told: np.ndarray, weight: np.ndarray, centre: np.ndarray) -> np.ndarray:
    """Ratings (parts, samples, ratings) as one, (samples, ratings)."""
    found: np.ndarray = centre + np.einsum("psr,pr->sr", told - centre, weight)
    return found


def described(part: Model) -> dict[str, Any]:
    """What the settings of the sum say of a part."""
    return {"kind": part.kind, **{name: getattr(part, name) for name in FACTS}}


def _parts(facts: dict[str, Any]) -> list[Model]:
    from mien.models.store import KINDS

    found = []
    for number, row in enumerate(facts["settings"]["parts"]):
        home, title = KINDS[row["kind"]]
        start = f"{number}."
        arrays = {key.removeprefix(start): v for key, v in facts["arrays"].items() if key.startswith(start)}
        # Who and what the parts have seen is what the sum has seen.
        found.append(
            getattr(import_module(home), title)(
                **{name: row[name] for name in FACTS}, classes=facts["classes"], target=facts["target"], arrays=arrays,
                info=facts.get("info"),
            )
        )  # fmt: skip
    return found
