"""``mien rsa``: how alike the similarity structures of layers, people, brains and categories are."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from mien.cli.console import notes, page, print_json, watching
from mien.cli.inputs import ShowNames, note_step
from mien.core.errors import InputError
from mien.core.words import interval, number, p_value

if TYPE_CHECKING:
    from mien.compare.rsa_result import ComparedReference, SimilarityAnalysis


def rsa(
    activations: Annotated[
        list[Path], typer.Argument(help="Folders that 'mien activations' wrote, of the same pictures.")
    ],
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="Folder for rsa.json, such as STUDY/rsa/NAME.")
    ] = None,
    matrix: Annotated[
        list[str] | None,
        typer.Option(
            help="Judgements or a brain: a table (a square with names, or columns a, b, dissimilarity, subject), a "
            "folder with a table for each person, or the data set haxby; may be repeated."
        ),
    ] = None,
    models: Annotated[
        str, typer.Option(help="Columns of the samples with commas, such as category; or animate=face+cat.")
    ] = "",
    given: Annotated[
        str, typer.Option(help="What is held constant: low-level, one of --models, or a table of dissimilarities.")
    ] = "",
    by: Annotated[str, typer.Option(help="picture, or category: the mean answers of each.")] = "picture",
    layers: Annotated[str, typer.Option(help="Names of layers with commas. [default: all]")] = "",
    measure: Annotated[
        str, typer.Option(help="correlation (1 - Pearson), euclidean, cosine, or crossnobis (with --by category).")
    ] = "correlation",
    coefficient: Annotated[
        str, typer.Option(help="Of two matrices: spearman, tau-a, rho-a, pearson or cosine.")
    ] = "spearman",
    similarities: Annotated[bool, typer.Option("--similarities", help="Square tables hold similarities.")] = False,
    n_permutations: Annotated[int, typer.Option(help="Permutations of each test; all, where they are fewer.")] = 5040,
    seed: Annotated[int, typer.Option(help="Random seed of permutations and bootstrap.")] = 0,
    maps: Annotated[
        bool, typer.Option("--maps", help="Draw a map of each network's layer that is most like the first reference.")
    ] = False,
    thumbnails: Annotated[
        bool, typer.Option(help="Put small copies of the pictures into the maps, where their set says whose they are.")
    ] = False,
    show_names: ShowNames = False,
    json: Annotated[bool, typer.Option("--json", help="Print the result for machines.")] = False,
) -> None:
    """How like the similarity structure of layers is to that of people, brains, categories and other networks.

    Tests: rows and columns change places together, whole sources at a time; corrected over all layers.
    """
    from mien.compare.rsa import rsa as run

    if (maps or thumbnails) and output is None:
        raise InputError("Maps are files: name a folder for them (--output).")
    if thumbnails:
        from mien.compare.layer_matrices import shared_pictures
        from mien.report.layer_maps import check_credit

        check_credit(shared_pictures(activations, layers))
    with watching("matrices") as bar:
        found = run(
            activations, matrix=matrix or (), models=models, given=given, by=by, layers=layers, measure=measure,
            coefficient=coefficient, similarities=similarities, n_permutations=n_permutations, seed=seed,
            output=output, progress=bar,
        )  # fmt: skip
    if output is not None:
        note_step(
            output, "rsa", "rsa", str(activations[0]), networks=[n.name for n in found.networks],
            references=[r.name for r in found.references], **found.settings,
            licences=[
                {"name": r.name, "licence": r.licence, "credit": r.credit} for r in found.references if r.licence
            ],
        )  # fmt: skip
    page_of_maps = None
    if output is not None and (maps or thumbnails):
        from mien.report.layer_maps import draw_layers

        drawn = "correlation" if measure == "crossnobis" else measure
        page_of_maps = draw_layers(
            activations, output, found=found, layers=layers, measure=drawn, thumbnails=thumbnails,
            show_names=show_names, seed=seed,
        )  # fmt: skip
    if json:
        print_json(found.to_json())
        return
    out = page()
    for network in found.networks:
        out.print(f"{network.name}: {network.sentence}", markup=False, soft_wrap=True)
    for reference in found.references:
        _show(found, reference)
    if found.references:
        out.print(found.method_words(), markup=False, soft_wrap=True)
    if found.alignment is not None:
        out.print(found.alignment_words(), markup=False, soft_wrap=True)
    for note in found.notes:
        notes().print(f"Note: {note}", markup=False, soft_wrap=True)
    if page_of_maps is not None:
        notes().print(f"Page to look around in: {page_of_maps}", markup=False, soft_wrap=True)
    if output is not None:
        notes().print(f"Similarity structures: {output}", markup=False, soft_wrap=True)


def _show(found: SimilarityAnalysis, reference: ComparedReference) -> None:
    from rich.markup import escape
    from rich.table import Table

    out = page()
    out.print(found.words(reference), markup=False, soft_wrap=True)
    partial = bool(found.settings["given"])
    columns = ["network", "layer", found.settings["coefficient"], "95 % interval", "p", "p corrected"]
    table = Table(*columns, *(("partial", "p corrected") if partial else ()), box=None)
    for row in found.of(reference.name):
        cells = [number(row.score), interval(row.low, row.high), p_value(row.p), p_value(row.p_corrected)]
        more = [number(row.partial), p_value(row.partial_p_corrected)] if partial else []
        table.add_row(escape(row.network), escape(row.layer), *cells, *more)
    out.print(table)
    if reference.credit:
        out.print(f"{reference.name}: {reference.credit} {reference.licence}.", markup=False, soft_wrap=True)
