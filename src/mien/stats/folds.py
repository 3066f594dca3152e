"""Folds for cross-validation that never share a subject."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal, get_args

import numpy as np

from mien.core.errors import InputError
from mien.core.numbers import check_number
from mien.stats.subjects import codes_of, text_codes

Scheme = Literal["stratified", "grouped", "leave-one-subject-out"]
Fold = tuple[np.ndarray, np.ndarray]


def left_out_in_turn(
    where: np.ndarray, names: Sequence[str] | np.ndarray, y: Sequence[Any] | np.ndarray | None, sentence: str
) -> list[Fold]:
    """One fold for each place that samples are from, tested by models that were trained on the others.

    Parameters
    ----------
    where : ndarray of int, shape (samples,)
        Place of each sample in ``names``.
    names : sequence of str
    y : sequence, shape (samples,), optional
        Class of each sample; every training fold must hold every class.
    sentence : str
        Of the refusal, with ``{name}`` and the ``{label}`` that it alone holds.

    Raises
    ------
    InputError
        If one place alone holds a class.
    """
    folds = [(np.flatnonzero(where != place), np.flatnonzero(where == place)) for place in range(len(names))]
    if y is not None:
        classes, label = text_codes(y)
        for (train, _), name in zip(folds, names, strict=True):
            absent = np.setdiff1d(np.arange(len(classes)), label[train])
            if len(absent):
                raise InputError(sentence.format(name=name, label=classes[absent[0]]))
    return folds


def subject_folds(
    subjects: Sequence[str] | np.ndarray,
    y: Sequence[Any] | np.ndarray | None = None,
    *,
    scheme: Scheme = "stratified",
    n_folds: int = 10,
    seed: int = 0,
) -> list[Fold]:
    """Split samples into folds so that no subject is in both training and test.

    Parameters
    ----------
    subjects : sequence of str, shape (samples,)
        Who is shown in each sample.
    y : sequence, shape (samples,), optional
        Class of each sample. Needed for ``'stratified'``; where given, every training fold must hold every class.
    scheme : {'stratified', 'grouped', 'leave-one-subject-out'}
        ``'stratified'`` deals out whole subjects so that the classes are spread as evenly over the folds as
        greedy assignment allows; ``'grouped'`` balances only the number of samples;
        ``'leave-one-subject-out'`` tests each subject alone (``n_folds`` and ``seed`` play no part).
    n_folds : int
    seed : int
        Decides the order among subjects that are alike. The same seed gives the same folds.

    Returns
    -------
    list of (train, test)
        Sorted indices, shape (training samples,) and (test samples,). Every sample is tested exactly once.

    Raises
    ------
    InputError
        For one subject, one class, more folds than subjects, missing labels, or a class that some training
        fold would not hold.

    Notes
    -----
    Greedy stratification after scikit-learn's ``StratifiedGroupKFold``: subjects with the most uneven class
    counts are dealt first, each to the fold where the spread of class shares over folds grows least. In
    addition no fold stays empty.
    """
    check_number("seed", seed)
    if scheme not in get_args(Scheme):
        raise InputError(f"Folds: scheme is one of {', '.join(get_args(Scheme))}, but got '{scheme}'.")
    names, subject = codes_of(subjects)
    _check_subjects(names, n_folds, scheme)
    classes, label = _classes(y, len(subject), scheme)
    if scheme == "leave-one-subject-out":
        fold_of_subject = np.arange(len(names))
    else:
        rng = np.random.default_rng(seed)
        counts = _counts(subject, label, len(names), len(classes))
        deal = _deal_stratified if scheme == "stratified" else _deal_grouped
        fold_of_subject = deal(counts, n_folds, rng)
    fold = fold_of_subject[subject]
    folds = [(np.flatnonzero(fold != f), np.flatnonzero(fold == f)) for f in range(fold_of_subject.max() + 1)]
    if y is not None:
        _check_training_classes(folds, label, classes, subject, names, scheme)
    return folds


def _check_subjects(names: np.ndarray, n_folds: int, scheme: str) -> None:
    if len(names) == 0:
        raise InputError("Folds: there are no samples to split.")
    if len(names) == 1:
        raise InputError(
            f"Folds: all samples show one subject ('{names[0]}'), so nobody would be left to test on. "
            "Add other subjects, or check that the column 'subject' tells people apart."
        )
    if scheme == "leave-one-subject-out":
        return
    if n_folds < 2:
        raise InputError(f"Folds: at least 2 folds are needed, but got {n_folds}.")
    if n_folds > len(names):
        raise InputError(
            f"Folds: {n_folds} folds need as many subjects, but there are {len(names)}. "
            f"Ask for {len(names)} folds or fewer, or for scheme 'leave-one-subject-out'."
        )


def _classes(y: Any, rows: int, scheme: str) -> tuple[np.ndarray, np.ndarray]:
    if y is None:
        if scheme == "stratified":
            raise InputError("Folds: scheme 'stratified' needs the class of every sample; without, use 'grouped'.")
        return np.array(["all"]), np.zeros(rows, dtype=np.intp)
    values = np.asarray(y)
    if values.shape != (rows,):
        raise InputError(f"Folds: {rows} subjects, but the classes have shape {values.shape}; give one per sample.")
    if values.dtype.kind == "f":
        raise InputError("Folds: the target holds numbers, not classes; use scheme 'grouped' without classes.")
    classes, label = text_codes(values)
    if "" in classes:
        missing = int((label == np.flatnonzero(classes == "")[0]).sum())
        raise InputError(f"Folds: {missing} samples have no label; leave them out before splitting.")
    if len(classes) < 2:
        raise InputError(f"Folds: all samples have the class '{classes[0]}'; two classes at least are needed.")
    return classes, label


def _counts(subject: np.ndarray, label: np.ndarray, n_subjects: int, n_classes: int) -> np.ndarray:
    """Samples of each class per subject, shape (subjects, classes)."""
    flat = np.bincount(subject * n_classes + label, minlength=n_subjects * n_classes)
    return flat.reshape(n_subjects, n_classes)


def _deal_stratified(counts: np.ndarray, n_folds: int, rng: np.random.Generator) -> np.ndarray:
    share = counts / counts.sum(0)
    order = rng.permutation(len(counts))
    order = order[np.argsort(-counts[order].std(1), kind="stable")]
    held = np.zeros((n_folds, counts.shape[1]))
    rows = np.zeros(n_folds)
    result = np.empty(len(counts), dtype=np.intp)
    for left, s in zip(range(len(order), 0, -1), order, strict=True):
        open_folds = _open_folds(rows, left)
        # Spread of every class's share over the folds, if this subject went to each fold in turn.
        proposed = held[None] + np.eye(n_folds)[:, :, None] * share[s]
        spread = proposed.std(axis=1).mean(axis=1).round(12)
        best = min(open_folds, key=lambda f: (spread[f], rows[f]))
        held[best] += share[s]
        rows[best] += counts[s].sum()
        result[s] = best
    return result


def _deal_grouped(counts: np.ndarray, n_folds: int, rng: np.random.Generator) -> np.ndarray:
    size = counts.sum(1)
    order = rng.permutation(len(counts))
    order = order[np.argsort(-size[order], kind="stable")]
    rows = np.zeros(n_folds)
    result = np.empty(len(counts), dtype=np.intp)
    for left, s in zip(range(len(order), 0, -1), order, strict=True):
        best = min(_open_folds(rows, left), key=lambda f: rows[f])
        rows[best] += size[s]
        result[s] = best
    return result


def _open_folds(rows: np.ndarray, subjects_left: int) -> np.ndarray:
    """All folds, or only the empty ones once each remaining subject is needed to fill one."""
    empty = np.flatnonzero(rows == 0)
    return empty if len(empty) >= subjects_left else np.arange(len(rows))


def _check_training_classes(
    folds: list[Fold],
    label: np.ndarray,
    classes: np.ndarray,
    subject: np.ndarray,
    names: np.ndarray,
    scheme: str,
) -> None:
    for c, name in enumerate(classes):
        shown_by = np.unique(subject[label == c])
        if len(shown_by) == 1:
            raise InputError(
                f"Folds: only one subject ('{names[shown_by[0]]}') shows the class '{name}', so it cannot be learnt "
                "from other people. Leave the class out, or add subjects that show it."
            )
    for train, _ in folds:
        absent = np.setdiff1d(np.arange(len(classes)), label[train])
        if len(absent):
            advice = "Ask for other folds" if scheme == "stratified" else "Use scheme 'stratified'"
            raise InputError(
                f"Folds: every sample of the class '{classes[absent[0]]}' fell into one test fold, so it could not "
                f"be learnt there. {advice} (n_folds or seed)."
            )
