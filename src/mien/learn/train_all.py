"""``train_all``: several models one after the other on the same people and folds, each into its own folder."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from mien.core.brief import brief
from mien.core.errors import InputError, MienError
from mien.core.faces import Faces
from mien.core.files import sha256_of
from mien.core.in_notebooks import InNotebooks
from mien.core.output import check_folder
from mien.core.progress import Progress, progress_of
from mien.core.samples import Samples
from mien.core.steps import data_mark, once
from mien.data.samples import given_samples, read_samples
from mien.data.shards import read_faces
from mien.learn.evaluation import Evaluation
from mien.learn.train import train
from mien.models.catalogue import JOIN, spec
from mien.models.maker import divided
from mien.models.store import EVALUATION_FILE, MODEL_FILE
from mien.nets.names import NETWORKS

READ = ("labels", "subject_pattern", "columns", "missing", "same")


@dataclass(frozen=True, eq=False)
class TrainedAll(InNotebooks):
    """What ``train_all`` gives; the models lie in ``folder / NAME``.

    Attributes
    ----------
    folder : Path
    evaluations : dict of str to Evaluation
        Of every model that is there, in the order they were asked for.
    kept : tuple of str
        Those that had been trained with the same settings on the same data before, and were not trained again.
    failed : dict of str to str
        Why a model could not be trained, in a sentence.
    """

    __repr__ = brief

    folder: Path
    evaluations: dict[str, Evaluation]
    kept: tuple[str, ...]
    failed: dict[str, str]

    def to_json(self) -> dict[str, Any]:
        """Plain values."""
        models = {name: found.to_json() for name, found in self.evaluations.items()}
        return {"folder": str(self.folder), "models": models, "kept": list(self.kept), "failed": self.failed}


def train_all(
    samples: Samples | str | Path,
    *,
    target: str | Sequence[str],
    model: Sequence[str],
    output: str | Path,
    faces: Faces | str | Path | None = None,
    features: str | Sequence[str] = (),
    settings: dict[str, Any] | None = None,
    workers: int = 1,
    engine: str = "local",
    address: str = "",
    progress: Progress | bool | None = None,
    say: Callable[[str], None] = lambda sentence: None,
    **asked: Any,
) -> TrainedAll:
    """Train several models under one protocol: the same people, folds, seed and settings.

    A model that cannot be trained is named with the reason, and the others are; what is known from the start (no such
    model or setting, pictures too small for its layers) is said before the first is trained. What was trained before
    with the same settings on the same data is not trained again, so that an interrupted run goes on where it stopped.

    Parameters
    ----------
    samples, target, faces, features, workers, engine, address
        As in ``train``.
    model : sequence of str
        Names, each as in ``train``.
    output : str or Path
        Folder; every model gets one of its name in it.
    settings : dict, optional
        Of all the models or of their features, such as ``{"size": 64, "protocol": "gaya-morey"}``; a model that lacks
        one of them is not trained.
    progress : callable (done, total) or bool, optional
        ``True`` writes lines with the time left to standard error.
        Counts over all models.
    say : callable, optional
        Gets a sentence for every model.
    **asked
        All others of ``train`` but ``recipe``.

    Returns
    -------
    TrainedAll

    Raises
    ------
    InputError
        If samples or faces cannot be read, a folder cannot be written to, or no model could be trained.

    Examples
    --------
    >>> import mien
    >>> people = mien.synthesize("people", subjects=6, expressions=("neutral", "smile"), frames=8)
    >>> both = ("landmark-rvfl", "landmark-esn")
    >>> trained = mien.train_all("people", target="expression", model=both, n_folds=3, output="study/models")
    >>> sorted(trained.evaluations)
    ['landmark-esn', 'landmark-rvfl']
    """
    report = progress_of(progress, "folds") or (lambda done, total: None)
    names = list(dict.fromkeys([model] if isinstance(model, str) else model))
    if not names:
        raise InputError("model names at least one model, such as model=['songnet', 'weinet'].")
    check_folder(output)
    folder = Path(output)
    samples = given_samples(samples, **{key: asked.pop(key) for key in READ if key in asked})
    samples = samples if isinstance(samples, Samples) else read_samples(samples)
    faces = read_faces(Path(faces)) if isinstance(faces, (str, Path)) else faces
    mark, done, failed = data_mark(samples, faces), dict[str, Evaluation](), dict[str, str]()
    kept: list[str] = []
    # What is wrong from the start is said before hours of training, not after them.
    for given in names:
        try:
            _check(given, dict(settings or {}), bool(features))
        except MienError as error:
            failed[given] = str(error)
            say(f"train {given}: left out. {error}")
    for number, given in enumerate(names):
        if given in failed:
            continue

        def part(place: int, total: int, number: int = number) -> None:
            report(number * total + place, len(names) * total)

        try:
            name = spec(given).name
            recipe, own = _divided(name, dict(settings or {}), bool(features))
            facts = [mark, target, recipe, own, features, asked, _weights(name, own)]
            work = partial(
                train, samples, target=target, model=name, faces=faces, features=features, recipe=recipe, settings=own,
                output=folder / name, workers=workers, engine=engine, address=address, progress=part, **asked,
            )  # fmt: skip
            made = [folder / name / MODEL_FILE, folder / name / EVALUATION_FILE]
            if not once(folder, f"train {name}", facts, made, work, say):
                kept.append(name)
            done[name] = Evaluation.read(folder / name)
        except MienError as error:
            failed[given] = str(error)
            say(f"train {given}: left out. {error}")
    if not done:
        raise InputError("No model could be trained. " + " ".join(f"{name}: {why}" for name, why in failed.items()))
    return TrainedAll(folder, done, tuple(kept), failed)


def _check(given: str, settings: dict[str, Any], columns: bool) -> None:
    """Refuse an unknown model, settings that it does not have, and pictures too small for it."""
    name = spec(given).name
    recipe, _ = _divided(name, settings, columns)
    if name in NETWORKS and recipe and type(recipe.get("size")) is int:
        from mien.nets.zoo import check_size

        check_size(name, recipe["size"])


def _divided(name: str, settings: dict[str, Any], columns: bool) -> tuple[dict[str, Any] | None, dict[str, Any]]:
    """The model's recipe, None where it is its own, and the settings of its estimator."""
    of_recipe, own = divided(name, settings, "columns" if columns else "")
    if columns or not of_recipe or JOIN in name:
        return of_recipe or None, own
    return {**spec(name).recipe, **of_recipe}, own


def _weights(name: str, settings: dict[str, Any]) -> str:
    """Fingerprint of a file of first weights."""
    path = Path(str(settings.get("weights") or "")).expanduser()
    path = path / f"{name}.safetensors" if path.is_dir() else path
    return sha256_of(path) if path.is_file() else ""
