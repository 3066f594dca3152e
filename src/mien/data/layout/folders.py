"""What the sub-folders of a folder are: classes, or parts of the data, people or sessions."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from mien.core.errors import InputError
from mien.core.labels import label_key, same_labels
from mien.data.layout.person_names import may_be_people
from mien.data.tables.table import listed

_PARTS = re.compile(
    r"(?:my)?(?:train|training|trn|tr|tra|val|valid|validation|validate|vld|test|testing|tst|tes|ts|dev|devel|"
    r"development|eval|evaluation|holdout|heldout|publictest|privatetest)(?:set|data|ing|images|\d+)?|(?:fold|split|partition)\d+"
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


def classes_of(
    folder: Path, paths: Sequence[str], people_given: bool, people_known: bool = False
) -> tuple[list[str], tuple[str, ...]]:
    """The class of every file by the folder that it lies in.

    Parameters
    ----------
    folder : Path
        For messages.
    paths : sequence of str
        Of the files, below the folder and written with ``/``; each lies in a sub-folder.
    people_given : bool
        Whether the user says how a person is known from a path.
    people_known : bool
        Whether names below the classes' folders are those of a known set, which say it.

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
        return _classes_in_parts(folder, paths, parts, people_given, people_known)
    classes = [path.split("/")[0] for path in paths]
    inside = sorted({path.split("/")[1] for path in paths if path.count("/") > 1})
    notes: tuple[str, ...] = ()
    if inside and all(_PARTS.fullmatch(_plain(name)) for name in inside):
        # 'happy/train/1.png' is 'happy/1.png' of a part.
        paths = [re.sub("^([^/]+)/[^/]+/", r"\1/", path) if path.count("/") > 1 else path for path in paths]
        notes = (_parts_note(inside, "the folders above"),)
    if not people_given:
        _refuse_people(folder, tops)
    if not people_given and not people_known:
        _refuse_alike(folder, paths, tops)
    return classes, notes


def _classes_in_parts(
    folder: Path, paths: Sequence[str], parts: list[str], people_given: bool, people_known: bool
) -> tuple[list[str], tuple[str, ...]]:
    loose = next((path for path in paths if path.count("/") < 2), "")
    if loose:
        raise InputError(
            f"{folder}: the folders {listed(parts)} are taken for parts of the data, not for classes, but '{loose}' "
            "lies in none of the classes' folders below them. Put every file into a folder of its class, rename the "
            f"folders if they are classes, or write {TABLE}."
        )
    below = [path.split("/", 1)[1] for path in paths]
    classes, notes = classes_of(folder, below, people_given, people_known)
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
    return list(same_labels(classes, "label")[0]), (_parts_note(parts, "the folders below"), *notes)


def _parts_note(parts: list[str], where: str) -> str:
    many = "folder" if len(parts) == 1 else "folders"
    return (
        f"The {many} {listed(parts)} {'is a part' if len(parts) == 1 else 'are parts'} of the data, not classes; the "
        f"classes are {where}. Their files were put together: mien makes its own folds, by people, and does not use "
        "this division."
    )


def refuse_parts(subjects: Sequence[str], pattern: str) -> None:
    """Refuse a pattern that finds ``train`` and ``test`` in place of people.

    Raises
    ------
    InputError
    """
    result = sorted({name for name in subjects if _PARTS.fullmatch(_plain(name))})
    if result and len(result) == len(set(subjects)):
        raise InputError(
            f"subject_pattern '{pattern}' finds {listed(result)}, which look like parts of the data and not like "
            "people: then nearly everybody would be in training and test. Find the person in the path."
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
    below = [(path.split("/")[1], path.split("/")[0]) for path in paths if path.count("/") > 1]
    people = len(below) == len(paths) and may_be_people([name for name, _ in below], [top for _, top in below])
    such = r": subject_pattern='^[^/]+/([^/]+)/'" if people else " with subject_pattern"
    raise InputError(
        f"{folder}: files lie in folders below the classes' folders, such as those in '{top}/{second}'{where}. If such "
        f"a folder shows one person, and nobody is in several, say so{such}; if every file shows another person, "
        f"subject_pattern='.+'; if the folders below are the classes and '{top}' is a person or session, write {TABLE}."
    )


def _several(inner: dict[str, dict[str, int]], path: str) -> bool:
    rest = path.split("/")[1:]
    return len(rest) > 1 and sum(counts.get(_plain(rest[0]), 0) for counts in inner.values()) > 1


def _plain(name: str) -> str:
    return re.sub(r"[\W_]+", "", name).casefold()
