"""A cohort in SQL: answers are those of the arrays, nothing but the study is read, nothing is changed."""

import csv
import json
import subprocess
import sys

import numpy as np
import pyarrow.parquet as pq
import pytest
from typer.testing import CliRunner

import mien
from mien.core.errors import DamageWarning, InputError, MissingExtra
from mien.core.faces import BLENDSHAPES, COLUMNS, Faces
from mien.data.measures import Measure, Measures
from mien.data.shards import read_faces, write_shard

pytest.importorskip("duckdb")
from mien.cohort.query import cohort, query


def shard(folder, name: str, rows: int = 40, topology: str = "no-points", **extra):
    draw = np.random.default_rng(len(name) + rows)
    status = np.array(["no face", *["ok"] * (rows - 1)], dtype=object)
    columns = {
        key: draw.normal(size=(rows, *column.shape)).astype("f4")
        for key, column in COLUMNS.items()
        if column.dtype == "f4"
    }
    for values in columns.values():
        values[0] = np.nan
    faces = Faces.build(
        rows, topology=topology, source=[name] * rows, status=status, frame=np.arange(rows), extra=extra, **columns
    )
    write_shard(faces, folder / "faces" / f"{name.replace('/', '-')}.parquet", {"source": name})


@pytest.fixture
def study(tmp_path):
    shard(tmp_path, "b/ann's [1].mp4")
    shard(tmp_path, "b/ben.mp4", 30, AU12_r=np.arange(30.0), Frame=np.arange(30))
    return tmp_path


def test_means_are_those_of_the_arrays_and_leave_out_frames_without_a_face(study) -> None:
    found = cohort(study).sql(
        "SELECT source, avg(mouthSmileLeft) AS smile, avg(pose_yaw_deg) AS yaw, avg(iris_left_y_px) AS iris, "
        "avg(gaze_pitch_deg) AS gaze, count(*) AS frames FROM faces GROUP BY source ORDER BY source"
    )
    faces, rows = read_faces(study), found.to_arrow().to_pylist()
    assert [row["source"] for row in rows] == ["b/ann's [1].mp4", "b/ben.mp4"]
    for row in rows:
        mine = faces[faces.source == row["source"]]
        smile = mine.blendshapes[:, BLENDSHAPES.index("mouthSmileLeft")]
        assert row["frames"] == len(mine)
        assert row["smile"] == pytest.approx(np.nanmean(smile), rel=1e-5)
        assert row["yaw"] == pytest.approx(np.nanmean(mine.pose_deg[:, 1]), rel=1e-5)
        assert row["iris"] == pytest.approx(np.nanmean(mine.iris_px[:, 1, 1]), rel=1e-5)
        assert row["gaze"] == pytest.approx(np.nanmean(mine.gaze_deg[:, 0]), rel=1e-5)


def test_every_column_of_faces_is_there_with_its_meaning_and_points_only_where_asked(study) -> None:
    columns = cohort(study).columns()
    assert {*BLENDSHAPES, "box_width_px", "eye_opening_left", "iris_diameter_right_px", "AU12_r"} <= {*columns}
    # A column of another tool whose name is taken but for capitals.
    assert "extra_Frame" in columns and "landmarks_px" not in columns
    assert [*cohort(study).sql("SELECT * FROM faces").to_pandas().columns] == [*columns]
    shard(study, "points.mp4", 20, "ibug-68")
    query("SELECT landmarks_px FROM faces WHERE source = 'points.mp4'", study, landmarks=True, output=study / "p.csv")
    with (study / "p.csv").open() as file:
        assert len(json.loads(list(csv.DictReader(file))[3]["landmarks_px"])) == 68 * 3


def test_shards_with_other_columns_are_united_by_name(study) -> None:
    answer = cohort(study).sql("SELECT source, count(AU12_r) AS n, sum(AU12_r) AS s FROM faces GROUP BY ALL ORDER BY 1")
    assert answer.to_arrow().to_pylist() == [
        {"source": "b/ann's [1].mp4", "n": 0, "s": None},
        {"source": "b/ben.mp4", "n": 30, "s": float(sum(range(30)))},
    ]


def test_a_damaged_shard_is_left_out_and_named(study) -> None:
    path = study / "faces" / "b-ben.mp4.parquet"
    content = bytearray(path.read_bytes())
    content[1000] ^= 1
    path.write_bytes(content)
    with pytest.warns(DamageWarning, match=r"b-ben.mp4.parquet is damaged and was left out"):
        answer = cohort(study).sql("SELECT DISTINCT source FROM faces")
    assert answer.to_arrow()["source"].to_pylist() == ["b/ann's [1].mp4"]
    assert len(answer.problems) == 1


def test_samples_and_measures_stand_beside_the_faces(study) -> None:
    codebook = (Measure("mouthSmileLeft mean", "mouthSmileLeft", "mean"),)
    names = np.array(["b/ann's [1].mp4", "b/ben.mp4"], dtype=object)
    measured = Measures(names, np.array([[0.5], [np.nan]]), codebook, np.array(["ok", "no face"], dtype=object))
    measured.write(study / "measures")
    answer = cohort(study).sql(
        'SELECT status, avg("mouthSmileLeft mean") AS smile FROM measures GROUP BY ALL ORDER BY 1'
    )
    assert answer.to_arrow().to_pylist() == [{"status": "no face", "smile": None}, {"status": "ok", "smile": 0.5}]
    with pytest.raises(InputError, match=r"no 'samples' yet; make them with: mien participants"):
        cohort(study).sql("SELECT * FROM samples")


