"""One self-contained HTML file of a study."""

from __future__ import annotations

import base64
import hashlib
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

from mien.core.errors import InputError
from mien.core.extras import require
from mien.core.files import write_text
from mien.core.output import check_file
from mien.report.asked import REPORT_FILE
from mien.report.figures import FIGURES, write_figures
from mien.report.numbering import NumberedFigure, numbered
from mien.report.page import context_of, safe
from mien.report.study_folder import read_folder


def report(
    folder: str | Path,
    *,
    show_faces: bool = False,
    show_names: bool = False,
    film_strip: bool = False,
    figures: bool = False,
) -> Path:
    """Write ``report.html`` from what a study folder holds.

    The page shows no face, no file name and nobody's name unless asked to, and never a place on this machine's disk.

    Parameters
    ----------
    folder : str or Path
        With any of ``study.toml``, ``provenance.json``, ``faces/``, ``models/NAME/``,
        ``evidence/NAME/METHOD/TARGET/`` and ``faithfulness/NAME/``. What is absent is no section; what cannot be
        read is listed. After a study ran to its end, ``parts.json`` says which of them its settings asked for: only
        these are shown, the rest is named.
    show_faces : bool
        Show pictures of single people, and means over pictures of few.
    show_names : bool
        Name files and people; without it they are samples, sources and persons with numbers.
    film_strip : bool
        Show small frames of a film below its time line, whoever they show; from the table of frames that
        ``study.toml`` names, never with names of files.
    figures : bool
        Also write every drawing for print, as SVG and PDF into the folder ``figures``; those of before are replaced.

    Returns
    -------
    Path
        The file: it needs no network and no other file; its own script copies tables and saves figures, and all can
        be read without it.

    Raises
    ------
    InputError
        If the folder is missing or holds nothing to report.

    Examples
    --------
    >>> import mien
    >>> people = mien.synthesize("people", subjects=6, expressions=("neutral", "smile"), frames=8)
    >>> trained = mien.train("people", target="expression", n_folds=3, output="study/models/mine")
    >>> mien.report("study").as_posix()
    'study/report.html'
    """
    return written(
        folder, show_faces=show_faces, show_names=show_names, film_strip=film_strip, figures=figures
    )[0]  # fmt: skip


def written(
    folder: str | Path,
    *,
    show_faces: bool = False,
    show_names: bool = False,
    film_strip: bool = False,
    figures: bool = False,
) -> tuple[Path, list[str]]:
    """``report``, and what of the folder could not be read, in sentences."""
    target = Path(folder) / REPORT_FILE
    if target.parent.is_dir():
        check_file(target)
    try:
        study = read_folder(folder)
        context = context_of(study, faces=show_faces, names=show_names, film_strip=film_strip)
        page = render(context)
    except (KeyError, TypeError, AttributeError, IndexError) as error:
        raise InputError(
            f"A file in {folder} is not laid out as mien writes it ({type(error).__name__}: {error}). Look at the JSON "
            "files in models/ and evidence/, or run train and explain again."
        ) from error
    write_text(target, page)
    if figures:
        write_figures(context, Path(folder) / FIGURES)
    return target, [*study.problems, *context["unread"]]


def render(context: dict[str, Any]) -> str:
    """The page, with everything that came from data escaped and every figure numbered.

    The page's policy allows its own style and its own script (which copies tables and saves figures), both by hash, and
    nothing else: no foreign script or resource, no form, no connection.
    """
    return numbered_page(context)[0]


def numbered_page(context: dict[str, Any]) -> tuple[str, list[NumberedFigure]]:
    """The page, and its figures with their numbers and captions.

    Parameters
    ----------
    context : dict
        As ``mien.report.page.context_of`` has it.
    """
    template, style, script = _template()
    policy = (
        f"default-src 'none'; style-src '{_digest(style)}'; script-src '{_digest(script)}'; img-src data:; "
        "base-uri 'none'; form-action 'none'"
    )
    page: str = template.render(**context, style=safe(style), script=safe(script), policy=policy)
    return numbered(page)


def _digest(text: str) -> str:
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}"


def section_of_page(name: str, context: dict[str, Any]) -> str:
    """One section of the page alone, as HTML without a style; everything that came from data is escaped.

    Parameters
    ----------
    name : str
        Of its template, such as ``'models'``.
    context : dict
        As ``mien.report.page.context_of`` has it for this section, marked.
    """
    written: str = _template()[0].environment.get_template(f"{name}.html.j2").render(**context)
    return written


@cache
def _template() -> tuple[Any, str, str]:
    """The page's template, style and script; kept, because compiling the templates takes longer than all the rest."""
    jinja2 = require("jinja2", "Writing reports", "learn")
    templates = files("mien.report") / "templates"
    environment = jinja2.Environment(
        loader=jinja2.FunctionLoader(lambda name: (templates / name).read_text(encoding="utf-8")),
        finalize=_unbroken,
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    style, script = ((templates / name).read_text(encoding="utf-8") for name in ("report.css", "report.js"))
    return environment.from_string((templates / "report.html.j2").read_text(encoding="utf-8")), style, script


def _unbroken(value: Any) -> Any:
    """Keeps numbers and their per cent signs on one line."""
    return value.replace(" %", "\u00a0%") if type(value) is str else value
