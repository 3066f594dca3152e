"""A review is obeyed wherever faces of a study are read, and what it cannot mean is said with file and row."""

from pathlib import Path

import numpy as np
import pytest

import mien
from mien.core.errors import InputError
from mien.core.faces import EXCLUDED, OK, Faces
from mien.core.steps import data_mark
from mien.data.review import EXCLUDE, MARK, MERGE, SWAP, Decision, read_review
from mien.data.shard_parts import read_columns, read_head
from mien.data.shards import read_shard, shard_paths, stored_shards, write_shard
from mien.features.match import choose
from mien.features.over_time.functionals import functionals

HEADER = "source,frame,track,action,other,note\n"
FRAMES = 12


def clip(name: str, tracks: list[list[int]]) -> Faces:
    """Two people in every frame, numbered as given for each frame; the second one's jaw is wide open."""
    frame = np.repeat(np.arange(len(tracks)), 2)
    rng = np.random.default_rng(0)
    shapes = rng.uniform(0, 0.1, (len(frame), 52))
    shapes[1::2, 25] = 0.9
    box = np.tile([[10, 10, 100, 100], [200, 10, 90, 90]], (len(tracks), 1))
    return Faces.build(
        len(frame), topology="ibug-68", source=[name] * len(frame), frame=frame, time_s=frame / 25,
        track=np.concatenate(tracks), landmarks_px=rng.uniform(0, 300, (len(frame), 68, 3)), blendshapes=shapes,
        box_px=box, presence=np.ones(len(frame)), extra={"smile": shapes[:, 44]},
    )  # fmt: skip


@pytest.fixture
def study(tmp_path: Path) -> Path:
    # The tracker mistook the two for each other from frame 6 on, and lost the first one in frames 3 to 5.
    tracks = [[0, 1]] * 3 + [[2, 1]] * 3 + [[1, 0]] * 6
    write_shard(clip("ann.mp4", tracks), tmp_path / "faces" / "ann.parquet", {"source": "ann.mp4"})
    write_shard(clip("bo.jpg", [[0, 1]]), tmp_path / "faces" / "bo.parquet", {"source": "bo.jpg"})
    return tmp_path


def said(study: Path, *rows: str) -> None:
    (study / "review.csv").write_text(HEADER + "".join(f"{row}\n" for row in rows))


def jaw_of(faces: Faces, track: int) -> np.ndarray:
    """How open the jaw is in each frame in which ``ann.mp4`` shows this track."""
    rows = (faces.source == "ann.mp4") & (faces.track == track) & faces.ok
    return faces.blendshapes[rows, 25]


def test_without_a_review_faces_are_as_they_were_extracted(study: Path) -> None:
    assert mien.read_faces(study).counts() == {"ok": 2, "no face": 0, "unreadable": 0}
    assert not read_review(study)


def test_an_excluded_face_keeps_its_row_and_loses_its_measures(study: Path) -> None:
    said(study, "bo.jpg,,1,exclude,,a poster in the background")
    faces = mien.read_faces(study)
    row = int(np.flatnonzero(faces.status == EXCLUDED)[0])
    assert faces.source[row] == "bo.jpg" and faces.track[row] == 1
    assert faces.reason[row] == "excluded by review: a poster in the background"
    assert np.isnan(faces.landmarks_px[row]).all() and np.isnan(faces.blendshapes[row]).all()
    assert np.isnan(faces.extra["smile"][row]) and np.isnan(faces.box_px[row]).all()
    assert (faces.status == EXCLUDED).sum() == 1
    assert read_shard(study / "faces" / "bo.parquet", review=False).ok.all()


def test_a_picture_whose_faces_are_all_excluded_is_a_sample_with_that_status(study: Path) -> None:
    said(study, "bo.jpg,,,exclude,,")
    samples = mien.Samples(path=["bo.jpg"], subject=["bo"], labels={"look": ["sad"]})
    assert [choice.status for choice in choose(samples, mien.read_faces(study))] == [EXCLUDED]
    assert mien.read_faces(study).counts()[EXCLUDED] == 1
    assert read_head(study / "faces" / "bo.parquet").sources == {"bo.jpg": EXCLUDED}
    assert read_head(study / "faces" / "ann.parquet").sources == {"ann.mp4": OK}


