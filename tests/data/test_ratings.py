"""Single ratings from files and data sets."""

import gzip

import numpy as np
import pytest

from mien.core.errors import InputError
from mien.data.ratings import read_single_ratings
from mien.data.samples import read_samples

TEXT = "path,attribute,rating,rater,rating_type\na.png,kind,3,p,normal\na.png,kind,,q,normal\nb.png,kind,5,p,repeat\n" \
    "b.png,old,7,q,normal\n"  # fmt: skip


def test_rows_with_a_first_rating_are_kept(tmp_path):
    plain, packed = tmp_path / "r.csv", tmp_path / "r.csv.gz"
    plain.write_text(TEXT)
    packed.write_bytes(gzip.compress(TEXT.encode()))
    for path in (plain, packed):
        found = read_single_ratings(str(path))
        assert list(found.item) == ["a.png", "b.png"] and list(found.value) == [3.0, 7.0]
        assert found.attributes == ("kind", "old") and list(found.of("old").rater) == ["q"]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("path,rating\na,1\n", "no column 'attribute'"),
        ("face,attribute,rating\na,kind,1\n", "no column 'path'.*'face'"),
        ("path,attribute,rating\na,kind,high\n", "row 2: the rating 'high'"),
    ],
)
def test_wrong_tables_are_told_in_a_sentence(tmp_path, text, words):
    (tmp_path / "r.csv").write_text(text)
    with pytest.raises(InputError, match=words):
        read_single_ratings(str(tmp_path / "r.csv"))


def test_damaged_and_missing_files_are_told_in_a_sentence(tmp_path):
    (tmp_path / "r.csv.gz").write_bytes(b"no gzip")
    with pytest.raises(InputError, match="no gzip file"):
        read_single_ratings(str(tmp_path / "r.csv.gz"))
    with pytest.raises(InputError, match="does not exist"):
        read_single_ratings(str(tmp_path / "absent.csv.gz"))


def test_london_single_ratings_have_the_means_of_the_samples(shared_data):
    folder = shared_data("london")
    found = read_single_ratings(f"london:{folder}")
    samples = read_samples(f"london:{folder}")
    assert len(set(found.rater)) == 2513
    for path in ("neutral/001.jpg", "neutral/140.jpg"):
        rated = samples.ratings["attractiveness"][samples.path == path]
        np.testing.assert_allclose(found.value[found.item == path].mean(), rated[0], atol=0.001)


LONG = (
    "path,subject,sex,attribute,rating,rater,age\n"
    "a.png,p,f,kind,3,x,20\na.png,p,f,kind,5,y,30\na.png,p,f,old,1,x,20\n"
    "b.png,q,m,kind,2,x,20\nb.png,q,m,kind,,y,30\nb.png,q,m,old,7,y,30\n"
)
WIDE = (
    "path,subject,sex,rater,age,kind,old\na.png,p,f,x,20,3,1\na.png,p,f,y,30,5,\nb.png,q,m,x,20,2,\nb.png,q,m,y,30,,7\n"
)


@pytest.mark.parametrize("text", [LONG, WIDE])
def test_samples_of_a_table_of_single_ratings_have_their_means(tmp_path, text):
    (tmp_path / "r.csv").write_text(text)
    samples = read_samples(tmp_path / "r.csv")
    assert list(samples.path) == ["a.png", "b.png"] and list(samples.subject) == ["p", "q"]
    assert list(samples.labels["sex"]) == ["f", "m"] and set(samples.ratings) == {"kind", "old"}
    np.testing.assert_array_equal(samples.ratings["kind"], [4, 2])
    np.testing.assert_array_equal(samples.ratings["old"], [1, 7])


def read(tmp_path, text):
    (tmp_path / "r.csv").write_text(text)
    return read_samples(tmp_path / "r.csv")


def test_what_was_taken_as_ratings_is_told(tmp_path):
    told = "Means of 5 single ratings by 2 raters; taken as ratings: 'kind', 'old'. Not read: 'age'."
    assert read(tmp_path, LONG).notes == read(tmp_path, WIDE).notes == (told,)


def test_a_rater_who_repeats_an_answer_does_not_hide_an_attribute(tmp_path):
    """Nearly every rater rated once: that one rater gave two equal answers says nothing about a column."""
    rows = [f"{i}.png,p{i},r{i},{i % 7}" for i in range(20)] + ["20.png,p20,r0,0", "21.png,p21,r0,0"]
    samples = read(tmp_path, "path,subject,rater,happy\n" + "\n".join(rows))
    assert list(samples.ratings) == ["happy"] and len(samples) == 22


def test_one_rater_counts_once_per_picture(tmp_path):
    """x rated a.png twice: 1 and 3; y once: 6. The mean is that of 2 and 6."""
    head = "path,subject,attribute,rating,rater\n"
    rest = "b.png,q,kind,5,x\nb.png,q,kind,5,y\n"
    text = head + "a.png,p,kind,1,x\na.png,p,kind,6,y\na.png,p,kind,3,x\n" + rest
    assert list(read(tmp_path, text).ratings["kind"]) == [4, 5]
    assert len(read_single_ratings(str(tmp_path / "r.csv")).value) == 4
    # Nobody knows whether unknown raters are one.
    assert list(read(tmp_path, text.replace(",x\n", ",\n")).ratings["kind"]) == [10 / 3, 5]


def test_both_forms_hold_the_same_single_ratings(tmp_path):
    held = []
    for name, text in (("long", LONG), ("wide", WIDE)):
        (tmp_path / f"{name}.csv").write_text(text)
        found = read_single_ratings(str(tmp_path / f"{name}.csv"))
        held.append(sorted(zip(found.item, found.attribute, found.rater, found.value, strict=True)))
    assert held[0] == held[1] and len(held[0]) == 5


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (LONG.replace("y,30\na.png,p,f,old", "y,30\na.png,q,f,old"), "row 4 names another subject for 'a.png'"),
        (LONG.replace("b.png,q,m,kind,2", "b.png,q,m,kind,two"), "row 5: the rating 'two' is no number"),
        (LONG.replace("sex", "kind"), "an attribute 'kind' and a column of that name"),
        ("path,subject,rater,word\na.png,p,x,yes\na.png,p,y,no\n", "no column of numbers that could be ratings"),
        (LONG.replace("subject", "who"), "no column 'subject'"),
        (LONG.replace("old,1", ",1"), "row 4 has a rating but no 'attribute'"),
        (LONG.replace("kind,3", "kind,1_000"), "row 2: the rating '1_000' is no number"),
        (LONG.replace("kind,3", "kind,inf"), "row 2: the rating 'inf' is no number"),
        (LONG.replace("sex", "rating_type").replace(",f,", ",slider,"), "row 2 has the rating_type 'slider'"),
    ],
)
def test_single_ratings_that_cannot_be_averaged_are_told(tmp_path, text, words):
    (tmp_path / "r.csv").write_text(text)
    with pytest.raises(InputError, match=words):
        read_samples(tmp_path / "r.csv")
