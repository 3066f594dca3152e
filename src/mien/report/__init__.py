"""One self-contained HTML file.

The room has the name of its verb: ``mien.report(folder)`` works whether Python took ``mien.report`` for the function
or, because something below was imported first, for this package.
"""

import sys
from types import ModuleType
from typing import Any


class _Verb(ModuleType):
    """A package that can be called."""

    def __call__(self, *args: Any, **settings: Any) -> Any:
        """See ``mien.report.report.report``."""
        from mien.report.report import report

        return report(*args, **settings)


sys.modules[__name__].__class__ = _Verb
