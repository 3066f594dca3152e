"""Tables of fixations: columns by their names, units, screens; what does not fit is refused in a sentence."""

from pathlib import Path

import cv2
import numpy as np
import pytest

import mien
from mien.core.errors import InputError
from mien.core.fixations import Fixations


def table(folder: Path, text: str, name: str = "looked.csv") -> Path:
    path = folder / name
    path.write_text(text)
    return path


def test_columns_are_read_by_usual_names_or_a_mapping_and_times_in_their_units(tmp_path: Path) -> None:
    usual = table(tmp_path, "image,participant,x,y,duration,onset_ms\na.png,1,10.5,20,250,0\na.png,2,30,40,180,100\n")
    found = mien.read_fixations(usual, picture_size=(80, 60))
    assert found.viewer.tolist() == ["1", "2"] and found.duration_s.tolist() == [0.25, 0.18]
    assert found.onset_s.tolist() == [0, 0.1] and found.sizes == {"a.png": (80, 60)}
    assert found.notes == ("'duration' was read as milliseconds: its median is 215.",)
    own = table(tmp_path, "Bild;Vp;X-Pos;Y-Pos\na.png;v1;10,5;20\n", "own.csv")
    mapped = mien.read_fixations(
        own, columns={"picture": "Bild", "viewer": "Vp", "x": "X-Pos", "y": "Y-Pos"}, picture_size="80x60"
    )
    assert mapped.x_px.tolist() == [10.5] and np.isnan(mapped.duration_s).all()


