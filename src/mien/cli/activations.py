"""``mien activations``: what layers of a frozen network answer to pictures."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from mien.cli.console import DONE, SOME_FAILED, fail, notes, page, print_json, problem, watching
from mien.cli.inputs import Columns, Device, Labels, Missing, Same, SampleSource, SubjectPattern, note_step, reading

if TYPE_CHECKING:
    from mien.responses.activations import Activations


def activations(
    body: Annotated[
        str,
        typer.Argument(
            help="A network by name (efficientnet-lite0, resnet50, vgg16, songnet ... and all of timm), or the folder "
            "of a picture model that mien trained."
        ),
    ],
    samples: SampleSource,
    output: Annotated[
        Path, typer.Option("--output", "-o", help="Folder for the activations, such as STUDY/activations/NAME.")
    ],
    layers: Annotated[
        str, typer.Option(help="Names of layers with commas, or all; without it some spread over the depth.")
    ] = "",
    depth: Annotated[int, typer.Option(help="How many layers, where none are named.")] = 12,
    weights: Annotated[
        str, typer.Option(help="pretrained (ImageNet), random, or a file (.safetensors, .pth).")
    ] = "pretrained",
    seed: Annotated[int, typer.Option(help="Random seed of random weights.")] = 0,
    exposure: Annotated[
        str,
        typer.Option(
            help="What faces the weights of a file have seen: none, blurred, incidental, 'trained on faces' or unknown."
        ),
    ] = "",
    whole: Annotated[bool, typer.Option("--whole", help="Keep maps instead of averages over the picture.")] = False,
    float16: Annotated[bool, typer.Option("--float16", help="Store half of the digits.")] = False,
    size: Annotated[
        int | None, typer.Option(help="Pixels per side that the network sees. [default: what it was made for]")
    ] = None,
    fit: Annotated[
        str,
        typer.Option(help="crop (the middle square of every picture) or letterbox (all of it, with grey beside it)."),
    ] = "crop",
    batch_size: Annotated[int, typer.Option(help="Pictures that go through the network at once.")] = 16,
    device: Device = "auto",
    name: Annotated[str, typer.Option(help="What the body is called in results. [default: BODY]")] = "",
    category: Annotated[str, typer.Option(help="Column that says what kind of thing a picture shows.")] = "category",
    labels: Labels = "",
    subject_pattern: SubjectPattern = "",
    columns: Columns = "",
    missing: Missing = "",
    same: Same = "",
    replace_others: Annotated[
        bool, typer.Option("--replace-others", help="Write a folder anew that holds other layers or another network.")
    ] = False,
    time_line: Annotated[
        Path | None, typer.Option(help="Frames of a film: study whose time line receives each layer as a stream.")
    ] = None,
    times: Annotated[
        Path | None, typer.Option(help="When frames are shown: table path, time_s, run. [default: the pictures' table]")
    ] = None,
    components: Annotated[
        int, typer.Option(help="Of such a stream: so many principal components; 0: every unit is a column.")
    ] = 0,
    json: Annotated[bool, typer.Option("--json", help="Print the result for machines.")] = False,
) -> None:
    """What layers of a frozen network answer to pictures, with what faces the network has seen.

    Nothing is learnt here. Pictures are whole, not cut to faces; work that was interrupted goes on where it ended.
    """
    from mien.responses.compute import activations as run

    asked: dict[str, Any] = {
        "layers": [part.strip() for part in layers.split(",") if part.strip()], "depth": depth, "weights": weights,
        "seed": seed, "exposure": exposure or None, "whole": whole, "float16": float16, "size": size, "fit": fit,
        "batch_size": batch_size, "device": device, "name": name, "category": category,
        "replace_others": replace_others, "time_line": time_line, "times": times, "components": components,
    }  # fmt: skip
    more = reading(labels, subject_pattern, columns, missing, same)
    with watching("pictures") as bar:
        found = run(body, samples, output, progress=bar, **asked, **more)
    facts = {
        "card": asdict(found.body), "layers": list(found.layers), "fit": fit,
        "whole": whole, "data": {name: getattr(found.samples, name) for name in ("name", "licence", "credit")},
    }  # fmt: skip
    note_step(output, "activations", "activations", samples, body=body, **facts)
    _show(found, output, json)
    fail(DONE if found.ok.all() else SOME_FAILED)


def _show(found: Activations, output: Path, json: bool) -> None:
    shapes = {name: list(shape) for name, shape in found.shapes.items()}
    if json:
        print_json(
            {
                "folder": str(output), "body": vars(found.body), "sentence": found.body.sentence(),
                "pictures": len(found), "answered": int(found.ok.sum()), "layers": shapes, "notes": list(found.notes),
            }
        )  # fmt: skip
    else:
        from rich.table import Table

        page().print(found.body.sentence(), markup=False, soft_wrap=True)
        table = Table("layer", "answer to one picture", box=None)
        for name, shape in shapes.items():
            table.add_row(name, " x ".join(map(str, shape)))
        page().print(table)
        for note in found.notes:
            notes().print(note, markup=False, soft_wrap=True)
        notes().print(f"{int(found.ok.sum())} pictures: {output}", markup=False, soft_wrap=True)
    unread = [str(path) for path, good in zip(found.samples.path, found.ok, strict=True) if not good]
    for path, word in zip(unread, found.status[~found.ok], strict=True):
        problem(f"{path}: {word}")
