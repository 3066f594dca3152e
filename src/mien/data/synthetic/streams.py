"""Independent random numbers for every part of a made-up cohort, so that each part can be drawn alone."""

import numpy as np

ITEMS, PERSON, HABITS, SESSION, POPULATION, SITE = range(1, 7)
# Of a film.
PLOT, PICTURES, VIEWER, BRAIN = range(7, 11)


def stream(seed: int, kind: int, number: int = 0, session: int = 0) -> np.random.Generator:
    """Generator of one part: always four words, because shorter seeds are filled up with zeros."""
    return np.random.default_rng([seed, kind, number, session])
