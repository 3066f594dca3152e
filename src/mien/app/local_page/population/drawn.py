"""The maps that a study has, and the page that shows those of one source."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from mien.app.local_page.folders import OpenStudy
from mien.core.errors import InputError
from mien.core.samples import Samples
from mien.manifold.embedding import FACTS, Embedding, load_embedding
from mien.report.map_page import map_page
from mien.report.maps import MOST_COLOURS

MAPS, PAGE = "maps", "page.html"


def sources_of_maps(study: OpenStudy) -> list[str]:
    """Names of what was mapped, such as ``'ratings'`` or a model's, the latest first."""
    places = sorted((study.folder / MAPS).glob(f"*/*/{FACTS}"), key=lambda place: -place.stat().st_mtime)
    return list(dict.fromkeys(place.parent.parent.name for place in places))


def latest_map(study: OpenStudy, source: str) -> Path:
    """The facts of the latest map of a source, which has some."""
    return max((study.folder / MAPS / source).glob(f"*/{FACTS}"), key=lambda place: place.stat().st_mtime)


def maps_of(study: OpenStudy, source: str) -> dict[str, Embedding]:
    """The maps of one source by their methods; of the same rows as the latest of them.

    Raises
    ------
    InputError
        If there is none, or one cannot be read.
    """
    places = sorted((study.folder / MAPS / source).glob(f"*/{FACTS}"), key=lambda place: -place.stat().st_mtime)
    found = {place.parent.name: load_embedding(place.parent) for place in places}
    if not found:
        raise InputError(f"There is no map of {source} yet.")
    first = next(iter(found.values()))
    return {name: one for name, one in found.items() if list(one.ids) == list(first.ids)}


def drawn(study: OpenStudy, source: str, maps: dict[str, Embedding], samples: Samples | None) -> Path:
    """Write the page of maps, without pictures and names of files, coloured by the samples' ratings and classes.

    Returns
    -------
    Path
        Below the study's folder.
    """
    ids = next(iter(maps.values())).ids
    place = study.folder / MAPS / source / PAGE
    return map_page(maps, place, title=f"Maps of {source}", colours=shades(samples, ids) if samples else {})


def shades(samples: Samples, ids: np.ndarray) -> dict[str, np.ndarray]:
    """Ratings, and 1 or 0 for each class of the labels, by row of the map; NaN where nothing is known."""
    row_of = {str(path): row for row, path in enumerate(samples.path)}
    rows = [row_of.get(str(name), -1) for name in ids]
    known = np.array([row >= 0 for row in rows], dtype=bool)
    columns = {name: np.asarray(values, dtype=np.float64) for name, values in samples.ratings.items()}
    for name, values in samples.labels.items():
        classes = sorted({str(v) for v in values} - {""})
        if 1 < len(classes) <= len(values) / 2:
            columns |= {f"{name}: {one}": np.where(values == "", np.nan, values == one) for one in classes}
    found = {}
    for name, values in list(columns.items())[:MOST_COLOURS]:
        found[name] = np.where(known, np.asarray(values, dtype=np.float64)[rows], np.nan)
    return found
