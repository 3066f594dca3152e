"""What every model of a study adds to covariates, with one correction over all models and outcomes."""

from __future__ import annotations

from collections.abc import Sequence

from mien.learn.beside import corrected
from mien.report.models_folder import ModelPart


def beyond_covariates(models: Sequence[ModelPart]) -> dict[str, str]:
    """Sentences by the names of the models that stand beside covariates.

    Parameters
    ----------
    models : sequence of ModelPart
        All of the study: tests are corrected for their number.

    Returns
    -------
    dict of str to str
    """
    found = {part.name: part.evaluation for part in models if part.evaluation is not None and part.evaluation.beside}
    p, tests = corrected({name: one.beside for name, one in found.items() if one.beside is not None})
    return {name: one.beside.words(one.beats_chance, p[name], tests) for name, one in found.items() if one.beside}
