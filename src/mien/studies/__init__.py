"""Ready recipes over one pipeline, as ``mien.study``: list them, write a new one, run it up to its report."""

from mien.studies.study import new as new
from mien.studies.study import run as run
from mien.studies.study import studies as list

__all__ = ["list", "new", "run"]
