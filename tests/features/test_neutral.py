"""Displacement in space, from other people's neutral faces, padded, as velocity and at its peak."""

import numpy as np
import pytest

from mien.core.errors import InputError
from mien.core.faces import Faces
from mien.core.samples import Samples
from mien.features import compute
from mien.features.geometry import by_eyes, mirrored

FRAMES = 11


def base(seed=0):
    points = np.random.default_rng(seed).uniform(-60, 60, (68, 3))
    points[[36, 39, 42, 45]] = [(-40, 0, 0), (-20, 0, 0), (20, 0, 0), (40, 0, 0)]
    return points


def smile(face, frames=FRAMES):
    clip = np.repeat(face[None], frames, axis=0)
    clip[:, 54] += np.linspace(0, 1, frames)[:, None] * [12, -6, 3]
    return clip


def features_of(sequences, subjects=None, labels=None, **settings):
    names = [f"c{i}" for i in range(len(sequences))]
    points = np.concatenate(sequences) + np.array([300, 300, 0])
    faces = Faces.build(
        len(points),
        topology="ibug-68",
        source=np.concatenate([[n] * len(s) for n, s in zip(names, sequences, strict=True)]).astype(object),
        frame=np.concatenate([np.arange(len(s)) for s in sequences]),
        track=np.zeros(len(points), dtype=int),
        landmarks_px=points,
    )
    who = np.array(subjects or names, dtype=object)
    samples = Samples(path=np.array(names, dtype=object), subject=who, labels={"expression": np.array(labels or names)})
    recipe = {"name": "displacement", "frames": FRAMES, "reference_frames": 1, **settings}
    return compute(recipe, samples, faces)


def turned(clip, degrees):
    a = np.radians(np.broadcast_to(degrees, len(clip)))
    zero, one = np.zeros_like(a), np.ones_like(a)
    yaw = np.array([[np.cos(a), zero, np.sin(a)], [zero, one, zero], [-np.sin(a), zero, np.cos(a)]])
    return np.einsum("ijf,fpj->fpi", yaw, clip)


def test_in_space_a_turning_head_leaves_only_the_planted_movement():
    clip = smile(base())
    still = features_of([clip], coordinates=3).values[0]
    shaken = features_of([turned(clip, 25 * np.sin(np.linspace(0, 6, FRAMES)))], coordinates=3).values[0]
    assert np.allclose(still[:, 54], np.linspace(0, 1, FRAMES)[:, None] * np.array([0.2, -0.1, 0.05]), atol=1e-6)
    assert np.allclose(shaken, still, atol=1e-5)
    plane = features_of([turned(clip, np.linspace(0, 25, FRAMES))]).values[0]
    assert np.abs(np.delete(plane, 54, axis=1)).max() > 0.05  # what the plane cannot undo


@pytest.mark.parametrize("coordinates", [2, 3])
def test_a_clip_of_the_first_frames_head_is_carried_as_one(coordinates):
    clip = smile(base())
    moved = features_of(
        [clip + np.linspace(0, 30, FRAMES)[:, None, None] * [1, 0, 0]], align="clip", coordinates=coordinates
    ).values[0]
    assert np.allclose(moved[-1, 0, 0], 0.5, atol=1e-5) and np.allclose(moved[-1, 54, 0], 0.7, atol=1e-5)


@pytest.mark.parametrize("align", ["frame", "clip"])
def test_the_subjects_neutral_face_comes_from_the_neutral_clip_or_the_first_frames(align):
    face = base()
    always = np.repeat(smile(face)[-1:], FRAMES, axis=0)  # smiles from the first frame on
    still = np.repeat(face[None], FRAMES, axis=0)
    own = features_of([always, still], ["s", "s"], ["smile", "neutral"], reference="first", align=align).values
    assert np.allclose(own[0], 0, atol=1e-6)
    known = features_of([always, still], ["s", "s"], ["smile", "neutral"], reference="subject",
                        neutral="expression=neutral", align=align).values  # fmt: skip
    assert np.allclose(known[0, :, 54], [0.2, -0.1], atol=1e-5) and np.allclose(known[1], 0, atol=1e-6)
    unnamed = features_of([always, still, still], ["s"] * 3, ["a", "b", "c"], reference="subject", align=align).values
    assert np.allclose(unnamed[0, :, 54], [0.2, -0.1], atol=1e-5)


