"""Other tools' output as faces: columns, units, signs, and rows that cannot be used."""

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from mien.core.errors import InputError
from mien.core.faces import BLENDSHAPES
from mien.core.topology import ibug_68_in_478
from mien.data.importers.mediapipe import read_mediapipe
from mien.data.importers.openface import depth_px, pose_deg, read_openface, rotation_matrices
from mien.data.importers.pyfeat import read_pyfeat

# --- OpenFace ---------------------------------------------------------------------------------------------------


def face_mm(seed=0):
    """A made-up rigid head of 68 points in its own frame (x right, y down, z away), mm."""
    return np.random.default_rng(seed).normal(scale=[40, 50, 25], size=(68, 3))


def openface_rows(n=4, focal=500.0, centre=(320.0, 240.0)):
    """What OpenFace writes for a head that turns while 600 mm away: a dict of columns."""
    angles = np.linspace(0, 0.3, n)[:, None] * np.array([1.0, -1.0, 0.5])
    # OpenFace: R = Rx Ry Rz.
    rotations = Rotation.from_euler("XYZ", angles).as_matrix()
    space = face_mm() @ rotations.transpose(0, 2, 1) + np.array([10.0, -5.0, 600.0])
    xy = focal * space[..., :2] / space[..., 2:] + centre
    columns = {
        "frame": np.arange(1, n + 1),
        "face_id": np.zeros(n, dtype=int),
        "timestamp": np.arange(n) / 25,
        "confidence": np.full(n, 0.98),
        "success": np.ones(n, dtype=int),
    }
    # Eyes that look straight out of the head: the head's own forward axis, -z, turned with it.
    forward = -rotations[:, :, 2]
    for eye in "01":
        columns |= {f"gaze_{eye}_{axis}": forward[:, i] for i, axis in enumerate("xyz")}
    columns |= {f"pose_T{axis}": space.mean(1)[:, i] for i, axis in enumerate("xyz")}
    columns |= {f"pose_R{axis}": angles[:, i] for i, axis in enumerate("xyz")}
    columns |= {f"{axis}_{p}": xy[:, p, i] for i, axis in enumerate("xy") for p in range(68)}
    columns |= {f"{axis}_{p}": space[:, p, i] for i, axis in enumerate("XYZ") for p in range(68)}
    columns |= {"AU12_r": np.linspace(0, 5, n), "AU28_c": np.ones(n)}
    return columns, xy, space


def write_csv(path, columns, separator=", ", drop=()):
    names = [n for n in columns if n not in drop]
    lines = [separator.join(names)]
    lines += [separator.join(str(columns[n][i]) for n in names) for i in range(len(columns[names[0]]))]
    path.write_text("\n".join(lines) + "\n")
    return path


def refusal(read, *args, **settings):
    with pytest.raises(InputError) as error:
        read(*args, **settings)
    return str(error.value)


@pytest.mark.parametrize("separator", [",", ", "])
def test_openface_rows_become_faces(tmp_path, separator):
    columns, xy, _ = openface_rows()
    faces = read_openface(write_csv(tmp_path / "clip.csv", columns, separator))
    assert faces.topology == "ibug-68" and set(faces.source) == {"clip"} and set(faces.status) == {"ok"}
    assert list(faces.frame) == [0, 1, 2, 3] and list(faces.track) == [0] * 4
    assert faces.time_s == pytest.approx(np.arange(4) / 25)
    assert faces.landmarks_px[..., :2] == pytest.approx(xy, abs=1e-3)
    assert faces.presence == pytest.approx(0.98)
    assert faces.box_px[0] == pytest.approx([*xy[0].min(0), *np.ptp(xy[0], axis=0)], abs=1e-3)
    assert faces.extra["AU12_r"] == pytest.approx(np.linspace(0, 5, 4))
    assert "pose_Tx" in faces.extra and "gaze_0_x" in faces.extra
    assert np.isnan(faces.blendshapes).all() and np.isnan(faces.score).all()


