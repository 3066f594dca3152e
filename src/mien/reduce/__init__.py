"""Fewer landmarks: rank, remove, retrain, compare with chance."""

from mien.core.verbs import callable_room

callable_room(__name__, "mien.reduce.reduce")
