"""Methods beside each other on the canonical face, on one scale: shares of each one's evidence on the face."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from mien.app.local_page.why.asked import AskedModel
from mien.app.local_page.why.evidence import OneFace
from mien.atlas.maps import AtlasMaps, atlas_maps, mean_map
from mien.core.errors import InputError
from mien.core.evidence import Evidence
from mien.core.features import PICTURE
from mien.report.draw.atlas import Panel, atlas_plot, limit_of_maps

UNIT = "% of the evidence on the face, per pixel"
# Samples that a mean map is made of at most, spread over all of them.
MOST_IN_MEAN = 300


def drawings(asked: AskedModel, row: int, faces: Sequence[OneFace]) -> tuple[list[str], list[str]]:
    """Drawings of this face and of the average over people, by method, all on one scale; and what cannot be drawn.

    Signed methods are in the first drawing, those whose sign says nothing in a drawing of amounts.
    """
    signed: list[Panel] = []
    amounts: list[Panel] = []
    problems = []
    for one in faces:
        try:
            panels = _panels(asked, row, one)
        except InputError as error:
            problems.append(f"{one.name}: {error}")
            continue
        (signed if _maps(asked, one.evidence, [row]).directed else amounts).extend(panels)
    if not signed and not amounts:
        return [], problems
    limit = limit_of_maps([*signed, *amounts])
    title = "Evidence on the canonical face, by method"
    drawn = [
        atlas_plot(part, title=title, unit=UNIT, limit=limit, amount=part is amounts)
        for part in (signed, amounts)
        if part
    ]
    return drawn, problems


def _panels(asked: AskedModel, row: int, one: OneFace) -> list[Panel]:
    here = _maps(asked, one.evidence, [row])
    panels = [_panel(here.values[0], here, (one.evidence.method, f"this face: {one.evidence.status[0]}"))]
    if one.of_all is not None:
        rows = _spread(one.of_all)
        known = {str(name): number for number, name in enumerate(asked.samples.path)}
        rows = np.array([r for r in rows if str(one.of_all.sample[r]) in known], dtype=np.intp)
        if len(rows) > 1:
            maps = _maps(asked, one.of_all[rows], [known[str(one.of_all.sample[r])] for r in rows])
            # Who is not known counts as a person of their own.
            maps = replace(
                maps, subject=np.array([s or f"unknown {i}" for i, s in enumerate(maps.subject)], dtype=object)
            )
            people = len(set(maps.subject))
            alike = set(one.of_all.label[rows]) == {one.of_all.target.name}
            # Lines of their own: side by side there is room for so many letters.
            whose = (f"labelled {one.of_all.target.name}",) if alike else ()
            words = (one.evidence.method, f"mean of {people} people", *whose)
            panels.append(_panel(mean_map(maps).mean, maps, words))
    return panels


def _panel(values: np.ndarray, maps: AtlasMaps, words: tuple[str, ...]) -> Panel:
    shown = 100 * np.asarray(values, dtype=np.float64)
    return Panel(shown if maps.directed else np.abs(shown), words)


def _maps(asked: AskedModel, evidence: Evidence, rows: Sequence[int]) -> AtlasMaps:
    points = None
    if evidence.space == PICTURE:
        points = np.full((len(rows), *asked.faces.landmarks_px.shape[1:]), np.nan)
        for number, row in enumerate(rows):
            choice = asked.choices[row]
            if choice.status == "ok":
                points[number] = asked.faces.landmarks_px[choice.rows[-1]]
    return atlas_maps(evidence, points).shares()


def _spread(evidence: Evidence) -> np.ndarray:
    usable = np.flatnonzero(evidence.status == "ok")
    own = usable[evidence.label[usable] == evidence.target.name]
    usable = own if len(own) else usable
    if not len(usable):
        return usable
    return np.asarray(usable[np.unique(np.linspace(0, len(usable) - 1, MOST_IN_MEAN).round().astype(int))])