def test_openface_angles_follow_miens_signs(tmp_path):
    columns, _, _ = openface_rows()
    faces = read_openface(write_csv(tmp_path / "c.csv", columns))
    # Rx > 0: looks down; Ry < 0: turns to the person's left; Rz > 0: tilts clockwise in the picture.
    assert (np.sign(faces.pose_deg[-1]) == [-1, 1, 1]).all()
    # Eyes fixed in the head have no gaze relative to it, however the head turns.
    assert faces.gaze_deg == pytest.approx(np.zeros((4, 2)), abs=1e-3)


@pytest.mark.parametrize(("axis", "sign"), [(0, -1), (1, -1), (2, 1)])
def test_a_turn_about_one_axis_keeps_its_angle(axis, sign):
    angles = np.zeros((1, 3))
    angles[0, axis] = 0.4
    expected = np.zeros(3)
    expected[axis] = sign * np.degrees(0.4)
    assert pose_deg(angles)[0] == pytest.approx(expected, abs=1e-9)


def test_pose_describes_the_same_rotation_as_openfaces_angles():
    angles = np.random.default_rng(0).uniform(-0.6, 0.6, (50, 3))
    pitch, yaw, roll = np.radians(pose_deg(angles)).T
    # Axes x right, y up, z toward the camera; yaw after pitch after roll, as mien extract reads them.
    ours = Rotation.from_euler("YXZ", np.stack([yaw, -pitch, -roll], axis=1)).as_matrix()
    flip = np.diag([1.0, -1.0, -1.0])
    assert ours == pytest.approx(flip @ Rotation.from_euler("XYZ", angles).as_matrix() @ flip)


def test_roll_is_the_slope_of_the_eye_line(tmp_path):
    columns, xy, _ = openface_rows()
    slope = np.degrees(np.arctan2(xy[:, 45, 1] - xy[:, 36, 1], xy[:, 45, 0] - xy[:, 36, 0]))
    assert read_openface(write_csv(tmp_path / "c.csv", columns)).roll_deg == pytest.approx(slope, abs=1e-3)


def test_openface_gaze_is_relative_to_the_head(tmp_path):
    columns, _, _ = openface_rows(1)
    up_and_right_in_picture = np.array([np.sin(0.2), -np.sin(0.1), -1.0])
    for eye in "01":
        columns |= {f"gaze_{eye}_{a}": up_and_right_in_picture[i : i + 1] for i, a in enumerate("xyz")}
    pitch, yaw = read_openface(write_csv(tmp_path / "c.csv", columns)).gaze_deg[0]
    assert pitch == pytest.approx(np.degrees(np.arctan2(np.sin(0.1), np.hypot(1, np.sin(0.2)))), abs=1e-3)
    assert yaw == pytest.approx(np.degrees(np.arctan(np.sin(0.2))), abs=1e-3)


def test_openface_rotation_is_rx_ry_rz():
    angles = np.random.default_rng(0).normal(scale=0.4, size=(20, 3))
    assert rotation_matrices(angles) == pytest.approx(Rotation.from_euler("XYZ", angles).as_matrix())


def test_depth_is_mm_times_the_scale_of_the_face_in_the_picture(tmp_path):
    _, xy, space = openface_rows()
    z = depth_px(xy, space)
    assert z.mean(1) == pytest.approx(0, abs=1e-9)
    # Focal length over distance is the scale: 500 / 600 px per mm, within perspective.
    mm = space[..., 2] - space[..., 2].mean(1, keepdims=True)
    assert (z * mm).sum() / (mm**2).sum() == pytest.approx(500 / 600, rel=0.05)
    nearest = space[..., 2].argmin(1)
    assert (z[np.arange(4), nearest] == z.min(1)).all() and z.min() < 0


def test_openface_without_3d_points_has_no_depth(tmp_path):
    columns, _, _ = openface_rows()
    drop = [n for n in columns if n[:2] in ("X_", "Y_", "Z_")]
    faces = read_openface(write_csv(tmp_path / "c.csv", columns, drop=drop))
    assert (faces.status == "ok").all() and np.isnan(faces.landmarks_px[..., 2]).all()


