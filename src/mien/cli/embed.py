"""``mien embed``: maps of a population, how good they are, and whether attributes vary along them."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from mien.cli.console import console, page, print_json, watching
from mien.cli.inputs import Columns, Labels, Missing, Same, ShowNames, note_step, reading


def embed(
    source: Annotated[str, typer.Argument(help="Sample table, folder of evidence, or table of numbers.")],
    output: Annotated[Path, typer.Option("--output", "-o", help="Folder for the maps, such as STUDY/maps/NAME.")],
    of: Annotated[
        str, typer.Option(help="ratings, scores (a model's), layer (of its network), features, evidence or table.")
    ] = "",
    method: Annotated[
        list[str] | None,
        typer.Option(
            help="pca, tsne, umap, isomap, spectral, diffusion-map, mds, lle or pacmap; may be repeated. Default: pca."
        ),
    ] = None,
    attribute: Annotated[
        list[str] | None,
        typer.Option(help="Column to test along the map, or 'ONE>OTHER' for a difference; may be repeated."),
    ] = None,
    faces: Annotated[Path | None, typer.Option(help="Folder that 'mien extract' wrote.")] = None,
    model: Annotated[Path | None, typer.Option(help="Folder of a stored model.")] = None,
    layer: Annotated[str, typer.Option(help="Layer of the model's network.")] = "",
    labels: Labels = "",
    columns: Columns = "",
    missing: Missing = "",
    same: Same = "",
    n_dims: Annotated[int, typer.Option(help="Dimensions of the map: 2 or 3.")] = 2,
    n_permutations: Annotated[int, typer.Option(help="Permutations of each attribute test.")] = 999,
    seed: Annotated[int, typer.Option(help="Random seed of maps that draw numbers.")] = 0,
    n_seeds: Annotated[int, typer.Option(help="Maps of how many random seeds are compared for stability.")] = 5,
    scale: Annotated[bool, typer.Option(help="Divide each column by its standard deviation first.")] = True,
    thumbnails: Annotated[
        bool, typer.Option(help="Put small copies of the pictures into the page: faces, if they show faces.")
    ] = False,
    show_names: ShowNames = False,
    json: Annotated[bool, typer.Option("--json", help="Print the result for machines.")] = False,
) -> None:
    """Maps of a population: coordinates, quality with chance, tests of attributes, a page for exploring them."""
    from mien.core.errors import InputError
    from mien.manifold.embed import embed as run
    from mien.manifold.methods import check_methods
    from mien.manifold.sources import source_of
    from mien.report.maps import draw_maps

    if n_dims not in (2, 3):
        raise InputError(f"A map that is drawn has 2 or 3 dimensions, but --n-dims is {n_dims}.")
    names = check_methods(method or ["pca"])
    if "umap" in names:
        _say_that_it_compiles()
    read = reading(labels=labels, columns=columns, missing=missing, same=same)
    rows = source_of(source, of=of, faces=faces, model=model, layer=layer, **read)
    maps = {}
    with watching("maps") as bar:
        for name in names:
            bar.begin(name)
            maps[name] = run(
                rows, method=name, n_dims=n_dims, attributes=attribute, scale=scale, seed=seed, n_seeds=n_seeds,
                n_permutations=n_permutations, output=output / name, progress=bar,
            )  # fmt: skip
    title = f"Maps of {Path(source).name.rstrip(':')}"
    shown = draw_maps(maps, output, title=title, thumbnails=thumbnails, show_names=show_names)
    note_step(output, "maps", "embed", source, methods=names, of=of, seed=seed, dimensions=n_dims)
    results = [_facts(name, embedding) for name, embedding in maps.items()]
    if json:
        return print_json(results)
    _print(results)
    facts = next(iter(maps.values())).facts
    for note in [*facts["cautions"], *facts["notes"]]:
        console().print(note, markup=False)
    left_out = facts["rows_left_out"]
    if left_out:
        many = "1 row was" if left_out == 1 else f"{left_out} rows were"
        console().print(f"{many} left out: a value is missing or not finite.")
    console().print(f"Page to look around in: {shown}", markup=False, soft_wrap=True)
    return None


def _facts(name: str, embedding: Any) -> dict[str, Any]:
    def plain(value: float) -> float | None:
        return value if value == value else None

    quality = {m.name: {"value": plain(m.value), "chance": plain(m.chance)} for m in embedding.measures}
    tests = {
        t.attribute: {"explained": plain(t.explained), "chance": plain(t.chance), "p": plain(t.p_corrected),
                      **({"untested": t.untested} if t.untested else {})}
        for t in embedding.tests
    }  # fmt: skip
    return {"method": name, "quality": quality, "attributes": tests}


def _print(results: list[dict[str, Any]]) -> None:
    from rich.table import Table

    # Measures below each other: there are too many for a row.
    quality = Table(
        "measure", *(result["method"] for result in results), box=None, title="Quality (chance)", title_justify="left"
    )
    for name in dict.fromkeys(measure for result in results for measure in result["quality"]):
        cells = [result["quality"].get(name) for result in results]
        quality.add_row(name, *("" if q is None else f"{_short(q['value'])} ({_short(q['chance'])})" for q in cells))
    page().print(quality)
    _print_tests([(r["method"], name, test) for r in results for name, test in r["attributes"].items()])


def _print_tests(rows: list[tuple[str, str, dict[str, Any]]]) -> None:
    from rich.markup import escape
    from rich.table import Table

    if not rows:
        return
    tests = Table("map", "attribute", "explained", "chance", "p corrected", box=None, title="Along the map",
                  title_justify="left")  # fmt: skip
    for method, name, test in rows:
        tests.add_row(method, escape(name), *(_short(test[k]) for k in ("explained", "chance", "p")))
    page().print(tests)
    for reason in dict.fromkeys(test["untested"] for _, _, test in rows if "untested" in test):
        page().print(f"{reason}.", markup=False)


def _short(value: float | None) -> str:
    return "–" if value is None else f"{value:.3f}"


def _say_that_it_compiles() -> None:
    """One line where the first map by UMAP is made on this machine."""
    from mien.core.extras import require
    from mien.manifold.compiled import is_compiled, keep_compiled

    require("umap", "UMAP maps", "manifold")
    keep_compiled()
    if not is_compiled():
        console().print("UMAP's code is compiled now, once on this machine, which takes about 20 seconds ...")
