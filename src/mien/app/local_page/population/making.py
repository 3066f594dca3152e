"""A form for a new map: what is mapped, and how."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from mien.app.local_page.folders import OpenStudy
from mien.app.local_page.job_panel import JobPanel
from mien.app.local_page.parts import attempted, say_note
from mien.app.local_page.population.drawn import MAPS
from mien.app.local_page.study_table.reading import TableReading
from mien.core.errors import InputError
from mien.core.files import read_json
from mien.core.samples import Samples
from mien.core.words import listed
from mien.manifold.methods import METHODS
from mien.models.catalogue import MODELS

RATINGS, FEATURES, SCORES, LAYER = "ratings", "features", "scores", "layer"
# Numbers of each face that a map of two dimensions is drawn of.
_LEAST_COLUMNS = 2
# Rooms of models that are networks.
_NETWORKS = ("network", "attention", "landmark_nets", "series")
# Ratings that are tested along the map; each costs permutations.
_MOST_TESTED = 8


def kinds(study: OpenStudy, samples: Samples) -> dict[str, str]:
    """What can be mapped, with words for people; models as ``'scores NAME'``."""
    found = {RATINGS: "ratings: impressions of raters"} if len(samples.ratings) > 1 else {}
    if (study.folder / "faces").is_dir():
        found[FEATURES] = "measures of the faces: blendshapes, action units, distances"
        for place in sorted((study.folder / "models").glob("*/model.json")):
            name = place.parent.name
            if len(answers_of(place)) >= _LEAST_COLUMNS:
                found[f"{SCORES} {name}"] = f"what the model {name} says of each face"
            if is_network(place):
                found[f"{LAYER} {name}"] = f"what a layer of the model {name} gives of each face"
    return found


def not_offered(study: OpenStudy) -> str:
    """Why what some models say cannot be mapped; ``''`` if there are none."""
    places = sorted((study.folder / "models").glob("*/model.json"))
    names = [place.parent.name for place in places if len(answers_of(place)) < _LEAST_COLUMNS]
    if not names or not (study.folder / "faces").is_dir():
        return ""
    one = len(names) == 1
    return (
        f"What {listed(names)} {'says' if one else 'say'} of each face is one number, of which there is no map: a map "
        f"needs {_LEAST_COLUMNS} numbers of each face at least."
    )


def answers_of(place: Path) -> list[str]:
    """Classes or ratings that a stored model answers with, by its ``model.json``; none of one that cannot be read."""
    try:
        return [str(name) for name in read_json(place).get("classes") or ()]
    except (InputError, AttributeError, TypeError):
        return []


def is_network(place: Path) -> bool:
    """Whether a stored model is a network with layers, by its ``model.json``."""
    kinds = {kind for row in MODELS.values() if row.home.partition(".")[0] in _NETWORKS for kind in row.stored}
    try:
        return str(read_json(place).get("kind")) in kinds
    except (InputError, AttributeError):
        return False


def layers_of_model(study: OpenStudy, model: str) -> list[str]:
    """Layers of a stored model's network, by their names.

    Raises
    ------
    InputError
        If it cannot be read or has no network.
    """
    # Networks take seconds to load.
    from mien.explain.networks import network_of
    from mien.models.store import load_model

    module = network_of(load_model(study.folder / "models" / model)).module
    if module is None:
        raise InputError(f"The model '{model}' has no network, so it has no layers.")
    return [name for name, _ in module.named_modules() if name]


def asked(
    study: OpenStudy, reading: TableReading, samples: Samples, kind: str, method: str, layer: str = ""
) -> dict[str, Any]:
    """Arguments of the job ``embed``.

    Raises
    ------
    InputError
        If there is no such kind or method, or no layer was chosen.
    """
    if kind not in kinds(study, samples) or method not in METHODS:
        raise InputError("Choose what is mapped, and how.")
    of, _, model = kind.partition(" ")
    if of == LAYER and not layer:
        raise InputError("Choose a layer of the network.")
    how = {name: value for name, value in reading.how().items() if name != "subject_pattern"}
    given: dict[str, Any] = {"x": str(reading.place), **how, "of": of, "method": method}
    if of != RATINGS:
        given["faces"] = str(study.folder)
    if model:
        given["model"] = str(study.folder / "models" / model)
    if of == LAYER:
        given["layer"] = layer
    if tested := list(samples.ratings)[:_MOST_TESTED]:
        given["attributes"] = tested
    return {**given, "output": str(study.folder / MAPS / (f"{model}-{layer}" if of == LAYER else model or of) / method)}


def making(study: OpenStudy, reading: TableReading, samples: Samples, panel: JobPanel) -> None:
    """Draw the form."""
    from nicegui import ui

    known = kinds(study, samples)
    if not known:
        say_note("There is nothing to map yet: two ratings at least, or faces, are needed.")
        return
    methods = {name: f"{name}: {row.meaning}" for name, row in METHODS.items()}
    with ui.row():
        kind = ui.select(known, value=next(iter(known)), label="What is mapped").props("outlined dense")
        kind.props("data-testid=map-kind").classes("which")
        method = ui.select(methods, value="pca", label="How").props("outlined dense data-testid=map-method")
        method.classes("which")

        layer = ui.select([], label="Layer", with_input=True).props("outlined dense data-testid=map-layer")
        layer.classes("which").set_visibility(False)

    async def other_kind() -> None:
        of, _, model = str(kind.value).partition(" ")
        layer.set_visibility(of == LAYER)
        names = await attempted(lambda: layers_of_model(study, model)) if of == LAYER else []
        layer.set_options(names or [], value=names[-1] if names else None)

    kind.on_value_change(other_kind)

    async def make() -> None:
        chosen = str(kind.value), str(method.value), str(layer.value or "")
        given = await attempted(lambda: asked(study, reading, samples, *chosen))
        if given is not None:
            await panel.start("embed", given)

    ui.button("Make the map", on_click=make).props("no-caps data-testid=make-map")
    if said := not_offered(study):
        say_note(said)
