"""The models of a study with their scores, as they lie on disk: what does not belong together is not shown together."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from mien.core.errors import InputError
from mien.core.files import sha256_of
from mien.core.outcome import RATINGS
from mien.data.parquet import read_parquet
from mien.learn.evaluation import Evaluation
from mien.models.store import EVALUATION_FILE, MODEL_FILE, PREDICTIONS_FILE, WEIGHTS_FILE
from mien.report.guarded import guarded, read_object
from mien.stats.scores import Score

_DESCRIBED = {"kind": str, "target": str, "classes": list, "recipe": dict, "settings": dict, "info": dict,
              "feature_names": list, "weights_sha256": str}  # fmt: skip
# Scheme of scores on other people than those of the training, see ``mien.learn.evaluate``.
HELD_OUT = "held-out"


@dataclass(frozen=True)
class ModelPart:
    """A model's description with how it was scored; empty for what is absent, its weights are not read.

    Attributes
    ----------
    name : str
        Of its folder.
    kind, target, classes, recipe, settings, info, feature_names, weights_sha256
        As in ``model.json``.
    evaluation : Evaluation, optional
    samples, people : tuple of str
        Of each prediction that the scores rest on.
    """

    name: str
    kind: str = ""
    target: str = ""
    classes: list[Any] = field(default_factory=list)
    recipe: dict[str, Any] = field(default_factory=dict)
    settings: dict[str, Any] = field(default_factory=dict)
    info: dict[str, Any] = field(default_factory=dict)
    feature_names: list[Any] = field(default_factory=list)
    weights_sha256: str = ""
    evaluation: Evaluation | None = None
    samples: tuple[str, ...] = ()
    people: tuple[str, ...] = ()

    @property
    def rated(self) -> bool:
        """Whether it is a regression model that was scored."""
        return self.evaluation is not None and self.evaluation.predicts == RATINGS

    @property
    def main_score(self) -> Score | None:
        """The score that headlines use."""
        return _known(None if self.evaluation is None else self.evaluation.main_score)

    @property
    def drawn_score(self) -> Score | None:
        """The same as drawings have it, see ``Evaluation.drawn_score``."""
        return _known(None if self.evaluation is None else self.evaluation.drawn_score)


def _known(score: Score | None) -> Score | None:
    return None if score is None or score.value != score.value else score


def read_models(problems: list[str], folder: Path) -> list[ModelPart]:
    """Every model below ``models/``; what cannot be read or belongs to another model becomes a sentence."""
    places = sorted(p for p in folder.iterdir() if p.is_dir() and not p.name.startswith(".")) if folder.is_dir() else []
    return [part for place in places if (part := _read(problems, place)) is not None]


def _read(problems: list[str], place: Path) -> ModelPart | None:
    spec = read_object(problems, place / MODEL_FILE)
    wrong = next((name for name, kind in _DESCRIBED.items() if not isinstance(spec.get(name, kind()), kind)), "")
    if wrong:
        problems.append(f"{place / MODEL_FILE}: '{wrong}' is not laid out as 'mien train' writes it.")
        spec = {}
    part = ModelPart(place.name, **{name: spec[name] for name in _DESCRIBED if name in spec})
    evaluation = _evaluation(problems, place / EVALUATION_FILE)
    if spec:
        problems += _weights_problem(place, part.weights_sha256)
    samples, people = guarded(problems, _predicted, place / PREDICTIONS_FILE) or ((), ())
    wrong = "" if evaluation is None else evaluation_of_another(part, evaluation, len(samples))
    if wrong:
        problems.append(
            f"{place / EVALUATION_FILE} does not belong to this model ({wrong}), so its scores are not shown. "
            "Train the model again."
        )
        return part if spec else None
    if not (spec or evaluation):
        return None
    return replace(part, evaluation=evaluation, samples=samples, people=people)


def _evaluation(problems: list[str], path: Path) -> Evaluation | None:
    try:
        found = read_object(problems, path)
        return Evaluation.of_json(found) if found else None
    except ValueError as error:
        problems.append(f"{path}: {error} is not laid out as 'mien train' writes it.")
        return None


def _predicted(path: Path) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Sample and person of every prediction that the scores rest on."""
    import pyarrow as pa

    try:
        table = read_parquet(path, columns=["path", "subject"])
    except (pa.ArrowException, OSError, KeyError) as error:
        raise InputError(f"{path} is not a readable table of predictions ({error}); train the model again.") from error
    samples, people = (tuple(str(v) for v in table[name].to_pylist()) for name in ("path", "subject"))
    return samples, people


def _weights_problem(place: Path, expected: str) -> list[str]:
    """A sentence if the model's weights are gone or are other ones than its description says."""
    weights = place / WEIGHTS_FILE
    if not weights.is_file():
        return [f"{weights} is missing: the scores below cannot be computed again from this folder."]
    if expected and sha256_of(weights) != expected:
        return [f"{weights} is not the file that model.json describes; train the model again."]
    return []


def evaluation_of_another(part: ModelPart, evaluation: Evaluation, predictions: int) -> str:
    """Why the scores cannot be those of the stored model; ``''`` if nothing speaks against it.

    A kill or a copy between two files can leave a new model beside old scores.

    Parameters
    ----------
    part : ModelPart
        The model.
    evaluation : Evaluation
    predictions : int
        Rows of ``predictions.parquet``; 0 where there is none.
    """
    protocol, trained = evaluation.protocol, part.info.get("protocol") or {}
    if protocol.get("scheme") == HELD_OUT:
        trained = {}
    total = 0 if evaluation.confusion is None else int(evaluation.confusion.sum())
    claims: list[tuple[str, Any, Any]] = [
        ("weights", evaluation.weights_sha256, part.weights_sha256),
        ("target", "" if evaluation.per_rating else evaluation.target, part.target),
        ("classes", list(evaluation.each), part.classes),
        *[(name, protocol.get(name), trained.get(name)) for name in ("n_samples", "n_subjects", "scheme", "seed")],
        ("samples in the confusion matrix", total or None, protocol.get("n_samples")),
        ("rows of predictions.parquet", predictions or None, protocol.get("n_samples")),
    ]
    nothing: tuple[Any, ...] = (None, "", [])
    for what, scored, expected in claims:
        if scored not in nothing and expected not in nothing and scored != expected:
            return f"{what}: {_brief(scored)} against {_brief(expected)}"
    return ""


def _brief(value: Any) -> str:
    text = ", ".join(str(v) for v in value) if isinstance(value, list) else str(value)
    return text if len(text) <= 60 else f"{text[:12]}..."
