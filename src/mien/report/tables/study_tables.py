"""``mien tables``: every table of a study as CSV, with a codebook."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from mien.atlas.regions import Share, features, regions
from mien.atlas.summary import summarise
from mien.core.errors import InputError
from mien.core.features import NAMED
from mien.core.files import write_text
from mien.core.output import check_folder
from mien.data.parquet import read_parquet
from mien.learn.evaluation import Evaluation
from mien.learn.predicted import not_predicted
from mien.models.store import PREDICTIONS_FILE
from mien.report.asked import REPORT_FILE
from mien.report.guarded import guarded
from mien.report.models_folder import ModelPart
from mien.report.numbering import NumberedFigure
from mien.report.page import context_of
from mien.report.report import numbered_page
from mien.report.sample import excluded_sources, sample_facts
from mien.report.study_folder import EvidencePart, StudyFolder, read_folder
from mien.report.tables.hidden_names import without_names
from mien.report.tables.kinds import KINDS, Kind
from mien.report.tables.meanings import OF_RATING, PROBABILITY, unit, unit_of_cells
from mien.report.tables.spread_out import table_of, tables_of
from mien.report.tables.table import StudyTable, TableColumn, csv_of, joined

CODEBOOK = "codebook.csv"
_CODEBOOK = ("file", "column", "unit", "meaning", "rows")
_PREDICTED = {
    "path": "Sample; its number instead of its name unless names were asked for.",
    "subject": "Person; a number instead of a name unless names were asked for.",
    "label": "Class as it was observed.",
    "fold": "Fold in whose model the sample had no part.",
}
_ANSWERS = {
    "p": "Probability of '{}' by a model that was trained without this person.",
    "predicted": "'{}' as predicted by a model that was trained without this person.",
    "level": "Mean of the answers for '{}' of the fold's model to the people it was trained on.",
    "spread": "Standard deviation of the answers for '{}' of the fold's model to the people it was trained on.",
}
_CONFUSION = (
    TableColumn("observed", "", "Class as it was observed."),
    TableColumn("predicted", "", "Class as it was predicted, by models trained without the person."),
    TableColumn("samples", "", "Number of samples."),
)
_CALIBRATION = (
    TableColumn("from", "proportion", "Least probability of the predicted class in this bin."),
    TableColumn("to", "proportion", "Largest probability in this bin."),
    TableColumn("confidence", "proportion", "Mean probability of the predicted class; missing where the bin is empty."),
    TableColumn("accuracy", "proportion", "Share of samples whose predicted class was the observed one."),
    TableColumn("samples", "", "Number of samples."),
)
_SHOWN = TableColumn(
    "shown_to_predict", "",
    "Whether the model is shown to predict this target better than chance for people it had not seen; where not, the "
    "row says nothing about faces. Missing where the model was not evaluated.",
)  # fmt: skip
_SAMPLE = (
    TableColumn("part", "", "Whom the row is about: participants (their table), faces (the extraction), or a model."),
    TableColumn("what", "", "What is counted or measured."),
    TableColumn("value", "as the column 'unit' says", "The number, in the unit beside it."),
    TableColumn("unit", "", "people, sessions, samples, sources (pictures or videos), faces or years."),
)
_LOST = (
    TableColumn("path", "", "Picture or video; its number instead of its name unless names were asked for."),
    TableColumn("status", "", "What became of it: no face, unreadable or excluded."),
    TableColumn("reason", "", "Why, where that is known."),
)


@dataclass(frozen=True)
class WrittenTables:
    """What ``tables`` wrote.

    Attributes
    ----------
    folder : Path
    files : tuple of str
        One CSV file for each table, without the codebook.
    problems : tuple of str
        What of the study could not be read, in sentences.
    """

    folder: Path
    files: tuple[str, ...]
    problems: tuple[str, ...] = ()


def tables(study: str | Path, output: str | Path, *, show_names: bool = False) -> WrittenTables:
    """Write every table of a study as CSV, with a codebook: ready for R, SPSS, pandas and spreadsheets.

    Files are UTF-8 and CSV as RFC 4180 has it, with one header line, in long format (one observation per row), one file
    for all results of a kind, whose column ``result`` says which; numbers at full precision with a point, missing
    values left empty. ``codebook.csv`` says of every column of every file its unit and meaning, and of every figure of
    the report (``report.html``, ``Figure 1``) what it shows, in the words of its caption.

    Parameters
    ----------
    study : str or Path
        Study folder.
    output : str or Path
        Folder for the files; one that holds something else is refused, tables of before are replaced.
    show_names : bool
        Name files and people; without it they are samples and persons with numbers, as in the report.

    Returns
    -------
    WrittenTables

    Raises
    ------
    InputError
        If the study is missing or holds no table, or the folder belongs to something else.

    Examples
    --------
    >>> import mien
    >>> people = mien.synthesize("people", subjects=6, expressions=("neutral", "smile"), frames=8)
    >>> trained = mien.train("people", target="expression", n_folds=3, output="study/models/mine")
    >>> written = mien.tables("study", "tables")
    >>> written.files[:2]
    ('sample.csv', 'models-facts.csv')
    """
    folder = Path(output)
    _check_output(folder)
    read = read_folder(study)
    problems = list(read.problems)
    results = joined(_tables(read, problems))
    found = [*_sample(read, problems), *results]
    if not results:
        raise InputError(
            f"{study} holds no result with a table yet: train, explain or compare first, or run its study."
        )
    found = [_with_units(table) for table in without_names(read, found, show_names=show_names)]
    for old in folder.glob("*.csv"):
        old.unlink()
    for table in found:
        write_text(folder / table.file, table.csv())
    lines = [(t.file, c.name, c.unit, c.meaning, len(t.rows)) for t in found for c in t.columns]
    figures = [(REPORT_FILE, figure.name, "", figure.caption, None) for figure in _figures(read, show_names, problems)]
    write_text(folder / CODEBOOK, csv_of(_CODEBOOK, [*lines, *figures]))
    return WrittenTables(folder, tuple(table.file for table in found), tuple(dict.fromkeys(problems)))


def _with_units(table: StudyTable) -> StudyTable:
    """A unit for every column: where its name says none, what its cells are."""
    columns = tuple(
        column if column.unit else replace(column, unit=unit_of_cells(row[place] for row in table.rows))
        for place, column in enumerate(table.columns)
    )
    return replace(table, columns=columns)


def _figures(study: StudyFolder, show_names: bool, problems: list[str]) -> list[NumberedFigure]:
    """Figures of the report as it is written from this study."""
    found = guarded(problems, lambda _: numbered_page(context_of(study, names=show_names))[1], study.path / REPORT_FILE)
    return found or []


def _check_output(folder: Path) -> None:
    check_folder(folder)
    if not folder.is_dir():
        return
    held = sorted(path.name for path in folder.iterdir())
    if held and not (folder / CODEBOOK).is_file():
        raise InputError(f"{folder} holds '{held[0]}' and no tables of mien; give a new or empty folder.")


def _sample(study: StudyFolder, problems: list[str]) -> list[StudyTable]:
    """Who was studied, and which sources gave no face and why."""
    found = []
    facts = sample_facts(study, problems)
    if facts:
        found.append(StudyTable("sample", _SAMPLE, tuple((f.part, f.what, f.value, f.unit) for f in facts)))
    lost = excluded_sources(study)
    if lost:
        found.append(StudyTable("sample without a face", _LOST, tuple(lost)))
    return found


def _tables(study: StudyFolder, problems: list[str]) -> Iterator[tuple[str, StudyTable]]:
    for kind in KINDS:
        for place in kind.lies_in(study.path):
            where = place.relative_to(study.path).as_posix()
            if study.shows(where):
                yield from ((where, table) for table in guarded(problems, partial(_of, kind), place) or [])
    for part in study.models:
        found = guarded(problems, partial(_predictions, part), study.path / "models" / part.name / PREDICTIONS_FILE)
        yield from ((f"models/{part.name}", table) for table in found or [])
    models = {part.name: part for part in study.models}
    for explained in study.evidence:
        try:
            yield from ((f"evidence/{explained.where}", table) for table in _shares(explained, models))
        except InputError as error:
            problems.append(str(error))


def _of(kind: Kind, place: Path) -> list[StudyTable]:
    result = kind.read(place)
    result_tables = tables_of(result, kind.name, kind.without)
    if isinstance(result, Evaluation):
        result_tables += _of_classes(result)
    more = [table_of(getattr(result, rows), f"{kind.name} {rows}", type(result)) for rows in kind.also]
    return [table for table in (*result_tables, *more) if table.rows]


def _of_classes(found: Evaluation) -> list[StudyTable]:
    """Confusion and calibration in long format; empty of ratings."""
    tables = []
    if found.confusion is not None:
        rows = tuple(
            (observed, predicted, int(found.confusion[i, j]))
            for i, observed in enumerate(found.classes)
            for j, predicted in enumerate(found.classes)
        )
        tables.append(StudyTable("models confusion", _CONFUSION, rows))
    bins = [found.calibration.get(name) or [] for name in ("edges", "confidence", "accuracy", "count")]
    if all(bins):
        edges, *cells = bins
        tables.append(
            StudyTable("models calibration", _CALIBRATION, tuple(zip(edges, edges[1:], *cells, strict=False)))
        )
    return tables


def _predictions(part: ModelPart, path: Path) -> list[StudyTable]:
    """Predicted beside observed, one row for each sample."""

    if not path.is_file():
        return []
    table = read_parquet(path)
    names = [str(name) for name in table.column_names]
    columns = tuple(
        TableColumn(name, _unit_of(name, names), _PREDICTED.get(name) or _answer(name, names)) for name in names
    )
    cells = [column.to_pylist() for column in table.columns]
    kind = "ratings" if part.rated else "classes"
    return [StudyTable(f"models predictions of {kind}", columns, tuple(zip(*cells, strict=True)))]


def _unit_of(name: str, names: list[str]) -> str:
    """Of a column of predictions."""
    rated = name.startswith(("predicted_", "level_", "spread_")) or f"predicted_{name}" in names
    return PROBABILITY if name.startswith("p_") else OF_RATING if rated else unit(name)


def _answer(name: str, names: list[str]) -> str:
    """What a column of predictions is."""
    if f"predicted_{name}" in names:
        return "Rating as it was observed."
    kind, _, of = name.partition("_")
    words = _ANSWERS.get(kind, "")
    return words.format(of) if words and of else ""


def _shares(part: EvidencePart, models: dict[str, ModelPart]) -> list[StudyTable]:
    """Evidence by region of the face, or by feature; beside each row whether it may be interpreted."""
    summary = summarise(part.evidence)
    found: list[StudyTable] = []
    if summary.topology or summary.places:
        found.append(table_of(regions(summary), "evidence regions", Share))
    if summary.space == NAMED:
        found.append(table_of(features(summary), "evidence features", Share))
    model = models.get(part.model)
    evaluation = None if model is None else model.evaluation
    shown = None if evaluation is None else not not_predicted(evaluation, summary.target.name)
    return [
        replace(table, columns=(*table.columns, _SHOWN), rows=tuple((*row, shown) for row in table.rows))
        for table in found
        if table.rows
    ]
