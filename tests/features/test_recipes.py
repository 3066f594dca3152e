"""Recipes on faces whose every number is known: what they keep, what they remove, what they call missing."""

import numpy as np
import pytest

from mien.core.errors import InputError
from mien.core.faces import BLENDSHAPES, Faces
from mien.core.samples import Samples
from mien.core.topology import ibug_68_in_478, topology
from mien.features import compute
from mien.features.expression import FUNCTIONALS
from mien.features.geometry import mirrored
from mien.features.measures import MEASURES
from mien.features.mirror import mirror_of

EYES = [(-40.0, 0), (-20, 0), (20, 0), (40, 0)]  # inter-ocular distance 60


def base(seed: int = 0) -> np.ndarray:
    """68 points in pixels, eyes level and 60 px apart."""
    points = np.random.default_rng(seed).uniform(-60, 60, (68, 2))
    points[[36, 39, 42, 45]] = EYES
    return points + 300


def clips(*sequences: np.ndarray, topology_name: str = "ibug-68", **columns: object) -> tuple[Samples, Faces]:
    """Samples and Faces of clips, each (frames, points, 2)."""
    source = np.concatenate([[f"c{i}"] * len(s) for i, s in enumerate(sequences)]).astype(object)
    points = np.concatenate(sequences)
    landmarks = np.concatenate([points, np.zeros((*points.shape[:2], 1))], axis=2)
    frame = np.concatenate([np.arange(len(s)) for s in sequences])
    track = np.zeros(len(source), dtype=int)
    faces = Faces.build(
        len(source), topology=topology_name, source=source, frame=frame, landmarks_px=landmarks, track=track, **columns
    )
    ids = [f"c{i}" for i in range(len(sequences))]
    return Samples(path=np.array(ids), subject=np.array([f"s{i}" for i in range(len(ids))])), faces


def smile(frames: int = 11) -> np.ndarray:
    """A mouth corner that moves 12 px to the right and 6 px up."""
    clip = np.repeat(base()[None], frames, axis=0)
    clip[:, 54] += np.linspace(0, 1, frames)[:, None] * [12, -6]
    return clip


def test_displacement_is_the_planted_movement_in_inter_ocular_distances() -> None:
    settings = {"name": "displacement", "frames": 11, "reference_frames": 1}
    features = compute(settings, *clips(smile()))
    moved = features.values[0]
    assert np.allclose(moved[:, 54], np.linspace(0, 1, 11)[:, None] * [0.2, -0.1], atol=1e-6)
    assert np.allclose(np.delete(moved, 54, axis=1), 0, atol=1e-6)
    assert features.names == ("x", "y") and features.topology == "ibug-68"


@pytest.mark.parametrize("align", ["frame", "clip"])
def test_displacement_does_not_know_where_and_how_the_clip_was_filmed(align: str) -> None:
    a = np.radians(20)
    filmed = (smile() @ np.array([[np.cos(a), np.sin(a)], [-np.sin(a), np.cos(a)]])) * 1.7 + [50, -80]
    features = compute({"name": "displacement", "align": align}, *clips(smile(), filmed))
    assert np.allclose(features.values[0], features.values[1], atol=1e-6)


def test_movement_of_the_head_goes_per_frame_and_stays_per_clip() -> None:
    sliding = smile() + np.linspace(0, 30, 11)[:, None, None] * [1, 0]
    samples, faces = clips(smile(), sliding)
    frame = compute({"name": "displacement", "align": "frame"}, samples, faces).values
    clip = compute({"name": "displacement", "align": "clip", "reference_frames": 1}, samples, faces).values
    assert np.allclose(frame[0], frame[1], atol=1e-6)
    assert np.allclose((clip[1] - clip[0])[-1], [0.5, 0], atol=1e-5)


@pytest.mark.parametrize("align", ["frame", "clip"])
def test_displacement_of_the_mirrored_film_is_the_mirrored_displacement(align: str) -> None:
    clip = smile() + np.random.default_rng(1).normal(0, 1, (11, 68, 2))
    film = mirrored(clip, "ibug-68") + np.array([640, 0])
    values = compute({"name": "displacement", "align": align}, *clips(clip, film)).values
    assert np.allclose(values[1], mirrored(values[0], "ibug-68"), atol=1e-6)


