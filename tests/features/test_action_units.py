"""Apparent action units: right on made-up people whose muscles are known, the same for a mirrored, turned or enlarged
face, silent on neutral ones; and what happens where there is nothing to measure.
"""

import shutil
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image
from typer.testing import CliRunner

import mien
from mien.cli.main import app
from mien.core.errors import InputError
from mien.core.faces import BLENDSHAPES
from mien.core.topology import topology
from mien.data.media.pictures import read_picture
from mien.features.action_inputs import inputs_of
from mien.features.action_result import FACTS, TABLE, ActionUnits
from mien.features.learnt_actions import facts_of_learnt, keep, learnt

pytestmark = pytest.mark.usefixtures("weights")
SHOWN = ("neutral", "surprise", "anger", "disgust")


@pytest.fixture(scope="module")
def people(tmp_path_factory: pytest.TempPathFactory, weights: None) -> Path:
    """Four made-up people, whom nothing was fitted on, in pictures with their faces."""
    folder = tmp_path_factory.mktemp("people")
    mien.synthesize(folder, subjects=4, expressions=SHOWN, frames=8, pictures=True, size_px=288, seed=4711)
    mien.extract(folder / "pictures", folder / "study")
    return folder


@pytest.fixture(scope="module")
def found(people: Path) -> ActionUnits:
    return mien.actions(people / "pictures")


def of(found: ActionUnits, unit: str, expression: str) -> np.ndarray:
    rows = np.array([f"-{expression}-" in source for source in found.source])
    return found.presence[rows, found.units.index(unit)]


def test_what_the_muscles_do_is_seen_where_blendshapes_are_blind(found: ActionUnits) -> None:
    assert (found.status == "ok").all() and len(found) == 16
    assert (of(found, "AU9", "disgust") > 0.5).all()
    assert (of(found, "AU9", "surprise") < 0.5).all()
    assert (of(found, "AU5", "surprise") > 0.5).mean() >= 0.75
    assert (of(found, "AU4", "anger") > 0.5).mean() >= 0.75


def test_a_neutral_face_shows_none_of_the_learnt_ones(found: ActionUnits) -> None:
    own = np.concatenate([of(found, unit, "neutral") for unit in learnt().units])
    assert (own > 0.5).mean() <= 0.05


def test_intensity_and_error_are_in_their_ranges(found: ActionUnits) -> None:
    assert ((found.intensity >= 0) & (found.intensity <= 1)).all()
    assert (found.error > 0).all() and ((found.presence >= 0) & (found.presence <= 1)).all()


