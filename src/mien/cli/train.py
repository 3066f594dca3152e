"""``mien train``: fit a model and score it on held-out people."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from mien.cli.console import console, notes, page, print_json, watching
from mien.cli.inputs import (
    Ceiling,
    Columns,
    Device,
    Labels,
    Missing,
    Same,
    SampleSource,
    SubjectPattern,
    note_step,
    reading,
)
from mien.cli.ratings import show_ratings, shown, targets_of
from mien.cli.spreading import Address, Engine, Part, Workers, show_part
from mien.learn.option_words import FOLDS, N_FOLDS, NOISE_CHECK, SETTING, SITE

if TYPE_CHECKING:
    from mien.learn.beside import BesideCovariates
    from mien.learn.evaluation import Evaluation
    from mien.learn.shared_people import SharedPeople
    from mien.learn.sites import Sites

# Rows of people that are printed.
MOST_PEOPLE = 40


def train(
    samples: SampleSource,
    target: Annotated[str, typer.Option(help="Label or rating to be predicted; several ratings with commas, or all.")],
    output: Annotated[
        Path,
        typer.Option(
            "--output", "-o", help="Folder for the model, as STUDY/models/NAME; of several models STUDY/models."
        ),
    ],
    model: Annotated[
        str,
        typer.Option(
            help="expression, trees (named features), picture (pixels), songnet, vgg16 ... (fine-tuned end to end), "
            "landmark-net, landmark-esn (sequences) ...; several with commas, each into a folder of its name."
        ),
    ] = "expression",
    faces: Annotated[Path | None, typer.Option(help="Folder that 'mien extract' wrote.")] = None,
    scheme: Annotated[
        str,
        typer.Option(
            help="stratified, grouped or leave-one-subject-out; leave-one-site-out; or user-specific: people are in "
            "training and test on purpose, with other recordings."
        ),
    ] = "stratified",
    n_folds: Annotated[int, typer.Option(help=N_FOLDS)] = 10,
    folds: Annotated[str, typer.Option(help=FOLDS)] = "",
    recordings: Annotated[
        str,
        typer.Option(help="user-specific: column of recordings or sessions; 'path' if each sample is one of its own."),
    ] = "",
    site: Annotated[str, typer.Option(help=SITE)] = "site",
    beside: Annotated[
        str,
        typer.Option(
            help="Covariates whose model stands beside: columns with commas, as age,sex,site,quality ('quality': all "
            "columns of recording quality)."
        ),
    ] = "",
    group_by: Annotated[str, typer.Option(help="Grouping column; its values never span train and test.")] = "subject",
    features: Annotated[
        str,
        typer.Option(
            help="Columns of numbers to learn from instead of faces, of the table or of what 'mien import --features' "
            "brought: names or patterns with commas, 'AU*,!AU45*'. 'actions': the action units that mien measures."
        ),
    ] = "",
    relative_to: Annotated[
        str, typer.Option(help="expression: subtract 'first' frames or the mean of the 'subject'.")
    ] = "",
    mirror: Annotated[bool, typer.Option("--mirror/--no-mirror", help="Augment with mirrored faces.")] = True,
    set_: Annotated[
        list[str] | None,
        typer.Option("--set", help=SETTING),
    ] = None,
    device: Device = "auto",
    seed: Annotated[int, typer.Option(help="Random seed of folds, training and intervals.")] = 0,
    noise_check: Annotated[bool, typer.Option(help=NOISE_CHECK)] = False,
    ceiling: Ceiling = "",
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
    """Train a model and score it on held-out people."""
    from mien.core.errors import InputError
    from mien.learn.train import train as run
    from mien.learn.train_part import train_part
    from mien.models.catalogue import spec
    from mien.models.maker import parsed

    asked: dict[str, Any] = {
        "faces": faces,
        "group_by": group_by,
        "scheme": scheme,  # checked with a sentence where the folds are made
        "n_folds": n_folds,
        "folds": folds,
        "recordings": recordings,
        "site": site,
        "beside": beside,
        "seed": seed,
        "noise_check": noise_check,
        "features": features,
        "ceiling": ceiling or None,
        **reading(labels, subject_pattern, columns, missing, same),
        "workers": workers,
        "engine": engine,
        "address": address,
    }
    names = targets_of(model)
    if part and not isinstance(names, str):
        raise InputError("--part is of the folds of one model: name one --model, and give every model jobs of its own.")
    if not isinstance(names, str):
        more = ({} if mirror else {"mirror": False}) | ({"relative_to": relative_to} if relative_to else {})
        more |= _asked_device(device)
        _train_all(samples, names, target, output, set_ or [], more, asked, json)
        return
    of_recipe, settings = parsed(model, set_ or [], "columns" if features else "")
    recipe = of_recipe if features else {**spec(model).recipe, **of_recipe}
    if not mirror:
        settings["mirror"] = False
    if relative_to:
        recipe["relative_to"] = relative_to
    settings |= _asked_device(device)
    asked |= {"target": targets_of(target), "model": model, "output": output, "recipe": recipe, "settings": settings}
    with watching("folds") as bar:
        if part:
            found = train_part(samples, part=part, progress=bar, **asked)
        else:
            trained = run(samples, progress=bar, **asked)
    if part:
        show_part([("", found)], "folds", output, json)
        return
    note_step(
        output, "models", "train", samples, target=target, model=model, scheme=scheme, folds=folds or n_folds, seed=seed
    )
    if trained.evaluation is None:
        return
    if json:
        print_json({"folder": str(output), **trained.evaluation.to_json()})
    else:
        show(trained.evaluation, f"{model} in {output}")


def _asked_device(device: str) -> dict[str, Any]:
    """Checked before anything is read; 'auto' is what models do anyway, those that know only the processor too."""
    from mien.core.devices import AUTO, checked_device

    checked_device(device)
    return {} if device == AUTO else {"device": device}


def _train_all(
    samples: str, names: Sequence[str], target: str, output: Path, pairs: list[str], more: dict[str, Any],
    asked: dict[str, Any], json: bool,
) -> None:  # fmt: skip
    """Train several models and print a row of each."""
    from rich.markup import escape

    from mien.cli.several_models import show_all
    from mien.learn.train_all import train_all
    from mien.models.maker import parsed_for_all

    recipe = "columns" if asked["features"] else ""
    settings = {**parsed_for_all(names, pairs, recipe), **more}
    with watching("folds") as bar:
        done = train_all(
            samples, target=targets_of(target), model=names, output=output, settings=settings, progress=bar, say=_say,
            **asked,
        )  # fmt: skip
    for name in done.evaluations:
        steps = {
            "scheme": asked["scheme"],
            "folds": asked["folds"] or asked["n_folds"],
            "seed": asked["seed"],
            "settings": settings,
        }
        note_step(output / name, "models", "train", samples, target=target, model=name, **steps)
    if json:
        print_json(done.to_json())
        return
    show_all(done.evaluations, str(output))
    if done.kept:
        page().print(f"Trained before with the same settings: {escape(', '.join(done.kept))}.")
    for name, why in done.failed.items():
        notes().print(f"[bold]{escape(name)} was left out:[/] {escape(why)}")


def _say(sentence: str) -> None:
    """At once what is left out: others may take hours."""
    if ": left out. " in sentence:
        console().print(sentence, markup=False, soft_wrap=True)


def show(evaluation: Evaluation, title: str) -> None:
    """Print scores with intervals and chance, and of classes the confusion matrix."""
    from rich.markup import escape

    from mien.core.people.words import apart_words, who_words

    out, protocol = page(), evaluation.protocol
    scheme = f"{protocol['scheme']}, {protocol['n_folds']} folds" if protocol["n_folds"] > 1 else protocol["scheme"]
    about = "" if evaluation.per_rating else f"[bold]{escape(evaluation.target)}[/]: "
    out.print(f"{about}{escape(who_words(protocol))}, {scheme}; {apart_words(protocol)}.")
    if evaluation.per_rating:
        show_ratings(evaluation, title)
    else:
        _show_classes(evaluation, title)
    if evaluation.shared:
        _show_shared(evaluation.shared)
    if evaluation.sites:
        _show_sites(evaluation.sites)
    if evaluation.beside:
        _show_beside(evaluation, evaluation.beside)
    if evaluation.cost:
        out.print(_cost(evaluation.cost))
    if evaluation.calibration:
        error = evaluation.calibration["expected_calibration_error"]
        out.print(f"Calibration: the stated probability is off by {error:.3f} on average.")
    if evaluation.left_out:
        listed = ", ".join(f"{count} '{status}'" for status, count in evaluation.left_out.items())
        out.print(f"Left out: {escape(listed)}.")
    for note in evaluation.notes:
        notes().print(f"[bold]Note:[/] {escape(note)}")


def _show_classes(evaluation: Evaluation, title: str) -> None:
    from rich.markup import escape
    from rich.table import Table

    from mien.learn.noise import noise_verdict

    out, checked = page(), evaluation.noise_check
    table = Table(title=escape(title), title_justify="left")
    for name in ("score", "value", "95 % interval", "chance", "p", *(("shuffled labels",) if checked else ())):
        table.add_column(name, justify="left" if name == "score" else "right")
    for name, s in evaluation.scores.items():
        row = [name.replace("_", " "), shown(s.value), escape(s.between), shown(s.chance), shown(s.p)]
        if checked:
            noise = checked[name]
            row.append(f"{shown(noise.value)} ({escape(noise.between)})")
        table.add_row(*row)
    out.print(table)
    out.print("p: how often predictions that have nothing to do with the labels score so well.")
    if checked:
        out.print(noise_verdict(checked), markup=False)
    out.print(_confusion(evaluation))


def _show_shared(shared: SharedPeople) -> None:
    """Every person known and left out, and what that brings."""
    from rich.markup import escape
    from rich.table import Table

    table = Table(title="share right of each person's samples", title_justify="left")
    for name in ("person", "samples", "person known", "person left out"):
        table.add_column(name, justify="left" if name == "person" else "right")
    for row in shared.people[:MOST_PEOPLE]:
        shares = (f"{right / row.samples:.2f}" for right in (row.right_known, row.right_apart))
        table.add_row(escape(row.person), str(row.samples), *shares)
    page().print(table)
    if len(shared.people) > MOST_PEOPLE:
        page().print(f"{len(shared.people) - MOST_PEOPLE} more people are in evaluation.json.")
    page().print(shared.words(), markup=False)


def _show_sites(sites: Sites) -> None:
    """Every site left out and known."""
    from rich.markup import escape
    from rich.table import Table

    one = "site" if sites.called[0] == "site" else "group"
    table = Table(title=f"{escape(sites.name)} within each {escape(sites.called[0])}", title_justify="left")
    for name in (escape(sites.column), "people", f"{one} left out", f"{one} in training"):
        table.add_column(name, justify="left" if name == escape(sites.column) else "right")
    for row in sites.sites:
        scores = (f"{shown(score.value)} ({escape(score.between)})" for score in (row.score, row.known))
        table.add_row(escape(row.site), str(row.people), *scores)
    page().print(table)
    page().print(sites.words(), markup=False)


def _show_beside(evaluation: Evaluation, beside: BesideCovariates) -> None:
    """The model, covariates alone, and both."""
    from rich.markup import escape
    from rich.table import Table

    table = Table(title=f"beside {escape(', '.join(beside.columns))}", title_justify="left")
    for name in ("score", "face", "covariates alone", "both", "both less alone"):
        table.add_column(name, justify="left" if name == "score" else "right")
    for name, alone in beside.alone.items():
        cells = [evaluation.scores[name], alone, *([beside.both[name]] if beside.both else [])]
        gain = beside.gain.get(name)
        values = [f"{shown(s.value)} ({escape(s.between)})" for s in cells] + ["–"] * (not beside.both)
        table.add_row(
            name.replace("_", " "), *values, f"{shown(gain.value, plus=True)} ({escape(gain.between)})" if gain else "–"
        )
    page().print(table)
    page().print(beside.words(evaluation.beats_chance), markup=False)
    if beside.note:
        notes().print(beside.note, markup=False)


def _cost(cost: dict[str, float]) -> str:
    sizes = f"{cost['trained']} trainable parameters, {cost['frozen']} frozen ones; " if "trained" in cost else ""
    return (
        f"Cost: {sizes}fitted to {cost['samples']:.0f} samples in {cost['fit_seconds']:.2f} s, "
        f"{cost['microseconds_per_sample']:.0f} microseconds per answer."
    )


def _confusion(evaluation: Evaluation) -> Any:
    from rich.markup import escape
    from rich.table import Table

    table = Table(title="true class (rows), predicted class (columns)", title_justify="left")
    table.add_column("")
    # Columns carry the number of the class, so that many classes fit a narrow terminal.
    for number in range(1, len(evaluation.classes) + 1):
        table.add_column(str(number), justify="right")
    assert evaluation.confusion is not None
    for number, (name, row) in enumerate(zip(evaluation.classes, evaluation.confusion, strict=True), start=1):
        table.add_row(f"{number} {escape(name)}", *(str(int(count)) for count in row))
    return table
