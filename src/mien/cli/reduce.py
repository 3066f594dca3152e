"""``mien reduce``: which landmarks are enough, and whether chance would have done as well."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from mien.cli.console import console, page, print_json, watching
from mien.cli.inputs import Columns, Labels, Missing, Same, SampleSource, SubjectPattern, note_step, reading
from mien.cli.spreading import Address, Engine, Part, Workers, show_part

if TYPE_CHECKING:
    from mien.reduce.result import Reduction


def reduce(
    samples: SampleSource,
    target: Annotated[str, typer.Option(help="Label to be predicted.")],
    output: Annotated[Path, typer.Option("--output", "-o", help="Folder for the result: STUDY/reduction/NAME.")],
    model: Annotated[str, typer.Option(help="A landmark network, such as landmark-net.")] = "landmark-rvfl",
    faces: Annotated[Path | None, typer.Option(help="Folder that 'mien extract' wrote.")] = None,
    counts: Annotated[str, typer.Option(help="Numbers of landmarks to try, with commas. Default: shares of all.")] = "",
    ranking: Annotated[
        str, typer.Option(help="Method of explanation that ranks the landmarks.")
    ] = "integrated-gradients",
    methods: Annotated[
        str,
        typer.Option(
            help="With commas: one-shot, recursive, random, variance, mutual information, group lasso, anatomical."
        ),
    ] = "",
    amount: Annotated[
        str, typer.Option(help="net, absolute or signed: how a landmark's evidence is aggregated.")
    ] = "absolute",
    contrast: Annotated[
        str,
        typer.Option(
            help="Landmarks of one class, 'smile', ranked by its evidence, or of one against another, 'smile>neutral'; "
            "accuracy is then that of the class against all others. Default: all classes alike."
        ),
    ] = "",
    n_random: Annotated[int, typer.Option(help="Random sets per count.")] = 20,
    symmetric: Annotated[bool, typer.Option(help="Keep or remove mirror pairs as a whole.")] = False,
    rule: Annotated[str, typer.Option(help="one-se, best or tolerance.")] = "one-se",
    tolerance: Annotated[float, typer.Option(help="Of the rule 'tolerance': accepted loss of accuracy.")] = 0.01,
    scheme: Annotated[str, typer.Option(help="stratified, grouped or leave-one-subject-out.")] = "stratified",
    n_folds: Annotated[int, typer.Option(help="Number of folds.")] = 10,
    group_by: Annotated[str, typer.Option(help="Grouping column; its values never span train and test.")] = "subject",
    points: Annotated[str, typer.Option(help="Start from these points only, such as 'ibug-68'.")] = "",
    baselines: Annotated[str, typer.Option(help="medoids, medoids:LABEL, class-medoids, mean or zero.")] = "medoids",
    mirror: Annotated[
        bool | None, typer.Option("--mirror/--no-mirror", help="Augment with mirrored faces. Default: where it can be.")
    ] = None,
    set_: Annotated[
        list[str] | None,
        typer.Option("--set", help="A setting of the network or its features, NAME=VALUE; may be repeated."),
    ] = None,
    seed: Annotated[int, typer.Option(help="Random seed of folds, networks, random sets and intervals.")] = 0,
    labels: Labels = "",
    subject_pattern: SubjectPattern = "",
    columns: Columns = "",
    missing: Missing = "",
    same: Same = "",
    workers: Workers = 1,
    engine: Engine = "local",
    address: Address = "",
    part: Part = "",
    json: Annotated[bool, typer.Option("--json", help="Print the result for machines.")] = False,
) -> None:
    """Rank landmarks by evidence, remove them, retrain, compare with chance; all of it within folds of subjects.

    Finished folds are kept: an interrupted run continues where it stopped.
    """
    from mien.engine.work import PartDone
    from mien.models.catalogue import spec
    from mien.models.maker import parsed
    from mien.reduce.reduce import reduce as run
    from mien.reduce.ways import METHODS

    asked = tuple(name.strip() for name in methods.split(",") if name.strip()) or METHODS
    of_recipe, settings = parsed(model, set_ or [])
    recipe = {**spec(model).recipe, **of_recipe, **({"points": points} if points else {})}
    with watching("networks") as bar:
        found = run(
            samples,
            target=target,
            model=model,
            faces=faces,
            recipe=recipe,
            counts=numbers(counts) or None,
            ranking=ranking,
            methods=asked,
            amount=amount,
            contrast=contrast or None,
            n_random=n_random,
            symmetric=symmetric,
            rule=rule,
            tolerance=tolerance,
            scheme=scheme,  # type: ignore[arg-type]  # checked with a sentence where the folds are made
            n_folds=n_folds,
            group_by=group_by,
            baselines=baselines,
            mirror=mirror,
            settings=settings,
            seed=seed,
            output=output,
            workers=workers,
            engine=engine,
            address=address,
            part=part,
            progress=bar,
            **reading(labels, subject_pattern, columns, missing, same),
        )
    if isinstance(found, PartDone):
        show_part([("", found)], "folds", output, json)
        return
    facts = {"target": target, "model": model, "methods": list(asked), "rule": rule, "scheme": scheme, "seed": seed}
    note_step(output, "reduction", "reduce", samples, **facts)
    if json:
        print_json({"folder": str(output), **found.to_json()})
    else:
        show(found, output)


def numbers(text: str) -> list[int]:
    """Whole numbers with commas between them."""
    from mien.core.errors import InputError

    try:
        return [int(word) for word in text.replace(",", " ").split()]
    except ValueError as error:
        raise InputError(f"--counts takes whole numbers with commas, such as 34,17,8, but got '{text}'.") from error


def show(found: Reduction, folder: Path) -> None:
    """Print the curve and what it means."""
    from rich.markup import escape
    from rich.table import Table

    from mien.core.people.words import apart_words, unseen_words, who_words
    from mien.reduce.sentences import accuracy_words, sentences
    from mien.stats.scores import between

    out = page()
    asked = accuracy_words(found)
    protocol = found.protocol
    out.print(f"{escape(who_words(protocol, 'clip'))}, {protocol['n_folds']} folds; {apart_words(protocol)}.")
    title = f"{asked} on {unseen_words(protocol)} the network never saw, 95 % interval over subjects"
    table = Table(title=title, title_justify="left")
    for name in ("method", "landmarks", "accuracy", "interval", "parameters", "fit s"):
        table.add_column(name, justify="left" if name == "method" else "right")
    for row in found.curve.to_dict("records"):
        interval = between(row["low"], row["high"], found.protocol["n_subjects"])
        table.add_row(
            str(row["method"]), str(row["count"]), f"{row['accuracy']:.3f}", interval, f"{row['parameters']:,}",
            f"{row['fit_seconds']:.2f}",
        )  # fmt: skip
    out.print(table)
    for sentence in sentences(found):
        out.print(sentence, markup=False)
    for note in protocol.get("notes") or []:
        out.print(f"[bold]Note:[/] {escape(note)}")
    kept = found.chosen.topology or ", ".join(str(point) for point in found.chosen.points)
    out.print(f"Kept: {kept}", markup=False, soft_wrap=True)
    console().print(f"Result: {folder}", markup=False, soft_wrap=True)
