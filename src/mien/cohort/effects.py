"""Which behaviour goes with an outcome: effect size of every measure over people, adjusted and corrected."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from mien.cohort.effects_result import EFFECTS, OutcomeEffects, folder_name
from mien.cohort.people_rows import People, design_of, samples_and_measures
from mien.core.errors import InputError
from mien.core.numbers import checked_numbers
from mien.core.samples import Samples
from mien.core.words import did_you_mean
from mien.data.measures import Measures
from mien.data.samples import read_samples
from mien.stats.correction import benjamini_hochberg
from mien.stats.partial import CORRELATION, DIFFERENCE, partial

_LEAST_OF_A_GROUP = 3


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
        Column of scores, or of bands.
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

    Returns
    -------
    OutcomeEffects

    Raises
    ------
    InputError
        If there is no such column, too few people, one group only, or nothing is left of the outcome.

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
    known = samples if isinstance(samples, Samples) else read_samples(samples)
    table = measures if isinstance(measures, Measures) else Measures.read(measures)
    if select:
        table = table.select(select)
    table = samples_and_measures(known, table)
    people = People.of(known, table)
    y, groups = _outcome(known, people, outcome, reference, cutoff)
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
    _check(y[kept], outcome, groups)
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
    )  # fmt: skip
    if output is not None:
        place = Path(output) / EFFECTS / folder_name(outcome, cutoff, reference)
        result.write(place)
        result = replace(result, folder=place)
    return result


def _outcome(
    samples: Samples, people: People, outcome: str, reference: str, cutoff: float | None
) -> tuple[np.ndarray, tuple[str, ...]]:
    """Scores of people, or 0 and 1 with the names of both groups; NaN where not known."""
    values = samples.target(outcome)
    if values.dtype != object:
        if reference:
            raise InputError(f"reference names a band, but '{outcome}' holds numbers; give a cutoff to compare groups.")
        score = people.numbers(values)
        if cutoff is None:
            return score, ()
        above = np.where(np.isfinite(score), score >= cutoff, np.nan)
        return above, (f"below {cutoff:g}", f"{cutoff:g} or more")
    if cutoff is not None:
        raise InputError(f"cutoff is for scores, but '{outcome}' holds bands; name the reference band instead.")
    bands = people.category(values)
    counts = Counter(band for band in bands if band)
    if len(counts) < 2:
        raise InputError(
            f"'{outcome}': all {sum(counts.values())} people are '{next(iter(counts), '')}'; two bands are needed."
        )
    base = reference or counts.most_common(1)[0][0]
    if base not in counts:
        raise InputError(
            f"'{outcome}': no band is called '{base}'.{did_you_mean(base, counts)} There are: "
            f"{', '.join(sorted(counts))}."
        )
    others = sorted(set(counts) - {base})
    y = np.where(bands == "", np.nan, (bands != base).astype(float))
    return y.astype(float), (base, others[0] if len(others) == 1 else f"any other than {base}")


def _check(y: np.ndarray, outcome: str, groups: tuple[str, ...]) -> None:
    if len(y) < 5:
        raise InputError(f"Only {len(y)} people have measures, '{outcome}' and the covariates; at least 5 are needed.")
    for number, name in enumerate(groups):
        if (y == number).sum() < _LEAST_OF_A_GROUP:
            raise InputError(
                f"'{outcome}': only {int((y == number).sum())} people are '{name}'; at least "
                f"{_LEAST_OF_A_GROUP} are needed."
            )
    if np.ptp(y) == 0:
        raise InputError(f"'{outcome}' is {y[0]:g} for all {len(y)} people; nothing can go with it.")
