"""The start page in a browser: a study is made of a folder or of dropped files, opened, and its report built."""

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.browser.test_accessible import faults
from tests.browser.waiting import JOB_MS, wait_for_count, wait_for_text


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with one picture without a face."""
    from PIL import Image

    folder = tmp_path_factory.mktemp("place")
    (folder / "pictures").mkdir()
    Image.new("RGB", (64, 64), (90, 120, 150)).save(folder / "pictures" / "wall.png")
    return folder


def test_a_folder_of_pictures_becomes_a_study(served: Any, page_of: Callable[..., Any], place: Path) -> None:
    page = page_of(served(place, open_study=False))
    page.get_by_label("Folder of the new study").fill(str(place / "first"))
    page.get_by_label("Pictures, videos, or a table").fill(str(place / "pictures"))
    page.get_by_test_id("make-study").click()
    page.wait_for_url("**/study/*/faces")
    wait_for_text(page.get_by_test_id("study-title"), "first")
    assert '"input"' in (place / "first" / "page.json").read_text()


def test_dropped_files_become_a_study(served: Any, page_of: Callable[..., Any], place: Path) -> None:
    page = page_of(served(place, open_study=False))
    page.locator('[data-testid="drop"] input[type=file]').set_input_files(place / "pictures" / "wall.png")
    wait_for_text(page.get_by_test_id("dropped"), "Kept until the folder of the new study is named above: wall.png.")
    page.get_by_label("Folder of the new study").fill(str(place / "second"))
    page.get_by_test_id("make-study").click()
    page.wait_for_url("**/study/*/faces")
    assert (place / "second" / "media" / "wall.png").read_bytes() == (place / "pictures" / "wall.png").read_bytes()


def test_names_that_are_too_long_are_said_beside_what_was_clicked(
    served: Any, page_of: Callable[..., Any], place: Path
) -> None:
    page = page_of(served(place, open_study=False))
    page.get_by_label("Folder of the new study").fill(str(place / "third"))
    page.locator('[data-testid="drop"] input[type=file]').set_input_files(
        {"name": f"{'n' * 300}.png", "mimeType": "image/png", "buffer": b"x"}
    )
    page.get_by_text("The system refuses this: File name too long").wait_for()
    page.get_by_label("Folder of the new study").fill(str(place / ("y" * 300)))
    page.get_by_test_id("make-study").click()
    page.get_by_text("The system refuses this: File name too long (").nth(1).wait_for()


def test_a_study_that_was_moved_says_so_and_is_not_begun_anew(
    served: Any, page_of: Callable[..., Any], place: Path
) -> None:
    (place / "going").mkdir()
    server = served(place / "going", "--folder", str(place))
    page = page_of(server, f"{server.study}/report")
    (place / "going").rename(place / "gone")
    page.get_by_test_id("build-report").click()
    page.get_by_text("is not there any more: it was moved").wait_for()
    page.reload()
    page.get_by_text("is not there any more: it was moved").wait_for()
    assert not (place / "going").exists()


def test_paths_outside_are_refused_with_the_way_out(served: Any, page_of: Callable[..., Any], place: Path) -> None:
    page = page_of(served(place / "pictures", open_study=False))
    page.get_by_label("Folder of a study").fill("/etc")
    page.get_by_test_id("open-study").click()
    page.get_by_text("outside the folders that this page may use").wait_for()
    page.get_by_text("--folder").first.wait_for()


def test_a_folder_is_chosen_by_keys_alone(served: Any, page_of: Callable[..., Any], place: Path) -> None:
    page = page_of(served(place, open_study=False))
    page.get_by_label("Folder of a study").focus()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.get_by_role("button", name="pictures/").focus()
    page.keyboard.press("Enter")
    page.get_by_test_id("chooser-here").get_by_text("pictures").wait_for()
    page.get_by_role("button", name="Take this folder").focus()
    page.keyboard.press("Enter")
    page.wait_for_function("() => [...document.querySelectorAll('input')].some(i => i.value.endsWith('/pictures'))")


def test_two_studies_in_two_tabs_do_not_mix(served: Any, page_of: Callable[..., Any], place: Path) -> None:
    server = served(place, open_study=False)
    titles = {}
    for name in ("one", "two"):
        (place / name).mkdir(exist_ok=True)
        page = page_of(server)
        page.get_by_label("Folder of a study").fill(str(place / name))
        page.get_by_test_id("open-study").click()
        page.wait_for_url("**/study/*/faces")
        titles[name] = page
    for name, page in titles.items():
        page.reload()
        wait_for_text(page.get_by_test_id("study-title"), name)


def test_the_report_is_built_shown_and_survives_a_reload(
    served: Any, page_of: Callable[..., Any], tmp_path: Path
) -> None:
    (tmp_path / "study.toml").write_text('title = "A study of <b>nothing</b>"\n')
    server = served(tmp_path)
    page = page_of(server, f"{server.study}/report")
    page.get_by_test_id("build-report").click()
    # A click that has not reached the server is lost with the page.
    page.get_by_text(re.compile("Report: (running|done)")).wait_for()
    page.reload()
    page.get_by_text("Report: done").wait_for(timeout=JOB_MS)
    frame = page.frame_locator('[data-testid="report"]')
    wait_for_text(frame.locator("h1"), "A study of <b>nothing</b>")


def test_a_flat_folder_gets_its_table_in_the_page(served: Any, page_of: Callable[..., Any], tmp_path: Path) -> None:
    from PIL import Image

    (tmp_path / "flat").mkdir()
    for name in ("ann_1_smile", "ann_2_rest", "bo_1_smile", "bo_2_rest"):
        Image.new("RGB", (64, 64), (90, 120, 150)).save(tmp_path / "flat" / f"{name}.png")
    (tmp_path / "study").mkdir()
    (tmp_path / "study" / "page.json").write_text(json.dumps({"input": str(tmp_path / "flat")}))
    server = served(tmp_path / "study", "--folder", str(tmp_path))
    page = page_of(server, f"{server.study}/samples")
    wait_for_count(page.locator(".filling li"), 4)
    assert faults(page) == []
    page.get_by_label("Fill", exact=True).click()
    page.get_by_role("option", name="the label").click()
    page.get_by_test_id("name-pattern").fill("_([a-z]+)$")
    page.get_by_test_id("fill-names").click()
    page.get_by_text("Filled from 4 of 4 names.").wait_for()
    page.get_by_label("Who of ../flat/bo_2_rest.png").fill("cy")
    page.get_by_test_id("write-table").click()
    wait_for_text(page.get_by_test_id("people"), "4 samples of 3 people")
    assert "../flat/bo_2_rest.png,cy,rest" in (tmp_path / "study" / "samples.csv").read_text()
    page.get_by_test_id("fill-in").wait_for()
