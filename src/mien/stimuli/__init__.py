"""Pictures for experiments: altered, matched, described by low-level statistics; objects whose parts make a face."""

from mien.core.verbs import callable_room

callable_room(__name__, "mien.stimuli.make")
