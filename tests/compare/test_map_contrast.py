"""Where two sets of maps differ: planted places are seen, chance is not, missing stays missing."""

import numpy as np
import pytest
from scipy.ndimage import gaussian_filter

from mien.atlas.canonical_map import canonical_face
from mien.atlas.maps import AtlasMaps
from mien.compare.map_contrast import blocks, contrast_maps
from mien.core.errors import InputError
from mien.core.target import Target
from mien.stats.repeated import shared_spread

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


def test_people_of_unequally_many_maps_are_compared_in_units_of_their_spread() -> None:
    """Exchanged as they are, those of 5 people of one map and of 20 of nine differ in a fifth of studies by chance."""
    rng = np.random.default_rng(8)
    once, often = maps(rng, 4), [maps(rng, 5, start=10) for _ in range(2)]
    twice = often[0]
    several = AtlasMaps(
        np.concatenate([one.values for one in often]), *(np.concatenate([twice.subject] * 2),) * 3, twice.target,
        twice.method, True,
    )  # fmt: skip
    equal, unequal = (contrast_maps(once, b, n_permutations=150) for b in (twice, several))
    # All arrangements are looked at where everybody is known as exactly; else each order is another one.
    assert equal.exact and equal.n_permutations == 126 and not unequal.exact and unequal.n_permutations == 150


def test_the_spread_of_places_follows_the_number_of_maps() -> None:
    rng, counts = np.random.default_rng(9), np.repeat([1, 4, 9], 40)
    who, group = np.repeat(np.arange(120), counts), np.arange(120) % 2
    values = np.sqrt(0.2) * rng.normal(size=(120, 200))[who] + np.sqrt(0.8) * rng.normal(size=(len(who), 200))
    found = shared_spread(values, who, group)
    assert found is not None
    np.testing.assert_allclose(found / found[0], np.sqrt((0.2 + 0.8 / counts) / 1.0), rtol=0.05)
    assert shared_spread(values[:40], np.arange(40), group[:40]) is None
