"""Participants: every bad row is named with what to do next, the rest runs, nobody is joined or split in silence."""

import json

import numpy as np
import pytest
from typer.testing import CliRunner

from mien.cohort.flow import Count
from mien.cohort.participants import load_participants, participants
from mien.core.errors import InputError
from mien.core.faces import Faces
from mien.data.shards import write_shard


def shard(study, name: str, *statuses: str) -> None:
    rows = statuses or ("ok", "ok")
    faces = Faces.build(len(rows), topology="no-points", source=[name] * len(rows), status=list(rows))
    write_shard(faces, study / "faces" / f"{name.replace('/', '-')}.parquet", {"source": name})


def table(folder, *lines: str, name: str = "who.csv"):
    path = folder / name
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def told(found, kind: str) -> list[tuple[int, str]]:
    return [(problem.row, problem.column) for problem in found.problems if problem.kind == kind]


def test_rows_find_their_recordings_and_the_others_are_named(tmp_path) -> None:
    for name in ("videos/a.mp4", "videos/B.mp4", "c", "alone.mp4"):
        shard(tmp_path, name)
    shard(tmp_path, "dark.mp4", "no face", "no face")
    shard(tmp_path, "broken.mp4", "unreadable")
    shard(tmp_path, "short.mp4", "ok", "truncated")
    (tmp_path / "faces" / "bad.parquet").write_bytes(b"PAR1")
    (tmp_path / "new.mp4").touch()
    (tmp_path / "forgotten.mp4").touch()
    who = table(
        tmp_path, "subject,path", "p1,a.mp4", "p2,videos/b.MP4", "p3,x/c.mp4", "p4,dark.mp4", "p5,broken.mp4",
        "p6,new.mp4", "p7,gone.mp4", "p8,", "p9,short.mp4",
    )  # fmt: skip
    found = participants(who, output=tmp_path)
    assert found.status.tolist() == [
        "ok", "ok", "ok", "no face", "unreadable", "not extracted", "not found", "no recording named", "ok",
    ]  # fmt: skip
    assert found.kept.path.tolist() == ["videos/a.mp4", "videos/B.mp4", "c", "short.mp4"]
    assert found.flow.begin == Count(9, 9) and found.flow.left == Count(4, 4)
    assert {problem.file for problem in found.problems if problem.kind == "recordings that no row names"} == {
        "alone.mp4", str(tmp_path / "forgotten.mp4"),
    }  # fmt: skip
    assert any("bad.parquet is damaged" in problem.sentence for problem in found.problems)
    assert all(problem.sentence.endswith(".") for problem in found.problems)
    again = load_participants(tmp_path)
    assert again.problems == found.problems and again.flow == found.flow and again.row.tolist() == [*range(2, 11)]
    assert again.samples.path.tolist() == found.samples.path.tolist()


def test_a_recording_in_a_damaged_file_is_there_but_damaged(tmp_path) -> None:
    """The row is not said to name a file that does not exist."""
    shard(tmp_path, "p1")
    (tmp_path / "faces" / "p2.parquet").write_bytes(b"PAR1")
    found = participants(table(tmp_path, "subject,path", "a,p1", "b,p2"), output=tmp_path)
    assert found.status[0] == "ok" and "no such file" not in str(found.problems)
    assert any("stored in a damaged file" in problem.sentence for problem in found.problems)


def test_ids_that_differ_in_zeros_or_case_are_joined_and_named_and_those_that_may_be_one_are_named(tmp_path) -> None:
    who = table(
        tmp_path, "subject,session,path", "007,1,a", "7,2,b", "P7,1,c", "p7,2,d", "P8,1,e", "P9,1,f", "70,1,g",
    )  # fmt: skip
    found = participants(who)
    assert found.samples.subject.tolist() == ["007", "007", "P7", "P7", "P8", "P9", "70"]
    assert told(found, "spellings of one person") == [(3, "subject"), (5, "subject")]
    assert told(found, "names that may be one person") == [(4, "subject")]


