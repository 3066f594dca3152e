"""``mien fairness``: scores and calibration by groups of people, with tests of the gaps."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from mien.cli.console import page, print_json
from mien.cli.inputs import Columns, Labels, Missing, SubjectPattern, reading
from mien.core.words import interval, number, p_value

if TYPE_CHECKING:
    from mien.compare.fairness_result import Fairness


def fairness(
    model: Annotated[
        Path,
        typer.Argument(help="Folder of a model that 'mien train' wrote, or the word rules, which need no training."),
    ],
    samples: Annotated[
        str | None,
        typer.Option(
            help="The samples of the training, or a table of people with a column 'subject', with the columns of "
            "groups; or samples of other people. [default: the samples that the study's provenance names]"
        ),
    ] = None,
    group: Annotated[
        list[str] | None,
        typer.Option(
            help="Column of groups, such as sex; numbers with bounds, age=30,60; may be repeated. "
            "[default: every column of labels with 2 to 12 values]"
        ),
    ] = None,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="Folder for fairness.json, as STUDY/fairness/NAME.")
    ] = None,
    least_people: Annotated[int, typer.Option(help="Groups of fewer people are shown, but not tested.")] = 10,
    n_permutations: Annotated[int, typer.Option(help="Permutations of each test.")] = 9999,
    seed: Annotated[int, typer.Option(help="Random seed of the permutations.")] = 0,
    target: Annotated[
        str, typer.Option(help="Of other people: column of labels. [default: what the model was trained on]")
    ] = "",
    faces: Annotated[Path | None, typer.Option(help="Of other people: folder that 'mien extract' wrote.")] = None,
    other_people: Annotated[
        bool, typer.Option(help="Subjects with the same names as in training are other people.")
    ] = False,
    labels: Labels = "",
    subject_pattern: SubjectPattern = "",
    columns: Columns = "",
    missing: Missing = "",
    json: Annotated[bool, typer.Option("--json", help="Print the result for machines.")] = False,
) -> None:
    """Does a model do equally well, and mean what it says, for each group of people."""
    from mien.compare.fairness import fairness as run

    found = run(
        model, samples, group=group or (), faces=faces, target=target, other_people=other_people,
        least_people=least_people, n_permutations=n_permutations, seed=seed, output=output,
        **reading(labels, subject_pattern, columns, missing),
    )  # fmt: skip
    if json:
        print_json(found.to_json())
        return
    out = page()
    out.print(f"{found.model} predicts {found.target}; predictions of {found.settings['predictions']}.", markup=False)
    for column in found.columns:
        out.print(found.words(column), markup=False, soft_wrap=True)
        _show(found, column)
    out.print(found.method_words(), markup=False, soft_wrap=True)
    for note in found.notes:
        out.print(f"Note: {note}", markup=False, soft_wrap=True)
    if output is not None:
        out.print(f"Fairness: {output}", markup=False, soft_wrap=True)


def _show(found: Fairness, column: str) -> None:
    from rich.markup import escape
    from rich.table import Table

    sizes = [size for size in found.sizes if size.column == column]
    table = Table(
        escape(column), *(escape(f"{size.group}{' (small)' if size.small else ''}") for size in sizes), box=None
    )
    table.add_row("people", *(str(size.people) for size in sizes))
    table.add_row("samples", *(str(size.samples) for size in sizes))
    scores = {(s.measure, s.of, s.group): s for s in found.scores if s.column == column}
    for measure, of in dict.fromkeys((measure, of) for measure, of, _ in scores):
        cells, words = [], ""
        for size in sizes:
            score = scores.get((measure, of, size.group))
            words = score.words if score else words
            cells.append(f"{number(score.value)} ({interval(score.low, score.high)})" if score else "–")
        table.add_row(escape(words), *cells)
    page().print(table)
    if found.missing[column]:
        page().print(f"{found.missing[column]} samples without '{column}' are in no group.", markup=False)
    table = Table("gap", "of", "less that of", "difference", "95 % interval", "p", "p corrected", box=None)
    small = {size.group for size in sizes if size.small}
    # Groups of few people stand in the words.
    for gap in (gap for gap in found.gaps if gap.column == column and not small & {gap.one, gap.other}):
        table.add_row(
            escape(gap.words), escape(gap.one), escape(gap.other), number(gap.gap), interval(gap.low, gap.high),
            escape(gap.untested) or p_value(gap.p), p_value(gap.p_corrected),
        )  # fmt: skip
    page().print(table)
