"""The synthetic cohort has a known truth: what acts moves, what does not act says nothing."""

import csv
import json

import numpy as np
import pytest

from mien.core.errors import InputError

pytestmark = pytest.mark.usefixtures("weights")  # the mean face lies in the landmarker's bundle


def cohort(**settings):
    from mien.data.synthetic import make_cohort

    return make_cohort(**{"n_subjects": 6, "n_frames": 8, **settings})


def still(**settings):
    """A cohort whose heads, eyes, lids and sensor are at rest."""
    return cohort(noise_px=0, head_strength=0, blink_chance=0, gaze_strength=0, **settings)


def clips(made):
    return made.faces.landmarks_px.reshape(len(made.samples), -1, 478, 3)


def in_head_frame(points, stable):
    """Undo head motion by the rotation, scale and shift that fit the stable points of each frame to the first."""
    first = points[:, :1]
    goal, here = first[:, :, stable], points[:, :, stable]
    goal_mean, here_mean = goal.mean(2, keepdims=True), here.mean(2, keepdims=True)
    a, b = here - here_mean, goal - goal_mean
    u, s, vt = np.linalg.svd(np.einsum("cfpi,cfpj->cfij", a, np.broadcast_to(b, a.shape)))
    turn = np.ones_like(s)
    turn[..., 2] = np.sign(np.linalg.det(u @ vt))
    scale = (s * turn).sum(-1) / (a**2).sum((-1, -2))
    moved = np.einsum("cfpi,cfij->cfpj", points - here_mean, (u * turn[..., None, :]) @ vt)
    return moved * scale[..., None, None] + goal_mean


def test_exactly_the_acting_points_of_the_group_move():
    made = still()
    movement = np.abs(clips(made)[:, -1] - clips(made)[:, 0]).max(-1)
    for row, (label, group) in enumerate(zip(made.samples.labels["expression"], made.samples.group, strict=True)):
        moving = np.flatnonzero(movement[row] > 1e-3)
        np.testing.assert_array_equal(moving, made.acting_by_group[label][group], err_msg=f"{label} {group}")


def test_after_undoing_head_motion_only_acting_points_move():
    from mien.core.topology import topology

    made = cohort(noise_px=0, blink_chance=0, gaze_strength=0)
    acting = np.unique(np.concatenate(list(made.acting.values())))
    stable = np.setdiff1d(np.arange(468), acting)
    assert len(stable) > 60 and np.intersect1d(stable, topology("mediapipe-478").regions["forehead"]).size
    before = clips(made)[:, -1] - clips(made)[:, 0]
    after = in_head_frame(clips(made), stable)[:, -1] - clips(made)[:, 0]
    for row, (label, group) in enumerate(zip(made.samples.labels["expression"], made.samples.group, strict=True)):
        idle = np.setdiff1d(np.arange(478), made.acting_by_group[label][group])
        assert np.abs(before[row, idle]).max() > 1
        assert np.abs(after[row, idle]).max() < 0.01


def test_points_that_do_not_act_predict_the_label_at_chance():
    """Nearest class mean over subject-disjoint folds, on movement relative to points that never act."""
    made = cohort(n_subjects=24, expressions=("neutral", "smile", "anger", "surprise"), clips_per_expression=2)
    labels = made.samples.labels["expression"]
    acting = np.unique(np.concatenate(list(made.acting.values())))
    idle = np.setdiff1d(np.arange(478), acting)
    stable = idle[idle < 468]
    after = in_head_frame(clips(made), stable)
    moved = after[:, -1] - after[:, 0]
    position = clips(made)[:, 0] / np.ptp(clips(made)[:, 0], axis=1, keepdims=True)
    n = len(labels)
    chance, sd = 0.25, np.sqrt(0.25 * 0.75 / n)

    def accuracy(values):
        values = values.reshape(n, -1)
        right = 0
        for fold in range(6):
            test = np.isin(made.samples.subject, np.unique(made.samples.subject)[fold::6])
            means = np.stack([values[~test & (labels == label)].mean(0) for label in np.unique(labels)])
            spread = values[~test].std(0) + 1e-6
            distance = (((values[test, None] - means) / spread) ** 2).sum(-1)
            right += (np.unique(labels)[distance.argmin(1)] == labels[test]).sum()
        return right / n

    assert abs(accuracy(moved[:, idle]) - chance) < 3 * sd
    assert abs(accuracy(position) - chance) < 3 * sd
    assert abs(accuracy(made.performance.head.pose_deg[:, -1]) - chance) < 3 * sd
    assert accuracy(moved[:, acting]) > 0.9


