"""``mien learning-curve``: how well a model predicts by the number of people, and how far small sets flatter."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from mien.cli.console import notes, page, print_json, watching
from mien.cli.inputs import Columns, Labels, Missing, Same, SampleSource, SubjectPattern, note_step, reading
from mien.cli.spreading import Address, Engine, Workers

if TYPE_CHECKING:
    from mien.cohort.learning_curve_result import CurveEstimate, LearningCurve


def learning_curve(
    samples: SampleSource,
    target: Annotated[str, typer.Option(help="Label or rating to be predicted.")],
    model: Annotated[
        str,
        typer.Option(help="The model that the curve is of; with commas further ones, among which each set chooses."),
    ] = "trees",
    faces: Annotated[Path | None, typer.Option(help="Folder that 'mien extract' wrote.")] = None,
    features: Annotated[str, typer.Option(help="Columns of numbers to learn from, as for 'mien train'.")] = "",
    also: Annotated[
        list[str] | None,
        typer.Option(help="A further set of features to choose among, as 'gaze*,yaw*'; may be repeated."),
    ] = None,
    sizes: Annotated[
        str, typer.Option(help="Numbers of people with commas. [default: 50, 100, 200, 500 ... and all]")
    ] = "",
    repeats: Annotated[
        int, typer.Option(help="Drawn sets of each size; fewer where they would be much the same.")
    ] = 20,
    held_out: Annotated[float, typer.Option(help="Share of the people held out, the same for all sizes.")] = 0.3,
    n_folds: Annotated[int, typer.Option(help="Folds of cross-validation within each set.")] = 5,
    seed: Annotated[int, typer.Option(help="Random seed of the drawn sets.")] = 0,
    set_: Annotated[
        list[str] | None, typer.Option("--set", help="A setting of the first model, NAME=VALUE; may be repeated.")
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", help="Folder for learning_curve.json, as STUDY/learning_curve/NAME."),
    ] = None,
    labels: Labels = "",
    subject_pattern: SubjectPattern = "",
    columns: Columns = "",
    missing: Missing = "",
    same: Same = "",
    workers: Workers = 1,
    engine: Engine = "local",
    address: Address = "",
    json: Annotated[bool, typer.Option("--json", help="Print the result for machines.")] = False,
) -> None:
    """How well a model predicts by the number of people, and how far small sets flatter."""
    from mien.cli.ratings import targets_of
    from mien.cohort.learning_curve import learning_curve as run
    from mien.models.maker import parsed

    names = targets_of(model)
    first = names if isinstance(names, str) else names[0]
    _, settings = parsed(first, set_ or [], "columns" if features else "")
    with watching("sets") as bar:
        found = run(
            samples, target=target, model=names, faces=faces, features=features, also=also or (),
            sizes=_sizes(sizes), repeats=repeats, held_out=held_out, n_folds=n_folds, seed=seed,
            settings=settings, output=output, workers=workers, engine=engine, address=address, progress=bar,
            **reading(labels, subject_pattern, columns, missing, same),
        )  # fmt: skip
    if output is not None:
        note_step(output, "learning_curve", "learning-curve", samples, target=target, model=model, seed=seed)
    if json:
        print_json(found.to_json())
        return
    _show(found)


def _sizes(text: str) -> tuple[int, ...]:
    from mien.core.errors import InputError

    try:
        return tuple(int(part) for part in text.split(",") if part.strip())
    except ValueError as error:
        raise InputError(f"--sizes takes whole numbers with commas, such as 50,200,1000, but got '{text}'.") from error


def _show(curve: LearningCurve) -> None:
    from rich.markup import escape
    from rich.table import Table

    out, several = page(), len(curve.candidates) > 1
    heads = ["people", "sets", "people held out", "within the set", "90 % of sets", "looks better by"]
    heads += ["best of all, within", "best of all, held out", "looks better by"] if several else []
    table = Table(title=f"{escape(curve.score)} of {escape(curve.candidates[0])}", title_justify="left")
    for head in heads:
        table.add_column(head, justify="right")
    for size in curve.sizes:
        cells = [_cell(size.held_out), _cell(size.within), f"{size.spread[0]:.3f} to {size.spread[1]:.3f}",
                 _cell(size.optimism)]  # fmt: skip
        if size.chosen:
            cells += [_cell(each) for each in (size.chosen.within, size.chosen.held_out, size.chosen.optimism)]
        table.add_row(str(size.people), str(size.repeats), *cells)
    out.print(table)
    out.print(curve.words(), markup=False, soft_wrap=True)
    for note in curve.notes:
        notes().print(f"[bold]Note:[/] {escape(note)}")


def _cell(estimate: CurveEstimate) -> str:
    if estimate.low != estimate.low:
        return f"{estimate.value:.3f}"
    return f"{estimate.value:.3f} ({estimate.low:.3f} to {estimate.high:.3f})"
