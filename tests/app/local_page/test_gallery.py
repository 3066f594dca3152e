"""The gallery shows every face and every failure once; reviews that it writes can be obeyed."""

from pathlib import Path

import cv2
import numpy as np
import pytest

from mien.app.local_page.folders import Folders, OpenStudies, OpenStudy
from mien.app.local_page.gallery.answers import change_review, review_rows
from mien.app.local_page.gallery.details import curve, faces_of_frame, points_between, time_line
from mien.app.local_page.gallery.frames import frame_jpeg
from mien.app.local_page.gallery.index import FaceIndex
from mien.app.local_page.gallery.thumbnails import make_thumbnails, small, thumbnail_path
from mien.app.local_page.gallery.tiles import chosen
from mien.app.local_page.older import changed_since
from mien.core.errors import InputError
from mien.core.faces import Faces
from mien.data.media.film import Film
from mien.data.shards import write_shard

FRAMES = 20


@pytest.fixture
def study(tmp_path: Path) -> OpenStudy:
    folder = tmp_path / "study"
    frame = np.repeat(np.arange(FRAMES), 2)
    shapes = np.zeros((len(frame), 52))
    shapes[:, 25] = frame / FRAMES
    status = np.where((frame >= 15) & (np.arange(len(frame)) % 2 == 1), "no face", "ok").astype(object)
    clip = Faces.build(
        len(frame), topology="ibug-68", source=["media/a.mp4"] * len(frame), frame=frame, time_s=frame / 25,
        track=np.where(status == "ok", [0, 1] * FRAMES, -1), status=status, blendshapes=shapes,
        box_px=np.tile([[8, 8, 16, 16], [40, 8, 16, 16]], (FRAMES, 1)), sharpness=np.where(frame == 7, 9.0, 1.0),
        landmarks_px=np.ones((len(frame), 68, 3)), width_px=np.full(len(frame), 64), height_px=np.full(len(frame), 48),
    )  # fmt: skip
    pictures = Faces.build(
        4, topology="ibug-68", source=["media/b.png", "media/b.png", "media/c.png", "media/d.png"],
        track=[0, 1, -1, -1], status=["ok", "ok", "no face", "unreadable"], reason=["", "", "", "it holds text"],
        box_px=np.full((4, 4), 8.0), landmarks_px=np.ones((4, 68, 3)),
    )  # fmt: skip
    write_shard(clip, folder / "faces" / "a.parquet")
    write_shard(pictures, folder / "faces" / "b.parquet")
    media = tmp_path / "media"
    media.mkdir()
    for name in ("b.png", "c.png"):
        cv2.imwrite(str(media / name), np.full((48, 64, 3), 90, np.uint8))
    with Film(media / "a.mp4", 25) as film:
        for number in range(FRAMES):
            film.add(np.full((48, 64, 3), 10 * number, np.uint8), number / 25)
    opened = OpenStudies(Folders.of([tmp_path])).open(folder)
    opened.keep(input=str(media))
    return opened


def test_failures_stand_first_and_every_track_has_one_tile(study: OpenStudy) -> None:
    tiles = FaceIndex(study).tiles()
    assert [(tile.source, tile.status, tile.track, tile.frames) for tile in tiles] == [
        ("media/d.png", "unreadable", -1, 1),
        ("media/c.png", "no face", -1, 1),
        ("media/a.mp4", "ok", 0, FRAMES),
        ("media/a.mp4", "ok", 1, 15),
        ("media/a.mp4", "no face", -1, 5),
        ("media/b.png", "ok", 0, 1),
        ("media/b.png", "ok", 1, 1),
    ]
    assert tiles[0].reason == "it holds text"
    assert tiles[2].frame == 7  # the sharpest
    assert len({tile.key for tile in tiles}) == len(tiles)
    assert [tile.source for tile in chosen(tiles, text="TEXT holds")] == ["media/d.png"]
    assert len(chosen(tiles, status="no face")) == 2


def test_a_damaged_shard_is_a_tile_with_its_reason(study: OpenStudy) -> None:
    (study.folder / "faces" / "e.parquet").write_bytes(b"PAR1")
    first = FaceIndex(study).tiles()[0]
    assert first.status == "unreadable" and "not a readable Parquet file" in first.reason


def test_a_study_without_faces_has_an_empty_gallery(tmp_path: Path) -> None:
    assert FaceIndex(OpenStudies(Folders.of([tmp_path])).open(tmp_path)).tiles() == []


