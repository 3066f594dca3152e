"""Many people: who took part, what their faces did over time, and how that goes with questionnaires."""

from mien.core.verbs import callable_room

callable_room(__name__, "mien.cohort.query")
