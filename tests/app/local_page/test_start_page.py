"""The start page: what the browser did not send is named, with the way out."""

import asyncio

import pytest

pytest.importorskip("nicegui")

from mien.app.local_page import drop
from mien.app.local_page.drop import MOST_NAMED, DroppedFiles, rejected_sentence
from mien.app.local_page.folders import Folders
from mien.core.errors import InputError


def test_files_that_are_too_large_or_of_another_kind_are_named():
    said = rejected_sentence([["max-file-size", "long.mp4"], ["accept", "x.svg"], ["accept", "y.html"]], 2_000_000)
    assert said.startswith("Larger than the 2 MB that this page takes: long.mp4. ") and "--max-mb" in said
    assert "Of a kind that mien does not read: x.svg and y.html. It reads ." in said


def test_files_wait_until_the_study_has_a_folder_and_what_is_refused_is_named(tmp_path, monkeypatch):
    from nicegui import Client
    from nicegui.page import page

    class Sent:
        def __init__(self, name):
            self.name = name

        async def save(self, place):
            place.write_text(self.name)

    refusals = []

    async def now(action):
        try:
            return action()
        except InputError as error:
            refusals.append(str(error))

    monkeypatch.setattr(drop, "attempted", now)
    folder = [""]

    async def visit():
        with Client(page("")):
            dropped = DroppedFiles(Folders.of([tmp_path]), lambda: folder[0], 1_000_000)
            for name in ("a.png", "b.mp4", ".c.png"):
                await dropped.take(Sent(name))
            assert dropped.words() == "Kept until the folder of the new study is named above: a.png, b.mp4 and .c.png."
            assert not await dropped.write() and refusals == ["Name a folder for the study first."]
            folder[0] = str(tmp_path.parent)
            assert not await dropped.write() and "outside the folders" in refusals[-1]
            assert "a.png, b.mp4 and .c.png" in dropped.words()
            folder[0] = str(tmp_path / "new")
            assert await dropped.write() and "begins with a dot" in refusals[-1]
            await dropped.take(Sent("t.csv"))
            assert dropped.words() == "In the study's folder: a.png, b.mp4 and t.csv. Not taken: .c.png."

    asyncio.run(visit())
    found = {place.relative_to(tmp_path / "new").as_posix() for place in (tmp_path / "new").rglob("*.*")}
    assert found == {"media/a.png", "media/b.mp4", "t.csv"}


def test_of_many_files_the_first_are_named():
    said = rejected_sentence([["accept", f"{i}.doc"] for i in range(MOST_NAMED + 3)], 1)
    assert "4.doc and 3 more. " in said and "5.doc" not in said
    assert rejected_sentence([["duplicate", "a.png"]], 1) == "Chosen twice: a.png."
