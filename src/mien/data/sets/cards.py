"""What has to be known of each data set: who may use it, how people are known, what lies where, whom to cite."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files


@dataclass(frozen=True)
class SetCard:
    """Facts of one data set, from ``cards.toml``.

    Attributes
    ----------
    title : str
    people : str
        Whether the set says who is shown: ``'known'``, ``'unknown'`` or ``'partly'``.
    subjects : str
        How the person is read, and what follows where nobody says who it is.
    licence : str
        In short.
    access : str
        Who may use it, and where to ask.
    citation : str
    layout : str
        Where the tree is described; or that it is described nowhere.
    tree : str
        What lies where below the folder.
    private : bool
        Whether files' names hold names of people, so that notes must not show them.
    """

    title: str
    people: str
    subjects: str
    licence: str
    access: str
    citation: str
    layout: str
    tree: str
    private: bool = False


@cache
def _cards() -> dict[str, SetCard]:
    text = files("mien.data.sets").joinpath("cards.toml").read_text(encoding="utf-8")
    return {name: SetCard(**{**facts, "tree": facts["tree"].strip()}) for name, facts in tomllib.loads(text).items()}


def card_of(name: str) -> SetCard:
    """The card of a data set by the name of its row."""
    return _cards()[name]
