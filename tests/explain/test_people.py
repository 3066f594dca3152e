"""People whom copies join count once in averages over evidence, and for the limit that protects them."""

from dataclasses import replace

import numpy as np
import pytest

from mien.atlas.summary import summarise
from mien.core.faces import Faces
from mien.core.samples import Samples
from mien.explain.explain import explain
from mien.faithfulness.faithfulness import evaluate_evidence
from mien.learn.train import train


@pytest.fixture
def study(make_pictures):
    """Twelve people, the last six again under other names."""
    samples, faces = make_pictures(n_subjects=12)
    again = samples[[name in {f"s{i:02d}" for i in range(6, 12)} for name in samples.subject]]
    both = Samples(
        path=[*samples.path, *(f"copy/{path}" for path in again.path)],
        subject=[*samples.subject, *(f"{name}-again" for name in again.subject)],
        labels={name: [*samples.labels[name], *again.labels[name]] for name in samples.labels},
    )
    copies = replace(faces, source=np.array([f"copy/{source}" for source in faces.source], dtype=object))
    return both, Faces.concat([faces, copies])


@pytest.fixture
def model(study):
    return train(study[0], target="expression", faces=study[1], evaluate=False).model


def test_copies_count_once_in_averages_and_for_the_limit_of_privacy(study, model):
    samples, faces = study
    some = np.flatnonzero([name[:3] >= "s06" for name in samples.subject])
    model.info.pop("one_person")
    evidence = explain(model, samples[some], method="input-x-gradient", faces=faces)
    assert len(set(samples.subject[some])) == 12 and len(set(evidence.subject)) == 6
    assert summarise(evidence, label="").subjects == 6
    assert any("6 instead of 12" in note for note in evidence.settings["notes"])


def test_people_whom_the_training_joined_are_one_without_their_copies(study, model):
    samples, faces = study
    assert ["s06", "s06-again"] in model.info["one_person"]
    # One picture of each name, none a copy of the other.
    rest = samples.labels["expression"] == "rest"
    again = np.array([name.endswith("again") for name in samples.subject])
    some = np.flatnonzero(np.where(again, rest, ~rest) & (samples.subject >= "s06"))
    evidence = explain(model, samples[some], method="input-x-gradient", faces=faces)
    assert len(set(evidence.subject)) == 6
    assert any("training met copies" in note and "6 instead of 12" in note for note in evidence.settings["notes"])


def test_evidence_is_judged_over_people_who_are_different(study, model):
    samples, faces = study
    found = evaluate_evidence(model, samples, ["input-x-gradient"], metrics=["sensitivity-n"], faces=faces)
    assert len(set(found.subject)) == 12 and any("12 instead of 18" in note for note in found.notes)


def test_rows_of_arrays_that_are_the_same_are_one_person(model):
    rng = np.random.default_rng(0)
    values = rng.normal(size=(10, len(model.feature_names))).astype(np.float32)
    values[9] = values[0]
    people = [f"P{k}" for k in range(10)]
    evidence = explain(model, values, method="input-x-gradient", subjects=people)
    assert len(set(evidence.subject)) == 9 and evidence.subject[9] == "P0"
    assert not any(explain(model, values, method="input-x-gradient").subject)
