"""``mien figure``: drawings of a study for a paper, alone or as panels, at the size that a journal asks for."""

from __future__ import annotations

import io
import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path

from mien.core.errors import InputError
from mien.core.extras import require
from mien.core.files import atomic_path, write_text
from mien.core.numbers import Range, check_number
from mien.core.output import check_file
from mien.core.people.words import who_words
from mien.core.words import did_you_mean, listed
from mien.report.draw import svg
from mien.report.draw.pdf import pdf
from mien.report.draw.score_chart import confusion_chart, score_chart
from mien.report.figures import drawings_by_name
from mien.report.numbering import figure_of
from mien.report.page import context_of, privacy_of_study, removers
from mien.report.report import numbered_page
from mien.report.sections.models import SCORE_WORDS, confusion_words
from mien.report.study_folder import StudyFolder, read_folder

# Columns of most journals, in millimetres.
WIDTHS = {"single": 85.0, "double": 178.0}
_WIDE = Range(10, 2000)
_ENDS = (".svg", ".pdf", ".png", ".tif", ".tiff")
_POINT_MM = 25.4 / 72
# Below this, in points, most journals refuse text.
LEAST_POINTS = 5.0
_GAP, _LETTER_ROOM, _LETTER_SIZE = 14.0, 18.0, 14.0
# Of a letter, in sizes of text, a little more than usual.
_LETTER_WIDTH = 0.58
# So many times the usual size of text finds room in every drawing.
_MOST_LARGER = 1.3
_VIEW = re.compile(r'viewBox="([\d.-]+) ([\d.-]+) ([\d.]+) ([\d.]+)"')
_FONT = re.compile(r'font-size="([\d.]+)"')


@dataclass(frozen=True)
class Figure:
    """A figure for a paper.

    Attributes
    ----------
    names : tuple of str
        Its panels, as ``mien.figure`` without ``what`` lists them.
    captions : tuple of str
        What each panel shows.
    svg : str
    width_mm, height_mm : float
    smallest_pt : float
        Of its text, in points; NaN without text.
    notes : tuple of str
        What has to be known before it is printed.
    path : Path or None
        Where it was written.
    """

    names: tuple[str, ...]
    captions: tuple[str, ...]
    svg: str
    width_mm: float
    height_mm: float
    smallest_pt: float
    notes: tuple[str, ...] = ()
    path: Path | None = None

    @property
    def caption(self) -> str:
        """A caption that stands alone."""
        if len(self.captions) == 1:
            return f"{self.captions[0].rstrip('.')}."
        return " ".join(f"({_letter(i)}) {text.rstrip('.')}." for i, text in enumerate(self.captions))


def figure(
    study: str | Path,
    what: str | Sequence[str] = (),
    output: str | Path | None = None,
    *,
    width: str | float = "double",
    dpi: int = 600,
    font_size: float | None = None,
    per_row: int | None = None,
    show_faces: bool = False,
    show_names: bool = False,
) -> Figure | tuple[str, ...]:
    """One or several drawings of a study as a figure for a paper.

    Parameters
    ----------
    study : str or Path
        Study folder.
    what : str or sequence of str
        Names of drawings, or patterns such as ``'evidence-*smile*'``, in the order of the panels; ``'scores'`` are all
        models with intervals, ``'confusion-NAME'`` the confusion of a model. Without it the names are listed.
    output : str or Path, optional
        File: ``.svg``, ``.pdf``, ``.png`` or ``.tiff``; beside it the caption as ``.txt``.
    width : 'single', 'double' or float
        Of the figure: a column of 85 mm, two of 178 mm, or millimetres.
    dpi : int
        Pixels per inch of PNG and TIFF.
    font_size : float, optional
        Size of most text in points; by default that of the drawings at this width.
    per_row : int, optional
        Panels side by side; by default about as many as below each other.
    show_faces, show_names : bool
        As in ``mien.report``: pictures of people need their consent to be published.

    Returns
    -------
    Figure or tuple of str
        The figure, or the names of the drawings that there are.

    Raises
    ------
    InputError
        If there is no such drawing, or the file's ending is another one.
    MissingExtra
        If PNG or TIFF are asked for without the extra [paper].

    Examples
    --------
    >>> import mien
    >>> people = mien.synthesize("people", subjects=6, expressions=("neutral", "smile"), frames=8)
    >>> trained = mien.train("people", target="expression", n_folds=3, output="study/models/mine")
    >>> mien.figure("study")[:2]
    ('scores', 'confusion-mine')
    >>> shown = mien.figure("study", ["scores", "confusion-mine"], "figure.svg", width="single")
    >>> round(shown.width_mm), len(shown.captions)
    (85, 2)
    """
    asked = [what] if isinstance(what, str) else list(what)
    wide = _width_of(width)
    check_number("dpi", dpi)
    if font_size is not None:
        check_number("font_size", font_size)
    if per_row is not None:
        check_number("per_row", per_row)
    target = None if output is None else Path(output)
    if target is not None:
        check_file(target)
        if target.suffix.lower() not in _ENDS:
            raise InputError(f"A figure is written as {', '.join(_ENDS)}, but got '{target.name}'.")
    read = read_folder(study)
    there, captions = _drawings(read, show_faces, show_names)
    if not there:
        raise InputError(f"{study} holds nothing to draw yet; train, explain or compare first, or run its study.")
    if not asked:
        return tuple(there)
    names = _chosen(asked, there)
    made = _composed([there[name] for name in names], wide, font_size, per_row)
    found = Figure(
        names=tuple(names), captions=tuple(captions[name] for name in names), svg=made[0], width_mm=wide,
        height_mm=made[1], smallest_pt=made[2], notes=_notes(names, made[2], show_faces, _crowded(font_size, made[3])),
        path=target,
    )  # fmt: skip
    if target is not None:
        _write(found, target, dpi)
    return found


