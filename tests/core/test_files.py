"""Files appear whole or not at all; extras and provenance say what they should."""

import getpass
import hashlib
import json
import os
import platform
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from mien.core.errors import InputError, MissingExtra
from mien.core.extras import EXTRAS, missing, require
from mien.core.files import (
    atomic_path,
    half_written,
    is_private,
    private_files,
    read_json,
    remove_halves,
    sha256_of,
    write_json,
    write_text,
)
from mien.core.provenance import provenance, record


def test_a_file_appears_only_when_all_went_well(tmp_path):
    target = tmp_path / "deep" / "a.json"
    with pytest.raises(RuntimeError), atomic_path(target) as half:
        half.write_text("half")
        raise RuntimeError
    assert list(target.parent.iterdir()) == []
    with atomic_path(target) as half:
        half.write_text("whole")
        assert half.parent == target.parent and half.suffix == ".json" and not target.exists()
    assert target.read_text() == "whole" and list(target.parent.iterdir()) == [target]


def test_a_failed_write_leaves_the_old_file(tmp_path):
    target = tmp_path / "a.txt"
    write_text(target, "old")
    with pytest.raises(OSError, match="full"), atomic_path(target) as half:
        half.write_text("new")
        raise OSError(28, "disk full")
    assert target.read_text() == "old" and len(list(tmp_path.iterdir())) == 1


def test_halves_of_dead_processes_are_removed_and_those_of_the_living_stay(tmp_path):
    """Also where the number of the dead process is that of a living one by now."""
    left = """
import os, sys
from pathlib import Path
from mien.core.files import half_written
with half_written(Path(sys.argv[1]), ".json"):
    os._exit(1)
"""
    subprocess.run([sys.executable, "-c", left, str(tmp_path)], check=False)
    (dead,) = tmp_path.iterdir()
    again = dead.rename(tmp_path / f".part-{os.getpid()}-x.json")
    other = tmp_path / "kept.json"
    other.touch()
    with half_written(tmp_path, ".json") as alive:
        remove_halves(tmp_path)
        assert not again.exists() and alive.exists() and other.exists()


@pytest.mark.skipif(os.name != "posix", reason="modes of POSIX")
def test_new_files_obey_the_umask(tmp_path):
    for mask, mode in ((0o077, 0o600), (0o022, 0o644), (0o007, 0o660)):
        before = os.umask(mask)
        try:
            write_text(tmp_path / f"{mask}.txt", "x")
        finally:
            os.umask(before)
        assert (tmp_path / f"{mask}.txt").stat().st_mode & 0o777 == mode


@pytest.mark.skipif(os.name != "posix", reason="limits of POSIX")
def test_a_full_disk_is_a_sentence_with_the_file_and_the_old_one_stays(tmp_path):
    """A limit on the size of files meets every writer as a full disk does."""
    pytest.importorskip("safetensors")
    code = """
import resource, sys
import numpy as np
from pathlib import Path
from safetensors.numpy import save_file
from mien.core.errors import StorageError
from mien.core.files import atomic_path
from mien.data.shards import write_shard
from mien.core.faces import Faces
folder = Path(sys.argv[1])
rng = np.random.default_rng(0)
large = rng.random((400, 478, 3)).astype("f4")
resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))
def text(path): path.write_bytes(bytes(50_000))
def tensors(path): save_file({"a": large}, path)
def array(path): np.save(path.open("wb"), large)
for name, write in (("text", text), ("tensors", tensors), ("array", array)):
    try:
        with atomic_path(folder / name) as temporary:
            write(temporary)
    except StorageError as error:
        print(error)
try:
    write_shard(Faces.build(400, landmarks_px=large), folder / "faces")
except StorageError as error:
    print(error)
"""
    for name in ("text", "tensors", "array", "faces"):
        (tmp_path / name).write_text("old")
    done = subprocess.run([sys.executable, "-c", code, str(tmp_path)], capture_output=True, text=True, check=True)
    told = done.stdout.splitlines()
    assert [line.split(" ")[0] for line in told] == [str(tmp_path / n) for n in ("text", "tensors", "array", "faces")]
    reasons = [line.split(" could not be written: ")[1].split(".")[0] for line in told]
    assert set(reasons) <= {"the file got too large", "the disk is full"}
    assert sorted(p.name for p in tmp_path.iterdir()) == ["array", "faces", "tensors", "text"]
    assert {p.read_text() for p in tmp_path.iterdir()} == {"old"}


def test_names_that_are_no_utf8_are_written_and_read_back(tmp_path):
    name = os.fsdecode(b"b\xe9.jpg")
    write_json(tmp_path / "a.json", {"path": name})
    assert read_json(tmp_path / "a.json") == {"path": name}


