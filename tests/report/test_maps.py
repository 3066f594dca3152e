"""Pages and pictures of maps: nothing foreign loads, names cannot break out, faces only where they are asked for."""

import base64
import hashlib
import json
import re
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

import mien
from mien.core.errors import InputError
from mien.manifold.embed import embed
from mien.manifold.embedding import load_embedding, save_embedding
from mien.report.draw.map import map_plot
from mien.report.map_page import map_page
from mien.report.sections.maps import section

RNG = np.random.default_rng(0)
ROWS = RNG.normal(size=(12, 4))
NASTY = "</script><img src=x onerror=alert(1)>.png"
IDS = [NASTY, *(f"{i}.png" for i in range(11))]
MAP = embed(ROWS, method="pca", ids=IDS, attributes={"<b>kind</b>": ROWS[:, 0]}, n_permutations=99)


CAUTIONS = ["Not predicted: do not interpret. Because.", "The final model was fitted to <these> faces."]


def test_what_has_to_be_said_of_a_model_stands_on_the_page_of_its_maps_and_in_the_report(tmp_path):
    told = replace(MAP, facts={**MAP.facts, "cautions": CAUTIONS})
    save_embedding(told, tmp_path / "noise" / "pca")
    assert MAP.cautions == () and load_embedding(tmp_path / "noise" / "pca").cautions == tuple(CAUTIONS)
    page = map_page({"one": told, "two": told}, tmp_path / "maps.html").read_text()
    assert page.count("do not interpret") == 1 and "fitted to &lt;these&gt; faces" in page
    block = section(tmp_path, [], lambda place: True, {})[0]
    assert block["warnings"] == CAUTIONS
    assert all(drawing["caption"].endswith("Not predicted: do not interpret.") for drawing in block["drawings"])


def test_a_map_of_what_a_model_says_knows_whom_the_model_knows_and_whether_it_predicts(tmp_path):
    mien.synthesize(tmp_path, subjects=8, expressions=("neutral", "smile"), frames=4, seed=1)
    table = tmp_path / "samples.csv"
    head, *lines = table.read_text().splitlines()
    coins = np.random.default_rng(2).choice(["heads", "tails"], len(lines))
    table.write_text("\n".join([head + ",coin", *map(",".join, zip(lines, coins, strict=True))]) + "\n")
    known = mien.read_samples(tmp_path)
    some = known[np.isin(known.subject, np.unique(known.subject)[:6])]
    for target, predicted in (("coin", False), ("expression", True)):
        model = tmp_path / "models" / target
        mien.train(some, target=target, model="logistic", n_folds=2, output=model)
        found = mien.embed(known, of="scores", model=model, n_held_out=0)
        assert "fitted to faces of 6 of these 8 people" in found.cautions[-1]
        assert [said[:31] for said in found.cautions[:-1]] == ([] if predicted else ["Not predicted: do not interpret"])


def data_of(page):
    return json.loads(re.search(r'id="data">(.*?)</script>', page, re.S)[1])


def test_the_page_holds_every_point_and_runs_only_its_own_script(tmp_path):
    page = map_page({"one": MAP, "two": MAP}, tmp_path / "maps.html", show_names=True).read_text()
    script = re.findall(r"<script>(.*?)</script>", page, re.S)
    assert len(script) == 1
    digest = base64.b64encode(hashlib.sha256(script[0].encode()).digest()).decode()
    policy = re.search(r'Content-Security-Policy" content="([^"]*)"', page)[1].replace("&#39;", "'")
    assert f"script-src 'sha256-{digest}'" in policy and "default-src 'none'" in policy
    found = data_of(page)
    assert found["ids"] == IDS and [m["name"] for m in found["maps"]] == ["one", "two"]
    placed = np.array(found["maps"][0]["points"])
    # One scale for both axes, from -1 to 1.
    np.testing.assert_allclose(np.abs(placed).max(), 1, atol=1e-3)
    np.testing.assert_allclose(np.corrcoef(placed[:, 0], MAP.coordinates[:, 0])[0, 1], 1, atol=1e-6)
    assert not re.search(r'(src|href)="(?!data:)', page)


