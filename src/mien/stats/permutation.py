"""Permutation tests whose unit is the subject."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from mien.core.errors import InputError
from mien.stats.subjects import codes_of


@dataclass(frozen=True)
class PermutationTest:
    """Result of a permutation test.

    Attributes
    ----------
    statistic : float
        Mean difference, or the score that was tested.
    p : float
        Share of the permutations at least as extreme; never 0, as the observed order counts as one of them.
    n_permutations : int
    exact : bool
        Whether all permutations were enumerated.
    """

    statistic: float
    p: float
    n_permutations: int
    exact: bool


def sign_flip_test(differences: Any, *, n_permutations: int = 10_000, seed: int = 0) -> PermutationTest:
    """Two-sided paired test of a mean difference of zero, by flipping signs.

    Parameters
    ----------
    differences : sequence of float, shape (subjects,)
        One value per subject, such as the difference of two models' accuracies on that person; average
        several samples of a person first (``mien.stats.subjects.subject_means``).
    n_permutations : int
        All 2 ** subjects sign patterns are enumerated where they are no more than this, else so many are drawn.
    seed : int

    Notes
    -----
    Fisher's randomisation test for pairs; p with the observed pattern counted (Phipson and Smyth 2010,
    "Permutation p-values should never be zero", Stat. Appl. Genet. Mol. Biol. 9(1)).
    """
    values = np.asarray(differences, dtype=np.float64)
    if values.ndim != 1 or len(values) < 2:
        raise InputError(f"Sign-flip test: one difference for each of at least 2 subjects, but got {values.shape}.")
    if not np.isfinite(values).all():
        raise InputError("Sign-flip test: differences must be finite; leave out subjects without a value.")
    n = len(values)
    exact = n < 63 and 2**n <= n_permutations
    if exact:
        signs = 1 - 2 * ((np.arange(2**n)[:, None] >> np.arange(n)) & 1)
    else:
        signs = np.random.default_rng(seed).choice(np.array([-1, 1], dtype=np.int8), size=(n_permutations, n))
    observed = abs(values.mean())
    # The tolerance keeps sums of the same numbers in another order from counting as smaller.
    extreme = int((np.abs(signs @ values) / n >= observed - 1e-12 * np.abs(values).max()).sum())
    p = extreme / len(signs) if exact else (extreme + 1) / (len(signs) + 1)
    return PermutationTest(float(values.mean()), p, len(signs), exact)


def exchanged_rows(subjects: Any, rng: np.random.Generator) -> np.ndarray:
    """For every sample, the one whose label (or ratings) it gets, in a shuffling that keeps people together.

    People change places: each gets the labels of another one (or keeps its own), in random order. So people of one
    class go on having one class, and a mixture stays a mixture, whoever has it. Where both have the same number of
    samples this is a permutation. Where they have not, labels are drawn from those of the other person, each as often
    as the rest (once at most where there are enough).

    Parameters
    ----------
    subjects : sequence of str, shape (samples,)
    rng : numpy.random.Generator

    Returns
    -------
    ndarray of int, shape (samples,)

    Notes
    -----
    The null hypothesis is that people are exchangeable, and the samples of a person: their labels have nothing to do
    with what is predicted of them, neither between people nor within. Predictions may depend on the person. With equal
    numbers of samples the test is exact; ``benchmarks/null_people.py`` checks it for others.
    """
    return exchanged(codes_of(subjects)[1], rng)


def exchanged(subject: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """As ``exchanged_rows``, of people who are numbered from 0 on."""
    size = np.bincount(subject)
    start = np.cumsum(size) - size
    # Sorting random keys within subjects shuffles all of them at once.
    taken, placed = (np.lexsort((rng.random(len(subject)), subject)) for _ in range(2))
    person = subject[placed]
    donor = rng.permutation(len(size))[person]
    turn = np.arange(len(subject)) - start[person]
    result = np.empty(len(subject), dtype=np.intp)
    result[placed] = taken[start[donor] + turn % size[donor]]
    return result


def permute_labels(y: Any, subjects: Any, rng: np.random.Generator) -> np.ndarray:
    """Labels in an order that chance could have given, shape (samples,); see ``exchanged_rows``."""
    labels, subject = np.asarray(y, dtype=object), codes_of(subjects)[1]
    if labels.shape != subject.shape:
        raise InputError(f"{len(subject)} subjects, but {len(labels)} labels; give one per sample.")
    shuffled: np.ndarray = labels[exchanged(subject, rng)]
    return shuffled