def test_fewer_points_out_of_478() -> None:
    clip = np.random.default_rng(0).uniform(100, 400, (9, 478, 2))
    samples, faces = clips(clip, topology_name="mediapipe-478")
    full = compute({"name": "displacement"}, samples, faces)
    for name, picked in (("ibug-68", ibug_68_in_478()), ("mediapipe-468", np.arange(468))):
        fewer = compute({"name": "displacement", "points": name}, samples, faces)
        assert fewer.topology == name
        assert np.array_equal(fewer.values, full.values[:, :, picked])


def test_nan_frames_are_bridged_and_too_many_are_a_status() -> None:
    hole, ruin = smile(), smile()
    hole[4:6] = np.nan
    ruin[2:9] = np.nan
    features = compute({"name": "displacement", "frames": 11}, *clips(smile(), hole, ruin))
    assert features.status.tolist() == ["ok", "ok", "too few frames with a face"]
    assert np.allclose(features.values[0], features.values[1], atol=1e-6)
    assert np.isnan(features.values[2]).all()


def test_a_recipe_computes_the_same_features_again() -> None:
    samples, faces = clips(smile(), smile() + np.random.default_rng(0).normal(0, 1, (11, 68, 2)))
    for name in ("displacement", "expression"):
        features = compute({"name": name}, samples, faces)
        again = compute(features.recipe, samples, faces)
        assert np.array_equal(features.values, again.values) and again.recipe == features.recipe


@pytest.mark.parametrize(
    ("recipe", "message"),
    [
        ({"name": "expresion"}, "no feature recipe 'expresion'"),
        ({"name": "displacement", "frame": 3}, "no setting 'frame'. Did you mean 'frames'"),
        ({"name": "displacement", "align": "clp"}, "'align' is 'frame', 'clip' or 'still', but got 'clp'"),
        ({"name": "expression", "blocks": ["pixels"]}, "got 'pixels'"),
        ({"name": "displacement", "points": "mediapipe-478"}, "cannot be had from them"),
        ({"name": "displacement", "frames": "x"}, "'frames' is a whole number from 1, but got 'x'"),
        ({"name": "displacement", "frames": 1}, "at least 2 frames"),
        ({"name": "displacement", "reference_frames": 2.5}, "'reference_frames' is a whole number from 1"),
        ({"name": "displacement", "coordinates": 2.0}, "'coordinates' is a whole number"),
        ({"name": "displacement", "max_missing": -1}, "'max_missing' is a number from 0 to 1, but got -1"),
        ({"name": "displacement", "max_gap": -1}, "'max_gap' is a whole number from 0"),
        ({"name": "displacement", "points": 68}, "'points' is a word, but got 68"),
        ({"name": "displacement", "reference": "cohort", "face": [["a"]]}, "'face' is a table of numbers"),
    ],
)
def test_wrong_recipes_get_a_sentence(recipe: dict, message: str) -> None:
    with pytest.raises(InputError, match=message):
        compute(recipe, *clips(smile()))


def pictures(points: np.ndarray, **columns: object) -> tuple[Samples, Faces]:
    return clips(*points[:, None], **columns)


def test_expression_of_a_picture_holds_blendshapes_and_known_distances() -> None:
    points = base()
    points[48], points[54] = (280, 340), (325, 340)
    shapes = np.random.default_rng(0).uniform(size=(1, 52))
    blocks = ["blendshapes", "measures", "points"]
    features = compute({"name": "expression", "blocks": blocks}, *pictures(points[None], blendshapes=shapes))
    value = dict(zip(features.names, features.values[0], strict=True))
    assert np.allclose([value[name] for name in BLENDSHAPES], shapes[0])
    assert value["mouth width"] == pytest.approx(45 / 60)
    assert value["point 45 x"] == pytest.approx(40 / 60)
    assert features.recipe["blocks"] == blocks
    assert len(features.names) == 52 + len(MEASURES) + 136


