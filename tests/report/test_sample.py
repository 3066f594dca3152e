"""Who was studied: counted from what the folder holds, the same in report, tables and text, without names."""

import csv
from dataclasses import replace

import pytest

import mien
from mien.report.sample import sample_facts, sample_words
from mien.report.study_folder import read_folder
from tests.report.test_report import add_faces, add_model

TABLE = """subject,session,path,age,sex,site
ann,1,a1.mp4,20,female,north
ann,2,a2.mp4,21,female,north
ben,1,b.mp4,30,male,north
eva,1,e.mp4,41,female,south
lou,1,gone.mp4,99,male,south
"""


@pytest.fixture
def study(tmp_path):
    (tmp_path / "table.csv").write_text(TABLE)
    for name in ("a1", "a2", "b", "e"):
        (tmp_path / f"{name}.mp4").write_bytes(b"0")
    folder = tmp_path / "study"
    mien.participants(tmp_path / "table.csv", output=folder)
    add_model(folder)
    return folder


def test_people_not_sessions_are_described_and_the_excluded_are_not(study):
    facts = {(f.part, f.what, f.unit): f.value for f in sample_facts(read_folder(study), [])}
    assert facts["participants", "in the table", "people"] == 4
    assert facts["participants", "left for analysis", "people"] == 3
    assert facts["participants", "left for analysis", "sessions"] == 4
    # Ann's first session counts, and Lou, who has no recording, is nobody's age.
    assert facts["participants", "age, mean", "years"] == pytest.approx((20 + 30 + 41) / 3)
    assert facts["participants", "age, most", "years"] == 41
    assert facts["participants", "sex: female", "people"] == 2
    assert facts["participants", "site: south", "people"] == 1
    assert facts["model net", "observed: smiling", "samples"] == 20
    assert facts["model net", "left out: no face", "samples"] == 2


def test_the_same_sentences_stand_in_the_report_and_in_the_text_for_a_paper(study):
    words = sample_words(sample_facts(read_folder(study), []))
    assert words[0] == "Of 4 people in the table of participants, 3 (4 sessions) were left for analysis."
    assert "Mean age of 3 people" in " ".join(words) and "30.3 years (SD 10.5), from 20.0 to 41.0" in " ".join(words)
    page = mien.report(study).read_text(encoding="utf-8")
    text = dict(mien.methods_text(study).methods)["Participants"]
    for sentence in words:
        assert sentence in page and sentence in text


def test_age_and_sex_are_those_of_the_people_analysed(study):
    read = read_folder(study)
    (part,) = read.models
    first = replace(part, people=("ann", "ben"))
    facts = sample_facts(replace(read, models=[first, replace(first, name="less", people=("ann", "ann"))]), [])
    known = {(f.part, f.what, f.unit): f.value for f in facts}
    assert known["participants", "age, mean", "years"] == pytest.approx(25)
    assert ("participants", "site: south", "people") not in known
    assert ("model net", "age, mean", "years") not in known and known["model less", "age, mean", "years"] == 20
    words = " ".join(sample_words(facts))
    assert "Mean age of 2 people analysed whose age is known was 25.0 years" in words
    assert "'less' rests on" in words and "Mean age of 1 people among these" in words


def test_a_folder_without_a_table_of_participants_claims_neither_age_nor_sex(tmp_path):
    add_model(tmp_path)
    facts = sample_facts(read_folder(tmp_path), [])
    assert facts and not [f for f in facts if f.part == "participants"]
    assert sample_words(facts) == []
    assert "Participants" not in dict(mien.methods_text(tmp_path).methods)


def test_files_without_a_face_are_named_on_request_only(tmp_path, weights):
    add_model(tmp_path)
    add_faces(tmp_path)
    (failure, *_) = read_folder(tmp_path).extraction.failures
    for named in (False, True):
        mien.tables(tmp_path, tmp_path / "tables", show_names=named)
        with (tmp_path / "tables" / "sample-without-a-face.csv").open(encoding="utf-8") as file:
            rows = list(csv.DictReader(file))
        assert rows[0]["status"] == failure.status
        assert (rows[0]["path"] == failure.name) == named
