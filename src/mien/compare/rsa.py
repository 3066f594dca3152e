"""Representational similarity analysis: layers of networks beside each other, people, brains and categories."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from mien.compare.category_models import category_model, check_varies
from mien.compare.conditions import CATEGORY, Conditions, conditions_of
from mien.compare.dissimilarity import check_measure
from mien.compare.given_matrices import given_matrices
from mien.compare.kernel_alignment import LEAST_SOURCES, KernelAlignment, kernel_alignment
from mien.compare.layer_matrices import SharedPictures, layer_matrices, shared_pictures
from mien.compare.low_level_matrix import LOW_LEVEL, low_level_matrix
from mien.compare.matrix_scores import check_coefficient
from mien.compare.pair_orders import compared_pairs
from mien.compare.reference_rows import ReferenceMatrix, rows_of
from mien.compare.rsa_result import ComparedNetwork, ComparedReference, SimilarityAnalysis, SimilarityRow
from mien.core.errors import InputError
from mien.core.extras import need
from mien.core.numbers import checked_numbers
from mien.core.output import check_folder
from mien.core.progress import Progress, progress_of
from mien.responses.activations import Activations
from mien.stats.subjects import codes_of

LEAST_CONDITIONS = 4
# Kernels of all layers are held at once; random pictures of so many are aligned.
MOST_ALIGNED = 1_500


@checked_numbers
def rsa(
    activations: Activations | str | Path | Sequence[Activations | str | Path],
    *,
    matrix: Any = (),
    models: Sequence[str] | str = (),
    given: str | Path = "",
    by: str = "picture",
    layers: Sequence[str] | str = (),
    measure: str = "correlation",
    coefficient: str = "spearman",
    similarities: bool = False,
    n_permutations: int = 5040,
    n_boot: int = 1000,
    seed: int = 0,
    output: str | Path | None = None,
    progress: Progress | bool | None = None,
) -> SimilarityAnalysis:
    """Compare the similarity structure of layers of networks with that of people, brains and categories.

    Parameters
    ----------
    activations : Activations, folder, or several of them
        What layers answered to the same pictures; pictures that one of them lacks are left out.
    matrix : Dissimilarities, path or text, or several of them, optional
        Judgements or a brain's matrix: a table (see ``mien.data.tables.dissimilarities``), a folder with one table for
        each person, or a data set that has one, such as ``'haxby'``. Its rows are matched to pictures by path, file
        name or stem, or to categories.
    models : sequence of str, optional
        Columns of the samples, such as ``'category'``: pairs with the same value are alike. Or
        ``'animate=face+cat'``: whether the category is one of these.
    given : str or Path, optional
        What is held constant in partial correlations: ``'low-level'`` (colour, contrast and spectrum of the pictures),
        one of ``models``, or another matrix.
    by : str
        ``'picture'``, or ``'category'``: answers are averaged over the pictures of each category first.
    layers : sequence of str, optional
        Some of the layers; all by default.
    measure : str
        ``'correlation'`` (1 - Pearson), ``'euclidean'``, ``'cosine'``, or ``'crossnobis'``: the Mahalanobis distance of
        categories, crossvalidated over their sources.
    coefficient : str
        ``'spearman'``, ``'tau-a'``, ``'rho-a'``, ``'pearson'`` or ``'cosine'``.
    similarities : bool
        Square tables hold similarities.
    n_permutations, n_boot, seed : int
        All permutations are enumerated where they are no more than this (5,040 of seven categories).
    output : str or Path, optional
        Folder that receives ``rsa.json`` and ``matrices.safetensors``.
    progress : callable (done, total) or bool, optional

    Returns
    -------
    SimilarityAnalysis
        ``.table`` has a row per network, layer and reference.

    Raises
    ------
    InputError
        If networks share fewer than four pictures (categories), a matrix or model does not fit, or a name is unknown.

    Notes
    -----
    Kriegeskorte, Mur and Bandettini 2008, "Representational similarity analysis", Front. Syst. Neurosci. 2:4; by
    rsatoolbox (van den Bosch et al. 2025). Pairs of pictures of one source are compared nowhere. Tests: rows and
    columns change places together, whole sources at a time, corrected over all layers of all networks by the largest
    statistic; they rank (but for ``'pearson'`` and ``'cosine'``). Simulated in ``benchmarks/null_rsa.py``.

    Examples
    --------
    >>> import mien, numpy as np
    >>> from mien.responses.activations import Activations
    >>> from mien.responses.body_card import BodyCard
    >>> names = [f"{i}.jpg" for i in range(24)]
    >>> category = np.array(["face", "cup", "cat"] * 8)
    >>> samples = mien.Samples(path=names, subject=names, labels={"category": category})
    >>> noise = np.random.default_rng(0).normal(size=(24, 20))
    >>> tuned = noise + 2 * (category[:, None] == np.array(["face", "cup", "cat", "-"] * 5))
    >>> layers = {"conv": noise.astype("float32"), "top": tuned.astype("float32")}
    >>> found = Activations(samples, BodyCard("toy", "random", "", "none", 32), layers, np.array(["ok"] * 24))
    >>> result = mien.rsa(found, models=["category"], n_permutations=999)
    >>> [(row.layer, row.p_corrected < 0.05) for row in result.rows]
    [('conv', False), ('top', True)]
    """
    check_measure(measure)
    check_coefficient(coefficient)
    need("rsa", "Representational similarity analysis")
    if output is not None:
        check_folder(output)
    shared = shared_pictures(activations, layers)
    conditions = conditions_of(shared.samples, by)
    if len(conditions) < LEAST_CONDITIONS:
        raise InputError(
            f"Similarity structures are compared over at least {LEAST_CONDITIONS} {_called(by)}, but there "
            f"{'is 1' if len(conditions) == 1 else f'are {len(conditions)}'}."
        )
    pairs = compared_pairs(conditions.sources)
    notes = list(shared.notes)
    references = given_matrices(matrix, conditions, notes, similarities=similarities)
    for text in _texts(models):
        name, model = category_model(text, conditions)
        check_varies(name, model, pairs)
        references.append(ReferenceMatrix(name, "model", model[None]))
    twice = [r.name for i, r in enumerate(references) if r.name in [other.name for other in references[:i]]]
    if twice:
        raise InputError(f"Two matrices or models are called '{twice[0]}'; give each a name of its own.")
    constant, called = _constant(given, conditions, shared, references, notes, similarities)
    found = layer_matrices(shared, conditions, measure, notes, seed)
    if not found:
        raise InputError(f"No layer has dissimilarities of these {_called(by)}. {' '.join(notes)}")
    stack, each = np.stack(list(found.values())), progress_of(progress, "matrices")
    made: list[ComparedReference] = []
    rows: list[SimilarityRow] = []
    for number, reference in enumerate(references):
        facts, new = rows_of(
            reference, list(found), stack, conditions, None if reference.name == called else constant,
            coefficient=coefficient, n_permutations=n_permutations, n_boot=n_boot, seed=seed, notes=notes,
        )  # fmt: skip
        made.append(facts)
        rows += new
        if each is not None:
            each(number + 1, len(references))
    matrices = {f"{network}: {layer}": values for (network, layer), values in found.items()}
    for reference in references:
        matrices[reference.name] = reference.mean.astype(np.float32)
    category = conditions.columns.get(CATEGORY, np.array([""] * len(conditions)))
    result = SimilarityAnalysis(
        tuple(ComparedNetwork(n, a.body.sentence(), tuple(layer for name, layer in found if name == n))
              for n, a in shared.networks.items()),
        tuple(made), tuple(rows), conditions.names,
        conditions.names if by == CATEGORY else tuple(map(str, category)), matrices,
        _aligned(shared, notes, seed),
        {
            "by": by, "measure": measure, "coefficient": coefficient, "given": called, "n_boot": n_boot, "seed": seed,
            "pictures": len(shared.samples), "sources": len(codes_of(shared.samples.subject)[0]),
            "name": shared.samples.name, "licence": shared.samples.licence, "credit": shared.samples.credit,
        },
        tuple(dict.fromkeys(notes)),
    )  # fmt: skip
    if output is not None:
        result.write(output)
    return result


def _called(by: str) -> str:
    return "categories" if by == CATEGORY else "pictures"


def _texts(models: Sequence[str] | str) -> list[str]:
    parts = models.split(",") if isinstance(models, str) else models
    return [part.strip() for part in parts if part.strip()]


def _constant(
    given: str | Path, conditions: Conditions, shared: SharedPictures, references: list[ReferenceMatrix],
    notes: list[str], similarities: bool,
) -> tuple[np.ndarray | None, str]:  # fmt: skip
    """The matrix that is held constant, and its name."""
    if not str(given).strip():
        return None, ""
    if given == LOW_LEVEL:
        return low_level_matrix(shared.samples, conditions), LOW_LEVEL
    known = {reference.name: reference for reference in references}
    if str(given) in known:
        return known[str(given)].mean, str(given)
    if str(given) in conditions.columns or "=" in str(given):
        name, model = category_model(str(given), conditions)
        return model, name
    [one] = given_matrices(given, conditions, notes, similarities=similarities)
    return one.mean, one.name


def _aligned(shared: SharedPictures, notes: list[str], seed: int) -> KernelAlignment | None:
    sources = np.asarray(shared.samples.subject)
    names, codes = codes_of(sources)
    count = sum(len(shared.layers_of(name)) for name in shared.networks)
    if count < 2:
        return None
    if len(names) < LEAST_SOURCES:
        notes.append(f"No kernel alignment: it needs pictures of {LEAST_SOURCES} sources, but there are {len(names)}.")
        return None
    rows = np.arange(len(sources))
    if len(rows) > MOST_ALIGNED:
        order = np.random.default_rng(seed).permutation(len(names))
        kept = np.cumsum(np.bincount(codes)[order]) <= MOST_ALIGNED
        rows = np.flatnonzero(np.isin(codes, order[kept]))
        notes.append(f"Kernel alignment is that of {len(rows)} pictures of random sources.")
    answers = {
        f"{name}: {layer}": shared.answers(name, layer)[rows]
        for name in shared.networks for layer in shared.layers_of(name)
    }  # fmt: skip
    return kernel_alignment(answers, sources[rows], seed=seed)
