"""Samples, models and maps in a browser: roles by clicking, training as a job, faces behind a cell, a selection."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.browser.test_accessible import faults
from tests.browser.waiting import JOB_MS, two_chosen_on_a_map, wait_for_count, wait_for_text


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Pictures of made-up people with their faces, and a table whose columns are called otherwise."""
    import mien
    from mien.app.local_page.folders import Folders, OpenStudies

    folder = tmp_path_factory.mktemp("models") / "made-up <people>"
    folder.mkdir()
    mien.synthesize(folder, subjects=4, expressions=("neutral", "smile"), frames=3, pictures=True)
    mien.extract(folder / "pictures", folder / "study")
    head, *rows = (folder / "pictures.csv").read_text().splitlines()
    assert head == "path,subject,expression,group"
    lines = ["Bild,Vp,expression,group,<b>warm</b>", *(f"{row},{place}" for place, row in enumerate(rows))]
    (folder / "table.csv").write_text("\n".join(lines).replace(f",{len(rows) - 1}", ",x1"))
    OpenStudies(Folders.of([folder])).open(folder / "study").keep(samples=str(folder / "table.csv"))
    return folder / "study"


@pytest.fixture(scope="module")
def server(served: Any, study: Path) -> Any:
    return served(study, "--folder", str(study.parent))


@pytest.fixture
def mended(study: Path) -> None:
    """The table in order, as the first test leaves it; tests may run in processes of their own."""
    from mien.app.local_page.folders import Folders, OpenStudies

    table = study.parent / "table.csv"
    table.write_text(table.read_text().replace(",x1", ",7"))
    kept = OpenStudies(Folders.of([study.parent])).open(study)
    kept.keep(columns={**kept.kept().get("columns", {}), "path": "Bild", "subject": "Vp"})


def chosen_role(page: Any, column: str, role: str) -> None:
    """Say by clicking what a column is."""
    page.get_by_role("combobox", name=f"{column} is", exact=True).click()
    page.get_by_role("option", name=re.compile(f"^{role}")).click()


def test_a_table_is_mended_and_its_columns_get_their_roles_by_clicking(
    server: Any, page_of: Callable[..., Any], study: Path
) -> None:
    page = page_of(server, f"{server.study}/samples")
    problems = page.get_by_test_id("problems")
    problems.get_by_text("'path'").first.wait_for()
    page.get_by_role("button", name="Show row 9").click()
    page.locator("tr.at", has_text="x1").wait_for()
    assert faults(page) == []
    table = study.parent / "table.csv"
    table.write_text(table.read_text().replace(",x1", ",7"))
    chosen_role(page, "Bild", "path")
    problems.get_by_text("'subject'").first.wait_for()
    chosen_role(page, "Vp", "subject")
    wait_for_text(page.get_by_test_id("people"), "8 samples of 4 people; 2 of each person.")
    page.get_by_text("None: a face was found in each of 8.").wait_for()
    assert faults(page) == []


def test_a_model_is_trained_and_the_faces_behind_a_cell_are_shown(
    server: Any, mended: None, page_of: Callable[..., Any], study: Path
) -> None:
    page = page_of(server, f"{server.study}/models")
    page.get_by_test_id("folds").get_by_text("Each of 4 people (fewer people than 10 folds)").wait_for()
    page.get_by_test_id("settings").get_by_text("Settings of the model").click()
    page.get_by_test_id("set-components").fill("none at all")
    page.get_by_test_id("train-now").click()
    page.get_by_text("'components' is a whole number from 1").wait_for()
    page.get_by_test_id("set-components").fill("12")
    page.get_by_test_id("train-now").click()
    page.get_by_test_id("overview").wait_for(timeout=JOB_MS)
    assert (study / "models" / "expression" / "evaluation.json").is_file()
    assert '"components": 12' in (study / "models" / "expression" / "model.json").read_text()
    cells = wait_for_count(page.locator(".cells button"), 4)
    counts = [int(text) for text in cells.all_inner_texts()]
    assert sum(counts) == 8
    most = counts.index(max(counts))
    cells.nth(most).focus()
    page.keyboard.press("Enter")
    wait_for_count(page.get_by_test_id("face-behind"), counts[most])
    picture = page.locator(".face-grid img").first
    picture.scroll_into_view_if_needed()
    page.wait_for_function("document.querySelector('.face-grid img').naturalWidth > 0")
    assert faults(page) == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("view", ["samples", "models", "maps"])
def test_views_with_content_are_read_on_a_phone(
    server: Any, mended: None, page_of: Callable[..., Any], view: str, scheme: str
) -> None:
    page = page_of(server, f"{server.study}/{view}", size=(390, 844), scheme=scheme)
    page.get_by_test_id({"samples": "people", "models": "folds", "maps": "make-map"}[view]).wait_for()
    # Fields are laid out anew once their labels are there.
    page.wait_for_function("document.documentElement.scrollWidth <= 390")
    assert faults(page) == []


def test_a_selection_on_a_map_by_keys_shows_what_its_faces_have_in_common(
    server: Any, mended: None, page_of: Callable[..., Any]
) -> None:
    page = page_of(server, f"{server.study}/maps")
    frame, chosen = two_chosen_on_a_map(page)
    chosen.get_by_text("Selected: 2 samples").wait_for()
    page.get_by_test_id("average-face").wait_for()
    wait_for_text(chosen, "Average of 2 faces")
    wait_for_text(chosen, "expression: smile (share)")
    wait_for_count(chosen.get_by_test_id("face-behind"), 2)
    assert faults(page) == []
    page.keyboard.press("Escape")
    chosen.get_by_text("Select marks in a map").wait_for()
    for held, number in (([], "1 sample of 1 person"), (["Shift"], "2 samples")):
        frame.locator("svg.map circle").nth(len(held)).click(modifiers=held, force=True)
        chosen.get_by_text(f"Selected: {number}").wait_for()
