"""Overlap of first columns: exact chance for columns in any order; turns of a sphere where neighbours are alike."""

import numpy as np
import pytest
from scipy.stats import hypergeom

from mien.core.errors import InputError
from mien.decoding.evidence.overlap import first_columns, overlap
from mien.decoding.evidence.spin import spins


def hemispheres(places: int = 50) -> np.ndarray:
    """Places spread evenly over two spheres."""
    i = np.arange(places) + 0.5
    polar, around = np.arccos(1 - 2 * i / places), np.pi * (1 + 5**0.5) * i
    right = np.column_stack([np.cos(around) * np.sin(polar), np.sin(around) * np.sin(polar), np.cos(polar)])
    return np.concatenate([40 * right * [-1, 1, 1] - [50, 0, 0], 40 * right + [50, 0, 0]])


def test_shares_and_chance_of_columns_in_any_order() -> None:
    one, other = np.arange(10.0), np.array([0, 0, 0, 0, 9, 0, 0, 8, 7, 6.0])
    found = overlap(one, other, k=4)
    assert (found.shared, found.dice, found.jaccard, found.expected) == (3, 0.75, 0.6, 0.4)
    assert found.p_columns == pytest.approx(hypergeom(10, 4, 4).pmf([3, 4]).sum()) and np.isnan(found.p_spin)
    assert first_columns(np.array([1.0, np.nan, 1.0, 0.0]), 2).tolist() == [True, False, True, False]
    assert overlap(one, other, k=20).k == 5


def test_turns_keep_hemispheres_neighbours_and_mirror_each_other() -> None:
    centres = hemispheres()
    turned = spins(centres, 40, seed=1)
    assert (turned[:, :50] < 50).all() and (turned[:, 50:] >= 50).all()
    np.testing.assert_array_equal(turned[:, :50], turned[:, 50:] - 50)
    gaps = np.linalg.norm(centres[turned][:, :49] - centres[turned][:, 1:50], axis=2)
    apart = np.linalg.norm(centres[:49] - centres[1:50], axis=1)
    assert np.corrcoef(gaps.mean(axis=0), apart)[0, 1] > 0.9
    assert len(np.unique(turned[:, 0])) > 15


def test_smooth_maps_without_relation_overlap_by_chance_and_only_turns_know() -> None:
    centres, rng = hemispheres(), np.random.default_rng(0)
    sphere = (centres + np.outer(np.sign(-centres[:, 0]), [50, 0, 0])) / 40
    alike = np.exp((sphere @ sphere.T - 1) / 0.6) * np.equal.outer(np.arange(100) < 50, np.arange(100) < 50)
    smooth = np.linalg.cholesky(alike + 1e-6 * np.eye(100))
    turned = spins(centres, 200, seed=2)
    spin, naive = [], []
    for _ in range(200):
        a, b = (first_columns(smooth @ rng.normal(size=100), 20) for _ in range(2))
        shared, moved = int((a & b).sum()), b[turned]
        null = 2 * (moved & a).sum(axis=1) / (20 + moved.sum(axis=1))
        spin.append((1 + (null >= shared / 20 - 1e-12).sum()) / 201 <= 0.05)
        naive.append(hypergeom.sf(shared - 1, 100, 20, 20) <= 0.05)
    assert np.mean(spin) < 0.09 and np.mean(naive) > 0.09


def test_the_same_map_is_found_again() -> None:
    values = np.random.default_rng(3).normal(size=100)
    found = overlap(values, values, k=20, centres_mm=hemispheres(), n_spins=199)
    assert found.p_spin == pytest.approx(0.005) and found.dice == 1


def test_centres_that_are_missing_or_on_one_side_are_a_sentence() -> None:
    centres = hemispheres()
    with pytest.raises(InputError, match="on each side of the midline"):
        spins(np.abs(centres), 5)
    centres[3] = np.nan
    with pytest.raises(InputError, match="some are unknown"):
        spins(centres, 5)
