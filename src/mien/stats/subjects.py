"""Subjects as whole numbers, and values averaged per subject."""

from __future__ import annotations

from typing import Any

import numpy as np

from mien.core.errors import InputError
from mien.core.people.keys import person_key


def text_codes(values: Any) -> tuple[np.ndarray, np.ndarray]:
    """Distinct values as sorted text, shape (k,), and the number of each value among them, shape (rows,)."""
    texts = np.array([str(v) for v in values], dtype=str)
    names, codes = np.unique(texts, return_inverse=True)
    return names, codes.reshape(-1)


def codes_of(subjects: Any) -> tuple[np.ndarray, np.ndarray]:
    """Distinct subjects, shape (subjects,), and the number of each sample's subject, shape (samples,).

    Spellings of one person's name are one subject, called by the first of them in the alphabet.

    Raises
    ------
    InputError
        If a sample has no subject.
    """
    names, codes = text_codes(subjects)
    if "" in names:
        row = int(np.flatnonzero(codes == np.flatnonzero(names == "")[0])[0])
        raise InputError(f"Sample {row + 1} has no subject; every sample needs one.")
    keys = np.array([person_key(str(name)) for name in names], dtype=object)
    first = {key: number for number, key in reversed(list(enumerate(keys)))}
    if len(first) == len(names):
        return names, codes
    kept, of_name = np.unique([first[key] for key in keys], return_inverse=True)
    return names[kept], of_name[codes]


def subject_means(values: Any, subjects: Any) -> np.ndarray:
    """Mean of each subject's values, in the sorted order of the subjects; shape (subjects,).

    The subject is the unit of analysis: several samples of one person are not independent.
    """
    names, codes = codes_of(subjects)
    numbers = np.asarray(values, dtype=np.float64)
    if numbers.shape != codes.shape:
        raise InputError(f"{len(codes)} subjects, but the values have shape {numbers.shape}; give one per sample.")
    return np.bincount(codes, numbers, len(names)) / np.bincount(codes, minlength=len(names))
