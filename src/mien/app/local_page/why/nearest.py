"""The nearest change of a face that changes a model's answer, in words and units."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch

from mien.app.local_page.why.asked import AskedModel, number
from mien.app.local_page.why.flips import Flip, Way, nearest_flip, way_of_slope, ways_of_features, ways_of_points
from mien.atlas.words import feature_words
from mien.core.errors import InputError
from mien.core.features import NAMED, SEQUENCE, Features
from mien.features.expression import FUNCTIONALS
from mien.features.measures import MEASURES
from mien.nets.threads import one_thread

ABOVE, BELOW = "above the study's mean", "below the study's mean"
ALL = "everything at once, along the slope of the answer"
# Of a change of everything at once.
MOST_LISTED = 5


def nearest_change(asked: AskedModel, features: Features, target: str = "") -> dict[str, Any]:
    """The smallest change along one feature, and along the slope of the answer, that changes it; as JSON holds it.

    Parameters
    ----------
    asked : AskedModel
    features : Features
        Of one face, perhaps with points moved and features set.
    target : str
        Of models of ratings: which one has to cross its mean over the study; the first by default.

    Returns
    -------
    dict
        ``now``; ``one`` and ``all``: None where no change within the range seen in the data does it, else ``words``,
        ``size_sd``, ``becomes``, ``changes`` (``name``, ``words``, ``from``, ``to``, ``unit``, ``size_sd``); ``tried``;
        ``seen``: the faces whose range it is.
    """
    usual, values = asked.usual, np.ascontiguousarray(features.values[0], dtype=np.float32)
    if asked.model.takes_gaps and not np.isfinite(values).all():
        raise InputError("Some measures of this face are missing, so that no nearest change can be given.")
    rating = asked.model.classes.index(target) if target in asked.model.classes else 0
    middle = asked.predict(usual)[:, rating].mean() if not asked.probabilities else 0.0

    def decide(inputs: np.ndarray) -> np.ndarray:
        said = asked.predict(np.ascontiguousarray(inputs))
        if not asked.probabilities:
            return np.where(said[:, rating] > middle, ABOVE, BELOW).astype(object)
        known = np.isfinite(said).any(axis=1)
        best = np.where(np.isfinite(said), said, -np.inf).argmax(axis=1)
        return np.where(known, np.array(asked.model.classes, dtype=object)[best], "")

    slope = _slope(asked, values, decide(values[None])[0], rating)
    if features.space == NAMED:
        ways = ways_of_features(values, usual, features.names)
    elif features.space == SEQUENCE:
        ways = ways_of_points(values, usual, features.names, slope)
    else:
        raise InputError("The nearest change is looked for where a model looks at points and measures, not at pixels.")
    within = (usual.min(axis=0), usual.max(axis=0))
    along = way_of_slope(values, usual, slope, ALL) if slope is not None else None
    one = nearest_flip(values, ways, decide, within)
    every = nearest_flip(values, [along], decide, within) if along is not None else None
    return {
        "now": str(decide(values[None])[0]),
        "one": None if one is None else _said(one, features, values, usual),
        "all": None if every is None else _said(every, features, values, usual),
        "tried": len(ways),
        "seen": len(usual),
        "slope": along is not None,
    }


def _slope(asked: AskedModel, values: np.ndarray, now: Any, rating: int) -> np.ndarray | None:
    """Slope of the strongest other answer minus the present one; None for models without gradients."""
    module = asked.network.module
    if module is None:
        return None
    with one_thread(), torch.enable_grad():
        given = torch.from_numpy(values[None].copy()).requires_grad_(True)
        scores = module(given).reshape(1, -1)[0]
        if asked.probabilities and len(scores) > 1:
            own = asked.model.classes.index(str(now))
            others = torch.cat([scores[:own], scores[own + 1 :]])
            margin = others.max() - scores[own]
        elif asked.probabilities:
            margin = scores[0]
        else:
            margin = scores[rating] if now == BELOW else -scores[rating]
        (found,) = torch.autograd.grad(margin, given)
    return np.asarray(found[0].numpy(), dtype=np.float64)


def _said(flip: Flip, features: Features, before: np.ndarray, usual: np.ndarray) -> dict[str, Any]:
    changes = _changes(flip.way, features, before, flip.values, usual)
    return {
        "words": feature_words(flip.way.name, features.topology) if flip.way.name != ALL else ALL,
        "size_sd": number(flip.size),
        "becomes": flip.decision,
        "changes": changes[:MOST_LISTED],
        "more": max(0, len(changes) - MOST_LISTED),
    }


def _changes(
    way: Way, features: Features, before: np.ndarray, after: np.ndarray, usual: np.ndarray
) -> list[dict[str, Any]]:
    """What changed, the largest change first; of sequences each point's mean over the frames."""
    names: list[str] = list(features.names)
    if features.space == SEQUENCE:
        names = [f"point {point} {axis}" for point in range(before.shape[1]) for axis in features.names]
        before, after, usual = before.mean(axis=0).ravel(), after.mean(axis=0).ravel(), usual.mean(axis=1)
        usual = usual.reshape(len(usual), -1)
    sd = usual.std(axis=0)
    size = np.divide(np.abs(after - before), sd, out=np.zeros_like(sd), where=sd > 0)
    return [
        {
            "name": names[i],
            "words": feature_words(names[i], features.topology),
            "from": number(before[i]),
            "to": number(after[i]),
            "unit": unit_of(names[i]),
            "size_sd": number(size[i]),
        }
        for i in np.argsort(-size, kind="stable")
        if size[i] > 1e-6
    ]


def unit_of(name: str) -> str:
    """Unit of a feature, by its name; ``''`` for strengths from 0 to 1 and for what other tools name."""
    base, _, last = name.rpartition(" ")
    own = base if base and last in FUNCTIONALS else name
    return "eye distances" if own.startswith("point ") or own in MEASURES else ""
