"""Waits for what a page is about to show; looking at once is a race between the test and the browser."""

from typing import Any

from tests.browser.conftest import PATIENCE_MS

# Of a job, or of the first question to a model, which loads what networks need.
JOB_MS = 4 * PATIENCE_MS


def wait_for_count(found: Any, number: int) -> Any:
    """A locator, once this many elements match it."""
    from playwright.sync_api import expect

    expect(found).to_have_count(number, timeout=PATIENCE_MS)
    return found


def wait_for_text(found: Any, text: Any) -> Any:
    """A locator of one element, once its text holds this, or matches this pattern."""
    from playwright.sync_api import expect

    expect(found).to_contain_text(text, timeout=PATIENCE_MS, use_inner_text=True)
    return found


def two_chosen_on_a_map(page: Any) -> tuple[Any, Any]:
    """Make the first map of 'Maps' and choose two of its marks by keys; its frame, and what is said of them."""
    page.get_by_test_id("make-map").click()
    return two_chosen(page)


def two_chosen(page: Any) -> tuple[Any, Any]:
    """The same on the first map that is shown already."""
    frame = page.frame_locator("#map-frame")
    frame.locator("svg.map circle").first.wait_for(timeout=JOB_MS)
    frame.locator("svg.map").first.focus()
    for key in ("ArrowRight", " ", "ArrowLeft", " "):
        page.keyboard.press(key)
    return frame, page.get_by_test_id("chosen")
