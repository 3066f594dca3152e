"""Settings of a recipe: defaults filled in, unknown names and values refused."""

from __future__ import annotations

from difflib import get_close_matches
from typing import Any

from mien.core.errors import InputError


def resolve(
    name: str, recipe: dict[str, Any], defaults: dict[str, Any], choices: dict[str, tuple[Any, ...]]
) -> dict[str, Any]:
    """A complete recipe: ``name`` and every setting, given or default.

    Raises
    ------
    InputError
        For a setting that does not exist or a value that is not among its choices.
    """
    given = {key: value for key, value in recipe.items() if key != "name"}
    unknown = sorted(set(given) - set(defaults))
    if unknown:
        close = get_close_matches(unknown[0], defaults, n=1)
        hint = f" Did you mean '{close[0]}'?" if close else ""
        raise InputError(
            f"Recipe '{name}' has no setting '{unknown[0]}'.{hint} Its settings are: {', '.join(defaults)}."
        )
    settings = {"name": name, **defaults, **given}
    for key, allowed in choices.items():
        if settings[key] not in allowed:
            listed = ", ".join(repr(value) for value in allowed)
            raise InputError(f"Recipe '{name}': '{key}' is one of {listed}, but got {settings[key]!r}.")
    return settings