def test_marks_can_be_coloured_by_more_than_what_was_tested(tmp_path):
    page = map_page({"one": MAP}, tmp_path / "maps.html", colours={"score": ROWS[:, 1], "<b>kind</b>": ROWS[:, 2]})
    found = data_of(page.read_text())
    assert list(found["attributes"]) == ["<b>kind</b>", "score"] and found["tested"] == ["<b>kind</b>"]
    np.testing.assert_allclose(found["attributes"]["<b>kind</b>"], ROWS[:, 0], atol=1e-4)  # the tested one stays
    np.testing.assert_allclose(found["attributes"]["score"], ROWS[:, 1], atol=1e-4)
    with pytest.raises(InputError, match="'score' has the length 2, but the maps have 12 rows"):
        map_page({"one": MAP}, tmp_path / "maps.html", colours={"score": np.zeros(2)})


def test_names_cannot_become_markup(tmp_path):
    page = map_page({"<i>": MAP}, tmp_path / "maps.html", title="<u>", show_names=True).read_text()
    assert "<img" not in page and "<b>kind" not in page and "<i>" not in page and "<u>" not in page
    assert data_of(page)["ids"][0] == NASTY


def test_pictures_come_only_where_they_are_given_and_damaged_ones_are_left_out(tmp_path):
    good, bad = tmp_path / "0.png", tmp_path / "1.png"
    Image.fromarray(np.full((300, 200, 3), 90, np.uint8)).save(good)
    bad.write_bytes(b"no picture")
    assert data_of(map_page({"m": MAP}, tmp_path / "a.html").read_text())["thumbnails"] == {}
    shown = map_page({"m": MAP}, tmp_path / "b.html", pictures={"0.png": good, "1.png": bad})
    thumbnails = data_of(shown.read_text())["thumbnails"]
    assert set(thumbnails) == {"sample 2"} and len(base64.b64decode(thumbnails["sample 2"])) < 3000


def test_marks_are_numbered_unless_their_names_are_asked_for(tmp_path):
    known = embed(ROWS, method="pca", ids=IDS, subjects=["Zoe", "Anna", *["Ben"] * 10], n_permutations=99)
    page = map_page({"m": known}, tmp_path / "maps.html").read_text()
    assert data_of(page)["ids"][:3] == ["sample 1 of person 3", "sample 2 of person 1", "sample 3 of person 2"]
    assert not [name for name in ("Zoe", "Anna", "Ben", "10.png") if name in page] and "on this page only" in page
    named = map_page({"m": known}, tmp_path / "maps.html", show_names=True).read_text()
    assert data_of(named)["ids"] == IDS and "on this page only" not in named


def test_maps_of_other_rows_do_not_go_together(tmp_path):
    with pytest.raises(InputError, match="other rows"):
        map_page({"one": MAP, "two": embed(ROWS, method="pca")}, tmp_path / "maps.html")
    with pytest.raises(InputError, match="no map"):
        map_page({}, tmp_path / "maps.html")


def test_the_picture_has_a_dot_for_every_point_and_red_where_the_attribute_is_high():
    values = np.linspace(-1, 1, 12)
    places = np.column_stack([values, np.zeros(12)])
    places[3] = np.nan
    drawn = map_plot(places, values, title="a <map>", name="kind & mean")
    dots = re.findall(r'<circle cx="([0-9.]+)"[^>]*fill="(#\w+)"', drawn)
    assert len(dots) == 11
    red = [float(x) for x, colour in dots if colour == "#d6402b"]
    blue = [float(x) for x, colour in dots if colour == "#2b7bd6"]
    assert min(red) > max(blue)
    assert "a &lt;map&gt;" in drawn and "kind &amp; mean" in drawn
