"""A form for a new map: what is mapped, and how."""

from __future__ import annotations

from typing import Any

from mien.app.local_page.folders import OpenStudy
from mien.app.local_page.job_panel import JobPanel
from mien.app.local_page.parts import attempted
from mien.app.local_page.population.drawn import MAPS
from mien.app.local_page.study_table.reading import TableReading
from mien.core.errors import InputError
from mien.core.samples import Samples
from mien.manifold.methods import METHODS

RATINGS, FEATURES, SCORES = "ratings", "features", "scores"
# Ratings that are tested along the map; each costs permutations.
_MOST_TESTED = 8


def kinds(study: OpenStudy, samples: Samples) -> dict[str, str]:
    """What can be mapped, with words for people; models as ``'scores NAME'``."""
    found = {RATINGS: "ratings: impressions of raters"} if len(samples.ratings) > 1 else {}
    if (study.folder / "faces").is_dir():
        found[FEATURES] = "measures of the faces: blendshapes, action units, distances"
        for place in sorted((study.folder / "models").glob("*/model.json")):
            found[f"{SCORES} {place.parent.name}"] = f"what the model {place.parent.name} says of each face"
    return found


def asked(study: OpenStudy, reading: TableReading, samples: Samples, kind: str, method: str) -> dict[str, Any]:
    """Arguments of the job ``embed``.

    Raises
    ------
    InputError
        If there is no such kind or method.
    """
    if kind not in kinds(study, samples) or method not in METHODS:
        raise InputError("Choose what is mapped, and how.")
    of, _, model = kind.partition(" ")
    how = {name: value for name, value in reading.how().items() if name != "subject_pattern"}
    given: dict[str, Any] = {"x": str(reading.place), **how, "of": of, "method": method}
    if of != RATINGS:
        given["faces"] = str(study.folder)
    if model:
        given["model"] = str(study.folder / "models" / model)
    if tested := list(samples.ratings)[:_MOST_TESTED]:
        given["attributes"] = tested
    return {**given, "output": str(study.folder / MAPS / (model or of) / method)}


def making(study: OpenStudy, reading: TableReading, samples: Samples, panel: JobPanel) -> None:
    """Draw the form."""
    from nicegui import ui

    known = kinds(study, samples)
    if not known:
        ui.label("There is nothing to map yet: two ratings at least, or faces, are needed.").classes("note")
        return
    methods = {name: f"{name}: {row.meaning}" for name, row in METHODS.items()}
    with ui.row():
        kind = ui.select(known, value=next(iter(known)), label="What is mapped").props("outlined dense")
        kind.props("data-testid=map-kind").classes("which")
        method = ui.select(methods, value="pca", label="How").props("outlined dense data-testid=map-method")
        method.classes("which")

    async def make() -> None:
        given = await attempted(lambda: asked(study, reading, samples, str(kind.value), str(method.value)))
        if given is not None:
            await panel.start("embed", given)

    ui.button("Make the map", on_click=make).props("no-caps data-testid=make-map")
