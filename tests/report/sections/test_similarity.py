"""The section shows every layer with the ceiling and the exposure of its network, and names no picture."""

from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("rsatoolbox")
pytest.importorskip("jinja2")

import mien
from mien.core.dissimilarities import Dissimilarities
from mien.report.draw.similarity import LayerLine, category_means, layers_plot
from mien.report.sections.similarity import section
from tests.compare.test_rsa import toy


def study(folder: Path) -> Path:
    net = toy()
    top = toy(seed=3).layer("top").astype(float)
    one = np.linalg.norm(top[:, None] - top, axis=2)
    noise = np.random.default_rng(0).normal(size=(3, 30, 30))
    people = np.abs(one + (noise + noise.swapaxes(1, 2)) * 0.5) * (1 - np.eye(30))
    judged = Dissimilarities(tuple(net.samples.path), people, ("p", "q", "r"), credit="By us.", licence="CC BY 4.0")
    mien.rsa([net, toy("other", 1)], matrix=judged, n_permutations=99, output=folder / "rsa" / "people")
    return folder


def test_the_section_has_words_curve_matrices_and_tree(tmp_path: Path) -> None:
    problems: list[str] = []
    [block] = section([study(tmp_path) / "rsa" / "people"], problems)
    assert problems == [] and block["networks"][0] == "toy: toy (seed 0): it has never seen a face."
    [reference] = block["references"]
    assert "Noise ceiling, from 3 subjects" in reference["words"] and "noise ceiling" in reference["curve"]
    assert [row["sure"] for row in reference["rows"]] == [False, True, False, True]
    assert len(reference["heat"]) == 3 and "means of categories" in reference["heat"][0]["caption"]
    assert "CC BY 4.0" in reference["credit"] and "1 − centred kernel alignment" in block["tree"]["svg"]
    assert section([], problems) == []


def test_the_page_names_no_picture(tmp_path: Path) -> None:
    page = mien.report(study(tmp_path)).read_text(encoding="utf-8")
    assert "Similarity structures" in page and "face-0" not in page


def test_what_cannot_be_read_is_a_problem_and_the_rest_is_shown(tmp_path: Path) -> None:
    study(tmp_path)
    (tmp_path / "rsa" / "broken").mkdir()
    (tmp_path / "rsa" / "broken" / "rsa.json").write_text("{}")
    problems: list[str] = []
    assert len(section(sorted((tmp_path / "rsa").iterdir()), problems)) == 1 and "mien rsa" in problems[0]


def test_means_of_categories_leave_out_what_a_picture_differs_from_itself() -> None:
    values = np.array([[0.0, 2, 3], [2, 0, 5], [3, 5, 0]])
    means, names = category_means(values, ["a", "a", "b"])
    assert names == ["a", "b"] and means[0].tolist() == [2, 4] and np.isnan(means[1, 1])


def test_lines_are_drawn_where_scores_are_missing_and_below_zero() -> None:
    line = LayerLine("n", ("a", "b"), (float("nan"), -0.3), (float("nan"),) * 2, (float("nan"),) * 2, (False, True))
    drawn = layers_plot([line], (float("nan"), float("nan")), unit="spearman", title="t")
    assert drawn.count("<circle") == 1 and "noise ceiling" not in drawn and "nan" not in drawn
