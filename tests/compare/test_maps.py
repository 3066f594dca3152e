"""Masks and distances of maps: planted places are seen, random maps are not, alike maps stand together."""

import numpy as np
import pytest
from scipy.ndimage import gaussian_filter

from mien.atlas.canonical_map import canonical_face
from mien.atlas.maps import AtlasMaps
from mien.compare.map_distances import map_distances
from mien.compare.masks import expert_mask, mask_agreement
from mien.core.errors import InputError
from mien.core.target import Target

FACE = canonical_face(468)


def maps(seed: int, people: int = 8, place: np.ndarray | None = None, strength: float = 1.0) -> AtlasMaps:
    draw = np.random.default_rng(seed)
    values = gaussian_filter(draw.normal(size=(people, *FACE.shape)), (0, 6, 6))
    values /= values.std()
    if place is not None:
        values += strength * gaussian_filter(place.astype(float), 4)
    values[:, ~FACE.inside] = np.nan
    who = np.array([f"{i}" for i in range(people)], dtype=object)
    return AtlasMaps(values.astype(np.float32), who, who, who, Target("happiness"), "m", True)


def test_maps_that_lie_on_the_mask_agree_with_it_more_than_the_middle_and_random_maps() -> None:
    mask = expert_mask("happy")
    found = mask_agreement(maps(0, place=mask, strength=4.0), mask, name="happiness")
    assert found.people["rank auc"].value > 0.9 and found.people["f1"].value > 0.7
    assert found.better_than_centre["rank auc"].low > 0
    assert found.p_random["rank auc"] <= 0.01
    assert found.random["rank auc"] == pytest.approx(0.5, abs=0.03)
    assert 0.1 < found.area < 0.6


def test_random_maps_agree_with_a_mask_in_one_of_twenty() -> None:
    mask = expert_mask("anger")
    seen = [mask_agreement(maps(100 + seed, people=2), mask, seed=seed).p_random["rank auc"] for seed in range(20)]
    assert np.mean(np.array(seen) <= 0.05) <= 0.05 + 3 * np.sqrt(0.05 * 0.95 / 20)


def test_the_mask_itself_agrees_fully() -> None:
    mask = expert_mask("surprise")
    one = AtlasMaps(
        np.where(FACE.inside, mask, np.nan).astype(np.float32)[None].repeat(2, 0),
        *(np.array(["a", "b"], dtype=object),) * 3, Target("surprise"), "m", True,
    )  # fmt: skip
    found = mask_agreement(one, mask)
    for metric in found.people:
        assert found.people[metric].value == pytest.approx(1.0)


def test_masks_that_cannot_be_compared_are_refused() -> None:
    with pytest.raises(InputError, match="no expert mask for 'pride'"):
        expert_mask("pride")
    with pytest.raises(InputError, match="the whole face"):
        mask_agreement(maps(1), np.ones(FACE.shape, dtype=bool))
    with pytest.raises(InputError, match="shape"):
        mask_agreement(maps(1), np.ones((5, 5), dtype=bool))


def test_sets_that_look_at_one_place_stand_together_and_the_ceiling_says_how_near_they_can_be() -> None:
    mouth, brows = expert_mask("happiness"), expert_mask("anger")
    found = map_distances(
        {
            "a": maps(2, place=mouth, strength=2.0), "b": maps(3, place=mouth, strength=2.0),
            "c": maps(4, place=brows, strength=2.0), "d": maps(5, place=brows, strength=2.0),
        },
        n_boot=40,
    )  # fmt: skip
    assert {frozenset(map(int, found.dendrogram[i, :2])) for i in (0, 1)} == {frozenset({0, 1}), frozenset({2, 3})}
    assert (found.support[:2] > 0.9).all()
    assert found.correlation[0, 1] == pytest.approx(found.ceiling[0, 1], abs=0.15)
    assert found.correlation[0, 2] < found.ceiling[0, 2] - 0.3


def test_noise_is_as_reliable_as_noise() -> None:
    found = map_distances({"a": maps(6, people=12), "b": maps(7, people=12)}, n_boot=5)
    assert abs(found.reliability).max() < 0.5
    with pytest.raises(InputError, match="at least 4"):
        map_distances({"a": maps(6, people=3), "b": maps(7)})
    with pytest.raises(InputError, match="at least two sets"):
        map_distances({"a": maps(6)})
