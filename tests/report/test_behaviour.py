"""Promise: the page says which behaviour goes with an outcome, with the model beside, or what is amiss."""

from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("lightgbm")

import mien
from mien.core.samples import Samples
from mien.data.measures import Measure, Measures


def study(folder: Path) -> None:
    generator = np.random.default_rng(0)
    score = generator.normal(size=60)
    path = np.array([f"p{i}" for i in range(60)], dtype=object)
    codebook = tuple(Measure(f"{c} mean", c, "mean", group="head") for c in ("yaw", "<b>pitch"))
    values = np.stack([score + generator.normal(size=60), generator.normal(size=60)], 1)
    samples = Samples(path, path, {}, {"score": score})
    measures = Measures(path, values, codebook, np.full(60, "ok", dtype=object))
    mien.effects(samples, measures, folder, outcome="score")
    mien.channels(samples, measures, folder, outcome="score", n_folds=3, repeats=1, settings={"n_trees": 20})


def test_effects_and_the_model_are_on_one_page(tmp_path: Path) -> None:
    study(tmp_path)
    page = mien.report(tmp_path).read_text()
    assert 'id="behaviour"' in page and "go with it at a false-discovery rate" in page
    assert "share of SHAP" in page and "Accumulated local effects" in page and "not a diagnosis" in page
    assert "<b>pitch" not in page and "nan" not in page.split('id="behaviour"')[1].split("</section>")[0].lower()


def test_a_damaged_result_is_told_and_the_rest_is_shown(tmp_path: Path) -> None:
    study(tmp_path)
    (tmp_path / "channels" / "trees_score" / "channels.safetensors").write_bytes(b"")
    page = mien.report(tmp_path).read_text()
    assert "is not the file that channels.json names" in page and "go with it at a false-discovery rate" in page
