"""Faces in a real browser: failures first, one face closely, a video frame by frame, a review that can be undone."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

import mien
from mien.core.faces import BLENDSHAPES, EXCLUDED, Faces
from mien.data.media.film import Film
from mien.data.shards import write_shard
from tests.browser.test_accessible import faults
from tests.browser.waiting import wait_for_count, wait_for_text

FRAMES = 24
NAME = 'b "quoted" <b>bold<b>.png'


@pytest.fixture(scope="module")
def server(served: Any, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """Of a clip with two people, a picture, and one that is broken."""
    folder = tmp_path_factory.mktemp("study")
    (folder / "media").mkdir()
    cv2.imwrite(str(folder / "media" / NAME), np.full((240, 320, 3), 150, np.uint8))
    with Film(folder / "media" / "a.mp4", 25) as film:
        for number in range(FRAMES):
            film.add(np.full((240, 320, 3), 10 * number, np.uint8), number / 25)
    frame = np.repeat(np.arange(FRAMES), 2)
    rng = np.random.default_rng(0)
    rows = len(frame) + 2
    points = rng.uniform(0, 60, (rows, 68, 3)) + np.where(np.arange(rows) % 2 == 0, 60, 200)[:, None, None]
    faces = Faces.build(
        rows, topology="ibug-68", source=[*["media/a.mp4"] * len(frame), f"media/{NAME}", "media/c.png"],
        frame=[*frame, 0, 0], time_s=[*(frame / 25), 0, 0], track=[*([0, 1] * FRAMES), 0, -1],
        status=[*["ok"] * (rows - 1), "unreadable"], reason=[*[""] * (rows - 1), "c.png holds text"],
        box_px=np.c_[points[:, :, :2].min(axis=1), np.full((rows, 2), 60)], landmarks_px=points,
        blendshapes=rng.uniform(0, 1, (rows, len(BLENDSHAPES))), pose_deg=rng.normal(0, 9, (rows, 3)),
        width_px=np.full(rows, 320), height_px=np.full(rows, 240), sharpness=np.ones(rows),
    )  # fmt: skip
    write_shard(faces, folder / "faces" / "all.parquet")
    return served(folder)


@pytest.fixture
def page(server: Any, page_of: Callable[..., Any]) -> Any:
    """The view of faces, when its gallery is there."""
    opened = page_of(server, f"{server.study}/faces")
    opened.wait_for_selector("[data-testid=tile-ok]")
    return opened


def test_failures_stand_first_and_say_why(page: Any) -> None:
    tiles = wait_for_count(page.locator(".tile"), 4)
    wait_for_text(tiles.first, "unreadable")
    page.select_option("[data-testid=filter-status]", "unreadable")
    wait_for_count(tiles, 1).click()
    page.wait_for_selector(".one-face h3:focus")
    wait_for_text(page.locator(".one-face"), "c.png holds text")


def test_names_are_text_and_nothing_else(page: Any) -> None:
    page.fill("[data-testid=filter-text]", "quoted")
    wait_for_count(page.locator(".tile"), 1).click()
    page.wait_for_function("document.querySelector('.one-face h3').textContent.includes('<b>bold<b>')")
    wait_for_text(page.get_by_test_id("numbers"), "°")
    assert page.locator(".one-face b").count() == 0
    assert faults(page) == []


def test_a_frame_is_shown_with_its_own_points(page: Any) -> None:
    page.fill("[data-testid=filter-text]", "a.mp4")
    wait_for_count(page.locator(".tile"), 2).first.click()
    page.wait_for_selector(".stage[data-frame='0']")
    for number in (1, 2, 3):
        page.click("[data-testid=frame-on]")
        page.wait_for_selector(f".stage[data-frame='{number}']")
    page.focus(".stage")
    page.keyboard.press("PageDown")
    page.wait_for_selector(".stage[data-frame='13']")
    grey = page.evaluate(
        "() => { const c = document.createElement('canvas'), p = c.getContext('2d');"
        " p.drawImage(document.querySelector('.stage img'), 0, 0); return p.getImageData(5, 5, 1, 1).data[0]; }"
    )
    assert abs(grey - 130) < 5
    page.click("[data-testid=tracks]", position={"x": 66, "y": 8})
    page.wait_for_selector(".stage[data-frame='0']")
    assert faults(page) == []


# What is seen while the film plays: the grey of its corner, and the frame that the page says it is.
WATCH = """() => {
  const seen = (window.seen = []), stage = document.querySelector(".stage"), canvas = stage.querySelector("canvas");
  const look = () => {
    const [grey, , , solid] = canvas.getContext("2d").getImageData(3, 3, 1, 1).data;
    if (solid === 255) seen.push([Number(stage.dataset.frame), grey, stage.dataset.exact]);
    requestAnimationFrame(look);
  };
  look();
}"""


def test_a_film_plays_with_the_points_of_the_frame_that_is_seen(page: Any) -> None:
    page.fill("[data-testid=filter-text]", "a.mp4")
    wait_for_count(page.locator(".tile"), 2).first.click()
    page.wait_for_selector(".stage[data-frame='0']")
    page.select_option("[data-testid=speed]", "0.25")
    for layer in ("mesh", "box", "iris"):
        page.uncheck(f"[data-testid=layer-{layer}]")
    page.evaluate(WATCH)
    page.click("[data-testid=play]")
    page.wait_for_selector(f".stage[data-frame='{FRAMES - 1}']")
    page.get_by_test_id("play").get_by_text("Play").wait_for()
    seen = page.evaluate("window.seen")
    assert len({frame for frame, *_ in seen}) >= 3
    assert [one for one in seen if abs(one[1] - 10 * one[0]) > 5 or one[2] != "true"] == []
    wait_for_text(page.locator(".one-face h3"), f"frame {FRAMES - 1} ")
    assert page.get_by_test_id("frame-range").input_value() == str(FRAMES - 1)


def test_parts_of_a_film_can_be_asked_for(page: Any, server: Any) -> None:
    name = server.study.rsplit("/", 1)[1]
    address = f"{server.origin}/media/{name}/video?source=media/a.mp4"
    part = page.request.get(address, headers={"Range": "bytes=4-7"})
    assert part.status == 206 and part.body() == (server.folder / "media" / "a.mp4").read_bytes()[4:8]
    assert page.request.get(address.replace("a.mp4", "..%2F..%2Fetc%2Fpasswd.mp4")).status == 404


def test_a_review_is_kept_obeyed_and_undone(page: Any, server: Any) -> None:
    page.fill("[data-testid=filter-text]", "a.mp4")
    wait_for_count(page.locator(".tile"), 2).first.click()
    page.wait_for_selector(".stage[data-frame='0']")
    page.focus("[data-testid=frame-range]")
    page.keyboard.press("ArrowRight")
    page.wait_for_selector(".stage[data-frame='1']")
    page.fill("[data-testid=note]", "a hand, as said")
    page.select_option("[data-testid=frames]", "1..")
    page.click("[data-testid=do-exclude]")
    page.wait_for_selector("[data-testid=undo]")
    page.wait_for_selector("[data-testid=tile-excluded]")
    faces = mien.read_faces(server.folder)
    out = faces.status == EXCLUDED
    assert out.sum() == FRAMES - 1 and set(faces.reason[out]) == {"excluded by review: a hand, as said"}
    page.reload()
    page.click("[data-testid=undo]")
    page.wait_for_selector("[data-testid=undo]", state="detached")
    assert mien.read_faces(server.folder).counts()["ok"] == 2
    assert not (Path(server.folder) / "review.csv").exists()


def test_two_reviewers_do_not_decide_about_each_others_people(
    page: Any, page_of: Callable[..., Any], server: Any
) -> None:
    other = page_of(server, f"{server.study}/faces")
    for one in (page, other):
        one.fill("[data-testid=filter-text]", "a.mp4")
        wait_for_count(one.locator(".tile"), 2).first.click()
        one.wait_for_selector(".stage[data-frame='0']")
    page.click("[data-testid=do-swap]")
    wait_for_text(page.get_by_test_id("review"), "1 decision")
    other.focus("[data-testid=do-exclude]")
    other.keyboard.press("Enter")
    wait_for_text(other.locator(".decide .problem"), "swapped or merged meanwhile")
    assert len((Path(server.folder) / "review.csv").read_text().splitlines()) == 2
    # Looked at anew, the decision is taken, and the keyboard goes on beside it.
    other.wait_for_function("document.activeElement.dataset.testid === 'do-exclude'")
    other.keyboard.press("Enter")
    wait_for_text(other.get_by_test_id("review"), "2 decisions")
    other.wait_for_function("document.activeElement.dataset.testid === 'note'")
    # What the other one has taken back meanwhile is said, and the list is that of now.
    wait_for_count(page.get_by_test_id("undo"), 1).click()
    wait_for_text(page.locator("[data-testid=review] .problem"), "Take back the later first")
    wait_for_count(page.get_by_test_id("undo"), 2).last.click()
    wait_for_count(page.get_by_test_id("undo"), 1)
    other.get_by_test_id("undo").last.click()
    wait_for_text(other.locator("[data-testid=review] .problem"), "changed meanwhile")
    wait_for_count(other.get_by_test_id("undo"), 1).click()
    wait_for_count(other.get_by_test_id("undo"), 0)
    assert not (Path(server.folder) / "review.csv").exists()


def test_small_pictures_stay_while_the_window_changes(page: Any) -> None:
    # Each has been seen once: what is still on its way is hidden and says nothing of the window.
    page.wait_for_function(
        """[...document.querySelectorAll('[data-testid=tile-ok] img')].every((one) =>
             one.complete && one.naturalWidth > 0 && one.style.visibility === '')"""
    )
    page.evaluate(
        """() => {
          window.gone = 0;
          const pictures = [...document.querySelectorAll('[data-testid=tile-ok] img')];
          const look = () => { window.gone += pictures.some((one) => one.style.visibility === 'hidden'); };
          for (const one of pictures) new MutationObserver(look).observe(one, { attributeFilter: ['style'] });
        }"""
    )
    page.set_viewport_size({"width": 700, "height": 800})
    page.wait_for_timeout(300)
    assert page.evaluate("window.gone") == 0


def test_the_keyboard_walks_through_the_gallery(page: Any) -> None:
    page.focus(".tile[tabindex='0']")
    page.keyboard.press("End")
    page.wait_for_function("document.activeElement.textContent.includes('quoted')")
    page.keyboard.press("Enter")
    page.wait_for_selector(".one-face h3:focus")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_fits_on_a_phone(server: Any, page_of: Callable[..., Any], scheme: str) -> None:
    page = page_of(server, f"{server.study}/faces", size=(390, 844), scheme=scheme)
    page.wait_for_selector("[data-testid=tile-ok]")
    page.locator("[data-testid=tile-ok]").first.click()
    page.wait_for_selector(".stage[data-frame='0']")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    assert faults(page) == []
