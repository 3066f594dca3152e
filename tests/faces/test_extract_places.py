"""Extraction from and to object storage: the same shards, nothing twice, no halves."""

from pathlib import Path

import numpy as np
import pytest

import mien
from mien.core.errors import InputError, PlaceError
from mien.data.places.place import Place
from mien.faces.extract import extract


@pytest.fixture(scope="module")
def pictures(tmp_path_factory) -> Path:
    """Two made-up faces, and a file that is no picture."""
    folder = tmp_path_factory.mktemp("people")
    mien.synthesize(folder, subjects=1, expressions=("smile", "neutral"), frames=2, pictures=True)
    (folder / "pictures" / "damaged.jpg").write_bytes(b"no picture")
    return folder / "pictures"


@pytest.fixture
def videos(bucket, pictures, monkeypatch, tmp_path, weights) -> Place:
    """The same on the server."""
    from mien.data.weights import weights_dir

    (tmp_path / "home").mkdir(exist_ok=True)
    (tmp_path / "home" / "weights").symlink_to(weights_dir())
    monkeypatch.setenv("MIEN_HOME", str(tmp_path / "home"))
    for path in pictures.rglob("*.*"):
        (Place(bucket) / "pictures" / path.relative_to(pictures).as_posix()).put(path)
    return Place(bucket) / "pictures"


def shards(study: Place) -> dict[str, bytes]:
    return {entry.place.name: entry.place.read() for entry in (study / "faces").entries()}


def test_shards_are_those_of_an_extraction_here_and_come_once(videos, pictures, tmp_path, monkeypatch) -> None:
    study = videos.parent / "study"
    here, there = extract(pictures, tmp_path / "study"), extract(str(videos), str(study))
    assert there.counts == here.counts == {"ok": 2, "no face": 0, "unreadable": 1} and there.computed == 3
    assert sorted(shards(study)) == sorted(path.name for path in (tmp_path / "study/faces").glob("*"))
    assert there.copies == here.copies and there.faces_found == here.faces_found
    np.testing.assert_array_equal(there.faces().landmarks_px, here.faces().landmarks_px)
    provenance = (study / "provenance.json").read().decode()
    assert "of-the-test" not in provenance and str(tmp_path) not in provenance
    # Nothing changed: nothing travels.
    fetched: list[str] = []
    fetch = Place.fetch
    monkeypatch.setattr(Place, "fetch", lambda self, target: (fetched.append(self.name), fetch(self, target))[1])
    again = extract(str(videos), str(study))
    assert again.counts == there.counts and again.computed == 0 and set(fetched) <= {"provenance.json"}
    # Where notes are lost, files are fetched, and shards are not computed again.
    for entry in (study / "sources").entries():
        entry.place.remove()
    before = (study / "faces").entries()
    assert extract(str(videos), str(study)).computed == 0 and (study / "faces").entries() == before


def test_a_source_that_changed_is_read_again_and_its_earlier_shard_goes(videos) -> None:
    study = videos.parent / "study"
    extract(f"{videos}/**/*.png", str(study))
    before = shards(study)
    first, second = (entry.place for entry in videos.entries() if entry.place.name.endswith(".png"))
    first.write(second.read())
    result = extract(str(videos), str(study))
    assert result.computed == 2 and len(result.copies) == 1  # that one, and the damaged one
    assert len(shards(study)) == 3 and len(set(before) & set(shards(study))) == 1


def test_from_here_to_there_and_from_there_to_here_in_parts(videos, pictures, tmp_path) -> None:
    study = videos.parent / "study"
    counted = [extract(pictures, str(study), part=f"{n}/2").sources for n in (1, 2)]
    assert sum(counted) == 3 and len(shards(study)) == 3
    assert extract(pictures, str(study)).computed == 0
    there = extract(str(videos), tmp_path / "study")
    assert there.computed == 3 and there.folder == tmp_path / "study"
    assert sorted(shards(study)) == sorted(path.name for path in (tmp_path / "study/faces").glob("*.parquet"))


def test_another_file_of_the_same_name_is_refused(videos) -> None:
    study, other = videos.parent / "study", videos.parent / "other"
    extract(str(videos), str(study))
    for entry in videos.entries():
        (other / "pictures" / entry.place.below(videos)).write(entry.place.read())
    with pytest.raises(InputError, match="holds the faces of another file called pictures/"):
        extract(f"{other}/pictures", str(study))


def test_what_is_not_there_is_told(videos) -> None:
    study = videos.parent / "study"
    with pytest.raises(PlaceError, match="there is no such bucket"):
        extract(str(videos), "s3://no-such-bucket/study")
    with pytest.raises(PlaceError, match="there is no such bucket"):
        extract("s3://no-such-bucket/videos", str(study))
    result = extract([str(videos), f"{videos}/none.mp4"], str(study))
    assert result.counts["absent"] == 1 and f"{videos}/none.mp4: does not exist." in dict(result.problems).values()


def test_a_source_that_cannot_be_fetched_costs_itself_alone_and_is_tried_again(videos, monkeypatch) -> None:
    study = videos.parent / "study"
    fetch = Place.fetch

    def broken(self, target):
        if "smile" in self.name:
            raise PlaceError(f"{self} cannot be fetched.")
        return fetch(self, target)

    monkeypatch.setattr(Place, "fetch", broken)
    result = extract(str(videos), str(study))
    assert result.counts == {"ok": 1, "no face": 0, "unreadable": 2} and len(shards(study)) == 2
    monkeypatch.setattr(Place, "fetch", fetch)
    assert extract(str(videos), str(study)).counts["ok"] == 2


def test_interruption_leaves_no_half_and_the_next_run_goes_on(videos, monkeypatch) -> None:
    study = videos.parent / "study"
    put = Place.put

    def stopped(self, source):
        put(self, source)
        if self.parent.name == "faces":
            raise KeyboardInterrupt

    monkeypatch.setattr(Place, "put", stopped)
    with pytest.raises(KeyboardInterrupt):
        extract(str(videos), str(study))
    monkeypatch.setattr(Place, "put", put)
    assert len(shards(study)) == 1
    assert extract(str(videos), str(study)).computed == 2 and len(shards(study)) == 3
