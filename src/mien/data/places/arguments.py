"""Which arguments of a function are places; cheap to import, because every public function asks."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar, cast

from mien.core.files import private_files
from mien.data.places.address import holds_place

F = TypeVar("F", bound=Callable[..., Any])
_NATIVE = "__mien_reads_places__"


def reads_places(function: F) -> F:
    """Mark a function that reads and writes places by itself: it gets addresses, not working copies."""
    setattr(function, _NATIVE, True)
    return function


def at_places(function: F, module: str = "", name: str = "") -> F:
    """A public function whose arguments may be places; it works on local copies of them.

    Parameters
    ----------
    function : callable
    module, name : str
        Where the new function is found, so that it can travel to other processes as the old one could.
    """

    @functools.wraps(function)
    def run(*args: Any, **settings: Any) -> Any:
        with private_files(), brought_here({"args": args, **settings}, function) as local:
            return function(*local.pop("args"), **local)

    run.__module__, run.__qualname__ = module or run.__module__, name or run.__qualname__
    return cast(F, run)


@contextmanager
def brought_here(given: dict[str, Any], function: Callable[..., Any]) -> Iterator[dict[str, Any]]:
    """Arguments for a function, with working copies of the places in them unless it reads places by itself."""
    if getattr(function, _NATIVE, False) or not any(holds_place(value) for value in given.values()):
        yield dict(given)
        return
    from mien.data.places.working_copy import working_copies

    with working_copies(given) as local:
        yield local
