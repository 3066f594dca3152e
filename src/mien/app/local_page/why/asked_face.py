"""Which model, which face and which target the view 'Why' is about."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Sequence
from typing import Any
from urllib.parse import urlencode

from mien.app.local_page.folders import OpenStudy
from mien.app.local_page.older import OLDER, changed_since
from mien.app.local_page.parts import attempted
from mien.app.local_page.why.asked import AskedModel, asked_model
from mien.app.local_page.why.stored_models import MODEL_FILE
from mien.app.reading import about_of, title_of
from mien.core.samples import Samples
from mien.learn.predicted import not_predicted

SEEN = "The model was trained on all of these faces: how well it does on people whom it has not seen stands in Models."
Changed = Callable[[AskedModel, int, str], Awaitable[None]]


class AskedFace:
    """The fields at the top of the view; what is below is drawn anew when they change.

    Parameters
    ----------
    study : OpenStudy
    models : sequence of str
    samples : Samples
    """

    def __init__(self, study: OpenStudy, models: Sequence[str], samples: Samples) -> None:
        from nicegui import ui

        self.study = study
        self._asked: AskedModel | None = None
        self._drawn: tuple[AskedModel, int, str] | None = None
        self._listeners: list[Changed] = []
        self._of_evidence: list[Changed] = []
        self._waiting: list[Callable[[], None]] = []
        query = ui.context.client.request.query_params
        wanted = query.get("model", "")
        rows = {row: _title(samples, row) for row in range(len(samples))}
        self._wanted = query.get("target", "")
        first = next((row for row in rows if samples.path[row] == query.get("face")), 0)
        with ui.element("div").classes("chooser-row"):
            self.model = _select("Model", list(models), wanted if wanted in models else models[0], "why-model")
            self.face = _select("Face", rows, first, "why-face", search=True)
            self.target = _select("Target", [], None, "why-target")
        with ui.row():
            ui.button("Face before", on_click=lambda: self._step(-1)).props('outline no-caps data-testid="face-before"')
            ui.button("Next face", on_click=lambda: self._step(1)).props('outline no-caps data-testid="face-next"')
        self._said = ui.label().props('role="status" data-testid="why-answer"')
        self._about = ui.label().classes("note")
        self._caution = ui.label().classes("problem").props('role="alert" data-testid="not-predicted"')
        self._caution.set_visibility(False)
        self.model.on_value_change(self._new_model)
        self.face.on_value_change(self._changed)
        self.target.on_value_change(self._changed)

    def when_changed(self, listener: Changed) -> None:
        """Call this with model, row and target, now and whenever one of them changes."""
        self._listeners.append(listener)

    def when_explained(self, listener: Changed) -> None:
        """As ``when_changed``, and also when evidence was made meanwhile."""
        self.when_changed(listener)
        self._of_evidence.append(listener)

    def when_waiting(self, say: Callable[[], None]) -> None:
        """Call this before what is below is drawn, which takes seconds: what stands there is no longer so."""
        self._waiting.append(say)

    @property
    def left(self) -> bool:
        """Whether the page was left meanwhile, so that nothing can be shown on it any more."""
        return bool(self._said.is_deleted)

    async def explained(self) -> None:
        """Evidence was made: what shows any is drawn anew, and what was painted or moved stays."""
        asked = self._asked
        if self.left or asked is None or self.face.value is None or self.target.value is None:
            return
        row, target = int(self.face.value), str(self.target.value)
        for say in self._waiting:
            say()
        for listener in self._of_evidence:
            await listener(asked, row, target)
            if self.left:
                return

    def begin(self) -> None:
        """Draw what is below for the first time."""
        from nicegui import ui

        ui.timer(0.05, self._new_model, once=True)

    def _keep_in_address(self, model: str, face: str, target: str) -> None:
        from nicegui import ui

        with self._said:
            ui.run_javascript(address_script(model, face, target))

    def _step(self, by: int) -> None:
        count = len(self.face.options)
        self.face.set_value((int(self.face.value) + by) % count)

    async def _new_model(self, event: Any = None) -> None:
        self._said.set_text("Reading the model and the faces ...")
        asked = await attempted(lambda: asked_model(self.study, self.model.value))
        if self.left:
            return
        if asked is None:
            self._said.set_text("This model cannot be asked here.")
            return
        classes = list(asked.model.classes)
        before = self.target.value or self._wanted
        own = asked.samples.labels.get(asked.model.target)
        label = str(own[int(self.face.value)]) if own is not None else ""
        self.target.set_options(classes, value=next(name for name in (before, label, classes[0]) if name in classes))
        self._asked = asked
        await self._changed()

    async def _changed(self, event: Any = None) -> None:
        asked = self._asked
        if asked is None or self.face.value is None or self.target.value is None:
            return
        row, target = int(self.face.value), str(self.target.value)
        # A new model sets the target too, whose own event comes later: a second drawing of the same would throw away
        # what was painted or moved on the first.
        if self._drawn is not None and self._drawn[0] is asked and self._drawn[1:] == (row, target):
            return
        drawn = self._drawn = (asked, row, target)
        self._keep_in_address(asked.name, str(asked.samples.path[row]), target)
        found = await attempted(lambda: asked.answer(asked.input(row)))
        if self._drawn is not drawn or self.left:
            return
        self._about.set_text(f"{about_of(asked.model)} {SEEN}")
        older = f"The model: {OLDER}" if changed_since(self.study, asked.folder / MODEL_FILE) else ""
        caution = " ".join(filter(None, (not_predicted(asked.evaluation, target), older)))
        self._caution.set_text(caution)
        self._caution.set_visibility(bool(caution))
        if found is None:
            self._drawn = None
            self._said.set_text("There is no answer about this face.")
            return
        self._said.set_text(_in_words(asked, row, found))
        for say in self._waiting:
            say()
        for listener in self._listeners:
            if self._drawn is not drawn or self.left:
                return
            await listener(asked, row, target)


def address_script(model: str, face: str, target: str) -> str:
    """JavaScript that names in the page's address what is looked at, so that it is found again after a reload."""
    query = urlencode({"model": model, "face": face, "target": target})
    return f"history.replaceState(history.state, '', location.pathname + '?' + {json.dumps(query)})"


def _in_words(asked: AskedModel, row: int, found: dict[str, Any]) -> str:
    own = asked.samples.labels.get(asked.model.target)
    label = f" Its label: {own[row]}." if own is not None and own[row] else ""
    if not asked.probabilities:
        said = ", ".join(f"{name} {value:.2f}" for name, value in found["answers"].items() if value is not None)
        return f"Impression of raters, as predicted: {said}."
    share = found["answers"].get(found["chosen"])
    return f"{title_of(asked.model)}: {found['chosen']}{f' ({share:.0%})' if share is not None else ''}.{label}"


def _title(samples: Samples, row: int) -> str:
    return f"{row + 1}: {samples.path[row]}"


def _select(label: str, options: Any, value: Any, test_id: str, search: bool = False) -> Any:
    from nicegui import ui

    return ui.select(options, label=label, value=value, with_input=search).props(
        f'outlined dense data-testid="{test_id}"'
    )
