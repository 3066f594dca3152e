"""Why this prediction.

The room has the name of its verb: ``mien.explain(model, samples)`` works whether Python took ``mien.explain`` for the
function or, because something below was imported first, for this package.
"""

import sys
from types import ModuleType
from typing import Any


class _Verb(ModuleType):
    """A package that can be called."""

    def __call__(self, *args: Any, **settings: Any) -> Any:
        """See ``mien.explain.explain.explain``."""
        from mien.explain.explain import explain

        return explain(*args, **settings)


sys.modules[__name__].__class__ = _Verb