def test_small_pictures_are_made_once_and_show_the_face(study: OpenStudy) -> None:
    index = FaceIndex(study)
    tiles = index.tiles_of("media/a.mp4")
    assert make_thumbnails(study.folder, index.file("media/a.mp4"), True, tiles) == len(tiles)
    assert make_thumbnails(study.folder, index.file("media/a.mp4"), True, tiles) == 0
    seen = cv2.imread(str(thumbnail_path(study.folder, tiles[0].key)))
    assert seen.shape == (112, 112, 3)
    assert abs(float(seen.mean()) - 70) < 4  # of frame 7
    picture = np.zeros((400, 600, 3), np.uint8)
    picture[100:200, 300:400] = 255
    face = cv2.imdecode(np.frombuffer(small(picture, (300, 100, 100, 100)), np.uint8), 1)
    assert face[56, 56].min() > 240 and face[4, 4].max() < 20
    assert 35 <= np.flatnonzero(face[56, :, 0] > 128).size * 100 / 112 <= 75


def test_frames_have_the_numbers_that_their_points_have(study: OpenStudy) -> None:
    file = FaceIndex(study).file("media/a.mp4")
    for number in (12, 3, 4, 19, 0, 18):
        seen = cv2.imdecode(np.frombuffer(frame_jpeg(file, number), np.uint8), 1)
        assert abs(float(seen.mean()) - 10 * number) < 4
    with pytest.raises(InputError, match=r"a\.mp4 has no frame 20"):
        frame_jpeg(file, FRAMES)


def test_the_time_line_shows_tracks_and_curves_frame_by_frame(study: OpenStudy) -> None:
    index = FaceIndex(study)
    line = time_line(index, "media/a.mp4")
    assert line["frames"] == list(range(FRAMES)) and line["times_s"][5] == 0.2
    assert line["tracks"] == [{"track": 0, "spans": [[0, 19]]}, {"track": 1, "spans": [[0, 14]]}]
    assert line["without"] == line["excluded"] == line["marked"] == []
    jaw = curve(index, "media/a.mp4", "jawOpen", 1)
    assert jaw[14] == 0.7 and jaw[15:] == [None] * 5
    with pytest.raises(InputError, match="no measure"):
        curve(index, "media/a.mp4", "happiness", 0)


def test_points_of_a_stretch_of_a_film_are_those_of_its_frames(study: OpenStudy) -> None:
    index = FaceIndex(study)
    asked = {"source": "media/a.mp4", "action": "exclude", "frames": "14", "track": 0}
    change_review(index, {"do": "add", "decision": asked})
    found = np.frombuffer(points_between(index, "media/a.mp4", 13, 3), "<f4")
    rows = found[1:].reshape(-1, int(found[0]))
    assert rows[:, :3].tolist() == [[13, 0, 0], [13, 1, 0], [14, 0, 1], [14, 1, 0], [15, 0, 0]]
    assert rows[1, 3:7].tolist() == [40, 8, 16, 16] and np.isnan(rows[:, 7:11]).all()
    assert rows[:, 11:].shape == (5, 2 * 68) and (rows[:, 11:] == 1).all()
    assert len(points_between(index, "media/a.mp4", FRAMES, 9)) == 4


def test_a_review_changes_what_is_said_and_not_what_was_measured(study: OpenStudy) -> None:
    index = FaceIndex(study)
    asked = {"source": "media/a.mp4", "action": "exclude", "frames": "3..4", "track": 0, "note": "a hand"}
    change_review(index, {"do": "add", "decision": asked})
    change_review(index, {"do": "add", "decision": {"source": "media/a.mp4", "action": "mark", "frames": "9"}})
    face = faces_of_frame(index, "media/a.mp4", 3)["faces"][0]
    assert face["status"] == "excluded" and face["reason"] == "excluded by review: a hand"
    assert face["box"] == [8.0, 8.0, 16.0, 16.0]
    line = time_line(index, "media/a.mp4")
    assert line["excluded"] == [[3, 4]] and line["marked"] == [[9, 9]] and line["without"] == []
    assert index.counts() == {"unreadable": 1, "no face": 2, "ok": 4, "excluded": 1}
    made = study.folder / "report.html"
    made.write_text("made before")
    assert not changed_since(study, made)
    for row in review_rows(index):
        change_review(index, {"do": "undo", "decision": row})
    assert changed_since(study, made)
    assert not (study.folder / "review.csv").exists()
    assert index.counts() == {"unreadable": 1, "no face": 2, "ok": 4}


