"""The report's section on maps of faces: how good they are, what varies along them, drawings."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from mien.core.evidence import DO_NOT
from mien.core.words import number, p_value
from mien.learn.evaluation import Evaluation
from mien.learn.predicted import not_predicted
from mien.manifold.embedding import FACTS, Embedding, cautions_of, load_embedding
from mien.report.draw.map import colour_words, map_plot
from mien.report.guarded import guarded

_MOST_DRAWN = 2


def section(
    folder: Path, problems: list[str], shows: Callable[[str], bool], evaluations: dict[str, Evaluation]
) -> list[dict[str, Any]]:
    """One block per source of maps; pictures are SVG that is still to be marked as safe.

    Parameters
    ----------
    folder : Path
        ``maps/`` of the study.
    problems : list of str
        Gets a sentence for every map that cannot be read.
    shows : callable
        Whether a folder, relative to the study, is shown.
    evaluations : dict of str to Evaluation
        Of the regression models, by name: maps of a model's answers carry its name.
    """
    blocks = []
    for source in sorted(path for path in folder.glob("*") if path.is_dir()):
        places = [path.parent for path in sorted(source.glob(f"*/{FACTS}"))]
        shown = [place for place in places if shows(f"maps/{source.name}/{place.name}")]
        maps = [found for place in shown if (found := guarded(problems, load_embedding, place)) is not None]
        if maps:
            # Maps of people's ratings rest on no model.
            blocks.append(_block(source.name, maps, evaluations.get(source.name)))
    return blocks


def _block(source: str, maps: list[Embedding], evaluation: Evaluation | None) -> dict[str, Any]:
    about = [name for found in maps for name in (*(t.attribute for t in found.tests), *found.attributes)]
    own = [_not_predicted(evaluation, name) for name in about]
    return {
        "source": source,
        "columns": [found.method for found in maps],
        "rows": _measures(maps),
        "tests": [row for found in maps for row in _tests(found)],
        "drawings": [drawing for found in maps for drawing in _drawings(source, found, evaluation)],
        "warnings": list(dict.fromkeys([*cautions_of(maps), *filter(None, own)])),
        "page": f"maps/{source}/maps.html",
    }


def _measures(maps: list[Embedding]) -> list[dict[str, Any]]:
    """A row per measure: there are more of them than maps, and the page is narrow."""

    def words(value: float) -> str:
        return number(value, short=True)

    held = [{m.name: f"{words(m.value)} ({words(m.chance)})" for m in found.measures} for found in maps]
    names = dict.fromkeys(name for measures in held for name in measures)
    return [{"name": name, "cells": [own.get(name, "–") for own in held]} for name in names]


def _tests(found: Embedding) -> list[dict[str, str]]:
    return [
        {
            "method": found.method,
            "name": test.attribute,
            "explained": number(test.explained, short=True),
            "chance": number(test.chance, short=True),
            "p": p_value(test.p_corrected),
            "left_out": ", ".join(test.left_out),
        }
        for test in found.tests
    ]


def _drawings(source: str, found: Embedding, evaluation: Evaluation | None) -> list[dict[str, str]]:
    coloured: list[tuple[str, np.ndarray | None]] = [("", None)]
    if found.attributes:
        coloured = [(name, values) for name, values in list(found.attributes.items())[:_MOST_DRAWN]]
    return [_drawing(source, found, name, values, evaluation) for name, values in coloured]


def _drawing(
    source: str, found: Embedding, name: str, values: np.ndarray | None, evaluation: Evaluation | None
) -> dict[str, str]:
    placed = int(np.isfinite(found.coordinates).all(axis=1).sum())
    people = len({str(one) for one in found.subjects} - {""})
    of = f" of {people} {'person' if people == 1 else 'people'}" if people else ""
    coloured = f", {colour_words(name, values)}" if values is not None else ""
    title = f"{found.method} map of {source}{f', {name}' if name else ''}"
    of_model = any(sentence.startswith(DO_NOT) for sentence in found.cautions)
    but = f" {DO_NOT}" if of_model or _not_predicted(evaluation, name) else ""
    return {
        "svg": map_plot(found.coordinates, values, title=title, name=name),
        "caption": (
            f"{found.method} map of {source}, {placed} samples{of}{coloured}. Near points are alike; axes have no "
            f"unit.{but}"
        ),
        "source": source,
        "method": found.method,
        "colour": name or "points",
    }  # fmt: skip


def _not_predicted(evaluation: Evaluation | None, attribute: str) -> str:
    """Of a rating, or of a difference of two, which is named ``'one - other'``."""
    known = {} if evaluation is None else evaluation.per_rating
    parts = [attribute] if attribute in known else attribute.split(" - ")
    return next((text for name in parts if (text := not_predicted(evaluation, name))), "")
