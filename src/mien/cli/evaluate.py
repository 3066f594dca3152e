"""``mien evaluate``: score a stored model on other people."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from mien.cli.console import print_json
from mien.cli.inputs import Ceiling, Columns, Labels, Missing, Same, SubjectPattern, reading
from mien.cli.train import show


def evaluate(
    model: Annotated[
        Path,
        typer.Argument(help="Folder of a model that 'mien train' wrote, or the word rules, which need no training."),
    ],
    samples: Annotated[str, typer.Argument(help="Samples of people the model was not trained on.")],
    target: Annotated[str, typer.Option(help="Column of labels. [default: what the model was trained on]")] = "",
    faces: Annotated[Path | None, typer.Option(help="Folder that 'mien extract' wrote.")] = None,
    other_people: Annotated[
        bool, typer.Option(help="Subjects with the same names as in training are other people.")
    ] = False,
    same_people: Annotated[
        bool,
        typer.Option(
            "--same-people", help="Score on other recordings of the people of the training; others are left out."
        ),
    ] = False,
    ceiling: Ceiling = "",
    seed: Annotated[int, typer.Option(help="Random seed of the intervals.")] = 0,
    labels: Labels = "",
    subject_pattern: SubjectPattern = "",
    columns: Columns = "",
    missing: Missing = "",
    same: Same = "",
    json: Annotated[bool, typer.Option("--json", help="Print the result for machines.")] = False,
) -> None:
    """Score a stored model on other people."""
    from mien.learn.evaluate import evaluate as run

    read = reading(labels, subject_pattern, columns, missing, same)
    evaluation = run(
        model,
        samples,
        target=target,
        faces=faces,
        other_people=other_people,
        same_people=same_people,
        ceiling=ceiling or None,
        seed=seed,
        **read,
    )
    if json:
        print_json(evaluation.to_json())
    else:
        show(evaluation, f"{model} on {samples}")
