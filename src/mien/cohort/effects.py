"""Which behaviour goes with an outcome: effect size of every measure over people, adjusted and corrected."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from mien.cohort.effects_result import EFFECTS, OutcomeEffects, folder_name
from mien.cohort.not_held import caution
from mien.cohort.people_outcome import check_outcome, outcome_of
from mien.cohort.people_rows import USUAL, People, design_of, samples_and_measures
from mien.cohort.study_inputs import inputs_of
from mien.core.errors import InputError
from mien.core.numbers import checked_numbers
from mien.core.samples import Samples
from mien.data.measures import Measures
from mien.stats.correction import benjamini_hochberg
from mien.stats.partial import CORRELATION, DIFFERENCE, partial


@checked_numbers
def effects(
    samples: Samples | str | Path,
    measures: Measures | str | Path,
    output: str | Path | None = None,
    *,
    outcome: str,
    covariates: Sequence[str] | None = None,
    reference: str = "",
    cutoff: float | None = None,
    select: Sequence[str] = (),
    seed: int = 0,
    columns: Mapping[str, str] | None = None,
    missing: Sequence[str | float] | str | float = (),
) -> OutcomeEffects:
    """Effect size of every measure for one outcome, over people.

    Several recordings of a person are averaged. For scores the effect is a partial correlation, for bands and cut-offs
    Hedges' g, both with the covariates held constant. It says what goes with what, not why.

    Parameters
    ----------
    samples : Samples, or what ``mien.read_samples`` takes
        One row per recording.
    measures : Measures, or the study folder that holds them
    output : path, optional
        Study folder; the result goes to ``effects/OUTCOME/`` in it.
    outcome : str
        Column of scores, or of bands; of the samples, or of a questionnaire in the study of the measures.
    covariates : sequence of str, optional
        Columns that are held constant, of the samples or of the recordings' quality (such as ``'usable share'``). By
        default those of age, sex and site that there are; an empty sequence holds nothing constant.
    reference : str
        Band that the people of all others are compared with; by default the most frequent.
    cutoff : float, optional
        Compare people whose score is at least this with those below.
    select : sequence of str
        Names or patterns of the measures; all by default.
    seed : int
        Of the permutations that p is counted by where people are few.
    columns, missing : optional
        How a table is read, as of ``mien.read_samples``.

    Returns
    -------
    OutcomeEffects

    Raises
    ------
    InputError
        If there is no such column, too few people, one group only, nothing is left of the outcome, or it is held
        constant itself.

    Examples
    --------
    >>> import mien, numpy as np
    >>> from mien.data.measures import Measure, Measures
    >>> generator = np.random.default_rng(0)
    >>> score, names = generator.normal(size=60), [f"p{i}" for i in range(60)]
    >>> samples = mien.Samples(path=names, subject=names, ratings={"score": score})
    >>> values = np.stack([score + generator.normal(size=60), generator.normal(size=60)], 1)
    >>> codebook = (Measure("smile mean", "smile", "mean"), Measure("jaw mean", "jaw", "mean"))
    >>> measures = Measures(names, values, codebook, ["ok"] * 60)
    >>> found = mien.effects(samples, measures, outcome="score")
    >>> found.channels[0].channel, bool(found.q[0] < 0.05), bool(found.q[1] < 0.05)
    ('smile', True, False)
    """
    known, table = inputs_of(
        samples, measures, [outcome, *(covariates or ())], select, columns=columns, missing=missing
    )
    table = samples_and_measures(known, table)
    people = People.of(known, table)
    covariates = _held(known, outcome, covariates)
    y, groups = outcome_of(known, people, outcome, reference, cutoff)
    design = design_of(known, table, people, covariates)
    measured = people.measured(table)
    lacking = ~np.isfinite(design.columns).all(axis=1)
    without = {
        "no measures": ~np.isfinite(measured).any(axis=1), f"no {outcome}": ~np.isfinite(y),
        "covariate not known": lacking,
    }  # fmt: skip
    kept, left_out = np.ones(len(people), dtype=bool), {}
    for why, mask in without.items():
        left_out[why] = int((mask & kept).sum())
        kept &= ~mask
    kind = DIFFERENCE if groups else CORRELATION
    check_outcome(y[kept], outcome, groups)
    x = measured[kept].astype(np.float64)
    adjusted = partial(x, y[kept], design.columns[kept], kind=kind, seed=seed)
    bare = partial(x, y[kept], np.zeros((len(x), 0)), kind=kind, seed=seed) if design.names else adjusted
    group = np.array([measure.group for measure in table.codebook], dtype=object)
    within = np.full(len(group), np.nan)
    for name in set(group):
        within[group == name] = benjamini_hochberg(adjusted.p[group == name])
    count = {name: int((y[kept] == number).sum()) for number, name in enumerate(groups)}
    result = OutcomeEffects(
        outcome=outcome, kind=kind, groups=count, covariates=design.names, people=int(kept.sum()), left_out=left_out,
        codebook=table.codebook, n=adjusted.people, effect=adjusted.effect, low=adjusted.low, high=adjusted.high,
        p=adjusted.p, q=benjamini_hochberg(adjusted.p), q_group=within, unadjusted=bare.effect, unadjusted_p=bare.p,
        unadjusted_q=benjamini_hochberg(bare.p), settings={"seed": seed, "cutoff": cutoff, "select": list(select)},
        notes=(*known.notes_on(outcome, *design.names), *design.notes),
        caution=caution(known, people, np.where(kept, y, np.nan), outcome, design.names, seed=seed),
    )  # fmt: skip
    if output is not None:
        place = Path(output) / EFFECTS / folder_name(outcome, cutoff, reference)
        result.write(place)
        result = replace(result, folder=place)
    return result


def _held(samples: Samples, outcome: str, covariates: Sequence[str] | None) -> list[str]:
    """What is held constant: as asked, or the usual ones that there are; never the outcome itself."""
    if covariates is None:
        return [name for name in USUAL if name in {*samples.labels, *samples.ratings} and name != outcome]
    if outcome in covariates:
        raise InputError(
            f"'{outcome}' is held constant itself, so nothing of the outcome is left; leave it out of the covariates."
        )
    return list(covariates)
