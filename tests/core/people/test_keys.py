"""Folds never share a person: every spelling of one name is one person, and two names stay two."""

import unicodedata

import numpy as np
import pytest

from mien.core.labels import same_labels
from mien.core.people.keys import known_people, person_key, same_people
from mien.core.people.unknown import says_unknown
from mien.core.samples import Samples
from mien.stats.folds import subject_folds
from mien.stats.subjects import subject_means

ONE_PERSON = [
    ["001", "1", "01", "1.0", "1.00", "1,0", " 1 ", "+1", "\uff11", "\u0661"],  # the last two are one in other scripts
    ["VP1", "vp1", "Vp 1", "VP_1", "VP-01", "VP.001", "v\u200bp1"],
    ["sub-01", "sub_01", "sub 01", "sub\u201301", "sub\u22121", "SUB\u00a01", "sub01"],
    ["J\u00f6rg1", "Jo\u0308rg1", "J\u00d6RG 1", "j\u00f6rg_01"],
    ["100000", "1.0E+05", "1E+05"],
    ["O'Brien", "O\u2019Brien", "obrien"],
    ["STRASSE 1", "stra\u00dfe 1"],
    ["P1_2", "p1-2", "P01 02"],
]
OTHERS = ["S1", "S11", "P1_2", "P12", "15", "1.5", "1", "10", "sub-1", "0", "a", "b", "A+", "1a", "a1", "-1"]
OTHERS += ["1.05", "1.005", "10.5", "2.10", "2.1", "P3.05", "P3.5"]


@pytest.mark.parametrize("names", ONE_PERSON, ids=lambda names: ascii(names[0]))
def test_spellings_of_one_name_are_one_person(names):
    assert len({person_key(name) for name in names}) == 1
    found, notes = same_people(names)
    assert set(found) == {unicodedata.normalize("NFC", names[0].strip())}
    assert names[0] in notes[0] and "If they are two" in notes[0]


def test_names_that_differ_stay_apart():
    assert len({person_key(name) for name in OTHERS}) == len(OTHERS)
    found, notes = same_people(OTHERS)
    # Nothing is joined, but some may be spellings of one, which is said.
    assert list(found) == OTHERS and len(notes) == 1
    assert "may be one person but count as several: " in notes[0] and "'P1_2' and 'P12'" in notes[0]


def test_unicode_forms_and_spaces_are_not_told_as_they_look_the_same():
    assert same_people(["J\u00f6rg", "Jo\u0308rg ", "Ann"])[1] == ()


def test_samples_folds_and_means_know_one_person_however_spelt():
    samples = Samples(path=list("abcd"), subject=["001", "1", "VP_2", "vp2"])
    assert list(samples.subject) == ["001", "001", "VP_2", "VP_2"]
    assert "'001' and '1'; 'VP_2' and 'vp2'" in samples.notes[0]
    assert samples[1:].notes == samples.notes
    names = ["%03d", "%d", "%d.0"]
    spelt = [form % k for k in range(8) for form in names]
    for train, test in subject_folds(spelt, scheme="grouped", n_folds=4):
        assert not {k // 3 for k in train} & {k // 3 for k in test}
    assert subject_means([1, 3, 10], ["1", "01", "2"]).tolist() == [2, 10]


@pytest.mark.parametrize("word", ["", "NA", "n/a", "unknown", "Unknown", "not known", "?", None, float("nan"), "-"])
def test_nobody_knows(word):
    # 'NA' may be initials, where a reader of tables has not said that the cell is empty.
    assert says_unknown(word) or word == "NA"
    assert list(known_people([word, "P1", "p1"])[0]) == ["", "P1", "P1"]


def test_rows_of_unknown_people_are_people_of_their_own():
    samples = Samples(path=list("abcde"), subject=["P", "unknown", "Unknown", "?", "NA"])
    assert len(set(samples.subject)) == 5 and samples.subject[4] == "NA"  # which may be initials
    assert "'NA' (1 row) may mean that nobody knows who is shown" in samples.notes[1]
    assert "unknown in 3 rows, such as 'b'" in samples.notes[0]
    again = samples[np.array([3, 1])]
    assert list(again.subject) == [samples.subject[3], samples.subject[1]] and again.notes == samples.notes


def test_spellings_of_one_class_are_joined_and_told():
    given = ["Happy", "happy", "happy ", "fr\u00f6hlich", "fro\u0308hlich", "very_sad", "Very sad", "01", "1.0", ""]
    found, notes = same_labels(given, "face")
    assert list(found) == ["happy"] * 3 + ["fr\u00f6hlich"] * 2 + ["very_sad"] * 2 + ["01", "01", ""]
    assert "In the column 'face', 'happy' and 'Happy'; 'very_sad' and 'Very sad'; '01' and '1.0' are taken" in notes[0]
    samples = Samples(path=list("ab"), subject=list("PQ"), labels={"x": ["Happy", "happy"]})
    assert len(set(samples.labels["x"])) == 1 and "one class" in samples.notes[0]


def test_labels_whose_signs_or_short_codes_differ_stay_apart():
    found, notes = same_labels(["-1", "1", "HIV-", "HIV+", "HIV", "1.5", "15"], "code")
    assert len(set(found)) == 7 and notes == ()
    found, notes = same_labels(["AA", "Aa", "aa"], "genotype")
    assert len(set(found)) == 3 and "count as different classes; if they are one, write them alike" in notes[0]
