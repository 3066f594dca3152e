"""``mien methods-text``: methods and results of a study as text for a paper, with references."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mien.core.errors import InputError
from mien.core.extras import require
from mien.core.files import atomic_path, write_text
from mien.core.output import check_folder
from mien.report.page import licences, privacy_of_study, removers
from mien.report.paper.citations import Citations
from mien.report.paper.methods import methods
from mien.report.paper.paper_table import PaperTable
from mien.report.paper.results import over_time, over_time_methods, results
from mien.report.study_folder import StudyFolder, read_folder
from mien.report.tables.kinds import KINDS, Kind

MARKDOWN, WORD, BIBTEX = "methods.md", "methods.docx", "references.bib"
# Parts that the paragraphs speak of.
_WORDED = ("models", "comparison", "questionnaire", "effects", "decoding", "brain-evidence", "link", "gaze")
# A hyphen that stands for minus: before a number and behind no word.
_MINUS = re.compile(r"(?<![\w.,;)\]-])-(?=\.?\d)")
CAUTION = (
    "Labels are apparent expressions or impressions of raters; nothing here says what a person felt, meant or is. "
    "Read and edit before use: the text says what the study folder holds, and cannot know why the study was made, who "
    "took part and how, or what was decided outside of it."
)


@dataclass(frozen=True)
class MethodsText:
    """Text for a paper.

    Attributes
    ----------
    methods, results : tuple of (str, str)
        Headings with their paragraphs.
    tables : tuple of PaperTable
        Of the results, in the order in which they are numbered.
    references : tuple of str
        What has to be cited, one line each.
    bibtex : str
        The same for a bibliography manager.
    not_worded : tuple of str
        Parts of the study of which no paragraph speaks; ``mien.tables`` writes their tables.
    problems : tuple of str
        What of the study could not be read.
    folder : Path or None
        Where it was written.
    """

    methods: tuple[tuple[str, str], ...]
    results: tuple[tuple[str, str], ...]
    references: tuple[str, ...]
    bibtex: str
    tables: tuple[PaperTable, ...] = ()
    not_worded: tuple[str, ...] = ()
    problems: tuple[str, ...] = ()
    folder: Path | None = None

    def markdown(self) -> str:
        """The text as Markdown."""
        lines = [f"*{CAUTION}*", ""]
        for title, paragraphs in (("Methods", self.methods), ("Results", self.results)):
            lines += [f"## {title}", ""] if paragraphs else []
            for heading, text in paragraphs:
                lines += [f"**{heading}.** {text}", ""]
        for number, table in enumerate(self.tables, 1):
            lines += table.markdown(number)
        if self.not_worded:
            lines += [f"*{self.rest}*", ""]
        lines += ["## References", "", *[f"- {line}" for line in self.references], ""]
        return "\n".join(lines)

    @property
    def rest(self) -> str:
        """A sentence on parts of which no paragraph speaks; ``''`` where there are none."""
        names = ", ".join(self.not_worded)
        return f"Not worded here: {names}. 'mien tables' writes their numbers." if names else ""


def methods_text(study: str | Path, output: str | Path | None = None, *, word: bool = True) -> MethodsText:
    """Methods and results of a study in paragraphs, with the numbers of this study, versions, seeds and citations.

    Nothing is claimed that the folder does not hold. People and files are not named.

    Parameters
    ----------
    study : str or Path
        Study folder.
    output : str or Path, optional
        Folder for ``methods.md``, ``references.bib`` and ``methods.docx``.
    word : bool
        Write ``methods.docx``, too, which needs the extra [paper].

    Returns
    -------
    MethodsText

    Raises
    ------
    InputError
        If the study is missing or holds no result.
    MissingExtra
        If python-docx is not installed.

    Examples
    --------
    >>> import mien
    >>> people = mien.synthesize("people", subjects=6, expressions=("neutral", "smile"), frames=8)
    >>> trained = mien.train("people", target="expression", n_folds=3, output="study/models/mine")
    >>> text = mien.methods_text("study")
    >>> [heading for heading, _ in text.methods]
    ['Data', 'Models', 'Validation']
    """
    docx = require("docx", "Writing for a word processor", "paper") if output is not None and word else None
    read = read_folder(study)
    there = _parts(read)
    if not (read.models or read.evidence or there or over_time(read, [])):
        raise InputError(f"{study} holds no result to write about yet; train or run its study first.")
    cite, problems = Citations(), list(read.problems)
    rows = licences([read.provenance, *[part.info for part in read.models]])
    privacy = privacy_of_study(read)
    inside, remove = removers(read, privacy)

    def clean(paragraphs: list[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
        return tuple((heading, _MINUS.sub("−", remove(inside(text)))) for heading, text in paragraphs)

    said, tables = results(read, problems)
    found = MethodsText(
        methods=clean([*over_time_methods(read, cite), *methods(read, cite, rows, problems)]),
        results=clean([*said, *over_time(read, problems)]),
        references=tuple(cite.references()), bibtex=cite.bibtex(), tables=tuple(tables),
        not_worded=tuple(name for name in there if name not in _WORDED),
        problems=tuple(problems), folder=None if output is None else Path(output),
    )  # fmt: skip
    if found.folder is not None:
        check_folder(found.folder)
        write_text(found.folder / MARKDOWN, found.markdown())
        write_text(found.folder / BIBTEX, found.bibtex)
        if docx is not None:
            _write_word(found, found.folder / WORD, docx)
    return found


def _parts(study: StudyFolder) -> tuple[str, ...]:
    """Kinds of result that the folder holds."""

    def has(kind: Kind) -> bool:
        return any(study.shows(place.relative_to(study.path).as_posix()) for place in kind.lies_in(study.path))

    return tuple(kind.name for kind in KINDS if has(kind))


def _write_word(text: MethodsText, path: Path, docx: Any) -> None:
    document = docx.Document()
    document.add_paragraph().add_run(CAUTION).italic = True
    for title, paragraphs in (("Methods", text.methods), ("Results", text.results)):
        if paragraphs:
            document.add_heading(title, level=1)
        for heading, words in paragraphs:
            paragraph = document.add_paragraph()
            paragraph.add_run(f"{heading}. ").bold = True
            paragraph.add_run(words)
    for number, table in enumerate(text.tables, 1):
        table.write_word(document, number)
    if text.rest:
        document.add_paragraph().add_run(text.rest).italic = True
    document.add_heading("References", level=1)
    for line in text.references:
        document.add_paragraph(line)
    with atomic_path(path) as temporary, temporary.open("wb") as file:
        document.save(file)
