"""Files of landmarks and named numbers as people write them: tables, arrays, JSON, other programs' names."""

import json

import numpy as np
import pytest

from mien.core.errors import InputError
from mien.core.faces import BLENDSHAPES
from mien.data.importers.mediapipe import read_mediapipe
from mien.data.importers.named import read_named_features
from mien.data.importers.openface import read_openface
from mien.data.importers.points import read_points
from mien.data.shards import read_shard, write_shard

SIZE = (640, 480)


def refusal(read, *args, **settings):
    with pytest.raises(InputError) as error:
        read(*args, **settings)
    return str(error.value)


@pytest.fixture
def shares():
    """Two frames of 478 points."""
    return np.random.default_rng(0).uniform(0.3, 0.7, (2, 478, 3))


def write(path, columns, join=",", number=str):
    names = list(columns)
    rows = zip(*columns.values(), strict=True)
    lines = [join.join(names), *(join.join(v if isinstance(v, str) else number(v) for v in row) for row in rows)]
    path.write_text("\n".join(lines) + "\n")
    return path


def wide(points, form="{axis}_{point}", axes="xyz", first=0):
    return {
        form.format(axis=axis, point=point + first): points[:, point, "xyz".index(axis)]
        for point in range(points.shape[1])
        for axis in axes
    }


@pytest.mark.parametrize(
    "form",
    ["{axis}_{point}", "{axis}{point}", "landmark_{point}_{axis}", "X.{axis}_{point}", "{point}_{axis}",
     "lm[{point}].{axis}", "{axis}_{point}.x", "lm{point}{axis}", "Point {point} {axis}", "{axis}_{point:03d}",
     "norm_{axis}_{point}", "{axis}_{point}_px"],
)  # fmt: skip
@pytest.mark.parametrize("first", [0, 1])
def test_wide_tables_whatever_the_columns_are_called(tmp_path, shares, form, first):
    columns = {"frame": [4, 6], "time_ms": [160, 240]} | wide(shares, form, first=first)
    faces = read_mediapipe(write(tmp_path / "w.csv", columns), size_px=SIZE)
    assert faces.topology == "mediapipe-478" and list(faces.frame) == [4, 6]
    assert faces.time_s == pytest.approx([0.16, 0.24])
    assert faces.landmarks_px == pytest.approx(shares * [640, 480, 640], rel=1e-5)


def test_tables_without_depth_in_pixels_and_with_their_own_size(tmp_path, shares):
    flat = write(tmp_path / "f.csv", wide(shares, axes="xy") | {"image_width": [640, 320], "image_height": [480, 240]})
    faces = read_mediapipe(flat)
    assert faces.landmarks_px[1, :, :2] == pytest.approx(shares[1, :, :2] * [320, 240], rel=1e-5)
    assert np.isnan(faces.landmarks_px[..., 2]).all() and list(faces.status) == ["ok", "ok"]
    px = shares * [640, 480, 1]
    faces = read_mediapipe(write(tmp_path / "p.csv", wide(px)), size_px=SIZE, normalised=False)
    # x and y were turned into px, the depth was left as it is.
    assert faces.landmarks_px == pytest.approx(shares * [640, 480, 640], rel=1e-5)
    assert "--pixels" in refusal(read_mediapipe, tmp_path / "p.csv", size_px=SIZE)
    assert "shares from 0 to 1 and no px" in refusal(read_mediapipe, shares, normalised=False)


def long(points, **more):
    rows = [(frame, point) for frame in range(points.shape[0]) for point in range(points.shape[1])]
    columns = {"frame": [f for f, _ in rows], "landmark": [p for _, p in rows]}
    columns |= {axis: points.reshape(-1, 3)[:, i] for i, axis in enumerate("xyz")}
    return columns | {name: np.resize(values, len(rows)) for name, values in more.items()}


def test_long_tables_of_several_faces_and_videos(tmp_path, shares):
    one = long(shares)
    both = {name: [*values, *values] for name, values in one.items()}
    both["y"] = [*one["y"], *(v + 0.1 for v in one["y"])]
    both["face"] = [0] * 956 + [1] * 956
    faces = read_mediapipe(write(tmp_path / "l.csv", both), size_px=SIZE, source="v")
    assert list(zip(faces.frame, faces.track, strict=True)) == [(0, 0), (0, 1), (1, 0), (1, 1)]
    assert faces.landmarks_px[1] == pytest.approx((shares[0] + [0, 0.1, 0]) * [640, 480, 640], rel=1e-5)
    both["file"] = ["a.mp4"] * 956 + ["b.mp4"] * 956
    faces = read_mediapipe(write(tmp_path / "l.csv", both), size_px=SIZE)
    assert list(faces.source) == ["a.mp4", "a.mp4", "b.mp4", "b.mp4"] and list(faces.frame) == [0, 1, 0, 1]
    del both["face"], both["file"]
    assert "row 958 gives a point of a frame a second time" in refusal(
        read_mediapipe, write(tmp_path / "l.csv", both), size_px=SIZE
    )


