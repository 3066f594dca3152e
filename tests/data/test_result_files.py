"""Results on disk: what is written comes back, changes together, and damage is named in a sentence."""

from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from mien.core.errors import InputError
from mien.core.files import read_json, write_json
from mien.data.result_files import ResultFiles, columns_as, texts_of

FILES = ResultFiles("mien try", "mien try 1", "try.json", {"rows": "rows.parquet"}, beside=("*.svg",))


def written(folder: Path, **facts: object) -> Path:
    columns = {"who": np.array(["a", "ä"], dtype=object), "x": np.array([1.0, np.nan]), "y": np.array([2, 3])}
    return FILES.write(folder, {"count": 2, **facts}, {"rows": columns}, {"rows.csv": "who\na\n"})


def made(facts: dict, parts: dict) -> tuple[int, pa.Table]:
    return int(facts["count"]), parts["rows"]


def test_what_is_written_comes_back(tmp_path: Path) -> None:
    folder = written(tmp_path / "new")
    count, rows = FILES.read(folder, made)
    assert count == 2 and texts_of(rows, "who").tolist() == ["a", "ä"]
    np.testing.assert_array_equal(columns_as(rows, ["x", "y"]), [[1.0, 2.0], [np.nan, 3.0]])
    assert columns_as(rows, []).shape == (2, 0)
    facts = read_json(folder / "try.json")
    assert facts["format"] == "mien try 1" and {"rows_sha256", "versions", "written"} <= {*facts}
    assert (folder / "rows.csv").read_text() == "who\na\n"


def test_arrays_come_back_from_safetensors(tmp_path: Path) -> None:
    pytest.importorskip("safetensors")
    files = ResultFiles("mien try", "mien try 1", "try.json", {"arrays": "arrays.safetensors"})
    # Turned: what is stored is the array, not the memory that it looks into.
    array = np.arange(6, dtype=np.float32).reshape(2, 3).T
    files.write(tmp_path, {}, {"arrays": {"a b": array}})
    np.testing.assert_array_equal(files.read(tmp_path, lambda facts, parts: parts["arrays"])["a b"], array)
    (tmp_path / "arrays.safetensors").write_bytes(b"half")
    with pytest.raises(InputError, match=r"arrays\.safetensors is missing or is not the file that try\.json names"):
        files.read(tmp_path, lambda facts, parts: None)


def test_what_goes_with_an_earlier_result_goes_and_other_files_stay(tmp_path: Path) -> None:
    for name in ("old.svg", "notes.txt"):
        (tmp_path / name).write_text("")
    written(tmp_path)
    assert {path.name for path in tmp_path.iterdir()} == {"try.json", "rows.parquet", "rows.csv", "notes.txt"}


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (lambda f: (f / "try.json").unlink(), r"holds no try\.json; 'mien try' writes it"),
        (lambda f: (f / "try.json").write_text("[]"), "was not written by 'mien try'"),
        (
            lambda f: write_json(f / "try.json", {**read_json(f / "try.json"), "format": "mien try 9"}),
            "of this version",
        ),
        (lambda f: (f / "rows.parquet").unlink(), r"rows\.parquet is missing or is not the file that try\.json names"),
        (lambda f: (f / "rows.parquet").write_bytes(b"half"), r"is not the file that try\.json names; run 'mien try'"),
        (lambda f: written(f, count="two"), r"does not hold what 'mien try' wrote \(.*\); run it again"),
        (lambda f: written(f, count=None), r"does not hold what 'mien try' wrote"),
    ],
)
def test_damage_is_named_in_a_sentence(tmp_path: Path, spoil, words: str) -> None:
    written(tmp_path)
    spoil(tmp_path)
    with pytest.raises(InputError, match=words):
        FILES.read(tmp_path, made)


def test_files_of_earlier_versions_that_name_no_hash_are_read_where_that_is_allowed(tmp_path: Path) -> None:
    written(tmp_path)
    facts = read_json(tmp_path / "try.json")
    del facts["rows_sha256"]
    write_json(tmp_path / "try.json", facts)
    with pytest.raises(InputError, match="is not the file"):
        FILES.read(tmp_path, made)
    lenient = ResultFiles(FILES.verb, FILES.format, FILES.facts, FILES.parts, optional=("rows",))
    assert lenient.read(tmp_path, made)[0] == 2
