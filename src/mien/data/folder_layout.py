"""What the sub-folders of a folder are: classes, or parts of the data, people or sessions."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from mien.core.errors import InputError
from mien.core.labels import label_key, same_labels
from mien.data.tables import listed

_PARTS = re.compile(
    r"(?:my)?(?:train|training|val|valid|validation|validate|test|testing|dev|devel|development|eval|evaluation|"
    r"holdout|heldout|publictest|privatetest)(?:set|data|ing|images|\d+)?|(?:fold|split|partition)\d+"
)
_PEOPLE = re.compile(
    r"(?:s|sn|sj|sub|subj|subject|p|pp|pt|pat|participant|person|proband|teilnehmer|vp|vpn|id|actor|model|speaker|rater|"
    r"[ab]?[fm])\d+"
)
_SESSIONS = re.compile(r"(?:ses|sess|session|sitting|sitzung|day|tag|visit|week|wave|run|block|trial|take|t)\d+")
# Beside these words a number counts classes.
_NUMBERED_CLASS = re.compile(r"(?:au|class|klasse|label|level|grade|category|cat|emotion|expression|condition|cond|"
                             r"group|cluster|type|stage)\d+")  # fmt: skip
_NUMBERED = re.compile(r"\D*\d+\D*")
# Classes of faces are few; people are many.
_MANY_NUMBERED, _MANY = 8, 40
TABLE = "a table samples.csv with the columns path, subject and label"


def classes_of(folder: Path, paths: Sequence[str], people_given: bool) -> tuple[list[str], tuple[str, ...]]:
    """The class of every file by the folder that it lies in.

    Parameters
    ----------
    folder : Path
        For messages.
    paths : sequence of str
        Of the files, below the folder and written with ``/``; each lies in a sub-folder.
    people_given : bool
        Whether the user says how a person is known from a path.

    Returns
    -------
    classes : list of str
        The first folder of a path, or the second where the first are parts such as ``train`` and ``test``.
    notes : tuple of str

    Raises
    ------
    InputError
        If the folders are parts beside classes, parts with different classes, or look like people or sessions.
    """
    tops = sorted({path.split("/")[0] for path in paths})
    parts = [top for top in tops if _PARTS.fullmatch(_plain(top))]
    if parts and len(parts) < len(tops):
        others = [top for top in tops if top not in parts]
        raise InputError(
            f"{folder}: the folders {listed(parts)} look like parts of the data (for training and testing), but stand "
            f"beside {listed(others)}. Classes and parts must not be mixed: move the classes' folders side by side, "
            f"rename the folders if all are classes, or write {TABLE}."
        )
    if parts:
        return _classes_in_parts(folder, paths, parts, people_given)
    classes = [path.split("/")[0] for path in paths]
    if not people_given:
        _refuse_people(folder, tops)
        _refuse_alike(folder, paths, tops)
    return classes, ()


def _classes_in_parts(
    folder: Path, paths: Sequence[str], parts: list[str], people_given: bool
) -> tuple[list[str], tuple[str, ...]]:
    loose = next((path for path in paths if path.count("/") < 2), "")
    if loose:
        raise InputError(
            f"{folder}: the folders {listed(parts)} are taken for parts of the data, not for classes, but '{loose}' "
            "lies in none of the classes' folders below them. Put every file into a folder of its class, rename the "
            f"folders if they are classes, or write {TABLE}."
        )
    below = [path.split("/", 1)[1] for path in paths]
    classes, notes = classes_of(folder, below, people_given)
    # Spellings of one class in two parts are one class.
    keys: dict[str, dict[str, str]] = {part: {} for part in parts}
    for path, label in zip(paths, classes, strict=True):
        keys[path.split("/")[0]][label_key(label)] = label
    everywhere = {key: name for names in keys.values() for key, name in names.items()}
    for part, names in keys.items():
        missing = [name for key, name in everywhere.items() if key not in names]
        if missing:
            raise InputError(
                f"{folder}: the folders {listed(parts)} look like parts of the data, but '{part}' has no folder "
                f"{listed(missing)} as the others have. Give every part the same classes, give one part alone "
                f"({folder / part}), or write {TABLE}."
            )
    many = "is a part" if len(parts) == 1 else "are parts"
    return list(same_labels(classes, "label")[0]), (
        f"The folders {listed(parts)} {many} of the data, not classes; the classes are the folders below. Their files "
        "were put together: mien makes its own folds, by people, and does not use this division.",
        *notes,
    )


def _refuse_people(folder: Path, tops: list[str]) -> None:
    plain = [_plain(top) for top in tops]
    if len(tops) < 2:
        return
    sessions = all(_SESSIONS.fullmatch(name) for name in plain)
    numbers = all(name.isdigit() for name in plain) and (len(tops) > 12 or max(map(len, plain)) > 2)
    numbered = len(tops) >= _MANY_NUMBERED and all(
        _NUMBERED.fullmatch(name) and not name.isdigit() and not _NUMBERED_CLASS.fullmatch(name) for name in plain
    )
    if sessions or numbers or numbered or len(tops) > _MANY or all(_PEOPLE.fullmatch(name) for name in plain):
        raise InputError(
            f"{folder}: the sub-folders ({listed(tops, 4)}) look like {'sessions' if sessions else 'people'}, but "
            f"each would be taken for a class. Make one sub-folder per class, or write {TABLE}; if they are classes, "
            "say how the person is known from a path with subject_pattern (subject_pattern='.+' if every file shows "
            "another person)."
        )


def _refuse_alike(folder: Path, paths: Sequence[str], tops: list[str]) -> None:
    """Folders below the classes' folders tell people (or clips) apart, or are the classes themselves."""
    inner: dict[str, dict[str, int]] = {top: {} for top in tops}
    for path in paths:
        top, *rest = path.split("/")
        if len(rest) > 1:
            inner[top][_plain(rest[0])] = inner[top].get(_plain(rest[0]), 0) + 1
    several = next((path for path in paths if _several(inner, path)), "")
    if not several:
        return
    top, second = several.split("/")[:2]
    also = [other for other in tops if other != top and _plain(second) in inner[other]]
    where = f", and so in '{also[0]}'" if also else ""
    raise InputError(
        f"{folder}: files lie in folders below the classes' folders, such as those in '{top}/{second}'{where}. If such "
        r"a folder shows one person, say so: subject_pattern='^[^/]+/([^/]+)/'; if every file shows another person, "
        f"subject_pattern='.+'; if the folders below are the classes and '{top}' is a person or session, write {TABLE}."
    )


def _several(inner: dict[str, dict[str, int]], path: str) -> bool:
    rest = path.split("/")[1:]
    return len(rest) > 1 and sum(counts.get(_plain(rest[0]), 0) for counts in inner.values()) > 1


def _plain(name: str) -> str:
    return re.sub(r"[\W_]+", "", name).casefold()
