"""``mien evaluate-evidence``: does evidence deserve its name? Methods by metrics, beside random and inverse ones."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from mien.cli.console import DONE, SOME_FAILED, console, fail, notes, page, print_json, watching
from mien.cli.inputs import Columns, Labels, Missing, Same, SubjectPattern, note_step, reading
from mien.cli.spreading import Address, Engine, Workers
from mien.faithfulness.metrics import METRICS


def evaluate_evidence(
    model: Annotated[
        Path,
        typer.Argument(
            help="Folder of a model that 'mien train' wrote, or blendshape:NAME, measure:NAME, distance:A-B."
        ),
    ],
    samples: Annotated[
        str, typer.Argument(help="Samples of people the model was not trained on; as for 'mien explain'.")
    ],
    output: Annotated[
        Path, typer.Option("--output", "-o", help="Folder for faithfulness.json, such as STUDY/faithfulness/NAME.")
    ],
    faces: Annotated[Path | None, typer.Option(help="Folder that 'mien extract' wrote.")] = None,
    method: Annotated[list[str] | None, typer.Option(help="Method to be evaluated; may be repeated.")] = None,
    evidence: Annotated[
        list[Path] | None,
        typer.Option(help="Folder with evidence of the same samples that 'mien explain' wrote; may be repeated."),
    ] = None,
    target: Annotated[str | None, typer.Option(help="CLASS, 'CLASS>OTHER' or CLASS:down.")] = None,
    metric: Annotated[
        list[str] | None, typer.Option(help=f"Any of {', '.join(METRICS)}; may be repeated. Default: all possible.")
    ] = None,
    through: Annotated[
        str, typer.Option(help="'landmarker': evaluate a model's evidence in the pixels of the photos.")
    ] = "",
    truth: Annotated[
        str | None, typer.Option(help="Where the cause lies: regions or features, with commas (mouth,eye).")
    ] = None,
    fill: Annotated[str | None, typer.Option(help="What replaces removed parts: blur, mean or zero.")] = None,
    block: Annotated[int | None, typer.Option(help="Side of the blocks of a picture, in pixels.")] = None,
    n_steps: Annotated[int, typer.Option(help="Steps of the insertion and deletion curves.")] = 50,
    baselines: Annotated[
        str, typer.Option(help="medoids, medoids:LABEL, class-medoids, mean or zero. Default: medoids.")
    ] = "",
    n_baselines: Annotated[int | None, typer.Option(help="Number of typical samples (medoids). [default: 5]")] = None,
    reference: Annotated[
        str | None, typer.Option(help="Reference samples for means and medoids, such as those of the training.")
    ] = None,
    set_: Annotated[
        list[str] | None,
        typer.Option("--set", help="A setting of a method or metric, NAME:SETTING=VALUE; may be repeated."),
    ] = None,
    seed: Annotated[int, typer.Option(help="Random seed of everything that draws numbers.")] = 0,
    batch_size: Annotated[int | None, typer.Option(help="Maximum batch size; bounds the memory.")] = None,
    max_memory: Annotated[
        str | None, typer.Option(help="Memory for the layers' results beside the model, such as 500MB.")
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
    """Does evidence deserve its name? Methods by metrics, each beside random, inverse and face-centre ones."""
    from mien.explain.store import load_evidence
    from mien.faithfulness.faithfulness import evaluate_evidence

    own = _settings(set_ or [])
    ready = [load_evidence(folder) for folder in evidence or []]
    names = method or ([] if ready else ["integrated-gradients"])
    with watching("judging") as bar:
        result = evaluate_evidence(
            model,
            samples,
            [*names, *ready],
            target=target,
            metrics=metric or None,
            truth=truth,
            fill=fill,
            block=block,
            n_steps=n_steps,
            settings=own,
            seed=seed,
            output=output,
            workers=workers,
            engine=engine,
            address=address,
            progress=bar,
            **reading(labels, subject_pattern, columns, missing, same),
            through=through or None,
            faces=faces,
            reference=reference,
            baselines=baselines or None,
            n_baselines=n_baselines,
            batch_size=batch_size,
            max_memory=max_memory,
        )
    judged = list(dict.fromkeys(row.method for row in result.rows))
    note_step(
        output,
        "faithfulness",
        "evaluate-evidence",
        samples,
        model=str(model),
        target=str(result.target),
        methods=judged,
        seed=seed,
    )
    if json:
        print_json(result.to_json())
    else:
        _show(result)
        console().print(f"Written: {output / 'faithfulness.json'}", markup=False, soft_wrap=True)
    fail(SOME_FAILED if any(row.left_out for row in result.rows) else DONE)


def _settings(pairs: list[str]) -> dict[str, dict[str, Any]]:
    """``rise:n_samples=500`` texts as settings by method or metric."""
    from mien.core.errors import InputError
    from mien.explain.methods import method_of_name

    result: dict[str, dict[str, Any]] = {}
    for pair in pairs:
        name, sign, rest = pair.partition(":")
        if not sign:
            raise InputError(f"A setting is given as NAME:SETTING=VALUE, such as rise:n_samples=500, but got '{pair}'.")
        name = name.strip()
        row = METRICS[name] if name in METRICS else method_of_name(name)
        result.setdefault(row.name, {}).update(row.parsed([rest]))
    return result


def _show(result: Any) -> None:
    """One block per metric, best method first, controls among them."""
    from rich import box
    from rich.table import Table

    table = Table(title=f"Evidence for '{result.target}'", box=box.SIMPLE, title_justify="left")
    for name in ("rank", "method", "mean", "95 % interval", "inverse", "better than"):
        table.add_column(name, justify="left" if name == "method" else "right")
    found = {(row.metric, row.method): row for row in result.rows}
    for metric in result.values:
        table.add_section()
        table.add_row("", f"[bold]{metric}[/], {METRICS[metric].direction}")
        better = result.better_than(metric)
        for method, rank in result.rank(metric).items():
            row = found.get((metric, method))
            known = row is not None and row.low == row.low
            interval = f"{row.low:.3f} to {row.high:.3f}" if row and known else ""
            turned = f"{row.inverse:.3f}" if row else ""
            table.add_row(
                str(rank), method, f"{result.mean(metric, method):.3f}", interval, turned, str(len(better[method]))
            )
    page().print(table)
    page().print(result.rank_words, soft_wrap=True)
    for note in result.notes:
        notes().print(note, markup=False, soft_wrap=True)
