"""Models on disk: ``model.json`` (everything readable) and ``weights.safetensors`` (every array). No pickle."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from mien.core.errors import InputError
from mien.core.extras import require
from mien.core.files import read_json, sha256_of, write_json
from mien.core.switch import settle, switched_together
from mien.models.base import Model
from mien.models.catalogue import MODELS, class_of, stored_kinds

FORMAT = 1
MODEL_FILE, WEIGHTS_FILE = "model.json", "weights.safetensors"
EVALUATION_FILE, PREDICTIONS_FILE = "evaluation.json", "predictions.parquet"
_FIELDS = {
    "name": str, "classes": list, "target": str, "recipe": dict, "feature_names": list, "input_shape": list,
    "settings": dict, "topology": str, "info": dict,
}  # fmt: skip


def save_model(model: Model, folder: Path) -> None:
    """Write a model: description and weights change together."""
    numpy_format = require("safetensors.numpy", "Storing a model", "learn")
    content = numpy_format.save(model.arrays)
    model.weights_sha256 = hashlib.sha256(content).hexdigest()
    with switched_together(folder, (MODEL_FILE, WEIGHTS_FILE)) as new:
        (new / WEIGHTS_FILE).write_bytes(content)
        write_json(
            new / MODEL_FILE,
            {
                "format": FORMAT,
                "kind": model.kind,
                "name": model.name,
                "classes": list(model.classes),
                "target": model.target,
                "recipe": model.recipe,
                "feature_names": list(model.feature_names),
                "input_shape": list(model.input_shape),
                "settings": model.settings,
                "topology": model.topology,
                "info": model.info,
                "weights_sha256": model.weights_sha256,
            },
        )


@dataclass(frozen=True)
class Packed:
    """A model as its files, by their names: so it travels to another process or machine."""

    files: dict[str, bytes]

    def unpacked(self) -> Model:
        """The model itself."""
        with TemporaryDirectory() as folder:
            for name, content in self.files.items():
                (Path(folder) / name).write_bytes(content)
            return load_model(folder)


def packed(model: Model) -> Packed:
    """The files that a model would be stored as; it stays as it is."""
    before = model.weights_sha256
    try:
        with TemporaryDirectory() as folder:
            save_model(model, Path(folder))
            return Packed({name: (Path(folder) / name).read_bytes() for name in (MODEL_FILE, WEIGHTS_FILE)})
    finally:
        model.weights_sha256 = before


def load_model(folder: Path | str) -> Model:
    """Read a stored model, or take a built-in one by its word.

    Parameters
    ----------
    folder : Path or str
        That ``mien.train`` wrote; or ``'rules'``, the rules that need no training.

    Returns
    -------
    Model
        Its ``predict`` takes arrays of the features; ``mien.evaluate`` and ``mien.explain`` take samples.

    Raises
    ------
    InputError
        If a file is missing or damaged, the weights are not those of the description (SHA-256), or an array has
        a shape that does not fit the classes, inputs and settings.

    Examples
    --------
    >>> import mien
    >>> mien.load_model("rules").classes
    ('neutral', 'anger', 'disgust', 'fear', 'happiness', 'sadness', 'surprise')
    """
    folder = Path(folder)
    settle(folder)
    if not (folder / MODEL_FILE).is_file():
        built_in = {name: row for name, row in MODELS.items() if not row.trained}
        if str(folder) in built_in:
            built: Model = built_in[str(folder)].run()
            return built
        if folder.is_file():
            raise InputError(
                f"{folder} is a file, but a model of mien is a folder, written by 'mien train'. A model of another "
                "package is given as an object in Python, LightGBM's text so: "
                "mien.explain(lightgbm.Booster(model_file=...), X)."
            )
        what = f"{folder} holds no model: there is no {MODEL_FILE}" if folder.exists() else f"{folder} does not exist"
        raise InputError(
            f"{what}. A model's folder is written by 'mien train'; without training there is: {', '.join(built_in)}."
        )
    spec = _checked(read_json(folder / MODEL_FILE), folder / MODEL_FILE)
    weights = folder / WEIGHTS_FILE
    if not weights.is_file():
        raise InputError(f"{weights} is missing; {MODEL_FILE} alone is no model. Copy both files or train again.")
    found = sha256_of(weights)
    if found != spec["weights_sha256"]:
        raise InputError(
            f"{weights} is not the file that {MODEL_FILE} describes (SHA-256 {found[:12]}..., expected "
            f"{str(spec['weights_sha256'])[:12]}...). Copy both files from one place or train again."
        )
    numpy_format = require("safetensors.numpy", "Reading a model", "learn")
    safetensors = require("safetensors", "Reading a model", "learn")
    try:
        arrays = numpy_format.load(weights.read_bytes())
    except (safetensors.SafetensorError, ValueError, KeyError) as error:
        raise InputError(f"{weights} is not a readable safetensors file ({error}).") from error
    try:
        model = class_of(spec["kind"])(**{key: spec[key] for key in _FIELDS}, arrays=arrays)
    except InputError as error:
        raise InputError(f"{folder}: {error}") from error
    except (LookupError, TypeError, ValueError, AttributeError, OverflowError) as error:
        raise InputError(
            f"{folder / MODEL_FILE} does not describe the arrays in {WEIGHTS_FILE} ({type(error).__name__}: {error}); "
            "it was damaged or changed by hand. Copy both files anew or train again."
        ) from error
    model.weights_sha256 = found
    return model


def stored_evaluation(folder: Path | str) -> dict[str, Any]:
    """``evaluation.json`` of a model's folder.

    Raises
    ------
    InputError
        If there is none, it is damaged, or it names other weights or predictions (SHA-256) than lie beside it.
    """
    folder = Path(folder)
    settle(folder)
    path = folder / EVALUATION_FILE
    found = read_json(path)
    if not isinstance(found, dict):
        raise InputError(f"{path} was not written by 'mien train'.")
    for key, file in (("weights_sha256", WEIGHTS_FILE), ("predictions_sha256", PREDICTIONS_FILE)):
        # Evaluations of earlier versions name neither.
        stated, place = found.get(key), folder / file
        if stated and (not place.is_file() or sha256_of(place) != stated):
            raise InputError(
                f"{path} does not belong to the {file} beside it (SHA-256 of another file than {str(stated)[:12]}...). "
                "Copy the model's whole folder from one place or train again."
            )
    return found


def _checked(spec: Any, path: Path) -> dict[str, Any]:
    if not isinstance(spec, dict) or "kind" not in spec:
        raise InputError(f"{path} does not describe a model of mien.")
    if spec.get("format") != FORMAT:
        raise InputError(
            f"{path} has format {json.dumps(spec.get('format'))}; this version of mien reads format {FORMAT}."
        )
    if not isinstance(spec["kind"], str) or spec["kind"] not in stored_kinds():
        raise InputError(f"{path}: there is no kind of model '{spec['kind']}'; mien knows {', '.join(stored_kinds())}.")
    for key, kind in {**_FIELDS, "weights_sha256": str}.items():
        if not isinstance(spec.get(key), kind):
            raise InputError(f"{path}: '{key}' is missing or is not a {kind.__name__}.")
    return spec
