"""A stored model is the model, or a sentence says why it is not."""

import json
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("torch")
pytest.importorskip("sklearn")
pytest.importorskip("safetensors")

from safetensors.numpy import load_file, save_file

from mien.core.errors import InputError
from mien.core.files import sha256_of, write_json
from mien.models.base import Model
from mien.models.expression import ExpressionClassifier
from mien.models.landmark_nets.trained import LandmarkNetClassifier
from mien.models.store import load_model, save_model

RNG = np.random.default_rng(0)


def test_what_is_no_folder_is_named_as_what_it_is(tmp_path: Path) -> None:
    (tmp_path / "m.txt").write_text("tree\nversion=v4\n")
    with pytest.raises(InputError, match=r"m\.txt is a file.*lightgbm\.Booster\(model_file"):
        load_model(tmp_path / "m.txt")
    with pytest.raises(InputError, match=r"nope\.txt does not exist\."):
        load_model(tmp_path / "nope.txt")
    with pytest.raises(InputError, match=r"holds no model: there is no model\.json"):
        load_model(tmp_path)


def tabular() -> tuple[Model, np.ndarray]:
    values, y = RNG.normal(size=(20, 3)), np.tile(["a", "b"], 10)
    fitted = ExpressionClassifier(feature_names=("u", "v", "w"), strengths=(1.0,)).fit(values, y)
    return fitted.model(target="t", recipe={"name": "expression"}, info={"subjects": ["é"]}), values


def sequence() -> tuple[Model, np.ndarray]:
    values, y = RNG.normal(size=(8, 6, 68, 2)), np.tile(["a", "b"], 4)
    fitted = LandmarkNetClassifier(topology="ibug-68", components=5, filters=3, epochs=2).fit(values, y)
    return fitted.model(target="t", recipe={"name": "displacement", "frames": 6}, feature_names=("x", "y")), values


@pytest.mark.parametrize("make", [tabular, sequence])
def test_a_loaded_model_predicts_the_same_bits(make, tmp_path: Path) -> None:
    model, values = make()
    save_model(model, tmp_path / "m")
    loaded = load_model(tmp_path / "m")
    assert np.array_equal(loaded.predict(values), model.predict(values))
    for name in ("name", "kind", "classes", "target", "recipe", "feature_names", "input_shape", "settings", "topology",
                 "info"):  # fmt: skip
        assert getattr(loaded, name) == getattr(model, name), name
    assert {p.name for p in (tmp_path / "m").iterdir()} == {"model.json", "weights.safetensors"}


def change(folder: Path, **values: object) -> None:
    spec = json.loads((folder / "model.json").read_text())
    write_json(folder / "model.json", {**spec, **values})


def change_weights(folder: Path, **arrays: np.ndarray) -> None:
    stored = {**load_file(folder / "weights.safetensors"), **arrays}
    save_file({k: v for k, v in stored.items() if v is not None}, folder / "weights.safetensors")
    change(folder, weights_sha256=sha256_of(folder / "weights.safetensors"))


@pytest.mark.parametrize(
    ("harm", "message"),
    [
        (lambda f: (f / "model.json").unlink(), "holds no model"),
        (lambda f: (f / "weights.safetensors").unlink(), "is missing; model.json alone"),
        (lambda f: (f / "model.json").write_text("{"), "not a readable JSON"),
        (lambda f: (f / "model.json").write_text("[]"), "does not describe a model"),
        (lambda f: change(f, format=99), "this version of mien reads format 1"),
        (lambda f: change(f, kind="grove"), "no kind of model 'grove'"),
        (lambda f: change(f, classes="ab"), "'classes' is missing or is not a list"),
        (lambda f: change(f, classes=["a", "b", "c"]), "must have shape"),
        (lambda f: (f / "weights.safetensors").write_bytes(b"half"), "is not the file that model.json describes"),
        (lambda f: change_weights(f, bias=np.zeros(3)), r"'bias' must have shape \(2,\), but has \(3,\)"),
        (lambda f: change_weights(f, bias=None), "'bias' is missing"),
        (lambda f: change_weights(f, other=np.zeros(1)), "'other' is missing or does not belong"),
        (lambda f: change_weights(f, bias=np.array([np.nan, 0.0])), "not finite"),
    ],
)
def test_damage_is_told_in_a_sentence(harm, message: str, tmp_path: Path) -> None:
    save_model(tabular()[0], tmp_path)
    harm(tmp_path)
    with pytest.raises(InputError, match=message):
        load_model(tmp_path)


def test_garbage_with_the_right_hash_is_still_refused(tmp_path: Path) -> None:
    save_model(tabular()[0], tmp_path)
    (tmp_path / "weights.safetensors").write_bytes(b"not a safetensors file at all")
    change(tmp_path, weights_sha256=sha256_of(tmp_path / "weights.safetensors"))
    with pytest.raises(InputError, match="not a readable safetensors"):
        load_model(tmp_path)


@pytest.mark.parametrize(
    ("key", "value"),
    [("kind", []), ("input_shape", [None]), ("input_shape", [[]]), ("kind", {}), ("recipe", float("nan"))],
)
def test_wrong_kinds_of_facts_are_sentences(tmp_path: Path, key, value) -> None:
    model, _ = tabular()
    save_model(model, tmp_path / "m")
    path = tmp_path / "m" / "model.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), key: value}))
    with pytest.raises(InputError, match=r"model\.json"):
        load_model(tmp_path / "m")
