"""A new kind of model is one file and one row: everything that can be done with a model can be done with it then."""

import inspect
import sys
from collections.abc import Iterator
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("torch")
pytest.importorskip("sklearn")
pytest.importorskip("safetensors")

import mien
from mien.core.errors import InputError
from mien.core.samples import Samples
from mien.models.catalogue import MODELS
from mien.models.store import load_model
from mien.report.privacy import Privacy
from mien.report.sections.models import section
from mien.report.study_folder import read_folder
from tests.models import test_every_model as contract

NAME = "nearest-mean"
# What is asked of every row, and the features that it is asked on.
made, one = contract.made, contract.one
CHECKS = [check for check in vars(contract).values() if contract.EVERY.mark in getattr(check, "pytestmark", ())]
CHECKS += [contract.test_what_was_planted_is_predicted_and_noise_is_not]
OUTCOMES = pytest.mark.parametrize("ratings", [False, True], ids=["classes", "ratings"])


@pytest.fixture(scope="module", autouse=True)
def new_kind() -> Iterator[None]:
    """The file beside the others in ``mien.models``, and its row in the table."""
    home = f"{MODELS['expression'].room}nearest_mean"
    file = spec_from_file_location(home, Path(__file__).with_name("nearest_mean.py"))
    assert file is not None and file.loader is not None
    with pytest.MonkeyPatch.context() as patch:
        module = module_from_spec(file)
        patch.setitem(sys.modules, home, module)
        file.loader.exec_module(module)
        patch.setitem(MODELS, NAME, module.ROW)
        yield


@OUTCOMES
@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
def test_it_keeps_the_contract_of_every_kind(check, ratings: bool, request) -> None:
    given = {"name": NAME, "ratings": ratings}
    needed = [name for name in inspect.signature(check).parameters if name not in given]
    check(**given, **{name: request.getfixturevalue(name) for name in needed})


def rated(samples: Samples) -> Samples:
    """The same people with ratings of warmth that follow their smiles."""
    smiling = (samples.labels["expression"] == "smile").astype(float)
    warmth = 4 * smiling + np.random.default_rng(3).normal(0, 0.5, len(smiling))
    return Samples(path=samples.path, subject=samples.subject, ratings={"warmth": warmth}, name="rated")


@OUTCOMES
def test_it_is_trained_scored_stored_read_explained_and_reported(make_pictures, tmp_path, ratings: bool) -> None:
    samples, faces = make_pictures(n_subjects=30)
    samples, target = (rated(samples), "warmth") if ratings else (samples, "expression")
    place = tmp_path / "study" / "models" / NAME
    trained = mien.train(
        samples[:40], target=target, model=NAME, faces=faces, n_folds=4, output=place, noise_check=True,
        settings={"penalty": 5.0} if ratings else {"sharpness": 0.5},
    )  # fmt: skip
    score = trained.evaluation.scores["pearson" if ratings else "accuracy"]
    assert score.low > score.chance and score.value > 0.7

    model = load_model(place)
    assert type(model) is type(trained.model) and model.kind in MODELS[NAME].stored
    again = mien.evaluate(model, samples[40:], faces=faces)
    assert again.scores["pearson" if ratings else "accuracy"].value > 0.7

    asked = {"faces": faces, "target": target if ratings else "smile"}
    evidence = mien.explain(model, samples[:6], method="permutation-shap", n_samples=400, **asked)
    assert set(evidence.status) == {"ok"}
    strongest = [model.feature_names[i] for i in np.argsort(-np.abs(evidence.values).mean(0))[:8]]
    assert any("Smile" in name or "AU12" in name for name in strongest)
    few = {"permutation-shap": {"n_samples": 400}}
    judged = mien.evaluate_evidence(model, samples[:6], list(few), metrics=["deletion"], settings=few, **asked)
    assert np.isfinite(judged.values["deletion"]["permutation-shap"]).all()

    (part,) = read_folder(tmp_path / "study").models
    block = section(part, Privacy())
    assert (block["name"], block["kind"], block["evaluated"]) == (NAME, model.kind, True)


def test_it_is_stacked_with_others(make_pictures, tmp_path) -> None:
    samples, faces = make_pictures(n_subjects=12)
    samples, place = rated(samples), tmp_path / "both"
    trained = mien.train(
        samples, target="warmth", model=f"{NAME}+expression", faces=faces, evaluate=False, output=place
    )
    read = load_model(place)
    assert [part.kind for part in read.parts] == ["nearest-mean-score", "tabular-score"]
    assert all(np.array_equal(read.arrays[key], value) for key, value in trained.model.arrays.items())


def test_it_is_listed_and_its_settings_are_checked_like_those_of_others(make_pictures, monkeypatch) -> None:
    monkeypatch.setattr("mien.models.catalogue.find_spec", lambda name: None)  # timm takes seconds to be asked
    samples, faces = make_pictures(n_subjects=4)
    with pytest.raises(InputError, match=f"Did you mean '{NAME}'"):
        mien.train(samples, target="expression", model="nearest-meen", faces=faces)
    with pytest.raises(InputError, match=r"no setting 'sharp'\. Its settings are: seed, sharpness"):
        mien.train(samples, target="expression", model=NAME, faces=faces, settings={"sharp": 1.0})
    with pytest.raises(InputError, match="'sharpness' is a number from 0"):
        mien.train(samples, target="expression", model=NAME, faces=faces, settings={"sharpness": "much"})
