"""A copy to be passed on: useful, the same person everywhere, and nothing of who it was."""

import json
import re
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import mien
from mien.cohort.participants import load_participants, participants
from mien.cohort.release.cells import coarse, small_cells
from mien.cohort.release.check import leaks
from mien.cohort.release.names import Names, has_date, is_path
from mien.cohort.release.release import release
from mien.cohort.release.result import Release
from mien.core.errors import InputError
from mien.core.faces import Faces
from mien.core.files import sha256_of, write_json, write_text
from mien.core.provenance import record
from mien.data.measures import Measure, Measures
from mien.data.questionnaires.questionnaire import questionnaire
from mien.data.questionnaires.result import Questionnaire
from mien.data.shards import write_shard
from mien.report.draw.accumulated import curves_plot
from mien.report.draw.swarm import swarm_plot

PEOPLE = [f"Müller_{chr(65 + i)}nna" for i in range(6)] + ["007", "12"]
RATING = "how was it"


@pytest.fixture
def study(tmp_path) -> Path:
    """Eight people with two recordings each; names in every corner where results have them."""
    folder = tmp_path / "study"
    subject = np.repeat(PEOPLE, 2)
    source = np.array([f"videos/{who}_2024-05-0{i % 2 + 1}.mp4" for i, who in enumerate(subject)], dtype=object)
    values = np.arange(16, dtype=np.float32)[:, None]
    codebook = (Measure("smile mean", "smile", "mean", meaning="Mean of the column smile."),)
    measures = Measures(
        source, values, codebook, np.full(16, "ok"), {"duration_s": np.full(16, 60.0)}, {"folder": "/home/me"}
    )
    measures.write(folder / "measures")
    table = {
        "subject": subject.tolist(), "path": source.tolist(), "session": [s[-14:-4] for s in source],
        "age": np.repeat([20, 21, 22, 23, 24, 25, 26, 87], 2).tolist(), "sex": ["f"] * 14 + ["m"] * 2,
        "birth_date": ["1990-01-01"] * 16, "dass21_1": list(range(16)),
        RATING: [f"I liked it, said {who} to {PEOPLE[0]}" for who in subject],
    }  # fmt: skip
    (folder / "participants").mkdir()
    pq.write_table(
        pa.table(table).replace_schema_metadata({"made by": "me"}), folder / "participants/participants.parquet"
    )
    faces = Faces.build(1, source=source[:1], status=np.array(["ok"], object))
    write_shard(faces, folder / "faces/a-00000000-0000000000000000.parquet", {"source": source[0]})
    (folder / "overlays").mkdir()
    (folder / "overlays" / f"{PEOPLE[0]}.jpg").write_bytes(b"\xff\xd8\xff")
    evaluation = {
        "accuracy": 0.75, "by_subject": dict.fromkeys(PEOPLE, 0.5), "subjects": PEOPLE, "classes": ["12", "007"],
        "notes": ["Intervals are over people.", f"{PEOPLE[1]} and 'müller_Anna' were joined.", "'12' has one class."],
        "samples": "/home/me/samples.csv", "written": "2024-05-02T10:11:12+00:00",
    }  # fmt: skip
    write_json(folder / "models/mine/evaluation.json", evaluation)
    write_json(folder / "models/mine/model.json", {"subjects": PEOPLE})
    write_text(folder / "study.toml", 'source = "/home/me/samples.csv"\n')
    record(folder, "train", samples="/home/me/samples.csv", people=PEOPLE, seed=3)
    return folder


def everything(folder: Path) -> str:
    """All text of a copy, that of tables, too."""
    parts = [str(path.relative_to(folder)) for path in folder.rglob("*")]
    for path in folder.rglob("*.*"):
        if path.suffix == ".parquet":
            table = pq.read_table(path)
            parts += [str(table.schema), str({n: table[n].to_pylist() for n in table.column_names if "mean" not in n})]
        elif path.is_file():
            parts.append(path.read_text(encoding="utf-8"))
    return "\n".join(parts)


