"""What has been learnt: training, scoring, storing without pickle; and, as on the command line, the weights that mien
runs on: ``mien.models.list()``, ``mien.models.pull()``, ``mien.models.card("landmarker")``.
"""

from mien.data.weight_facts import card as card
from mien.data.weight_facts import weights as list
from mien.data.weights import pull as pull

__all__ = ["card", "list", "pull"]
