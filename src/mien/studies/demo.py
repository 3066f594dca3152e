"""``demo``: the whole path on what every machine has, and on the real data sets where they are."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from mien.atlas.summary import summarise
from mien.core.extras import require
from mien.core.files import atomic_path, remove_halves, write_json, write_text
from mien.core.numbers import checked_numbers
from mien.core.provenance import record
from mien.data.samples import read_ready_faces, read_samples
from mien.data.sets.catalogue import SETS
from mien.data.shards import read_faces
from mien.data.synthetic import Cohort, acting_auc, synthesize
from mien.explain.explain import explain_all
from mien.faces.extract import extract
from mien.learn.train import train
from mien.learn.trained import Trained
from mien.report.report import report

Say = Callable[[str], None]

SUBJECTS, CLIPS, FRAMES = 24, 2, 24
# Folds over people, of pictures and of sequences.
PICTURE_FOLDS, SEQUENCE_FOLDS = 8, 4
PICTURE_PX = 320
# What makes evidence lie on muscles that act, see docs/benchmarks.md: heads aligned in space by what stays still, each
# person's own resting face, a strong penalty, and evidence against neutral.
MODEL, NEUTRAL = "landmark-rvfl", "neutral"
RECIPE = {"name": "displacement", "coordinates": 3, "align": "still", "reference": "subject"}
SETTINGS = {"components": 48, "whiten": 0.0, "penalty": 100.0, "units": 64}
# Enough for a completeness gap far under one per cent: the networks are smooth.
STEPS = 16
# Orders of the points that show what evidence without any knowledge would reach.
RANDOM_ORDERS = 1000

PHOTO = {"name": "astronaut (photo)", "licence": "public domain", "credit": "NASA; shipped by scikit-image"}

STUDY = """# What this study asked.
title = "The demo: from faces to evidence"
main = "synthetic-sequences"
question = "Does evidence for apparent expressions lie on the points whose muscles act?"
data = "one photo, and a made-up cohort of {subjects} people whose acting muscles are known{real}"
models = "landmark networks on landmark sequences; expression on blendshapes and geometry of single pictures"
evidence = "Integrated Gradients from five typical samples (for made-up sequences: from no movement, against neutral)"
seed = {seed}
"""


@dataclass(frozen=True)
class Demo:
    """What the demo gives.

    Attributes
    ----------
    folder, report : Path
        The study folder and its HTML page.
    quote : str
        One sentence that a reader can quote.
    seconds : float
    """

    folder: Path
    report: Path
    quote: str
    seconds: float


@checked_numbers
def demo(output: str | Path, *, real: bool = True, seed: int = 0, say: Say = lambda sentence: None) -> Demo:
    """Run the whole path: a photo, a synthetic cohort with known answers, and the real sets that are there.

    Parameters
    ----------
    output : str or Path
        Study folder; what an earlier run extracted is kept.
    real : bool
        Also use London and BUHMAP, where the data folder (``MIEN_DATA``) holds them.
    seed : int
        Of the made-up people, folds and networks.
    say : callable
        Gets a sentence for every step.

    Returns
    -------
    Demo

    Raises
    ------
    WeightsError
        If the weights were not pulled.
    MissingExtra
        If the parts for learning or the photo are not installed.

    Examples
    --------
    >>> import mien
    >>> mien.demo("demo", real=False, say=print).report  # doctest: +SKIP
    PosixPath('demo/report.html')
    """
    start = time.perf_counter()
    folder = Path(output)
    sets = [name for name in ("london", "buhmap") if real and _present(name)]
    also = "".join(f"; {name}" for name in sets)
    write_text(folder / "study.toml", STUDY.format(subjects=SUBJECTS, real=also, seed=seed))

    record(folder, "demo", seed=seed, photo=PHOTO)
    say(_photo(folder))
    cohort = synthesize(folder / "synthetic", subjects=SUBJECTS, clips=CLIPS, frames=FRAMES, pictures=False, seed=seed)
    say(_pictures(folder, seed))
    trained, checks = _sequences(folder, cohort, seed)
    say(checks["sentence"])
    for name in sets:
        say(_SETS[name](folder, seed))
    page = report(folder)
    quote = _quote(trained, checks)
    return Demo(folder, page, quote, time.perf_counter() - start)


def _present(name: str) -> bool:
    return SETS[name].place().is_dir()


def _photo(folder: Path) -> str:
    """Part 1: scikit-image's astronaut (NASA, public domain) through extraction and overlay."""
    skimage_data = require("skimage.data", "The demo's photo", "demo")
    from PIL import Image

    photo = folder / "pictures" / "astronaut.png"
    if not photo.exists():
        remove_halves(photo.parent)
        with atomic_path(photo) as temporary:
            Image.fromarray(skimage_data.astronaut()).save(temporary)
    extract(photo, folder, draw=True)
    faces = read_faces(folder)
    row = faces[np.flatnonzero(faces.source == "pictures/astronaut.png")]
    from mien.core.faces import BLENDSHAPES

    strengths = row.blendshapes[0]
    top = ", ".join(f"{BLENDSHAPES[i]} {strengths[i]:.2f}" for i in np.argsort(-strengths)[:3])
    overlay = next((folder / "overlays").glob("astronaut-*.jpg"))
    return f"One photo: {int(row.ok.sum())} face; {top}. Overlay: {overlay}"


