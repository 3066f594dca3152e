"""Where two sets of maps differ: planted places are seen, chance is not, missing stays missing."""

import numpy as np
import pytest
from scipy.ndimage import gaussian_filter

from mien.atlas.canonical_map import canonical_face
from mien.atlas.maps import AtlasMaps
from mien.compare.map_contrast import blocks, contrast_maps
from mien.core.errors import InputError
from mien.core.target import Target

FACE = canonical_face(468)


def maps(rng: np.random.Generator, people: int, start: int = 0, more: float = 0.0) -> AtlasMaps:
    """Smooth noise of people; ``more`` in a square of the face."""
    values = gaussian_filter(rng.normal(size=(people, *FACE.shape)), (0, 6, 6)) * 20
    values[:, 100:130, 60:100] += more
    values[:, ~FACE.inside] = np.nan
    who = np.array([f"p{start + i}" for i in range(people)], dtype=object)
    return AtlasMaps(values.astype(np.float32), who, who, who, Target("smile"), "made up", True)


def test_a_planted_place_is_a_cluster() -> None:
    rng = np.random.default_rng(0)
    found = contrast_maps(maps(rng, 10, more=3.0), maps(rng, 10, start=10), n_permutations=200)
    assert found.p[0] <= 0.05 and found.more_in_a[0]
    assert found.significant[27:31, 17:23].all()
    assert found.difference[28, 20] == pytest.approx(3.0, abs=1.5)
    assert np.isnan(found.difference[0, 0])


def test_people_are_compared_with_themselves() -> None:
    rng = np.random.default_rng(1)
    one = maps(rng, 8)
    other = AtlasMaps(one.values - 1.0, one.sample, one.subject, one.label, one.target, one.method, True)
    found = contrast_maps(one, other, paired=True, n_permutations=256)
    assert found.exact and found.people == (8, 8)
    assert np.nanmin(found.difference) == pytest.approx(1.0, abs=1e-3)


def test_blocks_are_means_of_what_is_known() -> None:
    values = np.arange(16.0).reshape(1, 4, 4)
    values[0, :3, 2:] = np.nan
    found = blocks(values, 2)[0]
    assert found[0, 0] == 2.5 and np.isnan(found[0, 1])
    assert found[1, 1] == 14.5


def test_sizes_have_to_agree() -> None:
    rng = np.random.default_rng(0)
    small = AtlasMaps(np.zeros((4, 3, 3)), *3 * [np.array(list("abcd"), dtype=object)], Target("x"), "m", True)
    with pytest.raises(InputError, match="different sizes"):
        contrast_maps(maps(rng, 4), small)
