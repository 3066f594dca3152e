"""What a model says of the faces of one picture, and by what evidence: the model is loaded once and asked again and
again.
"""

from __future__ import annotations

from collections.abc import Sequence
from copy import copy
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import torch

from mien.core.errors import InputError
from mien.core.faces import OK, Faces
from mien.core.features import PICTURE, Features
from mien.core.target import Target
from mien.explain.methods import Method, method_of_name, sign_is_direction
from mien.explain.modules import evaluating
from mien.explain.networks import network_of
from mien.explain.question import Inquiry, prepare
from mien.explain.request import check_offers, methods_for
from mien.explain.targets import find_target
from mien.features.in_memory import OF_PIXELS, check_single, choices_of, features_in_memory
from mien.learn.predicted import evaluation_beside, none_predicted
from mien.models.base import RULES, Model
from mien.models.rules import RulesModel
from mien.models.store import load_model

if TYPE_CHECKING:
    from mien.explain.problem import Problem

NONE = "none"
# What is said, by whether the model gives probabilities of classes or ratings; stands with every answer.
TITLES = {True: "apparent expression", False: "impression of raters"}
ABOUT = {
    True: "Apparent expression, as the model sees it; no statement about what somebody feels or is.",
    False: "The impression that raters would have, as the model predicts it; no statement about what somebody is.",
}
# What classes of a target of these names are, in words; '': of rules.
EXPRESSIONS = ("", "expression", "emotion")
# The first that the model and its inputs allow.
USUAL = ("attention", "rule-reasons", "tree-shap", "grad-cam", "input-x-gradient")
ABSTAINED = "abstained"


def title_of(model: Model) -> str:
    """What a model's answers are, in words: classes of anything but expressions are not called expressions."""
    if model.predicts == "classes" and model.target not in EXPRESSIONS:
        return f"{model.target}, as the model says"
    return TITLES[model.predicts == "classes"].capitalize()


def short_title_of(model: Model) -> str:
    """The same where there is little room, in small letters: of other classes the name of their target."""
    named = model.predicts == "classes" and model.target not in EXPRESSIONS
    return model.target if named else TITLES[model.predicts == "classes"]


def about_of(model: Model) -> str:
    """What a model's answers do not say; stands with every answer."""
    if model.predicts == "classes" and model.target not in EXPRESSIONS:
        return f"What the model says of '{model.target}'; no statement about what somebody feels or is."
    return ABOUT[model.predicts == "classes"]


@dataclass(frozen=True, eq=False)
class FaceEvidence:
    """Evidence about one face, as it is drawn.

    ``target`` and ``method`` in words; ``values``: of pixel models a map of the crop (height, width) with ``to_photo``
    (2, 3) from pixels of the crop to pixels of the picture, else one value per feature of ``names``; ``signed`` says
    whether the sign means for and against: where it does not, the values become amounts.
    """

    target: str
    method: str
    values: np.ndarray
    signed: bool
    unit: str
    names: tuple[str, ...] = ()
    to_photo: np.ndarray = field(default_factory=lambda: np.full((2, 3), np.nan))

    def __post_init__(self) -> None:
        if not self.signed:
            object.__setattr__(self, "values", np.abs(self.values))

    @property
    def of_pixels(self) -> bool:
        """Whether it is a map of the crop."""
        return self.values.ndim == 2


@dataclass(frozen=True, eq=False)
class FaceReading:
    """What is said of one face: ``answers`` are probabilities of apparent expressions, or ratings by their names.

    ``status``: ``'ok'``, or why there is no answer. ``points_px``: the face's points, (points, 2 or 3). ``abstained``:
    classes that the rules say nothing about, because what they need cannot be measured; they have no answer.
    """

    track: int
    box_px: np.ndarray
    points_px: np.ndarray
    status: str
    answers: dict[str, float] = field(default_factory=dict)
    chosen: str = ""
    evidence: FaceEvidence | None = None
    abstained: tuple[str, ...] = ()


def with_kept_network(model: Model, module: torch.nn.Module | None) -> Model:
    """The same model, whose network is made once and not anew for every answer."""
    if module is None:
        return model
    quick = copy(model)
    quick.module = lambda: module  # type: ignore[method-assign]
    return quick