def test_tracks_that_were_mistaken_become_one_person_each(study: Path) -> None:
    said(study, "ann.mp4,3..5,2,merge,0,lost and found again", "ann.mp4,6..,0,swap,1,")
    faces = mien.read_faces(study)
    assert len(jaw_of(faces, 0)) == len(jaw_of(faces, 1)) == FRAMES
    assert jaw_of(faces, 0).max() <= 0.1 and jaw_of(faces, 1).min() > 0.8
    assert set(faces.quality[faces.source == "ann.mp4"][:6]) == {""}
    assert set(faces.quality[(faces.source == "ann.mp4") & (faces.frame >= 6)]) == {"retracked"}


def test_marked_frames_say_so_and_count_as_before(study: Path) -> None:
    said(study, "ann.mp4,2,,mark,,begins to laugh")
    faces = mien.read_faces(study)
    assert faces.frame[faces.quality == "marked"].tolist() == [2, 2]
    assert faces.ok.all()


def test_columns_read_alone_are_those_of_the_whole_shard(study: Path) -> None:
    said(study, "ann.mp4,3..5,2,merge,0,", "ann.mp4,6..,0,swap,1,", "ann.mp4,..4,1,exclude,,")
    path = study / "faces" / "ann.parquet"
    whole, some = read_shard(path), read_columns(path, ["blendshapes", "track", "extra:smile"])
    assert list(some) == ["blendshapes", "track", "extra:smile"]
    np.testing.assert_array_equal(some["blendshapes"], whole.blendshapes)
    np.testing.assert_array_equal(some["track"], whole.track)
    np.testing.assert_array_equal(some["extra:smile"], whole.extra["smile"])


def test_later_steps_notice_that_a_review_changed(study: Path) -> None:
    samples = mien.Samples(path=["ann.mp4"], subject=["ann"], labels={"look": ["sad"]})
    marks = [data_mark(samples, mien.read_faces(study))]
    before = functionals(study, channels="smile", min_frames=2, min_duration_s=0.0).measures
    said(study, "ann.mp4,6..,0,swap,1,")
    marks.append(data_mark(samples, mien.read_faces(study)))
    said(study, "ann.mp4,..8,,exclude,,")
    marks.append(data_mark(samples, mien.read_faces(study)))
    after = functionals(study, channels="smile", min_frames=2, min_duration_s=0.0).measures
    assert len(set(marks)) == 3
    frames = [measures.quality["usable frames"][list(measures.source).index("ann.mp4")] for measures in (before, after)]
    assert frames[1] == 3 < frames[0]


def test_decisions_can_be_added_and_taken_back(study: Path) -> None:
    one = Decision("ann.mp4", EXCLUDE, "1", 0, note='a "quote", and a comma')
    review = read_review(study).with_one(one).with_one(Decision("ann.mp4", MARK, "4"))
    review.write()
    assert read_review(study).decisions == review.decisions
    read_review(study).without(one).write()
    assert [decision.action for decision in read_review(study).decisions] == [MARK]
    with pytest.raises(InputError, match="no such row any more"):
        read_review(study).without(one)
    read_review(study).without(Decision("ann.mp4", MARK, "4")).write()
    assert not (study / "review.csv").exists()


