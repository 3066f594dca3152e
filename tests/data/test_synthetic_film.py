"""A made-up film: what was planted is in its files, nothing is in them twice, and the same seed gives the same film."""

import csv
import shutil
from pathlib import Path

import numpy as np
import pytest

import mien
from mien.core.errors import InputError
from mien.core.files import read_json
from mien.data.synthetic.film.looks import on_faces
from mien.data.synthetic.film.parcels import parcels_of, planted, responses
from mien.data.synthetic.film.plot import EMOTIONS, plot


@pytest.fixture(scope="module")
def film(tmp_path_factory):
    return mien.synthesize_film(tmp_path_factory.mktemp("film"), viewers=2, minutes=1, runs=2, seed=3)


def rows_of(path: Path, delimiter: str = ",") -> list[dict[str, str]]:
    with path.open(newline="") as file:
        return list(csv.DictReader(file, delimiter=delimiter))


def test_every_second_of_the_film_has_a_frame_of_its_run(film):
    rows = rows_of(film.folder / "frames.csv")
    assert len(rows) == 60 and all((film.folder / row["path"]).is_file() for row in rows)
    assert [float(row["time_s"]) for row in rows if row["run"] == "2"] == [float(second) for second in range(30)]


def test_annotations_say_what_observers_saw(film):
    rows = rows_of(film.folder / "annotations" / "emotions_av_1s_events.tsv", "\t")
    agreement = np.zeros(60)
    for row in rows:
        start = int(float(row["onset"]))
        agreement[start : start + int(float(row["duration"]))] = float(row["e_fear"])
    assert np.allclose(agreement, film.plot.agreement[:, EMOTIONS.index("fear")], atol=1e-5)


def test_viewers_look_at_faces_where_there_are_faces(film):
    faces = mien.read_faces(film.folder)
    boxes = dict(zip(faces.source, faces.box_px, strict=True))
    fixations = mien.read_fixations(film.folder / "fixations.csv", pictures=film.folder)
    inside = []
    for row in rows_of(film.folder / "fixations.csv"):
        x, y, width, height = boxes[row["picture"]]
        if np.isfinite(x):
            inside.append(x <= float(row["x_px"]) <= x + width and y <= float(row["y_px"]) <= y + height)
    assert len(fixations.viewer) > 300 and np.mean(inside) > 0.5


def test_planted_parcels_follow_what_was_planted_and_others_do_not():
    made, where = plot(8, 4, 1), planted(40, 1)
    delayed = responses(made, on_faces(made, 1))
    volumes = np.concatenate([np.arange(start, stop, 2).astype(int) for start, stop in
                              zip(made.runs.start_s, made.runs.stop_s, strict=True)])  # fmt: skip
    mean = np.mean([np.concatenate(parcels_of(v, made, delayed, where, 40, 0.6, 1)) for v in range(12)], 0)
    r = np.corrcoef(mean.T, delayed["fear"][volumes])[:-1, -1]
    others = sorted(set(range(40)) - {place for places in where.values() for place in places})
    assert r[where["fear"]].min() > 0.5 and np.abs(r[others]).max() < 0.35


def test_without_a_response_nothing_is_planted_in_brains():
    made, where = plot(8, 4, 1), planted(40, 1)
    delayed = responses(made, on_faces(made, 1))
    silent, loud = (np.concatenate(parcels_of(0, made, delayed, where, 40, by, 1)) for by in (0.0, 2.0))
    changed = np.abs(loud - silent).max(0) > 0
    assert set(np.flatnonzero(changed)) == {place for places in where.values() for place in places}


def test_a_film_can_be_made_again_and_leaves_what_is_not_its_own(film, tmp_path):
    shutil.copytree(film.folder, tmp_path, dirs_exist_ok=True)
    before = {name: (tmp_path / name).read_bytes() for name in read_json(tmp_path / "truth.json")["files"]}
    (tmp_path / "parcels" / "mine.txt").write_text("mine")
    again = mien.synthesize_film(tmp_path, viewers=1, minutes=1, runs=2, seed=3)
    assert film.plot.shots == again.plot.shots
    assert not (tmp_path / "parcels" / "v02.csv").exists() and (tmp_path / "parcels" / "mine.txt").exists()
    assert (tmp_path / "parcels" / "v01.csv").read_bytes() == before["parcels/v01.csv"]
    assert (tmp_path / "frames" / "00031.jpg").read_bytes() == before["frames/00031.jpg"]


@pytest.mark.parametrize(("asked", "said"), [
    ({"minutes": 1, "runs": 4}, "15 s per run"),
    ({"minutes": 1, "runs": 2, "parcels": 10}, "18 parcels or more"),
    ({"viewers": 0}, "viewers is a whole number"),
])  # fmt: skip
def test_a_film_that_cannot_be_is_refused(tmp_path, asked, said):
    with pytest.raises(InputError, match=said):
        mien.synthesize_film(tmp_path / "film", **asked)
    assert not (tmp_path / "film").exists()
