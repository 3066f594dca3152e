"""Names of the ways in which landmarks are chosen; free of what computes them."""

from __future__ import annotations

ALL, ONE_SHOT, RECURSIVE, RANDOM, ANATOMY = "all landmarks", "one-shot", "recursive", "random", "anatomical"
EVIDENCE = (ONE_SHOT, RECURSIVE)
RIVALS = ("variance", "mutual information", "group lasso")
METHODS = (*EVIDENCE, RANDOM, *RIVALS, ANATOMY)
