"""Fewer landmarks: rank, remove, retrain, compare with chance.

The room has the name of its verb: ``mien.reduce(X, y, subjects)`` works whether Python took ``mien.reduce`` for the
function or, because something below was imported first, for this package.
"""

import sys
from types import ModuleType
from typing import Any


class _Verb(ModuleType):
    """A package that can be called."""

    def __call__(self, *args: Any, **settings: Any) -> Any:
        """See ``mien.reduce.reduce.reduce``."""
        from mien.reduce.reduce import reduce

        return reduce(*args, **settings)


sys.modules[__name__].__class__ = _Verb
