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


@pytest.mark.parametrize("view", ["", *VIEWS])
def test_it_is_read_on_a_phone(server: Any, page_of: Callable[..., Any], view: str) -> None:
    page = page_of(server, f"{server.study}/{view}" if view else "/", size=(390, 844))
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_the_keyboard_gets_past_the_navigation(server: Any, page_of: Callable[..., Any]) -> None:
    page = page_of(server, f"{server.study}/report")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "content"
