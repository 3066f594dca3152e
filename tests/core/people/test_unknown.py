"""Who is not known is nobody's second self: such rows are told, and codes are judged by the other names."""

import pytest

from mien.core.people.keys import known_people
from mien.core.people.unknown import own_person, unknown_among, unknown_notes
from mien.core.people.words import apart_words, people_facts, who_words
from mien.core.samples import Samples

NUMBERS = [str(number) for number in range(1, 13)] * 2
WORDS = [
    "N.N.", "n. n.", "k.A.", "keine Angabe", "o.A.", "n/a", "N/A", "none", "NULL", "anonymous", "Anonym", "anon", "tbd",
    "unknown person", "Unknown_subject", "unknown-id", "person unbekannt", "Unbekannte Person", "not recorded", "no id",
    "<unknown>", "(unbekannt)", "unknown?", "???", "--", "\u2013", "inconnu", "desconocido", "unk", "un\u200bknown",
    " ",
]  # fmt: skip


@pytest.mark.parametrize("word", WORDS, ids=ascii)
def test_words_for_nobody_make_each_row_a_person_of_its_own(word):
    samples = Samples(path=list("abcd"), subject=["P1", word, word, "P2"])
    assert len(set(samples.subject)) == 4
    assert "unknown in 2 rows, such as 'b'" in samples.notes[0] and "in training and test" in samples.notes[0]


@pytest.mark.parametrize("name", ["unknown1", "Anonda", "Nan", "Tbda", "N. Nolte", "Missy", "person 1", "id7", "X1"])
def test_names_that_only_resemble_such_words_are_people(name):
    assert unknown_among(["P1", name, name, "P2"]).sure == {}


@pytest.mark.parametrize(
    ("others", "name", "sure"),
    [
        (NUMBERS, "999", True),
        (NUMBERS, "-9", True),
        (NUMBERS, "-9.0", True),
        (NUMBERS, "99", True),
        (["P1", "P2", "P2"], "9999", True),
        (["101", "102", "240"], "999", True),
        ([str(n) for n in range(1, 99)], "99", None),  # the next number
        ([str(n) for n in range(1, 1201)], "999", None),
        ([str(n) for n in range(1, 81)], "99", False),  # near, but not next
        ([str(n) for n in range(1, 1201)] * 2, "999", None),
        (["0", "1", "2"] * 3, "0", None),
        (["-1", "-2", "-3", "-4"], "-5", None),
        (["P1", "P2"], "x", True),
        (["P1", "P2"], "XX", True),
        (["P1", "P2"], "NN", True),
        (list("abcde"), "x", False),
        (["KL", "KM", "TM", "YM"], "KA", None),
        (["KL", "KM", "TM", "YM"], "NA", None),
    ],
)
def test_codes_are_judged_by_the_other_names(others, name, sure):
    found = unknown_among([*others, name, name])
    assert (name in found.sure, name in found.doubtful) == (sure is True, sure is False)


def test_a_number_in_many_more_rows_than_any_person_is_told():
    people = [str(n) for n in range(1, 99)] * 2
    assert unknown_among([*people, *["99"] * 20]).sure == {"99": 20}
    assert unknown_among([*people, "120", *["99"] * 20]).doubtful == {"99": 20}
    assert unknown_among([*people, *["0"] * 20]).doubtful == {"0": 20}


def test_notes_name_what_was_written_and_how_often():
    notes = Samples(path=list("abcde"), subject=["1", "2", "999", "999", ""]).notes
    assert "unknown in 3 rows" in notes[0] and "(written an empty cell, '999')" in notes[0]
    assert "If '999' is a person, name that person otherwise" in notes[0]
    doubt = Samples(path=list("abcd"), subject=["a", "b", "x", "x"]).notes
    assert "'x' (2 rows) may mean that nobody knows who is shown, but counts as one person" in doubt[0]
    everywhere = Samples(path=list("abc"), subject=["", None, "unknown"]).notes
    assert len(everywhere) == 1 and "Nothing says who is shown" in everywhere[0]


def test_part_of_the_samples_keeps_the_people_of_the_whole():
    names = [*(str(n) for n in range(1, 1201)), "999"]
    samples = Samples(path=[str(n) for n in range(1201)], subject=names)
    few = samples[[0, 1, 2, 998, 1200]]
    assert list(few.subject) == ["1", "2", "3", "999", "999"]


def test_rows_of_arrays_that_say_nothing_are_no_news_but_codes_are():
    assert known_people(["", "P1", None])[1] == ()
    names, notes = known_people([*NUMBERS, "999"])
    assert names[-1] == "" and "1 rows, which say '999'" in notes[0]


