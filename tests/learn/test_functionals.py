"""Models learn from measures over time as from any named columns, and are scored on others' recordings."""

from pathlib import Path

import numpy as np
import pytest

import mien
from mien.core.faces import Faces
from mien.data.shards import write_shard

pytest.importorskip("torch")


def cohort(folder: Path, seed: int) -> mien.Samples:
    """Twelve people, each once smiling on and off and once not."""
    rng, t = np.random.default_rng(seed), np.arange(90) / 30
    names, subjects, labels = [], [], []
    for person in range(12):
        for label in ("still", "smiling"):
            name = f"{label}-{seed}-{person}"
            x = rng.normal(0.1, 0.02, 90) + (label == "smiling") * (np.sin(4 * t) > 0) * 0.6
            faces = Faces.build(
                90, topology="no-points", source=[name] * 90, frame=np.arange(90), time_s=t, track=[0] * 90,
                extra={"AU12": x, "AU04": rng.normal(0.1, 0.02, 90)},
            )  # fmt: skip
            write_shard(faces, folder / "faces" / f"{name}.parquet", {"source": name})
            names.append(f"{name}.mp4")
            subjects.append(f"{seed}-{person}")
            labels.append(label)
    mien.functionals(folder)
    return mien.Samples(path=names, subject=subjects, labels={"shown": labels})


def test_training_and_evaluation_by_patterns_of_measures(tmp_path: Path) -> None:
    samples, others = cohort(tmp_path / "one", 0), cohort(tmp_path / "two", 1)
    asked = {"target": "shown", "features": "functionals:AU12 mean,AU12 sd,AU04 sd", "n_folds": 3}
    trained = mien.train(samples, faces=tmp_path / "one", output=tmp_path / "model", **asked)
    assert trained.evaluation is not None and trained.evaluation.scores["accuracy"].value == 1
    assert trained.model.feature_names == ("AU12 mean", "AU12 sd", "AU04 sd")
    found = mien.evaluate(tmp_path / "model", others, faces=tmp_path / "two")
    assert found.scores["accuracy"].value == 1
    with pytest.raises(mien.MienError, match="compute them with mien functionals STUDY"):
        mien.train(samples, **asked)
