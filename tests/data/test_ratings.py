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
