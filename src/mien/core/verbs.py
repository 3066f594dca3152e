"""Rooms with the name of a verb: ``mien.explain(...)`` works whether Python took ``mien.explain`` for the function or,
because something below was imported first, for the package.
"""

import sys
import warnings
from collections.abc import Callable
from importlib import import_module
from types import ModuleType
from typing import Any


def callable_room(room: str, home: str, function: str = "") -> None:
    """Let a package be called as a function that it holds.

    Parameters
    ----------
    room : str
        ``__name__`` of the package.
    home : str
        Module that holds the function; it is imported at the first call.
    function : str
        Its name where that is another one now: a call under the room's name still works, with a DeprecationWarning.
    """
    verb = function or room.rpartition(".")[2]

    class Room(ModuleType):
        """A package that can be called."""

        def __call__(self, *args: Any, **settings: Any) -> Any:
            if function:
                warnings.warn(f"{room} is now called mien.{function}.", DeprecationWarning, stacklevel=2)
            return self.__wrapped__(*args, **settings)

        @property
        def __wrapped__(self) -> Callable[..., Any]:
            """Help and signature are the function's."""
            return getattr(import_module(home), verb)

        @property
        def __doc__(self) -> str | None:  # type: ignore[override]
            return self.__wrapped__.__doc__

    sys.modules[room].__class__ = Room