def test_long_tables_with_points_missing_and_of_the_whole_body(tmp_path, shares):
    columns = {name: list(values)[:-1] for name, values in long(shares).items()}
    faces = read_mediapipe(write(tmp_path / "l.csv", columns), size_px=SIZE)
    assert list(faces.status) == ["ok", "unreadable"]
    body = {name: [*values, values[0]] for name, values in long(shares).items()}
    body["type"] = ["face"] * 956 + ["pose"]
    assert (read_mediapipe(write(tmp_path / "b.csv", body), size_px=SIZE).status == "ok").all()


@pytest.mark.parametrize(
    "names",
    [("frame_no", "keypoint", "{}"), ("Frame", "landmark_index", "landmark_{}"), ("frame", "lm", "{}_norm"),
     ("frame_idx", "landmark_id", "norm_{}"), ("frame", "point", "{}")],
)  # fmt: skip
def test_long_tables_whatever_the_columns_are_called(tmp_path, shares, names):
    frame, point, axis = names
    given = long(shares)
    columns = {"Unnamed: 0": range(956), frame: given["frame"], point: given["landmark"]}
    columns |= {axis.format(letter): given[letter] for letter in "xyz"}
    faces = read_mediapipe(write(tmp_path / "l.csv", columns), size_px=SIZE)
    assert list(faces.frame) == [0, 1] and faces.landmarks_px == pytest.approx(shares * [640, 480, 640], rel=1e-5)


def test_points_in_pixels_beside_shares_are_two_sets(tmp_path, shares):
    both = wide(shares) | wide(shares * [640, 480, 640], "{axis}_px_{point}")
    assert "several sets of landmarks" in refusal(read_mediapipe, write(tmp_path / "w.csv", both), size_px=SIZE)
    given = long(shares)
    columns = {"frame": given["frame"], "landmark": given["landmark"]}
    columns |= {f"{axis}_{unit}": given[axis] for unit in ("px", "norm") for axis in "xyz"}
    said = refusal(read_mediapipe, write(tmp_path / "l.csv", columns), size_px=SIZE)
    assert "several columns of x" in said and "'x_px'" in said and "'x_norm'" in said


def test_faces_of_one_row_are_of_one_frame(tmp_path, shares):
    columns = wide(shares, "face0_{axis}_{point}") | wide(shares, "face1_{axis}_{point}")
    faces = read_mediapipe(write(tmp_path / "w.csv", columns), size_px=SIZE, source="v")
    assert list(zip(faces.frame, faces.track, strict=True)) == [(0, 0), (0, 1), (1, 0), (1, 1)]
    faces = read_mediapipe(write(tmp_path / "w.csv", {"file": ["a.mp4", "b.mp4"]} | columns), size_px=SIZE)
    assert list(zip(faces.source, faces.frame, strict=True)) == [("a.mp4", 0)] * 2 + [("b.mp4", 0)] * 2


def test_blendshapes_of_a_table(tmp_path, shares):
    columns = wide(shares) | {name: [0.25, 0.5] for name in BLENDSHAPES[1:]}
    faces = read_mediapipe(write(tmp_path / "w.csv", columns), size_px=SIZE)
    assert np.isnan(faces.blendshapes[:, 0]).all() and (faces.blendshapes[:, 1:] == [[0.25], [0.5]]).all()


def test_decimal_commas_in_every_table(tmp_path, shares):
    place = write(tmp_path / "w.txt", wide(shares), "\t", lambda v: f"{v:.6f}".replace(".", ","))
    assert read_mediapipe(place, size_px=SIZE).landmarks_px == pytest.approx(shares * [640, 480, 640], rel=1e-3)


