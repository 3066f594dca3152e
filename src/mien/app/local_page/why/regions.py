"""The part 'Ask a region': its share here, in this person, in everybody, beside its share of the face."""

from __future__ import annotations

import math

from mien.app.local_page.parts import attempted, part, say_note
from mien.app.local_page.why.asked import AskedModel
from mien.app.local_page.why.asked_face import AskedFace, Changed
from mien.app.local_page.why.evidence import OneFace, stored
from mien.app.local_page.why.plain_table import plain_table
from mien.app.local_page.why.region_shares import RegionShare, even_words, region_shares
from mien.learn.predicted import not_predicted


class _Region:
    def __init__(self) -> None:
        from nicegui import ui

        self._faces: list[OneFace] = []
        self._sample, self._even, self._target, self._caution = "", "", "", ""
        self._asked: AskedModel | None = None
        with part("Ask a region", "region"):
            with ui.row():
                self._method = ui.select([], label="Evidence").props('outlined dense data-testid="region-method"')
                self._region = ui.select([], label="Region").props('outlined dense data-testid="region-name"')
                for field in (self._method, self._region):
                    field.style("min-width: 14rem")
            self._said = ui.label().props('role="status" data-testid="region-answer"')
            self._shown = ui.element("div")
        self._method.on_value_change(self._other_method)
        self._region.on_value_change(lambda event: self._say())
        self._rows: list[RegionShare] = []

    def wait(self) -> None:
        """Say that shares are read, where those of another face, or that there are none, would stand."""
        self._said.set_text("The evidence is read ...")

    async def show(self, asked: AskedModel, row: int, target: str) -> None:
        """Regions of this face's stored evidence."""
        faces = await attempted(lambda: stored(asked, row, target)) or []
        if self._shown.is_deleted:  # the page was left meanwhile
            return
        self._faces = faces
        self._sample, self._target, self._asked = str(asked.samples.path[row]), target, asked
        names = [face.evidence.method for face in self._faces]
        chosen = self._method.value if self._method.value in names else next(iter(names), None)
        self._method.set_options(names, value=chosen)
        await self._other_method()

    async def _other_method(self, event: object = None) -> None:
        one = next((face for face in self._faces if face.evidence.method == self._method.value), None)
        body = one.of_all if one is not None else None
        rows = await attempted(lambda: region_shares(body, self._sample)) if body is not None else None
        if self._shown.is_deleted or (one is not None and all(one is not face for face in self._faces)):
            return
        self._shown.clear()
        if body is None:
            self._rows = []
            self._region.set_options([], value=None)
            self._said.set_text("Explain all faces first: a share over people needs the evidence about all of them.")
            return
        self._rows = rows or []
        names = [row.name for row in self._rows]
        self._region.set_options(
            names, value=self._region.value if self._region.value in names else next(iter(names), None)
        )
        even = even_words(body)
        with self._shown:
            header = (
                "Region",
                "Here",
                "This person",
                "Everybody (95 % interval)",
                even.capitalize(),
                "Times an even spread",
            )
            plain_table("Shares of the evidence by region", header, [_cells(row) for row in self._rows], "region-table")
            say_note(
                "Shares of the absolute evidence, whatever its sign, over all faces of this study with evidence; the "
                "report describes those that are labelled with the target. The interval is over people (Student's t), "
                "each of whom weighs the same, however many faces of them there are."
            )
        self._even, self._caution = even, not_predicted(self._asked.evaluation, self._target) if self._asked else ""
        self._say()

    def _say(self) -> None:
        row = next((one for one in self._rows if one.name == self._region.value), None)
        if row is not None:
            self._said.set_text(f"{self._caution} {in_words(row, self._even)}".strip())


def ask_a_region(choice: AskedFace) -> Changed:
    """Fill the part; what is returned draws it anew."""
    region = _Region()
    choice.when_waiting(region.wait)
    return region.show


def in_words(row: RegionShare, even: str) -> str:
    """One region's shares in a sentence."""
    person = f", in this person {_share(row.person)} (mean of {row.person_faces} faces)" if row.person_faces > 1 else ""
    people = f" over {row.everybody.subjects} people" if row.everybody.subjects else " over all faces (people unknown)"
    return (
        f"{row.name}: {_share(row.here)} of the evidence on this face{person}, in everybody {_interval(row)}{people}; "
        f"{even}: {_share(row.even)}."
    )


def _cells(row: RegionShare) -> tuple[str, ...]:
    density = f"{row.density:.1f}" if math.isfinite(row.density) else "–"
    return row.name, _share(row.here), _share(row.person), _interval(row), _share(row.even), density


def _interval(row: RegionShare) -> str:
    low, high = row.everybody.low, row.everybody.high
    if not math.isfinite(low):
        return _share(row.everybody.value)
    return f"{_share(row.everybody.value)} ({_share(max(low, 0.0))} to {_share(min(high, 1.0))})"


def _share(value: float) -> str:
    return f"{100 * value:.1f} %" if math.isfinite(value) else "–"
