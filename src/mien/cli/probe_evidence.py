"""``mien probe-evidence``: what on the picture a probe's answer rests on, by parts of the face."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from mien.cli.console import notes, page, print_json, watching
from mien.cli.inputs import Columns, Labels, Missing, Same, SampleSource, SubjectPattern, note_step, reading

if TYPE_CHECKING:
    from mien.responses.evidence.result import ProbeEvidence


def probe_evidence(
    probe: Annotated[Path, typer.Argument(help="Folder that 'mien probe' wrote.")],
    samples: SampleSource,
    output: Annotated[
        Path, typer.Option("--output", "-o", help="Folder for the evidence, such as STUDY/evidence/NAME.")
    ],
    layer: Annotated[str, typer.Option(help="Layer of the probe. [default: the one that did best]")] = "",
    method: Annotated[str, typer.Option(help="Method of explanation, see 'mien methods'.")] = "occlusion",
    faces: Annotated[
        Path | None, typer.Option(help="Folder that 'mien extract' wrote: landmarks of pictures that show a face.")
    ] = None,
    parts: Annotated[
        Path | None,
        typer.Option(help="Table of known parts: path, part, x0, y0, x1, y1. [default: parts.csv beside the samples]"),
    ] = None,
    beside: Annotated[
        list[Path] | None, typer.Option(help="Probe of another body, such as a random one; may be repeated.")
    ] = None,
    by: Annotated[str, typer.Option(help="Column whose values are summarised apart, such as category.")] = "",
    set_: Annotated[
        list[str] | None,
        typer.Option("--set", help="A setting of the method, NAME=VALUE; may be repeated. See 'mien methods NAME'."),
    ] = None,
    seed: Annotated[int, typer.Option(help="Random seed of methods that draw numbers, and of tests.")] = 0,
    batch_size: Annotated[int | None, typer.Option(help="Pictures that go through the network at once.")] = None,
    category: Annotated[str, typer.Option(help="Column that says what kind of thing a picture shows.")] = "category",
    labels: Labels = "",
    subject_pattern: SubjectPattern = "",
    columns: Columns = "",
    missing: Missing = "",
    same: Same = "",
    json: Annotated[bool, typer.Option("--json", help="Print the result for machines.")] = False,
) -> None:
    """What a probe's answer rests on: shares of the evidence on eyes, nose, mouth, rest of the face and outside.

    Beside them stand the share of the area that each part has, with a test, and the same of other bodies.
    """
    from mien.explain.methods import method_of_name
    from mien.responses.evidence.evidence import probe_evidence as run

    settings: dict[str, Any] = method_of_name(method).parsed(set_ or [])
    with watching("evidence") as bar:
        found = run(
            probe, samples, output, layer=layer, method=method, faces=faces, parts=parts, beside=beside or (), by=by,
            seed=seed, batch_size=batch_size, category=category, progress=bar,
            **reading(labels, subject_pattern, columns, missing, same), **settings,
        )  # fmt: skip
    facts = {
        "probe": str(probe),
        "layer": found.layer,
        "method": method,
        "exposure": found.body.exposure,
        "data": found.data,
    }
    note_step(output, "evidence", "probe-evidence", samples, **facts, by=by, seed=seed)
    if json:
        print_json(
            {
                "folder": str(output), "body": found.body.sentence(), "layer": found.layer, "method": found.method,
                "pictures": len(found), "rows": found.table.to_dict("records"), "notes": list(found.notes),
            }
        )  # fmt: skip
        return
    _print(found)
    for note in found.notes:
        notes().print(note, markup=False, soft_wrap=True)
    notes().print(f"Evidence and shares: {output}", markup=False, soft_wrap=True)


def _print(found: ProbeEvidence) -> None:
    from rich.markup import escape
    from rich.table import Table

    from mien.core.words import number, p_value

    out = page()
    out.print(f"{found.body.sentence()} Layer {found.layer}, {found.method}.", markup=False, soft_wrap=True)
    for card in found.beside:
        out.print(f"Beside it {card.sentence()}", markup=False, soft_wrap=True)
    for body in dict.fromkeys(row.body for row in found.rows):
        for group in dict.fromkeys(row.group for row in found.rows):
            rows = [row for row in found.rows if (row.body, row.group) == (body, group)]
            if not rows:
                continue
            title = ", ".join(word for word in (body or "the probe", group) if word)
            table = Table(title=escape(f"{title}: {rows[0].pictures} pictures"), title_justify="left", box=None)
            heads = ["evidence", "part", "share (95 % interval)", "area", "p", *(["difference", "p"] * bool(body))]
            for place, head in enumerate(heads):
                table.add_column(head, justify="left" if place < 2 else "right")
            for row in rows:
                less = [number(row.less_body.value), p_value(row.less_body.p)] if body else []
                table.add_row(row.sign, row.part, *row.in_words, p_value(row.share.p), *less)
            out.print(table)
    out.print(
        "for, against: evidence that speaks for or against 'face'. p: of the share against the area, by sources, "
        "corrected over parts. difference: the probe's share less that of the body beside it.",
        soft_wrap=True,
    )
