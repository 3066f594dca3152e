"""What a model of an outcome rests on, by channel and statistic, of people who did not train it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from mien.cohort import channel_importance as ci
from mien.cohort.channels_result import CHANNELS, ChannelEvidence, ChannelImportance
from mien.cohort.effects_result import folder_name
from mien.cohort.held_out_models import FoldModels, HeldOutModel, PermutedBundles
from mien.cohort.not_held import caution
from mien.cohort.people_outcome import check_outcome, outcome_of
from mien.cohort.people_rows import People, samples_and_measures
from mien.cohort.study_inputs import inputs_of
from mien.core.numbers import checked_numbers
from mien.core.progress import Progress, progress_of
from mien.core.samples import Samples
from mien.core.topology import NO_POINTS
from mien.data.measures import Measures
from mien.engine.spread import spread, workers_for
from mien.engine.work import Item, Spread
from mien.models.maker import maker_for
from mien.stats.correction import benjamini_hochberg
from mien.stats.folds import Fold, subject_folds

# Measures that are drawn in swarms and as accumulated effects, and people in a swarm.
_SWARM, _CURVES, _DOTS = 20, 6, 400


@checked_numbers
def channels(
    samples: Samples | str | Path,
    measures: Measures | str | Path,
    output: str | Path | None = None,
    *,
    outcome: str,
    model: str = "trees",
    reference: str = "",
    cutoff: float | None = None,
    select: Sequence[str] = (),
    n_folds: int = 5,
    repeats: int = 5,
    together: float = 0.7,
    n_shuffles: int = 2,
    seed: int = 0,
    settings: Mapping[str, Any] | None = None,
    columns: Mapping[str, str] | None = None,
    missing: Sequence[str | float] | str | float = (),
    workers: int = 1,
    engine: str = "local",
    address: str = "",
    progress: Progress | bool | None = None,
) -> ChannelEvidence:
    """What a model rests on: SHAP values, permutation and accumulated effects of people left out of its training.

    Recordings of a person are averaged, and folds are made of people.

    Parameters
    ----------
    samples : Samples, or what ``mien.read_samples`` takes
        One row per recording.
    measures : Measures, or the study folder that holds them
    output : path, optional
        Study folder; the result goes to ``channels/MODEL OUTCOME/`` in it.
    outcome : str
        Column of scores, or of bands; of the samples, or of a questionnaire in the study of the measures.
    model : str
        One that learns from named numbers (``mien.models``); SHAP values there are of ``'trees'``.
    reference : str
        Band that all others are told from; by default the most frequent.
    cutoff : float, optional
        Tell people whose score is at least this from those below.
    select : sequence of str
        Names or patterns of the measures; all by default.
    n_folds : int
    repeats : int
        Permutations of each channel in each fold.
    together : float
        Channels that correlate at least so much, on average over their statistics, come from another person together:
        of channels that say the same, none alone is needed.
    n_shuffles : int
        Models of a shuffled outcome, for shares of SHAP values that mean nothing.
    seed : int
    settings : mapping, optional
        Of the model.
    columns, missing : optional
        How a table is read, as of ``mien.read_samples``.
    workers, engine, address
        Over which workers models and permutations are spread, as in ``mien.train``; the result is the same.
    progress : callable (done, total) or bool, optional

    Returns
    -------
    ChannelEvidence

    Raises
    ------
    InputError
        If there is no such column or model, too few people, or one group only.

    Examples
    --------
    >>> import mien, numpy as np
    >>> from mien.data.measures import Measure, Measures
    >>> generator = np.random.default_rng(0)
    >>> score, names = generator.normal(size=80), [f"p{i}" for i in range(80)]
    >>> samples = mien.Samples(path=names, subject=names, ratings={"score": score})
    >>> values = np.stack([score + 0.3 * generator.normal(size=80), generator.normal(size=80)], 1)
    >>> codebook = (Measure("smile mean", "smile", "mean"), Measure("jaw mean", "jaw", "mean"))
    >>> measures = Measures(names, values, codebook, ["ok"] * 80)
    >>> found = mien.channels(samples, measures, outcome="score", n_folds=3, settings={"n_trees": 30})
    >>> found.channels[0].name, found.channels[0].q < 0.05
    ('smile', True)
    """
    known, table = inputs_of(samples, measures, [outcome], select, columns=columns, missing=missing)
    table = samples_and_measures(known, table)
    people = People.of(known, table)
    y, groups = outcome_of(known, people, outcome, reference, cutoff)
    measured = people.measured(table)
    kept = np.isfinite(y) & np.isfinite(measured).any(axis=1)
    check_outcome(y[kept], outcome, groups)
    warned = caution(known, people, np.where(kept, y, np.nan), outcome, seed=seed)
    x, y = measured[kept].astype(np.float64), y[kept]
    classes = bool(groups)
    make = maker_for(
        model, {"name": "columns"}, tuple(table.names), NO_POINTS, seed=seed, settings=dict(settings or {}),
        ratings=not classes,
    )  # fmt: skip
    folds = subject_folds(
        people.subject[kept], [str(v) for v in y] if classes else None,
        scheme="stratified" if classes else "grouped", n_folds=min(n_folds, len(y)), seed=seed,
    )  # fmt: skip
    tell = progress_of(progress, "models and channels") or _unheard
    owners, groups_of = _coded([m.channel for m in table.codebook]), {m.channel: m.group for m in table.codebook}
    steps = len(folds) + min(n_shuffles, len(folds)) + len(owners[0])
    how, done = Spread(engine, workers, address=address), 0
    with workers_for(FoldModels(make, x, y, classes), how) as spreading:

        def models(lot: Sequence[Fold], seeds: Sequence[int | None]) -> list[HeldOutModel]:
            nonlocal done
            items = [Item(f"fold {i + 1}", (*fold, one)) for i, (fold, one) in enumerate(zip(lot, seeds, strict=True))]
            found = []
            for fold in spreading(items):
                found.append(fold.result())
                done += 1
                tell(done, steps)
            return found

        fitted = models(folds, [None] * len(folds))
        weights = ci.bootstrap_weights(len(y), seed)
        value, low, high, own = ci.skill(fitted, x, y, classes, weights)
        shap = _contributions(fitted, x)
        noise = folds[:n_shuffles] if shap is not None else []
        other = models(noise, [seed + i for i in range(len(noise))])
    shuffled = [model.contributions(x[model.test]) for model in other]
    rows = _shares(owners, shap, shuffled, weights)
    bundles = ci.bundles(x, owners[1], _coded([f"{m.window}: {m.statistic}" for m in table.codebook])[1], together)
    of_bundle = [np.flatnonzero(np.isin(owners[1], np.flatnonzero(bundles == i))) for i in range(bundles.max() + 1)]
    needs, done = [], steps - len(owners[0])
    items = [Item(f"bundle {i + 1}", (i, columns)) for i, columns in enumerate(of_bundle)]
    for one in spread(PermutedBundles(fitted, x, y, own, classes, repeats, seed), items, how):
        needs.append(ci.mean_above(100 * one.result() / own.mean()))
        done += 1
        tell(done, steps)
    found = _importances(owners[0], groups_of, rows, needs, bundles)
    statistics = _coded([f"{m.window}: {m.statistic}" if m.window else m.statistic for m in table.codebook])
    none = [(float("nan"),) * 4]
    by_statistic = _importances(
        statistics[0], {}, _shares(statistics, shap, shuffled, weights), none, np.zeros(len(statistics[0]), dtype=int)
    )
    first = _leading(shap, owners, found)
    curves = (ci.accumulated(fitted, x, column, table.names[column], weights) for column in first[:_CURVES])
    result = ChannelEvidence(
        model=model, outcome=outcome if not classes else f"{outcome} ({groups[1]} from {groups[0]})",
        unit="log-odds" if classes else f"unit of {outcome}", people=len(y), n_folds=len(folds), skill=value,
        skill_low=low, skill_high=high, channels=found, statistics=by_statistic,
        swarm=_swarm(shap, x, first[:_SWARM], seed), swarm_measures=tuple(table.names[i] for i in first[:_SWARM]),
        accumulated=tuple(curve for curve in curves if curve is not None),
        settings={"seed": seed, "repeats": repeats, "together": together, "n_shuffles": len(shuffled), "cutoff": cutoff,
                  "select": list(select), "model": dict(settings or {}),
                  "effects": folder_name(outcome, cutoff, reference)},
        notes=tuple(known.notes_on(outcome)), caution=warned,
    )  # fmt: skip
    if output is not None:
        place = Path(output) / CHANNELS / folder_name(f"{model} {outcome}", cutoff, reference)
        result.write(place)
        result = replace(result, folder=place)
    return result


def _unheard(done: int, total: int) -> None:
    """Nobody asked how far it is."""


def _coded(names: Sequence[str]) -> tuple[list[str], np.ndarray]:
    """Different names in their order, and the number of each."""
    different = list(dict.fromkeys(names))
    place = {name: number for number, name in enumerate(different)}
    return different, np.array([place[name] for name in names])


def _contributions(models: Sequence[HeldOutModel], x: np.ndarray) -> np.ndarray | None:
    if not all(model.has_contributions for model in models):
        return None
    result = np.empty(x.shape, dtype=np.float32)
    for model in models:
        result[model.test] = model.contributions(x[model.test])
    return result


def _shares(
    owners: tuple[list[str], np.ndarray], shap: np.ndarray | None, shuffled: Sequence[np.ndarray],
    weights: np.ndarray,
) -> np.ndarray:  # fmt: skip
    """Share, its interval, and the share with a shuffled outcome, shape (4, names)."""
    names, code = owners
    rows = np.full((4, len(names)), np.nan)
    if shap is None:
        return rows
    rows[:3] = ci.shares(ci.grouped(shap, code, len(names)), weights)
    amounts = [ci.grouped(one, code, len(names)).mean(axis=0) for one in shuffled]
    if amounts:
        rows[3] = np.mean([amount / max(float(amount.sum()), 1e-12) for amount in amounts], axis=0)
    return rows


def _importances(
    names: Sequence[str],
    group_of: Mapping[str, str],
    shares: np.ndarray,
    needs: Sequence[tuple[float, ...]],
    bundle: np.ndarray,
) -> tuple[ChannelImportance, ...]:
    """Rows, the largest share first; where there are none, the most needed."""
    q = benjamini_hochberg([p for *_, p in needs])
    rows = []
    for i, name in enumerate(names):
        share, less, more, noise = (float(value) for value in shares[:, i])
        need, least, most, p = needs[bundle[i]]
        others = tuple(names[int(j)] for j in np.flatnonzero(bundle == bundle[i]) if j != i) if group_of else ()
        rows.append(
            ChannelImportance(name, group_of.get(name, ""), share, less, more, noise, need, least, most, p,
                              float(q[bundle[i]]), others)
        )  # fmt: skip
    return tuple(sorted(rows, key=lambda row: (-row.shap if row.shap == row.shap else 0.0, -row.importance)))


def _leading(
    shap: np.ndarray | None, owners: tuple[list[str], np.ndarray], found: Sequence[ChannelImportance]
) -> np.ndarray:
    """Measures, those with the largest mean SHAP values first; without them the measures of the leading channels."""
    if shap is not None:
        return np.argsort(-np.abs(shap).mean(axis=0), kind="stable")
    rank = {row.name: place for place, row in enumerate(found)}
    return np.argsort([rank[owners[0][code]] for code in owners[1]], kind="stable")


def _swarm(shap: np.ndarray | None, x: np.ndarray, columns: np.ndarray, seed: int) -> dict[str, np.ndarray]:
    """SHAP values and ranks (0 to 1) of some people, each of shape (measures, people)."""
    if shap is None:
        return {}
    people = np.random.default_rng([seed, 3]).permutation(len(x))[:_DOTS]
    values = x[:, columns]
    known = np.isfinite(values)
    ranks = np.argsort(np.argsort(np.where(known, values, np.inf), axis=0), axis=0) / np.maximum(
        known.sum(axis=0) - 1, 1
    )
    return {"shap": shap[people][:, columns].T, "value": np.where(known, ranks, np.nan)[people].T.astype(np.float32)}
