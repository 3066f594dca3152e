"""WSEFEP: pictures of thirty people, and a sheet that says what each shows and how judges saw it."""

from __future__ import annotations

from pathlib import Path

from mien.core.errors import InputError
from mien.core.samples import Samples
from mien.data.sets.finding import PICTURES, Entry, Finding
from mien.data.tables.table import SUFFIXES, FileTable, read_table

_WHO, _PICTURE, _WORD = "Displayer ID", "Picture ID", "Display"
# How judges agreed with the intended display (per cent), and how strong they saw it (0 to 1).
_RATINGS = {"agreement": "Agreement (%)", "intensity": "Intensity (0-1)"}
# Pictures that the sheet names wrongly: github.com/Xavi3398/fer_benchmark, notebook 1.
CORRECTIONS = {"ad_8286": "ad_8268", "js_0491": "js_0449", "so_0052": "so_0053"}


def wsefep(folder: Path) -> Samples:
    """WSEFEP; ratings ``agreement`` and ``intensity``.

    Raises
    ------
    InputError
        If the sheet is missing or lacks a column, or none of its pictures is there.
    """
    finding = Finding("wsefep", folder)
    places = {Path(path).stem.casefold(): path for path in reversed(list(finding.ending(PICTURES)))}
    table = _sheet(finding)
    who, picture, word = (
        table.need(name, what)
        for name, what in ((_WHO, "who is shown"), (_PICTURE, "the picture's name"), (_WORD, "what is shown"))
    )
    columns = {rating: name for rating, name in _RATINGS.items() if name in table.columns}
    numbers = {rating: table.numbers(name)[0] for rating, name in columns.items()}
    entries, corrected = [], 0
    for row, (person, name, shown) in enumerate(zip(who, picture, word, strict=True)):
        stem = Path(name.strip()).stem.casefold()
        if stem not in places and CORRECTIONS.get(stem) in places:
            stem, corrected = CORRECTIONS[stem], corrected + 1
        if stem not in places:
            finding.pass_over("rows of the sheet without a picture", name.strip())
            continue
        more = {rating: float(values[row]) for rating, values in numbers.items()}
        entries.append(Entry(places.pop(stem), shown.strip(), person.strip(), numbers=more))
    for path in places.values():
        finding.pass_over("pictures that the sheet does not name", path)
    note = f"WSEFEP: {corrected} pictures that the sheet names wrongly were found by their right names."
    return finding.samples(entries, (note,) if corrected else ())


def _sheet(finding: Finding) -> FileTable:
    """The table that names pictures and displays."""
    for path in finding.files:
        if Path(path).suffix.lower() in SUFFIXES and "norms" in path.casefold():
            return read_table(finding.folder / path, having=((_PICTURE,), (_WORD,)))
    raise InputError(
        f"{finding.folder}: the sheet 'WSEFEP - norms & FACS' (.xlsx or .csv), which says what the pictures show, is "
        f"not there. {finding.expected()}"
    )
