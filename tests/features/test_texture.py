"""Hand-made texture features against scikit-image and by hand."""

import numpy as np
import pytest

from mien.core.errors import InputError
from mien.core.faces import Faces
from mien.core.samples import Samples
from mien.features import compute
from mien.features.texture import colour_histogram, oriented_gradients, uniform_patterns

feature = pytest.importorskip("skimage.feature")
GREY = np.random.default_rng(0).uniform(0, 1, (64, 48)).cumsum(0).cumsum(1) % 1


def test_local_binary_patterns_are_scikit_images():
    codes = feature.local_binary_pattern((GREY * 255).astype(np.uint8), 24, 3, "uniform")[4:-4, 4:-4]
    expected = np.bincount(codes.astype(int).ravel(), minlength=26) / codes.size
    found = uniform_patterns((GREY * 255).astype(np.uint8).astype(float))
    # Ties at equal brightness may fall either way.
    assert np.abs(found - expected).sum() < 0.02
    np.testing.assert_allclose(found.sum(), 1)


def test_oriented_gradients_are_scikit_images():
    expected = feature.hog(GREY, 8, (16, 16), (1, 1), block_norm="L2-Hys", feature_vector=False)
    np.testing.assert_allclose(oriented_gradients(GREY), expected[:, :, 0, 0], atol=2e-3)


def test_a_flat_picture_has_one_pattern_and_no_edges():
    flat = np.full((32, 32), 0.4)
    assert uniform_patterns(flat)[24] == 1
    assert not oriented_gradients(flat).any()


def test_colours_are_counted_by_channel():
    pixels = np.stack([np.full((4, 4), v) for v in (0.0, 0.5, 1.0)])
    found = colour_histogram(pixels, 4).reshape(3, 4)
    assert found.tolist() == [[1, 0, 0, 0], [0, 0, 1, 0], [0, 0, 0, 1]]


def test_rows_without_a_face_have_a_status_and_names_fit(tmp_path):
    samples = Samples(path=["absent.png"], subject=["a"], root=tmp_path)
    found = compute({"name": "texture"}, samples, Faces.build(0))
    assert found.values.shape == (1, 3 * 32 + 26 + 8 * 8 * 8) and not found.ok.any()
    assert np.isnan(found.values).all() and found.status[0]


@pytest.mark.parametrize(
    ("settings", "words"),
    [({"parts": ["gabor"]}, "parts"), ({"size": 100}, "multiple of 16"), ({"bins": 1}, "bins")],
)
def test_wrong_settings_are_told_in_a_sentence(settings, words):
    with pytest.raises(InputError, match=words):
        compute({"name": "texture", **settings}, Samples(path=[], subject=[]), Faces.build(0))