def test_the_cohorts_face_uses_no_labels_and_is_kept_for_other_samples():
    clips = [np.repeat(base(seed)[None], FRAMES, axis=0) for seed in (0, 1, 1)]
    one = features_of(clips, ["a", "b", "b"], ["x", "y", "z"], reference="cohort")
    other = features_of(clips, ["a", "b", "b"], ["neutral", "x", "x"], reference="cohort")
    assert np.array_equal(one.values, other.values)
    faces = [by_eyes(clip[0, :, :2], "ibug-68") for clip in clips[:2]]
    assert np.allclose(one.recipe["face"], np.mean(faces, axis=0), atol=1e-5)
    kept = {key: value for key, value in one.recipe.items() if key != "name"}
    assert np.allclose(features_of(clips[:1], ["a"], ["x"], **kept).values[0], one.values[0], atol=1e-6)


def test_padded_clips_keep_their_speed_and_say_where_they_end():
    short, long = smile(base(), 5), smile(base(), 30)
    found = features_of([short, long], length="pad")
    assert found.names == ("x", "y", "present")
    assert found.values[0, :, 0, 2].tolist() == [1.0] * 5 + [0.0] * 6 and (found.values[0, 5:] == 0).all()
    assert np.allclose(found.values[0, :5, 54, 0], np.linspace(0, 0.2, 5), atol=1e-6)
    assert (found.values[1, ..., 2] == 1).all() and np.allclose(found.values[1, -1, 54], [0.2, -0.1, 1], atol=1e-5)


def test_velocity_is_the_change_per_frame_and_the_peak_is_the_farthest_frame():
    face = base()
    there_and_back = np.concatenate([smile(face, 6), smile(face, 6)[::-1]])
    both = features_of([there_and_back], values="both", frames=12)
    assert both.names == ("x", "y", "vx", "vy")
    assert np.allclose(both.values[0, 1:5, 54, 2:], [0.04, -0.02], atol=1e-6)
    peak = features_of([there_and_back], length="peak")
    assert peak.values.shape == (1, 1, 68, 2) and np.allclose(peak.values[0, 0, 54], [0.2, -0.1], atol=1e-6)
    film = mirrored(there_and_back, "ibug-68", ("x", "y", "z"))
    turned_values = features_of([film], values="both", frames=12).values
    assert np.allclose(turned_values, mirrored(both.values, "ibug-68", both.names), atol=1e-6)


def test_wrong_forms_get_a_sentence():
    with pytest.raises(InputError, match="has no velocity"):
        features_of([smile(base())], length="peak", values="both")
    with pytest.raises(InputError, match="'face' has shape"):
        features_of([smile(base())], reference="cohort", face=[[0.0, 0.0]])


def test_labels_are_used_only_where_they_are_named():
    """The word neutral in any column was taken, so that a reference told the class of people in test folds."""
    face = base()
    clips = [smile(face), np.repeat(smile(face)[-1:], FRAMES, axis=0)]
    one = features_of(clips, ["s", "s"], ["neutral", "x"], reference="subject").values
    other = features_of(clips, ["s", "s"], ["x", "neutral"], reference="subject").values
    np.testing.assert_array_equal(one, other)
    with pytest.raises(InputError, match="COLUMN=LABEL"):
        features_of(clips, ["s", "s"], reference="subject", neutral="neutral")
    with pytest.raises(InputError, match="mood"):
        features_of(clips, ["s", "s"], reference="subject", neutral="mood=neutral")


@pytest.mark.parametrize("coordinates", [2, 3])
def test_aligned_by_what_stays_still_only_what_was_planted_moves(coordinates):
    clip = smile(base())
    found = features_of([clip], coordinates=coordinates, align="still").values[0]
    planted = np.array([0.2, -0.1, 0.05])[:coordinates]
    assert np.allclose(found[:, 54], np.linspace(0, 1, FRAMES)[:, None] * planted, atol=1e-5)
    assert np.abs(np.delete(found, 54, axis=1)).max() < 1e-5
    if coordinates == 3:
        shaken = turned(clip, 25 * np.sin(np.linspace(0, 6, FRAMES)))
        assert np.allclose(features_of([shaken], coordinates=3, align="still").values[0], found, atol=1e-4)
