"""Figures for a paper: the width asked for, letters on panels, text in points, one caption that stands alone."""

import re
import xml.etree.ElementTree as ET

import numpy as np
import pytest
from PIL import Image
from typer.testing import CliRunner

import mien
from mien.cli.main import app
from mien.cohort.flow import Count, Exclusion, Flow, FlowStep
from mien.core.errors import ChoiceError, InputError
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
    for settings in ({}, {"font_size": 9}):
        said = mien.figure(study, "scores", width=25, **settings).notes[0]
        assert "points" in said
        # The note says which width would do.
        enough = float(re.search(r"width of (\d+) mm", said)[1])
        assert mien.figure(study, "scores", width=enough, **settings).notes == ()
    assert mien.figure(study, "scores", width="double").notes == ()


@pytest.mark.parametrize("size", [None, 7])
def test_long_names_stand_above_their_lines_in_a_column(size):
    from mien.report.draw.flow import flow_chart
    from mien.report.draw.score_chart import ScoredRow, interval_chart
    from mien.report.figure_layout import composed

    long = "a-model-with-a-rather-long-name-across-sites"
    rows, pairs = [(long, Score(0.5, 0.4, 0.6, 0.5))] * 3, [ScoredRow(long, 0.2, 0.1, 0.3, 0.0, "p = 0.02")]
    flow = Flow(Count(9, 9, {}), (FlowStep("Recordings checked", (Exclusion("too short", 1, 1),), Count(8, 8)),))
    for draw in (
        lambda narrow: score_chart(rows, score="Accuracy", narrow=narrow),
        lambda narrow: interval_chart(pairs, axis="difference", title="t", narrow=narrow),
        lambda narrow: flow_chart(flow, narrow=narrow),
    ):
        wide, narrow = draw(False), draw(True)
        made = composed([[wide, narrow]], [""], [], 70.0, size, None)
        assert made.smallest_pt == pytest.approx(7, abs=0.05) if size else made.smallest_pt > 4.9
        # All words are there, in the room that there is.
        words = [re.sub(r"\W", "", "".join(ET.fromstring(one).itertext())) for one in (wide, narrow)]
        assert sorted(words[0]) == sorted(words[1])
        assert composed([[wide, narrow]], [""], [], 178.0, None, None).svg.count(long) == wide.count(long)


def test_panels_have_text_of_one_size_and_bold_letters(study):
    found = mien.figure(study, ["scores", "confusion-mine", "calibration"], width="double", per_row=3)
    root = ET.fromstring(found.svg)
    sizes = []
    for panel in root.findall("{*}svg"):
        grown = float(panel.attrib["width"]) / float(panel.attrib["viewBox"].split()[2])
        text = [float(one.attrib["font-size"]) * grown for one in panel.iter("{http://www.w3.org/2000/svg}text")]
        sizes.append(max(text, key=text.count))
    assert max(sizes) < 1.4 * min(sizes)
    letters = [one for one in root.findall("{*}text") if one.text in ("a", "b", "c")]
    assert all(one.attrib["font-weight"] == "bold" for one in letters) and len(letters) == 3
    assert min(float(one.attrib["font-size"]) for one in letters) > min(sizes)


def test_panels_stand_below_each_other_where_text_would_be_too_small(study):
    narrow = mien.figure(study, ["scores", "calibration"], width=60)
    assert narrow.height_mm > 60 and narrow.smallest_pt >= 5 and narrow.notes == ()
    asked = mien.figure(study, ["scores", "calibration"], width=60, per_row=2)
    assert asked.height_mm < 60 and "fewer panels side by side" in asked.notes[0]


def test_larger_text_has_room_wherever_it_is_turned():
    from mien.report.draw import svg
    from mien.report.figure_text import with_text

    drawn = svg.picture(100, 60, svg.text(90, 50, "turned", size=10, transform="rotate(-52 90 50)"), title="t")
    left, top, width, height = (float(v) for v in re.search(r'viewBox="([^"]+)"', with_text(drawn, 3))[1].split())
    assert top < -15 and left + width > 130 and height > 75


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


def test_a_part_of_a_name_is_enough_where_only_one_has_it():
    from mien.report.figure_names import chosen

    there = ("scores", "scores-of-ratings", "confusion-mine", "evidence-mine-a", "evidence-mine-b", "observed-a")
    kinds = {"scores": there[:2], "confusion": there[2:3], "evidence": there[3:4]}

    def found(*asked):
        return chosen(asked, there, kinds, (*kinds, "maps"))

    # A kind is all of it, whatever a single drawing is called.
    assert found("scores") == ["scores", "scores-of-ratings"] and found("scores-of-ratings") == ["scores-of-ratings"]
    for part in ("confusion-m", "CONFUSION-mine", "fusion-mi", "confus", "*sion-*"):
        assert found(part) == ["confusion-mine"]
    assert found("obs", "scor", "observed-a") == ["observed-a", "scores", "scores-of-ratings"]
    with pytest.raises(ChoiceError, match="may be any of these") as refused:
        found("evidence-mine")
    assert refused.value.choices == ("evidence-mine-a", "evidence-mine-b") == tuple(found("*evidence-mine*"))
    with pytest.raises(ChoiceError, match=r"no drawing 'observt'. Did you mean 'observed-a'\?") as refused:
        found("observt")
    assert set(refused.value.choices) == {*there, "confusion", "evidence"}
    assert str(refused.value).count("\n") == len(refused.value.choices)
    for asked in ("maps", ""):
        with pytest.raises(InputError):
            found(asked)


