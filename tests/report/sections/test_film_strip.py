"""The film strip: only where it is asked for, only pixels, and gaps where frames are missing."""

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from typer.testing import CliRunner

import mien
from mien.cli.main import app
from mien.core.streams import Runs
from mien.report.sections.film_strip import frames_of_strip
from mien.report.study_folder import StudyFolder, read_folder

pytest.importorskip("jinja2")
RUNS = Runs(["1", "2"], [0.0, 40.0], [40.0, 60.0])


@pytest.fixture
def study(tmp_path: Path) -> Path:
    """Sixty seconds of frames whose brightness is their second, in two runs, and one annotation."""
    film, folder = tmp_path / "film", tmp_path / "study"
    (film / "secret").mkdir(parents=True)
    rows = ["path,time_s,run"]
    for second in range(60):
        given = Image.Exif()
        given[0x010E] = "somebody at home"
        Image.new("RGB", (64, 36), (4 * second,) * 3).save(film / f"secret/ada_{second}.jpg", exif=given)
        rows.append(f"secret/ada_{second}.jpg,{second % 40 if second < 40 else second - 40},{1 if second < 40 else 2}")
    (film / "frames.csv").write_text("\n".join(rows))
    (film / "runs.csv").write_text("name,start_s,stop_s\n1,0,40\n2,40,60\n")
    (film / "shown.csv").write_text("onset,duration,what\n5,10,face\n45,5,face\n")
    mien.streams.add(film / "runs.csv", folder, kind="runs")
    mien.streams.add(film / "shown.csv", folder, kind="annotation", name="shown")
    source = json.dumps(str(film / "frames.csv"))
    (folder / "study.toml").write_text(f'study = "film"\n[samples]\nsource = {source}\n')
    return folder


def test_frames_are_shown_where_they_are_asked_for_alone_and_without_their_names(study: Path) -> None:
    page = mien.report(study).read_text(encoding="utf-8")
    assert "data:image/jpeg" not in page
    page = mien.report(study, film_strip=True).read_text(encoding="utf-8")
    assert page.count("data:image/jpeg") == 11 + 5 and "ada" not in page and "secret" not in page
    assert "Frames of the film, run by run" in page
    assert all(b"somebody" not in frame.picture for frame in frames_of_strip(read_folder(study), RUNS, 4.0, []))


def test_the_frame_of_a_stretch_is_the_one_shown_in_its_middle(study: Path) -> None:
    import io

    found = frames_of_strip(read_folder(study), RUNS, 4.0, [])
    assert [(frame.run, frame.start_s) for frame in found[:2] + found[-1:]] == [("1", 0.0), ("1", 4.0), ("2", 16.0)]
    brightness = [np.asarray(Image.open(io.BytesIO(frame.picture))).mean() for frame in found]
    assert np.allclose(brightness, [4 * (4 * stretch + 2) for stretch in range(15)], atol=2)


def test_frames_that_cannot_be_read_are_gaps_and_counted(study: Path) -> None:
    film = study.parent / "film"
    (film / "secret/ada_2.jpg").write_bytes(b"no picture")
    kept = [line for line in (film / "frames.csv").read_text().splitlines() if line[-2:] != ",2"]
    (film / "frames.csv").write_text("\n".join(kept))
    problems: list[str] = []
    found = frames_of_strip(read_folder(study), RUNS, 4.0, problems)
    assert [frame.start_s for frame in found] == [4.0 * stretch for stretch in range(1, 10)]
    assert problems == ["1 of 10 frames of the film strip cannot be read; their places are empty."]


def test_a_study_without_a_table_of_frames_says_what_the_strip_needs(study: Path, tmp_path: Path) -> None:
    problems: list[str] = []
    assert frames_of_strip(StudyFolder(path=tmp_path), RUNS, 4.0, problems) == []
    assert "needs the table of the film's own frames" in problems[0]
    (study / "study.toml").unlink()
    said = CliRunner().invoke(app, ["report", str(study), "--film-strip"])
    assert said.exit_code != 0 and "needs the table of the film's own frames" in " ".join(said.output.split())
