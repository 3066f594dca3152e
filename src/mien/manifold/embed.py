"""A map of a population: coordinates, how good the map is, and which attributes vary along it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from mien.core.errors import InputError
from mien.core.memory import kept_memory
from mien.core.numbers import Range, check_number
from mien.core.progress import Progress, progress_of
from mien.core.samples import Samples
from mien.manifold import maps
from mien.manifold.attribute_tests import AttributeTest, attribute_tests
from mien.manifold.attributes import tested_attributes
from mien.manifold.embedding import Embedding
from mien.manifold.methods import METHODS, check_methods, map_of_name
from mien.manifold.placement import held_out_parts, placement_quality, with_known_rows
from mien.manifold.quality import map_quality, stability
from mien.manifold.rows import Points, new_rows, points_of, scaled
from mien.manifold.sources import MapRows, source_of


@kept_memory()
def embed(
    x: Any,
    *,
    of: str = "",
    faces: str | Path | None = None,
    model: str | Path | None = None,
    layer: str = "",
    labels: Sequence[str] = (),
    columns: Mapping[str, str] | None = None,
    missing: Sequence[str | float] | str | float = (),
    same: Mapping[str, str] | str | Path = "",
    method: str = "pca",
    n_dims: int = 2,
    attributes: Any = None,
    subjects: Any = None,
    ids: Any = None,
    scale: bool = True,
    seed: int = 0,
    n_seeds: int = 5,
    n_held_out: int = 200,
    n_neighbors_tested: int = 15,
    n_permutations: int = 999,
    correction: str = "holm",
    output: str | Path | None = None,
    progress: Progress | bool | None = None,
    **settings: Any,
) -> Embedding:
    """Map rows to a few dimensions, measure the map, and test attributes along it.

    Parameters
    ----------
    x : str, Path, array, DataFrame, Features, Evidence, Samples or MapRows
        Predicted scores, ratings, a network's features, landmarks or evidence; (samples, ...), flattened. A sample
        table, a folder of evidence or a table of numbers is read; of ``Samples`` the ratings are mapped unless ``of``
        says otherwise.
    of, faces, model, layer : optional
        What is mapped of samples: ``'ratings'``, a ``model``'s ``'scores'``, a ``'layer'`` of its network,
        ``'features'``; or ``'evidence'`` or ``'table'``. ``mien.manifold.sources.source_of`` says which is the default.
    labels, columns, missing, same : optional
        How a sample table is read, see ``mien.read_samples``.
    method : str
        ``'pca'``, ``'tsne'``, ``'umap'``, ``'isomap'``, ``'spectral'``, ``'diffusion-map'``, ``'mds'``, ``'lle'``,
        ``'pacmap'``.
    n_dims : int
        2 or 3 to be looked at; any number up to that of the columns can be drawn.
    attributes : dict, DataFrame or sequence, optional
        What is tested: numbers per row, by name. Or names of columns of ``x`` (in a dict: as its values) and of ratings
        of samples; a pair of names such as ``('attractive', 'unattractive')`` or ``'attractive>unattractive'`` tests
        their difference. Columns that are tested are taken out of ``x`` for their own test, as a map made of an
        attribute cannot but vary along it.
    subjects : sequence of str, optional
        Who each row is; taken from ``x`` where it knows, with people who share a copy of a face as one. Rows of one
        subject are averaged before an attribute is tested; a row whose subject is empty or called unknown is a person
        of its own, and not in the tests where others have several rows.
    ids : sequence of str, optional
        Names of the rows; taken from ``x`` where it knows them.
    scale : bool
        Divide each column by its standard deviation first.
    seed, n_seeds : int
        Seed of the map; maps of how many seeds are compared for stability (methods that draw numbers).
    n_held_out : int
        Rows that further maps are drawn without, to measure how well new rows are placed: at most about a fifth of the
        rows at a time, so that is one more map from 1,000 rows on and five below 200. 0: not measured.
    n_neighbors_tested, n_permutations, correction
        See ``attribute_tests``.
    output : str or Path, optional
        Folder that receives ``embedding.json`` and ``embedding.parquet``.
    progress : callable (done, total) or bool, optional
        ``True`` writes lines with the time left to standard error.
    **settings
        The method's own, such as ``perplexity`` or ``n_neighbors``.

    Returns
    -------
    Embedding

    Raises
    ------
    InputError
        For an unknown method, setting or attribute, or fewer than five usable rows.
    MissingExtra
        If the method's package is not installed.

    Examples
    --------
    >>> import mien, numpy as np
    >>> rng = np.random.default_rng(0)
    >>> age = rng.uniform(20, 80, size=60)
    >>> ratings = np.outer(age, [1, -1, 0.5]) + rng.normal(size=(60, 3))
    >>> found = mien.embed(ratings, method="pca", attributes={"age": age}, n_permutations=99)
    >>> found.coordinates.shape
    (60, 2)
    """
    progress = progress_of(progress, "maps")
    check_number("seed", seed)
    check_number("n_permutations", n_permutations)
    for argument, value, least in (("n_dims", n_dims, 1), ("n_seeds", n_seeds, 1), ("n_held_out", n_held_out, 0),
                                   ("n_neighbors_tested", n_neighbors_tested, 1)):  # fmt: skip
        check_number(argument, value, Range(least, whole=True))
    name = map_of_name(method).name
    settings = METHODS[name].settings(settings)
    check_methods([name])
    reading = {"labels": labels, "columns": columns, "missing": missing, "same": same}
    rows = _rows_of(x, {"of": of, "faces": faces, "model": model, "layer": layer, **reading})
    points = points_of(
        rows.values if rows else x,
        subjects=rows.subjects if rows and subjects is None else subjects,
        ids=rows.ids if rows and ids is None else ids,
    )
    width = points.values.shape[1]
    if n_dims > min(width, len(points.values) - 2):
        have = f"{len(points.values)} usable rows and {width} column{'' if width == 1 else 's'}"
        raise InputError(
            f"A map of {n_dims} dimensions needs as many columns at least, and two rows more; these data have {have}."
        )
    if not np.ptp(points.values, axis=0).any():
        raise InputError("All rows are the same, so there is no map of them.")
    beside, classes = (rows.attributes, rows.labels) if rows else ({}, {})
    tested, left_out = tested_attributes(attributes, points, beside, classes)
    parts = held_out_parts(points.subjects, n_dims, n_held_out, seed)
    seeds = n_seeds if METHODS[name].seeded else 1
    done = _Counter(progress, seeds + sum(1 for out in left_out.values() if out) + len(parts))
    values, centre, spread = scaled(points.values, scale)

    def drawn(part: np.ndarray, number: int = seed) -> maps.FittedMap:
        found = METHODS[name].run(part, n_dims=min(n_dims, part.shape[1]), seed=number, **settings)
        done.step()
        return found

    fitted = drawn(values)
    others = [drawn(values, seed + i).coordinates for i in range(1, seeds)]
    measures = map_quality(values, fitted.coordinates, n_neighbors=n_neighbors_tested, seed=seed)
    if others:
        measures.append(stability([fitted.coordinates, *others]))
    measures += placement_quality(
        points.values, fitted.coordinates, drawn, parts, scale=scale, n_neighbors=n_neighbors_tested, seed=seed
    )
    own_maps = [
        drawn(values[:, [column not in left_out[test] for column in points.names]]).coordinates
        if left_out[test]
        else fitted.coordinates
        for test in tested
    ]
    tests = _tests(points, own_maps, tested, left_out, n_neighbors_tested, n_permutations, correction, seed)
    placed = with_known_rows(fitted.place, values, fitted.coordinates)

    def place(new: Any) -> np.ndarray:
        return placed((new_rows(new, points.names, width) - centre) / spread)

    result = Embedding(
        coordinates=_whole(fitted.coordinates, points),
        measures=measures,
        tests=tests,
        method=name,
        settings={**settings, "n_dims": n_dims, "scale": scale, "seed": seed, "n_seeds": n_seeds,
                  "n_held_out": n_held_out},
        ids=_texts(points.ids, points),
        subjects=_texts(points.subjects, points),
        attributes={name: _whole(column[:, None], points)[:, 0] for name, column in tested.items()},
        facts={**fitted.facts, "rows": points.given, "rows_left_out": points.given - len(points.kept),
               "columns": list(points.names), "notes": [*(rows.notes if rows else ()), *points.notes],
               "cautions": list(rows.cautions) if rows else []},
        rows=rows,
        _place=place,
    )  # fmt: skip
    if output is not None:
        from mien.manifold.embedding import save_embedding

        save_embedding(result, output)
    return result


def _rows_of(x: Any, given: dict[str, Any]) -> MapRows | None:
    """What is known of rows that are samples or have to be read; None for plain numbers."""
    if isinstance(x, (str, Path, Samples)):
        return source_of(x, **given)
    refused = next((name for name, value in given.items() if value or value == 0), "")
    if refused:
        raise InputError(
            f"{refused} says what is mapped of samples, but x is {type(x).__name__}; leave it out, or give the samples."
        )
    return x if isinstance(x, MapRows) else None


class _Counter:
    """Counts finished maps for the progress bar."""

    def __init__(self, progress: Progress | None, total: int) -> None:
        self.progress, self.total, self.done = progress, total, 0

    def step(self) -> None:
        self.done += 1
        if self.progress is not None:
            self.progress(self.done, self.total)


def _tests(
    points: Points, own_maps: list[np.ndarray], tested: dict[str, np.ndarray], left_out: dict[str, tuple[str, ...]],
    n_neighbors: int, n_permutations: int, correction: str, seed: int,
) -> list[AttributeTest]:  # fmt: skip
    known = points.subjects != ""
    if len(set(points.subjects[known])) < known.sum():
        # A row of nobody known may show somebody who is there already, and would count that person twice.
        _, person = np.unique(points.subjects[known].astype(str), return_inverse=True)
        own_maps = [np.stack([_means(column, person) for column in here[known].T], axis=1) for here in own_maps]
        tested = {name: _means(column[known], person) for name, column in tested.items()}
    return attribute_tests(
        own_maps, tested, n_neighbors=n_neighbors, n_permutations=n_permutations, correction=correction, seed=seed,
        left_out=left_out,
    )  # fmt: skip


def _means(column: np.ndarray, person: np.ndarray) -> np.ndarray:
    """Mean over each subject's known values; NaN where there is none."""
    known = np.isfinite(column)
    count = np.bincount(person[known], minlength=person.max() + 1)
    total = np.bincount(person[known], weights=column[known], minlength=person.max() + 1)
    return np.divide(total, count, out=np.full(len(count), np.nan), where=count > 0)


def _whole(part: np.ndarray, points: Points) -> np.ndarray:
    whole = np.full((points.given, part.shape[1]), np.nan)
    whole[points.kept] = part
    return whole


def _texts(part: np.ndarray, points: Points) -> np.ndarray:
    whole = np.full(points.given, "", dtype=object)
    whole[points.kept] = part
    return whole
