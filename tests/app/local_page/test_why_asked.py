"""Questions about one face of a study: answers are those of the model, and what is no question is refused."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

pytest.importorskip("torch")

import mien
from mien.app.local_page.folders import Folders, OpenStudies, OpenStudy
from mien.app.local_page.why.asked import AskedModel, Shelf, asked_model
from mien.app.local_page.why.moving import moved_faces, still_frames
from mien.app.local_page.why.nearest import unit_of
from mien.app.local_page.why.over_photo import over_photo
from mien.app.local_page.why.questions import answered
from mien.core.errors import InputError


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> OpenStudy:
    """Made-up people's clips with a model of measures and one of points."""
    folder = tmp_path_factory.mktemp("study")
    mien.synthesize(folder, subjects=5, expressions=("neutral", "smile"), frames=8)
    for name, settings in {"expression": {}, "landmark-net": {"epochs": 3}}.items():
        mien.train(
            f"synthetic:{folder}", target="expression", model=name, output=folder / "models" / name, evaluate=False,
            settings=settings,
        )  # fmt: skip
    opened = OpenStudies(Folders.of([folder])).open(folder)
    opened.keep(samples=str(folder / "samples.csv"))
    return opened


@pytest.fixture(params=["expression", "landmark-net"])
def asked(study: OpenStudy, request: Any) -> AskedModel:
    return asked_model(study, request.param)


def test_untouched_faces_get_the_models_own_answer(asked: AskedModel) -> None:
    whole = asked.model.predict(asked.usual)
    for row in (0, 3):
        stage = answered(asked, "stage", {"row": row})
        covered = answered(asked, "cover", {"row": row, "stamps": []})
        moved = answered(asked, "move", {"row": row})
        assert np.allclose(list(stage["answers"].values()), whole[row], atol=1e-5)
        assert stage["answers"] == covered["answers"] == moved["answers"] and covered["share"] == 0


def test_all_covered_is_the_answer_to_the_usual_face(asked: AskedModel) -> None:
    found = answered(asked, "cover", {"row": 1, "stamps": [[0.5, 0.5, 2]]})
    other = answered(asked, "cover", {"row": 2, "stamps": [[0.5, 0.5, 2]]})
    assert len(found["under"]) == 478
    if asked.name == "landmark-net":
        assert np.allclose(list(found["answers"].values()), list(other["answers"].values()), atol=1e-5)


def test_a_mouth_drawn_wide_looks_more_like_a_smile(study: OpenStudy) -> None:
    asked = asked_model(study, "expression")
    row = int(np.flatnonzero(asked.samples.labels["expression"] == "neutral")[0])
    wide = {"61": [-0.15, -0.05], "291": [0.15, -0.05]}
    before, after = answered(asked, "move", {"row": row}), answered(asked, "move", {"row": row, "points": wide})
    assert after["answers"]["smile"] > before["answers"]["smile"]
    assert after["features"]["mouth width mean"] > before["features"]["mouth width mean"]


def test_the_nearest_change_is_verified_by_the_model(study: OpenStudy) -> None:
    asked = asked_model(study, "expression")
    found = answered(asked, "nearest", {"row": 0})
    assert found["now"] == answered(asked, "stage", {"row": 0})["chosen"]
    if found["one"] is not None:
        (change,) = found["one"]["changes"]
        again = answered(asked, "move", {"row": 0, "features": {change["name"]: change["to"]}})
        share = again["answers"][found["one"]["becomes"]]
        assert share > 0.49


def test_units_stand_beside_changes() -> None:
    names = ("point 61 x", "mouth width mean", "mouthSmileLeft", "AU12_r")
    assert [unit_of(name) for name in names] == ["eye distances", "eye distances", "", ""]


def test_measures_that_can_be_set_come_with_what_was_seen(study: OpenStudy) -> None:
    asked = asked_model(study, "expression")
    rows = answered(asked, "measures", {"row": 0})["measures"]
    assert rows and all(row["low"] <= row["value"] <= row["high"] for row in rows)


def test_points_move_in_distances_of_the_eyes_after_the_frames_that_movement_is_measured_from(study: OpenStudy) -> None:
    asked = asked_model(study, "landmark-net")
    rows, still = asked.choices[0].rows, still_frames(asked.features(0).recipe)
    moved = moved_faces(asked.faces, rows, {61: (0.5, 0.0)}, still)
    shift = (moved.landmarks_px - asked.faces.landmarks_px)[rows]
    eyes = np.hypot(*np.diff(asked.faces.iris_px[rows], axis=1)[:, 0].T)
    assert still == 3 and not shift[:still].any()
    assert np.allclose(shift[still:, 61, 0], 0.5 * eyes[still:], rtol=1e-3)
    assert not np.delete(shift, 61, axis=1).any()


@pytest.mark.parametrize(
    ("kind", "question"),
    [
        ("cover", {}), ("cover", {"row": "0"}), ("cover", {"row": -1}), ("stage", {"row": 99}),
        ("cover", {"row": 0, "stamps": "x"}), ("move", {"row": 0, "points": {"999": [0, 0]}}),
        ("move", {"row": 0, "points": {"1": "far"}}), ("move", {"row": 0, "points": {"1": [99, 0]}}),
        ("move", {"row": 0, "features": {"no such": 1}}), ("move", {"row": 0, "features": [1, 2]}),
    ],
)  # fmt: skip
def test_what_is_no_question_is_refused(study: OpenStudy, kind: str, question: dict[str, Any]) -> None:
    with pytest.raises(InputError):
        answered(asked_model(study, "expression"), kind, question)


@pytest.mark.parametrize("name", ["", "..", "../models/expression", "nobody"])
def test_only_models_of_the_study_are_asked(study: OpenStudy, name: str) -> None:
    with pytest.raises(InputError, match="no model"):
        asked_model(study, name)


def test_a_model_is_kept_and_read_anew_when_it_changes(study: OpenStudy) -> None:
    first = asked_model(study, "expression")
    assert asked_model(study, "expression") is first
    path = Path(study.folder) / "models" / "expression" / "model.json"
    path.write_bytes(path.read_bytes())
    assert asked_model(study, "expression") is not first


def test_a_shelf_holds_so_many() -> None:
    shelf, made = Shelf(2), []
    for key in "abab":
        shelf.get(key, lambda key=key: made.append(key))
    shelf.get("c", lambda: made.append("c"))
    shelf.get("a", lambda: made.append("a"))
    assert made == ["a", "b", "c", "a"]


def test_without_a_photo_the_evidence_is_laid_over_nothing_and_that_is_said(asked: AskedModel) -> None:
    drawn, said = over_photo(asked, 0, [])
    assert drawn == [] and said[0].startswith("There is no photo to lay the evidence over")
