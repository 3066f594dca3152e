"""Samples from tables, folders and data sets: what is read, and what is refused with which words."""

import codecs

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from mien.compare.group_columns import groupings
from mien.core.errors import InputError
from mien.core.faces import Faces
from mien.data.samples import read_ready_faces, read_samples
from mien.data.shards import write_shard

ROWS = [
    ("path", "subject", "expression", "intensity", "group"),
    ("a/1.jpg", "P1", "happy", "3.5", "north"),
    ("a/2.jpg", "P1", "sad", "", "north"),
    ("b/ü 3.mp4", "007", "", "1e1", "south"),
]


def write(path, text, encoding="utf-8"):
    path.write_bytes(text.encode(encoding))
    return path


def table(rows, delimiter=","):
    return "\n".join(delimiter.join(row) for row in rows) + "\n"


def refusal(spec, **settings):
    with pytest.raises(InputError) as error:
        read_samples(spec, **settings)
    return str(error.value)


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("mark", [b"", codecs.BOM_UTF8])
@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_tables_of_all_dialects_read_alike(tmp_path, delimiter, mark, newline):
    path = tmp_path / "study.csv"
    path.write_bytes(mark + table(ROWS, delimiter).replace("\n", newline).encode())
    samples = read_samples(path)
    assert list(samples.path) == ["a/1.jpg", "a/2.jpg", "b/ü 3.mp4"]
    assert list(samples.subject) == ["P1", "P1", "007"]
    assert list(samples.labels) == ["expression"]
    assert list(samples.labels["expression"]) == ["happy", "sad", ""]
    assert samples.ratings["intensity"] == pytest.approx([3.5, np.nan, 10], nan_ok=True)
    assert list(samples.group) == ["north", "north", "south"]
    assert samples.files()[0] == tmp_path / "a" / "1.jpg"
    assert samples.name == "study"


def test_parquet_reads_like_csv(tmp_path):
    columns = {
        "clip": ["c1", "c2"],
        "subject": [1, 2],
        "label": ["x", None],
        "score": [0.5, None],
    }
    pq.write_table(pa.table(columns), tmp_path / "s.parquet")
    samples = read_samples(tmp_path / "s.parquet")
    assert list(samples.path) == ["c1", "c2"] and samples.root is None
    assert list(samples.subject) == ["1", "2"]
    assert list(samples.labels["label"]) == ["x", ""]
    assert samples.ratings["score"] == pytest.approx([0.5, np.nan], nan_ok=True)


def test_ids_keep_their_zeros_whatever_stands_before_the_header(tmp_path):
    path = write(tmp_path / "blank.csv", "\n\r\npath,subject,score\na,001,1\n\nb,002,2\n\n")
    assert list(read_samples(path).subject) == ["001", "002"]
    assert list(read_samples(path).ratings["score"]) == [1, 2]


def test_damaged_tables_end_in_a_sentence_never_in_a_crash(tmp_path):
    whole = b'path,subject,label,score\na.jpg,P,"x, y",1\nb.jpg,Q,y,2\n\xc3\xbc.jpg,R,,NA\n'
    rng = np.random.default_rng(0)
    inserts = [b",", b"\n", b'"', b";", b"nan", b"\xff", b"\x00", b"\r", b""]
    read = 0
    for i in range(300):
        at, upto = sorted(rng.integers(0, len(whole), 2))
        kept = whole[:at] + inserts[i % len(inserts)] + whole[max(at, upto if i % 2 else at) :]
        (tmp_path / "d.csv").write_bytes(kept)
        try:
            read += len(read_samples(tmp_path / "d.csv")) > 0
        except InputError as error:
            assert "d.csv" in str(error)
    assert read > 10


def test_quoted_cells_and_decimal_commas(tmp_path):
    quoted = write(tmp_path / "q.csv", 'path,subject,words\n"a, b.jpg",P,"he said ""no"""\n')
    assert list(read_samples(quoted).path) == ["a, b.jpg"]
    assert list(read_samples(quoted).labels["words"]) == ['he said "no"']
    german = write(tmp_path / "g.csv", "path;subject;note\na.jpg;P;1,5\nb.jpg;Q;2\n")
    assert list(read_samples(german).ratings["note"]) == [1.5, 2]


def test_missing_cells_are_unknown(tmp_path):
    path = write(tmp_path / "m.csv", "path,subject,label,score\na,P,NA,1\nb,Q,x,NA\nc,R,NaN,nan\n")
    samples = read_samples(path)
    assert list(samples.labels["label"]) == ["", "x", ""]
    assert samples.ratings["score"] == pytest.approx([1, np.nan, np.nan], nan_ok=True)


