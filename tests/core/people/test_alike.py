"""Names that may be one person but are not surely one are told, never joined and never passed over in silence."""

import pytest

from mien.core.people.alike import alike_people
from mien.core.people.keys import person_key, same_people

PAIRS = [
    ["sub-001", "001"], ["P1", "P1.0"], ["Subject 1", "S1", "subj01"], ["M\u00fcller", "Mueller"], ["A11", "A1-1"],
    ["Jos\u00e9", "Jose"], ["VP1", "VPN01"], ["1.5", "1.50"], ["P1_2", "P1.2"], ["P1_2", "P12"], ["#1", "1"],
    ["\u04101", "A1"], ["Anna Lee", "Lee, Anna"], ["2021-03-04", "20210304"], ["proband_7", "7"],
]  # fmt: skip
APART = [
    ["1.05", "1.5"], ["1-11", "11-1"], ["1.5", "15"], ["P1", "S1"], ["F01M", "M01F"], ["F01", "M01"], ["A1", "AB1"],
    ["con1", "pat1"], ["a/1-1.png", "a/11.png"], ["Anna", "Anne"], ["S1", "S11"],
]  # fmt: skip


@pytest.mark.parametrize("names", PAIRS, ids=ascii)
def test_pairs_are_told_and_stay_apart(names):
    assert alike_people(names) == [tuple(names)] and len({person_key(name) for name in names}) == len(names)
    found, notes = same_people([*names, "Q9", *names])
    assert list(found) == [*names, "Q9", *names]
    assert len(notes) == 1 and all(ascii(name) in ascii(notes[0]) for name in names)


@pytest.mark.parametrize("names", APART, ids=ascii)
def test_names_of_different_people_are_not_suspected(names):
    assert alike_people(names) == [] and len({person_key(name) for name in names}) == len(names)


def test_many_pairs_are_counted_and_three_named():
    note = same_people([f"{prefix}{n}" for n in range(20) for prefix in ("", "sub-0")])[1][0]
    assert note.count(" and 'sub-0") == 3 and "and 17 more such groups" in note


def test_characters_that_cannot_be_seen_are_written_out():
    notes = same_people(["v\u200bp1", "vp1", "\u200fvp2", "vp2", "a\x07b", "ab"])[1]
    assert r"'v\u200bp1' and 'vp1'; '\u200fvp2' and 'vp2'; 'a\x07b' and 'ab'" in notes[0]


def test_sessions_behind_one_name_are_said() -> None:
    found = alike_people(["S1_session0", "S1_session1", "S2_ses-1", "S2_ses-2", "S3", "S3_t2", "Sunday1", "Sunday2"])
    assert found == [("S1_session0", "S1_session1"), ("S2_ses-1", "S2_ses-2"), ("S3", "S3_t2")]
