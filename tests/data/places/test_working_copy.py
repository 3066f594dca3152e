"""Working copies: what a verb needs comes, what it made goes back, and nobody's work is written over."""

from pathlib import Path

import pytest

from mien.core.errors import InputError, PlaceError
from mien.data.places.arguments import at_places, reads_places
from mien.data.places.lock import LOCKS, locked
from mien.data.places.place import Place
from mien.data.places.working_copy import working_copies, working_copy


@pytest.fixture
def study(bucket, tmp_path, monkeypatch) -> Place:
    monkeypatch.setenv("MIEN_HOME", str(tmp_path / "home"))
    study = Place(bucket) / "study"
    (study / "provenance.json").write(b"{}")
    (study / "faces" / "a.parquet").write(b"faces")
    (study / "overlays" / "a.jpg").write(b"picture")
    return study


def names(folder: Place) -> list[str]:
    return [entry.place.below(folder) for entry in folder.entries()]


def test_what_is_new_is_put_back_and_facts_come_last(study, monkeypatch) -> None:
    order: list[str] = []
    put = Place.put
    monkeypatch.setattr(Place, "put", lambda self, source: (order.append(self.name), put(self, source))[1])
    with working_copy(study) as folder:
        assert (folder / "faces/a.parquet").read_bytes() == b"faces"
        assert not (folder / "overlays").exists()
        (folder / "provenance.json").write_text('{"a": 1}')
        (folder / "models").mkdir()
        (folder / "models/model.json").write_text("{}")
        (folder / "models/weights.safetensors").write_bytes(b"w")
        (folder / ".part-1-x").write_bytes(b"half")
        (folder / "faces/a.parquet").unlink()
    assert order == ["weights.safetensors", "model.json", "provenance.json"]
    assert names(study) == ["models/model.json", "models/weights.safetensors", "overlays/a.jpg", "provenance.json"]


def test_what_is_here_does_not_travel_again_unless_it_changed(study, monkeypatch) -> None:
    fetched: list[str] = []
    fetch = Place.fetch
    monkeypatch.setattr(Place, "fetch", lambda self, target: (fetched.append(self.name), fetch(self, target))[1])
    for expected in (["provenance.json", "a.parquet"], []):
        fetched.clear()
        with working_copy(study):
            pass
        assert sorted(fetched) == sorted(expected)
    (study / "faces" / "a.parquet").write(b"FACES")  # in the same second, of the same size
    (study / "provenance.json").remove()
    with working_copy(study) as folder:
        assert (folder / "faces/a.parquet").read_bytes() == b"FACES" and not (folder / "provenance.json").exists()


def test_what_somebody_else_changed_meanwhile_is_not_written_over(study) -> None:
    with (
        pytest.raises(PlaceError, match=r"provenance.json was changed by somebody else"),
        working_copy(study) as folder,
    ):
        (folder / "new.parquet").write_bytes(b"new")
        (folder / "provenance.json").write_text('{"mine": 1}')
        (study / "provenance.json").write(b'{"theirs": 1}')
    assert (study / "provenance.json").read() == b'{"theirs": 1}'
    assert "new.parquet" not in names(study)


def test_a_run_that_fails_keeps_its_finished_parts_and_one_that_is_stopped_goes_on_from_the_cache(study) -> None:
    with pytest.raises(InputError), working_copy(study) as folder:
        (folder / "one.json").write_text("{}")
        raise InputError("No.")
    assert "one.json" in names(study)
    with pytest.raises(KeyboardInterrupt), working_copy(study) as folder:
        (folder / "two.json").write_text("{}")
        raise KeyboardInterrupt
    assert "two.json" not in names(study)
    with working_copy(study) as folder:
        assert (folder / "two.json").exists()
    assert "two.json" in names(study)


def test_two_writers_at_the_same_time(study) -> None:
    with locked(study), pytest.raises(PlaceError, match="another process"), working_copy(study) as folder:
        (folder / "new.json").write_text("{}")
    with working_copy(study):  # what was computed is kept
        pass
    assert "new.json" in names(study) and not any(LOCKS in name for name in names(study))


def test_a_lock_of_a_process_that_was_killed_does_not_stay(study, monkeypatch) -> None:
    monkeypatch.setattr("mien.data.places.lock.ABANDONED_S", -1.0)
    (study / LOCKS / "dead").write(b"")
    with locked(study):
        assert [entry.place.name == "dead" for entry in (study / LOCKS).entries()] == [False]


def test_arguments_are_copies_wherever_an_address_stands_in_them(study, tmp_path) -> None:
    given = {"faces": str(study), "many": [str(study), "plain"], "set": f"ck+:{study}", "output": Path(str(study)),
             "file": f"file://{tmp_path}", "n": 3}  # fmt: skip
    with working_copies(given) as local:
        folder = local["output"]
        assert isinstance(folder, Path) and (folder / "faces").is_dir()
        assert local["faces"] == str(folder) and local["many"] == [str(folder), "plain"]
        assert local["set"] == f"ck+:{folder}" and local["file"] == str(tmp_path) and local["n"] == 3


def test_errors_name_the_place_and_not_the_copy(study) -> None:
    with pytest.raises(InputError, match=f"^{study}/x is wrong.$"), working_copy(study) as folder:
        raise InputError(f"{folder}/x is wrong.")


def test_a_function_that_reads_places_itself_gets_the_address(study) -> None:
    assert at_places(reads_places(lambda folder: folder))(str(study)) == str(study)
    assert Path(at_places(lambda folder: folder)(str(study))).name == "study"


def test_a_part_of_a_study_comes_with_the_facts_of_the_study_alone(study) -> None:
    with working_copy(study / "models" / "mine") as folder:
        assert (folder.parents[1] / "provenance.json").exists() and not (folder.parents[1] / "faces").exists()
        (folder.parents[1] / "provenance.json").write_text('{"a": 1}')
    assert (study / "provenance.json").read() == b'{"a": 1}'


def test_pictures_that_a_table_names_come_with_it_and_films_do_not(study) -> None:
    table = study / "samples.csv"
    table.write(b"path,subject\nmedia/a.jpg,1\nmedia/b.mp4,2\n")
    for name in ("a.jpg", "b.mp4", "c.jpg"):
        (study / "media" / name).write(b"x")
    with working_copy(table) as local:
        assert [path.name for path in (local.parent / "media").iterdir()] == ["a.jpg"]


def test_settings_of_a_study_bring_what_they_name_beside_it(study) -> None:
    (study.parent / "samples.csv").write(b"path,subject\na,1\n")
    (study / "study.toml").write(b'study = "x"\n[samples]\nsource = "../samples.csv"\n')
    with working_copy(study) as folder:
        assert (folder.parent / "samples.csv").exists()


def test_public_functions_still_travel_to_other_processes() -> None:
    import pickle

    import mien

    for function in (mien.extract, mien.read_samples, mien.release):
        assert pickle.loads(pickle.dumps(function)) is function
