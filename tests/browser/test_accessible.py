"""Every view, in light and dark, wide and narrow: no fault that axe-core knows, nothing wider than the screen."""

from collections.abc import Callable
from typing import Any

import pytest

from mien.app.local_page.views import VIEWS

# Of WCAG 2.1, levels A and AA.
RULES = {"runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]}}


@pytest.fixture(scope="module")
def server(served: Any, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """Of a study without anything."""
    return served(tmp_path_factory.mktemp("empty"))


def faults(page: Any) -> list[str]:
    """What axe-core finds, in short."""
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    found = axe.run(page, options=RULES).response["violations"]
    return [f"{rule['id']}: {node['target']} {node['html'][:120]}" for rule in found for node in rule["nodes"]]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("view", ["", *VIEWS])
def test_no_fault_of_access(server: Any, page_of: Callable[..., Any], view: str, scheme: str) -> None:
    page = page_of(server, f"{server.study}/{view}" if view else "/", scheme=scheme)
    assert faults(page) == []
    assert page.get_by_role("main").count() == 1
    if not view:
        page.get_by_role("button", name="Open", exact=True).click()
        page.get_by_role("alert").filter(has_text="Name a folder first").wait_for()
        # Words that fade in have less contrast for a moment.
        page.wait_for_function("document.getAnimations().every((one) => one.playState !== 'running')")
        assert faults(page) == []


# Of the words of an element on the first background that is not see-through; axe passes over buttons that are drawn in
# layers.
CONTRAST = """(element) => {
  const numbers = (text) => text.match(/[\\d.]+/g).map(Number);
  const light = (rgb) => rgb.slice(0, 3).map((one) => one / 255)
    .map((one) => one <= 0.04045 ? one / 12.92 : ((one + 0.055) / 1.055) ** 2.4)
    .reduce((sum, one, place) => sum + one * [0.2126, 0.7152, 0.0722][place], 0);
  let below = element;
  while (numbers(getComputedStyle(below).backgroundColor)[3] === 0) below = below.parentElement;
  const both = [getComputedStyle(element).color, getComputedStyle(below).backgroundColor].map(numbers).map(light);
  return (Math.max(...both) + 0.05) / (Math.min(...both) + 0.05);
}"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_warning_and_its_way_out_can_be_read(server: Any, page_of: Callable[..., Any], scheme: str) -> None:
    page = page_of(server, "/", scheme=scheme)
    page.get_by_role("button", name="Open", exact=True).click()
    warning = page.get_by_role("alert").filter(has_text="Name a folder first")
    warning.wait_for()
    page.wait_for_function("document.getAnimations().every((one) => one.playState !== 'running')")
    for words in (warning.get_by_text("Name a folder first"), warning.get_by_text("Close")):
        assert words.evaluate(CONTRAST) > 4.5


@pytest.mark.parametrize("view", ["", *VIEWS])
def test_it_is_read_on_a_phone(server: Any, page_of: Callable[..., Any], view: str) -> None:
    page = page_of(server, f"{server.study}/{view}" if view else "/", size=(390, 844))
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_the_keyboard_gets_past_the_navigation(server: Any, page_of: Callable[..., Any]) -> None:
    page = page_of(server, f"{server.study}/report")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "content"
