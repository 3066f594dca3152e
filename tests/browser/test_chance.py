"""Models that are not shown to predict are nowhere on the page findings: Models, Why, Maps and Camera say so."""

import csv
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.browser.test_accessible import faults
from tests.browser.test_why import FAKE_CAMERA
from tests.browser.waiting import JOB_MS, two_chosen, wait_for_count, wait_for_text

SAID = re.compile(r"Not predicted: do not interpret\. On people that the model had not seen, the balanced accuracy")


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Faces of made-up people, half of whom are 'calm' when they smile: nothing in a face says which."""
    import mien
    from mien.app.local_page.folders import Folders, OpenStudies

    folder = tmp_path_factory.mktemp("chance")
    mien.synthesize(folder, subjects=6, expressions=("neutral", "smile"), frames=3, pictures=True)
    mien.extract(folder / "pictures", folder / "study")
    with (folder / "pictures.csv").open() as file:
        rows = list(csv.DictReader(file))
    table = folder / "table.csv"
    moods = [(int(row["subject"][1:]) + (row["expression"] == "smile")) % 2 for row in rows]
    lines = [f"{row['path']},{row['subject']},{('calm', 'glad')[mood]}" for row, mood in zip(rows, moods, strict=True)]
    table.write_text("\n".join(["path,subject,mood", *lines]))
    place, faces = folder / "study", folder / "study"
    mien.train(
        table, target="mood", model="expression", faces=faces, output=place / "models" / "noise", n_folds=2,
        settings={"components": 2, "strengths": (1.0,)},
    )  # fmt: skip
    mien.explain(place / "models" / "noise", table, faces=faces, target="glad", output=place / "evidence" / "noise")
    mien.embed(
        table, of="scores", faces=faces, model=place / "models" / "noise", n_held_out=0,
        output=place / "maps" / "noise" / "pca",
    )  # fmt: skip
    OpenStudies(Folders.of([folder])).open(place).keep(samples=str(table))
    return place


@pytest.fixture(scope="module")
def server(served: Any, study: Path) -> Any:
    return served(study, "--folder", str(study.parent))


def test_models_say_it_above_the_numbers(server: Any, page_of: Callable[..., Any]) -> None:
    page = page_of(server, f"{server.study}/models")
    wait_for_text(page.get_by_test_id("one-model"), SAID)
    assert faults(page) == []


def test_why_says_it_and_calls_no_mood_an_expression(server: Any, page_of: Callable[..., Any]) -> None:
    page = page_of(server, f"{server.study}/why?model=noise&face=pictures/s001-neutral-1.png")
    page.locator('[data-testid="cover-holder"][data-ready]').wait_for(timeout=JOB_MS)
    wait_for_text(page.get_by_test_id("not-predicted"), SAID)
    wait_for_text(page.get_by_test_id("why-answer"), "mood, as the model says: ")
    # The numbers by region are of the same model.
    wait_for_text(page.get_by_test_id("region-answer"), SAID)
    assert "pparent expression" not in page.locator("#content").inner_text()


def test_maps_say_it_with_the_evidence_of_a_selection(server: Any, page_of: Callable[..., Any]) -> None:
    page = page_of(server, f"{server.study}/maps")
    # A map of the model's answers says it everywhere, and that the model knows these faces.
    frame, chosen = two_chosen(page)
    said = [page.get_by_test_id("map").get_by_role("alert"), frame.locator(".caution")]
    chosen.get_by_text("Share of the evidence").wait_for()
    for place in [*said, chosen.get_by_role("alert")]:
        wait_for_text(place.first, SAID)
        wait_for_text(place.nth(1), "fitted to faces of 6 of these 6 people")
    wait_for_text(chosen.get_by_role("alert").nth(2), SAID)


def test_the_camera_says_it_beside_every_answer(server: Any, page_of: Callable[..., Any]) -> None:
    page = page_of(server, f"{server.study}/camera")
    page.evaluate(FAKE_CAMERA, f"/media/{server.study.split('/')[-1]}/picture?path=../pictures/s001-smile-1.png")
    page.get_by_test_id("camera-model").select_option("noise")
    page.get_by_test_id("camera-start").click()
    page.get_by_role("heading", name="mood, as the model says, face 1").wait_for()
    wait_for_text(page.get_by_test_id("not-predicted"), SAID)
    assert faults(page) == []
    # The rules were never scored: nothing is known of them, and nothing is said.
    page.get_by_test_id("camera-model").select_option("rules")
    page.get_by_role("heading", name="Apparent expression, face 1").wait_for()
    wait_for_count(page.get_by_test_id("not-predicted"), 0)


def test_a_table_that_is_gone_is_told_of_alike_wherever_it_is_asked_for(
    server: Any, page_of: Callable[..., Any], study: Path
) -> None:
    table = study.parent / "table.csv"
    table.rename(study.parent / "elsewhere.csv")
    try:
        for view in ("samples", "models", "why", "maps", "report"):
            page = page_of(server, f"{server.study}/{view}")
            wait_for_text(
                page.locator("#content"), "table.csv is not there (any more): it was moved, renamed or deleted"
            )
    finally:
        (study.parent / "elsewhere.csv").rename(table)