def test_actions_are_mirror_images_of_themselves():
    from mien.core.topology import MEDIAPIPE_478, topology
    from mien.data.synthetic.actions import ACTIONS, acting_points, fields
    from mien.data.synthetic.geometry import rest_points

    partner, flip = topology(MEDIAPIPE_478).mirror, np.array([-1, 1, 1])
    np.testing.assert_array_equal(partner[partner], np.arange(478))
    np.testing.assert_allclose(rest_points()[partner] * flip, rest_points(), atol=1e-9)
    np.testing.assert_allclose(fields()[:, partner] * flip, fields(), atol=1e-9)
    for action in ACTIONS:
        points = acting_points(action)
        assert set(partner[points]) == set(points)


@pytest.mark.parametrize(
    ("action", "point", "axis", "way"),
    [
        ("inner brow raise", 107, 1, 1),
        ("outer brow raise", 105, 1, 1),
        ("brow lower", 55, 1, -1),
        ("upper lid raise", 159, 1, 1),
        ("lids close", 159, 1, -1),
        ("lid tighten", 145, 1, 1),
        ("cheek raise", 50, 1, 1),
        ("nose wrinkle", 129, 1, 1),
        ("upper lip raise", 0, 1, 1),
        ("lip corner pull", 291, 0, 1),
        ("lip corner pull", 61, 0, -1),
        ("lip corner pull", 61, 1, 1),
        ("lip corner depress", 61, 1, -1),
        ("chin raise", 199, 1, 1),
        ("lip pucker", 291, 0, -1),
        ("lip pucker", 0, 2, 1),
        ("lip stretch", 291, 0, 1),
        ("lip press", 0, 1, -1),
        ("lips part", 17, 1, -1),
        ("jaw drop", 152, 1, -1),
    ],
)
def test_actions_move_skin_the_way_the_coding_system_says(action, point, axis, way):
    from mien.data.synthetic.actions import ACTIONS, fields

    assert way * fields()[ACTIONS.index(action), point, axis] > 0.1


@pytest.mark.parametrize(
    ("action", "blendshape"),
    [
        ("inner brow raise", "browInnerUp"),
        ("outer brow raise", "browOuterUp"),
        ("brow lower", "browDown"),
        ("upper lid raise", "eyeWide"),
        ("lid tighten", "eyeSquint"),
        ("upper lip raise", "mouthUpperUp"),
        ("lip corner pull", "mouthSmile"),
        ("lip corner depress", "mouthFrown"),
        ("chin raise", "mouthShrugLower"),
        ("lip pucker", "mouthPucker"),
        ("lip stretch", "mouthStretch"),
        ("lip press", "mouthRoll"),
        ("jaw drop", "jawOpen"),
        ("lids close", "eyeBlink"),
    ],
)
def test_a_blendshape_network_trained_by_others_names_each_action(action, blendshape):
    """Cheek raise, nose wrinkle and slightly parted lips are left out: it hardly answers to them."""
    from mien.core.faces import BLENDSHAPES
    from mien.data.synthetic.actions import ACTIONS, fields
    from mien.data.synthetic.geometry import rest_points
    from mien.faces.mesh import Blendshapes

    rest, moved = rest_points(), rest_points() + fields()[ACTIONS.index(action)]
    pixels = np.stack([rest, moved]).astype(np.float32) * np.array([12, -12, -12], "f4") + 300
    before, after = Blendshapes()(pixels)
    assert BLENDSHAPES[int(np.argmax(after - before))].startswith(blendshape)