def test_words_say_how_many_people_are_known():
    known = people_facts(["a", "a", "b"], 3)
    assert (
        who_words(known) == "3 samples of 2 people"
        and apart_words(known) == "no person is in training and test at once"
    )
    some = people_facts(["a", own_person("x"), "b"], 3)
    assert who_words(some, "clip") == "3 clips of 2 people and of 1 unknown"
    assert apart_words(some) == "no known person is in training and test at once, but an unknown one may be"
    nobody = people_facts([own_person("x"), own_person("y")], 2)
    assert who_words(nobody) == "2 samples (people unknown)" and "may be in training and test" in apart_words(nobody)
    assert "but an unknown one may be" in apart_words(people_facts(["a"], 1, learnt=[own_person("x")]))
    assert "unless names that are alike" in apart_words(people_facts(["sub-01", "1"], 2))
    assert "unless" in apart_words(people_facts(["sub-01"], 1, learnt=["1"]))
    assert "unless" not in apart_words(people_facts(["b"], 1, learnt=["sub-01", "1"]))


@pytest.mark.parametrize("name", [".", "-9", "999"])
def test_a_name_for_nobody_in_every_row_is_nobody(name: str) -> None:
    assert unknown_among([name] * 4).sure == {name: 4}


def test_the_word_for_a_person_in_many_rows_is_said() -> None:
    assert unknown_among(["participant"] * 3 + ["7", "8"]).doubtful == {"participant": 3}


PEOPLE = [f"P{i}" for i in range(1, 13)]


@pytest.mark.parametrize(
    "word",
    ["unknown female", "unknown (male)", "Unknown_Male", "female (unknown)", "#REF!", "#WERT!", "#NAME?", "#DIV/0!",
     "n.b.", "\u4e0d\u660e", "\u043d\u0435\u0438\u0437\u0432\u0435\u0441\u0442\u043d\u043e",
     "\u063a\u064a\u0631 \u0645\u0639\u0631\u0648\u0641", "\u0386\u03b3\u03bd\u03c9\u03c3\u03c4\u03bf\u03c2"],
    ids=ascii,
)  # fmt: skip
def test_nobody_is_known_in_other_languages_and_in_failed_formulas(word):
    assert unknown_among([*PEOPLE, *PEOPLE, word, word]).sure == {word: 2}


@pytest.mark.parametrize("word", ["unknown 1", "unknown1", "crowd", "Extra", "P?", "Anna?", "P99"])
def test_words_that_may_mean_nobody_are_said_where_they_come_again(word):
    found = unknown_among([*PEOPLE, *PEOPLE, word, word])
    assert found.doubtful == {word: 2} and not found.sure
    assert not unknown_among([*PEOPLE, word]).doubtful


@pytest.mark.parametrize(
    "word",
    ["nb", "mixed", "various", "multiple", "several", "participant", "Person", "all", "mehrere", "people", "Alle",
     "pilot", "Anna", "VP"],
)  # fmt: skip
def test_a_word_in_several_rows_among_numbered_people_is_said(word):
    found = unknown_among([*PEOPLE, *PEOPLE, word, word])
    assert found.doubtful == {word: 2} and not found.sure
    note = Samples(path=[str(i) for i in range(26)], subject=[*PEOPLE, *PEOPLE, word, word]).notes[0]
    assert f"'{word}' (2 rows) may mean that nobody knows" in note and "counts as one person" in note
    assert "or several people are meant, leave these cells empty" in note


@pytest.mark.parametrize("name", ["P0", "same", "mixed", "P1", "Anna", "subject", "sub-01", "video"])
@pytest.mark.parametrize("others", [[], ["P7"], ["P7", "P8", "P8"]])
def test_one_name_in_nearly_all_rows_is_said(name, others):
    found = unknown_among([name] * 20 + others)
    assert found.doubtful == {name: 20} and not found.sure


def test_a_number_nought_in_many_more_rows_than_any_person_is_said():
    assert unknown_among([*PEOPLE, *PEOPLE, *["P0"] * 9]).doubtful == {"P0": 9}
    assert not unknown_among([*PEOPLE, *PEOPLE, "P0", "P0"]).doubtful


def test_a_word_that_means_the_person_above_is_said():
    for word in ("same", "same person", "siehe oben"):
        note = unknown_notes(unknown_among([*PEOPLE, word, word]), 14, "")[0]
        assert f"'{word}' counts as one person's name, whatever stands in the row above" in note


def test_ditto_marks_are_said():
    found = unknown_among([*PEOPLE, '"', '"'])
    assert found.doubtful == {'"': 2}
    assert unknown_notes(found, 14, "")[0].endswith("if it means the person above, write the name out.")


@pytest.mark.parametrize(
    "names", [["Norman", "Noah", "Mann", "Kind", "Boyd"], ["P1", "P33", "P44", "P99"], [f"P{i}" for i in range(200)]]
)
def test_names_that_hold_such_words_are_people(names):
    found = unknown_among([*names, *names])
    assert not found.sure and not found.doubtful


def test_the_tenth_in_roman_numerals_is_somebody():
    assert not unknown_notes(unknown_among("I II III IV V VI VII VIII IX X XI XII".split() * 4), 48, "a")
    assert unknown_notes(unknown_among(["I", "Anna", "Ben", "X"] * 4), 16, "a")