@pytest.mark.parametrize("shape", ["frames", "faces", "tasks", "solutions", "numbers"])
def test_json_of_every_nesting(tmp_path, shares, shape):
    frames = [[dict(zip("xyz", point, strict=True)) for point in face] for face in shares.tolist()]
    given = {
        "frames": {"frames": frames},
        "faces": [[face] for face in frames],
        "tasks": [{"faceLandmarks": [face]} for face in frames],
        "solutions": [{"multi_face_landmarks": [{"landmark": face}]} for face in frames],
        "numbers": shares.tolist(),
    }[shape]
    (tmp_path / "m.json").write_text(json.dumps(given))
    faces = read_mediapipe(tmp_path / "m.json", size_px=SIZE)
    assert faces.landmarks_px == pytest.approx(shares * [640, 480, 640], rel=1e-5)


def test_json_frames_without_a_face(tmp_path, shares):
    (tmp_path / "m.json").write_text(json.dumps([shares[0].tolist(), None, []]))
    assert list(read_mediapipe(tmp_path / "m.json", size_px=SIZE).status) == ["ok", "no face", "no face"]
    (tmp_path / "m.json").write_text("[" * 100_000)
    assert "not readable JSON" in refusal(read_mediapipe, tmp_path / "m.json", size_px=SIZE)


def test_several_arrays_in_one_file(tmp_path, shares):
    np.savez(tmp_path / "a.npz", landmarks=shares, time_s=[0.5, 0.6])
    assert list(read_mediapipe(tmp_path / "a.npz", size_px=SIZE).time_s) == [0.5, 0.6]
    np.savez(tmp_path / "b.npz", a=shares, b=shares)
    assert "call that of the points 'landmarks'" in refusal(read_mediapipe, tmp_path / "b.npz", size_px=SIZE)


def test_zeros_are_no_face(tmp_path, shares):
    shares[1] = 0
    assert list(read_mediapipe(shares, size_px=SIZE).status) == ["ok", "no face"]
    points = np.random.default_rng(0).uniform(100, 300, (2, 68, 2))
    points[1] = 0
    columns = {"confidence": [0.9, 0]} | {
        f"{axis}_{p}": points[:, p, i] for i, axis in enumerate("xy") for p in range(68)
    }
    assert list(read_openface(write(tmp_path / "o.csv", columns)).status) == ["ok", "no face"]


def test_what_is_no_table_of_landmarks_names_its_columns(tmp_path):
    said = refusal(read_mediapipe, write(tmp_path / "t.csv", {"a": [1], "b": [2]}), size_px=SIZE)
    assert "x_0, y_0, z_0" in said and "'a', 'b'" in said
    few = np.random.default_rng(0).uniform(0.3, 0.7, (2, 68, 3))
    said = refusal(read_mediapipe, write(tmp_path / "f.csv", wide(few)), size_px=SIZE)
    assert "number 68 points, where 478 or 468 have to be" in said


# --- named numbers ----------------------------------------------------------------------------------------------


def test_named_numbers_per_frame(tmp_path):
    columns = {"frame": [1, 2, 3], "timestamp": [0, 0.04, 0.08], "success": [1, 1, 0]}
    columns |= {"AU01_r": [0.5, 1, 0], "AU12_r": [1, 2, 0], "AU45_r": [0, 0, 0], "confidence": [0.9, 0.9, 0]}
    place = write(tmp_path / "S01.csv", columns, ", ")
    faces = read_named_features(place, features="AU*,!AU45*")
    assert faces.topology == "no-points" and list(faces.extra) == ["AU01_r", "AU12_r"]
    assert list(faces.status) == ["ok", "ok", "no face"] and set(faces.source) == {"S01"}
    assert faces.time_s == pytest.approx([0, 0.04, 0.08]) and list(faces.frame) == [1, 2, 3]
    write_shard(faces, tmp_path / "s.parquet")
    again = read_shard(tmp_path / "s.parquet")
    assert again.landmarks_px.shape == (3, 0, 3) and again.extra["AU12_r"][1] == 2
    assert "Did you mean 'AU12_r'" in refusal(read_named_features, place, features="AU12")


