"""One self-contained HTML file."""

from mien.core.verbs import callable_room

callable_room(__name__, "mien.report.report")
