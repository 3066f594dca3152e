"""Why this prediction."""

from mien.core.verbs import callable_room

callable_room(__name__, "mien.explain.explain")
