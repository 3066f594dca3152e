"""Figures for a paper: the width asked for, letters on panels, text in points, one caption that stands alone."""

import re
import xml.etree.ElementTree as ET

import numpy as np
import pytest
from PIL import Image
from typer.testing import CliRunner

import mien
from mien.cli.main import app
from mien.core.errors import InputError
from mien.report.draw.score_chart import confusion_chart, score_chart
from mien.stats.scores import Score


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    folder = tmp_path_factory.mktemp("figure")
    mien.synthesize(folder / "people", subjects=6, expressions=("neutral", "smile"), frames=8, seed=3)
    mien.train(folder / "people", target="expression", n_folds=3, output=folder / "study" / "models" / "mine")
    return folder / "study"


def test_drawings_are_listed_by_name(study):
    assert {"scores", "confusion-mine"} <= set(mien.figure(study))


def test_panels_have_letters_the_width_asked_for_and_a_caption_that_stands_alone(study, tmp_path):
    found = mien.figure(study, ["confusion-*", "scores"], tmp_path / "f.svg", width="single", per_row=1)
    assert found.names == ("confusion-mine", "scores") and found.width_mm == 85
    root = ET.fromstring((tmp_path / "f.svg").read_text(encoding="utf-8"))
    assert root.attrib["width"] == "85mm"
    words = [element.text for element in root.iter() if element.tag.endswith("text")]
    assert {"a", "b", "observed", "Balanced accuracy"} <= set(words)
    caption = (tmp_path / "f.txt").read_text(encoding="utf-8")
    assert caption.startswith("(a) Confusion of 'mine'") and "(b) Balanced accuracy" in caption


@pytest.mark.parametrize("width", ["single", 120])
def test_text_has_the_size_asked_for(study, width):
    assert mien.figure(study, "scores", width=width, font_size=7).smallest_pt == pytest.approx(7, abs=0.1)


def test_text_that_is_too_small_to_print_is_noted(study):
    assert "points" in mien.figure(study, "scores", width=40).notes[0]
    assert mien.figure(study, "scores", width="double").notes == ()


def test_pixels_have_the_size_and_resolution_asked_for(study, tmp_path):
    pytest.importorskip("pypdfium2")
    for end in ("png", "tiff"):
        found = mien.figure(study, "scores", tmp_path / f"f.{end}", width=100, dpi=300)
        with Image.open(tmp_path / f"f.{end}") as picture:
            assert picture.width == pytest.approx(100 / 25.4 * 300, abs=2)
            assert picture.height == pytest.approx(found.height_mm / 25.4 * 300, abs=2)
            assert round(picture.info["dpi"][0]) == 300
            assert np.asarray(picture.convert("L")).min() < 100


def test_pdf_holds_letters_as_letters(study, tmp_path):
    mien.figure(study, "confusion-mine", tmp_path / "f.pdf")
    assert (tmp_path / "f.pdf").read_bytes().startswith(b"%PDF")


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"what": "skores"}, "Did you mean 'scores'"),
        ({"what": "scores", "output": "f.gif"}, "f.gif"),
        ({"what": "scores", "width": "wide"}, "millimetres"),
        ({"what": "scores", "dpi": 5}, "dpi"),
    ],
)
def test_what_cannot_be_drawn_is_a_sentence(study, tmp_path, monkeypatch, given, said):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(InputError, match=said):
        mien.figure(study, **given)


def test_dots_intervals_and_chance_stand_where_they_belong():
    nan = float("nan")
    drawn = score_chart([("a", Score(0.5, 0.25, 0.75, 0.5)), ("b", Score(1.0, nan, nan, nan))], score="Accuracy")
    circles = [float(x) for x in re.findall(r'cx="([\d.]+)"', drawn)]
    line = re.search(r"M([\d.]+) [\d.]+H([\d.]+)", drawn)
    assert line is not None
    low, high = float(line[1]), float(line[2])
    assert circles[0] == pytest.approx((low + high) / 2, abs=0.1)
    assert circles[1] - circles[0] == pytest.approx(high - low, abs=0.1)
    assert drawn.count("stroke-dasharray") == 1


def test_shade_is_the_share_of_the_observed_class():
    drawn = confusion_chart(np.array([[3, 1], [0, 0]]), ["x", "y"], name="m")
    assert re.findall(r'fill-opacity="([\d.]+)"', drawn) == ["0.75", "0.25", "0", "0"]


def test_a_figure_is_written_over_one_of_before(study, tmp_path):
    for _ in range(2):
        done = CliRunner().invoke(app, ["figure", str(study), "scores", "-o", str(tmp_path / "again.svg")])
        assert done.exit_code == 0, done.output
