"""``mien questionnaire``: scores of a questionnaire, bands, problems with answers, reliability."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from mien.cli.console import page, print_json
from mien.cli.inputs import Columns, Missing, note_step, reading
from mien.core.words import interval, number

if TYPE_CHECKING:
    from mien.data.questionnaires.result import Questionnaire


def questionnaire(
    samples: Annotated[str, typer.Argument(help="Table with a row per person (and session) and a column per item.")],
    scale: Annotated[
        str, typer.Option(help="dass-21, phq-9, gad-7, or a scoring file (TOML) of another questionnaire.")
    ],
    items: Annotated[
        str, typer.Option(help="What the table calls the items: 'DASS{01..21}', or all with commas in their order.")
    ] = "",
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", help="Folder for scores and problems, as STUDY/questionnaires/NAME."),
    ] = None,
    columns: Columns = "",
    missing: Missing = "",
    json: Annotated[bool, typer.Option("--json", help="Print the result for machines.")] = False,
) -> None:
    """Scores of a questionnaire with severity bands (not a diagnosis), problems by row, alpha and omega."""
    from mien.data.questionnaires.questionnaire import questionnaire as run

    found = run(samples, scale=scale, items=items, output=output, **reading("", "", columns, missing))
    if output is not None:
        note_step(output, "questionnaires", "questionnaire", samples, **found.settings)
    if json:
        print_json(found.to_json())
        return
    _show(found)
    if output is not None:
        page().print(f"Scores: {output}", markup=False, soft_wrap=True)


def _show(found: Questionnaire) -> None:
    from rich.markup import escape
    from rich.table import Table

    from mien.data.questionnaires.scale import NO_DIAGNOSIS

    out = page()
    out.print(f"{found.scale.title}: {len(found)} rows of {len(set(found.subject))} people.", markup=False)
    table = Table("score", "rows", "mean", "sd", "least", "most", "alpha (95 %)", "omega (95 %)", box=None)
    for one, fit in zip(found.scale.subscales, found.reliability, strict=True):
        scores = found.scores(one)[1]
        scores = scores[scores == scores]
        facts = [float("nan")] * 4
        if len(scores):
            facts = [scores.mean(), scores.std(ddof=1) if len(scores) > 1 else facts[0], scores.min(), scores.max()]
        table.add_row(
            escape(one.name), str(len(scores)), *(number(value) for value in facts),
            f"{number(fit.alpha)} ({interval(fit.alpha_low, fit.alpha_high)})",
            f"{number(fit.omega)} ({interval(fit.omega_low, fit.omega_high)})",
        )  # fmt: skip
    out.print(table)
    for one in found.scale.subscales:
        if one.bands:
            counts = ", ".join(f"{band} {count}" for band, count in found.band_counts(one).items())
            out.print(f"{one.name} ({NO_DIAGNOSIS}): {counts}.", markup=False, soft_wrap=True)
    for fit in found.reliability:
        for warning in fit.warnings:
            out.print(f"{fit.name}: {warning}", markup=False, soft_wrap=True)
    for sentence in found.problem_words():
        out.print(sentence, markup=False, soft_wrap=True)
    for note in found.notes:
        out.print(f"Note: {note}", markup=False, soft_wrap=True)