def test_one_recording_of_two_people_is_nobodys_and_of_a_session_twice_the_first_row_stays(tmp_path) -> None:
    for name in "abcd":
        shard(tmp_path, name)
    who = table(
        tmp_path, "subject,session,path,site", "p1,1,a,X", "p2,1,x/a,X", "p3,1,b,X", "P3,01,c,Y", "p4,1,d,",
        "p4,2,d,Y", name="first.csv",
    )  # fmt: skip
    found = participants(who, tmp_path)
    assert found.status.tolist() == [
        "recording of several people", "recording of several people", "ok", "session named twice", "ok",
        "session named twice",
    ]  # fmt: skip
    assert told(found, "person at several sites") == [(5, "site")]
    # Spelt otherwise by both.
    shard(tmp_path, "E.mp4")
    found = participants(table(tmp_path, "subject,path", "p1,e.mp4", "p2,e.mov"), tmp_path)
    assert found.status.tolist() == ["ok", "not found"]
    found = participants(table(tmp_path, "subject,path", "p1,e.mp4", "p2,E.MP4"), tmp_path)
    assert found.status.tolist() == ["recording of several people"] * 2
    found = participants(who, tmp_path)
    assert [(str(e), e.reason) for e in found.flow.steps[0].excluded] == [
        ("2 people, 2 sessions", "recording of several people"), ("0 people, 2 sessions", "session named twice"),
    ]  # fmt: skip


def test_answers_as_text_become_numbers_where_they_say_so_and_are_empty_and_named_elsewhere(tmp_path) -> None:
    who = table(
        tmp_path, "subject,path,phq_1,phq_2,phq_3,age,mood", "p1,a,2 - sometimes,0,never,31,fine",
        "p2,b,0 - never,1,often,old,3 bad days", "p3,c,2,never,never,40,fine", "p4,d,,,,50,fine",
    )  # fmt: skip
    found = participants(who)
    samples = found.samples
    assert samples.ratings["phq_1"].tolist()[:3] == [2, 0, 2] and np.isnan(samples.ratings["phq_1"][3])
    assert np.array_equal(samples.ratings["phq_2"], [0, 1, np.nan, np.nan], equal_nan=True)
    assert np.isnan(samples.ratings["phq_3"]).all() and samples.labels["mood"][1] == "3 bad days"
    assert {*told(found, "answers as text")} == {
        (2, "phq_1"), (3, "phq_1"), (4, "phq_2"), (2, "phq_3"), (3, "phq_3"), (4, "phq_3"), (3, "age"),
    }  # fmt: skip
    assert told(found, "no answers") == [(0, "phq_3"), (5, "")]


def test_numbers_in_front_of_words_are_not_taken_where_they_contradict_each_other(tmp_path) -> None:
    found = participants(table(tmp_path, "subject,path,q", "a,a,1 - never", "b,b,2 - never", "c,c,3", "d,d,4", "e,e,5"))
    assert told(found, "answers as text") == [(2, "q"), (3, "q")]


def test_one_class_only_and_empty_rows_are_named(tmp_path) -> None:
    who = table(tmp_path, "subject,path,session,diagnosis", "a,a,1,x", ",,,", "b,b,1,x")
    found = participants(who)
    assert told(found, "one value only") == [(0, "diagnosis")] and told(found, "empty rows") == [(3, "")]
    assert found.row.tolist() == [2, 4]


