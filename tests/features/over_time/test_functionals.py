"""Functionals of a study: streamed, kept, and computed again only where something changed."""

from pathlib import Path

import numpy as np
import pytest

import mien
from mien.core.errors import InputError
from mien.core.faces import Faces
from mien.data.measures import Measures
from mien.data.shards import name_hash, write_shard

FPS = 30


def clip(name: str, seconds: float = 4.0, fps: float = FPS, *, hz: float = 1.0, **columns: object) -> Faces:
    """A smile that comes and goes, at even steps of time."""
    t = np.arange(round(seconds * fps)) / fps
    frames = len(t)
    return Faces.build(
        frames, topology="no-points", source=[name] * frames, frame=np.arange(frames), time_s=t, track=[0] * frames,
        extra={"smile": 0.5 + 0.5 * np.sin(2 * np.pi * hz * t)}, **columns,
    )  # fmt: skip


def keep(faces: Faces, study: Path) -> Path:
    """Write one shard as extraction names it."""
    name = str(faces.source[0])
    path = study / "faces" / f"{name}-{name_hash(name)}-{0:016x}.parquet"
    write_shard(faces, path, {"source": name})
    return path


@pytest.fixture
def study(tmp_path: Path) -> Path:
    for number in range(5):
        keep(clip(f"p{number}", seconds=4.0 + number), tmp_path)
    return tmp_path


def test_values_are_those_of_the_frames(study: Path) -> None:
    found = mien.functionals(study)
    rows = found.measures.beside(["p0", "p3", "absent"])
    x = clip("p3", 7.0).extra["smile"].astype(np.float32)
    mean, sd, p90 = rows.select(["smile mean", "smile sd", "smile p90"]).values[1]
    assert (mean, sd, p90) == pytest.approx((x.mean(), x.std(), np.quantile(x, 0.9)), abs=1e-6)
    assert rows.status.tolist() == ["ok", "ok", "not measured"] and np.isnan(rows.values[2]).all()
    assert found.recordings == {"ok": 5} and found.frames["usable frames"] == found.frames["frames"] == 6 * 5 * FPS


def test_a_second_run_computes_what_changed_and_nothing_else(study: Path) -> None:
    first = mien.functionals(study)
    assert first.computed == first.blocks == len(list((study / "measures").glob("*.parquet")))
    assert mien.functionals(study).computed == 0
    keep(clip("p0", hz=2.0), study)
    again = mien.functionals(study)
    assert again.computed == 1 and len(again.measures) == 5
    assert mien.functionals(study, channels="smile", min_frames=3).computed == again.blocks


def test_what_a_recording_that_is_gone_left_behind_goes(study: Path) -> None:
    mien.functionals(study)
    for path in study.glob("faces/p0-*"):
        path.unlink()
    assert "p0" not in mien.functionals(study).measures.source


def test_parts_give_the_same_as_one_run(study: Path) -> None:
    whole = mien.functionals(study).measures
    for path in (study / "measures").iterdir():
        path.unlink()
    for number in (1, 2, 3):
        mien.functionals(study, part=f"{number}/3")
    joined = mien.functionals(study)
    assert joined.computed == 0
    np.testing.assert_array_equal(joined.measures.values, whole.values)
    assert joined.codebook == whole.codebook


def test_damaged_and_empty_shards_are_rows_with_a_status(study: Path) -> None:
    path = keep(clip("damaged"), study)
    content = bytearray(path.read_bytes())
    content[500] ^= 255
    path.write_bytes(content)
    keep(Faces.build(3, topology="no-points", source=["blank"] * 3, frame=[0, 1, 2], status=["no face"] * 3), study)
    write_shard(Faces.empty("no-points"), study / "faces" / "nothing.parquet", {"source": "nothing"})
    measures = mien.functionals(study).measures
    status = dict(zip(measures.source, measures.status, strict=True))
    assert status["damaged"].startswith("damaged: ") and status["blank"] == "no face: none of 3 frames shows one"
    assert status["nothing"] == "empty: the file holds no frame"
    assert measures.ok.sum() == 5
    assert sorted(set(measures.why)) == ["", "damaged", "empty", "no face"]


def test_recordings_of_different_tools_share_one_table(study: Path) -> None:
    other = clip("openface")
    keep(Faces.build(
        len(other), topology="no-points", source=other.source, frame=other.frame, time_s=other.time_s,
        track=other.track, extra={"AU12_r": 3 * other.extra["smile"]},
    ), study)  # fmt: skip
    rows = mien.functionals(study).measures.beside(["openface", "p0"])
    values = rows.select(["AU12_r mean", "smile mean"]).values
    assert np.isfinite(values).tolist() == [[True, False], [False, True]]
    unit = {measure.name: (measure.unit, measure.group) for measure in rows.codebook}
    assert unit["AU12_r mean"] == ("0 to 5", "action units") and unit["AU12_r speed"][0] == "0 to 5/s"


def test_a_study_without_faces_is_refused_in_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(mien.MienError, match="holds no faces"):
        mien.functionals(tmp_path)
    with pytest.raises(mien.MienError, match=r"no statistics 'levels'.* mean 'level'"):
        mien.functionals(tmp_path, statistics="levels")


def test_what_is_read_from_disk_is_what_was_written(study: Path) -> None:
    measures = mien.functionals(study).measures
    assert Measures.read(study).names == measures.names
    assert all(measure.meaning.endswith(".") and measure.channel in measure.meaning for measure in measures.codebook)


def test_a_place_that_cannot_be_written_to_is_told_before_anything_is_computed(study: Path, tmp_path: Path) -> None:
    (tmp_path / "measures").write_text("a file")
    with pytest.raises(InputError, match="cannot be written to as a folder"):
        mien.functionals(study, tmp_path / "measures")
