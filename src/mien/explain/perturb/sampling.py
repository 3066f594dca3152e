"""What sampled methods share: checked settings, masked passes, and stopping at a wanted precision."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import scipy  # loads its parts when they are asked for, which is not always
import torch

from mien.core.features import PICTURE
from mien.explain.fills import Fill
from mien.explain.perturb.precision import Runner
from mien.explain.problem import GRIDDED, Attribution, Problem, precision_columns, stability_columns
from mien.explain.units import Segmentation

# Where a precision is wanted, it is looked at after this many passes, and then each time a quarter more are done.
FIRST_LOOK = 100
GROWTH = 1.25


@dataclass(frozen=True, eq=False)
class Estimate:
    """Values of units or places with their standard errors, both of shape (units,), and further numbers."""

    values: np.ndarray
    error: np.ndarray
    columns: dict[str, float]

    @property
    def relative_error(self) -> float:
        """Root mean square standard error over root mean square value; 0 where both are 0."""
        size, error = float(np.sqrt((self.values**2).mean())), float(np.sqrt((self.error**2).mean()))
        return 0.0 if error == 0 else error / size if size > 0 else float("inf")

    @property
    def stability(self) -> float:
        """Correlation between places to be expected of these values and those of a second run with other draws.

        The share of the values' variance over places that is not the sampling's, as a reliability is; 0 where all of it
        is noise, 1 where there is none.
        """
        noise, all_of_it = float((self.error**2).mean()), float(self.values.var())
        return 1.0 if noise == 0 else max(0.0, 1 - noise / all_of_it) if all_of_it > 0 else 0.0


@dataclass(frozen=True)
class Wanted:
    """How precise the values of a sample have to be before its draws end; with nothing said, all draws are used.

    Attributes
    ----------
    tolerance : float or None
        Largest relative error.
    stability : float or None
        Smallest correlation with a second run.
    """

    tolerance: float | None = None
    stability: float | None = None

    @property
    def anything(self) -> bool:
        """Whether draws may end before all are used."""
        return self.tolerance is not None or self.stability is not None

    def reached(self, estimate: Estimate) -> bool:
        """Whether this is enough; never where nothing is said."""
        return (
            self.anything
            and (self.tolerance is None or estimate.relative_error <= self.tolerance)
            and (self.stability is None or estimate.stability >= self.stability)
        )

    def columns(self, estimates: list[Estimate]) -> dict[str, np.ndarray]:
        """What says of each sample how precise it is, and whether that is as wanted."""
        found: dict[str, np.ndarray] = {}
        if self.tolerance is not None:
            found |= precision_columns(np.array([estimate.relative_error for estimate in estimates]), self.tolerance)
        if self.stability is not None:
            found |= stability_columns(np.array([estimate.stability for estimate in estimates]), self.stability)
        return found


USE_ALL = Wanted()


def t_factor(freedom: int) -> float:
    """What 1.96 standard errors have to be multiplied by to cover 95 % with so many degrees of freedom (Student)."""
    return float(scipy.stats.t.ppf(0.975, freedom) / scipy.stats.norm.ppf(0.975))


def random_numbers(problem: Problem, sample: int) -> np.random.Generator:
    """Random numbers of one sample: its place among all samples says which, its neighbours do not."""
    return np.random.default_rng([problem.seed, problem.first + sample])


def looks(total: int, wanted: Wanted, first: int = FIRST_LOOK) -> Iterator[int]:
    """Numbers of draws after which the estimate is looked at; only at the end where no precision is wanted."""
    done = first if wanted.anything else total
    while done < total:
        yield done
        done = max(done + 1, int(done * GROWTH))
    yield total


def until_precise(
    total: int,
    wanted: Wanted,
    draw: Callable[[int, int], None],
    estimate: Callable[[int], Estimate],
    first: int = FIRST_LOOK,
) -> tuple[Estimate, int]:
    """Draw until the estimate is as precise as wanted or all draws are used; the estimate and the number of draws.

    Parameters
    ----------
    total : int
    wanted : Wanted
    draw : callable (start, stop)
        Makes the draws ``start`` to ``stop - 1``.
    estimate : callable, int -> Estimate
        From that many first draws.
    first : int
        Draws before the first look.
    """
    start = 0
    for done in looks(total, wanted, min(first, total)):
        draw(start, done)
        start, result = done, estimate(done)
        if done == total or wanted.reached(result):
            break
    return result, start


def estimate_from_subsets(
    outputs_of: Callable[[np.ndarray], np.ndarray],
    subsets: np.ndarray,
    fit: Callable[[np.ndarray, np.ndarray], Estimate],
    wanted: Wanted,
    first: int = FIRST_LOOK,
) -> tuple[Estimate, int]:
    """The fit of outputs on as many of the subsets (rows, units) as the precision needs, and their number.

    Parameters
    ----------
    outputs_of : callable
        The outputs of some of the subsets.
    subsets : ndarray of bool, shape (rows, units)
        In the order in which they are used.
    fit : callable, (subsets, outputs) -> Estimate
    wanted : Wanted
    first : int
        Subsets before the first look.
    """
    outputs = np.empty(len(subsets))

    def draw(start: int, stop: int) -> None:
        outputs[start:stop] = outputs_of(subsets[start:stop])

    return until_precise(len(subsets), wanted, draw, lambda done: fit(subsets[:done], outputs[:done]), first)


def unit_outputs(
    problem: Problem, run: Runner, units: Segmentation, fill: Fill, sample: int, kept: np.ndarray
) -> np.ndarray:
    """The output of one sample with some units covered, for each row of ``kept`` (rows, units); float64 (rows,)."""
    shown = torch.from_numpy(problem.values[sample]).to(run.device)
    instead = torch.from_numpy(fill.of(sample)).to(run.device)
    index = np.full(len(kept), sample)

    def batch(start: int, stop: int) -> torch.Tensor:
        return torch.where(units.masks(index[start:stop], kept[start:stop], run.device), shown, instead)

    return run.outputs(len(kept), batch)


def many_outputs(
    problem: Problem, run: Runner, units: Segmentation, fill: Fill, sample: np.ndarray, kept: np.ndarray
) -> np.ndarray:
    """The same for rows of several samples; ``sample`` is the number of each row's sample."""
    fills = fill.all()
    shared = len(fills) == 1

    def batch(start: int, stop: int) -> torch.Tensor:
        rows = sample[start:stop]
        shown = torch.from_numpy(problem.values[rows]).to(run.device)
        instead = torch.from_numpy(fills if shared else fills[rows]).to(run.device)
        return torch.where(units.masks(rows, kept[start:stop], run.device), shown, instead)

    return run.outputs(len(kept), batch)


