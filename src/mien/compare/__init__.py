"""Do two things differ: models, groups of people, maps of the face."""

from mien.core.verbs import callable_room

callable_room(__name__, "mien.compare.groups")
