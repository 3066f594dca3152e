"""Maps in the page: what a selection has in common counts people, not faces, and asks only for rows of the map."""

import json
from dataclasses import replace
from importlib import import_module

import cv2
import numpy as np
import pytest

pytest.importorskip("nicegui")
pytest.importorskip("sklearn")
pytest.importorskip("pandas")

from mien.app.local_page.folders import Folders, OpenStudy
from mien.app.local_page.population.chosen import with_interval
from mien.app.local_page.population.counted import counted_once
from mien.app.local_page.population.drawn import drawn, maps_of, shades, sources_of_maps
from mien.app.local_page.population.making import asked, kinds, not_offered
from mien.app.local_page.population.selection import (
    average_face,
    checked_rows,
    evidence_beside,
    rows_of_samples,
    samples_beside,
)
from mien.app.local_page.study_table.reading import TableReading
from mien.core.errors import InputError
from mien.core.samples import Samples
from mien.manifold.embed import embed

RNG = np.random.default_rng(2)


def samples(people=20, each=2, ratings=2):
    rows = people * each
    return Samples(
        path=[f"{i}.png" for i in range(rows)], subject=[f"s{i // each}" for i in range(rows)],
        labels={"expression": ["smile", "neutral"] * (rows // 2)},
        ratings={f"r{j}": RNG.normal(size=rows) for j in range(ratings)},
    )  # fmt: skip


@pytest.fixture
def study(tmp_path):
    (tmp_path / "study").mkdir()
    return OpenStudy(tmp_path / "study", Folders.of([tmp_path]))


def test_each_person_weighs_the_same_however_many_faces():
    some = Samples(
        path=["a", "b", "c", "d"], subject=["ann", "ann", "ann", "ben"], ratings={"warm": [1.0, 1.0, 1.0, 3.0]}
    )
    found = samples_beside(some, np.arange(4))[0]
    assert found.here.value == found.everybody.value == 2.0 and found.here.subjects == 2


def test_intervals_over_people_hold_a_mean_that_is_nobodys_choice():
    held = 0
    for _ in range(200):
        faces = samples(ratings=1)
        found = samples_beside(faces, np.arange(24))[0].here
        held += found.low <= 0 <= found.high
    assert 0.90 <= held / 200 <= 0.99


def test_people_who_do_not_differ_give_no_interval_and_shares_stay_shares():
    faces = samples(people=12, each=2)

    def smiles(rows):
        found = samples_beside(faces, np.array(rows))
        return next(one for one in found if one.name == "expression: smile (share)").here

    every = smiles(range(0, 24, 2))
    assert every.value == 1.0 and np.isnan(every.low) and with_interval(every) == "1.00"
    assert smiles([0, *range(3, 24, 2)]).low == 0.0 and smiles([1, *range(2, 24, 2)]).high == 1.0


def test_people_who_share_a_copy_of_a_face_count_once(study, monkeypatch, make_pictures):
    given, faces = make_pictures(4)
    faces = faces[np.array([*range(7), 0])]
    faces = replace(faces, source=given.path)
    (study.folder / "faces").mkdir()
    assert counted_once(study, given).samples is given  # found, but not written yet
    monkeypatch.setattr(import_module("mien.app.local_page.population.counted"), "read_faces", lambda folder: faces)
    joined = counted_once(study, given).samples
    assert joined.subject.tolist() == ["s00", "s00", "s01", "s01", "s02", "s02", "s00", "s00"]
    assert samples_beside(joined, np.arange(8))[0].everybody.subjects == 3


def test_of_very_many_samples_files_alone_are_compared(study, monkeypatch, make_pictures):
    given, faces = make_pictures(4)
    given = replace(given, root=study.folder)
    for row, path in enumerate(given.path):
        (study.folder / path).parent.mkdir(exist_ok=True)
        (study.folder / path).write_bytes(bytes([row % 6]) * 50)
    (study.folder / "faces").mkdir()
    monkeypatch.setattr(import_module("mien.app.local_page.population.counted"), "MOST_COMPARED", 7)
    monkeypatch.setattr(import_module("mien.app.local_page.population.counted"), "read_faces", lambda folder: faces)
    assert set(counted_once(study, given).samples.subject) == {"s00", "s01", "s02"}


def test_fewer_than_ten_people_give_no_interval():
    faces = samples(people=12, ratings=1)
    assert np.isnan(samples_beside(faces, np.arange(18))[0].here.low)
    assert np.isfinite(samples_beside(faces, np.arange(20))[0].here.low)


@pytest.mark.parametrize("given", [None, "1", {"0": 1}, [1.5], [True], [-1], [4], [[0]]])
def test_only_rows_of_the_map_are_taken(given):
    with pytest.raises(InputError, match="rows of the map"):
        checked_rows(given, np.arange(4))


def test_rows_are_taken_once_and_found_by_their_ids():
    assert checked_rows([3, 1, 3], np.arange(4)) == [1, 3]
    assert rows_of_samples(["3.png", "", "gone.png"], samples()).tolist() == [3]


def test_a_map_that_was_made_is_found_and_drawn_without_names(study):
    faces = samples()
    assert sources_of_maps(study) == []
    embed(faces, n_held_out=0, output=study.folder / "maps" / "ratings" / "pca")
    assert sources_of_maps(study) == ["ratings"]
    page = drawn(study, "ratings", maps_of(study, "ratings"), faces)
    text = page.read_text("utf-8")
    assert page.is_relative_to(study.folder / "maps") and "3.png" not in text and "expression: smile" in text
    with pytest.raises(InputError, match="no map of scores"):
        maps_of(study, "scores")


def test_shades_follow_the_rows_of_the_map_not_those_of_the_table():
    faces = samples()
    found = shades(faces, np.array(["3.png", "", "0.png"], dtype=object))
    assert found["r0"][0] == pytest.approx(faces.ratings["r0"][3]) and np.isnan(found["r0"][1])
    assert found["expression: smile"][[0, 2]].tolist() == [0.0, 1.0]


def test_what_can_be_mapped_is_what_is_there(study):
    reading = TableReading(study.folder / "t.csv", columns={"path": "Bild"})
    assert list(kinds(study, samples())) == ["ratings"] and not kinds(study, samples(ratings=1))
    given = asked(study, reading, samples(), "ratings", "pca")
    assert (
        given["columns"] == {"path": "Bild"} and given["output"].endswith("maps/ratings/pca") and "faces" not in given
    )
    for kind, method in (("scores ../../other", "pca"), ("ratings", "../../x")):
        with pytest.raises(InputError, match="what is mapped"):
            asked(study, reading, samples(), kind, method)


def test_what_has_no_map_is_not_offered_and_said_of(study):
    (study.folder / "faces").mkdir()
    for name, classes in {"two": ["warm", "old"], "one": ["warm"], "only": ["old"]}.items():
        (study.folder / "models" / name).mkdir(parents=True)
        (study.folder / "models" / name / "model.json").write_text(json.dumps({"kind": "named", "classes": classes}))
    assert list(kinds(study, samples(ratings=1))) == ["features", "scores two"]
    assert not_offered(study).startswith("What one and only say of each face is one number, of which there is no map")
    with pytest.raises(InputError, match="what is mapped"):
        asked(study, TableReading(study.folder / "t.csv"), samples(), "scores one", "pca")
    # Such a map is refused by what draws it, too, so nothing that can be drawn is kept back.
    with pytest.raises(InputError, match="needs as many columns at least"):
        embed(RNG.normal(size=(20, 1)))


def test_an_average_needs_faces_and_evidence_may_be_missing(study):
    faces = samples()
    assert evidence_beside(study, faces, np.arange(4)) == []
    with pytest.raises(InputError, match="no faces yet"):
        average_face(study, faces, np.arange(4))


def test_the_average_face_is_the_mean_over_people_and_says_when_they_are_few(study, monkeypatch):
    faces = samples(people=2, each=2)
    pixels = np.zeros((4, 3, 8, 8), dtype=np.float32)
    pixels[:3, 0] = 1.0
    (study.folder / "faces").mkdir()

    class Crops:
        values, status = pixels, np.array(["ok", "ok", "no face", "ok"], dtype=object)

    monkeypatch.setattr(import_module("mien.app.local_page.population.counted"), "read_faces", lambda folder: None)
    selection = import_module("mien.app.local_page.population.selection")
    monkeypatch.setattr(selection, "compute", lambda recipe, some, given: Crops())
    found = average_face(study, faces, np.arange(4))
    picture = cv2.imdecode(np.frombuffer(found.png, np.uint8), cv2.IMREAD_COLOR)
    assert (found.faces, found.people) == (3, 2) and picture[0, 0].tolist() == [0, 0, 127]
    assert "fewer than 8 people" in found.caution


def test_a_network_s_layer_can_be_mapped_once_one_is_chosen(study):
    (study.folder / "faces").mkdir()
    for name, kind in (("deep", "sequence"), ("flat", "named")):
        (study.folder / "models" / name).mkdir(parents=True)
        stored = {"kind": kind, "classes": ["smile", "neutral"]}
        (study.folder / "models" / name / "model.json").write_text(json.dumps(stored))
    known = kinds(study, samples())
    assert not_offered(study) == ""
    assert "layer deep" in known and "layer flat" not in known and "scores flat" in known
    reading = TableReading(study.folder / "t.csv")
    with pytest.raises(InputError, match="Choose a layer"):
        asked(study, reading, samples(), "layer deep", "pca")
    given = asked(study, reading, samples(), "layer deep", "pca", "body.0")
    assert (given["of"], given["layer"]) == ("layer", "body.0") and given["output"].endswith("deep-body.0/pca")
