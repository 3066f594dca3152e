"""``mien import`` of named numbers, points and MediaPipe's tables, and training on what came in."""

import json
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from mien.cli.main import app
from mien.data.shards import read_faces
from mien.explain.store import load_evidence


def run(*words):
    return CliRunner().invoke(app, [str(word) for word in words])


@pytest.fixture
def study(tmp_path: Path) -> Path:
    """Action units of twelve clips of six people, one table each, and the table of samples under German names."""
    rng = np.random.default_rng(0)
    rows = ["Clip;Vp;Ausdruck;Wert"]
    for i in range(12):
        smile = i % 2
        lines = ["frame, timestamp, success, AU01_r, AU12_r"]
        lines += [f"{t + 1}, {t / 25}, 1, {rng.random():.3f}, {2 * smile + rng.random():.3f}" for t in range(6)]
        (tmp_path / f"S{i:02d}.csv").write_text("\n".join(lines) + "\n")
        rows.append(
            f"videos/S{i:02d}.mp4;P{i // 2};{'smile' if smile else 'rest'};{smile + 0.25:.2f}".replace(".2", ",2")
        )
    (tmp_path / "samples.csv").write_text("\n".join(rows) + "\n")
    return tmp_path


def test_named_numbers_are_imported_learnt_from_and_explained(study):
    tables = sorted(study.glob("S*.csv"))
    result = run("import", *tables, "--features", "AU*", "-o", study / "st", "--json")
    assert result.exit_code == 0 and len(json.loads(result.stdout)["imported"]) == 12
    columns = ("--columns", "path=Clip,subject=Vp")
    given = (study / "samples.csv", "--faces", study / "st", *columns)
    trees = study / "st" / "models" / "trees"
    few = ("--model", "trees", "--set", "min_leaf=2", "--set", "n_trees=20")
    result = run("train", *given, "--features", "AU*_r", "--target", "Ausdruck", *few, "-o", study / "m", "--json")
    assert result.exit_code == 0, result.stderr
    found = json.loads(result.stdout)
    assert found["scores"]["accuracy"]["value"] > 0.8 and found["protocol"]["scheme"] == "leave-one-subject-out"
    result = run("train", *given, "--features", "AU*", "--target", "Wert", *few, "-o", trees, "--set", "over_time=mean")
    assert result.exit_code == 0, result.stderr
    assert json.loads((trees / "model.json").read_text())["feature_names"] == ["AU01_r", "AU12_r"]
    result = run("explain", trees, *given, "-o", study / "ev", "--json")
    assert result.exit_code == 0, result.stderr
    told = json.loads(result.stdout)[0]
    # Six people are too few to show that the rating is predicted, so the evidence is stored and not put into words.
    assert "Not predicted: do not interpret" in told["words"]
    evidence = load_evidence(told["folder"])
    assert evidence.method == "tree-shap" and evidence.names == ("AU01_r", "AU12_r")
    assert np.abs(evidence.values[:, 1]).mean() > 2 * np.abs(evidence.values[:, 0]).mean()


def test_wrong_use_is_refused_before_any_file_is_read(tmp_path):
    for words, said in (
        (("--from", "openface", "--features", "AU*"), "leave --from out"),
        ((), "or give --features for a table of named numbers"),
        (("--from", "openface", "--columns", "frame=f"), "--columns belongs to --features"),
        (("--features", "A", "--columns", "frame"), "--columns is written NAME=COLUMN"),
        (("--from", "openface", "--who", "w.csv"), "--who belongs to --from points"),
        (("--from", "mediapipe"), "give its size"),
    ):
        result = run("import", tmp_path / "nothing.npy", *words, "-o", tmp_path / "st")
        assert result.exit_code == 2 and said in result.stderr, result.stderr
    assert not (tmp_path / "st").exists()


