"""Files appear whole or not at all; extras and provenance say what they should."""

import getpass
import hashlib
import json
import os
import platform
import subprocess
import sys

import pytest

from mien.core.errors import InputError, MissingExtra
from mien.core.extras import EXTRAS, missing, require
from mien.core.files import atomic_path, read_json, remove_halves, sha256_of, write_json, write_text
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
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    dead, alive, other = (
        tmp_path / f".part-{ended.pid}-x.json",
        tmp_path / f".part-{os.getpid()}-y.json",
        tmp_path / "kept.json",
    )
    for path in (dead, alive, other):
        path.touch()
    remove_halves(tmp_path)
    assert not dead.exists() and alive.exists() and other.exists()


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
