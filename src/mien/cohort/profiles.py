"""``profiles``: groups of people by their scores, if there are any."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from mien.cohort.clustering import K_MEANS, METHODS, MIXTURE, Candidate, GroupFit, candidates, standardised
from mien.cohort.profile_description import describe
from mien.cohort.profiles_result import ALPHA, STABLE, Profiles
from mien.cohort.study_inputs import samples_of
from mien.core.errors import InputError
from mien.core.numbers import checked_numbers
from mien.core.output import check_folder
from mien.core.patterns import patterns_of
from mien.core.progress import Progress
from mien.core.samples import Samples
from mien.data.measures import Measures
from mien.data.questionnaires.questionnaire import questionnaire
from mien.data.questionnaires.result import NOTICE
from mien.data.questionnaires.scale import ScoringKey
from mien.stats.subjects import codes_of

LEAST_PEOPLE = 30


@checked_numbers
def profiles(
    samples: Samples | str | Path,
    *,
    by: str | Sequence[str] = "",
    scale: ScoringKey | str | Path = "",
    items: str | Sequence[str] = "",
    measures: Measures | str | Path | None = None,
    method: str = K_MEANS,
    most: int = 6,
    n_null: int = 99,
    n_boot: int = 50,
    seed: int = 0,
    apply: str | Path | None = None,
    output: str | Path | None = None,
    columns: Mapping[str, str] | None = None,
    missing: Sequence[str | float] | str | float = (),
    progress: Progress | None = None,
) -> Profiles:
    """Groups of people by their scores, told from one cloud, described by what their faces did.

    Parameters
    ----------
    samples : Samples, str or Path
        People and their scores, one row per recording; several rows of a person are averaged.
    by : str or sequence of str
        Columns of numbers that profiles are made of: ratings of the samples, scores of the questionnaire, or measures.
        By default the subscales of the questionnaire.
    scale, items
        A questionnaire among the columns of the samples, as for ``mien.questionnaire``.
    measures : Measures, str or Path, optional
        What faces did, or the study that holds it: what profiles are described by.
    method : {'k-means', 'gaussian-mixture'}
    most : int
        Largest number of profiles that is tried.
    n_null, n_boot, seed : int
        Clouds without groups, and samples of people, drawn.
    apply : str or Path, optional
        Folder of profiles of other people, which these people are put into: nothing is fitted.
    output : str or Path, optional
        Folder that receives ``profiles.json`` and ``members.parquet``, as ``STUDY/profiles/NAME``.
    columns, missing : optional
        How a table is read, see ``mien.data.samples.read_samples``.
    progress : callable (done, total), optional

    Returns
    -------
    Profiles
        With ``k`` 1 where there is one cloud and no profiles.

    Raises
    ------
    InputError
        If a column is not there, or fewer than thirty people have all scores.

    Notes
    -----
    k-means, mixtures, BIC, silhouettes and even the stability divide one cloud, too, and a skewed one more readily. So
    the gain of every number of groups is compared with that of clouds that have the same columns and no groups
    (``mien.cohort.one_cloud``), which is a gap statistic (Tibshirani, Walther & Hastie 2001, J. R. Stat. Soc. B 63(2))
    with such a cloud as its reference. Profiles are tested on measures that they were not made of only.

    Examples
    --------
    >>> import numpy as np, mien
    >>> rng = np.random.default_rng(0)
    >>> names = [f"p{i}" for i in range(200)]
    >>> ratings = {"low": rng.normal(size=200), "tense": rng.normal(size=200)}
    >>> samples = mien.Samples(path=names, subject=names, ratings=ratings)
    >>> mien.profiles(samples, by="low,tense", most=3, n_null=19, n_boot=5).words()[:22]
    'One cloud, no profiles'
    """
    if method not in METHODS:
        raise InputError(f"method is one of {', '.join(METHODS)}, but got '{method}'.")
    if output is not None:
        check_folder(output)
    read, subscales, of_scale = _with_scores(samples, scale, items, columns, missing)
    notes = [NOTICE] if of_scale else []
    found = None if measures is None else measures if isinstance(measures, Measures) else Measures.read(measures)
    other = None if apply is None else Profiles.read(apply)
    names = _columns(by, read, found, subscales) if other is None else other.by
    subject, values = _by_person(read, names, found)
    known = np.isfinite(values).all(1)
    if not known.all():
        notes.append(f"{int((~known).sum())} of {len(known)} people lack one of the scores and are in no profile.")
    if other is None:
        if int(known.sum()) < LEAST_PEOPLE:
            raise InputError(
                f"Profiles need {LEAST_PEOPLE} people with all of {', '.join(names)}; {int(known.sum())} have."
            )
        result = _fitted(subject, values, names, method, most, n_null, n_boot, seed, progress)
    else:
        result = Profiles(
            other.by, other.method, other.k, other.centre, other.spread, other.fit, other.candidates, subject, values,
            other.membership(values), settings={**other.settings, "applied": str(apply)},
        )  # fmt: skip
    described = _described(result, read, found, of_scale) if result.k > 1 else []
    result = replace(result, described=tuple(described), notes=tuple(notes))
    if output is not None:
        result.write(output)
    return result


def _with_scores(
    samples: Any, scale: Any, items: Any, columns: Any, missing: Any
) -> tuple[Samples, tuple[str, ...], tuple[str, ...]]:
    """Samples with the scores of the questionnaire, its subscales, and all its columns, items among them."""
    read = samples_of(samples, columns=columns, missing=missing)
    if not scale:
        return read, (), ()
    scored = questionnaire(samples, scale=scale, items=items, columns=columns, missing=missing)
    key = scored.scale
    parts = [one for one in key.subscales if len(one.items) < len(key.items)] or list(key.subscales)
    return scored.beside(read), tuple(map(key.column, parts)), (*scored.ratings, *scored.columns)


def _columns(by: Any, samples: Samples, measures: Measures | None, subscales: tuple[str, ...]) -> tuple[str, ...]:
    asked = patterns_of(by) or subscales
    if not asked:
        raise InputError("by: name the columns that profiles are made of, or a questionnaire (--scale).")
    for name in asked:
        if name in samples.labels:
            raise InputError(f"by: '{name}' holds classes; profiles are made of numbers.")
        if name not in samples.ratings and (measures is None or name not in measures.names):
            samples.target(name)
    return asked


def _by_person(samples: Samples, names: Sequence[str], measures: Measures | None) -> tuple[np.ndarray, np.ndarray]:
    """People and their values, averaged over their recordings, NaN where none has one."""
    people, codes = codes_of(samples.subject)
    beside = None if measures is None else measures.beside(samples.path.tolist())
    columns = [
        samples.ratings[name]
        if name in samples.ratings or beside is None
        else beside.values[:, beside.names.index(name)]
        for name in names
    ]
    return people.astype(object), person_means(np.stack(columns, axis=1), codes, len(people))


def person_means(values: np.ndarray, codes: np.ndarray, people: int) -> np.ndarray:
    """Mean of each person's known values, shape (people, columns); NaN where there are none."""
    known = np.isfinite(values)
    sums, counts = np.zeros((people, values.shape[1])), np.zeros((people, values.shape[1]))
    np.add.at(sums, codes, np.where(known, values, 0.0))
    np.add.at(counts, codes, known)
    return np.where(counts > 0, sums / np.maximum(counts, 1), np.nan)