def test_openface_several_faces_and_frames_without_one(tmp_path):
    columns, _, _ = openface_rows()
    columns["frame"], columns["face_id"] = np.array([1, 1, 2, 3]), np.array([0, 1, 1, 0])
    columns["success"] = np.array([1, 1, 1, 0])
    faces = read_openface(write_csv(tmp_path / "c.csv", columns))
    assert list(faces.frame) == [0, 0, 1, 2]
    assert list(faces.track) == [0, 1, 1, -1]
    assert list(faces.status) == ["ok", "ok", "ok", "no face"]
    assert np.isnan(faces.landmarks_px[3]).all() and np.isnan(faces.extra["AU12_r"][3])


def test_openface_pictures_have_no_frame_time_or_success(tmp_path):
    columns, _, _ = openface_rows(2)
    columns = {"face": np.array([0, 1]), **columns}
    path = write_csv(tmp_path / "photo.csv", columns, drop=("frame", "face_id", "timestamp", "success"))
    faces = read_openface(path)
    assert list(faces.track) == [0, 1] and list(faces.frame) == [0, 0] and list(faces.time_s) == [0, 0]
    assert (faces.status == "ok").all()


@pytest.mark.parametrize("text", ["nan", "-nan(ind)", "", "inf", "broken"])
def test_a_row_that_is_no_number_is_unreadable_and_the_others_complete(tmp_path, text):
    columns, xy, _ = openface_rows()
    columns["x_3"] = [*columns["x_3"][:2], text, columns["x_3"][3]]
    faces = read_openface(write_csv(tmp_path / "c.csv", columns))
    assert list(faces.status) == ["ok", "ok", "unreadable", "ok"]
    assert faces.reason[2] == "not a number: landmarks" and faces.reason[0] == ""
    assert np.isnan(faces.landmarks_px[2]).all() and faces.track[2] == -1
    assert faces.landmarks_px[[0, 1, 3], :, :2] == pytest.approx(xy[[0, 1, 3]], abs=1e-3)
    assert faces.counts() == {"ok": 1, "no face": 0, "unreadable": 0}


def test_text_far_down_a_long_column_costs_one_row_only(tmp_path):
    columns, _, _ = openface_rows(1)
    rows = 3000
    columns = {n: list(np.repeat(v, rows)) for n, v in columns.items()}
    columns["y_67"][2900] = "broken"
    faces = read_openface(write_csv(tmp_path / "c.csv", columns))
    assert list(np.flatnonzero(faces.status != "ok")) == [2900]


def test_openface_details_give_source_and_size(tmp_path):
    columns, _, _ = openface_rows(1)
    path = write_csv(tmp_path / "clip.csv", columns)
    details = tmp_path / "clip_of_details.txt"
    details.write_text("Input:videos/clip.mp4\nCamera parameters:466.667,466.667,256,256\nGaze: 1\n")
    faces = read_openface(path)
    assert (faces.source[0], faces.width_px[0], faces.height_px[0]) == ("videos/clip.mp4", 512, 512)
    # A calibrated camera's optical centre is not the middle of the picture.
    details.write_text("Input:videos/clip.mp4\nCamera parameters:812,815,250,261\n")
    assert read_openface(path).width_px[0] == 0
    given = read_openface(path, source="other.mp4", size_px=(640, 480))
    assert (given.source[0], given.width_px[0], given.height_px[0]) == ("other.mp4", 640, 480)


def test_tables_of_others_are_refused(tmp_path):
    columns, _, _ = openface_rows(1)
    few = write_csv(tmp_path / "few.csv", columns, drop=("x_67",))
    assert "lacks the columns x_0 to x_67" in refusal(read_openface, few)
    foreign = write_csv(tmp_path / "f.csv", columns, drop=("confidence", "success"))
    assert "OpenFace did not write it" in refusal(read_openface, foreign)
    assert "does not exist" in refusal(read_openface, tmp_path / "none.csv")
    (tmp_path / "empty.csv").touch()
    assert "is empty" in refusal(read_openface, tmp_path / "empty.csv")


