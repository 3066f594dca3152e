"""Names that may be one person but are not surely one are told, never joined and never passed over in silence."""

import pytest

from mien.core.people.alike import alike_people
from mien.core.people.keys import people_of, person_key, same_people

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


RECORDINGS = [
    "VP01_pre VP01_post", "S1_baseline S1_followup", "S1_follow-up S1_baseline", "S1_before S1_after", "S1_pre S1",
    "S1a S1b", "S1_part1 S1_part2", "S1_1 S1_2", "S1_clip1 S1_clip2", "S1_trial1 S1_trial2", "ses1_S1 ses2_S1",
    "S1_ses-A S1_ses-B", "S1_left S1_right", "S1_happy S1_sad", "S1_test S1_retest", "S1.jpg S1", "S1.jpg S1.png",
    "Female01 F01", "sub-NDAR01 NDAR01", "p/1 p1", "l1 I1", "\u0418\u0432\u0430\u043d\u043e\u0432 Ivanov", "\u4e03 7",
]  # fmt: skip


@pytest.mark.parametrize("names", RECORDINGS, ids=ascii)
def test_recordings_of_one_name_and_other_scripts_are_said(names):
    pair = tuple(names.split())
    assert alike_people([*pair, "Q9", "R8"]) == [pair]
    assert list(same_people([*pair, "Q9"])[0]) == [*pair, "Q9"]


def test_copies_and_years_behind_names_are_said():
    assert alike_people(["S1 (1)", "S1 (2)", "S2"]) == [("S1 (1)", "S1 (2)")]
    assert alike_people(["anna_2021", "anna_2022", "bert_2021"]) == [("anna_2021", "anna_2022")]
    pairs = ["S1_1", "S1_2", "S2_1", "S2_2", "S3_1", "S3_2"]
    assert alike_people(pairs) == [("S1_1", "S1_2"), ("S2_1", "S2_2"), ("S3_1", "S3_2")]


def test_zeros_that_excel_writes_join_no_further_number():
    assert alike_people(["P1", "P1.0", "P10", "P10.0"]) == [("P1", "P1.0"), ("P10", "P10.0")]


SILENT = {
    "numbers": [f"P{i}" for i in range(1, 201)],
    "zeros": [f"P{i:03d}" for i in range(1, 201)],
    "sites": [f"{s:02d}-{p:03d}" for s in range(1, 6) for p in range(1, 20)],
    "sites with marks": [f"S{s}_{p}" for s in range(1, 6) for p in range(1, 20)],
    "members": [f"{d}{c}" for d in range(1, 10) for c in "abcdefgh"],
    "years": [f"VP_{i}" for i in range(2001, 2060)],
    "words for parts": [f"{word}{i}" for i in range(1, 30) for word in ("part", "clip", "run_")][::3],
    "KDEF": [f"{sex}{i:02d}" for sex in "FM" for i in range(1, 36)],
    "NimStim": [f"{i:02d}{'FM'[i % 2]}" for i in range(1, 46)],
    "CFD": [f"{group}-{i:03d}" for group in ("AF", "AM", "WF", "WM") for i in range(200, 260)],
    "hexadecimal": [f"{(i * 40503) % 65536:04x}" for i in range(1, 300)],
    "cases": [f"case{i}" for i in range(30)] + [f"patient_{i + 30}" for i in range(30)],
    "first names": ["Joy", "Anna", "Hope", "Faith", "Lars", "Leo", "Lea", "Al", "Ali", "Ben"],
}


