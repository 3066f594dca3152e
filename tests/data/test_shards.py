"""Faces on disk come back as they were, in bounded memory, and never half."""

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from mien.core.errors import InputError
from mien.core.faces import COLUMNS, Faces
from mien.data.shards import ROWS_PER_GROUP, open_shard, read_faces, read_shard, read_status, write_shard


def made_up(rows: int, topology: str = "mediapipe-478", seed: int = 0) -> Faces:
    rng = np.random.default_rng(seed)
    points = {"mediapipe-478": 478, "ibug-68": 68}[topology]
    return Faces.build(
        rows,
        topology=topology,
        source=np.full(rows, "a/ü.mp4", object),
        frame=np.arange(rows),
        landmarks_px=rng.normal(size=(rows, points, 3)),
        blendshapes=rng.random((rows, 52)),
        iris_px=rng.random((rows, 2, 2)),
        extra={"AU01_r": rng.random(rows), "odd": np.arange(rows) % 2 == 1, "note": np.full(rows, "ü", object)},
    )


@pytest.mark.parametrize("rows", [0, 1, 700])
@pytest.mark.parametrize("topology", ["mediapipe-478", "ibug-68"])
def test_a_round_trip_changes_nothing(tmp_path: Path, rows: int, topology: str) -> None:
    faces = made_up(rows, topology)
    write_shard(faces, tmp_path / "a.parquet")
    again = read_shard(tmp_path / "a.parquet")
    assert again.topology == topology
    for name in (*COLUMNS, "landmarks_px"):
        np.testing.assert_array_equal(getattr(again, name), getattr(faces, name))
    if rows:
        for name in faces.extra:
            np.testing.assert_array_equal(again.extra[name], faces.extra[name])


def test_rows_are_written_in_groups(tmp_path: Path) -> None:
    with open_shard(tmp_path / "a.parquet") as shard:
        for part in range(5):
            shard.add(made_up(300, seed=part))
    file = pq.ParquetFile(tmp_path / "a.parquet")
    assert file.metadata.num_rows == 1500
    assert max(file.metadata.row_group(i).num_rows for i in range(file.num_row_groups)) <= 2 * ROWS_PER_GROUP


def test_an_error_while_writing_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError), open_shard(tmp_path / "a.parquet") as shard:
        shard.add(made_up(600))
        raise RuntimeError
    assert list(tmp_path.iterdir()) == []


def test_damage_and_strangers_are_told(tmp_path: Path) -> None:
    (tmp_path / "a.parquet").write_bytes(b"PAR1 but not really PAR1")
    with pytest.raises(InputError, match=r"a\.parquet is not a readable Parquet file"):
        read_faces(tmp_path)
    pq.write_table(pa.table({"x": [1]}), tmp_path / "a.parquet")
    with pytest.raises(InputError, match=r"a\.parquet was not written by 'mien extract'.*'source'"):
        read_faces(tmp_path)


def test_no_faces_and_no_folder_are_told(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="mien extract INPUT"):
        read_faces(tmp_path)
    with pytest.raises(InputError, match="does not exist"):
        read_faces(tmp_path / "gone")


def test_status_of_a_source_as_a_whole(tmp_path: Path) -> None:
    status = np.array(["no face", "ok", "unreadable"], object)
    faces = Faces.build(3, status=status, reason=np.array(["", "", "it broke off"], object))
    write_shard(faces, tmp_path / "a.parquet")
    assert read_status(tmp_path / "a.parquet") == ("ok", "it broke off")
    write_shard(faces[[0]], tmp_path / "a.parquet")
    assert read_status(tmp_path / "a.parquet") == ("no face", "")


def test_writing_does_not_load_pandas(tmp_path: Path) -> None:
    import subprocess
    import sys

    code = f"""
import sys
from pathlib import Path
from mien.core.faces import Faces
from mien.data.shards import read_status, write_shard
path = Path({str(tmp_path)!r}) / "a.parquet"
write_shard(Faces.build(3), path)
assert read_status(path) == ("ok", "")
assert "pandas" not in sys.modules
"""
    subprocess.run([sys.executable, "-c", code], check=True)