# --- MediaPipe --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("points", "topology"), [(478, "mediapipe-478"), (468, "mediapipe-468")])
def test_mediapipe_shares_become_px(points, topology):
    shares = np.full((2, points, 3), 0.5)
    shares[1, 0] = [0.25, 0.75, -0.1]
    faces = read_mediapipe(shares, size_px=(640, 480), source="v.mp4", time_s=[0, 0.04])
    assert faces.topology == topology and list(faces.frame) == [0, 1] and list(faces.track) == [0, 0]
    assert faces.landmarks_px[0, 5] == pytest.approx([320, 240, 320])
    # z is a share of the width, as x is.
    assert faces.landmarks_px[1, 0] == pytest.approx([160, 360, -64])
    assert faces.box_px[1] == pytest.approx([160, 240, 160, 120])
    assert (faces.width_px[0], faces.height_px[0]) == (640, 480)
    assert np.isnan(faces.pose_deg).all()


def test_mediapipe_rows_of_several_pictures(tmp_path):
    shares = np.random.default_rng(0).random((3, 478, 3))
    np.save(tmp_path / "points.npy", shares)
    size = [(100, 200), (300, 400), (100, 200)]
    blend = np.random.default_rng(1).random((3, 52))
    faces = read_mediapipe(
        tmp_path / "points.npy", size_px=size, source=["a", "b", "a"], track=[0, 0, 1], blendshapes=blend
    )
    assert list(faces.frame) == [0, 0, 1] and list(faces.track) == [0, 0, 1]
    assert faces.landmarks_px[1, :, :2] == pytest.approx(shares[1, :, :2] * [300, 400], rel=1e-5)
    assert faces.blendshapes == pytest.approx(blend)


def test_mediapipe_px_are_left_alone():
    px = np.random.default_rng(0).uniform(100, 300, (1, 478, 3))
    faces = read_mediapipe(px, size_px=(640, 480), normalised=False)
    assert faces.landmarks_px == pytest.approx(px, rel=1e-5)
    assert "say pixels=True" in refusal(read_mediapipe, px, size_px=(640, 480))


def test_mediapipe_missing_values_are_no_face_or_unreadable():
    shares = np.full((3, 468, 3), 0.5)
    shares[0], shares[1, 7, 2] = np.nan, np.nan
    faces = read_mediapipe(shares, size_px=(10, 10))
    assert list(faces.status) == ["no face", "unreadable", "ok"]
    assert faces.reason[1] == "not a number: landmarks" and list(faces.track) == [-1, -1, 0]
    assert len(read_mediapipe(np.zeros((0, 478, 3)), size_px=(10, 10))) == 0


@pytest.mark.parametrize(
    ("landmarks", "settings", "words"),
    [
        (np.zeros((478, 3)), {"size_px": (9, 9)}, "shape (rows, 478 or 468, 3)"),
        (np.zeros((1, 70, 3)), {"size_px": (9, 9)}, "No topology has 70 points"),
        (np.zeros((1, 478, 3)), {"size_px": None}, "give size_px=(width, height)"),
        (np.zeros((1, 478, 3)), {"size_px": (0, 9)}, "size_px is (width, height)"),
        (np.zeros((2, 478, 3)), {"size_px": (9, 9), "source": ["a"]}, "2 rows of landmarks, but 1 sources"),
        (np.zeros((2, 478, 3)), {"size_px": (9, 9), "time_s": [0]}, "'time_s' must have shape (2,)"),
        ([["a"]], {"size_px": (9, 9)}, "array of numbers"),
        ("nowhere.npy", {"size_px": (9, 9)}, "does not exist"),
    ],
)
def test_mediapipe_arrays_that_do_not_fit_are_refused(landmarks, settings, words):
    assert words in refusal(read_mediapipe, landmarks, **settings)


