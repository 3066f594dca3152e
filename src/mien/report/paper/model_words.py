"""Models in a paper: what they are, and what they really learnt from, as it is stored with them."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from pathlib import Path

from mien.core.words import begun, listed
from mien.learn.evaluation import Evaluation
from mien.models.catalogue import MODELS
from mien.report.models_folder import ModelPart
from mien.report.paper.citations import Citations
from mien.report.paper.software import WITHOUT_TORCH

_BLOCKS = {"blendshapes": "blendshapes", "actions": "action units", "measures": "distances in the face",
           "points": "positions of points of the aligned face"}  # fmt: skip
_OVER_TIME = {"apex": "the frame that differs most from the first", "functionals": "statistics over the frames"}
_CODEBOOK = "measures/codebook.csv"


def kind_of(part: ModelPart) -> str:
    """What the model is called in the catalogue; of an unknown one its stored kind."""
    return str(part.info.get("model") or (part.evaluation.model if part.evaluation else "") or part.kind)


def model_sentences(models: Sequence[ModelPart], study: Path, cite: Citations) -> list[str]:
    """One sentence for all models of one kind that learnt from the same, whatever they predict.

    Parameters
    ----------
    models : sequence of ModelPart
    study : Path
        Folder, whose codebook says which columns are measures over time.
    cite : Citations
    """
    known = _measures(study)
    alike: dict[tuple[str, str, str], list[ModelPart]] = {}
    for part in models:
        name = kind_of(part)
        seed = f"; random seed {part.settings['seed']}" if "seed" in part.settings else ""
        alike.setdefault((name, learner_words(part, known), seed), []).append(part)
    found = []
    for (name, words, seed), parts in alike.items():
        row = MODELS.get(name)
        torch = ["torch"] if row is not None and not {*row.stored} & WITHOUT_TORCH else []
        targets = list(dict.fromkeys(_target(part) for part in parts))
        each = ", each by a model of its own" if len(targets) > 1 else ""
        found.append(
            f"{begun(words)} ('{name}'){cite(name, *torch)} was trained to predict {listed(targets)}{each}{seed}."
        )
    return found


def learner_words(part: ModelPart, measures: Mapping[str, str] | None = None) -> str:
    """The kind of learner and the features in the stored model: ``'ridge regression on 120 columns of ...'``.

    Parameters
    ----------
    part : ModelPart
    measures : mapping of str to str, optional
        Names of the study's measures over time, with their channels.
    """
    name = kind_of(part)
    row = MODELS.get(name)
    rated = part.rated or part.kind.endswith("-score")
    linear = "ridge regression" if rated else "logistic regression"
    if part.kind == "kernel-score":
        linear = "support vector regression"
    meaning = row.words(rated).replace("ridge regression", linear) if row is not None else f"a {part.kind} model"
    features = _features(part, measures or {})
    if not features:
        return meaning
    learner = linear if name in ("expression", "logistic") else meaning.partition(" on ")[0]
    return f"{learner} on {features}"


def _features(part: ModelPart, measures: Mapping[str, str]) -> str:
    recipe, names = part.recipe, [str(name) for name in part.feature_names]
    kind = recipe.get("name")
    if kind == "columns" and names:
        own = [measures[name] for name in names if name in measures]
        if len(own) == len(names):
            return f"{len(names):,} measures of {len(set(own))} channels of the face over time"
        return f"{len(names):,} columns of {'the table' if recipe.get('source') == 'samples' else 'imported tables'}"
    blocks = [_BLOCKS[block] for block in recipe.get("blocks") or () if block in _BLOCKS]
    if kind == "expression" and blocks and names:
        when = _OVER_TIME.get(str(recipe.get("over_time")), "") if recipe.get("over_time") == "functionals" else ""
        return f"{len(names):,} features ({listed(blocks)}{f'; {when}' if when else ''})"
    return "action units that were measured in the pictures" if kind == "actions" else ""


def _measures(study: Path) -> dict[str, str]:
    """Channels of the study's measures by their names."""
    path = study / _CODEBOOK
    if not path.is_file():
        return {}
    with path.open(encoding="utf-8", newline="") as file:
        return {row["name"]: row["channel"] for row in csv.DictReader(file) if {"name", "channel"} <= row.keys()}


def _target(part: ModelPart) -> str:
    if part.rated or not part.classes:
        return outcome_of_model(part, quotes=True)
    classes = listed([f"'{one}'" for one in part.classes])
    return f"'{part.target}' ({classes})"


def outcome_of_model(part: ModelPart, *, quotes: bool = False) -> str:
    """What a model predicts: its name, or how many ratings they are where several share a model."""
    ratings = list(part.evaluation.per_rating) if part.rated and part.evaluation else []
    if len(ratings) > 1:
        return f"{len(ratings)} ratings ({', '.join(ratings)})" if quotes else f"{len(ratings)} ratings"
    return f"'{part.target}'" if quotes else part.target


def called(parts: Sequence[ModelPart]) -> str:
    """Models by their folders; many as their number and kinds."""
    if len(parts) <= FEW:
        return listed([f"'{part.name}'" for part in parts])
    kinds = dict.fromkeys(f"'{kind_of(part)}'" for part in parts)
    return f"{len(parts)} models ({listed(list(kinds))})"


# More models than these are told together, with a table.
FEW = 3


def label(part: ModelPart, among: Sequence[ModelPart]) -> str:
    """What a model of one outcome is called beside the others: its kind, or its folder, as figures and tables have it,
    where kinds do not tell or the folder does not name the kind.
    """
    if kind_of(part) not in part.name or sum(_short(other) == _short(part) for other in among) > 1:
        return f"'{part.name}'"
    return _short(part)


def _short(part: ModelPart) -> str:
    evaluation: Evaluation | None = part.evaluation
    left = f" with each {evaluation.sites.called[0]} left out" if evaluation is not None and evaluation.sites else ""
    return f"'{kind_of(part)}'{left}"
