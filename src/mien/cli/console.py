"""What all verbs share: the console, JSON for machines, exit codes."""

import functools
import json
import sys
from collections.abc import Callable
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
        except KeyboardInterrupt:
            console().print("[bold]Interrupted.[/] Files that were finished are kept; run the same command again.")
            fail(INTERRUPTED)

    return run
