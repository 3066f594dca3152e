"""Whether evidence deserves its name: metrics, controls and their comparison over people."""

from mien.core.verbs import callable_room

callable_room(__name__, "mien.faithfulness.faithfulness", "evaluate_evidence")