def probe_of(
    problem: Problem, units: Segmentation, fill: Fill, probability: float = 0.5
) -> Callable[[int], torch.Tensor]:
    """Inputs like those to come, made of the first sample, on which precisions are compared."""

    def probe(rows: int) -> torch.Tensor:
        kept = np.random.default_rng(0).random((rows, units.count(0))) < probability
        masks = units.masks(np.zeros(rows, dtype=int), kept, problem.device)
        shown, instead = (torch.from_numpy(v).to(problem.device) for v in (problem.values[0], fill.of(0)))
        return torch.where(masks, shown, instead)

    return probe


def segment_counts(units: Segmentation, samples: int) -> dict[str, np.ndarray]:
    """Columns that say how many segments each picture has, and where a regular grid had to stand in for SLIC."""
    if units.space != PICTURE:
        return {}
    gridded = {GRIDDED: np.array(units.gridded, dtype=np.float64)} if any(units.gridded) else {}
    return {"segments": np.array([units.count(i) for i in range(samples)], dtype=np.float64), **gridded}


def unit_attribution(
    problem: Problem,
    units: Segmentation,
    estimates: list[Estimate],
    passes: list[int],
    facts: dict[str, object],
    gap: np.ndarray | None = None,
    wanted: Wanted = USE_ALL,
) -> Attribution:
    """Estimates of all samples' units as evidence."""
    columns = {
        name: np.array([e.columns[name] for e in estimates]) for name in (estimates[0].columns if estimates else ())
    }
    columns |= wanted.columns(estimates)
    return Attribution(
        values=np.stack([units.spread(i, e.values) for i, e in enumerate(estimates)]),
        gap=gap,
        standard_error=np.stack([units.spread(i, e.error) for i, e in enumerate(estimates)]),
        columns={"passes": np.array(passes, dtype=np.float64), **columns, **segment_counts(units, len(estimates))},
        facts={**facts, "segments": units.name},
    )
