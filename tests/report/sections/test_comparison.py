"""Models compared, on the page: tests name the unit that they are over."""

from pathlib import Path

import numpy as np

from mien.compare.models import compare_models
from mien.learn.predictions import ClassPredictions
from mien.report.page import marked
from mien.report.report import section_of_page
from mien.report.sections import comparison


def predictions(seed: int) -> ClassPredictions:
    rng = np.random.default_rng(seed)
    people = np.repeat([f"s{i}" for i in range(12)], 2).astype(object)
    said = rng.uniform(size=24)
    paths = np.array([f"{i}.png" for i in range(24)], dtype=object)
    labels = np.array(["a", "b"] * 12, dtype=object)
    return ClassPredictions(paths, people, np.zeros(24, int), labels, np.stack([said, 1 - said], axis=1), ("a", "b"))


def test_the_unit_of_the_tests_is_called_people(tmp_path: Path) -> None:
    compare_models({"one": predictions(1), "other": predictions(2)}, n_permutations=99, output=tmp_path)
    found = comparison.section(tmp_path / "comparison.json")
    page = section_of_page("comparison", {"comparison": marked(found)})
    assert "On 24 faces" in page and "tests over people, corrected" in page and "p over people" in page
    assert "over faces" not in page
