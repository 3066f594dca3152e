"""Faces on disk come back as they were, in bounded memory, and never half."""

import os
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from mien.core.errors import DamageWarning, InputError
from mien.core.faces import COLUMNS, Faces
from mien.core.names import file_name
from mien.data.shards import (
    ROWS_PER_GROUP,
    is_whole,
    open_shard,
    read_faces,
    read_shard,
    read_status,
    to_table,
    write_shard,
)


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


def test_no_damaged_byte_is_read_as_a_number(tmp_path: Path) -> None:
    """Whatever byte is flipped, wherever a piece is blanked or lost: the shard counts as damaged."""
    path = tmp_path / "a.parquet"
    write_shard(made_up(40), path)
    good = path.read_bytes()
    assert is_whole(path)
    rng = np.random.default_rng(0)
    places = [*range(len(good) - 60, len(good)), *rng.integers(0, len(good), 150)]
    for place in places:
        path.write_bytes(good[:place] + bytes([good[place] ^ 1 << int(rng.integers(8))]) + good[place + 1 :])
        assert not is_whole(path), place
        with pytest.raises(InputError, match=r"a\.parquet is (damaged|not a readable)"):
            read_shard(path)
    for start in rng.integers(0, len(good) - 400, 20):
        for damaged in (
            good[:start] + bytes(400) + good[start + 400 :],
            good[:start],
            good[:start] + good[start + 9 :],
        ):
            path.write_bytes(damaged)
            assert damaged == good or not is_whole(path), start
    path.write_bytes(b"")
    assert not is_whole(path)


def test_one_damaged_shard_is_a_row_and_the_others_are_read(tmp_path: Path) -> None:
    for name in ("a", "b"):
        write_shard(made_up(3), tmp_path / f"{name}.parquet", {"source": f"set/{name}.mp4"})
    damaged = bytearray((tmp_path / "b.parquet").read_bytes())
    damaged[2000] ^= 1
    (tmp_path / "b.parquet").write_bytes(damaged)
    with pytest.warns(DamageWarning, match=r"b\.parquet is damaged"):
        faces = read_faces(tmp_path)
    assert list(faces.status) == ["ok"] * 3 + ["unreadable"]
    assert faces.source[3] == "set/b.mp4" and "mien extract" in faces.reason[3]


def test_shards_without_a_checksum_stay_readable(tmp_path: Path) -> None:
    """Those of earlier versions have none."""
    path = tmp_path / "a.parquet"
    pq.write_table(to_table(made_up(5)), path)
    assert is_whole(path) and len(read_shard(path)) == 5
    content = bytearray(path.read_bytes())
    content[len(content) // 2 :] = bytes(len(content) - len(content) // 2)
    path.write_bytes(content)
    assert not is_whole(path)


def test_texts_that_are_no_utf8_are_written(tmp_path: Path) -> None:
    name = os.fsdecode(b"set/b\xe9.jpg")
    write_shard(Faces.build(1, source=np.array([name], object)), tmp_path / "a.parquet")
    (source,) = read_shard(tmp_path / "a.parquet").source
    assert source == "set/b\\xe9.jpg" and file_name(source) == name


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
