"""Arrow arrays are read without pandas, and give what ``to_numpy`` gives."""

import subprocess
import sys

import numpy as np
import pyarrow as pa
import pytest

from mien.data.parquet import as_numpy

ARRAYS = {
    "float32": pa.array(np.arange(7, dtype=np.float32)),
    "float64 with NaN": pa.array([1.0, float("nan"), 3.0], from_pandas=False),
    "int64": pa.array([3, 1, 2]),
    "uint8": pa.array([1, 255], pa.uint8()),
    "bool": pa.array([True, False, True, True, False, False, True, False, True, True]),
    "texts": pa.array(["a", "", "ä\U0001f600"]),
    "empty": pa.array([], pa.float32()),
    "no texts": pa.array([], pa.string()),
    "nothing known": pa.array([1.0, None]),
    "dates": pa.array([1, 2], pa.timestamp("s")),
}


@pytest.mark.parametrize("name", ARRAYS)
@pytest.mark.parametrize("cut", [0, 1])
def test_values_are_those_of_to_numpy(name, cut, monkeypatch):
    monkeypatch.delitem(sys.modules, "pandas", raising=False)
    array = ARRAYS[name][cut:]
    found = as_numpy(array)
    expected = array.to_numpy(zero_copy_only=False)
    assert found.dtype == expected.dtype
    np.testing.assert_array_equal(found, expected)


def test_reading_faces_leaves_pandas_unloaded(tmp_path):
    import mien

    people = mien.synthesize(tmp_path / "people", subjects=1, expressions=("smile",), frames=2)
    assert len(people.faces)
    code = (
        "import sys; from mien.data.shards import read_faces;"
        f"faces = read_faces({str(tmp_path / 'people')!r}); print(len(faces), 'pandas' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["2", "False"]
