"""Subjects as whole numbers, and values averaged per subject."""

from __future__ import annotations

from typing import Any

import numpy as np

from mien.core.errors import InputError


def text_codes(values: Any) -> tuple[np.ndarray, np.ndarray]:
    """Distinct values as sorted text, shape (k,), and the number of each value among them, shape (rows,)."""
    texts = np.array([str(v) for v in values], dtype=str)
    names, codes = np.unique(texts, return_inverse=True)
    return names, codes.reshape(-1)


def codes_of(subjects: Any) -> tuple[np.ndarray, np.ndarray]:
    """Distinct subjects, shape (subjects,), and the number of each sample's subject, shape (samples,).

    Raises
    ------
    InputError
        If a sample has no subject.
    """
    names, codes = text_codes(subjects)
    if "" in names:
        row = int(np.flatnonzero(codes == np.flatnonzero(names == "")[0])[0])
        raise InputError(f"Sample {row + 1} has no subject; every sample needs one.")
    return names, codes


def subject_means(values: Any, subjects: Any) -> np.ndarray:
    """Mean of each subject's values, in the sorted order of the subjects; shape (subjects,).

    The subject is the unit of analysis: several samples of one person are not independent.
    """
    names, codes = codes_of(subjects)
    numbers = np.asarray(values, dtype=np.float64)
    if numbers.shape != codes.shape:
        raise InputError(f"{len(codes)} subjects, but the values have shape {numbers.shape}; give one per sample.")
    return np.bincount(codes, numbers, len(names)) / np.bincount(codes, minlength=len(names))