def test_classes_written_as_numbers_are_labels_where_asked(tmp_path):
    path = write(tmp_path / "n.csv", "path,subject,smile\na,P,0\nb,Q,1\n")
    assert list(read_samples(path).ratings) == ["smile"]
    assert list(read_samples(path, labels=["smile"]).labels["smile"]) == ["0", "1"]
    assert "no column 'smil' (asked for as labels). Perhaps 'smile' is meant" in refusal(path, labels=["smil"])


@pytest.mark.parametrize(
    ("header", "words"),
    [
        ("file,subject,label", "no column 'path' (the picture or video of each row; 'clip' for ready-made landmarks)"),
        ("file,subject,label", "Perhaps 'file' is meant: rename it to 'path'"),
        ("path,Subjct,label", "Perhaps 'Subjct' is meant: rename it to 'subject'"),
        ("path,participant,label", "Perhaps 'participant' is meant: rename it to 'subject'"),
        ("path,colour,label", "Its columns: 'path', 'colour', 'label'"),
        ("path,subject,subject", "more than one column 'subject'"),
    ],
)
def test_missing_columns_are_named_with_file_and_suggestion(tmp_path, header, words):
    path = write(tmp_path / "t.csv", f"{header}\na.jpg,P,x\n")
    message = refusal(path)
    assert words in message and str(path) in message


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "is empty"),
        ("path,subject\n", "a header but no rows"),
        ("path,subject\na.jpg,P\nb.jpg\n", "not a readable table"),
        ("path,subject\n,P\n", "row 2 has no 'path'"),
        ("path,subject\na.jpg,P\nb.jpg,Q\na.jpg,R\n", "rows 2 and 4 both have the path 'a.jpg'"),
        ("path,subject,warm\na,P,1\nb,P,2\nc,P,warm\n", "'warm' holds numbers, but row 4 says 'warm' (1 such rows)"),
    ],
)
def test_bad_tables_are_refused_with_the_row(tmp_path, text, words):
    assert words in refusal(write(tmp_path / "bad.csv", text))


def test_a_row_that_repeats_another_in_every_cell_counts_once(tmp_path):
    path = write(tmp_path / "twice.csv", "path,subject,warm\na,P,1\nb,Q,2\na,P, 1\n,Q,2\n,Q,2\n")
    samples = read_samples(path)
    assert samples.path.tolist() == ["a", "b"] and samples.ratings["warm"].tolist() == [1, 2]
    assert "Row 4 is row 2 once more, in every cell, and is left out." in samples.notes


def test_rows_without_a_path_are_left_out_and_said_by_row(tmp_path):
    path = write(tmp_path / "gaps.csv", "path,subject,warm\na,P,1\n,Q,2\nNA,R,3\nb,S,4\n")
    samples = read_samples(path)
    assert samples.path.tolist() == ["a", "b"] and samples.subject.tolist() == ["P", "S"]
    assert samples.ratings["warm"].tolist() == [1, 4]
    assert "2 rows have no 'path' and are left out: rows 3, 4." in samples.notes


def test_other_encodings_are_refused_with_the_next_step(tmp_path):
    said = refusal(write(tmp_path / "latin.csv", "path,subject\nä,P\n", "latin-1"))
    assert "not UTF-8 text; save it as 'CSV UTF-8'" in said and "Line 2" in said and "'ä,P'" in said
    damaged = tmp_path / "d.parquet"
    damaged.write_bytes(b"PAR1 and then nothing")
    assert "not a readable Parquet file" in refusal(damaged)


def test_what_is_not_there_is_named_with_what_was_perhaps_meant(tmp_path):
    write(tmp_path / "study.csv", table(ROWS))
    assert f"Did you mean '{tmp_path / 'study.csv'}'" in refusal(tmp_path / "studi.csv")
    assert "Did you mean 'london'" in refusal("londn")
    assert "neither a folder nor a table" in refusal(write(tmp_path / "a.docx", "x"))
    assert "empty text" in refusal(" ")


def make_files(folder, *names):
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).touch()


