"""Parts of shards: what the end of a file says of it is what reading all of it says, and damage is named."""

import numpy as np
import pytest

from mien.core.errors import InputError
from mien.core.faces import Faces
from mien.data.shard_parts import read_columns, read_head
from mien.data.shards import read_faces, write_shard


def shard(path, *statuses: str, sources=None, **more):
    rows = len(statuses)
    faces = Faces.build(
        rows, topology="no-points", source=sources or ["ä/film.mp4"] * rows, status=list(statuses),
        frame=np.arange(rows), blendshapes=np.random.default_rng(0).random((rows, 52)), **more,
    )  # fmt: skip
    write_shard(faces, path, {"source": "another name"})
    return faces


@pytest.mark.parametrize(
    "statuses",
    [
        ("ok",), ("no face",), ("unreadable",), ("no face", "ok"), ("ok", "unreadable"), ("no face", "unreadable"),
        ("no face", "ok", "unreadable"), ("ok", "truncated"), ("no face", "truncated", "unreadable"), ("ok",) * 600,
    ],
)  # fmt: skip
def test_the_status_of_a_source_is_that_of_all_its_rows(tmp_path, statuses) -> None:
    shard(tmp_path / "a.parquet", *statuses)
    head = read_head(tmp_path / "a.parquet", check=True)
    (status,) = (name for name, count in read_faces(tmp_path).counts().items() if count)
    assert head.sources == {"ä/film.mp4": status} and head.rows == len(statuses) and not head.problem
    assert dict(head.layout)["time_s"] == "double"


def test_a_shard_may_hold_several_sources(tmp_path) -> None:
    shard(tmp_path / "a.parquet", "ok", "no face", "no face", sources=["b", "b", "a"])
    assert read_head(tmp_path / "a.parquet").sources == {"b": "ok", "a": "no face"}


def test_chosen_columns_are_those_of_the_faces(tmp_path) -> None:
    faces = shard(tmp_path / "a.parquet", "ok", "no face", extra={"AU12_r": np.array([1.5, 2.5])})
    found = read_columns(tmp_path / "a.parquet", ["blendshapes", "pose_deg", "status", "extra:*"])
    assert list(found) == ["blendshapes", "pose_deg", "status", "extra:AU12_r"]
    assert np.array_equal(found["blendshapes"], faces.blendshapes) and found["pose_deg"].shape == (2, 3)
    assert found["status"].tolist() == ["ok", "no face"] and found["extra:AU12_r"].tolist() == [1.5, 2.5]
    with pytest.raises(InputError, match="no column 'smile'; it has: source, frame"):
        read_columns(tmp_path / "a.parquet", ["smile"])


def test_damage_is_named_by_a_check_of_the_content_and_always_where_the_end_is_gone(tmp_path) -> None:
    shard(tmp_path / "a.parquet", *["ok"] * 300)
    whole = (tmp_path / "a.parquet").read_bytes()
    (tmp_path / "a.parquet").write_bytes(whole[:2000] + bytes([whole[2000] ^ 1]) + whole[2001:])
    assert "SHA-256" in read_head(tmp_path / "a.parquet", check=True).problem
    with pytest.raises(InputError, match="SHA-256"):
        read_columns(tmp_path / "a.parquet", ["status"])
    (tmp_path / "a.parquet").write_bytes(whole[:-100])
    assert "is damaged and was left out" in read_head(tmp_path / "a.parquet").problem
    (tmp_path / "a.parquet").write_bytes(b"")
    assert "is damaged and was left out" in read_head(tmp_path / "a.parquet").problem
