"""The panel of a selection in a map: its average face, ratings and evidence beside everybody."""

from __future__ import annotations

import base64
import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from mien.app.local_page.folders import OpenStudy
from mien.app.local_page.parts import attempted, say_note, say_problem, words
from mien.app.local_page.population.counted import counted_once
from mien.app.local_page.population.selection import (
    AverageFace,
    SelectionMean,
    average_face,
    evidence_beside,
    rows_of_samples,
    samples_beside,
)
from mien.app.local_page.scores.behind import Behind
from mien.app.local_page.scores.faces import faces_behind
from mien.app.local_page.written_table import written_table
from mien.core.people.words import people_facts, who_words
from mien.core.samples import Samples
from mien.core.words import number
from mien.stats.paired import SubjectMean


async def show_chosen(
    study: OpenStudy, samples: Samples, box: Any, ids: list[str], of_map: list[str], cautions: Sequence[str] = ()
) -> None:
    """Fill the panel; empty where nothing is selected.

    Parameters
    ----------
    study : OpenStudy
    samples : Samples
    box : NiceGUI element
    ids : list of str
        Of the selected rows.
    of_map : list of str
        Of all rows of the map: everybody. Samples without a usable face are none of them.
    cautions : sequence of str
        Of the map: what has to be said where something is read out of it.
    """
    from nicegui import ui

    of_all = samples[rows_of_samples(of_map, samples)]
    counted = await attempted(lambda: counted_once(study, of_all))
    samples = of_all if counted is None else counted.samples
    rows = rows_of_samples(ids, samples)
    box.clear()
    with box:
        if not len(rows):
            say_note("Select marks in a map, with the mouse or by keys.")
            return
        with ui.element("h3"):
            words(f"Selected: {who_words(people_facts(samples.subject[rows], len(rows)))}")
        for sentence in cautions:
            say_problem(sentence)
        face = ui.element("div")
        faces_behind(study, selected_faces(samples, rows))
        numbers = ui.element("div")
    found = await attempted(lambda: average_face(study, samples, rows))
    if found is not None:
        with face:
            _face(found)
    with numbers:
        _table("Ratings and classes", await attempted(lambda: samples_beside(samples, rows)) or [])
    for title, places, caution in await attempted(lambda: evidence_beside(study, samples, rows)) or []:
        with numbers:
            if caution:
                say_problem(f"{title}: {caution}")
            _table(f"Share of the evidence: {title}", places)
    with numbers:
        say_note(
            "Means over people, each of whom weighs the same, with 95 % intervals over people (Student's t; none of "
            "fewer than ten people). Everybody: the samples of this map. You chose these faces by looking at this map: "
            "the intervals describe them, they are no test."
        )


def selected_faces(samples: Samples, rows: np.ndarray) -> list[Behind]:
    """The samples of a selection with their first ratings, as they are shown."""

    def rated(row: int) -> tuple[tuple[str, float], ...]:
        known = ((name, float(values[row])) for name, values in samples.ratings.items())
        return tuple((name, value) for name, value in known if math.isfinite(value))

    return [Behind(str(samples.path[row]), str(samples.subject[row]), rated(row)) for row in rows]


def _face(found: AverageFace) -> None:
    from nicegui import ui

    if not found.png:
        say_note("There is no picture of a face among them.")
        return
    image = ui.element("img").props("width=192 height=192 data-testid=average-face")
    image.props["src"] = f"data:image/png;base64,{base64.b64encode(found.png).decode()}"
    image.props["alt"] = f"Average of {found.faces} faces of {found.people} people"
    say_note(f"Average of {found.faces} faces of {found.people} people. {found.caution}".strip())


def _table(title: str, rows: list[SelectionMean]) -> None:
    from nicegui import ui

    if rows:
        cells = [(row.name, with_interval(row.here), with_interval(row.everybody)) for row in rows]
        ui.html(written_table(["", "selection", "everybody"], cells, caption=title, numbers=(1, 2)), sanitize=False)


def with_interval(mean: SubjectMean) -> str:
    """``'0.40 (0.31 to 0.49)'``."""
    if not math.isfinite(mean.value):
        return "–"
    if not np.isfinite([mean.low, mean.high]).all():
        return number(mean.value)
    return f"{number(mean.value)} ({number(mean.low)} to {number(mean.high)})"