def test_absent_blendshapes_are_no_features_and_a_single_absence_is_a_status() -> None:
    points = np.stack([base(), base(1)])
    assert compute({"name": "expression"}, *pictures(points)).recipe["blocks"] == ["measures"]
    shapes = np.full((2, 52), 0.5)
    shapes[1] = np.nan
    features = compute({"name": "expression"}, *pictures(points, blendshapes=shapes))
    assert features.status.tolist() == ["ok", "missing values"]


@pytest.mark.parametrize("over_time", ["apex", "functionals"])
def test_features_of_the_mirrored_face_are_the_mirrored_features(over_time: str) -> None:
    clip = smile() + np.random.default_rng(3).normal(0, 2, (11, 68, 2))
    film = mirrored(clip, "ibug-68") + np.array([640, 0])
    recipe = {"name": "expression", "blocks": ["measures", "points"], "over_time": over_time}
    features = compute(recipe, *clips(clip, film))
    index, sign = mirror_of(features.names, "ibug-68")
    expected = features.values[0][index] * sign
    # A mirrored x swaps its low and high end as well as its sign.
    assert np.allclose(features.values[1], expected, atol=1e-5)


def test_mirroring_swaps_left_and_right_blendshapes_only() -> None:
    index, sign = mirror_of(BLENDSHAPES, "")
    assert (sign == 1).all()
    assert BLENDSHAPES[index[BLENDSHAPES.index("mouthSmileLeft")]] == "mouthSmileRight"
    assert BLENDSHAPES[index[BLENDSHAPES.index("jawOpen")]] == "jawOpen"
    assert np.array_equal(index[index], np.arange(52))


def test_functionals_of_a_known_course() -> None:
    features = compute({"name": "expression", "blocks": ["measures"]}, *clips(smile(11)))
    assert features.recipe["over_time"] == "functionals"
    assert len(features.names) == len(MEASURES) * len(FUNCTIONALS)
    value = dict(zip(features.names, features.values[0], strict=True))
    course = np.linalg.norm(smile()[:, 48] - smile()[:, 54], axis=1) / 60
    assert value["mouth width mean"] == pytest.approx(course.mean(), rel=1e-5)
    assert value["mouth width sd"] == pytest.approx(course.std(), rel=1e-5)
    assert value["mouth width high"] == pytest.approx(np.percentile(course, 90), rel=1e-5)
    assert value["mouth width rise"] == pytest.approx(course[-3:].mean() - course[:3].mean(), rel=1e-4)


def test_apex_is_the_frame_that_differs_most() -> None:
    clip = smile()
    clip = np.concatenate([clip, clip[::-1][1:]])
    features = compute({"name": "expression", "blocks": ["points"], "over_time": "apex"}, *clips(clip))
    value = dict(zip(features.names, features.values[0], strict=True))
    assert value["point 54 x"] == pytest.approx((clip[10, 54, 0] - 300) / 60, rel=1e-5)


def test_relative_to_the_subject_needs_no_label_but_several_samples() -> None:
    samples, faces = pictures(np.stack([base(0), base(1), base(2)]))
    samples = Samples(path=samples.path, subject=np.array(["a", "a", "b"]))
    plain = compute({"name": "expression"}, samples, faces).values
    features = compute({"name": "expression", "relative_to": "subject"}, samples, faces)
    assert np.allclose(features.values[0], (plain[0] - plain[1]) / 2, atol=1e-6)
    assert features.status.tolist() == ["ok", "ok", "no other sample of the subject"]


def test_action_units_of_imported_tables_are_features() -> None:
    samples, faces = clips(smile(1), topology_name="ibug-68")
    faces = Faces.build(
        1, topology="ibug-68", source=faces.source, landmarks_px=faces.landmarks_px, extra={"AU12_r": np.array([2.5])}
    )
    features = compute({"name": "expression", "blocks": ["actions"]}, samples, faces)
    assert features.names == ("AU12_r",) and features.values.tolist() == [[2.5]]


def test_no_samples_give_no_rows() -> None:
    empty = Samples(path=np.array([]), subject=np.array([]))
    for name in ("displacement", "expression"):
        assert len(compute({"name": name}, empty, Faces.empty())) == 0
    assert len(topology("ibug-68")) == 68
