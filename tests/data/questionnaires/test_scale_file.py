"""Scoring files: the ready keys are the published ones, and what is wrong in a file is said with its key and line."""

from pathlib import Path

import numpy as np
import pytest

from mien.core.errors import InputError
from mien.data.questionnaires.scale import expanded
from mien.data.questionnaires.scale_file import READY, read_scale, scale_of

GOOD = """title = "Mood"
items = "q{1..4}"
range = [1, 5]
reversed = [2]
source = "made up"

[[subscale]]
name = "low"
items = [1, 2]
cut_offs = [4, 6]
bands = ["a", "b", "c"]

[[subscale]]
name = "high"
items = ["q3", "q4"]
max_missing = 1
"""


@pytest.mark.parametrize(
    ("scale", "subscale", "from_band"),
    [
        ("dass-21", "depression", {0: "normal", 9: "normal", 10: "mild", 13: "mild", 14: "moderate", 20: "moderate",
                                   21: "severe", 27: "severe", 28: "extremely severe", 42: "extremely severe"}),
        ("dass-21", "anxiety", {7: "normal", 8: "mild", 9: "mild", 10: "moderate", 14: "moderate", 15: "severe",
                                19: "severe", 20: "extremely severe"}),
        ("dass-21", "stress", {14: "normal", 15: "mild", 18: "mild", 19: "moderate", 25: "moderate", 26: "severe",
                               33: "severe", 34: "extremely severe"}),
        ("phq-9", "total", {0: "minimal", 4: "minimal", 5: "mild", 10: "moderate", 15: "moderately severe",
                            19: "moderately severe", 20: "severe", 27: "severe"}),
        ("gad-7", "total", {4: "minimal", 5: "mild", 9: "mild", 10: "moderate", 15: "severe", 21: "severe"}),
    ],
)  # fmt: skip
def test_bands_begin_where_they_were_published(scale: str, subscale: str, from_band: dict[int, str]) -> None:
    one = next(part for part in read_scale(scale).subscales if part.name == subscale)
    assert one.band_of(np.array(list(from_band), float)).tolist() == list(from_band.values())


def test_every_item_of_the_dass_is_in_one_of_its_three_subscales() -> None:
    parts = {one.name: one for one in read_scale("dass-21").subscales}
    assert sorted(n for name in ("depression", "anxiety", "stress") for n in parts[name].items) == list(range(1, 22))
    assert parts["depression"].items == (3, 5, 10, 13, 16, 17, 21)
    assert all(one.factor == 2 for one in parts.values())


@pytest.mark.parametrize("name", READY)
def test_ready_scales_have_a_source_and_no_wording(name: str) -> None:
    scale = read_scale(name.upper().replace("-", "_"))
    assert scale.name == name and scale.source and scale.licence
    assert all(item.split("_")[1].isdigit() for item in scale.items)


def test_a_file_is_read() -> None:
    scale = scale_of(GOOD, "mood", "mood.toml")
    assert scale.items == ("q1", "q2", "q3", "q4") and scale.subscales[1].items == (3, 4)
    turned = scale.turned(np.array([[1.0, 1, 1, 1]]))
    assert turned.tolist() == [[1, 5, 1, 1]]


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('items = "q{1..4}"', "", "line 1: 'items' names the columns"),
        ("range = [1, 5]", "range = [5, 1]", "line 3: 'range' is the least and the highest answer"),
        ("reversed = [2]", "reversed = [5]", "line 4: 'reversed' holds 5, but there are the items 1 to 4"),
        ("reversed", "revrsed", "line 4: 'revrsed' is not known. Did you mean 'reversed'?"),
        ("[4, 6]", "[6, 4]", "line 10, [[subscale]] 1: 'cut_offs' has to rise"),
        ("[4, 6]", "[4, 60]", "line 10, [[subscale]] 1: 'cut_offs' holds 60, but 'low' goes from 2 to 10"),
        ('"b", "c"', '"b"', "line 11, [[subscale]] 1: 'bands' needs one name more"),
        ("max_missing = 1", "max_missing = 2", "line 16, [[subscale]] 2: 'max_missing' is a whole number from 0 to 1"),
        ('"q3", "q4"', '"q3", "q9"', "line 15, [[subscale]] 2: 'items' holds 'q9'"),
        ('"high"', '"LOW"', "line 14, [[subscale]] 2: 'name' names 'low' a second time"),
        ("max_missing = 1", "factor = 0", "line 16, [[subscale]] 2: 'factor' has to be above 0"),
        ("range = [1, 5]", "range = [1, 5", "no TOML"),
        ('title = "Mood"', "title = 5", "line 1: 'title' is a text"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_with_key_and_line(old: str, new: str, said: str) -> None:
    assert old in GOOD
    with pytest.raises(InputError, match=r"mood\.toml") as error:
        scale_of(GOOD.replace(old, new), "mood", "mood.toml")
    assert said in str(error.value)


def test_names_that_are_no_scale_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="Did you mean 'phq-9'"):
        read_scale("phq9")
    (tmp_path / "odd.toml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(InputError, match="cannot be read as a scoring file"):
        read_scale(tmp_path / "odd.toml")


def test_patterns_keep_zeros() -> None:
    assert expanded("a_{09..11}_x, b") == ("a_09_x", "a_10_x", "a_11_x", "b")