def test_nothing_says_who_it_was_where_the_files_lay_or_when(study, tmp_path) -> None:
    found = release(study, tmp_path / "copy")
    # Pseudonyms and checksums are drawn: they may hold any figures.
    text = re.sub(r"(?=[0-9]*[a-f])[0-9a-f]{8,}", "", everything(tmp_path / "copy").casefold())
    for secret in (
        "müller",
        "anna",
        "/home",
        "2024",
        "10:11:12",
        ".mp4",
        "1990",
        "landmarks_px",
        '"written":',
        "videos/",
    ):
        assert secret not in text, secret
    assert not [path for path in (tmp_path / "copy").rglob("*") if path.stat().st_mtime > 400_000_000]
    assert {file.file for file in found.kept} >= {
        "measures/block-0.parquet", "measures/measures.json", "measures/codebook.csv", "models/mine/evaluation.json",
        "participants/participants.parquet", "provenance.json",
    }  # fmt: skip
    why = {files.what: files.why for files in found.left_out}
    assert {"faces/*.parquet", "overlays/*.jpg", "models/*.json", "study.toml"} <= set(why)
    assert Release.read(tmp_path / "copy") == found


def test_a_person_has_one_name_in_all_files_which_nothing_leads_back_from(study, tmp_path) -> None:
    # The table that a problem is about is no recording.
    write_text(study / "participants/problems.csv", "kind,file,row\none value only,who.csv,0\n")
    for name in ("one", "two"):
        assert release(study, tmp_path / name).recordings == 16
    copy = tmp_path / "one"
    people = pq.read_table(copy / "participants/participants.parquet").to_pydict()
    measures = Measures.read(copy)
    evaluation = json.loads((copy / "models/mine/evaluation.json").read_text(encoding="utf-8"))
    assert len(set(people["subject"])) == 8 and set(evaluation["subjects"]) == set(people["subject"])
    assert set(evaluation["by_subject"]) == set(people["subject"]) and set(people["path"]) == set(measures.source)
    # What belonged together still does: the item of each recording equals its measure.
    row = {source: value for source, (value,) in zip(measures.source, measures.values, strict=True)}
    assert [row[path] for path in people["path"]] == people["dass21_1"]
    # Neither names nor order are those of another copy or of the study.
    others = pq.read_table(tmp_path / "two/participants/participants.parquet").to_pydict()
    assert not set(people["subject"]) & set(others["subject"])
    assert people["path"] == sorted(people["path"]) and people["dass21_1"] != list(range(16))
    # A name that is a number as well is replaced where names stand and nowhere else.
    assert evaluation["classes"] == ["12", "007"] and evaluation["notes"][0] == "Intervals are over people."
    assert not [note for note in evaluation["notes"] if "'12'" in note]
    assert set(people["session"]) == {"1", "2"}


def test_free_text_comes_only_where_it_is_wanted_and_without_names(study, tmp_path) -> None:
    found = release(study, tmp_path / "copy")
    columns = {name: why for file in found.kept for name, why in file.columns_left_out.items()}
    assert columns == {RATING: "free text", "birth_date": "a date or time"}
    release(study, tmp_path / "wanted", keep_text=[RATING])
    table = pq.read_table(tmp_path / "wanted/participants/participants.parquet").to_pydict()
    first = dict(zip(table["path"], table["subject"], strict=True))
    assert all(text.startswith("I liked it, said ") and "üller" not in text for text in table[RATING])
    assert any(f"said {who} " in text for text, who in zip(table[RATING], first.values(), strict=True))


def test_small_cells_are_named_and_made_larger_on_request(study, tmp_path) -> None:
    found = release(study, tmp_path / "copy", smallest_cell=3)
    assert found.quasi == ("age", "sex") and len(found.small_cells) == 8
    assert "age: 1 with the largest value (87)" in found.extremes
    coarser = release(study, tmp_path / "coarser", smallest_cell=3, coarsen=True)
    table = pq.read_table(tmp_path / "coarser/participants/participants.parquet").to_pydict()
    assert (not coarser.extremes and set(table["age"]) == {str(age) for age in range(20, 27)} | {"87"}) or len(
        coarser.small_cells
    ) < len(found.small_cells)
    assert [cell.people for cell in release(study, tmp_path / "sex", smallest_cell=3, quasi=["sex"]).small_cells] == [1]
    with pytest.raises(InputError, match=r"no column 'sx'.*Did you mean 'sex'"):
        release(study, tmp_path / "other", quasi=["sx"])


