"""Rooms with the name of a verb: ``mien.explain(...)`` works whether Python took ``mien.explain`` for the function or,
because something below was imported first, for the package.
"""

import inspect
import sys
from importlib import import_module
from types import ModuleType
from typing import Any


def callable_room(room: str, home: str) -> None:
    """Let a package be called as the function of the same name.

    Parameters
    ----------
    room : str
        ``__name__`` of the package.
    home : str
        Module that holds the function; it is imported at the first call.
    """
    verb = room.rpartition(".")[2]

    class Room(ModuleType):
        """A package that can be called."""

        def __call__(self, *args: Any, **settings: Any) -> Any:
            return getattr(import_module(home), verb)(*args, **settings)

        @property
        def __signature__(self) -> inspect.Signature:
            return inspect.signature(getattr(import_module(home), verb))

    sys.modules[room].__class__ = Room
