"""What is covered, and what stands there instead."""

import cv2
import numpy as np
import pytest
import torch

from mien.core.errors import InputError
from mien.core.features import NAMED, PICTURE, SEQUENCE
from mien.core.topology import IBUG_68, subset_name, topology
from mien.explain.explain import explain
from mien.explain.fills import Fill, inpainted
from mien.explain.problem import Problem
from mien.explain.units import units_of

torch.set_num_threads(1)
RNG = np.random.default_rng(0)
PICTURES = RNG.random((2, 3, 20, 30)).astype(np.float32)


def problem(values, space, **more):
    return Problem(
        values, values[:0], lambda v: v.flatten(1).sum(1), None, torch.device("cpu"), 8, space,
        reference=more.pop("reference", values), **more,
    )  # fmt: skip


def test_given_segments_keep_their_partition_and_leave_out_what_is_below_zero():
    given = RNG.integers(0, 5, size=(20, 30)) * 10 - 10
    given[given < 0] = -1  # -1, 0, 10, 20, 30
    units = units_of(problem(PICTURES, PICTURE), given)
    assert units.count(0) == units.most == 4
    np.testing.assert_array_equal(units.of(1), np.where(given < 0, -1, given // 10))
    masks = units.masks(np.array([0, 1]), np.array([[True, False, False, True], [False] * 4]), torch.device("cpu"))
    np.testing.assert_array_equal(masks[0, 0], np.isin(given, (-1, 0, 30)))
    np.testing.assert_array_equal(masks[1, 0], given == -1)
    np.testing.assert_array_equal(units.spread(0, np.array([5.0, 6, 7, 8]))[0], np.select(
        [given == 0, given == 10, given == 20, given == 30], [5, 6, 7, 8], 0))  # fmt: skip


def test_segments_of_each_sample_are_its_own():
    given = np.stack([np.arange(600).reshape(20, 30) % 2, np.arange(600).reshape(20, 30) % 3])
    units = units_of(problem(PICTURES, PICTURE), given)
    assert (units.count(0), units.count(1), units.most) == (2, 3, 3)
    mixed = units.masks(np.array([1, 0]), np.array([[True, False, True], [False, True, True]]), torch.device("cpu"))
    np.testing.assert_array_equal(mixed[0, 0], given[1] != 1)
    np.testing.assert_array_equal(mixed[1, 0], given[0] == 1)


@pytest.mark.parametrize("segments", ["grid", "slic", "auto"])
def test_segments_found_in_pictures_are_a_partition_of_about_the_wanted_number(segments):
    if segments == "slic":
        pytest.importorskip("skimage")
    smooth = np.stack([np.stack([cv2.GaussianBlur(c, (0, 0), 3) for c in picture]) for picture in PICTURES])
    units = units_of(problem(smooth, PICTURE), segments, 12)
    for sample in (0, 1):
        assert set(np.unique(units.of(sample))) == set(range(units.count(sample)))
        assert 4 <= units.count(sample) <= 24
    if segments == "grid":
        assert units.count(0) == 12
        sizes = np.bincount(units.of(0).ravel())
        assert sizes.max() <= 1.5 * sizes.min()


def test_slic_follows_edges():
    pytest.importorskip("skimage")
    picture = np.zeros((1, 3, 24, 24), np.float32)
    picture[:, :, :, 9:] = 1.0
    units = units_of(problem(picture, PICTURE), "slic", 4)
    left, right = set(units.of(0)[:, :8].ravel()), set(units.of(0)[:, 10:].ravel())
    assert not left & right


def test_regions_are_those_of_the_topology_also_of_subsets():
    name = subset_name(IBUG_68, [17, 18, 36, 37, 48])
    values = RNG.normal(size=(1, 3, 5, 2)).astype(np.float32)
    units = units_of(problem(values, SEQUENCE, names=("x", "y"), topology=name), "regions")
    named = topology(name).region_of
    for a in range(5):
        for b in range(5):
            assert (units.of(0)[a] == units.of(0)[b]) == (named[a] == named[b])
    spread = units.spread(0, np.arange(units.count(0)) + 1.0)
    for unit in range(units.count(0)):
        assert spread[:, units.of(0) == unit].sum() == pytest.approx(unit + 1)


def test_features_are_joined_by_the_place_their_name_says():
    names = ("mouthSmileLeft", "browDownLeft", "AU12_r mean", "browDownRight", "pupil size noise")
    units = units_of(problem(np.zeros((2, 5), np.float32), NAMED, names=names), "regions")
    label = units.of(0)
    assert label[0] == label[2]  # both the mouth
    assert len({label[0], label[1], label[3]}) == 3
    assert label[4] == -1


@pytest.mark.parametrize(
    ("segments", "message"),
    [("regions", "given as an array"), (np.zeros((3, 3), int), "has shape"), (np.zeros((20, 30)), "array of integers")],
)
def test_segments_that_do_not_fit_are_named(segments, message):
    with pytest.raises(InputError, match=message):
        units_of(problem(PICTURES, PICTURE), segments)


def test_fills_are_what_they_say():
    segments = np.arange(600).reshape(20, 30) // 300
    asked = problem(PICTURES, PICTURE)
    units = units_of(asked, segments)

    def fill(kind):
        return Fill(asked, kind, "mean", units).of(0)

    picture = PICTURES[0]
    np.testing.assert_array_equal(fill("zero"), 0)
    np.testing.assert_allclose(fill("auto"), np.broadcast_to(picture.mean((1, 2))[:, None, None], picture.shape))
    np.testing.assert_allclose(fill("training mean"), PICTURES.mean(axis=0), atol=1e-6)
    own = fill("segment mean")
    np.testing.assert_allclose(
        own[:, :10], np.broadcast_to(picture[:, :10].mean((1, 2))[:, None, None], (3, 10, 30)), atol=1e-6
    )
    assert fill("blur").var() < 0.05 * picture.var()
    np.testing.assert_array_equal(fill(0.25), np.full_like(picture, 0.25))


def test_inpainting_continues_what_surrounds():
    ramp = np.broadcast_to(np.linspace(-3, 5, 30, dtype=np.float32), (3, 20, 30)).copy()
    covered = np.zeros((20, 30), bool)
    covered[8:12, 10:14] = True
    spoilt = ramp.copy()
    spoilt[:, covered] = 100.0
    filled = inpainted(spoilt, covered)
    np.testing.assert_array_equal(filled[:, ~covered], ramp[:, ~covered])
    around = ramp[:, 7:13, 9:15]
    assert (filled >= around.min() - 1e-3)[:, covered].all()
    assert (filled <= around.max() + 1e-3)[:, covered].all()
    np.testing.assert_array_equal(filled, inpainted(ramp, covered))  # what is covered plays no part
    flat = np.full((3, 20, 30), -2.5, np.float32)  # bytes would clip this
    np.testing.assert_allclose(inpainted(flat, covered), flat, atol=1e-3)
    np.testing.assert_allclose(inpainted(ramp, np.ones((20, 30), bool)), 1.0, atol=1e-5)


def test_a_mean_that_is_the_sample_itself_is_refused():
    one = RNG.normal(size=(1, 4)).astype(np.float32)
    with pytest.raises(InputError, match="give reference"):
        Fill(problem(one, NAMED), "auto", "mean")
    Fill(problem(one, NAMED, reference=np.concatenate([one, one + 1])), "auto", "mean")
    with pytest.raises(InputError, match="fill is training mean, zero"):
        Fill(problem(one, NAMED), "blur", "mean")
    with pytest.raises(InputError, match="broadcasts to one input"):
        Fill(problem(one, NAMED), [1.0, 2.0], "mean")


def test_pictures_in_which_slic_finds_next_to_nothing_are_cut_by_a_grid_and_that_is_told():
    pytest.importorskip("skimage")
    flat = np.full((1, 3, 64, 64), 0.5, np.float32)
    noise = RNG.random((1, 3, 64, 64)).astype(np.float32)
    plain = np.stack([cv2.GaussianBlur(c, (0, 0), 6) for c in noise[0]])[None]
    both = np.concatenate([noise, plain])
    evidence = explain(lambda v: v.mean((1, 2, 3)), both, method="lime", n_samples=40, fill="zero", n_segments=30)
    alone = units_of(problem(noise, PICTURE), "slic", 30)
    assert alone.gridded == (True,) and evidence.columns["segments"][0] == alone.count(0) == 30
    assert evidence.columns["segments"][1] >= 8 and list(evidence.columns["grid instead of SLIC"]) == [1, 0]
    assert "in 1 of 2 pictures" in evidence.settings["notes"][0]
    assert units_of(problem(flat, PICTURE), "slic", 30).count(0) >= 20


@pytest.mark.parametrize(
    ("segments", "words"), [(np.zeros((20, 30), int), "at least two"), (np.arange(600).reshape(20, 30) - 5, "holds -5")]
)
def test_segments_that_say_nothing_are_refused(segments, words):
    with pytest.raises(InputError, match=words):
        units_of(problem(PICTURES, PICTURE), segments)


def test_a_number_of_segments_for_what_has_none_is_refused():
    with pytest.raises(InputError, match="Leave n_segments out"):
        units_of(problem(PICTURES.reshape(2, -1), NAMED), "auto", 10)
    with pytest.raises(InputError, match="segments is an array"):
        units_of(problem(PICTURES, PICTURE), np.arange(600).reshape(20, 30) % 4, 10)
