"""Scores stand for the table they were made of: one whose rows were changed since is told of."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

pytest.importorskip("nicegui")

from mien.app.local_page.folders import Folders, OpenStudy
from mien.app.local_page.jobs.job import ASKED, Job
from mien.app.local_page.scores.same_samples import other_samples
from mien.app.local_page.views.models import first_trained
from mien.core.files import write_json
from mien.core.samples import Samples
from mien.learn.predictions import ClassPredictions, RatingPredictions
from mien.models.store import PREDICTIONS_FILE
from mien.report.models_folder import HELD_OUT, ModelPart

PATHS, PEOPLE = ("1.png", "2.png", "3.png", "4.png"), ("ann", "ann", "ben", "cem")
LABELS, WARM = ("a", "b", "a", "b"), (1.0, 2.0, np.nan, 4.0)


def texts(*values: str) -> np.ndarray:
    return np.array(values, dtype=object)


def table(
    paths: Any = PATHS, people: Any = PEOPLE, labels: Any = LABELS, warm: Any = WARM, name: str = "mood"
) -> Samples:
    return Samples(
        path=list(paths), subject=list(people), labels={name: texts(*labels)},
        ratings={"warm": np.array(warm, dtype=float)},
    )  # fmt: skip


@pytest.fixture
def scored(tmp_path: Path) -> Any:
    """``scored(samples)``: what is said of a model that was scored on the table above."""
    study = OpenStudy(tmp_path, Folders.of([tmp_path]))

    def store(predictions: Any, target: str, **protocol: str) -> ModelPart:
        (tmp_path / "models" / "m").mkdir(parents=True, exist_ok=True)
        predictions.write(tmp_path / "models" / "m" / PREDICTIONS_FILE)
        evaluation: Any = SimpleNamespace(target=target, protocol=protocol, left_out={"no face": 1})
        return ModelPart("m", info={"subjects": ["ann", "ben", "cem"]}, evaluation=evaluation)

    def said(samples: Samples, rated: bool = False, **protocol: str) -> str:
        # A copy of a picture made one person of two names, as training does.
        units, fold = texts("ann", "ann", "ben", "ben"), np.zeros(4, dtype=int)
        if rated:
            truth = np.array(WARM)[:, None]
            model = store(RatingPredictions(texts(*PATHS), units, fold, truth, truth, ("warm",)), "warm", **protocol)
        else:
            model = store(
                ClassPredictions(texts(*PATHS), units, fold, texts(*LABELS), np.full((4, 2), 0.5), ("a", "b")),
                "mood",
                **protocol,
            )
        return other_samples(study, model, samples)

    return said


@pytest.mark.parametrize("rated", [False, True])
def test_the_same_rows_in_another_order_or_spelling_are_the_same(scored: Any, rated: bool) -> None:
    rows = [3, 1, 0, 2]
    turned = table(*([column[row] for row in rows] for column in (PATHS, ("Ann", "ANN", "ben", "cem"), LABELS, WARM)))
    assert scored(table(), rated) == scored(turned, rated) == ""
    # One more row: as many as had no face then.
    assert scored(table((*PATHS, "5.png"), (*PEOPLE, "dea"), (*LABELS, "a"), (*WARM, 1.0)), rated) == ""


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"labels": ("b", "b", "a", "b")}, "samples: 1 with another label or rating"),
        ({"people": ("ann", "ben", "ben", "cem")}, "samples: 2 of another person"),
        ({"people": ("ann", "ann", "eve", "cem")}, "samples: 1 of another person"),
        ({"paths": ("9.png", *PATHS[1:])}, "samples: 1 not there any more"),
        ({"name": "state"}, "there is no label 'mood' any more"),
    ],
)
def test_what_was_changed_is_counted(scored: Any, changed: dict[str, Any], words: str) -> None:
    assert scored(table(**changed)) == words


def test_changed_and_new_ratings_are_counted(scored: Any) -> None:
    assert scored(table(warm=(1.0, 2.0, 3.0, 5.0)), rated=True) == "samples: 2 with another label or rating"
    more = table((*PATHS, "5.png", "6.png"), (*PEOPLE, "dea", "eve"), (*LABELS, "a", "b"), (*WARM, 1.0, 1.0))
    assert scored(more, rated=True) == "samples: 1 new"


def test_scores_on_other_people_are_not_compared_with_this_table(scored: Any) -> None:
    assert scored(table(labels=("b", "a", "b", "a")), scheme=HELD_OUT) == ""
    assert scored(table(people=("w", "x", "y", "z")), group_by="family") == ""


@pytest.mark.parametrize(
    ("verb", "arguments", "name"),
    [
        ("train", {"model": "trees", "output": "study/models/mine"}, "mine"),
        ("train-models", {"model": ["texture", "trees"], "output": "study/models"}, "texture"),
        ("compare-models", {"models": ["study/models/mine"]}, ""),
    ],
)
def test_the_model_that_was_trained_is_shown(tmp_path: Path, verb: str, arguments: dict[str, Any], name: str) -> None:
    place = tmp_path / f"0001-{verb}"
    place.mkdir()
    write_json(place / ASKED, {"verb": verb, "arguments": arguments})
    assert first_trained(Job(place)) == name and first_trained(None) == ""
