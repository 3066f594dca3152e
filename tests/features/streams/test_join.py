"""Streams that stay on the disk are joined to the same table as those in the memory, in a memory that stays flat."""

import sys

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import mien
from mien.core.streams import Runs, Stream
from mien.data.streams.store import write_runs, write_stream

pytest.importorskip("duckdb")


@pytest.fixture
def study(tmp_path):
    """Two runs; gaze of two viewers with missing samples at uneven rates, volumes, an annotation, cuts."""
    rng = np.random.default_rng(0)
    write_runs(Runs(["1", "2"], [0, 20], [20, 32]), tmp_path)
    parts = [(viewer, run, step, length) for viewer, step in (("a", 0.031), ("b", 0.07)) for run, length in
             (("1", 20.0), ("2", 12.0))]  # fmt: skip
    time = [np.arange(0, length - step, step) for _, _, step, length in parts]
    many = [len(one) for one in time]
    values = rng.normal(size=(sum(many), 2))
    values[rng.random(len(values)) < 0.1, 0] = np.nan
    values[100:400, 1] = np.nan
    words = [np.repeat([part[i] for part in parts], many) for i in (0, 1)]
    gaze = Stream("gaze", "sampled", np.concatenate(time), ('x "px"', "pupil"), values, viewer=words[0], run=words[1])
    volumes = [("a", "1", 10), ("a", "2", 6), ("b", "1", 9)]
    brain = Stream(
        "brain", "sampled", np.concatenate([np.arange(n) * 2.0 for _, _, n in volumes]), ("p",),
        rng.normal(size=(25, 1)), viewer=np.repeat(["a", "a", "b"], [10, 6, 9]),
        run=np.repeat(["1", "2", "1"], [10, 6, 9]), duration_s=np.full(25, 2.0),
    )  # fmt: skip
    told = Stream("told", "intervals", [1.0, 4.0, 5.0], ("fear",), [[0.5], [1.0], [0.2]], {"who": ["A", "B", "A"]},
                  [3.0, 4.0, 9.0], run=["1", "1", "2"])  # fmt: skip
    cuts = Stream("cuts", "events", [0.5, 3.0, 3.5], run=["1", "1", "2"])
    for stream in (gaze, brain, told, cuts):
        write_stream(stream, tmp_path)
    return tmp_path


def same(one: pa.Table, two: pa.Table) -> None:
    order = [("run", "ascending"), ("viewer", "ascending"), ("time_s", "ascending")]
    one, two = one.sort_by(order), two.sort_by(order)
    assert one.column_names == two.column_names and one.num_rows == two.num_rows
    for name in one.column_names:
        if pa.types.is_floating(one[name].type):
            np.testing.assert_allclose(one[name].to_numpy(), two[name].to_numpy(), atol=1e-9)
        else:
            assert one[name].to_pylist() == two[name].to_pylist()


@pytest.mark.parametrize(
    "asked",
    [
        {"at": "brain"},
        {"at": "brain", "lag_s": 3.3},
        {"at": "told"},
        {"at": "gaze"},
        {"every_s": 1.0},
        {"every_s": 0.05, "streams": ["gaze"]},
        {"at": "brain", "haemodynamic": True},
        {"at": "brain", "overlap": "max"},
    ],
)
def test_long_streams_are_joined_to_the_same_table(study, monkeypatch, asked):
    expected = mien.streams.join(study, **asked)
    monkeypatch.setattr(sys.modules["mien.features.streams.join"], "LONG_ROWS", 100)
    monkeypatch.setattr(sys.modules["mien.features.streams.join"], "WINDOWS", 300)
    same(mien.streams.join(study, **asked), expected)


@pytest.mark.parametrize("name", ["t.parquet", "t.csv"])
def test_what_is_written_part_by_part_is_the_table(study, monkeypatch, name):
    monkeypatch.setattr(sys.modules["mien.features.streams.join"], "WINDOWS", 5)
    written = mien.streams.join(study, at="brain", output=study / name)
    table = mien.streams.join(study, at="brain")
    assert (written.rows, list(written.columns)) == (table.num_rows, table.column_names)
    if name.endswith("parquet"):
        same(pq.read_table(written.path), table)
    else:
        assert len(written.path.read_text().splitlines()) == table.num_rows + 1
