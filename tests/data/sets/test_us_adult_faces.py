"""The sheets of 10k US Adult Faces, made up in their layout: 40 attributes, hit and false-alarm rates."""

import numpy as np
import openpyxl
import pytest

from mien.core.errors import InputError
from mien.data.ratings import read_single_ratings
from mien.data.samples import read_samples

HEAD = "Filename,Image #,Number of Targets,Hits,Foils,Hit Rate,False Alarm Rate"


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "Face Images").mkdir()
    for name in ("a.jpg", "b.jpg", "c.jpg"):
        (tmp_path / "Face Images" / name).write_bytes(b"")
    sheet = HEAD.replace("Hits,", "")
    (tmp_path / "memorability.csv").write_text(f"{sheet}\na.jpg,1,80,80,0.75,0.25\nb.jpg,2,80,80,0.5,0.125\n")
    (tmp_path / "attributes.csv").write_text("image,happy,unhappy,note\nb.jpg,5.5,2,x\nc.jpg,NA,7.25,y\n")
    return tmp_path


def test_memorability_is_hit_rate_minus_false_alarms(folder):
    samples = read_samples(f"us-adult-faces:{folder}")
    assert list(samples.path) == [f"Face Images/{name}.jpg" for name in "abc"] and list(samples.subject) == list("abc")
    assert set(samples.ratings) == {"memorability", "hit rate", "false-alarm rate", "happy", "unhappy"}
    np.testing.assert_array_equal(samples.ratings["memorability"], [0.5, 0.375, np.nan])
    np.testing.assert_array_equal(samples.ratings["happy"], [np.nan, 5.5, np.nan])
    np.testing.assert_array_equal(samples.ratings["unhappy"], [np.nan, 2, 7.25])
    assert samples.root == folder and "Bainbridge" in samples.credit


def test_one_sheet_is_enough(folder):
    (folder / "memorability.csv").unlink()
    assert set(read_samples(f"us-adult-faces:{folder}").ratings) == {"happy", "unhappy"}


@pytest.mark.parametrize(
    ("file", "text", "words"),
    [
        ("memorability.csv", "Filename,HR1,Rest\na.jpg,0.5,0.5\n", "no column is called hit rate.*'HR1'"),
        ("memorability.csv", "Filename,Hit Rate,Hit Rate 2,FAR\na.jpg,1,1,0\n", "several columns could be the hit"),
        ("memorability.csv", "Filename,Hit Rate,FAR\na.jpg,75,25\n", "goes from 75 to 75"),
        ("memorability.csv", "Filename,Hit Rate,FAR\na.jpg,most,0\n", "row 2: 'Hit Rate' says 'most'"),
        ("memorability.csv", "Who,Hit Rate,FAR\na.jpg,1,0\n", "no column could name the pictures"),
        ("memorability.csv", "Filename,Hit Rate,FAR\na.jpg,1,0\na.jpg,1,0\n", "row 3 names 'a.jpg' again"),
        ("memorability.csv", "Filename,Hit Rate,FAR\nz.jpg,1,0\n", "such as 'z.jpg'"),
        ("attributes.csv", "image,note\na.jpg,kind\n", "has no column of numbers"),
        ("attributes.csv", "image,hit rate\na.jpg,3\n", "'hit rate' is in both sheets"),
    ],
)
def test_what_cannot_be_told_is_asked_for_in_a_sentence(folder, file, text, words):
    (folder / file).write_text(text)
    with pytest.raises(InputError, match=words):
        read_samples(f"us-adult-faces:{folder}")


def test_an_absent_set_is_told(tmp_path):
    with pytest.raises(InputError, match=r"neither memorability-scores\.xlsx nor psychology-attributes\.xlsx"):
        read_samples(f"us-adult-faces:{tmp_path}")
    with pytest.raises(InputError, match=r"has no psychology-attributes\.xlsx"):
        read_single_ratings(f"us-adult-faces:{tmp_path}")


def given_out(folder):
    """Workbooks in the layout that the database's read-me describes: three faces, two rows of raters each."""
    pictures = folder / "10k US Adult Faces Database" / "Face Images"
    pictures.mkdir(parents=True)
    names = ["a_oval.jpg", "b_oval.jpg", "c_oval.jpg"]
    for name in names:
        (pictures / name).write_bytes(b"")
    book = openpyxl.Workbook()
    book.active.append(["Filename", "Image #", "Hits", "Misses", "False Alarms", "Correct Rejections",
                        "Hit Rate (HR)", "False Alarm Rate (FAR)"])  # fmt: skip
    for row in (["a_oval.jpg", 1, 60, 20, 20, 60, 0.75, 0.25], ["b_oval.jpg", 2, 40, 40, 10, 70, 0.5, 0.125]):
        book.active.append(row)
    (folder / "Memorability Scores").mkdir()
    book.save(folder / "Memorability Scores" / "memorability-scores.xlsx")
    header = ["Filename", "Image #", "catch", "catchAns", "happy", "subage", "catch", "catchAns", "unhappy", "subage"]
    raters = [(1, 9, 2), (1, 7, None), (2, 4, 5), (2, 2, 7), (3, 6, 1), (3, 6, 3)]
    book = openpyxl.Workbook()
    book.active.title = "All Data"
    book.active.append(header)
    means = book.create_sheet("Final Values")
    means.append(header)
    for number, happy, unhappy in raters:
        book.active.append([names[number - 1], number, 3, 3, happy, 2, 1, 1, unhappy, None])
    for number, happy, unhappy in ((1, 8, 2), (2, 3, 6), (3, 6, 2)):
        means.append([names[number - 1], number, 3, 3, happy, 2, 1, 1, unhappy, None])
    book.create_sheet("StDev Values").append(header)
    (folder / "Full Attribute Scores" / "psychology attributes").mkdir(parents=True)
    book.save(folder / "Full Attribute Scores" / "psychology attributes" / "psychology-attributes.xlsx")
    return folder


def test_workbooks_are_read_as_they_are_given_out(tmp_path):
    samples = read_samples(f"us-adult-faces:{given_out(tmp_path)}")
    assert set(samples.ratings) == {"memorability", "hit rate", "false-alarm rate", "happy", "unhappy"}
    assert list(samples.path) == [f"10k US Adult Faces Database/Face Images/{name}_oval.jpg" for name in "abc"]
    np.testing.assert_array_equal(samples.ratings["memorability"], [0.5, 0.375, np.nan])
    np.testing.assert_array_equal(samples.ratings["unhappy"], [2, 6, 2])


def test_single_ratings_of_the_first_sheet_have_the_means_of_the_second(tmp_path):
    spec = f"us-adult-faces:{given_out(tmp_path)}"
    samples, found = read_samples(spec), read_single_ratings(spec)
    assert found.attributes == ("happy", "unhappy") and found.rater is None and len(found.value) == 11
    for attribute in found.attributes:
        for path, mean in zip(samples.path, samples.ratings[attribute], strict=True):
            chosen = (found.item == path) & (found.attribute == attribute)
            assert found.value[chosen].mean() == mean