def test_bone_stays_put():
    from mien.data.synthetic.actions import fields

    corners_bridge_forehead_temples = [33, 133, 263, 362, 168, 10, 127, 356, 234, 454]
    assert not fields()[:, corners_bridge_forehead_temples].any()


def test_groups_show_some_expressions_with_other_muscles_and_some_with_the_same():
    truth = cohort(n_subjects=2).acting_by_group
    for label in ("smile", "surprise", "anger"):
        assert set(truth[label]["A"]) ^ set(truth[label]["B"])
    for label in ("disgust", "sadness"):
        np.testing.assert_array_equal(truth[label]["A"], truth[label]["B"])
    assert truth["neutral"]["A"].size == 0


def test_every_subject_shows_every_expression_equally_often():
    made = cohort(clips_per_expression=2)
    pairs = list(zip(made.samples.subject, made.samples.labels["expression"], strict=True))
    assert len(set(pairs)) == 36 and all(pairs.count(pair) == 2 for pair in set(pairs))
    assert sorted(set(made.samples.group)) == ["A", "B"]
    assert len(set(made.samples.path)) == len(made.samples)
    np.testing.assert_array_equal(made.faces.source, np.repeat(made.samples.path, 8))


def test_the_same_seed_gives_the_same_cohort_and_another_does_not():
    one, two, other = cohort(), cohort(), cohort(seed=1)
    np.testing.assert_array_equal(one.faces.landmarks_px, two.faces.landmarks_px)
    assert np.abs(one.faces.landmarks_px - other.faces.landmarks_px).max() > 1


def test_sensor_noise_has_the_asked_size():
    made = cohort(noise_px=2.0, n_subjects=4)
    noise = clips(made) - made.performance.points_px
    np.testing.assert_allclose(noise.std((0, 1, 2)), [2, 2, 4], rtol=0.02)


def test_pose_signs_are_those_of_faces():
    from mien.data.synthetic.motion import rotation

    nose, crown = np.array([0, 0, 1]), np.array([0, 1, 0])
    assert (rotation([20, 0, 0]) @ nose)[1] > 0  # up
    assert (rotation([0, 20, 0]) @ nose)[0] > 0  # to the person's left, right in the picture
    assert (rotation([0, 0, 20]) @ crown)[0] > 0  # clockwise as seen in the picture
    np.testing.assert_allclose(rotation([12, 30, -7]) @ rotation([12, 30, -7]).T, np.eye(3), atol=1e-12)


def test_columns_describe_the_performance():
    made = cohort(noise_px=0, blink_chance=1.0, gaze_strength=0, n_frames=24)
    truth = made.performance
    diameter = 2 * 0.585 * truth.head.px_per_cm.ravel()[:, None]
    assert (made.faces.iris_diameter_px <= diameter * 1.0001).all()
    assert np.median(made.faces.iris_diameter_px / diameter) > 0.95
    shut = truth.strength[:, :, -1].ravel() > 0.95
    assert shut.any() and made.faces.eye_opening[shut].max() < 0.1
    assert np.median(made.faces.eye_opening[truth.strength[:, :, -1].ravel() < 0.01]) > 0.25
    turned = np.abs(truth.head.pose_deg[..., :2]).max(-1).ravel() < 2
    np.testing.assert_allclose(made.faces.roll_deg[turned], made.faces.pose_deg[turned, 2], atol=1.5)


def test_acting_auc_knows_perfect_random_and_inverse():
    from mien.data.synthetic import acting_auc

    acting = np.array([2, 5, 7])
    importance = np.zeros(10)
    importance[acting] = [3, 1, 2]
    assert acting_auc(importance, acting) == 1.0
    assert acting_auc(-importance, acting) == 0.0
    assert acting_auc(np.ones(10), acting) == 0.5
    assert np.isnan(acting_auc(importance, np.array([], dtype=int)))
    with pytest.raises(InputError, match="finite importance"):
        acting_auc(np.full(10, np.nan), acting)


