"""The section on fewer landmarks: every rival, its interval and chance are on the page; broken files are told."""

import html
import re
from html import unescape
from shutil import copytree

import numpy as np
import pytest

from mien.reduce.reduce import reduce
from mien.reduce.result import read_reduction
from mien.report.report import report
from mien.report.study_folder import read_folder
from mien.stats.scores import between


@pytest.fixture(scope="module")
def found(tmp_path_factory):
    rng = np.random.default_rng(0)
    y, people = np.tile(["a", "b", "b"], 12), np.repeat([f"s{i}" for i in range(6)], 6)
    values = rng.normal(0, 0.1, (36, 5, 68, 2)).astype(np.float32)
    values[y == "a", :, 48, 1] += np.linspace(0, 0.6, 5)
    folder = tmp_path_factory.mktemp("study")
    result = reduce(
        values, y, people, model="landmark-rvfl", settings={"units": 24, "components": 12}, counts=(17, 4),
        methods=("one-shot", "random", "variance", "anatomical"), n_random=3, n_folds=3,
        output=folder / "reduction" / "net",
    )  # fmt: skip
    return folder, result


@pytest.mark.usefixtures("weights")
def test_the_page_shows_every_set_with_its_interval(found):
    folder, result = found
    page = report(folder).read_text(encoding="utf-8")
    for row in result.curve.to_dict("records"):
        assert row["method"] in page
        assert f"{row['accuracy']:.3f}" in page
        assert between(row["low"], row["high"], result.protocol["n_subjects"]) in page
    assert result.chosen.topology in page
    assert "chosen on the same folds" in page
    assert f"chance {result.protocol['chance']:.3f}" in page
    assert page.count("chosen landmarks") >= 1
    assert "This folder holds no results yet" not in page


@pytest.mark.usefixtures("weights")
def test_a_broken_reduction_is_told_and_the_rest_is_shown(found, tmp_path):
    folder, _ = found
    other = folder / "reduction" / "broken"
    other.mkdir()
    (other / "reduction.json").write_text('{"format": "mien reduction 1"}')
    page = report(folder).read_text(encoding="utf-8")
    assert "is incomplete" in page
    assert "How few landmarks are enough" in page
    (other / "reduction.json").unlink()
    other.rmdir()


@pytest.mark.usefixtures("weights")
def test_all_classes_share_one_scale_and_one_class_is_no_gallery():
    import torch

    from mien.atlas.summary import summarise
    from mien.explain.explain import explain_all
    from mien.report.draw.gallery import gallery

    torch.manual_seed(0)
    values = np.random.default_rng(0).normal(size=(6, 8, 68, 2)).astype(np.float32)
    module = torch.nn.Sequential(torch.nn.Flatten(), torch.nn.Linear(values[0].size, 2))
    with torch.no_grad():
        module[1].weight[1] *= 0.001
    found = explain_all(module, values, classes=["a", "b"], labels=list("ababab"), subjects=list("ssttuu"), n_steps=2)
    both = [summarise(evidence) for evidence in found.values()]
    drawn = gallery(both)
    # On one scale the class with a thousandth of the evidence has no visible point of its own.
    one, other = drawn.split("a: signed")[1].split("b: signed")
    assert one.count("<circle") > 40
    assert other.count("<circle") == 0
    assert gallery(both[:1]) == ""


@pytest.mark.usefixtures("weights")
def test_the_answer_heads_the_page_and_the_doubt_stands_beside_the_drawn_points(found):
    from mien.reduce.sentences import answer, reservation

    folder, result = found
    page = report(folder).read_text(encoding="utf-8")
    lead = html.unescape(page.split('<p class="lead">')[1].split("</p>")[0]).replace("\xa0", " ")
    assert lead == answer(read_reduction(result.folder))
    doubt = reservation(result)
    assert page.count(doubt) >= 3 if doubt else "do not read anatomy" not in page
    captions = [text.split("</figcaption>")[0] for text in page.split("<figcaption>")[1:]]
    drawn = [text for text in captions if re.match(r"The (first )?\d+", text)]
    assert [int(re.findall(r"\d+", text)[0]) for text in drawn] == sorted(result.sets)