def _width_of(width: str | float) -> float:
    if isinstance(width, str) and width in WIDTHS:
        return WIDTHS[width]
    try:
        wide = float(width)
    except ValueError as error:
        raise InputError(f"The width is single, double or millimetres, but got '{width}'.") from error
    check_number("width", wide, _WIDE)
    return wide


def _drawings(study: StudyFolder, faces: bool, names: bool) -> tuple[dict[str, str], dict[str, str]]:
    """Every drawing of the study by its name, and the captions of all: those of the report where it shows them."""
    inside, remove = removers(study, privacy_of_study(study, faces=faces, names=names))
    found: dict[str, str] = {}
    captions: dict[str, str] = {}
    scored = [(part, part.main_score) for part in study.models if part.evaluation is not None]
    for rated, name in ((False, "scores"), (True, "scores-of-ratings")):
        rows = [(part.name, score) for part, score in scored if score is not None and part.rated == rated]
        if rows:
            kind = SCORE_WORDS["pearson" if rated else "balanced_accuracy"]
            found[name] = score_chart(rows, score=kind, least=-1.0 if rated else 0.0)
            who = dict.fromkeys(who_words(part.evaluation.protocol) for part, _ in scored if part.evaluation)
            captions[name] = (
                f"{kind} of {listed([repr(model) for model, _ in rows])} on {listed(list(who))}, held out of training. "
                "Lines: 95 % intervals over people; dashed: chance"
            )
    for part, _ in scored:
        if part.evaluation is not None and part.evaluation.confusion is not None:
            matrix, name = part.evaluation.confusion, f"confusion-{part.name}"
            found[name] = confusion_chart(matrix, part.evaluation.classes, name=part.name)
            captions[name] = confusion_words(part.name, part.evaluation)
    context = context_of(study, faces=faces, names=names)
    shown, figures = drawings_by_name(context), numbered_page(context)[1]
    for name, drawn in shown.items():
        figure = figure_of(drawn, figures)
        captions.setdefault(name, figure.caption if figure else _title(drawn))
    words = {name: remove(inside(text)) for name, text in captions.items()}
    return {
        name: remove(inside(drawn)) if name in found else drawn for name, drawn in {**found, **shown}.items()
    }, words


def _chosen(asked: list[str], there: dict[str, str]) -> list[str]:
    names: list[str] = []
    for pattern in asked:
        fitting = [name for name in there if name == pattern or fnmatchcase(name, pattern)]
        if not fitting:
            raise InputError(
                f"There is no drawing '{pattern}'; there are: {', '.join(there)}.{did_you_mean(pattern, there)}"
            )
        names += [name for name in fitting if name not in names]
    return names


def _composed(
    drawn: list[str], width_mm: float, font_size: float | None, per_row: int | None
) -> tuple[str, float, float, float]:
    """One drawing of all panels, its height in mm; in points its smallest text, and the size it has room for."""
    side = per_row or math.ceil(math.sqrt(len(drawn)))
    side = min(side, len(drawn))
    room = _LETTER_ROOM if len(drawn) > 1 else 0.0
    plain = drawn
    # Larger text takes more room, which makes everything smaller: the second round is near enough.
    for _ in range(2 if font_size else 1):
        cell = max(_box(one)[0] for one in drawn)
        total = side * cell + (side - 1) * _GAP
        scale = width_mm / total
        drawn = [_sized(one, font_size, cell / _box(done)[0] * scale) for one, done in zip(plain, drawn, strict=True)]
    cell = max(_box(one)[0] for one in drawn)
    total = side * cell + (side - 1) * _GAP
    scale = width_mm / total
    letter = _LETTER_SIZE if font_size is None else 1.2 * font_size * _POINT_MM / scale
    room = max(room, 1.3 * letter) if room else room
    usual = min(_usual(one) * cell / _box(one)[0] for one in plain) * scale / _POINT_MM
    # Panels are scaled to the same width, so their text differs in size.
    parts, top, smallest = [], 0.0, []
    for row in range(0, len(drawn), side):
        heights = []
        for place, one in enumerate(drawn[row : row + side]):
            width, height = _box(one)
            grown = cell / width
            smallest += [float(size) * grown * scale / _POINT_MM for size in _FONT.findall(one)]
            x = place * (cell + _GAP)
            if room:
                parts.append(svg.text(x, top + 0.85 * letter, _letter(row + place), size=letter))
            parts.append(svg.placed(one, x, top + room, cell, height * grown))
            heights.append(height * grown + room)
        top += max(heights) + _GAP
    title = "; ".join(_title(one) for one in drawn)
    made = svg.picture(total, top - _GAP, *parts, title=title)
    return made, (top - _GAP) * scale, min(smallest, default=float("nan")), usual