def test_a_folder_per_class(tmp_path):
    make_files(tmp_path, "happy/P1_a.jpg", "happy/deep/P2_a.PNG", "sad/P1_b.mp4", "sad/notes.txt", "sad/.x.jpg")
    make_files(tmp_path, ".cache/y.jpg", "empty/readme.md", "loose.jpg")
    samples = read_samples(tmp_path)
    assert list(samples.path) == ["happy/P1_a.jpg", "happy/deep/P2_a.PNG", "sad/P1_b.mp4"]
    assert list(samples.labels["label"]) == ["happy", "happy", "sad"]
    assert list(samples.subject) == [f"unknown person in {path}" for path in samples.path]
    assert all(file.exists() for file in samples.files())
    for pattern in (r"(P\d)_", r"P\d", r"/(?P<subject>P\d)(_)"):
        assert list(read_samples(tmp_path, subject_pattern=pattern).subject) == ["P1", "P2", "P1"]
    assert "finds no subject in 'happy/deep/P2_a.PNG'" in refusal(tmp_path, subject_pattern="P1")
    assert "not a regular expression" in refusal(tmp_path, subject_pattern="(")


def test_shared_file_names_may_be_one_person_and_are_not_taken_for_two(tmp_path):
    make_files(tmp_path, "neutral/001.jpg", "neutral/002.jpg", "smiling/001.png")
    assert "the classes 'neutral' and 'smiling' both have a file '001'" in refusal(tmp_path)
    by_name = read_samples(tmp_path, subject_pattern=r"([^/]+)\.[^.]+$")
    assert list(by_name.subject) == ["001", "002", "001"]
    each_alone = read_samples(tmp_path, subject_pattern=".+")
    assert len(set(each_alone.subject)) == 3


def test_folders_without_two_classes_are_refused(tmp_path):
    assert "no sub-folder has any" in refusal(tmp_path)
    make_files(tmp_path, "happy/a.jpg")
    assert "only the sub-folder 'happy' has any" in refusal(tmp_path)


def test_a_folder_that_may_not_be_read_is_named(tmp_path, monkeypatch):
    make_files(tmp_path, "a/1.jpg", "b/2.jpg")

    def denied(path, onerror, **_):
        onerror(PermissionError(13, "Permission denied", str(path)))

    monkeypatch.setattr("mien.data.layout.class_folders.os.walk", denied)
    assert f"{tmp_path / 'a'} cannot be read: permission denied" in refusal(tmp_path)


def test_a_loop_of_links_does_not_trap_the_reader(tmp_path):
    make_files(tmp_path, "a/1.jpg", "b/2.jpg")
    (tmp_path / "a" / "loop").symlink_to(tmp_path)
    assert len(read_samples(tmp_path)) == 2


def test_a_folder_with_a_table_and_faces_brings_its_landmarks(tmp_path):
    write(tmp_path / "samples.csv", "clip,subject,expression,group\nc1,P,x,\nc2,Q,y,\n")
    assert read_ready_faces(tmp_path) is None
    faces = Faces.build(3, source=np.array(["c1", "c1", "c2"], dtype=object), frame=[0, 1, 0])
    write_shard(faces, tmp_path / "faces" / "all.parquet")
    for spec in (tmp_path, f"synthetic:{tmp_path}", tmp_path / "samples.csv"):
        samples, ready = read_samples(spec), read_ready_faces(spec)
        assert list(samples.path) == ["c1", "c2"]
        assert samples.group is None  # a column without a single entry says nothing
        assert set(ready.source) == set(samples.path)


def test_known_sets_are_looked_for_below_the_data_folder(tmp_path, monkeypatch):
    monkeypatch.setenv("MIEN_DATA", str(tmp_path))
    message = refusal("london")
    assert str(tmp_path / "london") in message and "Set MIEN_DATA" in message and "london:PATH" in message
    assert "has no clips.csv" in refusal(f"buhmap:{tmp_path}")
    assert "has no samples.csv" in refusal(f"synthetic:{tmp_path}")


def test_london(shared_data):
    samples = read_samples(f"london:{shared_data('london')}")
    assert len(samples) == 204 and len(set(samples.subject)) == 102
    labels, counts = np.unique(samples.labels["expression"].astype(str), return_counts=True)
    assert dict(zip(labels, counts, strict=True)) == {"neutral": 102, "smiling": 102}
    assert all(file.is_file() for file in samples.files())
    assert samples.licence == "CC BY 4.0" and "5047666" in samples.credit and "resized" in samples.credit
    assert 1 < np.nanmin(samples.ratings["attractiveness"]) < np.nanmax(samples.ratings["attractiveness"]) < 7
    assert read_ready_faces(f"london:{shared_data('london')}") is None
    # What the file says of people is there for groups, and no rating.
    assert set(samples.labels["gender"]) == {"female", "male"} and set(samples.ratings) == {"attractiveness"}
    by_age = groupings(samples, samples.path, samples.subject, ("age=30",), "")[0][0]
    assert (
        by_age.order == ("below 30", "30 and above")
        and (by_age.group == "").sum() == (samples.labels["age"] == "").sum()
    )
    # Raters saw the neutral picture only.
    rated = np.isfinite(samples.ratings["attractiveness"])
    assert rated.tolist() == (samples.labels["expression"] == "neutral").tolist()


