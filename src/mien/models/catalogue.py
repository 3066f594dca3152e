"""The models that can be trained by name: their features and their estimator.

Adding a model is one file with an estimator and one line in ``SPECS``.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from importlib import import_module
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, NoReturn

import numpy as np

from mien.core.errors import InputError
from mien.core.features import Features
from mien.core.settings import parse_pairs
from mien.features import RECIPES
from mien.nets.names import NETWORKS

if TYPE_CHECKING:
    from mien.models.estimator import Estimator


@dataclass(frozen=True)
class Spec:
    """A trainable model.

    Attributes
    ----------
    recipe : dict
        Features it looks at unless told otherwise.
    home, estimator : str
        Module and name of its scikit-learn style estimator; ``''`` as name where it predicts ratings only.
    meaning : str
        One line for people.
    context : tuple of str
        What the estimator is told about the features: any of ``'topology'``, ``'feature_names'``, ``'recipe'``.
    settings : dict
        Parameters of the estimator that make it this model.
    regressor : str
        Home and name, ``'module:name'``, of its estimator for ratings; ``''`` where there is none.
    rating_recipe : dict
        Features it looks at for ratings, where they are others.
    takes_gaps : bool
        Whether it learns from samples that lack some of the features.
    """

    recipe: dict[str, Any]
    home: str
    estimator: str
    meaning: str
    context: tuple[str, ...] = field(default=())
    settings: dict[str, Any] = field(default_factory=dict)
    regressor: str = ""
    rating_recipe: dict[str, Any] = field(default_factory=dict)
    takes_gaps: bool = False


def _sequence(network: str, meaning: str, estimator: str = "LandmarkNetClassifier") -> Spec:
    home = "trained" if estimator == "LandmarkNetClassifier" else "randomised"
    recipe = {"name": "displacement", "align": "clip"}
    home = f"mien.models.landmark_nets.{home}"
    return Spec(recipe, home, estimator, meaning, ("topology", "feature_names"), {"network": network})


def _network(name: str) -> Spec:
    """An image network that is fine-tuned end to end."""
    return Spec(
        {"name": "crop"},
        "mien.models.network.estimator",
        "NetworkClassifier",
        f"the network {name}, fine-tuned end to end on the aligned face",
        settings={"network": name},
        regressor="mien.models.network.estimator:NetworkRegressor",
    )


# Between the names of models that are added up.
JOIN = "+"
SPECS: dict[str, Spec] = {
    "expression": Spec(
        {"name": "expression"},
        "mien.models.expression",
        "ExpressionClassifier",
        "logistic regression on blendshapes, action units and named distances; ridge on points for ratings",
        ("feature_names", "topology"),
        regressor="mien.models.expression:ExpressionRegressor",
        rating_recipe={"name": "expression", "blocks": ["measures", "points"]},
    ),
    "trees": Spec(
        {"name": "expression"},
        "mien.models.trees.estimator",
        "TreesClassifier",
        "gradient-boosted trees (LightGBM) on blendshapes, action units and named distances",
        ("feature_names", "topology"),
        regressor="mien.models.trees.estimator:TreesRegressor",
        takes_gaps=True,
    ),
    "picture": Spec(
        {"name": "crop"},
        "mien.models.picture",
        "PictureClassifier",
        "logistic or ridge regression on what a frozen image network (EfficientNet-Lite) sees in the aligned face",
        regressor="mien.models.picture:PictureRegressor",
    ),
    "picture-wide": Spec(
        {"name": "crop", "side": 4.0},
        "mien.models.picture",
        "PictureClassifier",
        "the same with hair and surroundings",
        regressor="mien.models.picture:PictureRegressor",
    ),
    "texture": Spec(
        {"name": "texture"},
        "mien.models.texture",
        "TextureClassifier",
        "logistic or ridge regression (kernel=rbf: support vectors) on colour, local binary patterns and edges",
        ("feature_names",),
        regressor="mien.models.texture:TextureRegressor",
    ),
    "efdnn": Spec(
        {"name": "crop", "size": 64, "side": 1.8, "eyes_at": 0.2},
        "mien.models.attention.estimator",
        "EfdnnClassifier",
        "light convolutional network with one attention map per class or rating on the aligned face",
        regressor="mien.models.attention.estimator:EfdnnRegressor",
    ),
    "efdnn-lite": Spec(
        {"name": "crop", "size": 160, "side": 2.4, "eyes_at": 0.3},
        "mien.models.attention.lite_fit",
        "EfdnnLiteClassifier",
        "one attention map per class on the first stages of a frozen image network (EfficientNet-Lite0)",
    ),
    "landmark-net": _sequence("cnn", "temporal CNN per label on landmark displacements"),
    "landmark-mlp": _sequence("mlp", "one hidden layer per label on windows of landmark displacements"),
    "landmark-gru": _sequence("gru", "gated recurrent network per label on landmark displacements"),
    "landmark-lstm": _sequence("lstm", "long short-term memory per label on landmark displacements"),
    "landmark-rvfl": _sequence(
        "rvfl", "random vector functional link: direct links and random units, ridge read-out", "RandomisedClassifier"
    ),
    "landmark-random-tcn": _sequence(
        "random-tcn", "random temporal convolution, ridge read-out", "RandomisedClassifier"
    ),
    "landmark-esn": _sequence("esn", "echo-state network: random reservoir, ridge read-out", "RandomisedClassifier"),
    **{name: _network(name) for name in NETWORKS},
}


def _stacked(name: str) -> Spec:
    """Several regression models as one, by their names with a plus between them."""
    parts = tuple(part.strip() for part in name.split(JOIN))
    rows = [spec(part) for part in parts]
    wrong = [part for part, row in zip(parts, rows, strict=True) if not row.regressor]
    if wrong:
        refuse_ratings(wrong[0])
    if len(set(parts)) < len(parts):
        raise InputError(f"The model '{name}' names a part twice; name each once.")
    home = "mien.models.stacked"
    return Spec(
        {"name": "joined", "parts": [row.rating_recipe or row.recipe for row in rows]},
        home,
        "",
        "the weighted sum of its parts",
        ("recipe",),
        {"parts": parts},
        regressor=f"{home}:StackedRegressor",
    )


def spec(name: str) -> Spec:
    """The spec of that name: one of ``SPECS``, that of a network of timm, or several of them as ``'one+other'``.

    Raises
    ------
    InputError
        If there is none.
    """
    if name in SPECS:
        return SPECS[name]
    if JOIN in name:
        return _stacked(name)
    if find_spec("torch") and find_spec("timm"):
        from mien.nets.zoo import is_network

        if is_network(name):
            return _network(name)
        more = "every network of timm"
    else:
        more = "with pip install 'mien[zoo]' every network of timm"
    close = get_close_matches(name, SPECS, n=1)
    hint = f" Did you mean '{close[0]}'?" if close else ""
    raise InputError(f"There is no model '{name}' to train.{hint} mien knows {', '.join(SPECS)}, and {more}.")


def prepared(make: Callable[[], Estimator], features: Features) -> np.ndarray:
    """What the estimator is fitted on: the values, or what its ``prepare`` makes of them once, before any folds.

    ``prepare`` sees no labels and fits nothing, so it may see all samples.
    """
    found: np.ndarray = make().prepare(features.values)
    return found


def notes_of(make: Callable[[], Estimator]) -> list[str]:
    """What an estimator says has to stand beside its scores, in sentences."""
    return make().notes()


def refuse_ratings(name: str) -> NoReturn:
    """Say that a model predicts classes only, and which ones predict numbers."""
    able = ", ".join(known for known, row in SPECS.items() if row.regressor)
    raise InputError(
        f"The model '{name}' predicts classes, but the target holds numbers. For numbers mien has: {able}. If they are "
        "names of classes, give them as text (for a table: --labels COLUMN, or read_samples(..., labels=[...]))."
    )


def maker(
    name: str, features: Features, *, seed: int, settings: dict[str, Any], ratings: bool = False
) -> Callable[[], Estimator]:
    """A function that gives an unfitted estimator for these features: of classes, or of ratings.

    Raises
    ------
    InputError
        For a setting that the estimator does not have, or a model that does not predict ratings (or classes).
    """
    return maker_for(
        name, features.recipe, features.names, features.topology, seed=seed, settings=settings, ratings=ratings
    )


def maker_for(
    name: str, recipe: dict[str, Any], names: tuple[str, ...], topology: str, *, seed: int, settings: dict[str, Any],
    ratings: bool = False,
) -> Callable[[], Estimator]:  # fmt: skip
    """The same for features that are described by recipe, names and points."""
    found = spec(name)
    if ratings and not found.regressor:
        refuse_ratings(name)
    if not ratings and not found.estimator:
        raise InputError(f"The model '{name}' predicts ratings, but the target holds classes. Choose one of its parts.")
    home, _, title = found.regressor.partition(":") if ratings else (found.home, "", found.estimator)
    estimator = getattr(import_module(home), title)
    known = set(estimator().get_params()) - set(found.settings) - set(found.context)
    unknown = sorted(set(settings) - known)
    if unknown:
        raise InputError(
            f"The model '{name}' has no setting '{unknown[0]}'. Its settings are: {', '.join(sorted(known))}."
        )
    _check_settings(name, settings, estimator().get_params())
    # The points that named features were computed from stand in their recipe.
    context = {"topology": topology or recipe.get("topology", ""), "feature_names": names, "recipe": recipe}
    given = {key: context[key] for key in found.context}
    if recipe.get("name") == "columns" and "mirror" in known:
        # What becomes of another tool's numbers in a mirror is not known.
        given["mirror"] = False
    return lambda: estimator(**{**given, **found.settings, "seed": seed, **settings})


def _check_settings(name: str, given: dict[str, Any], defaults: dict[str, Any]) -> None:
    """Refuse values of another kind than the defaults, before anything is computed."""
    for key, value in given.items():
        default = defaults[key]
        if isinstance(default, bool):
            good, wanted = isinstance(value, bool), "true or false"
        elif isinstance(default, int):
            least = 0 if default == 0 else 1
            good, wanted = type(value) is int and value >= least, f"a whole number from {least}"
            if key == "width":  # frames that a filter spans, with a middle one
                good, wanted = good and value % 2 == 1, "an odd whole number"
        elif isinstance(default, float):
            number = isinstance(value, (int, float)) and not isinstance(value, bool)
            good, wanted = number and 0 <= value < float("inf"), "a number from 0"
            if key in _SHARES:
                good, wanted = good and value < 1, "a share from 0 to below 1"
        elif isinstance(default, str):
            good, wanted = isinstance(value, str), "a word"
        else:
            continue
        if not good:
            raise InputError(f"The model '{name}': '{key}' is {wanted}, such as {default!r}, but got {value!r}.")


# Settings that are parts of a whole.
_SHARES = ("dropout", "smoothing", "hide", "trim", "validation")


def parsed(name: str, pairs: Sequence[str], recipe: str = "") -> tuple[dict[str, Any], dict[str, Any]]:
    """Settings of a model's recipe (or of another one) and of its estimator from ``NAME=VALUE`` texts.

    See ``mien.core.settings.parse_pairs``.

    Raises
    ------
    InputError
        If a text has no '=' or neither has a setting of that name.
    """
    found = spec(name)
    if JOIN in name and pairs:
        raise InputError(f"The model '{name}' takes its parts as they are; settings cannot be given to them.")
    of_recipe = getattr(import_module(RECIPES[recipe or found.recipe["name"]]), "DEFAULTS", {})
    homes = [(found.home, found.estimator)] if found.estimator else []
    homes += [(home, title) for home, _, title in [found.regressor.partition(":")] if title]
    known = {
        key: value
        for home, title in homes
        for key, value in getattr(import_module(home), title)().get_params().items()
        if key not in found.settings and key not in found.context
    }
    given = parse_pairs(pairs, {**of_recipe, **known})
    for key in given:
        if key not in known and key not in of_recipe:
            listed = f"{', '.join(sorted(known))}; of its features: {', '.join(sorted(of_recipe))}"
            raise InputError(f"The model '{name}' has no setting '{key}'. It has: {listed}.")
    settings = {key: value for key, value in given.items() if key in known}
    return {key: value for key, value in given.items() if key not in known}, settings
