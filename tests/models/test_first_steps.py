"""What a first table looks like: few people, classes as numbers, own names of columns, pictures in another folder."""

import numpy as np
import pytest
from PIL import Image

from mien.core.errors import InputError
from mien.core.faces import Faces
from mien.core.samples import Samples
from mien.data.samples import read_samples
from mien.features import compute
from mien.learn.table import usable
from mien.learn.train import train


def write(path, rows):
    path.write_text("\n".join(",".join(row) for row in rows) + "\n")
    return path


def table(people, values, name="emotion"):
    """Four samples of each of some people with two columns of numbers beside the target."""
    rng = np.random.default_rng(0)
    rows = [["path", "subject", "group", name, "AU01", "AU12"]]
    for i in range(4 * people):
        person = f"P{i // 4}"
        rows.append([f"{i}.jpg", person, "ab"[i // 4 % 2], str(values[i % len(values)]), *map(str, rng.normal(size=2))])
    return rows


@pytest.mark.parametrize(("values", "scores"), [(["x", "y"], "scores"), (["1.5", "2.5"], "per_rating")])
def test_fewer_people_than_folds_are_left_out_one_by_one_and_that_is_told(tmp_path, values, scores):
    place = write(tmp_path / "s.csv", table(6, values))
    found = train(place, target="emotion", features="AU*").evaluation
    assert found.protocol["scheme"] == "leave-one-subject-out" and found.protocol["n_folds"] == 6
    assert "There are fewer people (6) than folds asked for (10), so each is left out alone." in found.notes
    assert getattr(found, scores)
    kept = train(place, target="emotion", features="AU*", n_folds=3).evaluation
    assert kept.protocol["n_folds"] == 3 and not any("fewer people" in note for note in kept.notes)


def test_classes_coded_as_numbers_are_told_and_real_ratings_are_not(tmp_path):
    place = write(tmp_path / "s.csv", table(6, range(1, 7)))
    notes = train(place, target="emotion", features="AU*").evaluation.notes
    assert any("the whole numbers 1 to 6" in note and "--labels emotion" in note for note in notes)
    coded = read_samples(place, labels=["emotion"])
    assert not any("--labels" in n for n in train(coded, target="emotion", features="AU*").evaluation.notes)
    for values in ([1.5, 2, 3], range(13)):
        place = write(tmp_path / "r.csv", table(6, values))
        assert not any("--labels" in n for n in train(place, target="emotion", features="AU*").evaluation.notes)


def test_the_group_can_be_predicted(tmp_path):
    found = train(write(tmp_path / "s.csv", table(6, ["x"])), target="group", features="AU*").evaluation
    assert found.classes == ("a", "b")


def test_columns_have_the_names_that_people_gave_them(tmp_path):
    rows = table(2, ["x", "y"])
    rows[0][:3] = ["Bild", "Vp", "Gruppe"]
    place = write(tmp_path / "s.csv", rows)
    samples = read_samples(place, columns={"path": "Bild", "subject": "Vp", "group": "Gruppe"})
    assert list(samples.path[:2]) == ["0.jpg", "1.jpg"] and list(samples.subject[3:5]) == ["P0", "P1"]
    assert set(samples.group) == {"a", "b"}
    for columns, words in (
        ({"path": "Bilder"}, "has no column 'Bilder' \\(named as 'path'\\). Perhaps 'Bild' is meant"),
        ({"path": "Bild", "emotion": "Gruppe"}, "there is a column 'emotion' as well"),
    ):
        with pytest.raises(InputError, match=words):
            read_samples(place, columns=columns)
    (tmp_path / "classes" / "x").mkdir(parents=True)
    with pytest.raises(InputError, match="columns name those of a table"):
        read_samples(tmp_path / "classes", columns={"path": "Bild"})


@pytest.fixture
def elsewhere(tmp_path):
    """A table in one folder, a picture in another beside it, and the faces that were extracted from there."""
    (tmp_path / "tables").mkdir()
    (tmp_path / "pics").mkdir()
    Image.new("RGB", (200, 100), "red").save(tmp_path / "pics" / "a.png")
    write(tmp_path / "tables" / "s.csv", [["path", "subject", "y"], ["a.png", "P", "u"], ["b.png", "Q", "v"]])
    points = np.random.default_rng(0).uniform(20, 90, (2, 68, 3))
    faces = Faces.build(
        2, topology="ibug-68", source=np.array(["pics/a.png", "pics/b.png"], object), landmarks_px=points,
        track=np.zeros(2, int), width_px=np.full(2, 200), height_px=np.full(2, 100),
    )  # fmt: skip
    return read_samples(tmp_path / "tables" / "s.csv"), faces


def test_pictures_beside_another_folder_are_taken_where_they_were_extracted(elsewhere):
    samples, faces = elsewhere
    found = compute({"name": "crop", "size": 32}, samples, faces)
    assert list(found.status) == ["ok", "not found"]
    # Red all over.
    assert found.values[0].mean((1, 2)) == pytest.approx([1, 0, 0], abs=1e-6)


def test_a_picture_that_is_nowhere_is_told_with_its_path(elsewhere):
    samples, faces = elsewhere
    with pytest.raises(InputError, match=r"where its path says\. Pictures not found, such as .*tables.b\.png"):
        usable(samples[[1]], faces[[1]], {"name": "crop"}, "y")
    notes = usable(samples, faces, {"name": "crop", "size": 32}, "y", learnable=False).notes
    assert any("Pictures not found" in note for note in notes)


def test_names_that_do_not_meet_are_shown_from_both_sides():
    samples = Samples(
        path=np.array(["Vp01.mp4"], object), subject=np.array(["p"], object), labels={"y": np.array(["a"], object)}
    )
    faces = Faces.build(1, topology="ibug-68", source=np.array(["out/S01"], object))
    with pytest.raises(InputError, match=r"The samples are called 'Vp01\.mp4', the faces 'out/S01'"):
        usable(samples, faces, {"name": "expression"}, "y")