def test_london_read_as_a_plain_folder_would_leak_and_is_refused(shared_data):
    assert "both have a file '001'" in refusal(shared_data("london"))


def test_omi(shared_data):
    samples = read_samples(f"omi:{shared_data('noncommercial') / 'omi'}")
    assert len(samples) == len(set(samples.subject)) == 1004
    assert len(samples.ratings) == 18 and not samples.labels
    happy = samples.ratings["happy"]
    assert ((happy < 30).sum(), (happy > 65).sum()) == (129, 402)  # as counted by the set's own notes
    assert "NC" in samples.licence
    assert samples.files()[500].is_file()


def test_buhmap_clips_and_their_landmarks(shared_data):
    spec = f"buhmap:{shared_data('buhmap')}"
    samples, faces = read_samples(spec), read_ready_faces(spec)
    assert len(samples) == 440 and len(set(samples.subject)) == 11
    assert {sum(samples.labels["label"] == c) for c in set(samples.labels["label"])} == {55}
    assert len(faces) == 24_450 and faces.topology == "ibug-68" and (faces.status == "ok").all()
    assert list(dict.fromkeys(faces.source)) == list(samples.path)
    for _, rows in faces.by_source():
        assert list(faces.frame[rows]) == list(range(len(rows)))
        assert (np.diff(faces.time_s[rows]) > 0).all()
    assert len(faces.extra) == 35 and faces.extra["AU12_r"].max() <= 5
    assert faces.presence.min() > 0.7


def test_the_signs_of_buhmaps_pose_and_depth_agree_with_its_pictures(shared_data):
    faces = read_ready_faces(f"buhmap:{shared_data('buhmap')}")
    x, y, z = np.moveaxis(faces.landmarks_px.astype(float), 2, 0)
    pitch, yaw, roll = faces.pose_deg.T
    # Turned to the person's left, the nose moves right in the picture; looking up, it moves up.
    assert np.corrcoef(yaw, x[:, 30] - x[:, [36, 45]].mean(1))[0, 1] > 0.85
    assert np.corrcoef(pitch, y[:, [36, 45, 48, 54]].mean(1) - y[:, 30])[0, 1] > 0.85
    slope = np.degrees(np.arctan2(y[:, 45] - y[:, 36], x[:, 45] - x[:, 36]))
    assert np.abs(slope - roll).mean() < 1.5
    # The nose is nearer to the camera than the ends of the jaw, in every frame.
    assert (z[:, 30] < z[:, [0, 16]].mean(1) - 40).all()
    assert np.abs(z.mean(1)).max() < 0.1


@pytest.mark.parametrize("separator", ["\t", ","])
def test_commas_in_numbers_are_told(tmp_path, separator):
    def text_of(*cells):
        rows = [["path", "subject", "happy"], *([f"{i}.png", f"p{i}", cell] for i, cell in enumerate(cells))]
        return "\n".join(separator.join(row) for row in rows)

    # One thousand five hundred, or one and a half?
    write(tmp_path / "t.csv", text_of('"1,500"', '"2,250"', ""))
    assert "'happy' writes numbers with a comma" in refusal(tmp_path / "t.csv")
    # Where a comma cannot be one between thousands, it is read.
    write(tmp_path / "c.csv", text_of('"1,5"', '"2,25"', ""))
    assert list(read_samples(tmp_path / "c.csv").ratings["happy"][:2]) == [1.5, 2.25]
    write(
        tmp_path / "s.csv",
        text_of("1,5", "2,25", "").replace(separator, ";")
        if separator == "\t"
        else "path;subject;happy\na;p;1,5\nb;q;2,25",
    )
    assert list(read_samples(tmp_path / "s.csv").ratings["happy"][:2]) == [1.5, 2.25]


def test_what_is_no_name_of_samples_is_refused_by_its_kind():
    with pytest.raises(InputError, match="got a dict"):
        read_samples({"path": ["a.png"]})