def test_bands_and_rare_categories_hold_k_people_if_they_can() -> None:
    rng = np.random.default_rng(0)
    ages = np.array([str(age) for age in [*rng.integers(18, 70, 200), 97]], dtype=object)
    new = coarse(ages, 5)
    _, people = np.unique([new[age] for age in ages], return_counts=True)
    assert people.min() >= 5 and new["97"] == new["69"] == "60 and more" and new["35"] == "30-39"
    children = np.array([f"{age:.1f}" for age in rng.uniform(12, 18, 100)], dtype=object)
    assert set(coarse(children, 5).values()) == {"below 14", "14-15", "16 and more"}
    sites = np.array(["a"] * 20 + ["b"] * 9 + ["c"] * 2 + [""], dtype=object)
    # Two in no other category would be a small cell again.
    assert coarse(sites, 5) == {"a": "a", "b": "b", "c": "", "": ""}
    assert coarse(sites, 10) == {"a": "a", "b": "other", "c": "other", "": ""}
    assert [cell.values for cell in small_cells({"site": sites}, 5)] == [{"site": ""}, {"site": "c"}]


def test_a_table_of_participants_can_be_added(tmp_path) -> None:
    write_json(tmp_path / "study/comparison/comparison.json", {"accuracy": 0.5})
    write_text(tmp_path / "who.csv", "subject,age,site\n007,31,\n7,31,Ulm\nbob,32,Ulm\n")
    found = release(tmp_path / "study", tmp_path / "copy", samples=tmp_path / "who.csv", smallest_cell=2)
    table = pq.read_table(tmp_path / "copy/participants/participants.parquet").to_pydict()
    assert found.people == 2 and len(set(table["subject"])) == 2 and sorted(table["age"]) == [31, 31, 32]
    without = release(tmp_path / "study", tmp_path / "other")
    assert "no table of participants" in without.notes[0]


def test_the_copy_is_a_new_folder_outside_the_study(study, tmp_path) -> None:
    for place, words in ((study / "copy", "in the study"), (study, "in the study"), (tmp_path, "around it")):
        with pytest.raises(InputError, match=words):
            release(study, place)
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "x").write_text("x")
    with pytest.raises(InputError, match="is there already"):
        release(study, tmp_path / "full")
    with pytest.raises(InputError, match="holds nothing that can be passed on"):
        (tmp_path / "empty").mkdir()
        release(tmp_path / "empty", tmp_path / "copy")
    assert not list(tmp_path.glob(".part-*")) and not (tmp_path / "copy").exists()


def test_the_last_check_finds_names_paths_dates_and_pictures(tmp_path) -> None:
    names = Names()
    names.add_people(["Müller_Anna", "12"])
    names.add_files(["videos/p00001-1.mp4"])
    write_json(tmp_path / "a.json", {"x": ["seen: MÜLLER_ANNA"], "n": 12, "subjects": ["12"]})
    write_text(tmp_path / "b.csv", "x\np00001-1\n")
    pq.write_table(pa.table({"t": ["on 3.4.2021"], "p": ["C:\\data"], "l": [[1.0]]}), tmp_path / "c.parquet")
    (tmp_path / "d.bin").write_bytes(b"\x89PNG....")
    found = "\n".join(leaks(tmp_path, names))
    for words in ("a.json: 'x' holds an original name", "'subjects' holds an original name", "b.csv: a line holds",
                  "'t' holds a date", "'p' holds a path", "'l' holds arrays", "d.bin: it is a picture"):  # fmt: skip
        assert words in found
    assert "üller" not in found.casefold()


def test_what_cannot_be_cleaned_is_left_out_and_said(study, tmp_path) -> None:
    write_text(study / "comparison/pairs.csv", f"x,{PEOPLE[0]}\n1,2\n")
    write_text(study / "comparison/broken.json", "{")
    found = release(study, tmp_path / "copy")
    why = {files.why for files in found.left_out if files.what.startswith("comparison/")}
    assert any("an original name" in reason for reason in why) and "it cannot be read" in why


@pytest.mark.parametrize(
    "text",
    [
        "2024-05-01",
        "1.5.2024",
        "20240501",
        "recorded 05/13/2021",
        "10:11:12",
        "May 3, 2021",
        "Mar 2024",
        "März 2024",
        "sept. 2023",
    ],
)
def test_dates(text) -> None:
    assert has_date(text) and not is_path(text)


@pytest.mark.parametrize(
    "text",
    [
        "26.0.1",
        "0.123456",
        "km/h",
        "sha 2024",
        "p < .05",
        "AU12_r mean",
        "1.5.20",
        "Mayer 2004",
        "Marburg 2019",
        "1.2024",
        "12-2001",
    ],
)
def test_no_dates(text) -> None:
    assert not has_date(text) and not is_path(text)


