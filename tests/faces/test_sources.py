"""What users name becomes a list of files with names that stay."""

import os
from pathlib import Path

import pytest

from mien.core.errors import InputError
from mien.faces.sources import find_sources


def touch(*paths: Path) -> None:
    for path in paths:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"x")


def names(*inputs: object) -> list[str]:
    return [source.name for source in find_sources([str(i) for i in inputs]).sources]


def test_names_start_at_the_folder_that_was_named(tmp_path: Path) -> None:
    touch(tmp_path / "set/neutral/1.jpg", tmp_path / "set/smiling/1.JPG", tmp_path / "set/readme.txt")
    assert names(tmp_path / "set") == ["set/neutral/1.jpg", "set/smiling/1.JPG"]
    assert names(tmp_path / "set/neutral") == ["neutral/1.jpg"]
    assert names(tmp_path / "set/neutral/1.jpg") == ["neutral/1.jpg"]
    assert names(tmp_path / "set/neutral/*.jpg") == ["neutral/1.jpg"]


def test_a_moved_study_keeps_its_names(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    touch(tmp_path / "a/set/1.jpg")
    before = names(tmp_path / "a/set")
    (tmp_path / "a").rename(tmp_path / "b")
    monkeypatch.chdir(tmp_path / "b/set")
    assert names(".") == before == ["set/1.jpg"]


def test_equal_names_get_more_parents(tmp_path: Path) -> None:
    touch(tmp_path / "a/img/1.jpg", tmp_path / "b/img/1.jpg", tmp_path / "b/img/2.jpg")
    assert names(tmp_path / "a/img", tmp_path / "b/img") == ["a/img/1.jpg", "b/img/1.jpg", "img/2.jpg"]


def test_duplicates_are_taken_once(tmp_path: Path) -> None:
    touch(tmp_path / "set/1.jpg")
    assert names(tmp_path / "set", tmp_path / "set/1.jpg", tmp_path / "set" / ".." / "set" / "1.jpg") == ["set/1.jpg"]


def test_links_in_circles_are_followed_once(tmp_path: Path) -> None:
    touch(tmp_path / "set/deep/1.jpg")
    (tmp_path / "set/deep/again").symlink_to(tmp_path / "set", target_is_directory=True)
    assert names(tmp_path / "set") == ["set/deep/1.jpg"]


def test_missing_files_and_patterns_are_sources_with_a_problem(tmp_path: Path) -> None:
    touch(tmp_path / "set/1.jpg")
    found = find_sources([str(tmp_path / "set"), str(tmp_path / "gone.jpg"), str(tmp_path / "*.mp4")]).sources
    assert [source.problem for source in found] == ["", "does not exist", "the pattern matches no file"]


def test_a_folder_that_may_not_be_read_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    touch(tmp_path / "set/open/1.jpg", tmp_path / "set/shut/2.jpg")
    scandir = os.scandir

    # The tests may run as root, who may read everything.
    def refusing(path: object) -> object:
        if str(path).endswith("shut"):
            raise PermissionError(13, "Permission denied", str(path))
        return scandir(path)

    monkeypatch.setattr(os, "scandir", refusing)
    found = find_sources([str(tmp_path / "set")]).sources
    assert [(s.name, s.problem) for s in found] == [
        ("set/open/1.jpg", ""),
        ("set/shut", "the folder cannot be read (Permission denied)"),
    ]


def test_nothing_found_is_a_sentence(tmp_path: Path) -> None:
    touch(tmp_path / "notes.txt")
    with pytest.raises(InputError, match=r"No pictures or videos in .*\.jpg"):
        find_sources([str(tmp_path)])


def test_very_long_and_foreign_names(tmp_path: Path) -> None:
    touch(tmp_path / "set" / ("ж" * 100 + ".jpg"), tmp_path / "set" / "笑顔 ü.jpg")
    assert len(names(tmp_path / "set")) == 2


def test_a_table_says_where_tables_go(tmp_path: Path) -> None:
    table = tmp_path / "samples.csv"
    table.write_text("path,subject,expression\na.png,a,smile\n")
    with pytest.raises(InputError, match=r"samples\.csv is a table, not a picture .*'mien train .*'mien study new'"):
        find_sources([table])
    touch(tmp_path / "a.png")
    # Beside pictures, as in 'mien extract folder/*', it is one input that cannot be read.
    found = find_sources([table, tmp_path / "a.png"]).sources
    assert ["is a table" in source.problem for source in found] == [True, False]