def test_a_mirrored_turned_or_enlarged_face_has_the_same_units(people: Path) -> None:
    faces = mien.read_faces(people / "study")
    row = int(np.flatnonzero(["-disgust-" in source for source in faces.source])[0])
    picture = read_picture(people / faces.source[row])
    points, shapes = faces.landmarks_px[[row]].astype(float), faces.blendshapes[[row]]
    given = learnt().measure(inputs_of(points, shapes, [picture]))
    side = picture.shape[0]
    swapped = points[:, topology("mediapipe-478").mirror] * [-1, 1, 1] + [side, 0, 0]
    other = {"Left": "Right", "Right": "Left"}
    order = [
        BLENDSHAPES.index(next((name.removesuffix(a) + b for a, b in other.items() if name.endswith(a)), name))
        for name in BLENDSHAPES
    ]
    mirrored = learnt().measure(inputs_of(swapped, shapes[:, order], [picture[:, ::-1].copy()]))
    np.testing.assert_allclose(mirrored.intensity, given.intensity, atol=0.02)
    large = cv2.resize(picture, (2 * side, 2 * side), interpolation=cv2.INTER_CUBIC)
    np.testing.assert_allclose(
        learnt().measure(inputs_of(2 * points, shapes, [large])).intensity, given.intensity, atol=0.1
    )
    matrix = cv2.getRotationMatrix2D((side / 2 - 0.5, side / 2 - 0.5), 12, 1)
    turned = cv2.warpAffine(picture, matrix, (side, side), flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
    about = (points[..., :2] - side / 2) @ matrix[:, :2].T + side / 2
    moved = np.concatenate([about, points[..., 2:]], -1)
    np.testing.assert_allclose(
        learnt().measure(inputs_of(moved, shapes, [turned])).intensity, given.intensity, atol=0.15
    )


def test_a_face_unlike_the_rendered_heads_is_marked(found: ActionUnits, people: Path, tmp_path: Path) -> None:
    assert not found.doubt.any()
    shutil.copytree(people, tmp_path / "people")
    path = next((tmp_path / "people" / "pictures").glob("*-neutral-*.png"))
    picture = read_picture(path)
    striped = np.where(np.indices(picture.shape[:2])[1][..., None] % 6 < 3, picture, picture // 3).astype(np.uint8)
    Image.fromarray(striped).save(path)
    again = mien.actions(tmp_path / "people" / "study")
    assert again.doubt[[source.endswith(path.name) for source in again.source]].tolist() == ["unlike"]
    assert (again.doubt != "").sum() == 1
    small = tmp_path / "small.png"
    Image.fromarray(striped).resize([side // 4 for side in striped.shape[1::-1]]).save(small)
    shown = " ".join(CliRunner().invoke(app, ["actions", str(small)]).output.split())
    assert "[small unlike] [small]: the eyes are nearer" in shown
    assert "[unlike]: the fits disagree half as much again" in shown and "[turned]" not in shown


def test_faces_of_an_extraction_give_the_same_as_their_pictures(people: Path, found: ActionUnits) -> None:
    again = mien.actions(people / "study")
    place = [again.source.tolist().index(source) for source in found.source]
    np.testing.assert_allclose(again.presence[place], found.presence, atol=1e-3)


def test_the_result_reads_what_it_wrote_and_refuses_what_was_changed(found: ActionUnits, tmp_path: Path) -> None:
    found.save(tmp_path)
    again = mien.load_actions(tmp_path)
    assert again.units == found.units and again.source.tolist() == found.source.tolist() and again.facts == found.facts
    np.testing.assert_array_equal(again.presence, found.presence)
    (tmp_path / TABLE).write_bytes(b"PAR1")
    with pytest.raises(InputError, match=r"not the file that actions\.json names"):
        mien.load_actions(tmp_path)
    (tmp_path / FACTS).write_text("{}")
    with pytest.raises(InputError, match="was not written by 'mien actions'"):
        mien.load_actions(tmp_path)


def test_nothing_to_measure_is_a_row_with_a_status(people: Path, tmp_path: Path) -> None:
    Image.new("RGB", (200, 200), (90, 120, 90)).save(tmp_path / "meadow.png")
    (tmp_path / "broken.jpg").write_bytes(b"\xff\xd8\xff no picture")
    shutil.copy(next((people / "pictures").glob("*-disgust-*.png")), tmp_path / "somebody.png")
    found = mien.actions(tmp_path)
    by = {Path(source).name: row for row, source in enumerate(found.source)}
    assert found.status[by["meadow.png"]] == "no face" and found.status[by["broken.jpg"]] == "unreadable"
    assert np.isnan(found.presence[[by["meadow.png"], by["broken.jpg"]]]).all()
    assert found.status[by["somebody.png"]] == "ok" and np.isfinite(found.presence[by["somebody.png"]]).all()


def test_a_picture_on_its_side_or_its_head_has_the_same_units_and_is_marked(
    found: ActionUnits, people: Path, tmp_path: Path
) -> None:
    rows = [i for i, source in enumerate(found.source) if "-surprise-" in source or "-disgust-" in source][:4]
    for row in rows:
        with Image.open(people / "pictures" / Path(found.source[row]).name) as picture:
            for degrees in (90, 180, 270):
                picture.rotate(degrees, expand=True).save(tmp_path / f"{row}-{degrees}.png")
    turned = mien.actions(tmp_path)
    for here, source in enumerate(turned.source):
        row = int(Path(source).name.split("-")[0])
        assert turned.status[here] == "ok" and "turned" in turned.doubt[here].split()
        np.testing.assert_allclose(turned.intensity[here], found.intensity[row], atol=0.1)
    # A head that leans by 40 degrees lies beyond those that the measures were learnt on.
    with Image.open(people / "pictures" / Path(found.source[rows[0]]).name) as picture:
        picture.rotate(40, expand=True, resample=Image.Resampling.BICUBIC).save(tmp_path / "leans.png")
    assert "turned" in mien.actions(tmp_path / "leans.png").doubt[0].split()


def test_where_nothing_can_be_read_an_earlier_result_stays(found: ActionUnits, tmp_path: Path) -> None:
    earlier = found.save(tmp_path / "actions")
    kept = {path.name: path.read_bytes() for path in earlier.iterdir()}
    (tmp_path / "broken.jpg").write_bytes(b"\xff\xd8\xff no picture")
    for given in ("broken.jpg", "mistyped.jpg"):
        with pytest.raises(InputError, match=r"Nothing could be read .* earlier result in .*actions stays"):
            mien.actions(tmp_path / given, earlier)
        done = CliRunner().invoke(app, ["actions", str(tmp_path / given), "-o", str(earlier)])
        assert done.exit_code == 2 and "stays" in done.output and "AU1:" not in done.output
    assert {path.name: path.read_bytes() for path in earlier.iterdir()} == kept
    # Without one, the row says what was wrong, and nothing is explained that is not there.
    done = CliRunner().invoke(app, ["actions", str(tmp_path / "broken.jpg"), "-o", str(tmp_path / "new")])
    assert done.exit_code == 1 and "unreadable" in done.output and "AU1:" not in done.output
    assert mien.load_actions(tmp_path / "new").status.tolist() == ["unreadable"]


def test_without_its_picture_a_face_has_the_units_that_blendshapes_see(people: Path) -> None:
    found = mien.actions(mien.read_faces(people / "study"))
    assert set(found.status) == {"picture not found"}
    own = [found.units.index(unit) for unit in learnt().units]
    assert np.isnan(found.presence[:, own]).all()
    assert np.isfinite(np.delete(found.presence, own, axis=1)).all()


def test_faces_without_the_landmarkers_points_are_refused() -> None:
    with pytest.raises(InputError, match="478 points"):
        mien.actions(mien.Faces.build(1, topology="ibug-68", source=["a.jpg"]))
    with pytest.raises(InputError, match="no picture and no video"):
        mien.actions(mien.Faces.empty())


def test_coefficients_are_small_without_pickle_and_checked(tmp_path: Path) -> None:
    keep(learnt(), tmp_path)
    assert (tmp_path / "action_units.npz").stat().st_size < 300_000
    with np.load(tmp_path / "action_units.npz", allow_pickle=False) as held:
        np.testing.assert_array_equal(held["slopes"], learnt().slopes)
    assert len(facts_of_learnt()["sha256"]) == 64 and set(facts_of_learnt()["right on"]) >= {"test", "final"}


def test_the_rules_answer_disgust_and_models_learn_from_action_units(people: Path) -> None:
    pytest.importorskip("sklearn")
    scored = mien.evaluate("rules", people / "pictures.csv", target="expression", faces=people / "study")
    assert scored.per_class["disgust"]["recall"].value >= 0.75
    trained = mien.train(
        people / "pictures.csv", target="expression", faces=people / "study", features="actions", n_folds=4,
    )  # fmt: skip
    assert trained.evaluation.scores["accuracy"].value > 0.5
    assert trained.model.feature_names[:3] == ("AU1", "AU2", "AU4")
