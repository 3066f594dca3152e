"""Maps over viewers: intervals that cover, files that are read back, volumes on the brain's own grid."""

from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("nibabel")
pytest.importorskip("safetensors")

import nibabel

from mien.core.brain_space import BrainSpace
from mien.core.errors import InputError
from mien.decoding.evidence.maps import BrainMap
from mien.decoding.evidence.overlap import overlap
from mien.decoding.evidence.result import ARRAYS, BrainEvidence, load_brain_evidence

AFFINE = np.array([[-3.0, 0, 0, 60], [0, 3, 0, -40], [0, 0, 4, 2], [0, 0, 0, 1]])


def made_up() -> BrainEvidence:
    rng = np.random.default_rng(0)
    voxels = np.array([[0, 0, 0], [1, 0, 0], [1, 1, 0], [2, 2, 1]])
    space = BrainSpace(["left", "right", "insula"], "parcel", (3, 3, 2), AFFINE, voxels, np.array([0, 1, 1, 2]))
    maps = tuple(
        BrainMap(target, "shap", measure, rng.normal(size=(4, 3)), rng.normal(size=(4, 3)))
        for target in ("fear", "joy/calm") for measure in ("amount", "difference")
    )  # fmt: skip
    over = (overlap(maps[0].mean, maps[2].mean, k=1, names=("fear", "joy/calm")),)
    return BrainEvidence(space, maps, over, "viewers", ("a", "b", "c", "d"), np.zeros(3), {"k": 1}, ("A note.",))


def test_what_is_written_is_read_back_and_volumes_lie_where_the_brain_lies(tmp_path: Path) -> None:
    found = made_up()
    found.write(tmp_path)
    again = load_brain_evidence(tmp_path)
    for one, other in zip(found.maps, again.maps, strict=True):
        np.testing.assert_array_equal(one.values, other.values)
        np.testing.assert_array_equal(one.shuffled, other.shuffled)
    assert again.overlaps == found.overlaps or np.isnan(again.overlaps[0].p_spin)
    assert again.notes == found.notes and again.units == found.units and again.space.shape == (3, 3, 2)
    image = nibabel.load(tmp_path / "joy-calm_shap_amount.nii.gz")
    np.testing.assert_array_equal(image.affine, AFFINE)
    expected = found.space.volume(found.map("joy/calm", "amount").mean).astype(np.float32)
    np.testing.assert_array_equal(image.get_fdata(dtype=np.float32), expected)
    assert set(found.table["column"]) == {"left", "right", "insula"} and len(found.table) == 12


def test_damage_and_unknown_maps_are_sentences(tmp_path: Path) -> None:
    found = made_up()
    with pytest.raises(InputError, match="no map 'pattern' of 'fear'"):
        found.map("fear", "pattern")
    found.write(tmp_path)
    (tmp_path / ARRAYS).write_bytes(b"0" * 100)
    with pytest.raises(InputError, match="is not the file that brain"):
        load_brain_evidence(tmp_path)


def test_intervals_over_viewers_cover_and_p_is_even_without_an_effect() -> None:
    rng = np.random.default_rng(1)
    found = BrainMap("fear", "shap", "difference", rng.normal(size=(6, 4000)) + 0.3, np.zeros((0, 0)))
    _, low, high = found.interval
    assert abs(((low < 0.3) & (high > 0.3)).mean() - 0.95) < 0.012
    null = BrainMap("fear", "shap", "weights", rng.normal(size=(6, 4000)), np.zeros((0, 0)))
    assert abs((null.p <= 0.05).mean() - 0.05) < 0.012 and (null.q <= 0.05).sum() <= 2


def test_an_amount_is_tested_against_shifted_labels_only() -> None:
    rng = np.random.default_rng(2)
    values = np.abs(rng.normal(size=(8, 4000)))
    assert np.isnan(BrainMap("fear", "shap", "amount", values, np.zeros((0, 0))).p).all()
    shifted = np.abs(rng.normal(size=(8, 4000)))
    assert abs((BrainMap("fear", "shap", "amount", values, shifted).p <= 0.05).mean() - 0.05) < 0.015
    assert np.isnan(BrainMap("fear", "shap", "difference", values[:1], np.zeros((0, 0))).interval[1]).all()


def test_over_runs_of_one_viewer_weights_have_the_jackknife_and_amounts_no_interval() -> None:
    rng = np.random.default_rng(3)
    each = rng.normal(size=(8, 4000))
    left_out = (each.sum(axis=0) - each) / 7  # means without one run each
    _, low, high = BrainMap("fear", "shap", "weights", left_out, np.zeros((0, 0)), "runs").interval
    assert abs(((low < 0) & (high > 0)).mean() - 0.95) < 0.012
    found = BrainMap("fear", "shap", "amount", left_out, left_out, "runs")
    assert np.isnan(found.interval[1]).all() and np.isnan(found.p).all()
