"""Maps of layers keep dissimilarities; pictures are shown only where their set says whose they are."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

pytest.importorskip("rsatoolbox")
pytest.importorskip("jinja2")

import mien
from mien.compare.dissimilarity import directions, dissimilarity
from mien.core.errors import InputError
from tests.compare.test_rsa import toy


@pytest.mark.parametrize("measure", ["correlation", "cosine"])
def test_distances_of_what_is_mapped_are_dissimilarities(measure: str) -> None:
    answers = toy().layer("top")
    rows = directions(answers, measure)
    square = ((rows[:, None] - rows) ** 2).sum(axis=2)
    np.testing.assert_allclose(square, 2 * dissimilarity(answers, measure), atol=1e-6)


def test_the_layer_that_is_most_alike_is_drawn(tmp_path: Path) -> None:
    net = toy()
    found = mien.rsa(net, models="category", n_permutations=99)
    page = mien.draw_layers(net, tmp_path, found=found)
    assert page.name == "maps.html" and (tmp_path / "toy_top" / "embedding.json").is_file()
    assert '"thumbnails":{}' in page.read_text() and "face-0" not in page.read_text()


def test_pictures_are_shown_only_with_a_credit_line(tmp_path: Path) -> None:
    net = toy(each=2)
    for path in net.samples.path:
        (tmp_path / path).parent.mkdir(exist_ok=True)
        Image.new("RGB", (8, 8)).save(tmp_path / path)
    placed = replace(net.samples, root=tmp_path)
    with pytest.raises(InputError, match=r"only where their set says whose they are"):
        mien.draw_layers(replace(net, samples=placed), tmp_path / "m", thumbnails=True)
    credited = replace(placed, credit="By somebody.", licence="CC0")
    page = mien.draw_layers(replace(net, samples=credited), tmp_path / "m", thumbnails=True).read_text()
    assert '"thumbnails":{}' not in page and "By somebody. CC0" in page
