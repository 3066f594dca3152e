"""Learning from measures over time: features are the measures alone, never what else is known of people."""

from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("torch")
pytest.importorskip("sklearn")

import mien
from mien.data.measures import Measure, Measures


def study(folder: Path, people: int = 60) -> mien.Samples:
    rng = np.random.default_rng(0)
    ids = np.array([f"p{i:03d}" for i in range(people)], dtype=object)
    smile, age = rng.normal(size=people), rng.uniform(12, 18, people)
    codebook = (Measure("mouthSmile mean", "mouthSmile", "mean"), Measure("yaw sd", "yaw", "sd"))
    values = np.stack([smile, rng.normal(size=people)], axis=1)
    status = np.full(people, "ok", dtype=object)
    Measures(ids, values, codebook, status, {"frames": rng.integers(300, 900, people)}).write(folder / "measures")
    return mien.Samples(path=ids, subject=ids, ratings={"age": age, "score": smile + rng.normal(size=people)})


def test_a_pattern_fits_measures_and_not_age_the_target_or_quality(tmp_path: Path) -> None:
    samples = study(tmp_path)
    trained = mien.train(samples, target="score", model="logistic", features="functionals:*", faces=tmp_path,
                         beside="age,quality", n_folds=3)  # fmt: skip
    assert trained.model.feature_names == ("mouthSmile mean", "yaw sd")
    assert trained.evaluation is not None and trained.evaluation.beside is not None
    assert trained.evaluation.beside.columns == ("age", "quality") and trained.evaluation.beside.p < 0.01
    curve = mien.learning_curve(
        samples, target="score", model="logistic", features="functionals:*", faces=tmp_path, sizes=[20, 40], repeats=3
    )
    assert curve.settings["features"] == 2
