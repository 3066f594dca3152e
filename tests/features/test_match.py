"""Each sample finds its own faces, by the whole path or a whole tail of it, and never somebody else's."""

from pathlib import Path

import numpy as np
import pytest

from mien.core.errors import DamageWarning, InputError
from mien.core.faces import Faces
from mien.core.samples import Samples
from mien.data.shards import name_hash, read_faces, write_shard
from mien.features.match import DAMAGED, choose, rows_of_samples


def faces(sources: list[str], **columns: object) -> Faces:
    return Faces.build(len(sources), topology="ibug-68", source=np.array(sources, dtype=object), **columns)


def samples(paths: list[str], root: str | None = None) -> Samples:
    return Samples(
        path=np.array(paths), subject=np.array([f"s{i}" for i in range(len(paths))]), root=root and Path(root)
    )


@pytest.mark.parametrize(
    ("source", "path", "root"),
    [
        ("clip 7", "clip 7", None),
        ("/data/london/smiling/001.jpg", "smiling/001.jpg", "/data/london"),
        ("/elsewhere/smiling/001.jpg", "smiling/001.jpg", "/data/london"),
        ("smiling/001.jpg", "smiling/001.jpg", "/data/london"),
        ("london/smiling/001.jpg", "smiling/001.jpg", "/data/london"),
        ("smiling\\001.jpg", "smiling/001.jpg", None),
        ("set/fro\u0308hlich.jpg", "fr\u00f6hlich.jpg", None),
        ("fr\u00f6hlich.jpg", "fro\u0308hlich.jpg", "/data/london"),
    ],
)
def test_a_sample_finds_its_source(source: str, path: str, root: str | None) -> None:
    (rows,) = rows_of_samples(samples([path], root), faces(["neutral/001.jpg", source, "smiling/002.jpg"]))
    assert rows.tolist() == [1]


def test_a_shared_file_name_is_not_enough() -> None:
    (rows,) = rows_of_samples(samples(["smiling/001.jpg"]), faces(["/data/neutral/001.jpg"]))
    assert len(rows) == 0


def test_the_longest_tail_wins() -> None:
    given = samples(["b/c.jpg"], "/x/a")
    (rows,) = rows_of_samples(given, faces(["/y/b/c.jpg", "/y/a/b/c.jpg"]))
    assert rows.tolist() == [1]


def test_two_equally_good_sources_are_refused() -> None:
    with pytest.raises(InputError, match=r"'c\.jpg' fits 2 sources.*a/c\.jpg.*b/c\.jpg"):
        rows_of_samples(samples(["c.jpg"]), faces(["a/c.jpg", "b/c.jpg"]))


def test_two_samples_on_one_source_are_refused() -> None:
    with pytest.raises(InputError, match="fit two samples"):
        rows_of_samples(samples(["a/c.jpg", "b/c.jpg"]), faces(["c.jpg"]))


def test_the_largest_face_of_a_picture_is_taken() -> None:
    boxes = np.array([[0, 0, 10, 10], [0, 0, 30, 20], [0, 0, 20, 20]], dtype=float)
    (choice,) = choose(samples(["p"]), faces(["p"] * 3, box_px=boxes, track=np.arange(3)))
    assert choice.rows.tolist() == [1] and choice.n_faces == 3 and choice.status == "ok"


def test_the_face_seen_longest_in_a_clip_is_taken_in_order_of_frames() -> None:
    given = faces(["c"] * 5, frame=np.array([2, 0, 1, 0, 1]), track=np.array([1, 1, 1, 0, 0]))
    (choice,) = choose(samples(["c"]), given)
    assert choice.rows.tolist() == [1, 2, 0] and choice.frames.tolist() == [0, 1, 2]


def test_statuses_say_why_there_is_no_face() -> None:
    given = faces(["a", "b"], status=np.array(["no face", "unreadable"], dtype=object))
    assert [c.status for c in choose(samples(["a", "b", "c"]), given)] == ["no face", "unreadable", "not extracted"]


def test_two_faces_with_one_track_in_one_frame_are_refused() -> None:
    given = faces(["c"] * 3, frame=np.array([0, 0, 1]), track=np.array([0, 0, 0]))
    with pytest.raises(InputError, match="its own track"):
        choose(samples(["c"]), given)


def box(x: float, side: float) -> list[float]:
    return [x, 0, side, side]


@pytest.mark.parametrize(("presence", "chosen"), [(0.93, 1), (0.7, 1), (0.9999, 0), (np.nan, 0)])
def test_a_doubtful_face_has_to_be_much_larger_to_be_chosen(presence: float, chosen: int) -> None:
    """A pumpkin, twice as high as the face beside it."""
    both = faces(["a.jpg"] * 2, box_px=[box(0, 200), box(300, 100)], presence=[presence, 1.0], track=[0, 1])
    assert choose(samples(["a.jpg"]), both)[0].rows.tolist() == [chosen]


def test_a_doubtful_track_in_more_frames_is_not_chosen() -> None:
    frame = np.repeat(np.arange(10), 2)[:-2]
    track = np.tile([0, 1], 10)[:-2]
    clip = faces(
        ["a.mp4"] * 18,
        frame=frame,
        track=track,
        status=np.where((track == 1) & (frame == 3), "no face", "ok").astype(object),
        presence=np.where(track == 0, 0.8, 1.0),
        box_px=np.tile([[0, 0, 200, 200], [300, 0, 100, 100]], (9, 1)),
    )
    chosen = choose(samples(["a.mp4"]), clip)[0]
    assert set(clip.track[chosen.rows]) == {1} and len(chosen.rows) == 8


def test_the_row_about_a_missing_end_is_no_frame_that_was_looked_at() -> None:
    clip = faces(
        ["a.mp4"] * 4, frame=np.arange(4), time_s=[0, 0.04, 0.08, 0], track=[0, 0, 0, -1],
        status=np.array(["ok", "ok", "ok", "truncated"], dtype=object),
    )  # fmt: skip
    chosen = choose(samples(["a.mp4"]), clip)[0]
    assert chosen.frames.tolist() == [0, 1, 2] and chosen.times.tolist() == [0, 0.04, 0.08]
    assert clip.counts() == {"ok": 0, "no face": 0, "unreadable": 0, "truncated": 1}


@pytest.mark.parametrize("left", [0, 100, None], ids=["empty", "half", "a byte"])
def test_damaged_faces_are_called_damaged_and_not_missing(tmp_path: Path, left: int | None) -> None:
    """Also where nothing of the file can be read but its name, which holds a hash of the source's."""
    for name in ("photos/a.png", "photos/b.png"):
        stem = Path(name).stem
        shard = tmp_path / "faces" / f"{stem}-{name_hash(name)}-{'0' * 16}.parquet"
        write_shard(faces([name]), shard, {"source": name})
    damaged = next((tmp_path / "faces").glob("a-*"))
    content = bytearray(damaged.read_bytes())
    content[len(content) // 2] ^= 255
    damaged.write_bytes(bytes(content if left is None else content[:left]))
    with pytest.warns(DamageWarning, match="extract' again"):
        found = read_faces(tmp_path)
    chosen = choose(samples(["photos/a.png", "photos/b.png", "photos/c.png"]), found)
    assert chosen[0].status == DAMAGED and chosen[2].status == "not extracted"
    assert chosen[1].status not in (DAMAGED, "not extracted")