def test_pickled_arrays_are_not_opened(tmp_path):
    np.save(tmp_path / "p.npy", np.array([{"a": 1}], dtype=object), allow_pickle=True)
    assert "not a readable .npy file" in refusal(read_mediapipe, tmp_path / "p.npy", size_px=(9, 9))


# --- py-feat ----------------------------------------------------------------------------------------------------


def fex(n=3, points=68, prefix="", depth=False):
    """Columns as py-feat writes them."""
    rng = np.random.default_rng(0)
    columns = {
        "FaceRectX": np.full(n, 200.0),
        "FaceRectY": np.full(n, 100.0),
        "FaceRectWidth": np.full(n, 400.0),
        "FaceRectHeight": np.full(n, 500.0),
        "FaceScore": np.full(n, 0.9),
    }
    for axis in "xy":
        columns |= {f"{prefix}{axis}_{p}": rng.uniform(200, 600, n) for p in range(points)}
    if depth:
        columns |= {f"{prefix}z_{p}": rng.uniform(-0.2, 0.3, n) for p in range(points)}
    columns |= {"Pitch": np.full(n, 0.1), "Roll": np.full(n, 0.2), "Yaw": np.full(n, -0.3)}
    columns |= {"AU01": rng.random(n), "AU12": rng.random(n), "happiness": rng.random(n)}
    columns |= {"Identity_1": rng.random(n), "Identity": np.array([""] * n)}
    columns |= {"input": np.array(["v.mp4"] * n), "frame": np.arange(n), "approx_time": np.array(["00:00"] * n)}
    columns |= {"FrameHeight": np.full(n, 720.0), "FrameWidth": np.full(n, 1280.0)}
    return columns


def test_pyfeat_68_points(tmp_path):
    columns = fex()
    faces = read_pyfeat(write_csv(tmp_path / "f.csv", columns, ","), fps=25)
    assert faces.topology == "ibug-68" and set(faces.source) == {"v.mp4"} and set(faces.status) == {"ok"}
    assert list(faces.frame) == [0, 1, 2] and faces.time_s == pytest.approx([0, 0.04, 0.08])
    assert faces.landmarks_px[:, 7, 0] == pytest.approx(columns["x_7"])
    assert np.isnan(faces.landmarks_px[..., 2]).all()
    assert faces.box_px[0] == pytest.approx([200, 100, 400, 500]) and faces.score[0] == pytest.approx(0.9)
    assert (faces.width_px[0], faces.height_px[0]) == (1280, 720)
    assert set(faces.extra) == {"Pitch", "Roll", "Yaw", "AU01", "AU12", "happiness"}
    assert np.isnan(faces.pose_deg).all()


