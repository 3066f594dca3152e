"""The part 'Methods side by side': drawings on one scale, status and gap of each, and new ones asked for here."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from mien.app.local_page.job_panel import JobPanel
from mien.app.local_page.parts import attempted, part, say_note, say_problem, words
from mien.app.local_page.study_table.reading import TableReading
from mien.app.local_page.why.asked import AskedModel
from mien.app.local_page.why.asked_face import AskedFace, Changed
from mien.app.local_page.why.evidence import FOLDER, OneFace, asked_now, methods_of, stored
from mien.app.local_page.why.over_photo import OverPhoto, over_photo
from mien.app.local_page.why.plain_table import plain_table
from mien.app.local_page.why.side_by_side import drawings
from mien.core.evidence import SIGN_IS_DIRECTION

ONE_SCALE = (
    "Each method on the canonical face, this face and the average over people, all on one scale: the share of the "
    "method's evidence on the face. Red speaks for the target, blue against it; methods whose sign says nothing are "
    "drawn as amounts, by themselves."
)


# Pixels of the screen per unit of a drawing, at most: one face is not blown up to the width of four.
_SCALE = 1.6


class _Beside:
    """What is shown, and what was asked for in this visit."""

    def __init__(self, choice: AskedFace) -> None:
        from nicegui import ui

        self._choice = choice
        self._new: dict[tuple[int, int, str], list[OneFace]] = {}
        self._at: tuple[AskedModel, int, str] | None = None
        with part("Methods side by side", "methods"):
            say_note(ONE_SCALE)
            with ui.row():
                self._method = ui.select([], label="Method").props('outlined dense data-testid="why-method"')
                self._method.style("min-width: 14rem")
                self._here = ui.button("Explain this face", on_click=self._explain_here)
                self._here.props('no-caps data-testid="explain-here"')
                ui.button("Explain all faces", on_click=self._explain_all).props(
                    'outline no-caps data-testid="explain-all"'
                )
            self._panel = JobPanel(choice.study.folder, ("explain",), self._ended)
            self._shown = ui.element("div").props('data-testid="side-by-side"')

    def wait(self) -> None:
        """Say that it takes a while, where drawings of another face, or that there are none, would stand."""
        self._shown.clear()
        with self._shown:
            say_note("The evidence is computed and drawn ...")

    async def show(self, asked: AskedModel, row: int, target: str) -> None:
        """This face's evidence."""
        self._at = (asked, row, target)
        names, usual = methods_of(asked, row)
        self._method.set_options(names, value=self._method.value if self._method.value in names else usual)
        faces = await attempted(lambda: stored(asked, row, target))
        new = self._new.get((id(asked), row, target), [])
        # What was asked about this face alone and is in the evidence about all by now is not shown twice.
        faces = [*(faces or []), *(one for one in new if not any(one.says_as(other) for other in faces or []))]
        drawn = await attempted(lambda: drawings(asked, row, faces)) if faces else ([], [])
        laid = await attempted(lambda: over_photo(asked, row, faces)) if faces else ([], [])
        if self._at == (asked, row, target) and not self._choice.left:
            pictures, undrawn = drawn or ([], [])
            over, unseen = laid or ([], [])
            self._fill(faces, pictures, over, list(dict.fromkeys([*undrawn, *unseen])))

    def _fill(
        self, faces: Sequence[OneFace], drawn: Sequence[str], over: Sequence[OverPhoto], problems: Sequence[str]
    ) -> None:
        from nicegui import ui

        self._shown.clear()
        with self._shown:
            if not faces:
                say_note("There is no evidence about this face and target yet: ask for some.")
                return
            for picture in drawn:
                # mien's own SVG, in which every text is escaped.
                wide = _SCALE * float(picture.partition('viewBox="')[2].split()[2])
                ui.html(picture, sanitize=False).classes("drawing").style(f"max-width: min(46rem, {wide:.0f}px)")
            if over:
                _over(over)
            for sentence in problems:
                say_problem(sentence)
            plain_table(
                "What each method says of itself",
                ("Method", "Status here", "Signed", "Model's output", "Completeness gap", "Faces with evidence"),
                [_row(one) for one in faces],
            )

    async def _explain_here(self) -> None:
        if self._at is None or not self._method.value:
            return
        asked, row, target = self._at
        method = str(self._method.value)
        self._here.props("loading")
        self.wait()
        one = await attempted(lambda: asked_now(asked, row, target, method))
        if self._choice.left:
            return
        self._here.props(remove="loading")
        if one is not None:
            key = (id(asked), row, target)
            others = [face for face in self._new.get(key, []) if face.evidence.method != one.evidence.method]
            self._new[key] = [*others, one]
        # Another face may have been chosen meanwhile, which is drawn by now.
        if self._at == (asked, row, target):
            await self.show(asked, row, target)

    async def _explain_all(self) -> None:
        if self._at is None or not self._method.value:
            return
        asked, _, target = self._at
        reading = await attempted(lambda: TableReading.of(self._choice.study))
        if reading is None or self._choice.left:
            return
        await self._panel.start(
            "explain",
            {
                "model": str(asked.folder),
                "samples": str(reading.place),
                **reading.how(),
                "faces": str(self._choice.study.folder),
                "method": str(self._method.value),
                "target": target,
                "output": str(self._choice.study.folder / FOLDER / asked.name),
            },
        )

    def _ended(self, status: str) -> None:
        from nicegui import ui

        ui.timer(0.01, self._choice.explained, once=True)


def _over(over: Sequence[OverPhoto]) -> None:
    """The same evidence where it lies in the photo."""
    from nicegui import ui

    with ui.element("h3"):
        words("Over the photo")
    say_note(
        "Where the evidence lies in this face's own picture; of points and measures on the points that they are about. "
        "Shares of each method's evidence, all on one scale."
    )
    with ui.element("div").classes("over-photo").props('data-testid="over-photo"'):
        for one in over:
            with ui.element("figure"):
                image = ui.element("img")
                image.props["src"], image.props["alt"] = one.address, f"Evidence over the photo, {one.words}"
                with ui.element("figcaption"):
                    words(one.words)


def methods_beside(choice: AskedFace) -> Changed:
    """Fill the part; what is returned draws it anew."""
    beside = _Beside(choice)
    choice.when_waiting(beside.wait)
    return beside.show


def _row(one: OneFace) -> tuple[str, ...]:
    evidence = one.evidence
    unit = str(evidence.settings.get("explained", "output"))
    signed = "yes" if evidence.settings.get(SIGN_IS_DIRECTION, True) else "no: amounts"
    count = str(int(one.of_all.ok.sum())) if one.of_all is not None else "this one"
    return (
        evidence.method,
        str(evidence.status[0]),
        signed,
        f"{evidence.output[0]:.3g} {unit}",
        gap_words(evidence),
        count,
    )


def gap_words(evidence: Any) -> str:
    """The completeness gap of one face: in the unit of the output, and as a part of what is explained."""
    gap = float(evidence.gap[0])
    if not np.isfinite(gap):
        return "promises none"
    whole = abs(float(evidence.values[0].astype(np.float64).sum()) - gap)
    part_of = f" ({abs(gap) / whole:.1%} of the difference)" if whole > 0 else ""
    return f"{gap:+.2g}{part_of}"