def _fitted(
    subject: np.ndarray, values: np.ndarray, names: tuple[str, ...], method: str, most: int, n_null: int, n_boot: int,
    seed: int, progress: Progress | None,
) -> Profiles:  # fmt: skip
    known = np.isfinite(values).all(1)
    flat = [name for name, spread in zip(names, values[known].std(0), strict=True) if not spread > 0]
    if flat:
        raise InputError(f"by: everybody has the same '{flat[0]}'; leave it out.")
    scaled, centre, spread = standardised(values[known])
    tried, fits = candidates(scaled, most, method, n_null=n_null, n_boot=n_boot, seed=seed, progress=progress)
    k = chosen_number(tried, method)
    fit = _ordered(fits[k]) if k > 1 else None
    settings = {"method": method, "most": most, "n_null": n_null, "n_boot": n_boot, "seed": seed}
    result = Profiles(
        names, method, k, centre, spread, fit, tuple(tried), subject, values, np.empty((0, k)), settings=settings
    )
    return replace(result, probability=result.membership(values))


def chosen_number(tried: Sequence[Candidate], method: str) -> int:
    """The number of profiles that holds: beyond one cloud and stable; of several the best by BIC or silhouette; or 1.

    Parameters
    ----------
    tried : sequence of Candidate
    method : {'k-means', 'gaussian-mixture'}

    Returns
    -------
    int
    """
    held = [one for one in tried if one.p <= ALPHA and min(one.jaccard) >= STABLE]
    if not held:
        return 1
    if method == MIXTURE:
        return min(held, key=lambda one: one.bic).k
    return max(held, key=lambda one: one.silhouette).k


def _ordered(fit: GroupFit) -> GroupFit:
    """Groups in the order of their mean over the columns, so that their numbers mean something."""
    order = np.argsort(fit.means.mean(1), kind="stable")
    return GroupFit(fit.weights[order], fit.means[order], fit.covariances[order], fit.gain, fit.bic)


def _described(result: Profiles, samples: Samples, measures: Measures | None, of_scale: tuple[str, ...]) -> list[Any]:
    """Effect sizes of the samples' ratings and of the measures, over people."""
    people, codes = codes_of(samples.subject)
    parts, names = [np.stack(list(samples.ratings.values()), axis=1)], list(samples.ratings)
    if measures is not None:
        beside = measures.beside(samples.path.tolist())
        parts.append(beside.values.astype(np.float64))
        names += beside.names
    values = person_means(np.concatenate(parts, axis=1), codes, len(people))
    within = result.profile > 0
    own = {*result.by, *of_scale}
    return describe(values[within], names, [name in own for name in names], result.profile[within] - 1, result.k)
