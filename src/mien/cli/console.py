"""What all verbs share: the console, JSON for machines, exit codes."""

import functools
import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from mien.core.errors import MienError

DONE, SOME_FAILED, WRONG_USE, INTERRUPTED = 0, 1, 2, 130


def console() -> Any:
    """Rich console on standard error, so that standard output stays for results."""
    from rich.console import Console

    return Console(stderr=True, highlight=False)


def progress_bar(*columns: Any, screen: Any = None) -> Any:
    """A Rich progress bar on the console that is gone when it is done; nothing at all where nobody watches."""
    from rich.progress import Progress

    screen = screen or console()
    return Progress(*columns, console=screen, transient=True, disable=not screen.is_terminal)


class Watch:
    """One task's bar: call it with (done, total); ``begin`` another task in its place."""

    def __init__(self, bar: Any, what: str) -> None:
        self._bar, self._task = bar, bar.add_task(what, total=None)

    def __call__(self, done: int, total: int) -> None:
        self._bar.update(self._task, completed=done, total=total)

    def begin(self, what: str) -> None:
        """A new task, from nothing."""
        self._bar.update(self._task, description=what, completed=0, total=None)


@contextmanager
def watching(what: str) -> Iterator[Watch]:
    """A bar with time left for work that counts itself."""
    from rich.progress import BarColumn, TextColumn, TimeElapsedColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}", markup=False), BarColumn(), TextColumn("{task.percentage:.0f} %"))
    with progress_bar(*columns, TimeElapsedColumn(), TimeRemainingColumn()) as bar:
        yield Watch(bar, what)


def page() -> Any:
    """Rich console on standard output, for results that people read."""
    from rich.console import Console

    return Console(highlight=False)


def print_json(value: Any) -> None:
    """Print a result for machines on standard output."""
    json.dump(value, sys.stdout, indent=1, ensure_ascii=False, default=str)
    sys.stdout.write("\n")


def fail(code: int) -> None:
    """Leave with an exit code."""
    import typer

    raise typer.Exit(code)


def guarded(verb: Callable[..., None]) -> Callable[..., None]:
    """The verb with errors told as sentences and with the documented exit codes."""

    @functools.wraps(verb)
    def run(*args: Any, **settings: Any) -> None:
        try:
            verb(*args, **settings)
        except MienError as error:
            from rich.markup import escape

            console().print(f"[bold red]mien:[/] {escape(str(error))}", soft_wrap=True)
            fail(WRONG_USE)
        except OSError as error:
            console().print(
                f"mien: {error.filename or 'A file'} cannot be used ({error.strerror or error}).", markup=False
            )
            fail(WRONG_USE)
        except ModuleNotFoundError as error:
            from click import get_current_context

            from mien.core.extras import missing_extra

            context = get_current_context(silent=True)
            lacking = missing_extra(error, f"'{context.command_path}'" if context else "This")
            if lacking is None:
                raise
            console().print(f"mien: {lacking}", markup=False, soft_wrap=True)
            fail(WRONG_USE)
        except KeyboardInterrupt:
            console().print("[bold]Interrupted.[/] Files that were finished are kept; run the same command again.")
            fail(INTERRUPTED)

    return run
