"""Pieces that every view is made of: its parts, remarks, problems, and what a click tries."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from mien.core.errors import MienError

# Letters of a path that are shown where it may be what is wrong.
MOST_OF_A_PATH = 120


def words(text: str) -> None:
    """Plain text within a sentence, link or heading."""
    from nicegui import ui

    ui.label(text).classes("words-only")


def say_problem(sentence: str) -> None:
    """A sentence about what went wrong, where one looks."""
    from nicegui import ui

    with ui.element("div").classes("problem").props('role="alert"'):
        ui.label(sentence)


def say_note(sentence: str) -> None:
    """A remark in small print."""
    from nicegui import ui

    with ui.element("p").classes("note"):
        words(sentence)


@contextmanager
def part(title: str, test_id: str = "") -> Iterator[None]:
    """A part of a view with its heading."""
    from nicegui import ui

    with ui.element("section").props(f'data-testid="{test_id}"' if test_id else ""):
        with ui.element("h2"):
            words(title)
        yield


def warn(sentence: str) -> None:
    """A refusal, over the page for a while."""
    from nicegui import ui

    ui.notify(sentence, type="negative", multi_line=True, timeout=15_000, close_button="Close")


async def attempted(action: Callable[[], Any]) -> Any:
    """Do what a click asks for; a refusal is shown as its sentence. None if refused."""
    from nicegui import run

    try:
        return await run.io_bound(action)
    except MienError as error:
        warn(str(error))
        return None
    except OSError as error:
        # A name that is too long, a full disk, a folder that somebody has locked.
        say_refused(error)
        return None


def say_refused(error: OSError) -> None:
    """What the system does not allow, beside what was clicked."""
    name = str(error.filename or "")
    of = f" ({name if len(name) <= MOST_OF_A_PATH else name[:MOST_OF_A_PATH] + '...'})" if name else ""
    warn(f"The system refuses this: {error.strerror or error}{of}.")