class LiveModel:
    """A model that is asked about one picture after the other.

    Parameters
    ----------
    model : Model, str or Path
        Of single pictures; a folder, or ``'rules'``.
    method : str, optional
        Of explanation; None: the first of ``USUAL`` that fits, ``'none'``: no evidence.
    target : str, optional
        What evidence is about; None: the most probable class of each face, of ratings the first.

    Raises
    ------
    InputError
        If the model needs more than one picture, or the method does not fit it or needs baselines.
    """

    def __init__(self, model: Model | str | Path, *, method: str | None = None, target: str | None = None) -> None:
        self.model = model if isinstance(model, Model) else load_model(model)
        check_single(self.model.recipe, self.model.name)
        self.evaluation = None if model == RULES else evaluation_beside(model)
        self._of_pixels = self.model.recipe["name"] == OF_PIXELS
        self._network = network_of(self.model)
        self._asked = with_kept_network(self.model, self._network.module)
        self.classes = self.model.classes
        self.probabilities = self.model.predicts == "classes"
        self.method = self._usual() if method is None else method
        self._target = None if target is None else find_target(target, self.classes)
        self._inquiry: Inquiry | None = None
        self._problems: dict[str, Problem] = {}
        if self.method != NONE:
            row = method_of_name(self.method)
            check_offers(row, self._network, None, self._space)
            if self.method not in self._live_methods():
                raise InputError(
                    f"'{self.method}' measures against typical pictures, which a single picture does not bring. Live "
                    f"there are: {', '.join(self._live_methods())}, and '{NONE}'."
                )

    @property
    def _space(self) -> str:
        return PICTURE if self._of_pixels else "named features"

    def _live_methods(self) -> list[str]:
        rows = [method_of_name(name) for name in methods_for(self._network, self._space)]
        return [row.name for row in rows if not self._compares(row)]

    def _compares(self, row: Method) -> bool:
        """Whether a method needs typical samples: as baselines, or as what covered places of features get."""
        settings = row.settings({})
        return row.needs_baselines(settings) or (not self._of_pixels and "fill" in settings)

    def _usual(self) -> str:
        return next((name for name in USUAL if name in self._live_methods()), NONE)

    def caution(self, readings: Sequence[FaceReading] | None = None) -> str:
        """That answers must not be interpreted because the model is not shown to predict them; ``''`` otherwise.

        Parameters
        ----------
        readings : sequence of FaceReading, optional
            What was said, with its evidence; None: whatever the model may say.
        """
        if readings is None:
            return none_predicted(self.evaluation, self.classes)
        told: dict[str, None] = {}
        for one in readings:
            said = () if self.probabilities else tuple(one.answers)
            about = one.evidence.target if one.evidence is not None else ""
            told |= dict.fromkeys(name for name in (*said, one.chosen, about) if name)
        return none_predicted(self.evaluation, told)

    def answers(self, picture: np.ndarray, faces: Faces) -> tuple[list[FaceReading], Features]:
        """Readings of these faces, all of status ``'ok'``, without evidence; and the features they rest on."""
        features = features_in_memory(self.model.recipe, picture, faces)
        said, status = self._predict(features)
        found = []
        for row in range(len(faces)):
            answers: dict[str, float] = {}
            silent: tuple[str, ...] = ()
            if status[row] == OK:
                silent = self._abstained(features.values[row])
                every = zip(self.classes, said[row], strict=True)
                answers = {name: float(value) for name, value in every if name not in silent}
            best = max(answers, key=answers.__getitem__) if answers and self.probabilities else ""
            where = int(faces.track[row]), faces.box_px[row], faces.landmarks_px[row]
            found.append(FaceReading(*where, str(status[row]), answers, best, None, silent))
        return found, features

    def _abstained(self, values: np.ndarray) -> tuple[str, ...]:
        """Classes that the rules say nothing about."""
        if not isinstance(self.model, RulesModel):
            return ()
        silent = self.model.abstains(values[None])[0]
        return tuple(name for name, mute in zip(self.classes, silent, strict=True) if mute)

    def _predict(self, features: Features) -> tuple[np.ndarray, np.ndarray]:
        usable = features.ok & np.isfinite(features.values).all(axis=tuple(range(1, features.values.ndim)))
        status = np.where(features.ok & ~usable, "missing values", features.status).astype(object)
        said = np.full((len(features), len(self.classes)), np.nan)
        if not usable.any():
            return said, status
        values = np.ascontiguousarray(features.values[usable], dtype=np.float32)
        if not isinstance(self.model, RulesModel):
            said[usable] = self._asked.predict(values)
            return said, status
        for row, one in zip(np.flatnonzero(usable), values, strict=True):
            try:
                said[row] = self._asked.predict(one[None])[0]
            except InputError:  # the rules abstain from every class
                status[row] = ABSTAINED
        return said, status

    def explained(self, faces: Faces, features: Features, readings: Sequence[FaceReading]) -> list[FaceReading]:
        """The same readings with evidence where there is an answer; faces and features are those of ``answers``."""
        if self.method == NONE:
            return list(readings)
        result = list(readings)
        about = [self._about(reading) for reading in readings]
        for name in dict.fromkeys(str(target) for target in about if target is not None):
            rows = [row for row, target in enumerate(about) if str(target) == name]
            values = self._evidence(about[rows[0]], features, rows)
            placed = self._placed(faces, features, rows)
            for row, one, matrix in zip(rows, values, placed, strict=True):
                if np.isfinite(one).all():
                    result[row] = replace(readings[row], evidence=self._shown(name, one, matrix))
        return result

    def _about(self, reading: FaceReading) -> Target | None:
        if reading.status != OK:
            return None
        return self._target or find_target(reading.chosen or self.classes[0], self.classes)

    def _evidence(self, target: Target | None, features: Features, rows: list[int]) -> np.ndarray:
        values = np.ascontiguousarray(features.values[rows], dtype=np.float32)
        if self._inquiry is None:
            one = replace(features, values=features.values[rows], status=features.status[rows])
            self._inquiry = prepare(self.model, one, method=self.method)
        asked = self._inquiry
        if str(target) not in self._problems:
            self._problems[str(target)] = asked.problem(find_target(target, self.classes), values)
        problem = replace(self._problems[str(target)], values=values)
        with evaluating(problem.module):
            found = asked.method.run(problem, **asked.settings).values
        return np.asarray(found.sum(axis=1) if found.ndim == 4 else found)

    def _placed(self, faces: Faces, features: Features, rows: list[int]) -> list[np.ndarray]:
        if not self._of_pixels:
            return [np.full((2, 3), np.nan)] * len(rows)
        from mien.features.crop import crops_to_photos

        return list(crops_to_photos(features.recipe, choices_of(faces[rows]), faces[rows])[0])

    def _shown(self, target: str, values: np.ndarray, to_photo: np.ndarray) -> FaceEvidence:
        assert self._inquiry is not None
        settings = self._inquiry.settings
        unit, names = f"{self.model.explained} per region", self.model.feature_names
        if self._of_pixels:
            unit, names = method_of_name(self.method).drawn_unit(self.model.explained, settings), ()
        signed = sign_is_direction(self.method, settings)
        return FaceEvidence(target, self.method, values, signed, unit, names, to_photo)