def test_a_refusal_has_a_name_in_every_line(study):
    done = CliRunner().invoke(app, ["figure", str(study), "nonesuch", "-o", "f.svg"])
    assert "  confusion-mine" in done.output.splitlines()


def test_names_of_drawings_are_short_and_can_be_typed():
    from mien.report.figures import drawings_by_name
    from mien.report.page import safe

    def drawn(title):
        return safe(f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 300 200"><title>{title}</title></svg>')

    titles = ("Recordings by usable time, s", "Recordings by frames per second", "Recordings by usable frames")
    found = drawings_by_name(
        {
            "functionals": {"plots": [drawn(title) for title in titles]},
            "behaviour": [{"name": "trees: dass", "swarm": drawn("SHAP values of 55"), "more": drawn("Effects")}],
            "profiles": drawn("Gain over one group by number of groups"),
            "curves": [{"name": "Größe!", "curve": drawn("x")}, {"name": "笑", "curve": drawn("x")}],
            "same": [drawn("One"), drawn("One")],
        }
    )
    assert list(found)[:6] == [
        "functionals-usable-time", "functionals-frames-per", "functionals-usable-frames", "behaviour-trees-dass-shap",
        "behaviour-trees-dass-effects", "profiles",
    ]  # fmt: skip
    assert "curves-Groe" in list(found)[6].replace("ss", "") and len(found) == 10
    assert all(re.fullmatch(r"[\w-]{1,70}", name, re.ASCII) for name in found)


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


@pytest.fixture(scope="module")
def explained(study):
    for method in ("integrated-gradients", "saliency"):
        settings = {"n_steps": 4} if method == "integrated-gradients" else {}
        mien.explain_all(
            study / "models" / "mine", study.parent / "people", method=method, output=study / "evidence" / "mine",
            **settings,
        )  # fmt: skip
    values = np.random.default_rng(0).normal(size=(20, 4))
    mien.embed(
        values, attributes={"warm": values[:, 0], "group": (values[:, 1] > 0) * 1.0}, n_held_out=0, n_permutations=99,
        output=study / "maps" / "people" / "pca",
    )  # fmt: skip
    return study


def bars(drawn):
    return sum("% of all evidence" in (one.text or "") for one in ET.fromstring(drawn).iter())


def opacities(drawn):
    return [float(one) for one in re.findall(r'fill-opacity="([\d.]+)"', drawn)]


def test_panels_of_evidence_have_one_scale_and_one_colour_bar(explained):
    both = mien.figure(explained, "evidence-mine-integrated-gradients-*-regions")
    own = mien.figure(explained, "evidence-mine-integrated-gradients-*-regions", own_scales=True)
    assert (len(both.names), bars(both.svg), bars(own.svg)) == (2, 1, 2)
    assert "All panels are drawn on one scale" in both.caption
    assert "scale of its own" in own.caption and "not to be compared" in own.caption


def test_on_a_shared_scale_the_weaker_panel_is_paler_and_the_strongest_unchanged():
    from mien.report.draw.face import face_plot
    from mien.report.draw.plot import PlotScale
    from mien.report.figure_layout import on_shared_scales
    from mien.report.figure_panels import FigurePanel

    def panel(strength, unit="% of all"):
        values = np.zeros(478)
        values[:9] = strength

        def draw(limit, size, bar):
            return face_plot(values, "mediapipe-478", title="t", limit=limit, largest=size, unit=unit if bar else "")

        scale = PlotScale(strength, unit, draw, size=strength)
        return FigurePanel("p", draw(strength, strength, True), "c", scale=scale)

    drawn, shared = on_shared_scales([panel(4.0), panel(1.0), panel(8.0, "logit")])
    assert [one.letters for one in shared] == ["a, b"] and shared[0].scale.limit == 4.0
    assert max(opacities(drawn[0])) == 1.0
    dots = [one for one in ET.fromstring(drawn[1]).iter() if one.tag.endswith("circle")]
    assert {one.attrib["fill-opacity"] for one in dots} == {"0.25"}
    # The only panel in another unit keeps its own scale and its own bar.
    assert "logit" in drawn[2] and "% of all" not in drawn[0]


def test_amounts_and_signed_evidence_have_a_bar_each_that_names_its_panels(explained):
    found = mien.figure(explained, "evidence")
    words = [one.text or "" for one in ET.fromstring(found.svg).iter() if one.tag.endswith("text")]
    assert {"a, b: % of all evidence, per region", "c, d: % of all evidence, per region"} <= set(words)
    assert "panels a, b and panels c, d" in found.caption
    assert sum(word in ("neutral, integrated-gradients", "smile, saliency") for word in words) == 2


def test_maps_are_a_kind_with_a_legend_by_form_for_two_values_and_a_bar_for_numbers(explained):
    found = mien.figure(explained, "maps")
    assert found.names == ("maps-people-pca-warm", "maps-people-pca-group")
    words = [one.text or "" for one in ET.fromstring(found.svg).iter() if one.tag.endswith("text")]
    assert {"group = 0", "group = 1", "people, pca", "a", "b"} <= set(words)
    assert "20 samples, coloured by warm" in found.captions[0] and "red triangles" in found.captions[1]
    assert found.caption.count("axes have no unit") == 1


def test_every_kind_that_a_study_has_is_listed_first_and_drawn(explained):
    kinds = ("scores", "confusion", "calibration", "evidence", "maps")
    assert mien.figure(explained)[: len(kinds)] == kinds
    assert all(mien.figure(explained, kind).captions for kind in kinds)
    with pytest.raises(InputError, match=r"nothing for a figure 'reduction'; it has: scores, confusion"):
        mien.figure(explained, "reduction")


def test_a_sentence_with_a_number_stays_with_its_panel():
    from mien.report.figure import Figure

    found = Figure(("x", "y"), ("One. Score 0.5. Grey is chance", "Two. Score 0.5. Grey is chance"), "", 1, 1, 5)
    assert found.caption == "(a) One. Score 0.5. (b) Two. Score 0.5. All panels: Grey is chance."


def test_names_beside_points_cover_neither_lines_nor_each_other():
    from mien.report.draw.labels import along, labels

    line = along([(0.0, 50.0), (300.0, 50.0)])
    drawn = labels(["mouth", "eyes"], [(100.0, 50.0), (104.0, 50.0)], (0, 0, 300, 100), taken=line, size=10)
    found = re.findall(
        r'<text x="([\d.]+)" y="([\d.]+)" font-size="10" text-anchor="(\w+)"[^>]*>(\w+)<', "".join(drawn)
    )
    boxes = []
    for x, y, anchor, word in found:
        left = float(x) - 5.2 * len(word) * (anchor == "end")
        boxes.append((left, left + 5.2 * len(word), float(y)))
    assert len(boxes) == 2 and all(abs(y - 3.3 - 50) > 5 for *_, y in boxes)
    (a, b, y), (c, d, other) = boxes
    assert b <= c or d <= a or abs(y - other) > 8


def test_correlations_of_models_have_intervals():
    from mien.report.draw.ratings import models_plot

    nan = float("nan")
    drawn = models_plot(["warm"], {"a": [(0.6, 0.5, 0.7)], "b": [(0.55, nan, nan)]}, {"warm": 0.9}, title="t")
    assert drawn.count('stroke-opacity="0.35"') == 1


def test_differences_of_models_stand_beside_none():
    from mien.report.draw.score_chart import ScoredRow, interval_chart

    drawn = interval_chart([ScoredRow("a − b", 0.2, 0.1, 0.3, 0.0, "p = 0.02")], axis="difference", title="t")
    dot = float(re.search(r'cx="([\d.]+)"', drawn)[1])
    none = float(re.search(r'd="M([\d.]+) [\d.]+V[\d.]+" stroke-dasharray', drawn)[1])
    assert none < dot and "p = 0.02" in drawn


def test_people_whose_codes_are_numbers_leave_the_sizes_of_a_drawing_alone(tmp_path):
    mien.synthesize(tmp_path / "people", subjects=6, expressions=("neutral", "smile"), frames=4, seed=3)
    table = tmp_path / "people" / "samples.csv"
    text = table.read_text()
    for number, code in enumerate(("10", "11", "34", "220", "8", "2"), 1):
        text = text.replace(f",s{number:03d},", f",{code},")
    table.write_text(text)
    trained = mien.train(
        tmp_path / "people", target="expression", model="logistic", n_folds=2, output=tmp_path / "study/models/m"
    )
    assert "10" in set(map(str, trained.predictions.subject))
    found = mien.figure(tmp_path / "study", ["scores", "confusion"], tmp_path / "figure.pdf")
    assert 'font-size="10"' in found.svg and "person" not in found.svg


def test_a_small_panel_alone_has_no_poster_letters(study, explained):
    """At a page's width a face is no larger than letters of 12 points ask for, and stands in the middle."""
    for what in ("scores", "evidence-mine-saliency-smile-regions"):
        found = mien.figure(explained, what, width="double")
        (panel,) = ET.fromstring(found.svg).findall("{*}svg")
        grown = float(panel.attrib["width"]) / float(panel.attrib["viewBox"].split()[2])
        sizes = [float(one.attrib["font-size"]) * grown for one in panel.iter("{http://www.w3.org/2000/svg}text")]
        assert 9 < max(sizes) < 12.6 and found.width_mm == 178
        middle = float(panel.attrib["x"]) + float(panel.attrib["width"]) / 2
        assert middle == pytest.approx(178 / 25.4 * 72 / 2, abs=1)
