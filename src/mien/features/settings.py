"""Settings of a recipe: defaults filled in, unknown names and values refused."""

from __future__ import annotations

from typing import Annotated, Any

from mien.core.errors import InputError
from mien.core.numbers import Range
from mien.core.settings import check_value
from mien.core.words import did_you_mean

# Share of a clip's frames, and how many of them at a time, that may lack a face.
GAPS = {"max_missing": Annotated[float, Range(0, 1)], "max_gap": Annotated[int, Range(0, whole=True)]}


def resolve(name: str, recipe: dict[str, Any], defaults: dict[str, Any], kinds: dict[str, Any]) -> dict[str, Any]:
    """A complete recipe: ``name`` and every setting, given or default.

    Parameters
    ----------
    name : str
    recipe, defaults : dict
    kinds : dict
        What settings take, as annotations; see ``mien.core.settings``.

    Raises
    ------
    InputError
        For a setting that does not exist or a value of another kind.
    """
    given = {key: value for key, value in recipe.items() if key != "name"}
    unknown = sorted(map(str, given.keys() - defaults.keys()))
    if unknown:
        raise InputError(
            f"Recipe '{name}' has no setting '{unknown[0]}'.{did_you_mean(unknown[0], defaults)} "
            f"Its settings are: {', '.join(defaults)}."
        )
    settings = {"name": name, **defaults, **given}
    checked = {key: check_value(f"Recipe '{name}': '{key}'", settings[key], kind) for key, kind in kinds.items()}
    return {**settings, **checked}
