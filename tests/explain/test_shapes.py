"""What the axes of a plain array mean: pictures with channels last are no landmarks over time."""

import numpy as np
import pytest

from mien.core.errors import InputError
from mien.core.features import NAMED, PICTURE, SEQUENCE
from mien.explain.explain import explain
from mien.explain.shapes import space_of


@pytest.mark.parametrize(
    ("shape", "space"),
    [
        ((9, 4), NAMED), ((2, 3, 48, 48), PICTURE), ((2, 1, 48, 48), PICTURE), ((2, 3, 224, 160), PICTURE),
        ((2, 30, 68, 2), SEQUENCE), ((2, 30, 68, 3), SEQUENCE), ((2, 30, 478, 3), SEQUENCE),
        ((2, 64, 468, 3), SEQUENCE),
        ((2, 25, 5, 2), SEQUENCE), ((2, 5, 5, 3), SEQUENCE), ((2, 48, 48, 2), SEQUENCE), ((2, 1, 68, 3), SEQUENCE),
        ((2, 120, 98, 3), SEQUENCE), ((2, 10, 70, 3), SEQUENCE), ((0, 30, 68, 2), SEQUENCE),
    ],
)  # fmt: skip
def test_shapes_that_are_clear(shape, space):
    assert space_of(shape) == space


@pytest.mark.parametrize(
    "side", [(32, 32), (48, 48), (68, 68), (96, 96), (112, 112), (160, 120), (224, 224), (1024, 768)]
)
@pytest.mark.parametrize("channels", [1, 3, 4])
def test_channels_last_are_refused_with_the_way_out(side, channels):
    with pytest.raises(InputError, match=r"channels last.*moveaxis") as told:
        space_of((2, *side, channels))
    assert ("space='landmarks x time'" in str(told.value)) == (channels == 3)
    with pytest.raises(InputError, match="has its channels last"):
        space_of((2, *side, channels), PICTURE)
    assert space_of((2, *side, channels), SEQUENCE) == SEQUENCE


@pytest.mark.parametrize(
    ("shape", "words"),
    [((2, 48, 48), r"x\[:, None\]"), ((48, 48, 3), "moveaxis"), ((7,), "not clear"), ((), "not clear")],
)
def test_what_lacks_an_axis_is_told_how_to_get_it(shape, words):
    with pytest.raises(InputError, match=words):
        space_of(shape)


def test_the_way_out_gives_the_right_values():
    rng = np.random.default_rng(0)
    weights, pictures = rng.normal(size=(16, 16, 3)), rng.uniform(size=(2, 16, 16, 3)).astype(np.float32)

    def model(values):
        return (values * weights).sum((1, 2, 3))

    for method in ("occlusion", "lime"):
        with pytest.raises(InputError, match="channels last"):
            explain(model, pictures, method=method)
    found = explain(
        lambda v: model(np.moveaxis(v, 1, -1)), np.moveaxis(pictures, -1, 1), method="occlusion", window=1, fill="zero"
    )
    np.testing.assert_allclose(found.values[:, 0], (pictures * weights).sum(3), atol=1e-4)


def test_whole_numbers_are_noted():
    pictures = np.random.default_rng(0).integers(0, 256, size=(2, 3, 16, 16), dtype=np.uint8)
    found = explain(lambda v: v.mean((1, 2, 3)), pictures, method="occlusion")
    assert "x / 255" in found.settings["notes"][0]
    assert "notes" not in explain(lambda v: v.mean((1, 2, 3)), pictures / 255, method="occlusion").settings
