"""Fixations of a data set by its name or of a table; sizes of pictures from their files."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from mien.core.errors import InputError
from mien.core.fixations import Fixations
from mien.core.numbers import check_number
from mien.core.paths import Tails
from mien.data.media.pictures import SUFFIXES, open_picture
from mien.data.sets.catalogue import SETS, set_of
from mien.data.tables.fixations import NAMES, fixations_of
from mien.data.tables.packed import read_packed_table


def read_fixations(
    spec: str | Path | Fixations,
    *,
    columns: Mapping[str, str] | None = None,
    pictures: str | Path = "",
    picture_size: Any = None,
    screen: Any = None,
    shown: str = "",
    pixels_per_degree: float | None = None,
) -> Fixations:
    """Read where viewers looked on pictures.

    Parameters
    ----------
    spec : str, Path or Fixations
        ``'osie'`` or another data set that has fixations, or a table with one row per fixation (``.csv``, ``.csv.gz``,
        ``.xlsx``, ``.parquet`` ...).
    columns : mapping of str to str, optional
        What the table calls ``picture``, ``viewer``, ``x`` and ``y`` (pixels, from the top left corner of the
        picture), ``duration`` and ``onset`` (``..._s`` or ``..._ms``), ``width`` and ``height`` of the picture.
    pictures : str or Path, optional
        Folder of the pictures, from which their sizes are read.
    picture_size : (int, int) or text such as ``'800x600'``, optional
        Width and height of all pictures.
    screen, shown : optional
        For coordinates that are those of a screen: its size, and how pictures were shown on it, ``'fill'``, ``'fit'``,
        ``'centre'`` or ``'LEFT,TOP,WIDTHxHEIGHT'``.
    pixels_per_degree : float, optional
        Of visual angle, on the pictures at full size.

    Returns
    -------
    Fixations

    Raises
    ------
    InputError
        If the table cannot be read, a size is missing, or the coordinates do not fit the pictures.

    Examples
    --------
    >>> import mien
    >>> from pathlib import Path
    >>> _ = Path("looked.csv").write_text("image,subject,x,y,duration_ms\\na.png,v1,10.5,20,250\\na.png,v2,70,8,180\\n")
    >>> fixations = mien.read_fixations("looked.csv", picture_size="80x60")
    >>> fixations.viewer.tolist(), fixations.duration_s.tolist()
    (['v1', 'v2'], [0.25, 0.18])
    """
    if pixels_per_degree is not None:
        check_number("pixels_per_degree", pixels_per_degree)
    more = {} if pixels_per_degree is None else {"pixels_per_degree": float(pixels_per_degree)}
    if isinstance(spec, Fixations):
        return replace(spec, **more)  # type: ignore[arg-type]
    known, place = set_of(spec)
    if known is not None:
        if not known.fixations:
            have = ", ".join(row.name for row in SETS.values() if row.fixations)
            raise InputError(f"The data set '{known.name}' has no fixations; those that have: {have}.")
        found: Fixations = known.code_at(known.fixations)(known.place(place))
        return replace(found, **more)  # type: ignore[arg-type]
    table = read_packed_table(Path(place).expanduser(), numbers=True)
    named = (columns or {}).get("picture") or next((name for name in NAMES["picture"] if name in table.columns), "")
    sizes = picture_size
    if str(pictures) and named in table.columns and picture_size in (None, ""):
        sizes = sizes_of(dict.fromkeys(str(name) for name in table.columns[named]), Path(pictures))
    return fixations_of(
        table, columns=columns, sizes=sizes, screen=screen, shown=shown, name=Path(place).name, **more
    )  # fmt: skip


def files_of_pictures(names: Any, folder: Path) -> dict[str, Path]:
    """The file of each picture in a folder, by its path, name or stem; those without one are not in it."""
    if not folder.is_dir():
        raise InputError(f"{folder} is not a folder; give the one that holds the pictures.")
    files = {p.relative_to(folder).as_posix(): p for p in sorted(folder.rglob("*")) if p.suffix.lower() in SUFFIXES}
    tails = Tails(files, "pictures")
    stems: dict[str, list[str]] = {}
    for path in files:
        stems.setdefault(Path(path).stem, []).append(path)
    result = {}
    for name in names:
        found = tails.find(name)
        same = stems.get(Path(name).stem if Path(name).suffix else name, [])
        if found is None and len(same) == 1:
            found = same[0]
        if found is not None:
            result[name] = files[found]
    return result


def sizes_of(names: Any, folder: Path) -> dict[str, tuple[int, int]]:
    """Width and height of each picture, upright, from its file.

    Raises
    ------
    InputError
        If a picture is not there or cannot be read.
    """
    files = files_of_pictures(names, folder)
    lost = [name for name in names if name not in files]
    if lost:
        raise InputError(
            f"{folder} has no picture '{lost[0]}'{f' and {len(lost) - 1} more' if len(lost) > 1 else ''}, on which "
            "there are fixations. Add them, or leave these rows out of the table."
        )
    result = {}
    for name, path in files.items():
        picture = open_picture(path, 1.0)
        result[name] = (picture.width, picture.height)
    return result
