"""Slices of a brain: the person's left on the left, the front above; a standard brain only around a standard grid."""

from __future__ import annotations

import base64
import io
import re
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("safetensors")

from PIL import Image

from mien.core.brain_space import BrainSpace
from mien.core.errors import InputError
from mien.decoding.evidence.maps import BrainMap
from mien.decoding.evidence.result import BrainEvidence
from mien.report.draw.brain import draw_brain, in_mni, slices
from mien.report.draw.svg import POSITIVE


def one(values: list[float], space: BrainSpace) -> BrainMap:
    return BrainMap("fear", "shap", "difference", np.array([values]), np.zeros((0, 0)))


@pytest.mark.parametrize("turn", [np.diag([3.0, 3, 3, 1]), np.diag([-3.0, -3, 3, 1])])
def test_left_is_left_and_the_front_is_above(turn: np.ndarray) -> None:
    # Two voxels beside each other and two behind: the one that is left in front is the only one with a value.
    voxels = np.array([[0, 0, 0], [1, 0, 0], [0, 1, 0], [1, 1, 0]])
    at = voxels @ turn[:3, :3].T
    left_front = (at[:, 0] == at[:, 0].min()) & (at[:, 1] == at[:, 1].max())
    space = BrainSpace(list("abcd"), "voxel", (2, 2, 1), turn, voxels, np.arange(4))
    drawn = slices(one(left_front.astype(float).tolist(), space), space)
    pictures = [Image.open(io.BytesIO(base64.b64decode(data))) for data in re.findall("base64,([^'\"]+)", drawn)]
    pixels = np.asarray(pictures[1])
    colour = tuple(int(POSITIVE[i : i + 2], 16) for i in (1, 3, 5))
    assert tuple(pixels[5, 5]) == (*colour, 255)
    assert pixels[5, -5][3] == pixels[-5, 5][3] == pixels[-5, -5][3] == 0


def test_only_grids_of_the_mni_space_are_taken_for_one() -> None:
    def space(shape: tuple[int, int, int], edge: float, first: tuple[float, float, float]) -> BrainSpace:
        affine = np.diag([edge, edge, edge, 1.0])
        affine[:3, 3] = first
        return BrainSpace(["a"], "voxel", shape, affine, [[1, 1, 1]], [0])

    assert in_mni(space((97, 115, 97), 2, (-96.5, -132.5, -78.5)))
    assert in_mni(space((61, 73, 61), 3, (-90, -126, -72)))
    assert not in_mni(space((64, 64, 40), 3, (-96, -96, -60)))


def test_parcels_without_a_place_are_a_sentence(tmp_path: Path) -> None:
    space = BrainSpace(["a", "b"])
    found = BrainEvidence(space, (one([1, 2], space),), (), "viewers", ("1",), np.zeros(2))
    with pytest.raises(InputError, match="no place in a volume"):
        draw_brain(found, tmp_path)