def test_who_looked_before_a_swap_does_not_exclude_somebody_else_after_it(study: OpenStudy) -> None:
    index = FaceIndex(study)
    seen = faces_of_frame(index, "media/a.mp4", 3)["numbering"]
    change_review(index, {"do": "add", "decision": {"source": "media/a.mp4", "action": "mark", "frames": "9"}})
    swap = {"source": "media/a.mp4", "action": "swap", "frames": "..9", "track": 0, "other": 1}
    change_review(index, {"do": "add", "decision": swap, "numbering": seen})
    exclude = {"do": "add", "decision": {"source": "media/a.mp4", "action": "exclude", "track": 0}, "numbering": seen}
    with pytest.raises(InputError, match="swapped or merged meanwhile"):
        change_review(index, exclude)
    assert [row["action"] for row in review_rows(index)] == ["mark", "swap"]
    change_review(index, {**exclude, "numbering": faces_of_frame(index, "media/a.mp4", 3)["numbering"]})
    assert [row["action"] for row in review_rows(index)] == ["mark", "swap", "exclude"]


def test_a_swap_that_later_decisions_rest_on_is_taken_back_after_them(study: OpenStudy) -> None:
    index = FaceIndex(study)
    swap = {"source": "media/a.mp4", "action": "swap", "frames": "..9", "track": 0, "other": 1}
    exclude = {"source": "media/a.mp4", "action": "exclude", "frames": "3", "track": 0}
    elsewhere = {"source": "media/b.png", "action": "exclude", "track": 1}
    for decision in (swap, exclude, elsewhere):
        change_review(index, {"do": "add", "decision": decision})
    with pytest.raises(InputError, match=r"1 later decision about media/a\.mp4 means the numbers that this swap gave"):
        change_review(index, {"do": "undo", "decision": swap})
    assert len(review_rows(index)) == 3
    for decision in (exclude, swap):
        change_review(index, {"do": "undo", "decision": decision})
    assert [row["source"] for row in review_rows(index)] == ["media/b.png"]


@pytest.mark.parametrize(
    "decision",
    [
        None, [], {"source": "media/a.mp4"}, {"source": "x", "action": "exclude"}, {"source": 3, "action": "exclude"},
        {"source": "media/a.mp4", "action": "exclude", "track": "0"},
        {"source": "media/a.mp4", "action": "merge", "track": 0, "other": 1},
        {"source": "media/a.mp4", "action": "exclude", "track": True},
    ],
)  # fmt: skip
def test_decisions_that_mean_nothing_leave_no_file(study: OpenStudy, decision: object) -> None:
    with pytest.raises(InputError):
        change_review(FaceIndex(study), {"do": "add", "decision": decision})
    assert not (study.folder / "review.csv").exists()


def test_a_review_that_was_broken_by_hand_is_told_and_not_overwritten(study: OpenStudy) -> None:
    (study.folder / "review.csv").write_text("source,action\nmedia/b.png,remove\n")
    index = FaceIndex(study)
    assert len(index.tiles()) == 7 and "row 2: 'action'" in index.problem
    with pytest.raises(InputError, match="row 2: 'action'"):
        change_review(index, {"do": "add", "decision": {"source": "media/b.png", "action": "exclude"}})


def test_a_review_that_no_step_obeys_is_told_in_the_gallery(study: OpenStudy) -> None:
    (study.folder / "review.csv").write_text("source,action\nmedia/nobody.png,exclude\n")
    index = FaceIndex(study)
    assert index.counts() == {"unreadable": 1, "no face": 2, "ok": 4} and review_rows(index) == []
    assert "nobody.png" in index.problem and "row 2" in index.problem


def test_pictures_outside_the_page_s_folders_are_not_shown(
    study: OpenStudy, tmp_path_factory: pytest.TempPathFactory
) -> None:
    elsewhere = tmp_path_factory.mktemp("media")
    cv2.imwrite(str(elsewhere / "b.png"), np.zeros((9, 9, 3), np.uint8))
    (study.folder.parent / "media" / "b.png").unlink()
    (study.folder.parent / "media" / "b.png").symlink_to(elsewhere / "b.png")
    with pytest.raises(InputError, match="outside the folders"):
        FaceIndex(study).file("media/b.png")
