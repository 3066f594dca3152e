"""Samples in the page: every problem with its row and column, roles in the form that read_samples takes, escaped."""

import re

import numpy as np
import pytest

pytest.importorskip("nicegui")

from mien import read_samples
from mien.app.local_page.folders import Folders, OpenStudy
from mien.app.local_page.gallery.index import FaceIndex
from mien.app.local_page.study_table.columns import labels_by_looks
from mien.app.local_page.study_table.counts import class_rows, people_sentence, without_face
from mien.app.local_page.study_table.look import look_at
from mien.app.local_page.study_table.proposed import ProposedTable, proposed_for, written_before
from mien.app.local_page.study_table.reading import TableReading
from mien.app.local_page.study_table.roles import role_of, with_role
from mien.app.local_page.study_table.rows import COLUMNS, ROWS, page_of
from mien.app.local_page.views.faces import extraction
from mien.app.local_page.written_table import linked, written_table
from mien.core.errors import InputError

GOOD = "Bild,Vp,expression,warm\na.png,ann,smile,5\nb.png,ben,neutral,3\nc.png,ann,neutral,999\n"


@pytest.fixture
def study(tmp_path):
    folder = tmp_path / "study"
    folder.mkdir()
    return OpenStudy(folder, Folders.of([tmp_path]))


def given(study, text, **kept):
    (study.folder / "table.csv").write_text(text)
    study.keep(samples=str(study.folder / "table.csv"), **kept)
    return look_at(study)


def test_nothing_chosen_yet_is_a_sentence(study):
    assert look_at(study).problems[0].sentence.startswith("Nothing was chosen yet")


def test_a_table_of_another_folder_is_not_read(study, tmp_path_factory):
    elsewhere = tmp_path_factory.mktemp("elsewhere") / "t.csv"
    elsewhere.write_text(GOOD)
    study.keep(samples=str(elsewhere))
    found = look_at(study)
    assert found.table is None and "outside the folders" in found.problems[0].sentence


def test_a_table_without_the_needed_columns_is_shown_with_what_is_missing(study):
    found = given(study, GOOD)
    assert found.samples is None and len(found.table) == 3
    assert "'path'" in found.problems[0].sentence and found.problems[0].stops


def test_find_faces_takes_the_columns_that_were_named_in_samples_and_else_says_where(study):
    (study.folder / "one" / "two").mkdir(parents=True)
    table, picture = study.folder / "one" / "two" / "table.csv", study.folder / "one" / "two" / "a.png"
    gallery = FaceIndex(study)
    table.write_text("file,subject\na.png,ann\n")
    picture.write_bytes(b"")
    with pytest.raises(InputError, match="say in the view Samples what its columns mean") as refused:
        extraction(study, str(table), "1", 1, None)
    assert "--columns" not in str(refused.value)
    with pytest.raises(InputError, match="not there any more"):
        gallery.file("two/a.png")
    found = look_at(study)  # the table is the one that Samples shows now
    assert found.table is not None and found.problems[0].sentence == str(refused.value)
    study.keep(**with_role(found.reading, list(found.table.columns), "file", "path"))
    assert extraction(study, str(table), "1", 1, None)["inputs"] == [str(picture)]
    assert study.kept()["columns"] == {"path": "file"}
    assert gallery.file("two/a.png") == picture  # for the gallery, too
    table.write_text("Foto,Vp\na.png,ann\n")
    study.keep(columns={})
    assert "Say in the view Samples which column it is." in look_at(study).problems[0].sentence
    # What was said of one table is not said of another.
    other = study.folder / "one" / "two" / "other.csv"
    other.write_text("path,subject\na.png,ann\n")
    study.keep(columns={"path": "Foto"})
    assert extraction(study, str(other), "1", 1, None)["inputs"] == [str(picture)] and not study.kept()["columns"]


def test_every_column_with_a_wrong_cell_is_named_not_only_the_first(study):
    text = "path,subject,warm,old\na.png,ann,1,30\nb.png,ben,abc,31\nc.png,cat,2,x1\n"
    problems = given(study, text).problems
    assert [(p.column, p.row, p.stops) for p in problems] == [("warm", 3, True), ("old", 4, True)]


def test_text_is_a_label_also_while_the_table_cannot_be_read(study):
    found = given(study, GOOD)
    assert found.samples is None and found.problems
    assert labels_by_looks(found.reading, found.table) == ("Bild", "Vp", "expression")


def test_files_that_are_not_there_are_named_with_their_rows(study):
    (study.folder / "a.png").touch()
    found = given(study, "path,subject,warm\na.png,ann,1\nb.png,ben,2\n")
    first = found.problems[0]
    assert (first.column, first.row) == ("path", 3) and "'b.png' in row 3" in first.sentence and not first.stops


