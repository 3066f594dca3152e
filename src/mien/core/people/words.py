"""How many people some samples show, in words that hold where people are unknown or their names may be one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Literal

from mien.core.people.alike import alike_people
from mien.core.people.unknown import is_own

SUBJECT, SITE = "subject", "site"
# Scheme of scores on people that a stored model was not trained on.
HELD_OUT = "held-out"
# Scheme of scores on people whom the model knows from other recordings.
USER_SPECIFIC: Literal["user-specific"] = "user-specific"


def people_facts(units: Iterable[str], rows: int, learnt: Iterable[str] = ()) -> dict[str, int]:
    """What a protocol says of people, for ``who_words`` and ``apart_words``.

    Parameters
    ----------
    units : iterable of str, length (rows,)
        Who counts as one person in folds and intervals.
    rows : int
    learnt : iterable of str, optional
        People whom a stored model was trained on.
    """
    names, known = sorted({str(name) for name in units}), {str(name) for name in learnt}
    unknown, alike = sum(map(is_own, names)), alike_people([*names, *sorted(known - {*names})])
    facts = {
        "n_subjects": len(names),
        "n_samples": rows,
        "n_unknown": unknown,
        "n_unknown_learnt": sum(map(is_own, known)),
        "n_alike": sum(not known or not {*result} <= known for result in alike),
    }
    return {name: count for name, count in facts.items() if count or name in ("n_subjects", "n_samples")}


def who_words(facts: Mapping[str, Any], what: str = "sample") -> str:
    """``'72 samples of 60 people'``; who is unknown is not counted among the people.

    Parameters
    ----------
    facts : dict
        A protocol with ``n_samples``, ``n_subjects`` and, from ``people_facts``, ``n_unknown``.
    what : str
        What is counted.
    """
    samples, units, unknown = (facts.get(key) for key in ("n_samples", "n_subjects", "n_unknown"))
    samples, units, unknown = samples or 0, units or 0, unknown or 0
    given = f"{samples} {what}{'' if samples == 1 else 's'}"
    if unknown and unknown >= units:
        return f"{given} (people unknown)"
    one, many = unit_words(facts.get("group_by") or SUBJECT)
    known = f"{given} of {units - unknown} {one if units - unknown == 1 else many}"
    return f"{known} and of {unknown} unknown" if unknown else known


def unit_words(group_by: str = SUBJECT) -> tuple[str, str]:
    """What folds do not split, one and several: a person, or a value of the column that samples are grouped by."""
    return ("person", "people") if group_by == SUBJECT else (f"value of '{group_by}'", f"values of '{group_by}'")


def site_words(column: str = SITE) -> tuple[str, str]:
    """What leaving out sites leaves out, one and several: a site, or a group by the column that was given for it."""
    return ("site", "sites") if column == SITE else (f"group by '{column}'", f"groups by '{column}'")


def unseen_words(facts: Mapping[str, Any]) -> str:
    """What a model has surely not seen: ``'people'``, or ``'samples'`` where somebody may be in others that it has.

    ``'recordings'`` where people are shared on purpose.
    """
    if facts.get("scheme") == USER_SPECIFIC:
        return "recordings"
    doubts = any(facts.get(key) for key in ("n_unknown", "n_unknown_learnt", "n_alike"))
    return "samples" if doubts else "people"


def apart_words(facts: Mapping[str, Any]) -> str:
    """Whether somebody may be in training and test, without a full stop."""
    unknown, units = facts.get("n_unknown") or 0, facts.get("n_subjects") or 0
    who = unit_words(facts.get("group_by") or SUBJECT)[0]
    if facts.get("scheme") == USER_SPECIFIC:
        return (
            "the same people are in training and test on purpose, with other recordings (user-specific): this says "
            "nothing about people whom the model does not know"
        )
    learnt, alike = facts.get("n_unknown_learnt") or 0, facts.get("n_alike") or 0
    if unknown and unknown >= units:
        text = "each counts as a person of its own, so one person may be in training and test"
    elif unknown or learnt:
        text = "no known person is in training and test at once, but an unknown one may be"
    else:
        text = f"no {who} is in training and test at once"
        # What a model has learnt on is known by its people's names and to the last bit, not by its pictures.
        text += ", by name" if facts.get("scheme") == HELD_OUT else ""
    return f"{text}, unless names that are alike are one person (see the notes)" if alike else text
