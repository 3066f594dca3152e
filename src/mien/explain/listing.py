"""The methods of explanation as a table: what each needs of a model, what it can explain and what it gives."""

from __future__ import annotations

from typing import Any

from mien.core.features import NAMED, PICTURE, SEQUENCE, SERIES
from mien.explain.methods import METHODS, Method, method_of_name


def methods(name: str | None = None) -> list[dict[str, Any]]:
    """Methods of explanation: what each needs of a model, what it can explain and what it gives.

    Parameters
    ----------
    name : str, optional
        One method, with its settings and their defaults under ``settings``; None: all, without.

    Returns
    -------
    list of dict
        A row per method: ``name``, ``meaning``, ``source``, ``needs``, ``explains`` (kinds of input), ``gives``,
        ``sign`` (what the sign of a value says) and ``signed_attribution``. ``pandas.DataFrame`` makes a table of it.

    Raises
    ------
    InputError
        If there is no such method; names the nearest.

    Examples
    --------
    >>> import mien
    >>> [row["name"] for row in mien.methods()][:2]
    ['saliency', 'input-x-gradient']
    >>> mien.methods("smoothgrad")[0]["settings"]["n_samples"]
    50
    """
    if name is None:
        return [_facts(row) for row in METHODS.values()]
    row = method_of_name(name)
    return [{**_facts(row), "settings": row.defaults()}]


def _facts(row: Method) -> dict[str, Any]:
    gives = [_values(row)]
    gives += ["standard error"] if row.sampled else []
    gives += ["completeness gap"] if row.complete else []
    return {
        "name": row.name,
        "meaning": row.meaning,
        "source": row.source,
        "needs": list(row.needs) or ["only scores"],
        "explains": list(row.spaces),
        "gives": ", ".join(gives),
        "sign": "for and against" if row.signed_attribution else "none: an amount",
        "signed_attribution": row.signed_attribution,
    }


def _values(row: Method) -> str:
    """What a value belongs to, in each kind of input that the method explains."""
    # Methods that cover parts cover whole points, for all frames and coordinates.
    kinds = {
        PICTURE: "pixel" if row.per_pixel else "pixel and channel",
        SEQUENCE: "point" if row.per_pixel else "frame, point and coordinate",
        NAMED: "feature",
        SERIES: "step and channel",
    }
    return "one value per " + " / ".join(kind for space, kind in kinds.items() if space in row.spaces)
