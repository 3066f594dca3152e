"""Maps as people look at them: a drawing for every attribute, and a page to look around in."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np

from mien.core.files import write_text
from mien.explain.store import slug
from mien.manifold.embedding import Embedding
from mien.manifold.rows import points_of
from mien.report.draw.map import map_plot
from mien.report.map_page import map_page

# More would make a list that nobody reads, and a large page.
MOST_COLOURS = 60


def draw_maps(
    maps: Mapping[str, Embedding],
    output: str | Path,
    *,
    title: str = "Maps",
    thumbnails: bool = False,
    show_names: bool = False,
) -> Path:
    """Draw maps of the same rows, as ``mien embed`` does after ``mien.embed``.

    Parameters
    ----------
    maps : mapping of str to Embedding
        By the names they are shown under.
    output : str or Path
        Folder that receives ``NAME/ATTRIBUTE.svg`` of every map, and ``maps.html`` of them all.
    title : str
        Of the page.
    thumbnails : bool
        Put small copies of the pictures into the page: faces, if they show faces.
    show_names : bool
        Name files and people instead of numbering them.

    Returns
    -------
    Path
        The page.

    Raises
    ------
    InputError
        If there is no map, or the maps are not of the same rows.

    Examples
    --------
    >>> import mien, numpy as np, tempfile
    >>> ratings = np.random.default_rng(0).normal(size=(30, 4))
    >>> folder = tempfile.mkdtemp()
    >>> mien.draw_maps({"pca": mien.embed(ratings, n_held_out=0)}, folder).name
    'maps.html'
    """
    for name, embedding in maps.items():
        draw_attributes(embedding, Path(output) / name)
    rows = next((embedding.rows for embedding in maps.values() if embedding.rows), None)
    return map_page(
        dict(maps),
        Path(output) / "maps.html",
        title=title,
        pictures=rows.pictures if rows and thumbnails else {},
        colours={**rows.attributes, **_columns(rows.values)} if rows else {},
        credit=rows.credit if rows else "",
        show_names=show_names,
    )


def draw_attributes(embedding: Embedding, folder: Path, what: str = "") -> None:
    """A drawing of the map for every attribute that was tested; one without colours where none was."""
    coloured: dict[str, np.ndarray | None] = dict(embedding.attributes) or {"": None}
    for name, values in coloured.items():
        title = f"{embedding.method} map{f' of {what}' if what else ''}, {name}"
        drawing = map_plot(embedding.coordinates, values, title=title, name=name)
        write_text(folder / f"{slug(name) if name else 'map'}.svg", drawing)


def _columns(values: object) -> dict[str, np.ndarray]:
    """The map's own columns, if they have names, for the marks to be coloured by."""
    points = points_of(values)
    columns = {}
    for name, column in zip(points.names[:MOST_COLOURS], points.values.T, strict=False):
        columns[name] = np.full(points.given, np.nan)
        columns[name][points.kept] = column
    return columns
