"""How a kind of model learns from a few samples of one person: refitted with them, or its last layer trained on."""

REFIT, HEAD = "refit", "head"
