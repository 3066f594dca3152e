"""Sums over a data set, with answers worked out by hand."""

import numpy as np
import pytest

from mien.atlas.evidence_words import in_words
from mien.atlas.places import feature_points
from mien.atlas.regions import features, regions
from mien.atlas.summary import over_time, summarise
from mien.atlas.words import feature_words
from mien.core.errors import InputError
from mien.core.evidence import Evidence
from mien.core.target import Target
from mien.core.topology import topology


def build(values, *, label=None, subject=None, status=None, gap=None, names=None, target="smiling"):
    values = np.asarray(values, dtype=np.float32)
    rows, sequence = len(values), values.ndim == 4
    return Evidence(
        values=values,
        space="landmarks x time" if sequence else "named features",
        names=names or (("x", "y") if sequence else tuple("abcdefgh"[: values.shape[1]])),
        target=Target(target),
        method="integrated-gradients",
        settings={},
        sample=[str(i) for i in range(rows)],
        subject=subject or [""] * rows,
        label=label or [""] * rows,
        output=np.zeros(rows),
        gap=np.full(rows, np.nan) if gap is None else gap,
        status=status or ["ok"] * rows,
        topology="ibug-68" if sequence else "",
    )


def test_each_subject_weighs_the_same():
    summary = summarise(build([[1.0, 2], [1, 2], [1, 2], [-4, 2]], subject=list("uuuv")))
    np.testing.assert_allclose(summary.signed_mean, [-1.5, 2])
    np.testing.assert_allclose(summary.mean_absolute, [2.5, 2])
    np.testing.assert_allclose(summary.consistency, [0.5, 1])
    assert (summary.samples, summary.subjects) == (4, 2)


def test_rows_of_unknown_subjects_weigh_the_same_and_are_never_counted_as_people():
    summary = summarise(build([[1.0], [1], [-1]]))
    assert summary.subjects is None and summary.who == "3 samples (people unknown)"
    np.testing.assert_allclose(summary.consistency, [2 / 3])
    # A standard error over rows would take them for independent people.
    assert np.isnan(summary.t).all()
    assert summarise(build([[1.0], [1], [-1]], subject=["u", "", "u"])).subjects is None
    known = summarise(build([[1.0], [1], [-1]], subject=["u", "v", "w"]))
    assert known.who == "3 samples of 3 people"
    np.testing.assert_allclose(known.t, (1 / 3) / (np.std([1, 1, -1], ddof=1) / np.sqrt(3)))


def test_the_targets_own_samples_are_meant_unless_asked_otherwise():
    evidence = build([[1.0], [5], [3]], label=["smiling", "neutral", "smiling"])
    assert summarise(evidence).signed_mean == 2 and summarise(evidence).label == "smiling"
    assert summarise(evidence, label="neutral").signed_mean == 5
    assert summarise(evidence, label="").signed_mean == 3
    with pytest.raises(InputError, match="labelled 'sad'"):
        summarise(evidence, label="sad")


def test_rows_without_evidence_are_left_out_and_counted():
    evidence = build([[1.0], [np.nan], [3]], status=["ok", "non-finite", "constant"], gap=[0.01, np.nan, -0.03])
    summary = summarise(evidence)
    assert summary.left_out == {"non-finite": 1} and summary.signed_mean == 2
    assert summary.median_gap == pytest.approx(np.median([0.01 / 0.99, 0.03 / 3.03]), rel=1e-5)


def planted():
    """Mouth evidence 6 against 2 on the rest, all in frame 1, the right cheek's against the target."""
    values = np.zeros((2, 3, 68, 2))
    regions = topology("ibug-68").regions
    values[:, 1, regions["mouth"], 1] = 6 / len(regions["mouth"])
    values[:, 1, regions["nose"], 0] = -2 / len(regions["nose"])
    return build(values)


def test_regions_in_numbers_and_words():
    summary = summarise(planted())
    rows = regions(summary)
    assert [(r.name, round(r.share, 6)) for r in rows[:2]] == [("mouth", 0.75), ("nose", 0.25)]
    assert rows[0].expected == pytest.approx(20 / 68) and rows[1].signed == pytest.approx(-2)
    assert sum(r.share for r in rows) == pytest.approx(1) and sum(r.expected for r in rows) == pytest.approx(1)
    assert in_words(summary) == (
        "Largest shares of the evidence for 'smiling': mouth (75 %; even spread 29 %) and nose (25 %; even spread "
        "13 %); too few people to say more: 2 samples (people unknown)."
    )
    names, values = over_time(summary)
    np.testing.assert_allclose(values[names.index("mouth")], [0, 6, 0], atol=1e-6)
    np.testing.assert_allclose(values[names.index("nose")], [0, -2, 0], atol=1e-6)
    np.testing.assert_allclose(summary.coordinate_signed.sum(axis=0), [-2, 6], atol=1e-5)