def test_json_round_trip_keeps_letters_and_order(tmp_path):
    path = tmp_path / "a.json"
    write_json(path, {"zweitens": "ü", "erstens": [1, None]})
    assert "ü" in path.read_text(encoding="utf-8")
    assert list(read_json(path)) == ["zweitens", "erstens"]


def test_unreadable_json_is_named(tmp_path):
    with pytest.raises(InputError, match=r"none\.json does not exist"):
        read_json(tmp_path / "none.json")
    for content in (b"{", b"\xff\xfe"):
        (tmp_path / "bad.json").write_bytes(content)
        with pytest.raises(InputError, match=r"bad\.json is not a readable JSON file"):
            read_json(tmp_path / "bad.json")


def test_fingerprints_are_sha256(tmp_path):
    (tmp_path / "a").write_bytes(b"mien" * 1000)
    assert sha256_of(tmp_path / "a") == hashlib.sha256(b"mien" * 1000).hexdigest()


def test_a_missing_extra_names_purpose_and_command():
    assert require("json", "Reading JSON", "learn") is json
    with pytest.raises(MissingExtra) as error:
        require("no_such_package_at_all.part", "Training", "learn")
    assert "Training needs the package 'no_such_package_at_all'" in str(error.value)
    assert "pip install 'mien[learn]'" in str(error.value)
    assert isinstance(error.value, ImportError)
    for extra in EXTRAS:
        assert set(missing(extra)) <= set(EXTRAS[extra][1])


def test_provenance_says_versions_and_nothing_about_who_or_where(tmp_path):
    facts = provenance(seed=3)
    assert facts["seed"] == 3 and facts["versions"]["python"] == platform.python_version()
    assert {"mien", "numpy", "scipy", "pyarrow"} <= set(facts["versions"])
    text = json.dumps({k: v for k, v in facts.items() if k != "versions"})
    assert platform.node() not in text and f'"{getpass.getuser()}"' not in text
    record(tmp_path, "extract", seed=1)
    record(tmp_path, "train", seed=2)
    record(tmp_path, "extract", seed=5)
    stored = read_json(tmp_path / "provenance.json")
    assert {step: said["seed"] for step, said in stored.items()} == {"extract": 5, "train": 2}


@pytest.mark.parametrize(
    "text", ["", "{", "NaN", '{"a": Infinity}', '{"a": [1e999]}', "1" * 5000, "[" * 100_000, "\xff\xfe"]
)
def test_json_that_is_none_or_holds_no_numbers_is_a_sentence(tmp_path, text):
    path = tmp_path / "a.json"
    path.write_bytes(text.encode("latin-1"))
    with pytest.raises(InputError, match="is not a readable JSON file"):
        read_json(path)
    with pytest.raises(InputError, match="cannot be read"):
        read_json(tmp_path)


def test_no_file_is_written_that_cannot_be_read(tmp_path):
    write_json(tmp_path / "a.json", {"p": float("nan"), "rows": [(1.5, float("inf"))], "name": "NaN"})
    assert read_json(tmp_path / "a.json") == {"p": None, "rows": [[1.5, None]], "name": "NaN"}


def test_a_digit_of_stored_json_that_changed_is_said(tmp_path: Path) -> None:
    path = tmp_path / "scores.json"
    write_json(path, {"accuracy": 0.961, "names": {"1": None}, "nan": float("nan")})
    assert list(read_json(path)) == ["accuracy", "names", "nan"]
    whole = path.read_text()
    path.write_text(whole.replace("0.961", "0.981"))
    with pytest.raises(InputError, match=r"scores\.json is damaged or was changed"):
        read_json(path)
    # Line breaks are nobody's damage, and who means a change can say so.
    path.write_bytes(whole.replace("\n", "\r\n").encode())
    assert read_json(path)["accuracy"] == 0.961
    path.write_text(json.dumps({"accuracy": 0.981}))
    assert read_json(path) == {"accuracy": 0.981}


@pytest.mark.skipif(os.name != "posix", reason="modes are those of POSIX")
def test_private_files_are_their_users_alone(tmp_path, monkeypatch) -> None:
    def modes() -> list[int]:
        return sorted({path.stat().st_mode & 0o777 for path in tmp_path.rglob("*")})

    mask = os.umask(0o022)
    try:
        write_text(tmp_path / "open" / "a.json", "{}")
        assert modes() == [0o644, 0o755]
        shutil.rmtree(tmp_path / "open")
        with private_files(True):
            write_text(tmp_path / "a" / "b" / "c.json", "{}")
            (tmp_path / "d").write_text("also what is written otherwise")
        assert modes() == [0o600, 0o700] and not is_private()
        monkeypatch.setenv("MIEN_PRIVATE", "1")
        write_text(tmp_path / "e" / "f.json", "{}")
        assert modes() == [0o600, 0o700]
        monkeypatch.setenv("MIEN_PRIVATE", "0")
        assert not is_private()
        assert os.umask(0o022) == 0o022  # as it was
    finally:
        os.umask(mask)