@pytest.mark.parametrize(
    ("row", "sentence"),
    [
        ("ann.mp4,,,remove,,", "row 2: 'action' is one of exclude, swap, merge, mark"),
        ("ann.mp4,,,,,", "row 2: 'action' is one of"),
        (",,,exclude,,", "row 2: 'source' names the picture or video"),
        ("ann.mp4,3-5,,exclude,,", "row 2: 'frame' is a number, or a range such as 12..40"),
        ("ann.mp4,5..3,,exclude,,", "row 2: 'frame' says 5..3"),
        ("ann.mp4,..,,exclude,,", "row 2: 'frame' is a number"),
        ("ann.mp4,,one,exclude,,", "row 2: 'track' is the number of a track"),
        ("ann.mp4,,0,swap,,", "row 2: 'swap' needs two tracks"),
        ("ann.mp4,,1,merge,1,", "row 2: 'merge' needs two different tracks"),
        ("ann.mp4,,1,exclude,2,", "row 2: 'exclude' has no other track"),
        ("ann.mp4,,,mark,,", "row 2: 'mark' is about frames"),
        ("an.mp4,,,exclude,,", "row 2: this study has no faces of 'an.mp4'. Did you mean 'ann.mp4'?"),
        ("ann.mp4,,7,exclude,,", "row 2: there is no face of track 7 in 'ann.mp4'"),
        ("ann.mp4,40,,exclude,,", "row 2: there is no face in frame 40 of 'ann.mp4'"),
        ("ann.mp4,40..50,,mark,,", "row 2: 'ann.mp4' has no frames 40..50"),
        ("ann.mp4,,0,merge,1,", "row 2: tracks 0 and 1 are both seen in frame 0"),
    ],
)
def test_what_cannot_be_obeyed_is_said_with_file_and_row(study: Path, row: str, sentence: str) -> None:
    said(study, row)
    with pytest.raises(InputError) as refused:
        mien.read_faces(study)
    assert f"review.csv, {sentence}" in str(refused.value)


def test_an_unknown_column_is_refused_before_it_is_lost(study: Path) -> None:
    (study / "review.csv").write_text("source,action,who\nann.mp4,exclude,me\n")
    with pytest.raises(InputError, match="has a column 'who'"):
        shard_paths(study)
    assert len(stored_shards(study)) == 2


def test_spreadsheets_write_reviews_with_semicolons(study: Path) -> None:
    (study / "review.csv").write_bytes("\ufeffsource;action;track\r\nbo.jpg;Exclude;1\r\n;;\r\n".encode())
    assert read_review(study).decisions == (Decision("bo.jpg", EXCLUDE, track=1),)
    (study / "review.csv").write_text(HEADER)
    assert not read_review(study)


def test_a_damaged_shard_does_not_make_its_review_wrong(tmp_path: Path) -> None:
    from mien.data.shards import name_hash

    for name in ("ann.mp4", "bo.mp4"):
        path = tmp_path / "faces" / f"x-{name_hash(name)}-{'0' * 16}.parquet"
        write_shard(clip(name, [[0, 1]] * 3), path, {"source": name})
    (tmp_path / "faces" / f"x-{name_hash('bo.mp4')}-{'0' * 16}.parquet").write_bytes(b"PAR1")
    said(tmp_path, "bo.mp4,,0,exclude,,", "ann.mp4,,0,exclude,,")
    with pytest.warns(mien.core.errors.DamageWarning):
        assert (mien.read_faces(tmp_path).status == EXCLUDED).sum() == 3


def test_questions_in_sql_obey_a_review(study: Path) -> None:
    pytest.importorskip("duckdb")
    said(study, "bo.jpg,,1,exclude,,", "ann.mp4,6..,0,swap,1,")
    answer = mien.query("SELECT count(*) AS n FROM faces WHERE status = 'ok'", study).to_arrow()
    assert answer["n"].to_pylist() == [2 * FRAMES + 1]
    jaw = mien.query("SELECT min(jawOpen) AS m FROM faces WHERE frame >= 6 AND track = 1", study).to_arrow()
    assert jaw["m"].to_pylist()[0] > 0.8


def test_decisions_are_counted_by_what_they_do() -> None:
    assert read_review("nowhere").with_one(Decision("a", SWAP, track=0, other=1)).with_one(
        Decision("a", MERGE, "1", 2, 0)
    ).counts() == {SWAP: 1, MERGE: 1}


def test_a_single_row_without_its_head_is_not_taken_for_one(study: Path) -> None:
    (study / "review.csv").write_text("clips/a.mp4,,0,exclude,,\n")
    with pytest.raises(InputError, match="its first row names the columns"):
        mien.read_faces(study)
    (study / "review.csv").write_text("source;action\n")
    assert not read_review(study).decisions
