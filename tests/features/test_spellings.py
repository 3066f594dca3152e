"""A sample finds its faces under another ending, in other letters, from another tool's folder; never another's."""

import unicodedata

import numpy as np
import pytest

from mien.core.errors import InputError
from mien.core.faces import Faces
from mien.core.samples import Samples
from mien.features.match import example, rows_of_samples


def sources_of(paths, sources):
    samples = Samples(path=np.array(paths, object), subject=np.array(["p"] * len(paths), object))
    faces = Faces.build(len(sources), topology="ibug-68", source=np.array(sources, object))
    return [sources[rows[0]] if len(rows) else None for rows in rows_of_samples(samples, faces)]


@pytest.mark.parametrize(
    ("path", "source"),
    [
        ("videos/S00.mp4", "processed/S00"), ("S00.csv", "processed/S00"), ("folder/S00.csv", "processed/S00"),
        ("S00", "videos/S00.mp4"), ("B.png", "pics/B.PNG"), ("B", "pics/B.PNG"), ("pics/B.jpg", "pics/B.png"),
        (unicodedata.normalize("NFC", "Müller.png"), unicodedata.normalize("NFD", "pics/Müller.png")),
        ("pics\\B.png", "pics/B.png"),
    ],
)  # fmt: skip
def test_one_file_under_two_spellings(path, source):
    assert sources_of([path], [source]) == [source]


def test_exact_names_come_first_and_nobody_takes_what_another_has():
    assert sources_of(["a.jpg", "a.png"], ["pics/a.png"]) == [None, "pics/a.png"]
    assert sources_of(["a.jpg", "a.png"], ["pics/a.png", "pics/a.jpg"]) == ["pics/a.jpg", "pics/a.png"]


@pytest.mark.parametrize(
    ("paths", "sources"),
    [
        (["S00.jpg"], ["S00.mp4"]),  # a picture is no film
        (["smiling/1.jpg"], ["neutral/1.jpg"]),  # nor another folder's
        (["smiling/1.jpg", "neutral/1.jpg"], ["processed/1"]),  # whose?
        (["P01.happy"], ["P01.sad"]),  # no ending at all
        (["S01.mp4"], ["processed/S02"]),
    ],
)
def test_what_only_looks_alike_is_not_taken(paths, sources):
    assert sources_of(paths, sources) == [None] * len(paths)


def test_two_that_fit_equally_well_are_told():
    with pytest.raises(InputError, match="fits 2 sources equally well"):
        sources_of(["a"], ["a.jpg", "a.png"])
    with pytest.raises(InputError, match="fit two samples"):
        sources_of(["a.jpg", "a.png"], ["a.tif"])


def test_an_example_of_each_side_is_told():
    samples = Samples(path=np.array(["S01.mp4"], object), subject=np.array(["p"], object))
    faces = Faces.build(1, topology="ibug-68", source=np.array(["out/P7"], object))
    assert example(samples, faces) == "The samples are called 'S01.mp4', the faces 'out/P7'."


def test_facereaders_log_belongs_to_its_film():
    assert sources_of(["videos/P1_smile.mp4"], ["logs/P1_smile_detailed"]) == ["logs/P1_smile_detailed"]
