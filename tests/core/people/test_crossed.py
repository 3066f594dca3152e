"""Recordings that are written as several people are named by how the list is built, not by the words that are used."""

import pytest

from mien.core.people.alike import alike_note, alike_people

FIRST = "Anna Ben Carla David Eva Felix Greta Hans".split()
MARKED = [
    "{}/{}",
    "{}\\{}",
    "{}:{}",
    "{}#{}",
    "{}+{}",
    "{}|{}",
    "{},{}",
    "{}\u2013{}",
    "{}[{}]",
    "{} {{{}}}",
    "{}_{}.mp4",
]
TAILS = ["v2", "b", "x", "_2", "-2", " (2)", " (repeat)", "_neu", " again", ", second visit", " Anna", "_2.mov", "[b]"]
HEADS = ["T2_", "neu ", "B-", "copy of ", "2_"]


def _two(written: str, stems: list[str], ends: tuple[object, ...] = (1, 2)) -> list[tuple[str, ...]]:
    return [tuple(written.format(stem, end) for end in ends) for stem in stems]


@pytest.mark.parametrize("written", MARKED, ids=ascii)
@pytest.mark.parametrize("ends", [(1, 2), (1, 2, 3), ("a", "b")], ids=str)
def test_every_mark_before_a_recording_is_one(written, ends):
    groups = _two(written, [f"VP{i:02d}" for i in range(1, 17)], ends)
    assert alike_people([name for group in groups for name in group]) == groups


@pytest.mark.parametrize("tail", TAILS)
@pytest.mark.parametrize("marked", [range(1, 17), (3, 7), (3,)], ids=["all", "two", "one"])
def test_a_name_beside_itself_with_a_tail_is_named(tail, marked):
    names = [f"VP{i:02d}" for i in range(1, 17)]
    found = alike_people([*names, *(f"VP{i:02d}{tail}" for i in marked)])
    # No chance spelling such as 'VP12' for 'VP01_2'.
    assert found == [(f"VP{i:02d}", f"VP{i:02d}{tail}") for i in marked]


@pytest.mark.parametrize("head", HEADS)
def test_a_name_beside_itself_with_a_head_is_named(head):
    names = [f"VP{i:02d}" for i in range(1, 17)]
    found = alike_people([*names, f"{head}VP03", f"{head}VP12"])
    assert found == [("VP03", f"{head}VP03"), ("VP12", f"{head}VP12")]


@pytest.mark.parametrize("heads", [("T1_", "T2_"), ("A_", "B_"), ("drug-", "placebo-"), ("1_", "2_"), ("T1", "T2")])
def test_the_same_people_crossed_with_a_head_are_named(heads):
    groups = [tuple(f"{head}VP{i:02d}" for head in heads) for i in range(1, 17)]
    assert alike_people([name for group in groups for name in group]) == groups
    # Two of sixteen missed the second recording.
    assert alike_people([name for group in groups for name in group][:-2]) == groups[:-1]


def test_first_names_with_numbers_surnames_and_initials_are_named():
    for groups in (_two("{}{}", FIRST), _two("{}_{}", FIRST), [(name, f"{name} Meyer") for name in FIRST]):
        assert alike_people([name for group in groups for name in group]) == groups
    assert alike_people(["Anna", "Ben", "Ben2"]) == [("Ben", "Ben2")]
    for short in ("A. Meyer", "Anna M.", "Meyer, A."):
        assert alike_people(["Anna Meyer", "Ben Klein", short]) == [("Anna Meyer", short)]
        assert alike_people(["Berta Roth", "Ben Klein", short]) == []


def test_last_figures_that_count_recordings_are_named():
    for written in ("{}0{}", "{}{}", "VP{}0{}"):
        groups = _two(written, [str(i) for i in range(1, 17)])
        assert alike_people([name for group in groups for name in group]) == groups


def test_a_files_name_is_that_of_a_recording_however_many_there_are():
    groups = _two("VP{}_{}.mp4", ["01", "02", "03"], tuple(range(1, 13)))
    assert alike_people([name for group in groups for name in group]) == groups


def test_the_note_says_that_they_may_be_two_people():
    assert "a pair or a family" in alike_note(["1A", "1B", "2A", "2B"])[0]


SILENT = {
    "numbers by site": [f"{site}{i:02d}" for site in (1, 2, 3, 4) for i in range(1, 6)],
    "two groups of sixteen": [f"{group}{i:02d}" for group in (1, 2) for i in range(1, 17)],
    "numbers below a hundred": [str(i) for i in range(1, 100)],
    "letters of groups": [f"{group}_{i}" for group in "AB" for i in range(1, 9)],
    "words of groups": [f"{group}{i}" for group in ("Kind", "Mutter") for i in range(1, 9)],
    "small cells": ["pat1", "pat2", "con1", "con2"],
    "sexes": [f"{sex}_VP{i:02d}" for sex in "MF" for i in range(1, 9)],
    "labs": [f"lab{lab}_VP{i:02d}" for lab in (1, 2) for i in range(1, 9)],
    "unequal sites": [f"{site}_P{i:02d}" for site, most in (("BER", 9), ("MUC", 15)) for i in range(1, most)],
    "mothers beside children": [f"{i:02d}{who}" for i in range(1, 9) for who in ("", "_mother")],
    "class and number": [f"{form}-{i:02d}" for form in ("7a", "7b", "8a") for i in range(1, 8)],
    "decimals": ["1", "2", "1.5", "2.5"],
    "files of one person each": [f"VP{i:02d}.mp4" for i in range(1, 17)],
    "numbers of a camera": [f"GOPR{i}.mp4" for i in range(1000, 1064)],
}


@pytest.mark.parametrize("kind", SILENT)
def test_people_who_are_numbered_are_not_suspected(kind):
    assert alike_people(SILENT[kind]) == []