@pytest.mark.parametrize(
    "sql",
    [
        "COPY faces TO 'x.csv'", "ATTACH 'x.db'", "INSTALL httpfs", "LOAD httpfs", "PRAGMA database_list",
        "SET threads = 1",        "CREATE TABLE a AS SELECT 1", "DROP VIEW faces", "SELECT 1; SELECT 2", " ",
        "EXPLAIN ANALYZE COPY (SELECT 1) TO 'x'",
        "SELECT * FROM read_text('{other}')", "SELECT * FROM read_csv('{other}')", "SELECT * FROM '{other}'",
        "SELECT * FROM glob('/*')", "SELECT * FROM 'https://example.org/x.parquet'",
        "SELECT * FROM query('DROP VIEW faces')",
        "SELECT names FROM names", "SELECT smile FROM faces", "SELEC 1",
    ],
)  # fmt: skip
def test_whatever_is_no_reading_of_the_study_is_refused_in_a_sentence(study, sql, tmp_path_factory) -> None:
    names = ["a variable of Python is no table"]
    other = tmp_path_factory.mktemp("other") / "secret.csv"
    other.write_text("a,b\n1,2\n")
    before = {path: path.read_bytes() for path in study.rglob("*") if path.is_file()}
    with pytest.raises(InputError) as refused:
        cohort(study).sql(sql.format(other=other)).to_arrow()
    assert "\n" not in str(refused.value) and len(names) == 1
    assert {path: path.read_bytes() for path in study.rglob("*") if path.is_file()} == before


def test_a_name_that_is_not_there_gets_the_nearest(study) -> None:
    with pytest.raises(InputError, match="mouthSmileLeft"):
        cohort(study).sql("SELECT mouthSmile FROM faces")


def test_csv_is_safe_in_spreadsheets_and_numbers_stay(tmp_path, study) -> None:
    sql = "SELECT * FROM (VALUES ('=1+1', -5, '-5'), ('@a', 2, 'ä,b'), (NULL, NULL, '+x')) AS t(a, b, \"=c\")"
    query(sql, study, output=tmp_path / "a.csv")
    with (tmp_path / "a.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))
    assert rows == [["a", "b", "'=c"], ["'=1+1", "-5", "-5"], ["'@a", "2", "ä,b"], ["", "", "'+x"]]
    query(sql, study, output=tmp_path / "a.parquet")
    assert pq.read_table(tmp_path / "a.parquet")["a"].to_pylist() == ["=1+1", "@a", None]
    query("SELECT source FROM faces WHERE false", study, output=tmp_path / "none.csv")
    query("SELECT source FROM faces WHERE false", study, output=tmp_path / "none.csv")
    assert (tmp_path / "none.csv").read_text() == '"source"\n'
    with pytest.raises(InputError, match=r"written as .csv or .parquet"):
        query(sql, study, output=tmp_path / "a.xls")


def test_the_command_prints_json_and_a_table(study) -> None:
    from mien.cli.main import app

    sql = "SELECT source, sum(frame) AS s FROM faces GROUP BY ALL ORDER BY 1"
    found = CliRunner().invoke(app, ["query", sql, "--study", str(study), "--json"])
    assert json.loads(found.stdout) == [{"source": "b/ann's [1].mp4", "s": 780}, {"source": "b/ben.mp4", "s": 435}]
    assert "435" in CliRunner().invoke(app, ["query", sql, "--study", str(study)]).stdout
    for _ in range(2):
        done = CliRunner().invoke(app, ["query", sql, "--study", str(study), "-o", str(study / "a.csv")])
        assert done.exit_code == 0 and (study / "a.csv").read_text().count("\n") == 3


def test_without_the_extra_the_command_to_install_it_is_named(study, monkeypatch) -> None:
    monkeypatch.setitem(sys.modules, "duckdb", None)
    with pytest.raises(MissingExtra, match=r"mien\[cohort\]"):
        mien.cohort(study)


def test_a_measure_without_its_quotes_is_refused_with_how_to_write_it(tmp_path) -> None:
    codebook = (Measure("smile mean", "smile", "mean"),)
    Measures(np.array(["a"]), np.ones((1, 1)), codebook, np.array(["ok"])).write(tmp_path / "measures")
    with pytest.raises(InputError, match='stand in double quotes: "mouthSmileLeft mean"'):
        query("SELECT smile mean FROM measures", tmp_path)


@pytest.mark.parametrize("place", ["faces/b-ben.mp4.parquet", "measures/new.csv", "participants.csv"])
def test_an_answer_is_never_written_over_what_the_study_holds(study, place) -> None:
    before = {path: path.read_bytes() for path in study.rglob("*") if path.is_file()}
    with pytest.raises(InputError, match="read, never changed"):
        query("SELECT 1 AS a", study, output=study / place)
    assert {path: path.read_bytes() for path in study.rglob("*") if path.is_file()} == before


def test_a_long_query_ends_when_somebody_ends_it(study) -> None:
    script = (
        "import signal, threading, os\n"
        # What a shell starts in the background ignores it.
        "signal.signal(signal.SIGINT, signal.default_int_handler)\n"
        "from mien.cohort.query import cohort\n"
        "threading.Timer(1.0, os.kill, (os.getpid(), signal.SIGINT)).start()\n"
        "sql = 'SELECT count(*) FROM range(3000000000) a, range(1000) b WHERE a.range % 7 = b.range % 5'\n"
        f"list(cohort({str(study)!r}).sql(sql).batches())\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=60)
    assert "KeyboardInterrupt" in done.stderr


def test_what_no_file_holds_is_a_sentence(study) -> None:
    with pytest.raises(InputError, match="CAST"):
        query("SELECT INTERVAL 1 DAY AS i", study, output=study.parent / "odd.parquet")