def test_subjects_may_agree_on_a_coordinate_or_a_moment_but_not_on_the_point():
    """Two people, two frames, one point moved: they agree on y and on the first frame, not on x, nor on the last."""
    values = np.zeros((2, 2, 68, 2), dtype=np.float32)
    values[0, :, 5] = [[1, 4], [1, -2]]  # frames x coordinates
    values[1, :, 5] = [[-2, 6], [-2, 1]]
    summary = summarise(build(values, subject=["u", "v"]))
    # Sums over frames: x 2 and -4, y 2 and 7. Over coordinates: first 5 and 4, last -1 and -1.
    np.testing.assert_array_equal(summary.coordinate_consistency[5], [0.5, 1])
    np.testing.assert_array_equal(summary.frame_consistency[:, 5], [1, 1])
    np.testing.assert_array_equal(summary.consistency[:, 5], [[0.5, 1], [0.5, 0.5]])
    assert np.isnan(summary.coordinate_consistency[6]).all() and np.isnan(summary.frame_consistency[:, 6]).all()
    np.testing.assert_allclose(summary.frame_absolute[:, 5], [6.5, 3])
    assert summary.coordinate_consistency.shape == (68, 2) and summary.frame_consistency.shape == (2, 68)
    assert summarise(build([[1.0, 2]])).coordinate_consistency.shape == (0, 0)


def test_features_in_words_and_on_the_face():
    names = ("mouthSmileLeft", "jawOpen", "eye_distance", "point 61 x", "temperature")
    summary = summarise(build([[4.0, 2, 0, -2, 2]] * 6, names=names, subject=list("abcdef")))
    assert in_words(summary) == (
        "Most evidence for 'smiling' comes from mouth (60 %; even spread 40 %). "
        "For its size, mouth stands out: 1.5 times an even spread. "
        "The strongest features are left mouth corner pulled up (smile) (40 %; even spread 20 %)."
    )
    assert features(summary)[0].expected == 0.2
    rows = {row.name: row for row in regions(summary)}
    assert sum(row.share for row in rows.values()) == pytest.approx(1)
    assert sum(row.expected for row in rows.values()) == pytest.approx(1)
    assert rows["mouth"].signed == pytest.approx(2) and rows[""].signed == pytest.approx(2)
    assert summary.point_signed[61] == pytest.approx(4 / 80 - 2)


def test_features_of_unknown_faces_have_no_regions():
    summary = summarise(build([[3.0, 1]], names=("a", "b")))
    assert in_words(summary) == (
        "Largest shares of the evidence for 'smiling': a (75 %; even spread 50 %); "
        "too few people to say more: 1 sample (people unknown)."
    )
    with pytest.raises(InputError, match="no facial regions"):
        regions(summary)


@pytest.mark.parametrize(
    ("name", "where"),
    [
        ("browDownLeft", {"left brow"}),
        ("browInnerUp", {"left brow", "right brow"}),
        ("eyeLookInRight", {"right eye"}),
        ("jawLeft", {"chin", "left jaw", "right jaw"}),
        ("right jaw width", {"right jaw"}),
        ("cheekSquintRight rise", {"right cheek"}),
        ("left mouth corner to eye mean", {"mouth"}),
        ("left inner brow height", {"left brow"}),
        ("AU06_r mean", {"right cheek", "left cheek"}),
        ("AU45_c", {"right eye", "left eye"}),
        ("point 0 y sd", {"mouth"}),
        ("_neutral", set()),
        ("point 478 x", set()),
    ],
)
def test_where_a_feature_is(name, where):
    region_of = topology("mediapipe-478").region_of
    assert {region_of[i] for i in feature_points(name, "mediapipe-478")} == where


def test_no_evidence_is_said():
    assert "all values are zero" in in_words(summarise(build([[0.0, 0]])))


def test_plain_words_for_all_blendshapes():
    from mien.core.faces import BLENDSHAPES

    words = [feature_words(name) for name in BLENDSHAPES]
    assert len(set(words)) == 52
    assert not any(c.isupper() for text in words for c in text)
    assert feature_words("browDownRight") == "right brow lowered"
    assert feature_words("AU12_r rise") == "AU12, mouth corners pulled up (smile) (strength), rise over the clip"
    assert feature_words("right eye opening low") == "right eye opening, low point"
    assert feature_words("inter_ocular") == "inter ocular"


def test_the_output_called_neutral_is_no_expression_of_the_face():
    from mien.atlas.words import feature_words

    assert "output of the blendshape network" in feature_words("_neutral")
