"""The confusion matrix whose cells show the faces behind them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from mien.app.local_page.folders import OpenStudy
from mien.app.local_page.parts import attempted, part, say_note, words
from mien.app.local_page.scores.behind import Behind, behind_cell, furthest
from mien.app.local_page.scores.faces import faces_behind
from mien.report.models_folder import ModelPart
from mien.report.sections.models import confusion_rows


def confusion(study: OpenStudy, model: ModelPart) -> None:
    """Draw the matrix of a model of classes; what a click shows comes below."""
    from nicegui import ui

    assert model.evaluation is not None
    classes = list(model.evaluation.each)
    rows = confusion_rows(model.evaluation.confusion, classes)
    if not rows:
        return
    with part("Confusion, and the faces behind it", "confusion"):
        say_note("Rows are the true class, columns what the model said; shade is the share of the row. Open a cell.")
        tag = ui.element
        matrix = tag("div").classes("scroll").props('tabindex="0" role="region" aria-label="Confusion matrix"')
        below = ui.element("div").props('aria-live="polite" data-testid="behind"')
        with matrix, tag("table").classes("cells"):
            with tag("thead"), tag("tr"):
                tag("td")
                for name in classes:
                    with tag("th").props('scope="col"'):
                        words(name)
            with tag("tbody"):
                for row in rows:
                    with tag("tr"):
                        with tag("th").props('scope="row"'):
                            words(row["label"])
                        for name, cell in zip(classes, row["cells"], strict=True):
                            _cell(study, model.name, str(row["label"]), name, cell, below)


def _cell(study: OpenStudy, model: str, true: str, said: str, cell: dict[str, int], below: Any) -> None:
    from nicegui import ui

    async def show() -> None:
        found = await attempted(lambda: behind_cell(model_folder(study, model), true, said))
        if found is not None:
            right = f"'{true}', and said so" if true == said else f"'{true}' that the model called '{said}'"
            _faces(study, below, f"{len(found)} of {right}", found)

    with ui.element("td").classes(f"shade-{cell['shade']}"):
        button = ui.element("button").props("type=button").on("click", show)
        button.props["aria-label"] = f"{cell['count']} samples of {true} that the model called {said}: show them"
        with button:
            words(str(cell["count"]))


def misses(study: OpenStudy, model: ModelPart) -> None:
    """The faces whose ratings a model misses by most, rating by rating."""
    from nicegui import ui

    assert model.evaluation is not None
    ratings = list(model.evaluation.each)
    with part("The faces that are missed by most", "misses"):
        say_note("Predictions of models that had not seen the person; ratings are impressions of raters.")
        below = ui.element("div").props('aria-live="polite" data-testid="behind"')

        async def show(rating: str) -> None:
            found = await attempted(lambda: furthest(model_folder(study, model.name), rating))
            if found is not None:
                _faces(study, below, f"{rating}: the {len(found)} largest errors", found)

        with ui.row():
            for rating in ratings[:24]:
                ui.button(rating, on_click=lambda rating=rating: show(rating)).props("outline no-caps dense")
        below.move(target_index=-1)


def _faces(study: OpenStudy, below: Any, title: str, found: list[Behind]) -> None:
    from nicegui import ui

    below.clear()
    with below:
        with ui.element("h3"):
            words(title)
        faces_behind(study, found)


def model_folder(study: OpenStudy, model: str) -> Path:
    """Where a model of a study lies."""
    return study.folder / "models" / model
