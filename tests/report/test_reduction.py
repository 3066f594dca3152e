"""The section on fewer landmarks: every rival, its interval and chance are on the page; broken files are told."""

import numpy as np
import pytest

from mien.reduce.reduce import reduce
from mien.report.report import report


@pytest.fixture(scope="module")
def found(tmp_path_factory):
    rng = np.random.default_rng(0)
    y, people = np.tile(["a", "b", "b"], 12), np.repeat([f"s{i}" for i in range(6)], 6)
    values = rng.normal(0, 0.1, (36, 5, 68, 2)).astype(np.float32)
    values[y == "a", :, 48, 1] += np.linspace(0, 0.6, 5)
    folder = tmp_path_factory.mktemp("study")
    result = reduce(
        values, y, people, model="landmark-rvfl", settings={"units": 24, "components": 12}, counts=(17, 4),
        methods=("one-shot", "random", "variance", "anatomical"), n_random=3, n_folds=3, n_boot=50,
        output=folder / "reduction" / "net",
    )  # fmt: skip
    return folder, result


@pytest.mark.usefixtures("weights")
def test_the_page_shows_every_set_with_its_interval(found):
    folder, result = found
    page = report(folder).read_text(encoding="utf-8")
    for row in result.curve.to_dict("records"):
        assert row["method"] in page
        assert f"{row['accuracy']:.3f}" in page
        assert f"{row['low']:.3f} – {row['high']:.3f}" in page
    assert result.chosen.topology in page
    assert "chosen on the same folds" in page
    assert f"chance {result.protocol['chance']:.3f}" in page
    assert page.count("chosen landmarks") >= 1
    assert "This folder holds no results yet" not in page


@pytest.mark.usefixtures("weights")
def test_a_broken_reduction_is_told_and_the_rest_is_shown(found, tmp_path):
    folder, _ = found
    other = folder / "reduction" / "broken"
    other.mkdir()
    (other / "reduction.json").write_text('{"format": "mien reduction 1"}')
    page = report(folder).read_text(encoding="utf-8")
    assert "is incomplete" in page
    assert "How few landmarks are enough" in page
    (other / "reduction.json").unlink()
    other.rmdir()