@pytest.mark.parametrize(
    ("text", "settings", "sentence"),
    [
        ("image,x,y\na.png,1,2\n", {}, r"has no column 'viewer' \(who looked\)"),
        ("image,viewer,x,y\na.png,v,1,oben\n", {}, "row 2: 'oben' in 'y' is no number"),
        ("image,viewer,x,y\na.png,,1,2\n", {}, "row 2: 'viewer' is empty"),
        ("image,viewer,x,y\na.png,v,,\n", {}, "no row has coordinates"),
        ("image,viewer,x,y\n", {}, "has a header but no rows"),
        ("image,viewer,x,y\na.png,v,1,2\n", {"picture_size": None}, "the size of the pictures is not known"),
        ("image,viewer,x,y\na.png,v,1,2\n", {"picture_size": "big"}, "a size is a width and a height in pixels"),
        ("image,viewer,x,y\na.png,v,.5,.2\na.png,v,.9,.1\n", {}, "seem to be shares of the picture"),
        ("image,viewer,x,y\na.png,v,900,500\na.png,v,40,30\n", {}, r"50 % of the fixations lie outside .*\(900, 500\)"),
        ("image,viewer,x,y\na.png,v,1,2\n", {"screen": "160x120"}, "nothing is moved without it"),
        ("image,viewer,x,y\na.png,v,1,2\n", {"shown": "fit"}, "give the size of the screen"),
        ("image,viewer,x,y\na.png,v,1,2\n", {"columns": {"z": "x"}}, "'z' is none of picture, viewer"),
        ("image,viewer,x,y\na.png,v,1,2\n", {"columns": {"onset": "t"}}, "has no column 't'"),
        ("image,viewer,x,y,width,height\na.png,v,1,2,80,60\na.png,v,1,2,90,60\n", {"picture_size": None},
         "row 3: 'a.png' has another size"),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_refused_in_a_sentence(tmp_path: Path, text: str, settings: dict, sentence: str) -> None:
    with pytest.raises(InputError, match=sentence):
        mien.read_fixations(table(tmp_path, text), **{"picture_size": "80x60", **settings})


def test_rows_without_coordinates_are_left_out_and_few_outside_stay_where_they_are(tmp_path: Path) -> None:
    rows = "".join(f"a.png,v,{i},2\n" for i in range(9))
    found = mien.read_fixations(
        table(tmp_path, f"image,viewer,x,y\n{rows}a.png,v,95,2\na.png,v,NA,2\n"), picture_size="80x60"
    )
    assert len(found) == 10 and found.x_px[-1] == 95 and found.inside.sum() == 9
    assert found.notes == ("1 of 11 rows without coordinates were left out.",)


def test_pixels_of_a_picture_that_are_said_to_be_those_of_a_screen_are_refused(tmp_path: Path) -> None:
    rows = "".join(f"a.png,v,{i},{i}\n" for i in range(10, 60))
    path = table(tmp_path, f"image,viewer,x,y\n{rows}")
    with pytest.raises(InputError, match=r"60 % of the fixations lie outside .* leave the screen out"):
        mien.read_fixations(path, picture_size="80x60", screen="160x120", shown="centre")


def test_all_in_one_quarter_and_rows_that_repeat_others_are_said(tmp_path: Path) -> None:
    rows = "".join(f"a.png,v,{1 + i % 39},{1 + i % 29},{i}\n" for i in range(60))
    small = mien.read_fixations(table(tmp_path, f"image,viewer,x,y,onset_ms\n{rows}"), picture_size="80x60")
    assert len(small.notes) == 1 and "100 % of the fixations lie in the top left quarter" in small.notes[0]
    twice = mien.read_fixations(table(tmp_path, f"image,viewer,x,y,onset_ms\n{rows}{rows}"), picture_size="40x30")
    assert len(twice.notes) == 1 and "60 of 120 fixations are listed twice" in twice.notes[0]


@pytest.mark.parametrize("code", [0, -1, -32768])
def test_places_that_are_a_code_for_nothing_seen_are_left_out_and_so_are_viewers_without_others(tmp_path, code):
    rows = "".join(f"a.png,v,{i + 1},{i + 2}\n" for i in range(40)) + f"a.png,w,{code},{code}\n" * 2
    found = mien.read_fixations(table(tmp_path, f"image,viewer,x,y\n{rows}"), picture_size="80x60")
    assert len(found) == 40 and set(found.viewer) == {"v"}
    assert found.notes[0].startswith("2 of 42 fixations lie at the same place that is none")
    assert found.notes[1] == "Of 2 viewers 1 have no fixation with a place; they are left out."


@pytest.mark.parametrize(
    ("shown", "corner"),
    [("fill", (0, 0)), ("fit", (0, 0)), ("centre", (40, 30)), ("40,30,80x60", (40, 30)), ("0,0,40x30", (0, 0))],
)
def test_screens_are_mapped_as_was_said(tmp_path: Path, shown: str, corner: tuple[int, int]) -> None:
    """The corner of the picture on the screen is its corner, and its middle its middle."""
    middle = {"0,0,40x30": (20, 15)}.get(shown, (80, 60))
    path = table(tmp_path, f"image,viewer,x,y\na.png,v,{corner[0]},{corner[1]}\na.png,v,{middle[0]},{middle[1]}\n")
    found = mien.read_fixations(path, picture_size="80x60", screen="160x120", shown=shown)
    np.testing.assert_allclose(np.stack([found.x_px, found.y_px], 1), [[0, 0], [40, 30]])
    assert "a screen of 160 x 120 pixels" in found.notes[0]


def test_sizes_come_from_the_files_and_a_lost_picture_is_named(tmp_path: Path) -> None:
    (tmp_path / "photos").mkdir()
    cv2.imwrite(str(tmp_path / "photos/a.png"), np.zeros((60, 80, 3), np.uint8))
    found = mien.read_fixations(
        table(tmp_path, "image,viewer,x,y\na,v,1,2\n"), pictures=tmp_path / "photos", pixels_per_degree=30
    )
    assert found.sizes == {"a": (80, 60)} and found.pixels_per_degree == 30
    with pytest.raises(InputError, match=r"has no picture 'b\.png', on which there are fixations"):
        mien.read_fixations(table(tmp_path, "image,viewer,x,y\nb.png,v,1,2\n"), pictures=tmp_path / "photos")
    with pytest.raises(InputError, match="'haxby' has no fixations; those that have: osie"):
        mien.read_fixations("haxby:")


def test_fixations_check_themselves() -> None:
    size = {"a": (8, 6)}
    with pytest.raises(InputError, match="the size of 'b' is not known"):
        Fixations(["b"], ["v"], [1], [1], sizes=size)
    with pytest.raises(InputError, match="has to be finite"):
        Fixations(["a"], ["v"], [np.nan], [1], sizes=size)
    with pytest.raises(InputError, match="row 1 lasts less than nothing"):
        Fixations(["a"], ["v"], [1], [1], [-0.1], sizes=size)
    with pytest.raises(InputError, match="row 1 has no viewer"):
        Fixations(["a"], [""], [1], [1], sizes=size)
    found = Fixations(["a", "a", "a"], ["v", "w", "v"], [1, 2, 3], [1, 1, 1], sizes=size)
    assert found.order.tolist() == [0, 0, 1] and len(found[found.viewer == "v"]) == 2
