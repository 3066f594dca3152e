"""Tables of fixations: columns by their usual names or by a mapping, units, and screens larger than the picture."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from mien.core.errors import InputError
from mien.core.fixations import Fixations
from mien.data.tables.screens import coded, on_picture, size_of
from mien.data.tables.table import FileTable, listed

# What the columns are called in tables of eye trackers; those that end in _ms are in milliseconds.
NAMES: dict[str, tuple[str, ...]] = {
    "picture": ("picture", "image", "stimulus", "path", "file"),
    "viewer": ("viewer", "subject", "participant", "observer"),
    "x": ("x_px", "x"),
    "y": ("y_px", "y"),
    "duration": ("duration_s", "duration_ms", "duration"),
    "onset": ("onset_s", "onset_ms", "onset", "start_s", "start_ms"),
    "width": ("width", "width_px"),
    "height": ("height", "height_px"),
}
_PURPOSE = {
    "picture": "which picture was looked at", "viewer": "who looked", "x": "where, in pixels from the left edge",
    "y": "where, in pixels from the top edge",
}  # fmt: skip
# Of all fixations that may lie outside their pictures before the coordinates are taken for those of something else.
MOST_OUTSIDE = 0.2
# The same where they are said to be those of a screen, on which viewers may look beside the picture.
MOST_BESIDE = 0.5
# Where so large a share of at least so many lies in the top left quarter, the pictures were perhaps shown smaller.
QUARTER, FEW = 0.99, 50
# A fixation lasts a quarter of a second: a median above this many seconds is one in milliseconds.
_LONGEST_S = 10.0


def fixations_of(
    table: FileTable,
    *,
    columns: Mapping[str, str] | None = None,
    sizes: Any = None,
    screen: Any = None,
    shown: str = "",
    **facts: Any,
) -> Fixations:
    """Fixations of a table with one row each.

    Parameters
    ----------
    table : FileTable
    columns : mapping of str to str, optional
        What the table calls ``picture``, ``viewer``, ``x``, ``y``, and, where it has them, ``duration``, ``onset``,
        ``width`` and ``height`` (of the picture); by default the names in ``NAMES`` are looked for.
    sizes : (int, int), text such as ``'800x600'``, or mapping of picture to one of these, optional
        Width and height of the pictures in pixels; by default those in the table.
    screen, shown : optional
        See ``mien.data.tables.screens.on_picture``: for coordinates that are pixels of the screen.
    **facts
        Further attributes of ``Fixations``.

    Raises
    ------
    InputError
        If a column or a size is missing, a coordinate is no number, all coordinates are shares, or more than
        ``MOST_OUTSIDE`` of the fixations lie outside their pictures (``MOST_BESIDE``, where coordinates are those of a
        screen).
    """
    named = _columns(table, columns or {})
    notes = list(facts.pop("notes", ()))
    x, y = (_numbers(table, named[axis]) for axis in ("x", "y"))
    picture, viewer = (_texts(table.columns[named[name]]) for name in ("picture", "viewer"))
    seen = np.isfinite(x) & np.isfinite(y)
    if not seen.all():
        notes.append(f"{(~seen).sum()} of {len(seen)} rows without coordinates were left out.")
    nowhere = coded(x, y)
    # One such place can be one.
    if nowhere.sum() > 1:
        seen &= ~nowhere
        notes.append(nowhere_note(x, nowhere))
    if not seen.any():
        raise InputError(f"{table.path}: no row has coordinates ('{named['x']}', '{named['y']}').")
    notes += without_a_place(viewer, seen)
    for name, column in (("picture", picture), ("viewer", viewer)):
        if (column == "").any():
            row = int(np.argmax(column == ""))
            raise InputError(f"{table.path}, row {row + table.first_row}: '{named[name]}' is empty.")
    known = _sizes(table, named, picture, sizes)
    if (x[seen].min() >= 0 and y[seen].min() >= 0 and max(x[seen].max(), y[seen].max()) <= 1) and all(
        min(size) > 2 for size in known.values()
    ):
        raise InputError(
            f"{table.path}: all coordinates lie between 0 and 1, so they seem to be shares of the picture or screen. "
            "Multiply them by its width and height: pixels from the top left corner are needed."
        )
    if screen is not None and screen != "":
        x, y, note = on_picture(x, y, picture, known, screen, shown)
        notes.append(note)
    elif shown:
        raise InputError("shown says how a picture was shown on a screen; give the size of the screen, too (screen).")
    duration, said = _seconds(table, named, "duration")
    onset, more = _seconds(table, named, "onset")
    found = Fixations(
        picture[seen], viewer[seen], x[seen], y[seen], duration[seen], onset[seen], sizes=known,
        notes=(*notes, *said, *more, *table.notes), **facts,
    )  # fmt: skip
    return _checked(table, found, mapped=bool(screen))


def without_a_place(viewer: np.ndarray, seen: np.ndarray) -> list[str]:
    """A note where viewers have no fixation with a place; none else."""
    whole = len(set(viewer.tolist()))
    none = whole - len(set(viewer[seen].tolist()))
    return [f"Of {whole} viewers {none} have no fixation with a place; they are left out."] if none else []


def nowhere_note(x: np.ndarray, nowhere: np.ndarray) -> str:
    """What is said of fixations that are left out because their place is a code."""
    example = f"{x[np.argmax(nowhere)]:g}"
    return (
        f"{nowhere.sum()} of {len(x)} fixations lie at the same place that is none, such as ({example}, {example}), as "
        "programs write it where nothing was seen; they were left out."
    )


def _checked(table: FileTable, found: Fixations, mapped: bool) -> Fixations:
    """The fixations, where so few lie outside that the coordinates can be those of the pictures; oddities are noted."""
    outside = ~found.inside
    if outside.mean() > (MOST_BESIDE if mapped else MOST_OUTSIDE):
        row = int(np.argmax(outside))
        width, height = found.sizes[found.picture[row]]
        next_step = (
            "These places were computed from those on the screen: if the table holds pixels of the pictures already, "
            "leave the screen out; else check its size and how pictures were shown on it (screen, shown)."
            if mapped
            else "If the coordinates are those of a screen, give its size and how pictures were shown on it (screen, "
            "shown); if the pictures had another size, give that (picture_size)."
        )
        raise InputError(
            f"{table.path}: {100 * outside.mean():.0f} % of the fixations lie outside their pictures, such as "
            f"({found.x_px[row]:g}, {found.y_px[row]:g}) on '{found.picture[row]}' of {width} x {height} pixels. "
            f"{next_step}"
        )
    return replace(found, notes=(*found.notes, *_oddities(found)))


def _oddities(found: Fixations) -> Iterator[str]:
    """What may be a mistake and may be none."""
    size = np.array([found.sizes[name] for name in found.picture], dtype=np.float64).reshape(-1, 2)
    inside = found.inside
    quarter = inside & (found.x_px < size[:, 0] / 2) & (found.y_px < size[:, 1] / 2)
    if inside.sum() >= FEW and quarter.sum() >= QUARTER * inside.sum():
        yield (
            f"{100 * quarter.sum() / inside.sum():.0f} % of the fixations lie in the top left quarter of their "
            "pictures; if they were shown smaller than their files are, give the size at which they were shown "
            "(picture_size)."
        )
    columns = (getattr(found, name) for name in ("picture", "viewer", "x_px", "y_px", "duration_s", "onset_s"))
    rows = [tuple("" if value != value else value for value in row) for row in zip(*columns, strict=True)]
    if again := len(rows) - len(set(rows)):
        yield (
            f"{again} of {len(rows)} fixations are listed twice (same picture, viewer, place and times), and count "
            "twice; leave rows out that repeat others."
        )


def _columns(table: FileTable, given: Mapping[str, str]) -> dict[str, str]:
    unknown = [name for name in given if name not in NAMES]
    if unknown:
        raise InputError(f"columns: '{unknown[0]}' is none of {', '.join(NAMES)}.")
    result = {}
    for name, usual in NAMES.items():
        found = given.get(name) or next((column for column in usual if column in table.columns), "")
        if name in _PURPOSE:
            table.need(found or usual[0], _PURPOSE[name], usual, f"columns={name}=...")
        elif name in given and found not in table.columns:
            raise InputError(f"{table.path} has no column '{found}'. Its columns: {listed(list(table.columns))}.")
        result[name] = found or usual[0]
    return result


def _texts(column: np.ndarray) -> np.ndarray:
    """Names; whole numbers, such as those of viewers, without a decimal point."""
    if column.dtype == object:
        return np.array([str(value).strip() for value in column], dtype=object)
    return np.array(["" if v != v else f"{v:.15g}" for v in column], dtype=object)


def _numbers(table: FileTable, name: str) -> np.ndarray:
    if undecided := table.undecided_notation(name):
        raise InputError(undecided)
    values, bad = table.numbers(name)
    if bad.any():
        row = int(np.argmax(bad))
        raise InputError(
            f"{table.path}, row {row + table.first_row}: '{table.columns[name][row]}' in '{name}' is no number."
        )
    return values


def _seconds(table: FileTable, named: Mapping[str, str], what: str) -> tuple[np.ndarray, list[str]]:
    """A column of times in seconds, NaN where there is none, with what has to be said of its unit."""
    name = named[what]
    if name not in table.columns:
        return np.full(len(table), np.nan), []
    values = _numbers(table, name)
    if name.endswith("_ms"):
        return values / 1000, []
    known = values[np.isfinite(values)]
    if not name.endswith("_s") and len(known) and np.median(known) > _LONGEST_S:
        return values / 1000, [f"'{name}' was read as milliseconds: its median is {np.median(known):g}."]
    return values, []


def _sizes(
    table: FileTable, named: Mapping[str, str], picture: np.ndarray, given: Any
) -> dict[str, tuple[int, int]]:  # fmt: skip
    names = dict.fromkeys(picture)
    if isinstance(given, Mapping):
        lost = [name for name in names if name not in given]
        if lost:
            raise InputError(f"The size of '{lost[0]}' is not known; give width and height of every picture.")
        return {name: size_of(given[name], "sizes") for name in names}
    if given is not None and given != "":
        return dict.fromkeys(names, size_of(given, "picture_size"))
    if not {named["width"], named["height"]} <= set(table.columns):
        raise InputError(
            f"{table.path}: the size of the pictures is not known. Name their folder (pictures), give their size "
            "(picture_size='800x600'), or add the columns width and height."
        )
    width, height = (_numbers(table, named[side]) for side in ("width", "height"))
    result: dict[str, tuple[int, int]] = {}
    for row, name in enumerate(picture):
        size = size_of((width[row], height[row]), f"{table.path}, row {row + table.first_row}")
        if result.setdefault(name, size) != size:
            raise InputError(
                f"{table.path}, row {row + table.first_row}: '{name}' has another size than in the rows before."
            )
    return result
