"""A model that is asked live says what it says of files, and its evidence is that of ``mien explain``."""

from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("skimage")

import mien  # noqa: E402
from mien.app.overlay import in_picture  # noqa: E402
from mien.app.reading import FaceEvidence, LiveModel  # noqa: E402
from mien.core.errors import InputError  # noqa: E402
from mien.core.faces import Faces  # noqa: E402
from mien.core.samples import Samples  # noqa: E402
from mien.data.media.pictures import read_picture  # noqa: E402
from mien.features import compute  # noqa: E402
from mien.features.in_memory import check_single, features_in_memory  # noqa: E402
from mien.models.attention.estimator import EfdnnClassifier  # noqa: E402
from mien.models.attention.model import EfdnnModel  # noqa: E402
from tests.media import astronaut, noise, save  # noqa: E402

pytestmark = pytest.mark.usefixtures("weights")
CROP = {"name": "crop", "size": 64, "side": 1.8, "eyes_at": 0.2}


@pytest.fixture(scope="session")
def attention_model() -> EfdnnModel:
    """A small attention network, hardly trained: its answers are fixed, whatever they are."""
    rng = np.random.default_rng(0)
    x = rng.uniform(size=(12, 3, 64, 64)).astype(np.float32)
    fitted = EfdnnClassifier(steps=4, batch_size=6).fit(x, np.array(["rest", "smile"] * 6))
    return fitted.model(name="efdnn", target="expression", recipe=CROP, feature_names=("red", "green", "blue"))


@pytest.fixture(scope="module")
def portrait(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Faces]:
    """A photo on disk with its extracted face."""
    folder = tmp_path_factory.mktemp("portrait")
    path = save(astronaut(), folder / "astronaut.png")
    mien.extract(path, folder / "study")
    return path, mien.read_faces(folder / "study")


def test_features_of_a_picture_in_memory_are_those_of_its_file(portrait: tuple[Path, Faces]) -> None:
    path, faces = portrait
    samples = Samples(path=[str(path)], subject=["one"])
    for recipe in (CROP, {"name": "crop", "align": "box", "side": 1.2, "grey": True}, {"name": "expression"},
                   {"name": "actions"}):  # fmt: skip
        of_file, in_memory = compute(recipe, samples, faces), features_in_memory(recipe, read_picture(path), faces)
        np.testing.assert_array_equal(in_memory.values, of_file.values)
        assert in_memory.names == of_file.names and in_memory.recipe == of_file.recipe


def test_answers_and_attention_are_those_of_the_stored_ways(
    portrait: tuple[Path, Faces], attention_model: EfdnnModel
) -> None:
    path, faces = portrait
    samples = Samples(path=[str(path)], subject=["one"])
    live = LiveModel(attention_model)
    readings, features = live.answers(read_picture(path), faces)
    known = attention_model.predict(compute(CROP, samples, faces).values)[0]
    np.testing.assert_allclose(list(readings[0].answers.values()), known, atol=1e-5)
    assert live.method == "attention" and readings[0].chosen == attention_model.classes[known.argmax()]
    evidence = live.explained(faces, features, readings)[0].evidence
    assert evidence is not None and evidence.signed
    stored = mien.explain(attention_model, samples, faces=faces, method="attention", target=readings[0].chosen)
    np.testing.assert_allclose(evidence.values, stored.values[0, 0], atol=1e-5)


@pytest.mark.parametrize("method", ["grad-cam", "hirescam", "input-x-gradient"])
def test_other_methods_are_those_of_explain_also_when_asked_again(
    portrait: tuple[Path, Faces], attention_model: EfdnnModel, method: str
) -> None:
    path, faces = portrait
    samples = Samples(path=[str(path)], subject=["one"])
    live, picture = LiveModel(attention_model, method=method, target="smile>rest"), read_picture(path)
    stored = mien.explain(attention_model, samples, faces=faces, method=method, target="smile>rest").values[0].sum(0)
    for _ in range(2):
        readings, features = live.answers(picture, faces)
        evidence = live.explained(faces, features, readings)[0].evidence
        assert evidence is not None and evidence.target == "smile>rest"
        np.testing.assert_allclose(evidence.values, stored, atol=1e-4 * np.abs(stored).max())


def test_the_rules_need_no_training_and_give_their_reasons(portrait: tuple[Path, Faces]) -> None:
    path, faces = portrait
    live = LiveModel("rules")
    readings, features = live.answers(read_picture(path), faces)
    assert readings[0].chosen == "happiness" and readings[0].status == "ok"
    # The learnt measures see the nose's wrinkling, so that every expression is answered about.
    assert not readings[0].abstained and set(readings[0].answers) == set(live.model.classes)
    evidence = live.explained(faces, features, readings)[0].evidence
    assert evidence is not None and evidence.names[int(np.argmax(evidence.values))] == "AU12"


def test_a_face_without_a_place_for_its_eyes_has_a_status_and_no_answer(attention_model: EfdnnModel) -> None:
    faces = Faces.build(1, track=[3], landmarks_px=np.full((1, 478, 3), 5.0), box_px=[[5, 5, 0, 0]])
    live = LiveModel(attention_model)
    readings, features = live.answers(noise(), faces)
    assert readings[0].status == "missing values" and not readings[0].answers
    assert live.explained(faces, features, readings)[0].evidence is None


def test_models_of_clips_and_methods_with_baselines_are_refused_by_name(attention_model: EfdnnModel) -> None:
    for recipe, reason in (
        ({"name": "displacement"}, "its features are 'displacement'"),
        ({"name": "expression", "over_time": "functionals"}, "summaries of whole clips"),
        ({"name": "expression", "relative_to": "subject"}, "relative to other frames or pictures"),
    ):
        with pytest.raises(InputError, match=reason):
            check_single(recipe, "mine")
    with pytest.raises(InputError, match=r"'integrated-gradients' measures against typical pictures.*grad-cam"):
        LiveModel(attention_model, method="integrated-gradients")
    with pytest.raises(InputError, match="needs a torch module"):
        LiveModel("rules", method="grad-cam")
    with pytest.raises(InputError, match="angry"):
        LiveModel(attention_model, target="angry")


def test_a_map_of_the_crop_lies_in_the_picture_where_the_crop_was_cut() -> None:
    values = np.zeros((10, 10), np.float32)
    values[2, 7] = 1
    # Twice as large, moved: the middle of pixel (7, 2) of the crop is at x = 20 + 15 - 0.5, y = 30 + 5 - 0.5.
    to_photo = np.array([[2.0, 0, 20.5], [0, 2.0, 30.5]])
    evidence = FaceEvidence("smile", "attention", values, True, "logit", (), to_photo)
    placed, (left, top) = in_picture(evidence, np.zeros((478, 2)), (100, 120))
    row, column = np.unravel_index(placed.argmax(), placed.shape)
    assert (left, top) == (20, 30) and {int(column) + left} <= {34, 35} and {int(row) + top} <= {34, 35}
    assert placed.shape == (20, 20) and placed.sum() == pytest.approx(4 * values.sum(), rel=0.01)


def test_evidence_beyond_the_edge_of_the_picture_is_cut_off() -> None:
    for shift in (-1000.0, -5.0, 95.0, 1000.0):
        to_photo = np.array([[1.0, 0, shift], [0, 1.0, shift]])
        evidence = FaceEvidence("smile", "attention", np.ones((10, 10), np.float32), True, "logit", (), to_photo)
        placed, (left, top) = in_picture(evidence, np.zeros((478, 2)), (100, 100))
        assert left + placed.shape[1] <= 100 and top + placed.shape[0] <= 100
