"""The data sets as a table, and the card of one."""

from __future__ import annotations

from typing import Any

from mien.core.registry import row_of
from mien.data.sets.cards import card_of
from mien.data.sets.catalogue import SETS, DataSet


def datasets(name: str | None = None) -> list[dict[str, Any]]:
    """Data sets that mien reads by name: what each is, whether people are known, under which terms it is used.

    Parameters
    ----------
    name : str, optional
        One data set, with its whole card; None: all, in short.

    Returns
    -------
    list of dict
        A row for each: ``name``, ``title``, ``meaning``, ``people`` (``'known'``, ``'unknown'`` or ``'partly'``),
        ``licence``; of one also ``access`` (who may use it, where to ask), ``subjects`` (how the person is read),
        ``citation``, ``layout`` (where the tree is described) and ``tree`` (what lies where). ``pandas.DataFrame``
        makes a table of it.

    Raises
    ------
    InputError
        If there is no such data set; names the nearest.

    Examples
    --------
    >>> import mien
    >>> [row["name"] for row in mien.datasets() if row["people"] == "unknown"]
    ['us-adult-faces', 'raf-db', 'affectnet', 'fer2013']
    >>> mien.datasets("kdef")[0]["licence"]
    'non-commercial research'
    """
    if name is None:
        return [_facts(row) for row in SETS.values()]
    row = row_of(SETS, name)
    card = card_of(row.name)
    more = ("access", "subjects", "citation", "layout", "tree")
    return [{**_facts(row), **{fact: getattr(card, fact) for fact in more}}]


def _facts(row: DataSet) -> dict[str, Any]:
    card = card_of(row.name)
    return {
        "name": row.name, "title": card.title, "meaning": row.meaning, "people": card.people, "licence": card.licence,
    }  # fmt: skip