def two_people(identities: list[str] | None) -> dict:
    """Ten frames of two people whose rows change places, as py-feat orders them by score."""
    columns = fex(20)
    columns["frame"] = np.repeat(np.arange(10), 2)
    person = np.array([(row + row // 2) % 2 for row in range(20)])
    for name in [n for n in columns if n.startswith("x_")] + ["FaceRectX"]:
        columns[name] = columns[name][0] + 600.0 * person
    columns["Identity"] = np.array([""] * 20 if identities is None else [identities[p] for p in person])
    return columns


@pytest.mark.parametrize("identities", [["Person_0", "Person_1"], ["b", "a"], ["0.0", "1.0"], ["p", "p"], None])
def test_a_track_of_pyfeat_is_one_person_in_whatever_order_rows_come(tmp_path, identities):
    """By its column Identity; by place where there is none or where it does not tell two faces of a frame apart."""
    columns = two_people(identities)
    faces = read_pyfeat(write_csv(tmp_path / "f.csv", columns, ","), fps=25)
    assert set(faces.track) == {0, 1} and set(faces.status) == {"ok"}
    for track in (0, 1):
        assert np.ptp(faces.landmarks_px[faces.track == track, 7, 0]) == 0
    assert list(faces.track[:2]) == [0, 1]


def test_an_older_table_of_pyfeat_without_identities_is_followed_too(tmp_path):
    columns = two_people(None)
    del columns["Identity"], columns["Identity_1"]
    faces = read_pyfeat(write_csv(tmp_path / "f.csv", columns, ","))
    assert np.ptp(faces.landmarks_px[faces.track == 0, 7, 0]) == 0


def test_a_person_whom_pyfeat_recognises_after_a_cut_keeps_the_track(tmp_path):
    columns = two_people(["Person_0", "Person_1"])
    for name in [n for n in columns if n.startswith("x_")] + ["FaceRectX"]:
        columns[name] = np.where(columns["frame"] > 5, 800.0 - columns[name], columns[name])
    faces = read_pyfeat(write_csv(tmp_path / "f.csv", columns, ","))
    assert [int(t) for t in faces.track] == [0 if n == "Person_0" else 1 for n in columns["Identity"]]


@pytest.mark.parametrize("prefix", ["", "mesh_"])
def test_pyfeat_478_points_with_depth_as_share_of_the_box(tmp_path, prefix):
    columns = fex(points=478, prefix=prefix, depth=True) | {n: np.full(3, 0.25) for n in BLENDSHAPES}
    if prefix:
        columns = fex() | columns
    faces = read_pyfeat(write_csv(tmp_path / "f.csv", columns, ","))
    assert faces.topology == "mediapipe-478"
    assert faces.landmarks_px[:, 400, 0] == pytest.approx(columns[f"{prefix}x_400"])
    assert faces.landmarks_px[:, 400, 2] == pytest.approx(columns[f"{prefix}z_400"] * 400)
    assert (faces.blendshapes == 0.25).all()
    if prefix:
        both = read_pyfeat(tmp_path / "f.csv", topology="ibug-68")
        assert both.topology == "ibug-68" and both.landmarks_px[:, 7, 0] == pytest.approx(columns["x_7"])
    else:
        assert "no landmarks of topology 'ibug-68'" in refusal(read_pyfeat, tmp_path / "f.csv", topology="ibug-68")


def test_pyfeat_frames_without_a_face_and_damaged_rows(tmp_path):
    columns = {n: list(v) for n, v in fex().items()}
    for name in columns:
        if name[:2] in ("x_", "y_") or name.startswith("Face"):
            columns[name][0] = ""
    columns["y_5"][1] = "nan"
    faces = read_pyfeat(write_csv(tmp_path / "f.csv", columns, ","))
    assert list(faces.status) == ["no face", "unreadable", "ok"]
    assert list(faces.reason) == ["", "not a number: landmarks", ""]


def test_pyfeat_pictures_are_each_frame_0_and_faces_are_counted(tmp_path):
    columns = fex()
    columns["input"], columns["frame"] = np.array(["a.jpg", "b.jpg", "b.jpg"]), np.array([0, 1, 1])
    faces = read_pyfeat(write_csv(tmp_path / "f.csv", columns, ","))
    assert list(faces.source) == ["a.jpg", "b.jpg", "b.jpg"]
    assert list(faces.frame) == [0, 0, 0] and list(faces.track) == [0, 0, 1]


def test_pyfeat_tables_of_others_are_refused(tmp_path):
    no_box = write_csv(tmp_path / "a.csv", fex(), ",", drop=("FaceRectX", "FaceScore"))
    assert "py-feat did not write it" in refusal(read_pyfeat, no_box)
    no_points = write_csv(tmp_path / "b.csv", fex(), ",", drop=("y_0",))
    assert "no landmarks of py-feat" in refusal(read_pyfeat, no_points)


def test_the_correspondence_of_the_topologies_fits_imported_points():
    # The 68 points taken out of 478 stay in the range of the 478: the table holds indices, one per point.
    index = ibug_68_in_478()
    assert index.shape == (68,) and len(set(index)) == 68 and index.min() >= 0 and index.max() < 468
