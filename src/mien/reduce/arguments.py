"""Checks of the arguments of ``reduce``: wrong kinds get a sentence before any work."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

from mien.core.errors import InputError
from mien.core.numbers import RANGES, Range, as_text
from mien.core.samples import Samples
from mien.core.settings import check_value
from mien.core.target import Target
from mien.reduce.ways import ANATOMY, METHODS, RANDOM

# What the arguments take whose kind is all that has to be checked.
KINDS: dict[str, Any] = {
    "n_folds": Annotated[int, Range(2, whole=True)],
    "n_random": Annotated[int, Range(0, whole=True)],
    "n_baselines": Annotated[int, Range(1, whole=True)],
    "seed": Annotated[int, RANGES["seed"]],
    "tolerance": float,
    "symmetric": bool,
    "mirror": bool | None,
    **dict.fromkeys(("ranking", "amount", "rule", "scheme", "group_by"), str),
    **dict.fromkeys(("contrast", "target", "topology"), str | None),
    **dict.fromkeys(("settings", "ranking_settings", "recipe"), dict | None),
}


def check_kinds(given: dict[str, Any]) -> None:
    """Refuse arguments of another kind than ``reduce`` takes.

    Parameters
    ----------
    given : dict
        The arguments of ``reduce``, by name.

    Raises
    ------
    InputError
        Naming the argument, what it is, and what came.
    """
    for name, kind in KINDS.items():
        check_value(name, given[name], kind)
    if not isinstance(given["baselines"], str):
        raise InputError(
            f"baselines is a name: 'medoids', 'medoids:LABEL', 'class-medoids', 'mean' or 'zero'; they are taken from "
            f"the training clips of each fold, so arrays are not accepted here, but got {as_text(given['baselines'])}."
        )
    if "mirror" in (given["settings"] or {}):
        check_value("settings: 'mirror'", given["settings"]["mirror"], bool)
    check_model(given["model"])


def check_model(model: Any) -> None:
    """Refuse what is neither a name nor an estimator that can be fitted, cloned and turned into a network."""
    if isinstance(model, str):
        return
    needed = ("fit", "predict_proba", "get_params", "set_params", "model")
    missing = [name for name in needed if not callable(getattr(model, name, None))]
    if isinstance(model, type):
        raise InputError(f"model is an estimator, not its class: give {model.__name__}() instead of {model.__name__}.")
    if missing:
        raise InputError(
            f"model is the name of a landmark network, such as 'landmark-rvfl', or an estimator with "
            f"{', '.join(f'{name}()' for name in needed)}, but got {as_text(model)}, which has no {missing[0]}()."
        )


def check_source(given: dict[str, Any]) -> None:
    """Refuse arguments of samples beside a plain array, and those of an array beside samples: none is ignored."""
    if isinstance(given["X"], (Samples, str, Path)):
        for name in ("y", "subjects", "topology"):
            if given[name] is not None:
                other = "recipe={'name': 'displacement', 'points': ...}" if name == "topology" else "target='COLUMN'"
                other = "group_by='COLUMN'" if name == "subjects" else other
                raise InputError(
                    f"reduce: {name} belongs to a plain array, but X is samples; leave it out, or use {other}."
                )
        return
    instead = {
        "target": "give the classes as y",
        "faces": "X holds the landmarks already",
        "recipe": "X is taken as it is; compute its features before",
        "group_by": "give the groups as subjects",
        **dict.fromkeys(("labels", "subject_pattern", "columns", "missing", "same"), "it says how a table is read"),
    }
    for name, words in instead.items():
        untouched = given[name] is None or (isinstance(given[name], (tuple, str)) and not given[name])
        if not untouched and not (name == "group_by" and given[name] == "subject"):
            raise InputError(f"reduce: {name} belongs to samples, but X is a plain array; leave it out: {words}.")


def checked_methods(methods: str | Sequence[str], n_random: int) -> tuple[str, ...]:
    """Ways to choose landmarks, each once; refuses unknown ones, and those that rank nothing."""
    methods = (methods,) if isinstance(methods, str) else methods
    try:
        listed = list(methods)
    except TypeError as error:
        raise InputError(f"methods is a list of names, such as ['one-shot', 'random'], but got {methods!r}.") from error
    unknown = [name for name in listed if name not in METHODS]
    if unknown:
        raise InputError(f"methods: there is no {as_text(unknown[0])}; mien has {', '.join(METHODS)}.")
    if not set(listed) - {RANDOM, ANATOMY}:
        raise InputError("methods: at least one that ranks landmarks is needed, such as 'recursive'.")
    if RANDOM in listed and n_random < 1:
        raise InputError(f"n_random is at least 1 (20 or more tell something), but got {n_random}.")
    return tuple(dict.fromkeys(listed))


def checked_contrast(contrast: str | None, classes: Sequence[str]) -> Target | None:
    """The class, or one class against another, that landmarks are chosen for; None for all."""
    if contrast is None:
        return None
    if contrast in classes:
        return Target(contrast)
    # Names may hold '>' themselves: every place to cut is tried, first with blanks as they are.
    cuts = [(contrast[:i], contrast[i + 1 :]) for i, sign in enumerate(contrast) if sign == ">"]
    for name, against in (*cuts, *((name.strip(), against.strip()) for name, against in cuts)):
        if name in classes and against in classes:
            return Target(name, against)
    if contrast.strip() in classes:
        return Target(contrast.strip())
    known = ", ".join(f"'{name}'" for name in classes)
    raise InputError(
        f"contrast is a class, or 'CLASS>OTHER', but {_unknown(cuts, contrast, classes)}; classes are {known}."
    )


def _unknown(cuts: list[tuple[str, str]], contrast: str, classes: Sequence[str]) -> str:
    words = [word.strip() for word in (cuts[0] if cuts else (contrast,))]
    missing = next((word for word in words if word not in classes), contrast)
    return f"there is no class '{missing}'"


def check_baselines(baselines: str, classes: Sequence[str]) -> None:
    """Refuse baselines that training clips cannot give.

    Raises
    ------
    InputError
        With the list of those that there are.
    """
    kind, _, label = baselines.partition(":")
    if baselines in ("medoids", "class-medoids", "mean", "zero") or (kind == "medoids" and label in classes):
        return
    raise InputError(
        f"baselines is 'medoids', 'medoids:LABEL', 'class-medoids', 'mean' or 'zero', with LABEL one of "
        f"{', '.join(classes)}, but got '{baselines}'."
    )


def checked_output(output: Any) -> Path | None:
    """The folder for the result, made now: so that hours of work do not end at a folder that cannot be written."""
    if output is None:
        return None
    if not isinstance(output, (str, Path)) or not str(output):
        raise InputError(f"output is a folder, given as text or Path, but got {as_text(output)}.")
    folder = Path(output)
    try:
        (folder / "folds").mkdir(parents=True, exist_ok=True)
    except (OSError, ValueError) as error:
        why = "there is a file of that name" if folder.is_file() else str(error)
        raise InputError(f"output: {folder} cannot be a folder ({why}); give another one.") from error
    if not os.access(folder / "folds", os.W_OK):
        raise InputError(f"output: {folder} may not be written to; give another folder.")
    return folder