def test_clicked_roles_are_what_read_samples_takes(study):
    reading = given(study, GOOD).reading
    there = ["Bild", "Vp", "expression", "warm"]
    for column, role in (("Bild", "path"), ("Vp", "subject"), ("warm", "label")):
        study.keep(**with_role(reading, there, column, role))
        reading = TableReading.of(study)
    assert study.kept()["columns"] == {"path": "Bild", "subject": "Vp"} and study.kept()["labels"] == ["warm"]
    samples = read_samples(study.folder / "table.csv", columns=study.kept()["columns"], labels=study.kept()["labels"])
    assert samples.subject.tolist() == ["ann", "ben", "ann"] and set(samples.labels) == {"expression", "warm"}
    assert role_of(reading, "Vp", tuple(samples.labels)) == "subject"


def test_a_role_goes_from_one_column_to_another_and_back(study):
    text = "path,subject,viewer\na.png,ann,v1\nb.png,ben,v2\n"
    there = ["path", "subject", "viewer"]
    reading = given(study, text).reading
    study.keep(**with_role(reading, there, "viewer", "subject"))
    found = look_at(study)
    assert found.samples.subject.tolist() == ["v1", "v2"]
    assert found.samples.labels["subject (column)"].tolist() == ["ann", "ben"]
    study.keep(**with_role(found.reading, there, "subject", "subject"))
    found = look_at(study)
    assert found.samples.subject.tolist() == ["ann", "ben"] and list(found.samples.labels) == ["viewer"]


def test_a_column_that_is_called_as_a_role_can_be_a_label(study):
    text = "path,subject,group\na.png,ann,g\nb.png,ben,h\n"
    reading = given(study, text).reading
    study.keep(**with_role(reading, ["path", "subject", "group"], "group", "label"))
    samples = look_at(study).samples
    assert samples.group is None and samples.labels["group (column)"].tolist() == ["g", "h"]


def test_codes_for_no_answer_are_taken_out(study):
    found = given(study, GOOD, columns={"path": "Bild", "subject": "Vp"}, missing="999")
    assert np.isnan(found.samples.ratings["warm"][2])


def test_people_are_counted_not_rows(study):
    samples = given(study, GOOD, columns={"path": "Bild", "subject": "Vp"}).samples
    assert people_sentence(samples) == "3 samples of 2 people; 1 to 2 of each person."
    assert class_rows(samples, samples.labels["expression"]) == [("neutral", 2, 2), ("smile", 1, 1)]


def test_without_extraction_every_sample_is_without_a_face(study):
    samples = given(study, GOOD, columns={"path": "Bild", "subject": "Vp"}).samples
    found, problems = without_face(samples, study.folder / "faces")
    assert [one.status for one in found] == ["not extracted"] * 3 and not problems


def test_a_large_table_is_shown_a_page_at_a_time_and_marked_by_its_row(study):
    head = ",".join(["path", "subject", *(f"r{i}" for i in range(20))])
    body = "\n".join(f"{i}.png,s{i}," + ",".join(["1"] * 20) for i in range(60))
    table = given(study, f"{head}\n{body}\n").table
    page = page_of(table, ROWS, 0, marked=ROWS + 4)
    assert page.count("<tr") == ROWS + 1 and f"{ROWS}.png" in page and "0.png</td><td>s0<" not in page
    assert page.count('class="at"') == 1 and "r10" not in page_of(table, 0, 0) and COLUMNS == 12


def test_what_tables_say_is_text_on_the_page():
    evil = '<img src=x onerror="alert(1)">'
    page = written_table([evil], [[evil], [linked(evil, 'javascript:"x"')]], caption=evil)
    assert "<img" not in page and 'href="javascript:&#34;x&#34;"' in page


def test_a_flat_folder_gets_a_table_that_is_filled_in_and_read(study):
    flat = study.folder.parent / "flat"
    flat.mkdir()
    for name in ("ann_1_smile", "ann_2_rest", "bo_1_smile", "bo_2_rest"):
        (flat / f"{name}.png").write_bytes(b"\x89PNG")
    table = proposed_for(study, flat)
    assert table.subjects == ["ann", "ann", "bo", "bo"] and table.labels == [""] * 4
    assert table.fill("label", "_([a-z]+)$") == 4
    with pytest.raises(InputError, match="group in parentheses"):
        table.fill("label", "smile")
    with pytest.raises(InputError, match="no regular expression"):
        table.fill("label", "(")
    table.write(study)
    read = TableReading.of(study).samples()
    assert read.labels["expression"].tolist() == ["smile", "rest", "smile", "rest"] and set(read.subject) == {
        "ann",
        "bo",
    }
    assert [path.resolve() for path in read.files()] == sorted(flat.iterdir())
    again = written_before(study)
    assert again == table
    again.label = "path"
    with pytest.raises(InputError, match="name other than"):
        again.write(study)


def test_a_table_that_was_there_is_not_written_over(study):
    (study.folder / "samples.csv").write_text("path,subject,expression\n")
    with pytest.raises(InputError, match="already"):
        ProposedTable(["a.png"], ["a"], [""]).write(study)
    assert written_before(study) is None


def test_a_table_that_was_moved_is_not_called_one_of_another_kind(study):
    given(study, GOOD)
    (study.folder / "table.csv").unlink()
    said = look_at(study).problems[0].sentence
    assert "is not there (any more)" in said and "no table that mien reads" not in said
    with pytest.raises(InputError, match=re.escape(said)):  # also where only the samples are asked for, as in Why
        TableReading.of(study).samples()