@pytest.mark.usefixtures("weights")
def test_fewer_landmarks_come_before_the_evidence_and_empty_settings_are_left_out(found):
    folder, _ = found
    (folder / "study.toml").write_text('title = "Few"\nlabels = []\n[samples]\nfaces = ""\ntarget = "kind"\n')
    page = report(folder).read_text(encoding="utf-8")
    (folder / "study.toml").unlink()
    assert "<details><summary>Settings of this study</summary>" in page
    assert "samples › target" in page
    assert "samples › faces" not in page
    assert '<th scope="row">labels</th>' not in page


def test_labels_of_the_chart_do_not_lie_on_each_other(found):
    """The names of levels stand right of the plot, the ring has its name in the legend, nothing ends above 1."""
    from mien.report.draw.reduction import _H, _PAD_RIGHT, _PAD_TOP, _W, curve_plot

    drawn = curve_plot(found[1])
    place = {words: (float(x), float(y)) for x, y, words in re.findall(
        r'<text x="([\d.]+)" y="([\d.]+)"[^>]*>([^<]+)</text>', drawn)}  # fmt: skip
    assert place["all 68"][0] > _W - _PAD_RIGHT
    assert place["chance"][0] > _W - _PAD_RIGHT
    assert abs(place["all 68"][1] - place["chance"][1]) >= 12
    assert place[f"chosen: {found[1].chosen.count}"][1] > _PAD_TOP + _H
    assert place["1.00"][1] > _PAD_TOP + 4


@pytest.mark.usefixtures("weights")
def test_few_random_draws_are_called_few(found):
    from dataclasses import replace

    from mien.reduce.sentences import few_draws

    folder, result = found
    page = html.unescape(report(folder).read_text(encoding="utf-8"))
    said = few_draws(result)
    assert result.chosen.count < 68
    assert said.startswith("Only 3 random sets were drawn of that size: so few say little")
    assert said in page
    curve = result.curve.copy()
    curve.loc[curve["method"] == "random", "draws"] = 20
    assert few_draws(replace(result, curve=curve)) == ""


def test_the_legend_promises_a_band_only_where_there_is_one(found):
    from dataclasses import replace

    from mien.report.draw.reduction import curve_plot

    result = found[1]
    assert "random sets: mean, band 95 % of the draws" in curve_plot(result)
    curve = result.curve
    one = curve[(curve["method"] != "random") | (curve["count"] == 4)]
    drawn = curve_plot(replace(result, curve=one))
    assert "random sets: mean of the draws" in drawn
    assert "band" not in drawn


def test_the_headline_names_whose_it_is_among_several(found, tmp_path):
    folder, _ = found
    for name in ("first", "second"):
        copytree(folder / "reduction" / "net", tmp_path / "reduction" / name)
    assert "The reduction 'first' (the first by name of 2; study.toml can declare" in unescape(
        report(tmp_path).read_text(encoding="utf-8")
    )
    (tmp_path / "study.toml").write_text('main = "second"', encoding="utf-8")
    page = unescape(report(tmp_path).read_text(encoding="utf-8"))
    assert "the first by name of" not in page and "holds no such model" not in page


def test_a_reduction_that_a_killed_run_had_finished_is_in_the_report(found, tmp_path):
    folder, result = found
    copytree(folder / "reduction" / "net", tmp_path / "reduction" / "net")
    place = tmp_path / "reduction" / "net"
    (place / ".switch").mkdir()
    for path in (place / "reduction.json", place / "curve.csv"):
        path.rename(place / ".switch" / path.name)
    (place / ".switch" / "superseded.json").write_text("[]")
    (part,) = read_folder(tmp_path).reductions
    assert part.reduction.to_json() == result.to_json()