def test_mediapipes_pixels_and_points_of_clips(tmp_path):
    points = np.random.default_rng(0).uniform(100, 300, (2, 478, 3))
    np.save(tmp_path / "m.npy", points)
    assert run("import", tmp_path / "m.npy", "--from", "mediapipe", "--pixels", "-o", tmp_path / "a").exit_code == 0
    assert read_faces(tmp_path / "a").landmarks_px == pytest.approx(points, rel=1e-5)
    clips = np.random.default_rng(0).uniform(100, 300, (3, 4, 68, 2))
    clips[..., 36:48, 1], clips[..., 48:, 1] = 120, 250
    np.save(tmp_path / "p.npy", clips)
    (tmp_path / "who.csv").write_text("clip,subject\na,P\nb,Q\nc,R\n")
    result = run("import", tmp_path / "p.npy", "--from", "points", "--who", tmp_path / "who.csv", "-o", tmp_path / "b")
    assert result.exit_code == 0 and set(read_faces(tmp_path / "b").source) == {"a", "b", "c"}


def test_openfaces_own_note_names_the_video(tmp_path):
    rng = np.random.default_rng(0)
    head = ["frame", "timestamp", "confidence", "success"] + [f"{a}_{i}" for a in "xy" for i in range(68)]
    row = ["1", "0", "0.9", "1", *map(str, rng.uniform(100, 300, 136))]
    for folder in ("one", "two"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "S00.csv").write_text(",".join(head) + "\n" + ",".join(row) + "\n")
        (tmp_path / folder / "S00_of_details.txt").write_text("Input:C:\\lab\\videos\\S00.mp4\n")
    files = (tmp_path / "one" / "S00.csv", tmp_path / "two" / "S00.csv")
    assert run("import", *files, "--from", "openface", "-o", tmp_path / "st").exit_code == 0
    # A second file of one name keeps its own, so that two clips never become one.
    assert set(read_faces(tmp_path / "st").source) == {"videos/S00.mp4", "two/S00"}


def test_a_folder_of_tables_is_imported_and_what_they_hold_is_told(study):
    (study / "tables").mkdir()
    (study / "tables" / "S00_of_details.txt").write_text("Input: x.mp4\n")
    (study / "tables" / "S01.csv").write_text("frame,AU12_r,AU_why\n1,inf,blur\n2,0.5,blur\n")
    (study / "tables" / "S00.csv").write_text((study / "S00.csv").read_text())
    result = run("import", study / "tables", "--features", "AU*", "-o", study / "st", "--json")
    assert result.exit_code == 0, result.stderr
    first, second = json.loads(result.stdout)["imported"]
    assert Path(first["file"]).name == "S00.csv" and not first["notes"]
    words = " ".join(second["notes"])
    assert "infinite ('inf' in row 2)" in words and "'AU_why' is no feature" in words
    (study / "empty").mkdir()
    result = run("import", study / "empty", "--features", "AU*", "-o", study / "st")
    assert result.exit_code == 2 and "holds no file to be imported; expected .csv" in " ".join(result.stderr.split())


def test_what_a_killed_import_left_half_written_goes_with_the_next(tmp_path: Path) -> None:
    table = tmp_path / "clip.csv"
    table.write_text("file,frame,AU01\nclip,0,0.5\nclip,1,0.25\n")
    half = tmp_path / "st" / "faces" / ".part-1-0123456789ab.parquet"
    half.parent.mkdir(parents=True)
    half.write_bytes(b"PAR1")
    assert run("import", table, "--features", "AU*", "-o", tmp_path / "st").exit_code == 0
    assert not half.exists()


def test_files_left_out_for_one_reason_share_a_line(tmp_path: Path) -> None:
    for number in range(9):
        (tmp_path / f"clip{number}.csv").write_text("a,b\n1,2\n")
    said = run("import", *sorted(tmp_path.glob("*.csv")), "--from", "openface", "-o", tmp_path / "st")
    assert said.exit_code != 0
    text = " ".join(said.stderr.split())
    assert text.count("problem:") == 1 and "8 other files: clip1.csv," in text and "and 3 more" in text
