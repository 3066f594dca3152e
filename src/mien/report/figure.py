"""``mien figure``: drawings of a study for a paper, alone or as panels, at the size that a journal asks for."""

from __future__ import annotations

import io
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
from mien.core.words import did_you_mean
from mien.report.draw.pdf import pdf
from mien.report.figure_layout import composed, letter, on_shared_scales, scale_words
from mien.report.figure_panels import KINDS, FigurePanel, kinds_of, panels_of
from mien.report.study_folder import read_folder

# Columns of most journals, in millimetres.
WIDTHS = {"single": 85.0, "double": 178.0}
_WIDE = Range(10, 2000)
_ENDS = (".svg", ".pdf", ".png", ".tif", ".tiff")
# Below this, in points, most journals refuse text.
LEAST_POINTS = 5.0
# So many times the usual size of text finds room in every drawing.
_MOST_LARGER = 1.3


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
    scales : str
        Which panels can be compared by their colours; ``''`` where no two have colours of evidence.
    """

    names: tuple[str, ...]
    captions: tuple[str, ...]
    svg: str
    width_mm: float
    height_mm: float
    smallest_pt: float
    notes: tuple[str, ...] = ()
    path: Path | None = None
    scales: str = ""

    @property
    def caption(self) -> str:
        """A caption that stands alone."""
        if len(self.captions) == 1:
            return f"{self.captions[0].rstrip('.')}."
        apart, common = _common_end([f"{text.rstrip('.')}." for text in self.captions])
        said = [f"({letter(i)}) {text}" for i, text in enumerate(apart)]
        return " ".join(
            [*said, *([f"All panels: {common}"] if common else []), *([self.scales] if self.scales else [])]
        )


def _common_end(captions: list[str]) -> tuple[list[str], str]:
    """Captions without the sentences that all of them end with, and these.

    A caption keeps its first sentence, and those with numbers, which may be the same by chance.
    """
    split = [re.split(r"(?<=[.!?]) (?=[A-Z])", text) for text in captions]
    same = 0
    while (
        all(len(one) > same + 1 for one in split)
        and len({one[-1 - same] for one in split}) == 1
        and not re.search(r"\d", split[0][-1 - same])
    ):
        same += 1
    common = " ".join(split[0][len(split[0]) - same :])
    return [" ".join(one[: len(one) - same]) for one in split], common


def figure(
    study: str | Path,
    what: str | Sequence[str] = (),
    output: str | Path | None = None,
    *,
    width: str | float = "double",
    dpi: int = 600,
    font_size: float | None = None,
    per_row: int | None = None,
    own_scales: bool = False,
    show_faces: bool = False,
    show_names: bool = False,
) -> Figure | tuple[str, ...]:
    """One or several drawings of a study as a figure for a paper.

    Parameters
    ----------
    study : str or Path
        Study folder.
    what : str or sequence of str
        Kinds of figures (``'scores'``, ``'confusion'``, ``'calibration'``, ``'observed'``, ``'ratings'``,
        ``'comparison'`` of models, ``'methods'`` of explanation compared, ``'evidence'``, ``'maps'``, ``'reduction'``,
        ``'structure'``), each with all panels that the study has of it; or names of single drawings such as
        ``'confusion-mine'``, or patterns such as ``'evidence-*-smile-face'``; in the order of the panels. Without it
        the names are listed.
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
    own_scales : bool
        Draw every panel of evidence on a colour scale of its own. By default panels whose colours stand for the same
        unit have one scale and one colour bar, so that strengths can be compared; the caption says which it is.
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
    ('scores', 'confusion')
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
    there = panels_of(read, faces=show_faces, names=show_names)
    if not there:
        raise InputError(f"{study} holds nothing to draw yet; train, explain or compare first, or run its study.")
    if not asked:
        return tuple(dict.fromkeys([*kinds_of(there), *there]))
    names = _chosen(asked, there)
    panels = [there[name] for name in names]
    drawn, shared = ([panel.svg for panel in panels], []) if own_scales else on_shared_scales(panels)
    made = composed(drawn, [panel.heading for panel in panels], shared, wide, font_size, per_row)
    found = Figure(
        names=tuple(names), captions=tuple(panel.caption for panel in panels), svg=made.svg, width_mm=wide,
        height_mm=made.height_mm, smallest_pt=made.smallest_pt, scales=scale_words(panels, shared),
        notes=_notes(made.smallest_pt, show_faces, _crowded(font_size, made.usual_pt)), path=target,
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


def _chosen(asked: list[str], there: dict[str, FigurePanel]) -> list[str]:
    kinds = kinds_of(there)
    names: list[str] = []
    for pattern in asked:
        fitting = kinds.get(pattern) or [name for name in there if name == pattern or fnmatchcase(name, pattern)]
        if not fitting and pattern in KINDS:
            raise InputError(f"This study holds nothing for a figure '{pattern}'; it has: {', '.join(kinds)}.")
        if not fitting:
            known = list(dict.fromkeys([*kinds, *there]))
            raise InputError(
                f"There is no drawing '{pattern}'; there are: {', '.join(known)}.{did_you_mean(pattern, known)}"
            )
        names += [name for name in fitting if name not in names]
    return names


def _crowded(font_size: float | None, usual: float) -> str:
    """That text is larger than the drawings have room for; empty where it is not."""
    if font_size is None or font_size <= _MOST_LARGER * usual:
        return ""
    return (
        f"Text of {font_size:g} points is {font_size / usual:.1f} times as large as the panels have room for at this "
        "width, so that labels may lie on each other: make the figure wider, use fewer panels side by side, or a "
        "smaller font size."
    )


def _notes(smallest: float, faces: bool, crowded: str) -> tuple[str, ...]:
    notes = [crowded] if crowded else []
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