def test_numbers_of_registers_telephones_and_rows_of_the_table_are_left_out(study, tmp_path) -> None:
    path = study / "participants/participants.parquet"
    table = pq.read_table(path)
    who = np.repeat(np.arange(8), 2)
    for name, values in {
        "mrn": (1234567 + who).astype(float),
        "phone": [f"+49 6221 56 40{i:02d}" for i in range(16)],
        "row": np.arange(16) + 2,
        "points": who * 3,
    }.items():
        table = table.append_column(name, pa.array(list(values)))
    pq.write_table(table, path)
    release(study, tmp_path / "copy")
    kept = pq.read_table(tmp_path / "copy/participants/participants.parquet").column_names
    assert "points" in kept and not {"mrn", "phone", "row"} & set(kept)


def test_addresses_months_and_who_examined_are_left_out_though_several_share_them(study, tmp_path) -> None:
    path = study / "participants/participants.parquet"
    table = pq.read_table(path)
    half = np.arange(16) % 2 == 0
    for name, one, other in (
        ("contact", "a@uni.de", "lab.b@uni-x.org"), ("visit", "Mar 2024", "Apr 2024"), ("wave", "2024-03", "2024-04"),
        ("quarter", "Q1 2024", "Q2 2024"), ("Examiner", "AB", "CD"), ("met", "Dr. Weber", "Frau Kaiser"),
        ("yob", "1980", "1981"), ("diagnosis", "F32.1", "F33"), ("plz", "97070", "97072"),
    ):  # fmt: skip
        table = table.append_column(name, pa.array(np.where(half, one, other).tolist()))
    table = table.append_column("day", pa.array([20240501.0, 20240502.0, None, 20240502.0] * 4))
    pq.write_table(table, path)
    found = release(study, tmp_path / "copy")
    kept = pq.read_table(tmp_path / "copy/participants/participants.parquet").column_names
    assert {"diagnosis", "plz"} <= set(kept) and "plz" in found.quasi
    assert not {"contact", "visit", "wave", "quarter", "Examiner", "met", "yob", "day"} & set(kept)
    release(study, tmp_path / "more", keep_text=["Examiner"])
    assert "Examiner" in pq.read_table(tmp_path / "more/participants/participants.parquet").column_names


def test_the_copy_is_as_private_as_its_files(study, tmp_path) -> None:
    release(study, tmp_path / "copy")
    (tmp_path / "usual").mkdir()
    assert (tmp_path / "copy").stat().st_mode == (tmp_path / "usual").stat().st_mode


def test_results_in_the_copy_can_be_read_and_reported(tmp_path) -> None:
    """Tables change with the names, so that hashes of the study fit nothing in the copy, and tell the original."""
    pytest.importorskip("lightgbm")
    rng, folder = np.random.default_rng(0), tmp_path / "study"
    ids = [f"Vera_{i:02d}" for i in range(40)]
    for name in ids:
        write_shard(
            Faces.build(1, topology="no-points", source=[name]), folder / f"faces/{name}.parquet", {"source": name}
        )
    items = rng.integers(0, 4, (40, 7))
    rows = [f"{n},{n},{20 + i % 5}," + ",".join(map(str, items[i])) for i, n in enumerate(ids)]
    head = "subject,path,age," + ",".join(f"gad_{i}" for i in range(1, 8))
    write_text(tmp_path / "who.csv", "\n".join([head, *rows]) + "\n")
    codebook = (Measure("smile mean", "smile", "mean"), Measure("jaw mean", "jaw", "mean"))
    measures = Measures(ids, rng.normal(size=(40, 2)), codebook, ["ok"] * 40)
    measures.write(folder / "measures")
    kept = participants(tmp_path / "who.csv", output=folder).kept
    scores = questionnaire(kept, scale="gad-7", output=folder / "questionnaires/gad-7")
    mien.effects(scores.beside(kept), measures, folder, outcome="gad_7_total")
    mien.channels(
        scores.beside(kept), measures, folder, outcome="gad_7_total", n_folds=2, repeats=1, settings={"n_trees": 3}
    )
    release(folder, tmp_path / "copy")
    copy = tmp_path / "copy"
    assert load_participants(copy).samples.ratings["age"].tolist() != kept.ratings["age"].tolist()
    assert len(Questionnaire.read(copy / "questionnaires/gad-7").row) == 40
    assert mien.load_effects(copy / "effects/gad_7_total").people == 40
    found = mien.load_channels(copy / "channels/trees_gad_7_total")
    assert found.swarm == {} and swarm_plot(found) == curves_plot(found) == ""
    old = sha256_of(folder / "effects/gad_7_total/effects.parquet")
    assert old not in (copy / "effects/gad_7_total/effects.json").read_text(encoding="utf-8")