def test_lines_above_the_header_and_failed_frames(tmp_path):
    reader = "Video analysis detailed log\n\nFace Model:\tGeneral\nFilename:\tS01.mp4\n\n"
    reader += "Video Time\tNeutral\tHappy\tGaze\n00:00:00.000\t0.5\t0.25\tleft\n00:00:01.040\t0.4\t0.5\tleft\n"
    reader += "00:01:00.080\tFIT_FAILED\tFIT_FAILED\tleft\n"
    (tmp_path / "r.txt").write_text(reader)
    faces = read_named_features(tmp_path / "r.txt")
    assert list(faces.extra) == ["Neutral", "Happy"] and list(faces.status) == ["ok", "ok", "no face"]
    assert faces.time_s == pytest.approx([0, 1.04, 60.08])
    marked = "#METADATA,,\n#Study name,x,\n#DATA,,\nRow,Timestamp,Joy,Smile\n1,0,10,20\n2,40,30,40\n"
    (tmp_path / "i.csv").write_text(marked)
    faces = read_named_features(tmp_path / "i.csv", features="Joy,Smile")
    assert list(faces.extra["Smile"]) == [20, 40] and faces.time_s == pytest.approx([0, 0.04])


def test_columns_of_any_name_say_where_a_row_belongs(tmp_path):
    columns = {"Video": ["a", "a", "b"], "Bild": [5, 6, 5], "Freude": [1, 2, 3]}
    place = write(tmp_path / "t.csv", columns)
    faces = read_named_features(place, features="Freude", columns={"source": "Video", "frame": "Bild"})
    assert list(faces.source) == ["a", "a", "b"] and list(faces.frame) == [5, 6, 5]
    assert "not for 'frames'" in refusal(read_named_features, place, columns={"frames": "Bild"})
    assert "has no column 'Frame'" in refusal(read_named_features, place, columns={"frame": "Frame"})


# --- arrays of points -------------------------------------------------------------------------------------------


@pytest.fixture
def clips():
    """Three clips of four frames of 68 points, the eyes above the mouth."""
    points = np.random.default_rng(0).uniform(100, 300, (3, 4, 68, 2))
    points[..., 36:48, 1], points[..., 48:68, 1] = 120, 250
    return points


def test_points_of_clips_with_a_table_of_who_they_are(tmp_path, clips):
    clips[1, 2] = np.nan
    np.save(tmp_path / "p.npy", clips)
    write(tmp_path / "who.csv", {"clip": ["a", "b", "c"], "subject": ["P", "Q", "R"]})
    faces = read_points(tmp_path / "p.npy", who=tmp_path / "who.csv", fps=25)
    assert faces.topology == "ibug-68" and list(faces.source[::4]) == ["a", "b", "c"]
    assert faces.status[6] == "no face" and (faces.status != "ok").sum() == 1
    assert faces.landmarks_px[9, :, :2] == pytest.approx(clips[2, 1], rel=1e-5) and faces.time_s[3] == 0.12
    assert list(read_points(tmp_path / "p.npy").source[::4]) == ["p/0", "p/1", "p/2"]
    write(tmp_path / "who.csv", {"clip": ["a", "b"]})
    assert "2 rows, but the array holds 3 clips" in refusal(read_points, tmp_path / "p.npy", who=tmp_path / "who.csv")


def test_faces_on_their_heads_and_other_shapes_are_told(tmp_path, clips):
    np.save(tmp_path / "u.npy", clips * [1, -1])
    assert "turn its sign" in refusal(read_points, tmp_path / "u.npy")
    np.save(tmp_path / "s.npy", clips[..., :60, :])
    assert "No topology has 60 points" in refusal(read_points, tmp_path / "s.npy")
    np.save(tmp_path / "f.npy", clips[0, 0])
    assert "points have the shape" in refusal(read_points, tmp_path / "f.npy")


def test_damaged_files_end_in_a_sentence_never_in_a_crash(tmp_path, shares):
    np.save(tmp_path / "a.npy", shares)
    np.savez_compressed(tmp_path / "a.npz", landmarks=shares)
    (tmp_path / "a.json").write_text(json.dumps(shares.round(3).tolist()))
    write(tmp_path / "a.csv", {"frame": [0, 1]} | wide(shares.round(3)))
    rng = np.random.default_rng(0)
    read = 0
    for kind in ("npy", "npz", "json", "csv"):
        whole = (tmp_path / f"a.{kind}").read_bytes()
        for turn in range(24):
            damaged = bytearray(whole)
            # Headers are short: every other change falls into the first bytes.
            at = int(rng.integers(0, 200 if turn % 2 else len(whole)))
            damaged[at : at + 1] = rng.bytes(1) if turn % 3 else rng.bytes(int(rng.integers(0, 30)))
            (tmp_path / f"d.{kind}").write_bytes(bytes(damaged))
            try:
                read += len(read_mediapipe(tmp_path / f"d.{kind}", size_px=SIZE)) > 0
            except InputError as error:
                assert str(error)
    assert read > 0