def _sized(drawn: str, font_size: float | None, mm_per_unit: float) -> str:
    """A drawing whose most usual size of text becomes ``font_size`` points."""
    usual = _usual(drawn)
    if font_size is None or usual == math.inf:
        return drawn
    factor = font_size * _POINT_MM / mm_per_unit / usual
    return _with_room(_FONT.sub(lambda found: f'font-size="{float(found[1]) * factor:.2f}"', drawn))


def _usual(drawn: str) -> float:
    """The most usual size of a drawing's text, in its own units; infinite without text."""
    sizes = [float(size) for size in _FONT.findall(drawn)]
    return max(sizes, key=sizes.count) if sizes else math.inf


def _with_room(drawn: str) -> str:
    """A drawing that holds all of its text; turned text is left as it is."""
    from xml.etree import ElementTree

    found = _VIEW.search(drawn)
    if found is None:
        return drawn
    left, top, width, height = (float(value) for value in found.groups())
    low, high, bottom = left, left + width, top + height
    for one in ElementTree.fromstring(drawn).iter("{http://www.w3.org/2000/svg}text"):
        if "transform" in one.attrib:
            continue
        x, size = float(one.attrib["x"]), float(one.attrib["font-size"])
        long = _LETTER_WIDTH * size * len("".join(one.itertext()))
        start = x - long * {"end": 1.0, "middle": 0.5}.get(one.attrib.get("text-anchor", ""), 0.0)
        low, high = min(low, start), max(high, start + long)
        bottom = max(bottom, float(one.attrib["y"]) + 0.3 * size)
    box = " ".join(svg.number(value) for value in (low, top, high - low, bottom - top))
    return f'{drawn[: found.start()]}viewBox="{box}"{drawn[found.end() :]}'


def _box(drawn: str) -> tuple[float, float]:
    found = re.match(r'<svg [^>]*viewBox="[\d.-]+ [\d.-]+ ([\d.]+) ([\d.]+)"', drawn)
    if found is None:
        raise InputError("Only mien's own drawings become figures.")
    return float(found[1]), float(found[2])


def _title(drawn: str) -> str:
    from xml.etree import ElementTree

    return next((child.text or "" for child in ElementTree.fromstring(drawn) if child.tag.endswith("title")), "")


def _letter(place: int) -> str:
    return "abcdefghijklmnopqrstuvwxyz"[place % 26]


def _crowded(font_size: float | None, usual: float) -> str:
    """That text is larger than the drawings have room for; empty where it is not."""
    if font_size is None or font_size <= _MOST_LARGER * usual:
        return ""
    return (
        f"Text of {font_size:g} points is {font_size / usual:.1f} times as large as the panels have room for at this "
        "width, so that labels may lie on each other: make the figure wider, use fewer panels side by side, or a "
        "smaller font size."
    )


def _notes(names: list[str], smallest: float, faces: bool, crowded: str) -> tuple[str, ...]:
    notes = [crowded] if crowded else []
    if sum(name.startswith("evidence-") for name in names) > 1:
        notes.append(
            "Each panel of evidence has a colour scale of its own, which stands below it: strengths are not to be "
            "compared between panels. The drawings called galleries-... show all targets of a model on one scale."
        )
    if smallest < LEAST_POINTS:
        notes.append(
            f"The smallest text has {smallest:.1f} points; most journals ask for {LEAST_POINTS:g} or more. Make the "
            "figure wider, use fewer panels, or set the font size."
        )
    if faces:
        notes.append("Faces are shown as asked for: people who can be recognised must have agreed to be published.")
    return tuple(notes)


def _write(found: Figure, target: Path, dpi: int) -> None:
    end = target.suffix.lower()
    black = re.sub(r"^<svg ", f'<svg color="#000000" width="{found.width_mm:g}mm" ', found.svg)
    if end == ".svg":
        write_text(target, f"{black}\n")
    else:
        page = pdf(found.svg, width_mm=found.width_mm)
        with atomic_path(target) as temporary:
            temporary.write_bytes(page if end == ".pdf" else _pixels(page, end, dpi))
    write_text(target.with_suffix(".txt"), f"{found.caption}\n")


def _pixels(page: bytes, end: str, dpi: int) -> bytes:
    pdfium = require("pypdfium2", "Figures as PNG or TIFF", "paper")
    document = pdfium.PdfDocument(page)
    try:
        picture = document[0].render(scale=dpi / 72).to_pil().convert("RGB")
    finally:
        document.close()
    file = io.BytesIO()
    more = {"compression": "tiff_lzw"} if end != ".png" else {}
    picture.save(file, "PNG" if end == ".png" else "TIFF", dpi=(dpi, dpi), **more)
    return file.getvalue()
