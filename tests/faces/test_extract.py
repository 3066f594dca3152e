"""Extraction end to end on one real face: numbers, resuming, interruption, equality of all ways to run it."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest

from mien.core.errors import InputError
from mien.core.faces import BLENDSHAPES, Faces
from mien.data.shards import read_faces, shard_paths
from mien.faces.extract import extract
from tests.media import astronaut, noise, save, write_video

pytestmark = pytest.mark.usefixtures("weights")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two pictures with a face, one without, and a clip in which the face is gone for a while."""
    place = tmp_path_factory.mktemp("media") / "set"
    face = astronaut()
    save(face, place / "a.png")
    save(face[:, ::-1].copy(), place / "b.png")
    save(noise(), place / "noise.png")
    moving = [np.roll(face, 3 * t, axis=1) for t in range(8)]
    write_video(place / "clip.mp4", [*moving, *[np.full_like(face, 90)] * 4, *moving])
    return place


@pytest.fixture(scope="module")
def study(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    target = tmp_path_factory.mktemp("study")
    extract(folder, target)
    return target


@pytest.fixture(scope="module")
def long(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two small films that last long enough to be interrupted where every frame is searched for faces."""
    place, face = tmp_path_factory.mktemp("long"), np.ascontiguousarray(astronaut()[::2, ::2])
    for name, frames in (("one", 400), ("two", 401)):
        write_video(place / f"{name}.mp4", [face] * frames)
    return place


def of(faces: Faces, name: str) -> Faces:
    return faces[np.flatnonzero([source.endswith(name) for source in faces.source])]


def test_golden_values_of_the_astronaut(study: Path) -> None:
    face = of(read_faces(study), "a.png")
    assert list(face.status) == ["ok"]
    iod = np.linalg.norm(face.iris_px[0, 1] - face.iris_px[0, 0])
    np.testing.assert_allclose(iod, 42.63, rtol=0.02)
    strength = dict(zip(BLENDSHAPES, face.blendshapes[0], strict=True))
    assert strength["mouthSmileRight"] > 0.85
    assert strength["mouthSmileLeft"] > 0.85
    assert face.presence[0] > 0.99
    assert abs(face.roll_deg[0]) < 8


def test_a_mirrored_picture_gives_the_mirrored_face(study: Path) -> None:
    from mien.core.topology import topology

    faces = read_faces(study)
    one, other = of(faces, "a.png"), of(faces, "b.png")
    mirrored = other.landmarks_px[0][topology("mediapipe-478").mirror, :2] * [-1, 1] + [320, 0]
    iod = np.linalg.norm(one.iris_px[0, 1] - one.iris_px[0, 0])
    assert np.linalg.norm(mirrored - one.landmarks_px[0, :, :2], axis=1).mean() / iod < 0.03
    np.testing.assert_allclose(other.pose_deg[0], one.pose_deg[0] * [1, -1, -1], atol=4)


def test_a_picture_without_a_face_is_a_row(study: Path) -> None:
    row = of(read_faces(study), "noise.png")
    assert list(row.status) == ["no face"]
    assert row.track[0] == -1
    assert np.isnan(row.landmarks_px).all()
    assert (row.width_px[0], row.height_px[0]) == (160, 120)


def test_every_frame_of_a_video_has_a_row_and_the_person_keeps_the_number(study: Path) -> None:
    clip = of(read_faces(study), "clip.mp4")
    assert list(clip.frame) == list(range(20))
    assert list(clip.status) == ["ok"] * 8 + ["no face"] * 4 + ["ok"] * 8
    assert set(clip.track[clip.ok]) == {0}
    np.testing.assert_allclose(clip.time_s, np.arange(20) / 25, atol=1e-3)
    assert np.isfinite(clip.score[[0, 12]]).all()
    assert np.isnan(clip.score[[1, 2]]).all()


def test_points_of_a_shifted_face_are_shifted(study: Path) -> None:
    clip = of(read_faces(study), "clip.mp4")
    moved = clip.landmarks_px[7, :, 0].mean() - clip.landmarks_px[0, :, 0].mean()
    assert abs(moved - 21) < 1.5


def test_shards_can_be_read_without_mien(study: Path) -> None:
    table = pq.read_table(shard_paths(study)[0])
    assert b"mien.columns" in table.schema.metadata
    assert {"source", "status", "landmarks_px", "blendshapes", "pose_deg"} <= set(table.column_names)


def same(a: Faces, b: Faces) -> None:
    order_a, order_b = (np.lexsort((f.track, f.frame, f.source.astype(str))) for f in (a, b))
    a, b = a[order_a], b[order_b]
    assert list(a.source) == list(b.source)
    assert list(a.status) == list(b.status)
    for name in ("landmarks_px", "blendshapes", "pose_deg", "time_s", "sharpness"):
        np.testing.assert_array_equal(getattr(a, name), getattr(b, name))


def test_one_picture_is_a_batch_of_one(folder: Path, study: Path, tmp_path: Path) -> None:
    extract(folder / "a.png", tmp_path)
    same(read_faces(tmp_path), of(read_faces(study), "a.png"))


def test_workers_and_threads_change_nothing(folder: Path, study: Path, tmp_path: Path) -> None:
    extract(folder, tmp_path, workers=2, threads=1)
    same(read_faces(tmp_path), read_faces(study))


def test_a_rerun_computes_only_what_is_missing_or_changed(folder: Path, tmp_path: Path) -> None:
    place = tmp_path / "set"
    for name in ("a.png", "b.png", "noise.png"):
        save(np.asarray(__import__("PIL.Image").Image.open(folder / name)), place / name)
    assert extract(place, tmp_path / "out").computed == 3
    assert extract(place, tmp_path / "out").computed == 0
    save(noise(seed=1), place / "b.png")
    result = extract(place, tmp_path / "out")
    assert result.computed == 1
    assert result.counts == {"ok": 1, "no face": 2, "unreadable": 0}
    assert len(shard_paths(tmp_path / "out")) == 3, "the outdated shard must be gone"
    shard_paths(tmp_path / "out")[0].unlink()
    damaged = shard_paths(tmp_path / "out")[0]
    damaged.write_bytes(damaged.read_bytes()[:-100])
    assert extract(place, tmp_path / "out").computed == 2
    assert extract(place, tmp_path / "out", smallest_face_px=100).computed == 3


@pytest.mark.parametrize("wait_s", [0.4, 1.2, 2.0])
def test_killed_at_any_moment_the_next_run_completes_with_identical_results(
    folder: Path, study: Path, tmp_path: Path, wait_s: float
) -> None:
    code = f"import mien; mien.extract({str(folder)!r}, {str(tmp_path)!r})"
    process = subprocess.Popen([sys.executable, "-c", code], stderr=subprocess.DEVNULL)
    time.sleep(wait_s)
    process.send_signal(signal.SIGKILL)
    process.wait()
    extract(folder, tmp_path)
    same(read_faces(tmp_path), read_faces(study))
    assert not list((tmp_path / "faces").glob(".part-*")), "halves of the killed run must be gone"


def test_two_people_in_a_picture_are_two_rows_from_left_to_right(tmp_path: Path) -> None:
    face = astronaut()
    save(np.concatenate([face, face[:, ::-1]], axis=1), tmp_path / "two.png")
    extract(tmp_path / "two.png", tmp_path / "out")
    faces = read_faces(tmp_path / "out")
    assert list(faces.track) == [0, 1]
    assert faces.box_px[0, 0] < 320 < faces.box_px[1, 0]


def test_overlays_are_written_once(folder: Path, tmp_path: Path) -> None:
    extract([folder / "a.png", folder / "clip.mp4"], tmp_path, draw=True)
    overlays = sorted(path.suffix for path in (tmp_path / "overlays").iterdir())
    assert overlays == [".jpg", ".mp4"]
    from mien.data.media.pictures import read_picture
    from mien.data.media.video import read_frames

    drawn = read_picture(next((tmp_path / "overlays").glob("*.jpg")))
    assert np.abs(drawn.astype(int) - astronaut()).max() > 100
    assert len(list(read_frames(next((tmp_path / "overlays").glob("*.mp4"))))) == 20
    before = {path: path.stat().st_mtime_ns for path in (tmp_path / "overlays").iterdir()}
    extract([folder / "a.png", folder / "clip.mp4"], tmp_path, draw=True)
    assert {path: path.stat().st_mtime_ns for path in (tmp_path / "overlays").iterdir()} == before


@pytest.mark.skipif(os.name != "posix", reason="signals of POSIX")
@pytest.mark.parametrize(
    ("number", "code_told", "word"),
    [(signal.SIGINT, 130, "Interrupted"), (signal.SIGTERM, 143, "Ended from outside")],
)
def test_ctrl_c_and_termination_end_cleanly(
    folder: Path, long: Path, tmp_path: Path, number: int, code_told: int, word: str
) -> None:
    # What is started in the background inherits that Ctrl-C is ignored.
    code = "import signal; signal.signal(signal.SIGINT, signal.default_int_handler)\n"
    code += "from mien.cli.main import run; run()"
    words = [str(folder / "a.png"), str(long / "one.mp4"), "-o", str(tmp_path / "out"), "--redetect-s", "0.001"]
    command = [sys.executable, "-c", code, "extract", *words]
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    deadline = time.time() + 60
    while not list((tmp_path / "out" / "faces").glob("a-*.parquet")) and time.time() < deadline:
        time.sleep(0.05)
    time.sleep(0.3)
    process.send_signal(number)
    _, said = process.communicate(timeout=60)
    assert process.returncode == code_told, said
    assert word in said and "run the same command again" in said
    assert "Traceback" not in said
    assert len(shard_paths(tmp_path / "out")) == 1
    assert not list((tmp_path / "out" / "faces").glob(".part-*"))


def test_files_of_one_name_from_two_folders_never_replace_each_other(tmp_path: Path) -> None:
    """A second run over another folder of the same name once deleted the first one's faces."""
    for site, seed in (("siteA", 1), ("siteB", 2)):
        save(noise(seed=seed), tmp_path / site / "clips" / "p1.png")
    extract(tmp_path / "siteA" / "clips", tmp_path / "out")
    with pytest.raises(InputError, match=r"another file called clips/p1\.png"):
        extract(tmp_path / "siteB" / "clips", tmp_path / "out")
    extract([tmp_path / "siteA" / "clips", tmp_path / "siteB" / "clips"], tmp_path / "out")
    assert set(read_faces(tmp_path / "out").source) == {"siteA/clips/p1.png", "siteB/clips/p1.png"}


def test_a_changed_file_in_its_place_is_no_other_file(tmp_path: Path) -> None:
    path = save(noise(seed=1), tmp_path / "clips" / "p1.png")
    extract(path, tmp_path / "out")
    save(noise(seed=2), path)
    assert extract(path, tmp_path / "out").computed == 1
    assert len(shard_paths(tmp_path / "out")) == 1


def test_empty_files_are_empty_and_not_one_file_under_several_names(tmp_path: Path) -> None:
    for name in ("a.png", "b.png", "c.mp4", "d.mp4"):
        (tmp_path / "set" / name).parent.mkdir(exist_ok=True)
        (tmp_path / "set" / name).write_bytes(b"")
    for name in ("e.png", "f.png"):
        (tmp_path / "set" / name).write_bytes(b"no picture")
    result = extract(tmp_path / "set", tmp_path / "out")
    assert result.copies == (("set/e.png", "set/f.png"),)
    empty = [reason for name, reason in result.problems if Path(name).stem in "abcd"]
    assert len(empty) == 4 and all("it is empty" in reason for reason in empty)


def test_its_own_output_is_no_input(tmp_path: Path) -> None:
    save(astronaut(), tmp_path / "a.png")
    for _ in range(2):
        result = extract(tmp_path, tmp_path, draw=True)
        assert result.sources == 1


@pytest.mark.skipif(not Path("/proc").exists(), reason="looks processes up in /proc")
def test_workers_end_with_a_killed_parent(long: Path, tmp_path: Path) -> None:
    call = f"mien.extract({str(long)!r}, {str(tmp_path / 'out')!r}, workers=2, redetect_s=0.001)"
    script = tmp_path / "run.py"
    script.write_text(f"import mien\nif __name__ == '__main__':\n    {call}\n")
    process = subprocess.Popen([sys.executable, str(script)], stderr=subprocess.DEVNULL)
    deadline = time.time() + 60
    while len(list(tmp_path.glob("out/faces/.part-*"))) < 2 and time.time() < deadline:
        time.sleep(0.05)
    workers = [int(part.name.split("-")[1]) for part in tmp_path.glob("out/faces/.part-*")]
    process.kill()
    process.wait()
    deadline = time.time() + 10
    while any(Path(f"/proc/{pid}/stat").exists() for pid in workers) and time.time() < deadline:
        time.sleep(0.1)
    assert len(workers) == 2
    assert not any(Path(f"/proc/{pid}/stat").exists() for pid in workers)


def test_parts_share_a_study_and_are_together_what_one_run_gives(folder: Path, study: Path, tmp_path: Path) -> None:
    """Jobs of a batch system write into one folder at the same time."""
    call = "import mien, sys; mien.extract(sys.argv[1], sys.argv[2], part=sys.argv[3])"
    parts = ["1/2", "2/2"]
    jobs = [subprocess.Popen([sys.executable, "-c", call, str(folder), str(tmp_path), part]) for part in parts]
    assert [job.wait(timeout=120) for job in jobs] == [0, 0]
    assert shards_of(tmp_path) == shards_of(study)
    written = [json.loads(path.read_text()) for path in sorted((tmp_path / "provenance").iterdir())]
    assert [one["part"] for one in written] == parts and sum(one["sources"] for one in written) == 4
    whole = extract(folder, tmp_path)
    assert whole.computed == 0 and whole.counts["ok"] == 3
    assert json.loads((tmp_path / "provenance.json").read_text())["extract"]["sources"] == 4


def shards_of(study: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in shard_paths(study)}
