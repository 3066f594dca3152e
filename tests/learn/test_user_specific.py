"""The scheme 'user-specific': people are shared on purpose, recordings never, and every output says so."""

from pathlib import Path

import numpy as np
import pytest

import mien
from mien.compare.models import compare_models
from mien.core.errors import InputError
from mien.core.people.words import apart_words, unseen_words
from mien.core.samples import Samples
from mien.learn.evaluate import NOT_KNOWN
from mien.learn.evaluation import Evaluation
from mien.learn.recordings import ALONE
from mien.learn.train import train

CLASSES = ("calm", "smile")
SETTINGS = {"model": "expression", "settings": {"strengths": (300.0,)}}


def people(own: float, common: float, *, takes: int = 4, subjects: int = 12, seed: int = 0, frames: int = 1) -> Samples:
    """Columns of numbers: n0 shows the class in everybody alike, n1 from where a face rests, the rest who."""
    rng = np.random.default_rng(seed)
    rest = rng.normal(0, 2 if own else 0.3, subjects)
    rows, subject, label, take = [], [], [], []
    for person in range(subjects):
        for j, name in enumerate(CLASSES):
            for number in range(takes):
                moved = np.concatenate([[common * j, rest[person] + own * j], np.eye(subjects)[person]])
                moved += rng.normal(0, 0.3, len(moved))
                for _ in range(frames):
                    rows.append(moved + rng.normal(0, 0.01, len(moved)))
                    subject.append(f"p{person}")
                    label.append(name)
                    take.append(f"{name} {number}")
    values = np.array(rows)
    return Samples(
        path=np.array([f"row{i}" for i in range(len(rows))], dtype=object), subject=np.array(subject, dtype=object),
        labels={"class": np.array(label, dtype=object), "take": np.array(take, dtype=object)},
        ratings={f"n{i}": column for i, column in enumerate(values.T)}, name="made up",
    )  # fmt: skip


def trained(samples: Samples, **more: object) -> mien.learn.trained.Trained:
    asked = {"recordings": "take", "n_folds": 4, "features": "n*", **SETTINGS, **more}
    return train(samples, target="class", scheme="user-specific", **asked)  # type: ignore[arg-type]


def test_what_is_a_persons_own_is_known_from_other_recordings_only() -> None:
    found = trained(people(own=3.0, common=0.0, takes=6)).evaluation
    assert found is not None and found.shared is not None
    assert found.shared.known.value > 0.85 > found.shared.apart.value
    assert found.shared.p < 0.05 and found.shared.low > 0
    assert sum(row.samples for row in found.shared.people) == found.protocol["n_samples"]


def test_what_is_common_to_everybody_is_as_good_without_the_person() -> None:
    found = trained(people(own=0.0, common=3.0)).evaluation
    assert found is not None and found.shared is not None
    assert found.shared.apart.value > 0.9
    assert found.shared.difference < 0.03 and not found.shared.low > 0


def test_noise_is_at_chance_though_people_and_recordings_have_many_frames() -> None:
    """Frames of one recording are never in training and test: else noise would be known again."""
    found = trained(people(own=0.0, common=0.0, frames=5)).evaluation
    assert found is not None
    assert abs(found.scores["balanced_accuracy"].value - 0.5) < 0.15
    # Its test would take the frames of a recording for independent.
    assert np.isnan(found.scores["balanced_accuracy"].p) and any("are alike" in note for note in found.notes)


def test_every_output_says_that_people_are_shared(tmp_path: Path) -> None:
    result = trained(people(own=2.5, common=1.0), output=tmp_path / "models" / "m")
    assert result.predictions is not None and result.predictions.shares_people
    stored = Evaluation.read(tmp_path / "models" / "m")
    assert stored.shared == result.evaluation.shared  # type: ignore[union-attr]
    assert "on purpose" in apart_words(stored.protocol) and unseen_words(stored.protocol) == "recordings"
    mien.report(tmp_path)
    page = (tmp_path / "report.html").read_text()
    assert "in training and test on purpose" in page and "the same people left out" in page
    assert "held out of training" not in page and "knows from other recordings" in page
    assert "p3" not in page and "person 3" in page
    assert "no person is in training and test" not in page.lower()
    train(people(own=2.5, common=1.0), target="class", features="n*", **SETTINGS, output=tmp_path / "other")
    with pytest.raises(InputError, match="says nothing about new people"):
        compare_models([tmp_path / "models" / "m", tmp_path / "other"])


def test_single_recordings_are_left_out_and_their_people_named() -> None:
    samples = people(own=0.0, common=3.0)
    alone = (samples.subject == "p3") & (samples.labels["class"] == "smile") & (samples.labels["take"] != "smile 1")
    found = trained(samples[~alone]).evaluation
    assert found is not None
    assert found.left_out[ALONE] == 1
    assert any("'p3'" in note and "only recording" in note for note in found.notes)


def test_copies_are_one_recording() -> None:
    samples = people(own=0.0, common=3.0, takes=2)
    ratings = {name: values.copy() for name, values in samples.ratings.items()}
    for values in ratings.values():
        values[1] = values[0]  # the second recording of the first person is the first one
    copied = Samples(path=samples.path, subject=samples.subject, labels=samples.labels, ratings=ratings)
    found = trained(copied, n_folds=2).evaluation
    assert found is not None
    assert found.left_out[ALONE] == 2
    assert any("copy" in note for note in found.notes)


def test_rows_whose_recording_is_not_known_are_refused() -> None:
    with pytest.raises(InputError, match="which of them are of one recording"):
        trained(people(own=0.0, common=3.0), recordings="")
    with pytest.raises(InputError, match="recordings is for scheme='user-specific'"):
        train(people(0.0, 3.0), target="class", features="n*", recordings="take")


def test_people_of_one_class_are_said_to_be_known_by_their_face() -> None:
    samples = people(own=0.0, common=3.0)
    kept = (samples.subject != "p3") | (samples.labels["class"] == "smile")
    found = trained(samples[kept]).evaluation
    assert found is not None
    assert any("1 of 12 people show one class only" in note for note in found.notes)


def test_a_stored_model_is_scored_on_other_recordings_of_its_people(tmp_path: Path) -> None:
    samples = people(own=3.0, common=0.0, takes=6)
    first = np.array([int(name[-1]) < 3 for name in samples.labels["take"]])
    model = train(samples[first], target="class", features="n*", evaluate=False, **SETTINGS).model  # type: ignore[arg-type]
    found = mien.evaluate(model, samples[~first], same_people=True)
    assert found.protocol["scheme"] == "user-specific" and found.scores["accuracy"].value > 0.7
    assert "on purpose" in apart_words(found.protocol)
    with pytest.raises(InputError, match="trained on 12 of these subjects"):
        mien.evaluate(model, samples[~first])
    with pytest.raises(InputError, match="samples themselves"):
        mien.evaluate(model, samples, same_people=True)
    new = people(own=3.0, common=0.0, subjects=14, seed=1)
    assert mien.evaluate(model, new, same_people=True).left_out[NOT_KNOWN] == 16
    with pytest.raises(InputError, match="nobody of these samples"):
        mien.evaluate(model, new[new.subject == "p13"], same_people=True)