def test_wrong_settings_are_refused_in_words():
    with pytest.raises(InputError, match=r"no synthetic expression 'joy'.*smile"):
        cohort(expressions=("joy",))
    with pytest.raises(InputError, match="n_subjects must be at least 1"):
        cohort(n_subjects=0)
    with pytest.raises(InputError, match="each only once, but got: smile, smile"):
        cohort(expressions=("smile", "smile"))


def test_a_written_cohort_reads_back(tmp_path):
    from mien.data.shards import read_faces
    from mien.data.synthetic import write_cohort

    made = cohort(n_subjects=2, n_frames=3)
    write_cohort(made, tmp_path)
    with (tmp_path / "samples.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert [row["clip"] for row in rows] == list(made.samples.path)
    assert [row["expression"] for row in rows] == list(made.samples.labels["expression"])
    assert [row["group"] for row in rows] == list(made.samples.group)
    faces = read_faces(tmp_path)
    np.testing.assert_array_equal(faces.source, made.faces.source)
    np.testing.assert_array_equal(faces.landmarks_px, made.faces.landmarks_px)
    truth = json.loads((tmp_path / "truth.json").read_text())
    assert truth["expressions"]["smile"]["acting"] == made.acting["smile"].tolist()
    assert truth["expressions"]["smile"]["groups"]["A"]["muscles"]["lip corner pull"] == 1.0


def test_a_cohort_over_an_earlier_one_is_that_cohort_alone_or_the_earlier_one(tmp_path, monkeypatch):
    from mien.core.errors import StorageError
    from mien.data.shards import read_faces
    from mien.data.synthetic import folder as writing
    from mien.data.synthetic import synthesize

    def files() -> dict[str, bytes]:
        return {p.relative_to(tmp_path).as_posix(): p.read_bytes() for p in tmp_path.rglob("*") if p.is_file()}

    (tmp_path / "faces").mkdir()
    (tmp_path / "faces" / "mine.txt").write_text("not made up")
    synthesize(tmp_path, subjects=3, frames=2, expressions=("neutral", "smile"), seed=1)
    earlier = files()

    def full(*args: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        # The last file: shards and table of the new cohort are written by then.
        patch.setattr(writing, "truth", full)
        with pytest.raises(StorageError, match="disk is full"):
            synthesize(tmp_path, subjects=2, frames=2, expressions=("neutral", "fear"), seed=5)
    assert files() == earlier
    synthesize(tmp_path, subjects=2, frames=2, expressions=("neutral", "fear"), seed=5)
    assert sorted(files()) == [
        "faces/mine.txt", "faces/s001.parquet", "faces/s002.parquet", "samples.csv", "truth.json",
    ]  # fmt: skip
    assert len(set(read_faces(tmp_path).source)) == 4


def test_the_command_writes_what_the_function_writes(tmp_path):
    from typer.testing import CliRunner

    from mien.cli.main import app
    from mien.data.synthetic import synthesize

    wanted = ["--subjects", "2", "--frames", "2", "--expressions", "neutral, fear", "--seed", "5", "--json"]
    result = CliRunner().invoke(app, ["synthesize", "-o", str(tmp_path / "a"), *wanted])
    assert result.exit_code == 0, result.output
    assert json.loads(result.stdout)["clips"] == 4
    synthesize(tmp_path / "b", subjects=2, frames=2, expressions=("neutral", "fear"), seed=5)
    for name in ("samples.csv", "truth.json"):
        assert (tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes()
    wrong = CliRunner().invoke(app, ["synthesize", "-o", str(tmp_path / "c"), "--expressions", "joy"])
    assert wrong.exit_code == 2 and "no synthetic expression 'joy'" in wrong.stderr


def test_a_cohort_is_one_line_at_the_prompt() -> None:
    from mien.data.synthetic import make_cohort

    assert len(line := repr(make_cohort(2, n_frames=2))) < 400 and "\n" not in line
