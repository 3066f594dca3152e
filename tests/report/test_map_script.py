"""The page of maps in a real browser, moved by a real mouse, with the page's own policy in force."""

import os

import numpy as np
import pytest
from PIL import Image

from mien.manifold.embed import embed
from mien.report.map_page import map_page
from tests.report.chromium import CHROMIUM, Browser

pytestmark = pytest.mark.skipif(CHROMIUM is None or os.name != "posix", reason="needs Chromium")
RNG = np.random.default_rng(4)
ROWS = RNG.normal(size=(30, 4))
IDS = [f"{i}.png" for i in range(30)]


@pytest.fixture(scope="module")
def browser(tmp_path_factory):
    folder = tmp_path_factory.mktemp("page")
    Image.fromarray(np.full((90, 90, 3), 90, np.uint8)).save(folder / "7.png")
    given = {"attributes": {"kind": ROWS[:, 0]}, "ids": IDS, "n_permutations": 99}
    maps = {"one": embed(ROWS, method="pca", **given), "two": embed(ROWS, method="mds", n_dims=3, **given)}
    page = map_page(maps, folder / "maps.html", pictures={"7.png": folder / "7.png"}, colours={"score": ROWS[:, 1]},
                    show_names=True)  # fmt: skip
    found = Browser(page, folder / "home")
    yield found
    found.close()
    assert not [e for e in found.events if e.get("method") in ("Runtime.exceptionThrown", "Log.entryAdded")]


def test_pointing_at_a_mark_tells_its_row_and_shows_its_picture_and_where_it_is_in_the_other_map(browser):
    browser.mouse("mouseMoved", *browser.place(0, 7))
    assert browser.ask("document.getElementById('tip').innerText") == f"7.png\nkind: {ROWS[7, 0]:.2f}"
    assert browser.ask("document.querySelector('#tip img').decode().then(() => "
                       "document.querySelector('#tip img').naturalWidth)") == 72  # fmt: skip
    at = "[...document.querySelectorAll('circle.at')].map((c) => c.dataset.row)"
    assert browser.ask(at) == ["7", "7"]
    browser.mouse("mouseMoved", 2, 2)
    assert browser.ask("document.getElementById('tip').hidden") and browser.ask(at) == []


def test_a_rectangle_selects_the_same_rows_in_every_map_and_a_click_clears(browser):
    places = np.array([browser.place(0, row) for row in range(30)])
    start, end = np.percentile(places, 25, axis=0), np.percentile(places, 90, axis=0)
    inside = np.flatnonzero(((places > start) & (places < end)).all(axis=1)).tolist()
    assert 3 < len(inside) < 27
    browser.drag(start.tolist(), end.tolist())
    assert browser.shown() == [inside, inside]
    words = browser.ask("document.getElementById('selection').innerText")
    others = np.setdiff1d(np.arange(30), inside)
    assert f"{len(inside)} of 30 selected. kind: mean {ROWS[inside, 0].mean():.2f}" in words
    assert f"others {ROWS[others, 0].mean():.2f}" in words
    browser.ask("(() => { const c = document.getElementById('colour'); c.value = 'score';"
                "c.dispatchEvent(new Event('change')); return true; })()")  # fmt: skip
    assert f"score: mean {ROWS[inside, 1].mean():.2f}" in browser.ask("document.getElementById('selection').innerText")
    browser.drag([40.0, places[:, 1].max()], [40.0, places[:, 1].max()])
    assert browser.shown() == [list(range(30))] * 2


def test_colours_are_those_of_the_chosen_numbers(browser):
    browser.ask("(() => { const c = document.getElementById('colour'); c.value = 'score';"
                "c.dispatchEvent(new Event('change')); return true; })()")  # fmt: skip
    fills = browser.ask("[...document.querySelectorAll('svg.map')[0].querySelectorAll('circle')].map((c) => "
                        "[c.getAttribute('fill'), Number(c.getAttribute('fill-opacity'))])")  # fmt: skip
    above = (ROWS[:, 1] - ROWS[:, 1].mean()) / ROWS[:, 1].std()
    assert [fill == "#d6402b" for fill, _ in fills] == (above >= 0).tolist()
    np.testing.assert_allclose([amount for _, amount in fills], np.minimum(np.abs(above) / 2, 1), atol=0.006)


def test_a_map_of_three_dimensions_turns_and_a_flat_one_does_not(browser):
    flat, solid = browser.place(0, 5), browser.place(1, 5)
    assert not browser.ask("document.getElementById('turning').hidden")
    browser.ask("(() => { const t = document.getElementById('turn'); t.value = 120;"
                "t.dispatchEvent(new Event('input')); return true; })()")  # fmt: skip
    assert browser.place(0, 5) == flat
    turned = browser.place(1, 5)
    assert abs(turned[0] - solid[0]) > 5 and abs(turned[1] - solid[1]) < 1e-6