# As studies and published sets write people; some rows each where a list has fewer than its range.
SCHEMES = {
    "BIDS": [f"sub-{i:03d}" for i in range(1, 40)],
    "P": [f"P{i:02d}" for i in range(1, 40)],
    "four figures": [str(i) for i in range(1001, 1092)],
    "actresses and actors": [f"{sex}{i:02d}" for sex in "FM" for i in range(1, 12)],
    "one session of KDEF": [f"{letter}F{i:02d}" for letter in "A" for i in range(1, 36)],
    "two sexes in a session": [f"A{sex}{i:02d}" for sex in "FM" for i in range(1, 36)],
    "sites": [f"site{s}_{i:03d}" for s in range(1, 4) for i in range(1, 20)],
    "small sites": [f"site{s}_p{i}" for s in range(1, 8) for i in range(1, 4)],
    "people of sites": [f"S{s}P{i}" for s in range(1, 5) for i in range(1, 5)],
    "letters and numbers": [f"ABC-{i}" for i in range(10, 30)],
    "sex behind": [f"{i:02d}{'FM'[i % 2]}" for i in range(1, 46)],
    "sex behind a mark": [f"S{i:03d}-{'FM'[i % 2]}" for i in range(1, 46)],
    "couples": [f"couple{i:02d}_{who}" for i in range(1, 20) for who in ("m", "f")],
    "dyads": [f"{i:02d}_{who}" for i in range(1, 20) for who in ("mother", "child")],
    "families": [f"fam{i}_{who}" for i in range(1, 20) for who in ("mother", "father", "child")],
    "patients and controls": [f"{kind}{i:02d}" for kind in ("pat", "con") for i in range(1, 20)],
    "group behind": [f"{i:02d}{group}" for group in "PC" for i in range(1, 20)],
    "cities": [f"{city}_{i:03d}" for city in ("Tokyo", "Berlin", "Leeds") for i in range(1, 9)],
    "countries": [f"{land}{i:02d}" for land in ("DE", "FR", "UK") for i in range(1, 9)],
    "CFD": [f"CFD-{group}-{i:03d}" for group in ("AF", "AM", "WF") for i in range(200, 230)],
    "RaFD": [f"Rafd090_{i:02d}" for i in range(1, 58)],
    "actors": [f"Actor_{i:02d}" for i in range(1, 25)],
    "DISFA": [f"SN{i:03d}" for i in range(1, 33)],
    "VoxCeleb": [f"id{i:05d}" for i in range(10001, 10060)],
    "years": [f"{year}-{i:03d}" for year in (2021, 2022) for i in range(1, 30)],
    "codes by parents and birth": ["MAKA0512", "MALI0705", "ANPE2711", "ANPA2701", "JOSU1304", "KAHE0101", "MASU1411"],
    "initials and years": ["JS1985", "AB1990", "JS1987", "KL2001", "AB1991", "TM1974"],
    "initials": ["AB", "JS", "KL", "TM", "AA", "JB", "KM"],
    "hexadecimal": [f"{(i * 2654435761) % 2**32:08x}" for i in range(1, 120)],
    "Prolific": [f"{(i * 0x9E3779B97F4A7C15F39CC060) % 2**96:024x}" for i in range(1, 60)],
    "first names": ["Anna", "Ben", "Clara", "David", "Emil", "Fiona", "Anne", "Hanna", "Johann", "Johanna"],
    "whole names": ["Anna Lee", "Anna Kim", "Ben Lee", "Carla Kim", "Carl Kim", "Ben Ode"],
    "pseudonyms": ["red_fox", "blue_fox", "red_owl", "green_cat", "grey_cat", "blue_hen"],
    "day of testing before": [f"{day}_{i:02d}" for day in ("Mon", "Tue", "Wed") for i in range(1, 9)],
    "numbered from zero": [f"{i}" for i in range(30)],
    "one letter": list("ABCDEFGHIJ"),
}


@pytest.mark.parametrize("kind", SCHEMES)
def test_usual_schemes_of_names_are_passed_over_in_silence(kind):
    found = people_of(SCHEMES[kind] * 3, range(3 * len(SCHEMES[kind])))
    assert found[1] == () and len({*found[0]}) == len(SCHEMES[kind])


TAGS = [
    "condA condB", "d1 d2", ".1 .2", "-T0 -T1", "_T0 _T1", "T0 T1", "_pre _post", "_drug _placebo", "_on _off",
    "_s1 _s2", "s1 s2", "_rest _stress", "_m0 _m6 _m12", "_20210304 _20210412", "_2021-03-04 _2021-04-12", "-TP1 -TP2",
    "_treatment _control", "_exp1 _exp2", " A B", "w1 w2", "_HH _LL", "_online _lab",
]  # fmt: skip


@pytest.mark.parametrize("tags", TAGS)
@pytest.mark.parametrize("stem", ["S{}", "P{:02d}", "10{:02d}", "sub-{:03d}"])
def test_what_stands_behind_the_number_of_a_person_is_said(tags, stem):
    for people in (1, 2, 12):
        groups = [tuple(stem.format(i) + tag for tag in tags.split()) for i in range(1, people + 1)]
        assert alike_people([name for group in groups for name in group]) == groups
    # Several rows of each in a study where others have one name only.
    assert alike_people([*groups[0], *groups[1], *groups[0], stem.format(17)]) == groups[:2]


def test_conditions_before_or_behind_names_without_numbers_are_said():
    crossed = ["anna_drug", "anna_placebo", "ben_drug", "ben_placebo"]
    assert alike_people(crossed) == [tuple(crossed[:2]), tuple(crossed[2:])]
    assert alike_people(["condA_S1", "condB_S1", "condA_S2"]) == [("condA_S1", "condB_S1")]
    assert alike_people(["pre_S1", "post_S1", "pre_S2", "post_S2"]) == [("pre_S1", "post_S1"), ("pre_S2", "post_S2")]


@pytest.mark.parametrize("kind", SILENT)
def test_usual_names_of_different_people_are_not_suspected(kind):
    assert alike_people(SILENT[kind]) == []


def test_sessions_of_two_people_are_two_groups():
    names = ["sub-01_ses-01", "sub-01_ses-02", "sub-02_ses-01", "sub-02_ses-02"]
    assert alike_people(names) == [tuple(names[:2]), tuple(names[2:])]
