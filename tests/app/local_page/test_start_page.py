"""The start page: what the browser did not send is named, with the way out."""

import pytest

pytest.importorskip("nicegui")

from mien.app.local_page.start import MOST_NAMED, rejected_sentence


def test_files_that_are_too_large_or_of_another_kind_are_named():
    said = rejected_sentence([["max-file-size", "long.mp4"], ["accept", "x.svg"], ["accept", "y.html"]], 2_000_000)
    assert said.startswith("Larger than the 2 MB that this page takes: long.mp4. ") and "--max-mb" in said
    assert "Of a kind that mien does not read: x.svg and y.html. It reads ." in said


def test_of_many_files_the_first_are_named():
    said = rejected_sentence([["accept", f"{i}.doc"] for i in range(MOST_NAMED + 3)], 1)
    assert "4.doc and 3 more. " in said and "5.doc" not in said
    assert rejected_sentence([["duplicate", "a.png"]], 1) == "Chosen twice: a.png."
