"""Trainings that start from a model that has learnt before: what it has seen must not be tested on."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from mien.core.errors import InputError
from mien.core.people.keys import person_key
from mien.core.people.unknown import is_own
from mien.core.samples import Samples
from mien.learn.table import Table
from mien.models.base import Model


def refuse_known_start(make: Callable[[], Any], samples: Samples, table: Table) -> None:
    """Refuse to cross-validate a training whose start has seen the samples or, in the same data, their subjects.

    Subjects of other data may have the same names, such as numbers, and are taken for other people.

    Raises
    ------
    InputError
        Naming a sample or a subject.
    """
    start: Model | None = make().starts_from()
    if start is None:
        return
    seen = set(start.info.get("seen", []))
    known = [path for path, marks in zip(table.path, table.marks, strict=True) if marks & seen]
    if known:
        _refuse(f"{len(known)} of these samples themselves, such as '{known[0]}'")
    same_data = start.info.get("samples", {}).get("name", "") == samples.name
    learnt = {person_key(str(name)) for name in start.info.get("subjects", [])}
    asked = {name for name in set(table.people.astype(str)) if not is_own(name)}
    people = sorted(name for name in asked if person_key(name) in learnt)
    if same_data and people:
        _refuse(f"{len(people)} of these subjects, such as '{people[0]}'")


def _refuse(what: str) -> None:
    raise InputError(
        f"The model that training is to start from has learnt on {what}, so scores in folds would say nothing about "
        "new people. Start from a model of other people, or train without scores (in Python: evaluate=False)."
    )
