"""Files that belong together are replaced together."""

import subprocess
import sys
from pathlib import Path

import pytest

from mien.core.errors import InputError, StorageError
from mien.core.files import atomic_path, remove_halves
from mien.core.output import check_file, check_folder
from mien.core.switch import settle, switched_together

NAMES = ("a.txt", "b.txt", "parts")


def write(folder: Path, text: str, *names: str) -> None:
    with switched_together(folder, NAMES) as new:
        for name in names:
            (new / name).parent.mkdir(exist_ok=True)
            (new / name).write_text(text)


def contents(folder: Path) -> dict[str, str]:
    return {p.relative_to(folder).as_posix(): p.read_text() for p in folder.rglob("*") if p.is_file()}


def test_what_is_not_written_again_is_removed_and_strangers_stay(tmp_path: Path) -> None:
    write(tmp_path, "old", "a.txt", "b.txt", "parts/one.txt", "parts/two.txt")
    (tmp_path / "notes.txt").write_text("mine")
    write(tmp_path, "new", "a.txt", "parts/one.txt")
    assert contents(tmp_path) == {"a.txt": "new", "parts/one.txt": "new", "notes.txt": "mine"}


def test_an_error_leaves_the_old_ones(tmp_path: Path) -> None:
    write(tmp_path, "old", "a.txt", "b.txt")
    with pytest.raises(RuntimeError), switched_together(tmp_path, NAMES) as new:
        (new / "a.txt").write_text("half")
        raise RuntimeError
    assert contents(tmp_path) == {"a.txt": "old", "b.txt": "old"}


def test_a_full_disk_is_told_by_the_name_that_the_file_was_to_have(tmp_path: Path) -> None:
    told = rf"^{tmp_path}/a\.txt could not be written: the disk is full"
    with (
        pytest.raises(StorageError, match=told),
        switched_together(tmp_path, NAMES) as new,
        atomic_path(new / "a.txt"),
    ):
        raise OSError(28, "No space left on device")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("call", range(0, 40))
def test_killed_at_any_call_of_the_system_all_are_old_or_all_are_new(tmp_path: Path, call: int) -> None:
    write(tmp_path, "old", "a.txt", "b.txt", "parts/one.txt")
    code = f"""
import os, pathlib
calls = 0
def counted(work):
    def run(*args, **named):
        global calls
        calls += 1
        if calls > {call}:
            os._exit(9)
        return work(*args, **named)
    return run
for name in ("open", "rename", "replace", "unlink", "mkdir", "rmdir", "fsync", "rename"):
    setattr(os, name, counted(getattr(os, name)))
from mien.core.switch import switched_together
with switched_together(pathlib.Path({str(tmp_path)!r}), ("a.txt", "b.txt", "parts")) as new:
    (new / "a.txt").write_text("new")
    (new / "parts").mkdir()
    (new / "parts" / "two.txt").write_text("new")
"""
    subprocess.run([sys.executable, "-c", code], check=False)
    settle(tmp_path)
    remove_halves(tmp_path)
    new = {"a.txt": "new", "parts/two.txt": "new"}
    assert contents(tmp_path) in ({"a.txt": "old", "b.txt": "old", "parts/one.txt": "old"}, new)


def test_output_is_checked_before_the_work(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("a file")
    for folder in (tmp_path / "taken", tmp_path / "taken" / "deep", "", None, "a\0b", tmp_path / ("x" * 300)):
        with pytest.raises(InputError, match="output"):
            check_folder(folder)
    check_folder(tmp_path / "new" / "deep")
    check_file(tmp_path / "new" / "report.html")
    with pytest.raises(InputError, match="is a folder"):
        check_file(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["taken"], "nothing is left"
