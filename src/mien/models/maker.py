"""Estimators made by the names of models, with their settings checked before anything is computed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from importlib import import_module
from typing import TYPE_CHECKING, Any

import numpy as np

from mien.core.errors import InputError
from mien.core.features import Features
from mien.core.settings import parse_pairs
from mien.features import RECIPES
from mien.models.catalogue import JOIN, refuse_ratings, spec
from mien.models.model_settings import what_it_takes

if TYPE_CHECKING:
    from mien.models.estimator import Estimator


def prepared(make: Callable[[], Estimator], features: Features) -> np.ndarray:
    """What the estimator is fitted on: the values, or what its ``prepare`` makes of them once, before any folds.

    ``prepare`` sees no labels and fits nothing, so it may see all samples.
    """
    found: np.ndarray = make().prepare(features.values)
    return found


def notes_of(make: Callable[[], Estimator]) -> list[str]:
    """What an estimator says has to stand beside its scores, in sentences."""
    return make().notes()


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
    if not ratings and not found.home:
        raise InputError(f"The model '{name}' predicts ratings, but the target holds classes. Choose one of its parts.")
    estimator, known = found.code_at(found.regressor if ratings else found.home), found.defaults(ratings)
    unknown = sorted(set(settings) - set(known))
    if unknown:
        raise InputError(
            f"The model '{name}' has no setting '{unknown[0]}'. Its settings are: {', '.join(sorted(known))}."
        )
    _check_settings(name, settings, known)
    followed = found.protocol(settings)
    if followed is not None:
        settings = {key: value for key, value in {**followed.settings, **settings}.items() if key in known}
    settings = {key: value for key, value in settings.items() if key != "protocol"}
    # The points that named features were computed from stand in their recipe.
    context = {"topology": topology or recipe.get("topology", ""), "feature_names": names, "recipe": recipe}
    given = {key: context[key] for key in found.context}
    if recipe.get("name") == "columns" and "mirror" in known:
        # What becomes of another tool's numbers in a mirror is not known.
        given["mirror"] = False
    # No lambda: it travels to workers.
    return partial(estimator, **{**given, **found.fixed, "seed": seed, **settings})


def protocol_notes(name: str, settings: dict[str, Any]) -> list[str]:
    """Which published protocol training follows, and what of it was asked for otherwise, in a sentence."""
    followed = spec(name).protocol(settings)
    if followed is None:
        return []
    given = {key: value for key, value in settings.items() if followed.settings.get(key, value) != value}
    but = f", but with {', '.join(f'{key}={value}' for key, value in given.items())}" if given else ""
    start = "weights of ImageNet" if followed.pretrained else "random weights"
    return [
        f"Trained by the protocol '{settings['protocol']}' ({followed.source}): {followed.optimiser}, learning rate "
        f"{followed.learning_rate:g}, {followed.epochs} epochs without early stopping, no augmentation; there it "
        f"started from {start}{but}."
    ]


def _check_settings(name: str, given: dict[str, Any], defaults: dict[str, Any]) -> None:
    """Refuse values of another kind than the defaults, before anything is computed."""
    for key, value in given.items():
        fits, wanted = what_it_takes(key, defaults[key])
        if not fits(value):
            raise InputError(f"The model '{name}': '{key}' is {wanted}, such as {defaults[key]!r}, but got {value!r}.")


def parsed(name: str, pairs: Sequence[str], recipe: str = "") -> tuple[dict[str, Any], dict[str, Any]]:
    """Settings of a model's recipe (or of another one) and of its estimator from ``NAME=VALUE`` texts.

    See ``mien.core.settings.parse_pairs``.

    Raises
    ------
    InputError
        If a text has no '=' or neither has a setting of that name.
    """
    of_recipe, own = _known(name, recipe)
    return divided(name, parse_pairs(pairs, {**of_recipe, **own}), recipe)


def divided(name: str, given: dict[str, Any], recipe: str = "") -> tuple[dict[str, Any], dict[str, Any]]:
    """Those of the settings that are the recipe's (the model's own, or another one), and those of the estimator.

    Raises
    ------
    InputError
        If neither has a setting of that name.
    """
    if JOIN in name and given:
        raise InputError(f"The model '{name}' takes its parts as they are; settings cannot be given to them.")
    of_recipe, own = _known(name, recipe)
    for key in given:
        if key not in own and key not in of_recipe:
            listed = f"{', '.join(sorted(own))}; of its features: {', '.join(sorted(of_recipe))}"
            raise InputError(f"The model '{name}' has no setting '{key}'. It has: {listed}.")
    settings = {key: value for key, value in given.items() if key in own}
    return {key: value for key, value in given.items() if key not in own}, settings


def check_given(names: Sequence[str], given: dict[str, Any], ratings: bool = False) -> None:
    """Refuse settings that one of the models does not have, or that are of another kind than its usual values.

    Parameters
    ----------
    names : sequence of str
        Of the models.
    given : dict
        Settings of the models or of their features.
    ratings : bool
        Whether ratings are to be learnt.

    Raises
    ------
    InputError
    """
    for name in names:
        known = spec(name).defaults(ratings)
        own = divided(name, given)[1]
        _check_settings(name, {key: value for key, value in own.items() if key in known}, known)


def parsed_for_all(names: Sequence[str], pairs: Sequence[str], recipe: str = "") -> dict[str, Any]:
    """Settings of several models and of their features from ``NAME=VALUE`` texts, for ``divided``.

    Raises
    ------
    InputError
        If a text has no '='.
    """
    kinds: dict[str, Any] = {}
    for name in names:
        try:
            of_recipe, own = _known(name, recipe)
        except InputError:
            # Said where that one is trained.
            continue
        kinds = {**of_recipe, **own, **kinds}
    return parse_pairs(pairs, kinds)


def _known(name: str, recipe: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """What can be set of the features and of the estimator, with the defaults."""
    found = spec(name)
    of_recipe = getattr(import_module(RECIPES[recipe or found.recipe["name"]]), "DEFAULTS", {})
    return of_recipe, {**found.defaults(), **found.defaults(ratings=True)}
