"""Train models: target, models, how they are scored, in a form."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from mien.app.local_page.folders import OpenStudy
from mien.app.local_page.job_panel import JobPanel
from mien.app.local_page.parts import attempted, say_note
from mien.app.local_page.scores.choice import (
    COUNTED,
    SCHEMES,
    SITES,
    Trainable,
    folds_sentence,
    models_for,
    predicts,
    site_columns,
    targets,
)
from mien.app.local_page.scores.settings_fields import SettingsFields, common_settings, given_settings
from mien.app.local_page.study_table.reading import TableReading
from mien.app.local_page.why.stored_models import MODELS
from mien.core.errors import InputError
from mien.core.outcome import RATINGS
from mien.core.samples import Samples
from mien.learn.crossval import Protocol
from mien.learn.option_words import N_FOLDS, NOISE_CHECK
from mien.models.catalogue import spec
from mien.models.maker import divided
from mien.report.models_folder import read_models

FOLDS, MOST_FOLDS = 10, 50


class Form:
    """The form; what is chosen is read from its fields when training starts.

    Parameters
    ----------
    study : OpenStudy
    reading : TableReading
    samples : Samples
        That it read.
    panel : JobPanel
    """

    def __init__(self, study: OpenStudy, reading: TableReading, samples: Samples, panel: JobPanel) -> None:
        from nicegui import ui

        self._study, self._reading, self._samples, self._panel = study, reading, samples, panel
        self._targets = targets(samples)
        self._ticks: dict[str, Any] = {}
        # Of whom the folds are made: people with a face, once each.
        self._counted: Samples | None = None
        if not self._targets:
            say_note("There is no label with two classes, and no rating that varies: nothing can be learnt here yet.")
            return
        kept = study.kept()["target"]
        first = kept if kept in self._targets else next(iter(self._targets))
        self._target = ui.select(self._targets, value=first, label="What is predicted", on_change=self._aim).props(
            'outlined dense data-testid="target"'
        )
        self._models = ui.element("div")
        with ui.row():
            self._scheme = ui.select(self._schemes(), value="stratified", label="Folds", on_change=self._plan).props(
                'outlined dense data-testid="scheme"'
            )
            self._folds = ui.number(
                N_FOLDS.rstrip("."), value=FOLDS, min=2, max=MOST_FOLDS, precision=0, on_change=self._explain
            ).props('outlined dense data-testid="n-folds"')
            self._site = ui.select([], label="Column of sites", on_change=self._explain).props(
                'outlined dense data-testid="site"'
            )
            self._site.set_visibility(False)
        self._sentence = ui.label().classes("folds").props('data-testid="folds" role="status"')
        self._settings = SettingsFields()
        self._name = ui.input("Name of the model").props(
            'outlined dense data-testid="model-name" hint="Of its folder in models/"'
        )
        self._noise = ui.checkbox(NOISE_CHECK.rstrip("."))
        with ui.row().classes("train-row"):
            ui.button("Train", on_click=self._train).props('no-caps data-testid="train-now"')
        ui.timer(0, self._begin, once=True)

    async def _begin(self) -> None:
        await self._list()
        self._counted = await attempted(lambda: people_of_folds(self._study, self._samples))
        await self._explain()

    async def _list(self) -> None:
        from nicegui import ui

        found = models_for(self._samples, self._target.value)
        before = {name for name, tick in self._ticks.items() if tick.value}
        usual = [model for model in found if model.usual]
        chosen = before & {model.name for model in found} or {usual[0].name if usual else found[0].name}
        self._models.clear()
        self._ticks = {}
        with self._models:
            with ui.element("fieldset"):
                with ui.element("legend"):
                    ui.label("Models").classes("words-only")
                for model in usual:
                    self._tick(model, chosen)
            with ui.expansion("More models, some of which need hours on two cores").props("dense"):
                for model in found:
                    if not model.usual:
                        self._tick(model, chosen)
        await self._set()

    def _schemes(self) -> dict[Protocol, str]:
        """Ways to make folds that this target allows."""
        return {**SCHEMES, **(SITES if site_columns(self._samples, self._target.value) else {})}

    async def _plan(self) -> None:
        """Sites have a column, and no number of folds."""
        of_sites = self._scheme.value in SITES
        columns = site_columns(self._samples, self._target.value) if of_sites else []
        kept = self._site.value
        self._site.set_options(columns, value=kept if kept in columns else next(iter(columns), None))
        self._site.set_visibility(of_sites)
        self._folds.set_visibility(self._scheme.value in COUNTED)
        await self._explain()

    @property
    def _chosen(self) -> list[str]:
        return [name for name, tick in self._ticks.items() if tick.value]

    async def _set(self) -> None:
        chosen, target = self._chosen, str(self._target.value)
        ratings = predicts(self._samples, target) == RATINGS
        # Reading what a model can be set to loads its code, seconds in which the page would be deaf and be loaded anew.
        read = await attempted(
            lambda: (free_name(self._study, chosen[0], target) if chosen else "", common_settings(chosen, ratings))
        )
        if read is None or (chosen, target) != (self._chosen, str(self._target.value)):
            return
        name, settings = read
        # Several get the names of their kinds.
        self._name.set_visibility(len(chosen) == 1)
        if len(chosen) == 1:
            self._name.set_value(name)
        self._settings.show(chosen, settings)

    def _tick(self, model: Trainable, chosen: set[str]) -> None:
        from nicegui import ui

        tick = ui.checkbox(f"{model.name}: {model.meaning}", value=model.name in chosen, on_change=self._set)
        tick.classes("model-tick")
        self._ticks[model.name] = tick.props(f"data-testid=model-{model.name}")

    async def _aim(self) -> None:
        target = self._target.value
        await attempted(lambda: self._study.keep(target=target))
        await self._list()
        schemes = self._schemes()
        self._scheme.set_options(schemes, value=self._scheme.value if self._scheme.value in schemes else "stratified")
        await self._plan()

    async def _explain(self) -> None:
        target, scheme, folds = self._target.value, self._scheme.value, int(self._folds.value or 0)
        site = str(self._site.value or "")
        counted = self._counted
        if counted is None:
            return
        sentence = await attempted(lambda: folds_sentence(counted, target, scheme, folds, site))
        self._sentence.set_text(sentence or "")

    async def _train(self) -> None:
        chosen = self._chosen
        asked = await attempted(lambda: self._asked(chosen))
        if asked is not None:
            await self._panel.start("train-models" if isinstance(asked["model"], list) else "train", asked)

    def _asked(self, chosen: list[str]) -> dict[str, Any]:
        """Arguments of the job.

        Raises
        ------
        InputError
            If no model was chosen, there are no faces, a model of another target would be lost, or a setting is none.
        """
        if not chosen:
            raise InputError("Choose a model first.")
        faces = self._study.folder / "faces"
        if not faces.is_dir():
            raise InputError("There are no faces yet: the view Faces finds them in pictures and videos.")
        target = str(self._target.value)
        output = self._study.folder / MODELS
        name = str(self._name.value or "").strip() if len(chosen) == 1 else ""
        if name and Path(name).name != name:
            raise InputError(f"'{name}' is no name of a folder; give the model a name without slashes.")
        others = targets_of_models(self._study)
        lost = [one for one in ([name] if name else chosen) if others.get(one, target) != target]
        if lost:
            raise InputError(
                f"models/{lost[0]} predicts '{others[lost[0]]}'; training it on '{target}' would replace it. Train it "
                "alone and give it another name."
            )
        rated = predicts(self._samples, target) == RATINGS
        settings = given_settings(chosen, self._settings.written, rated)
        site = {"site": str(self._site.value)} if self._scheme.value in SITES else {}
        asked = {
            "samples": str(self._reading.place), **self._reading.how(), "target": target, "model": chosen,
            "faces": str(self._study.folder), "output": str(output), "scheme": str(self._scheme.value),
            "n_folds": int(self._folds.value or 0), "noise_check": bool(self._noise.value), **site,
            **({"settings": settings} if settings else {}),
        }  # fmt: skip
        if name in ("", *chosen):
            return asked
        of_recipe, own = divided(chosen[0], settings)
        return {
            **asked, "model": chosen[0], "output": str(output / name), "settings": own,
            **({"recipe": {**spec(chosen[0]).recipe, **of_recipe}} if of_recipe else {}),
        }  # fmt: skip


def people_of_folds(study: OpenStudy, samples: Samples) -> Samples:
    """The samples that training will use, as far as their faces say: without a face there is nothing to learn from.

    Parameters
    ----------
    study : OpenStudy
    samples : Samples
    """
    from mien.app.local_page.population.counted import counted_once

    found = counted_once(study, samples)
    return found.samples[np.flatnonzero(found.usable)] if found.usable.any() else samples


def targets_of_models(study: OpenStudy) -> dict[str, str]:
    """What each model of a study predicts, by its name."""
    return {model.name: model.target for model in read_models([], study.folder / MODELS)}


def free_name(study: OpenStudy, model: str, target: str) -> str:
    """A kind of model's own name, with the target behind it where that belongs to a model of another target."""
    known = targets_of_models(study)
    return model if known.get(model, target) == target else f"{model}-{target}"
