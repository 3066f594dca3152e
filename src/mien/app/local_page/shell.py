"""The frame around every view: where one is, where one can go, and what went wrong."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from mien.app.local_page.folders import OpenStudies, OpenStudy
from mien.app.local_page.parts import say_problem, words
from mien.app.local_page.views import VIEWS
from mien.core.errors import InputError, MienError

# Before anything is drawn: the page's own look, and a way past the navigation for those who use the keyboard.
HEAD = (
    '<script>document.documentElement.lang = "en"</script>'
    '<link rel="stylesheet" href="/look/page.css"><script src="/look/page.js" defer></script>'
)


def add_pages(studies: OpenStudies, most_upload: int) -> None:
    """Tell NiceGUI of the page's addresses."""
    from nicegui import ui

    @ui.page("/", title="mien")
    def start_page() -> None:
        from mien.app.local_page.start import start

        with _framed(None, "mien"):
            _guarded(lambda: start(studies, most_upload))

    @ui.page("/study/{name}/{view}")
    def view_page(name: str, view: str) -> None:
        try:
            study = studies.named(name)
            row = VIEWS[view]
        except (InputError, KeyError) as error:
            with _framed(None, "mien"):
                sentence = str(error) if isinstance(error, InputError) else "There is no such page."
                say_problem(sentence)
                ui.link("To the start page", "/")
            return
        ui.page_title(f"{row.title} – {study.title} – mien")
        with _framed(study, row.title, view):
            _guarded(lambda: row.run(study))


@contextmanager
def _framed(study: OpenStudy | None, title: str, view: str = "") -> Iterator[None]:
    from nicegui import ui

    ui.add_head_html(HEAD)
    ui.add_head_html('<meta name="color-scheme" content="light dark">')
    tag = ui.element
    # NiceGUI's own frame is a second 'main' around the navigation, which would be read aloud as the content.
    ui.context.client.content.parent_slot.parent.props('role="presentation"')
    with tag("a").classes("skip").props('href="#content"'):
        words("To the content")
    with tag("header").classes("top"):
        with tag("p").classes("where"):
            with tag("a").classes("home").props('href="/" aria-label="mien: start page"'):
                words("mien")
            if study is not None:
                with tag("span").classes("study").props("data-testid=study-title"):
                    words(study.title)
        if study is not None:
            with tag("nav").props('aria-label="Views of the study"'):
                for row in VIEWS.values():
                    here = ' aria-current="page"' if row.name == view else ""
                    with tag("a").props(f'href="{study.path(row.name)}"{here}'):
                        words(row.title)
    with tag("main").props('id="content" tabindex="-1"'):
        with tag("h1"):
            words(title)
        yield


def _guarded(fill: Callable[[], Any]) -> None:
    """Fill the page; what mien refuses stands there as its sentence, and the rest of the page stays."""
    try:
        fill()
    except MienError as error:
        say_problem(str(error))
