"""What is said beside the scores: warnings about thin data, the verdict on shuffled labels, samples already seen."""

import numpy as np
import pytest

pytest.importorskip("torch")
pytest.importorskip("sklearn")
pytest.importorskip("safetensors")

from mien.core.errors import InputError
from mien.core.faces import Faces
from mien.core.samples import Samples
from mien.learn.evaluate import evaluate
from mien.learn.evaluation import score
from mien.learn.noise import noise_verdict
from mien.learn.predictions import ClassPredictions
from mien.learn.train import train
from mien.stats.scores import Score


def notes_of(labels: list[str], subjects: list[str], classes: tuple[str, ...] = ("a", "b")) -> str:
    first = np.linspace(0.55, 0.65, len(labels))  # no two samples get one answer, which has a note of its own
    probabilities = np.stack([first, 1 - first], axis=1)
    found = ClassPredictions(
        np.array(labels), np.array(subjects), np.zeros(len(labels)), np.array(labels), probabilities, classes
    )
    return " ".join(score(found, target="t", model="m", protocol={}, left_out={}).notes)


def test_samples_of_one_class_only_came_without_a_warning() -> None:
    text = notes_of(["a"] * 8, list("stuvwxyz"))
    assert "All 8 samples are labelled 'a'" in text and "always gives this answer" in text
    assert notes_of(["a", "b"] * 13, list("nopqrstuvwxyz") * 2) == ""


def test_a_class_without_a_sample_is_named() -> None:
    text = notes_of(["a", "b"] * 13, list("nopqrstuvwxyz") * 2, classes=("a", "b"))
    assert text == ""
    probabilities = np.tile([0.6, 0.3, 0.1], (26, 1)) + np.linspace(0, 0.01, 26)[:, None] * [1, -1, 0]
    labels, people = np.array(["a", "b"] * 13), np.array(list("nopqrstuvwxyz") * 2)
    found = ClassPredictions(labels, people, np.zeros(26), labels, probabilities, ("a", "b", "c"))
    assert score(found, target="t", model="m", protocol={}, left_out={}).notes == [
        "No sample is labelled 'c': the scores say nothing about that."
    ]


@pytest.mark.parametrize(("people", "said"), [("xxyy", "show 2 people"), ("xxxx", "one person: there is no interval")])
def test_intervals_from_very_few_people_came_without_a_warning(people: str, said: str) -> None:
    assert said in notes_of(["a", "b", "a", "b"], list(people))


@pytest.mark.parametrize(
    ("low", "high", "said"),
    [(0.4, 0.6, ": at chance"), (0.55, 0.7, "NOT at chance"), (0.3, 0.45, "below chance"), (np.nan, np.nan, "not ju")],
)
def test_the_check_with_shuffled_labels_gives_a_verdict(low: float, high: float, said: str) -> None:
    verdict = noise_verdict({"balanced_accuracy": Score(0.5, low, high, 0.5)})
    assert said in verdict
    assert ("something leaks" in verdict) == (said == "NOT at chance")


def test_a_sample_known_from_training_under_another_name_is_refused(make_pictures, tmp_path) -> None:
    """The guard went by the subject's name only: the same faces under new names were scored as new people."""
    samples, faces = make_pictures()
    trained = train(samples, target="expression", faces=faces, evaluate=False, output=tmp_path / "m")
    renamed = {name: np.array([f"new {v}" for v in getattr(samples, name)]) for name in ("path", "subject")}
    copies = Samples(**renamed, labels=samples.labels)
    moved = Faces.build(
        len(faces), topology="ibug-68", source=renamed["path"], blendshapes=faces.blendshapes,
        landmarks_px=faces.landmarks_px, track=faces.track,
    )  # fmt: skip
    for model in (trained.model, tmp_path / "m"):
        with pytest.raises(InputError, match=r"trained on 32 of these samples themselves, 'new s00/rest.png'"):
            evaluate(model, copies, faces=moved, other_people=True)


def test_the_same_file_is_known_although_its_face_was_measured_again(make_pictures, tmp_path) -> None:
    samples, faces = make_pictures()
    rng = np.random.default_rng(5)
    for path in samples.path:
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_bytes(rng.bytes(50))
    at_home = Samples(path=samples.path, subject=samples.subject, labels=samples.labels, root=tmp_path)
    model = train(at_home, target="expression", faces=faces, evaluate=False).model
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "x.png").write_bytes((tmp_path / samples.path[5]).read_bytes())
    stranger = Samples(path=["other/x.png"], subject=["stranger"], labels={"expression": ["rest"]}, root=tmp_path)
    measured = Faces.build(
        1, topology="ibug-68", source=["other/x.png"], blendshapes=faces.blendshapes[5:6] + 0.01,
        landmarks_px=faces.landmarks_px[5:6] + 0.3, track=[0],
    )  # fmt: skip
    with pytest.raises(InputError, match=r"themselves, 'other/x\.png'"):
        evaluate(model, stranger, faces=measured)
    (tmp_path / "other" / "x.png").write_bytes(b"another picture")
    notes = evaluate(model, stranger, faces=measured).notes
    assert sum("copy to the last bit" in note for note in notes) == 1 and not any(
        "themselves" in note for note in notes
    )


def test_the_reason_for_a_withheld_interval_stays_in_the_file_and_on_the_page() -> None:
    from mien.learn.plain_scores import plain_scores, scores_of
    from mien.learn.predicted import bounds_words

    labels, people = np.array(["a", "b"] * 6), np.array(list("nopqrstuvwxy"))
    found = ClassPredictions(labels, people, np.arange(12), labels, np.tile([0.6, 0.4], (12, 1)), ("a", "b"))
    scores = score(found, target="t", model="m", protocol={}, left_out={}).scores
    assert scores["auc"].between == "interval withheld: no two classes within a fold"
    stored = plain_scores(scores)
    assert scores_of(stored)["auc"].withheld == scores["auc"].withheld
    assert bounds_words(scores_of(stored)["auc"]) == scores["auc"].between
    # Files of earlier versions have no reason; that people are enough is then none.
    for people, words in ((12, "interval withheld"), (6, "interval withheld: 6 people")):
        assert bounds_words(Score(0.5, float("nan"), float("nan"), 0.5, people=people)) == words