def test_a_column_in_two_notations_is_left_out_and_named_and_the_rest_is_read(tmp_path) -> None:
    who = table(tmp_path, "subject;path;weight;age", "a;a;1.200;30", "b;b;1.300;31")
    found = participants(who)
    assert told(found, "columns that cannot be read as numbers") == [(0, "weight")]
    assert found.samples.ratings["age"].tolist() == [30, 31]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "is empty"), (b"subject,path\n", "no rows"), ("subject,path\nmüller,a".encode("latin-1"), "not UTF-8"),
        (b"person,video\na,b\n", "--columns path=video,subject=person"),
    ],
)  # fmt: skip
def test_a_table_that_cannot_be_read_is_refused_in_a_sentence(tmp_path, content: bytes, words: str) -> None:
    (tmp_path / "who.csv").write_bytes(content)
    with pytest.raises(InputError, match=words):
        participants(tmp_path / "who.csv")
    with pytest.raises(InputError, match="holds no participants"):
        load_participants(tmp_path)


def test_columns_with_the_names_of_the_file_and_in_other_letters_come_back(tmp_path) -> None:
    who = table(tmp_path, "subject,path,status,Age,age,group", "a,a,well,30,1,x", "b,b,ill,31,2,y")
    found = participants(who, output=tmp_path)
    again = load_participants(tmp_path / "participants")
    for name in ("status", "Age", "age", "group"):
        assert again.samples.target(name).tolist() == found.samples.target(name).tolist()


def test_the_command_names_problems_and_sql_sees_the_rows(tmp_path) -> None:
    from mien.cli.main import app

    shard(tmp_path, "a")
    who = table(tmp_path, "Code,Video,age", "p1,a,-9", "p2,b,40")
    words = ["participants", str(who), "--columns", "subject=Code,path=Video", "--missing=-9", "-o", str(tmp_path)]
    done = CliRunner().invoke(app, words)
    assert done.exit_code == 1 and "who.csv, row 3, 'path': 'b': there is no such file" in done.stderr
    assert "1 person, 1 session left" in done.stdout
    shown = CliRunner().invoke(app, [*words, "--json"])
    assert json.loads(shown.stdout)["flow"]["begin"] == {"people": 2, "sessions": 2, "sites": {}}
    pytest.importorskip("duckdb")
    from mien.cohort.query import cohort

    sql = "SELECT subject, age, status FROM samples LEFT JOIN faces f USING (source) GROUP BY ALL ORDER BY 1"
    rows = cohort(tmp_path).sql(sql.replace("status", "samples.status")).to_arrow().to_pylist()
    assert [(row["subject"], row["age"]) for row in rows] == [("p1", None), ("p2", 40.0)]


def test_thousands_of_rows_take_seconds(tmp_path) -> None:
    """Time that grows with the square of the rows would take minutes for a large cohort."""
    from time import process_time

    lines = [f"p{i:05d},{i % 2 + 1},site{i % 40}/p{i:05d}/video.mp4,{i % 4}" for i in range(4000)]
    who = table(tmp_path, "subject,session,path,item_1", *lines)
    start = process_time()
    found = participants(who)
    assert len(found) == 4000 and process_time() - start < 8


def test_ages_that_cannot_be_are_named_and_empty(tmp_path) -> None:
    ages = ("-999", "0", "250", "1987", "31", "7,5", "")
    (tmp_path / "v.mp4").touch()
    rows = [f"v{i};v{i}.mp4;{age}" for i, age in enumerate(ages)]
    found = participants(table(tmp_path, "subject;path;Age", *rows))
    assert told(found, "ages that cannot be") == [(row, "Age") for row in (2, 3, 4, 5)]
    np.testing.assert_array_equal(found.samples.ratings["Age"], [np.nan, 0, np.nan, np.nan, 31, 7.5, np.nan])
    said = [str(problem) for problem in found.problems if problem.kind == "ages that cannot be"]
    assert "--missing -999" in said[0] and "baby" in said[1] and "year of birth" in said[3]


def test_a_command_that_is_told_can_be_pasted_though_the_folder_has_a_blank(tmp_path) -> None:
    with pytest.raises(InputError, match=r"mien participants TABLE -o '.*ü 1'"):
        load_participants(tmp_path / "Würzburg ü 1")
