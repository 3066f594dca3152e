"""What all verbs share: the console, JSON for machines, exit codes."""

import functools
import inspect
import json
import os
import sys
import warnings
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer

from mien.core.errors import ChoiceError, DamageWarning, MienError
from mien.core.files import full_disk, is_private, private_files
from mien.core.names import in_words_of_places, shown
from mien.core.numbers import check_options
from mien.core.output import check_folder
from mien.data.places.address import is_place
from mien.data.places.arguments import brought_here

DONE, SOME_FAILED, WRONG_USE = 0, 1, 2
# To this shells add the number of the signal that ended a program; 13: nobody reads its output.
ENDED = 128
UNREAD = ENDED + 13
# Set by --quiet.
_quiet = False


def console() -> Any:
    """Rich console on standard error, so that standard output stays for results; silent with ``--quiet``."""
    return _console(stderr=True, quiet=_quiet)


def page() -> Any:
    """Rich console on standard output, for results that people read."""
    return _console(stderr=False)


def notes() -> Any:
    """The same for what stands in the files beside the results, too; silent with ``--quiet``."""
    return _console(stderr=False, quiet=_quiet)


def errors() -> Any:
    """Rich console on standard error for what failed, with ``--quiet``, too."""
    return _console(stderr=True)


QUIET = inspect.Parameter(
    "quiet",
    inspect.Parameter.KEYWORD_ONLY,
    default=False,
    annotation=Annotated[
        bool, typer.Option("--quiet", "-q", help="No progress, notes and remarks: results and errors only.")
    ],
)


PRIVATE = inspect.Parameter(
    "private",
    inspect.Parameter.KEYWORD_ONLY,
    default=False,
    annotation=Annotated[
        bool, typer.Option("--private", help="Files for this user alone (0600, folders 0700). [env: MIEN_PRIVATE=1]")
    ],
)
# What verbs call the folder that they write.
WRITTEN = ("output", "folder")


def _console(stderr: bool, quiet: bool = False) -> Any:
    from rich.console import Console

    class Safe(Console):
        """Shows control characters in names of files instead of obeying them."""

        def render_str(self, text: str, **settings: Any) -> Any:
            return super().render_str(shown(text), **settings)

        def on_broken_pipe(self) -> None:
            raise BrokenPipeError

    return Safe(stderr=stderr, highlight=False, quiet=quiet)


def progress_bar(*columns: Any, screen: Any = None) -> Any:
    """A Rich progress bar on the console that is gone when it is done; a line now and then where it goes to a file."""
    screen = screen or console()
    if screen.is_terminal or screen.quiet:
        from rich.progress import Progress

        return Progress(*columns, console=screen, transient=True, disable=screen.quiet)
    from mien.core.progress import Lines

    return Lines(lambda line: screen.print(line, markup=False, soft_wrap=True))


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


def print_json(value: Any) -> None:
    """Print a result for machines on standard output."""
    text = in_words_of_places(json.dumps(value, indent=1, ensure_ascii=False, default=str))
    # Names that are no UTF-8 come out as JSON's own escapes.
    sys.stdout.write(text.encode("utf-8", "backslashreplace").decode("utf-8") + "\n")


def fail(code: int) -> None:
    """Leave with an exit code."""
    raise typer.Exit(code)


def refuse(sentence: str, choices: Iterable[str] = ()) -> None:
    """What ends a run, on standard error; each name that may be meant in a line of its own."""
    from rich.markup import escape

    errors().print(f"[bold red]mien:[/] {escape(shown(sentence))}", soft_wrap=True)
    for choice in choices:
        errors().print(f"  {choice}", markup=False, soft_wrap=True)


def problem(sentence: str) -> None:
    """What failed while the rest goes on, on standard error."""
    errors().print(f"problem: {sentence}", markup=False, soft_wrap=True)


# Verbs whose output is a file; they look themselves whether it can be written.
_WRITE_A_FILE = ("figure", "fixations", "join")


def guarded(verb: Callable[..., None]) -> Callable[..., None]:
    """The verb with its errors as sentences, with the documented exit codes and with the option ``--quiet``."""
    own = inspect.signature(verb, eval_str=True)

    @functools.wraps(verb)
    def run(*args: Any, quiet: bool = False, private: bool = False, **settings: Any) -> None:
        global _quiet
        _quiet = quiet
        with _damage_told(), private_files(private):
            try:
                check_options(settings)
                with brought_here(settings, verb) as here:
                    # All other verbs call the folder that they write by this name.
                    folder = isinstance(here.get("output"), Path) and verb.__name__ not in _WRITE_A_FILE
                    if folder and not is_place(here["output"]):
                        check_folder(here["output"])
                    try:
                        verb(*args, **here)
                    finally:
                        _close(here)
            except ChoiceError as error:
                refuse(error.sentence, error.choices)
                fail(WRONG_USE)
            except MienError as error:
                refuse(str(error))
                fail(WRONG_USE)
            except BrokenPipeError:
                _drop_output()
                fail(UNREAD)
            except OSError as error:
                refuse(_sentence(error))
                fail(WRONG_USE)
            except ModuleNotFoundError as error:
                refuse(_missing(error))
                fail(WRONG_USE)
            except MemoryError:
                refuse("The memory of this machine does not suffice; take fewer or smaller files, or a batch size.")
                fail(WRONG_USE)
            except UnicodeEncodeError as error:
                refuse(f"{error.object!r} holds what is no UTF-8, which this step cannot use; rename the file.")
                fail(WRONG_USE)

    # Typer reads the options from here.
    more = [PRIVATE, QUIET] if any(name in own.parameters for name in WRITTEN) else [QUIET]
    run.__signature__ = own.replace(parameters=[*own.parameters.values(), *more])  # type: ignore[attr-defined]
    run.__annotations__ = {**verb.__annotations__, **{option.name: option.annotation for option in more}}
    return run


def _close(settings: dict[str, Any]) -> None:
    """The folder that was written, for this user alone where that is wanted; it may have been there before."""
    for name in WRITTEN:
        if is_private() and isinstance(settings.get(name), Path) and settings[name].is_dir():
            settings[name].chmod(0o700)


def _sentence(error: OSError) -> str:
    if full_disk(error) is not None:
        return (
            f"{error.filename or 'A file'} could not be written ({error.strerror or error}). What was finished before "
            "is kept; make room and run the same command again."
        )
    return f"{error.filename or 'A file'} cannot be used ({error.strerror or error})."


def _missing(error: ModuleNotFoundError) -> str:
    """The sentence for a package of an extra; any other absent package is a fault and stays one."""
    from mien.core.extras import missing_extra

    lacking = missing_extra(error, "This command")
    if lacking is None:
        raise error
    return str(lacking)


@contextmanager
def _damage_told() -> Iterator[None]:
    """What is damaged and left out as a sentence, once."""
    with warnings.catch_warnings():
        show = warnings.showwarning

        def tell(message: Any, category: Any, *where: Any, **more: Any) -> None:
            if issubclass(category, DamageWarning):
                problem(str(message))
            else:
                show(message, category, *where, **more)

        warnings.showwarning = tell
        yield


def quietly_without_reader(program: Callable[[], None]) -> None:
    """Run a program that ends without a word where nobody reads its output any more (``mien ... | head``)."""
    try:
        try:
            program()
        finally:
            sys.stdout.flush()
    except BrokenPipeError:
        _drop_output()
        sys.exit(UNREAD)


def _drop_output() -> None:
    """What is still in the buffer must not be written at the end, which would fail once more."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
