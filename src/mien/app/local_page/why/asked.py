"""A study's model and one of its faces, kept at hand so that questions about them are answered at once."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from mien.app.local_page.folders import OpenStudy
from mien.app.local_page.study_table.reading import TableReading
from mien.app.local_page.why.stored_models import MODEL_FILE, MODELS, Shelf, models_of
from mien.app.reading import ABSTAINED, with_kept_network
from mien.core.errors import InputError
from mien.core.faces import Faces
from mien.core.features import Features
from mien.explain.networks import network_of
from mien.features import compute
from mien.features.match import choose
from mien.learn.predicted import evaluation_beside
from mien.learn.table import load
from mien.models.rules import RulesModel
from mien.models.store import EVALUATION_FILE, load_model
from mien.nets.threads import one_thread

# Models that are kept at hand, and faces of each.
MOST_MODELS, MOST_FACES = 4, 24
# Faces that say what is usual: of measures and points, and of pictures, which are larger.
USUAL_FACES, USUAL_PICTURES = 300, 24


class AskedModel:
    """One model of a study with the study's faces.

    Parameters
    ----------
    study : OpenStudy
    name : str
        Of the model's folder below ``models``.

    Raises
    ------
    InputError
        If there is no such model, or nothing to ask it about.
    """

    def __init__(self, study: OpenStudy, name: str) -> None:
        self.study, self.name = study, name
        self.folder = study.folder / MODELS / name
        self.model = load_model(self.folder)
        self.samples, self.faces = load(TableReading.of(study).samples(), study.folder, self.model.recipe)
        self.choices = choose(self.samples, self.faces)
        self.evaluation = evaluation_beside(self.folder)
        self.network = network_of(self.model)
        self._quick = with_kept_network(self.model, self.network.module)
        self._faces = Shelf(MOST_FACES)

    @property
    def probabilities(self) -> bool:
        """Whether it answers with probabilities of classes, and not with ratings."""
        return self.model.predicts == "classes"

    @property
    def of_pixels(self) -> bool:
        """Whether it looks at pictures."""
        return self.model.recipe.get("name") == "crop"

    def features(self, row: int) -> Features:
        """Features of one face."""
        return self._faces.get(row, lambda: self.computed(row, self.faces))

    def computed(self, row: int, faces: Faces) -> Features:
        """The same with other faces in the place of the study's."""
        rows = self.beside(row)
        found = compute(self.model.recipe, self.samples[rows], faces)
        return found[np.array([int(np.flatnonzero(rows == row)[0])])]

    def beside(self, row: int) -> np.ndarray:
        """Samples that one's features need: itself, or all of its person where they are measured against that."""
        of_person = "subject" in (self.model.recipe.get("relative_to"), self.model.recipe.get("reference"))
        person = self.samples.subject[row]
        return np.flatnonzero(self.samples.subject == person) if of_person and person else np.array([row])

    @cached_property
    def usual(self) -> np.ndarray:
        """Inputs of faces spread over the study, that say what is usual; shape (faces, *input)."""
        rows = self.usual_rows
        if not self.of_pixels and len(self.beside(int(rows[0]))) > 1:
            rows = np.arange(len(self.samples))
        found = compute(self.model.recipe, self.samples[rows], self.faces)
        flat = np.isfinite(found.values.reshape(len(found), -1)).all(axis=1)
        values = np.ascontiguousarray(found.values[found.ok & flat], dtype=np.float32)
        if not len(values):
            raise InputError(f"No face of this study has what the model '{self.name}' looks at.")
        return values

    @property
    def usual_rows(self) -> np.ndarray:
        """Numbers of these faces."""
        usable = np.flatnonzero([choice.status == "ok" for choice in self.choices])
        if not len(usable):
            raise InputError("No sample of this study has a face: extract faces first.")
        most = USUAL_PICTURES if self.of_pixels else USUAL_FACES
        return np.asarray(usable[np.unique(np.linspace(0, len(usable) - 1, most).round().astype(int))])

    def input(self, row: int) -> np.ndarray:
        """What the model sees of one face, float32, shape (1, *input).

        Raises
        ------
        InputError
            Says why it sees nothing.
        """
        self.check(row)
        found = self.features(row)
        if not found.ok[0]:
            raise InputError(f"{self.samples.path[row]}: {found.status[0]}.")
        values = np.ascontiguousarray(found.values, dtype=np.float32)
        if not (self.model.takes_gaps or np.isfinite(values).all()):
            raise InputError(f"{self.samples.path[row]}: some of what the model looks at could not be measured.")
        return values

    def check(self, row: int) -> None:
        """Refuse a number that no sample has, and files outside the page's folders."""
        if not 0 <= row < len(self.samples):
            raise InputError(f"There are the samples 1 to {len(self.samples)}, but got {row + 1}.")
        self.study.inside(self.samples.files()[row])

    def predict(self, values: np.ndarray) -> np.ndarray:
        """Answers to inputs, shape (rows, outputs); NaN where rules abstain from everything."""
        with one_thread():
            if not isinstance(self.model, RulesModel):
                return np.asarray(self._quick.predict(values), dtype=np.float64)
            said = np.full((len(values), len(self.model.classes)), np.nan)
            for row, one in enumerate(values):
                try:
                    said[row] = self.model.predict(one[None])[0]
                except InputError:
                    continue
            return said

    def answer(self, values: np.ndarray) -> dict[str, Any]:
        """What is said of one input, as JSON holds it: ``answers`` by class or rating, ``chosen``."""
        said = self.predict(values)[0]
        answers = dict(zip(self.model.classes, map(number, said), strict=True))
        if not np.isfinite(said).any():
            return {"answers": answers, "chosen": ABSTAINED}
        return {"answers": answers, "chosen": self.model.classes[int(np.nanargmax(said))] if self.probabilities else ""}


def number(value: float) -> float | None:
    """A number as JSON holds it."""
    return float(f"{value:.6g}") if np.isfinite(value) else None


_asked = Shelf(MOST_MODELS)


def asked_model(study: OpenStudy, name: str) -> AskedModel:
    """A model of a study, read anew when its files, its faces or what is studied have changed.

    Raises
    ------
    InputError
        If there is none of this name.
    """
    if name not in models_of(study):
        raise InputError(f"There is no model '{name}' in this study.")
    reading = TableReading.of(study)
    place = reading.table or reading.place
    read = (
        study.folder / MODELS / name / MODEL_FILE,
        study.folder / MODELS / name / EVALUATION_FILE,
        study.folder / "faces",
        study.folder / "review.csv",
        place,
    )
    key = (str(study.folder), name, tuple(map(_changed, read)), repr(reading))
    return _asked.get(key, lambda: AskedModel(study, name))


def _changed(path: Path) -> int:
    try:
        return path.stat().st_mtime_ns
    except OSError:
        return 0
