"""A page to look around in maps: thumbnails under the pointer, colours by attribute, one selection in all maps.

The page is one file with its own script and style, both allowed by hash; nothing else may load or run.
"""

from __future__ import annotations

import base64
import hashlib
import io
import json
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np

from mien.core.errors import InputError
from mien.core.extras import require
from mien.core.files import write_text
from mien.manifold.embedding import Embedding, cautions_of
from mien.report.page import safe
from mien.report.privacy import privacy_of

THUMBNAIL_PX = 72
# Beyond this the page would grow over some 6 MB.
MOST_THUMBNAILS = 3000


def map_page(
    embeddings: dict[str, Embedding],
    path: str | Path,
    *,
    title: str = "Maps",
    pictures: dict[str, Path] | None = None,
    colours: dict[str, np.ndarray] | None = None,
    credit: str = "",
    show_names: bool = False,
) -> Path:
    """Write the page.

    Parameters
    ----------
    embeddings : dict of str to Embedding
        Maps of the same rows, by the name they are shown under; two or three dimensions.
    path : str or Path
        Of the HTML file.
    pictures : dict of str to Path, optional
        Picture of each row, by id. The page then holds small copies of them: people's faces, if that is what they
        show. Without it, no picture is written.
    colours : dict of str to ndarray, shape (rows,), optional
        More numbers per row that the marks can be coloured by, beside the attributes that were tested.
    credit : str
        Where the pictures come from, as their licence asks.
    show_names : bool
        Name the marks by their ids; without it they are samples and persons with numbers.

    Raises
    ------
    InputError
        If there is no map, the maps are not of the same rows, or a colour has another number of rows.
    """
    first, tested, shades = _checked(embeddings, colours or {})
    privacy = privacy_of(first.ids, first.subjects, names=show_names)
    named = {
        str(i): str(i) if show_names else privacy.sample(str(i), str(s))
        for i, s in zip(first.ids, first.subjects, strict=True)
    }
    data = {
        "ids": [named[str(i)] for i in first.ids],
        "maps": [{"name": name, "points": _rows(e.coordinates)} for name, e in embeddings.items()],
        "attributes": {name: _numbers(np.asarray(column, dtype=np.float64)) for name, column in shades.items()},
        "tested": list(tested),
        "thumbnails": {named[name]: code for name, code in _thumbnails(first.ids, pictures or {}).items()},
    }  # fmt: skip
    write_text(Path(path), _rendered(data, embeddings, title, credit, not show_names))
    return Path(path)


def _checked(
    embeddings: dict[str, Embedding], colours: dict[str, np.ndarray]
) -> tuple[Embedding, dict[str, np.ndarray], dict[str, np.ndarray]]:
    """The first map, the attributes that were tested, and everything that marks can be coloured by."""
    if not embeddings:
        raise InputError("There is no map to show.")
    first = next(iter(embeddings.values()))
    for name, embedding in embeddings.items():
        if list(embedding.ids) != list(first.ids):
            raise InputError(f"The map '{name}' is of other rows than the first one; give maps of the same rows.")
    tested = {name: column for e in embeddings.values() for name, column in e.attributes.items()}
    shades = tested | {name: column for name, column in colours.items() if name not in tested}
    for name, column in shades.items():
        if len(column) != len(first.ids):
            raise InputError(
                f"The colour '{name}' has the length {len(column)}, but the maps have {len(first.ids)} rows."
            )
    return first, tested, shades


def _rendered(data: dict[str, Any], embeddings: dict[str, Embedding], title: str, credit: str, numbered: bool) -> str:
    jinja2 = require("jinja2", "Writing pages", "learn")
    templates = files("mien.report") / "templates"
    style, script, page = (
        (templates / name).read_text(encoding="utf-8") for name in ("map.css", "map.js", "map.html.j2")
    )
    policy = (
        f"default-src 'none'; style-src '{_hash(style)}'; script-src '{_hash(script)}'; img-src data:; "
        "base-uri 'none'; form-action 'none'"
    )
    environment = jinja2.Environment(autoescape=True, undefined=jinja2.StrictUndefined)
    # "<" cannot end the data's element or begin another one.
    plain = json.dumps(data, separators=(",", ":"), allow_nan=False).replace("<", "\\u003c")
    return str(
        environment.from_string(page).render(
            title=title, credit=credit, numbered=numbered, policy=policy, style=safe(style), script=safe(script),
            data=safe(plain), maps=[_facts(name, e) for name, e in embeddings.items()],
            attributes=list(data["attributes"]), cautions=cautions_of(embeddings.values()),
        )
    )  # fmt: skip


def _facts(name: str, embedding: Embedding) -> dict[str, Any]:
    def short(value: float) -> str:
        return f"{value:.3f}" if np.isfinite(value) else "–"

    return {
        "name": name,
        "method": embedding.method,
        "dimensions": embedding.coordinates.shape[1],
        "quality": [(m.name, short(m.value), short(m.chance), m.meaning) for m in embedding.measures],
        "tests": [
            (t.attribute, short(t.explained), short(t.chance), short(t.p_corrected), ", ".join(t.left_out))
            for t in embedding.tests
        ],
    }


def _hash(text: str) -> str:
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}"


def _rows(coordinates: np.ndarray) -> list[list[float] | None]:
    """Places from -1 to 1 with one scale for all axes; None for rows without a place."""
    known = np.isfinite(coordinates).all(axis=1)
    if not known.any():
        return [None] * len(coordinates)
    middle = (coordinates[known].max(axis=0) + coordinates[known].min(axis=0)) / 2
    extent = float(np.ptp(coordinates[known], axis=0).max()) / 2 or 1.0
    placed = (coordinates - middle) / extent
    return [[round(float(v), 4) for v in row] if ok else None for row, ok in zip(placed, known, strict=True)]


def _numbers(column: np.ndarray) -> list[float | None]:
    return [round(float(v), 4) if np.isfinite(v) else None for v in column]


def _thumbnails(ids: np.ndarray, pictures: dict[str, Path]) -> dict[str, str]:
    from mien.core.errors import MienError
    from mien.data.media.pictures import read_picture

    image = require("PIL.Image", "Thumbnails", "learn")
    found: dict[str, str] = {}
    for name in list(dict.fromkeys(str(i) for i in ids))[:MOST_THUMBNAILS]:
        if name not in pictures:
            continue
        try:
            picture = image.fromarray(read_picture(pictures[name]))
        except (MienError, OSError):
            continue  # a row without a picture keeps its point
        picture.thumbnail((THUMBNAIL_PX, THUMBNAIL_PX))
        store = io.BytesIO()
        picture.save(store, "JPEG", quality=72)
        found[name] = base64.b64encode(store.getvalue()).decode()
    return found
