"""Ready recipes over one pipeline, as ``mien.study``: list them, write a new one, run it up to its report."""

from mien.data.places.arguments import at_places
from mien.studies import study
from mien.studies.study import studies as list

# Their folders and samples may be places.
new, run = at_places(study.new, __name__, "new"), at_places(study.run, __name__, "run")

__all__ = ["list", "new", "run"]