def _pictures(folder: Path, seed: int) -> str:
    """Part 2a: rendered pictures of made-up people, through our own landmarker, to a model of single pictures."""
    place = folder / "synthetic-pictures"
    made = synthesize(place, subjects=SUBJECTS, frames=8, pictures=True, size_px=PICTURE_PX, seed=seed + 1)
    result = extract(place / "pictures", folder)
    samples = replace(
        read_samples(place / "pictures.csv"), name="synthetic pictures", licence=made.samples.licence,
        credit=made.samples.credit, synthetic=True,
    )  # fmt: skip
    trained = train(
        samples, target="expression", model="expression", faces=folder, n_folds=PICTURE_FOLDS, seed=seed,
        noise_check=True, output=folder / "models" / "synthetic-pictures",
    )  # fmt: skip
    explain_all(trained.model, samples, faces=folder, output=folder / "evidence" / "synthetic-pictures",
                n_steps=STEPS, seed=seed)  # fmt: skip
    return (
        f"Rendered pictures: the landmarker finds the face in {result.counts['ok']} of {len(made.samples)}; "
        f"{_scored(trained)}"
    )


def _sequences(folder: Path, cohort: Cohort, seed: int) -> tuple[Trained, dict[str, Any]]:
    """Part 2b: sequences whose acting points are planted; does the evidence find them?"""
    trained = train(
        cohort.samples, target="expression", model=MODEL, faces=cohort.faces, n_folds=SEQUENCE_FOLDS, seed=seed,
        recipe=RECIPE, settings=SETTINGS, output=folder / "models" / "synthetic-sequences",
    )  # fmt: skip
    acting = {label: points for label, points in cohort.acting.items() if len(points)}
    evidence = explain_all(
        trained.model, cohort.samples, faces=cohort.faces, output=folder / "evidence" / "synthetic-sequences",
        targets=[f"{label}>{NEUTRAL}" for label in acting], baselines="zero", n_steps=STEPS, seed=seed,
    )  # fmt: skip
    rows = [
        planted_score(label, np.abs(summarise(found, label=label).point_signed), points, seed)
        for (label, points), found in zip(acting.items(), evidence.values(), strict=True)
    ]
    found = float(np.mean([row["evidence"] for row in rows]))
    checks = {
        "title": "Does the evidence find the points whose muscles act?",
        "sentence": (
            f"Made-up sequences: {_scored(trained)}; the evidence ranks the acting points with a mean AUC of "
            f"{found:.2f} (random order 0.50)"
        ),
        "note": "AUC of each point's signed evidence against neutral, averaged over people and taken without its sign, "
        "for the planted acting points: 1 ranks all of them first, 0.5 is a random order. The range holds 95 % of "
        f"{RANDOM_ORDERS} random orders; the inverse ranks by the least evidence.",
        "rows": rows,
        "mean_auc": found,
    }
    write_json(folder / "checks.json", checks)
    return trained, checks


def planted_score(label: str, importance: np.ndarray, acting: np.ndarray, seed: int) -> dict[str, Any]:
    """AUC of evidence for planted points, with random and inverse evidence beside it.

    Parameters
    ----------
    label : str
    importance : ndarray, shape (points,)
        Amount of evidence.
    acting : ndarray of int
        Planted points.
    seed : int
    """
    random = np.random.default_rng(seed)
    # Of a random order the ranks are known: the area of each is a sum of those of the points that act.
    ranks = np.stack([random.permutation(len(importance))[acting] for _ in range(RANDOM_ORDERS)]) + 1
    acts, others = len(acting), len(importance) - len(acting)
    chance = (ranks.sum(1) - acts * (acts + 1) / 2) / (acts * others)
    low, high = np.percentile(chance, [2.5, 97.5])
    return {
        "label": label,
        "acting": len(acting),
        "evidence": acting_auc(importance, acting),
        "random": float(np.mean(chance)),
        "random_low": float(low),
        "random_high": float(high),
        "inverse": acting_auc(-importance, acting),
    }


def _london(folder: Path, seed: int) -> str:
    root = SETS["london"].place()
    extract([root / "neutral", root / "smiling"], folder)
    trained = train(
        "london", target="expression", model="expression", faces=folder, seed=seed,
        output=folder / "models" / "london",
    )  # fmt: skip
    explain_all(trained.model, read_samples("london"), faces=folder, output=folder / "evidence" / "london", seed=seed)
    return f"London, neutral and smiling pictures: {_scored(trained)}"


def _buhmap(folder: Path, seed: int) -> str:
    samples, faces = read_samples("buhmap"), read_ready_faces("buhmap")
    trained = train(
        samples, target="label", faces=faces, model="landmark-net", scheme="leave-one-subject-out", seed=seed,
        output=folder / "models" / "buhmap",
    )  # fmt: skip
    explain_all(trained.model, samples, faces=faces, output=folder / "evidence" / "buhmap", n_steps=STEPS, seed=seed)
    return f"BUHMAP, clips of eight expressions and head gestures: {_scored(trained)}"


_SETS: dict[str, Callable[[Path, int], str]] = {"london": _london, "buhmap": _buhmap}


def _scored(trained: Trained) -> str:
    assert trained.evaluation is not None
    score = trained.evaluation.scores["accuracy"]
    return f"accuracy {score.value:.2f} [{score.between}] on people the model never saw (chance {score.chance:.2f})"


def _quote(trained: Trained, checks: dict[str, Any]) -> str:
    return (
        f"On made-up people whose acting muscles are known, the model tells {len(trained.model.classes)} apparent "
        f"expressions apart with {_scored(trained)}, and its evidence ranks the acting points with an AUC of "
        f"{checks['mean_auc']:.2f} (random 0.50)."
    )
