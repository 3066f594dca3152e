"""The outcome of a comparison of explanations: one row per method and metric, ranks with ties, curves."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from mien.core.errors import InputError
from mien.core.extras import require
from mien.core.files import finite, read_json, write_json
from mien.core.in_notebooks import Plotted
from mien.core.people.unknown import own_person
from mien.core.people.words import people_facts, who_words
from mien.core.provenance import provenance
from mien.core.results import each, number, numbers, part
from mien.core.target import Target
from mien.faithfulness.metrics import METRICS
from mien.stats.all_pairs import apart_p, least_subjects
from mien.stats.jackknife import FEW_PEOPLE
from mien.stats.paired import SubjectMean, subject_mean
from mien.stats.shares import mean_interval
from mien.stats.subjects import subject_means

FAITHFULNESS_FILE, _FORMAT = "faithfulness.json", "mien faithfulness 1"
RANDOM, CENTRE = "random", "face-centre prior"
CONTROLS = (RANDOM, CENTRE)
# All metrics are shares, correlations or multiples of the usual change of the output; exact methods differ from one
# another by rounding, always in the same direction, and that is no difference.
NEGLIGIBLE = 0.001
# Chance that any two equal methods are told apart by one metric.
LEVEL = 0.05
_NUMBERS = ("value", "low", "high", "random", "inverse", "centre", "difference", "difference_low", "difference_high")


@dataclass(frozen=True)
class FaithfulnessRow:
    """One method by one metric; means over subjects, 95 % intervals by drawing subjects.

    Attributes
    ----------
    method, metric, direction : str
    value, low, high : float
    random, inverse, centre : float
        The same metric for random numbers, for the evidence turned around and (pictures) for a Gaussian around the
        face's centre; NaN where there is none.
    difference, difference_low, difference_high : float
        Method - random, paired over samples.
    samples, left_out : int
        How many went in; samples that gave no number.
    subjects : int or None
        How many people; None, and no interval, where it is not known whom some samples show.
    """

    method: str
    metric: str
    direction: str
    value: float
    low: float
    high: float
    random: float
    inverse: float
    centre: float
    difference: float
    difference_low: float
    difference_high: float
    samples: int
    subjects: int | None
    left_out: int


@dataclass(frozen=True, eq=False)
class Faithfulness(Plotted):
    """Methods by metrics for one target.

    Attributes
    ----------
    target : Target
    values : dict of str to dict of str to ndarray, shape (samples,)
        ``values[metric][method]``, NaN where a sample gave no number; controls are among the methods.
    inverse : dict of str to dict of str to ndarray, shape (samples,)
        The same for the evidence turned around, methods only.
    curves : dict of str to dict of str to ndarray, shape (cuts,)
        ``curves['insertion' or 'deletion'][method]``: mean over subjects of the normalised output.
    shares : ndarray of float64, shape (cuts,)
        Share of the units that came in or went, for ``curves``.
    sample, subject : ndarray of str, shape (samples,)
    seconds : dict of str to float
        Time each method took to explain all samples once.
    settings : dict
        Fill, units, seed and whatever else is needed to compute it again.
    notes : tuple of str
        Sentences about what could not be done.
    people_known : bool
        Whether it is known of every sample whom it shows. If not, ``subject`` holds a name of its own for each such
        row, and nothing that rests on people being different is computed.
    """

    target: Target
    values: dict[str, dict[str, np.ndarray]]
    inverse: dict[str, dict[str, np.ndarray]]
    curves: dict[str, dict[str, np.ndarray]]
    shares: np.ndarray
    sample: np.ndarray
    subject: np.ndarray
    seconds: dict[str, float] = field(default_factory=dict)
    settings: dict[str, Any] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    people_known: bool = True

    def __repr__(self) -> str:
        """One line; the numbers are in ``rows``, ``ranks`` and ``values``."""
        who = (
            who_words(people_facts(self.subject, len(self.sample)))
            if self.people_known
            else f"{len(self.sample)} samples (people unknown)"
        )
        return f"Faithfulness('{self.target}': {', '.join(self.methods)}; {', '.join(self.values)}; {who})"

    @cached_property
    def rows(self) -> tuple[FaithfulnessRow, ...]:
        """One row per metric and method."""
        return tuple(
            summary_row(name, metric, self.values[metric], turned, self.subject, self.people_known)
            for metric, found in self.inverse.items()
            for name, turned in found.items()
        )

    @property
    def methods(self) -> tuple[str, ...]:
        """What was compared: methods first, then the controls."""
        known = list(dict.fromkeys(name for columns in self.values.values() for name in columns))
        return tuple(sorted(known, key=lambda name: name in CONTROLS))

    def mean(self, metric: str, method: str) -> float:
        """Mean over subjects; NaN where there is no number."""
        column = self.values[metric].get(method)
        return float("nan") if column is None else _overall(column, self.subject)

    @property
    def table(self) -> Any:
        """One row per method and metric, as a pandas DataFrame."""
        pandas = require("pandas", "tables of results", "learn")
        return pandas.DataFrame([asdict(row) for row in self.rows], columns=list(FaithfulnessRow.__dataclass_fields__))

    @property
    def ranks(self) -> Any:
        """Methods and controls x metrics, as a pandas DataFrame of ranks; see ``rank``."""
        pandas = require("pandas", "tables of results", "learn")
        return pandas.DataFrame(self.ranks_of_all, index=list(self.methods)).astype("Int64")

    def rank(self, metric: str) -> dict[str, int]:
        """Rank of each method and control by one metric, 1 for the best; ties share a rank.

        In the order of the means a new rank opens only where every method above differs from every method below
        (``differs``), so that two with different ranks are always told apart: the chance that any two equal methods
        get different ranks is at most 5 %. Methods without a number have no rank.
        """
        return self.ranks_of_all[metric]

    def better_than(self, metric: str) -> dict[str, list[str]]:
        """Which methods and controls each one is reliably better than, by one metric; also among ties of ``rank``."""
        return self.better_of_all[metric]

    @cached_property
    def ranks_of_all(self) -> dict[str, dict[str, int]]:
        """``rank`` of every metric."""
        found: dict[str, dict[str, int]] = {}
        for metric in self.values:
            order, first = self._in_order(metric), 1
            found[metric] = {}
            for place, name in enumerate(order):
                if all(self.differs(metric, above, below) for above in order[:place] for below in order[place:]):
                    first = place + 1
                found[metric][name] = first
        return found

    @cached_property
    def better_of_all(self) -> dict[str, dict[str, list[str]]]:
        """``better_than`` of every metric."""
        orders = {metric: self._in_order(metric) for metric in self.values}
        return {
            metric: {
                name: [below for below in order[place + 1 :] if self.differs(metric, name, below)]
                for place, name in enumerate(order)
            }
            for metric, order in orders.items()
        }

    def differs(self, metric: str, one: str, other: str) -> bool:
        """Whether two methods differ by more than ``NEGLIGIBLE``, reliably among all pairs of this metric.

        Corrected p below 5 % (``mien.stats.all_pairs.apart_p``): paired over people, all pairs of methods and controls
        are one family.
        """
        if not self.people_known:
            return False
        columns = self.values[metric]
        apart = _overall(columns[one] - columns[other], self.subject)
        names = list(columns)
        return bool(self._apart[metric][names.index(one), names.index(other)] < LEVEL and abs(apart) >= NEGLIGIBLE)

    @cached_property
    def rank_words(self) -> str:
        """What equal and different ranks mean here."""
        if not self.people_known:
            return (
                "All ranks are equal: whom the samples show is not known, and methods are told apart over people only; "
                "give subjects=..."
            )
        people, needed = len(set(self.subject.tolist())), least_subjects(LEVEL)
        if people < needed:
            return (
                f"All ranks are equal: with {people} {'person' if people == 1 else 'people'} no two methods can be "
                f"told apart at a family-wise error of 5 % (sign flips over people need at least {needed})."
            )
        return (
            "Different ranks: every method above is told apart from every one below (sign flips over people, corrected "
            "for all pairs of methods by that metric: family-wise error 5 %) and by 0.001 or more."
        )

    @cached_property
    def _apart(self) -> dict[str, np.ndarray]:
        seed = int(self.settings["seed"])
        return {
            metric: apart_p(np.stack(list(columns.values()), axis=1), self.subject, seed=seed)
            for metric, columns in self.values.items()
            if columns
        }

    def _in_order(self, metric: str) -> list[str]:
        """Methods and controls that have a number, best first."""
        found = {name: _overall(column, self.subject) for name, column in self.values[metric].items()}
        sign = -1 if METRICS[metric].higher_is_better else 1
        return sorted((name for name in found if found[name] == found[name]), key=lambda name: sign * found[name])

    def to_json(self) -> dict[str, Any]:
        """Plain values; NaN is None."""
        return {
            "target": str(self.target),
            "settings": self.settings,
            "notes": list(self.notes),
            "rows": [finite(asdict(row)) for row in self.rows],
            "ranks": self.ranks_of_all,
            "better_than": self.better_of_all,
            "rank_words": self.rank_words,
            "shares": _numbers(self.shares),
            "curves": {kind: {m: _numbers(c) for m, c in curves.items()} for kind, curves in self.curves.items()},
            "seconds": {name: round(value, 3) for name, value in self.seconds.items()},
            "sample": [str(s) for s in self.sample],
            "subject": [str(s) for s in self.subject] if self.people_known else None,
            "values": {k: {m: _numbers(c) for m, c in columns.items()} for k, columns in self.values.items()},
        }

    def write(self, path: str | Path) -> None:
        """Write ``faithfulness.json``."""
        write_json(Path(path), provenance(format=_FORMAT, **self.to_json()))

    @classmethod
    def read(cls, path: str | Path) -> Faithfulness:
        """What ``write`` wrote: rows and ranks as they stand there, numbers of samples with six digits.

        The single numbers of the evidence turned around are not kept (``inverse`` is empty), only their means.

        Parameters
        ----------
        path : str or Path
            ``faithfulness.json``.

        Raises
        ------
        InputError
            If it is missing or something else.
        """
        found = read_json(Path(path))
        try:
            sample = np.array(part(found, "sample", list, []), dtype=object)
            subject: list[str] = part(found, "subject", list, [])
            rows = part(found, "rows", lambda rows: tuple(map(_row, rows)))
            result = cls(
                target=part(found, "target", _target),
                values=part(found, "values", each(each(numbers)), {}),
                inverse={},
                curves=part(found, "curves", each(each(numbers))),
                shares=part(found, "shares", _shares),
                sample=sample,
                subject=np.array(subject or [own_person(f"row {i + 1}") for i in range(len(sample))], dtype=object),
                seconds=part(found, "seconds", each(number), {}),
                settings=part(found, "settings", lambda settings: {**settings}),
                notes=part(found, "notes", lambda notes: tuple(map(str, notes))),
                people_known=all(row.subjects is not None for row in rows),
            )
            # What rests on draws is not drawn again from rounded numbers.
            better: dict[str, dict[str, list[str]]] = part(found, "better_than", _names_below, {})
            vars(result).update(
                rows=rows,
                ranks_of_all=part(found, "ranks", each(each(_whole))),
                better_of_all=better,
                rank_words=part(found, "rank_words", str, ""),
            )
        except (ValueError, AttributeError) as error:
            raise InputError(f"{path} is not laid out as 'mien evaluate-evidence' writes it ({error}).") from error
        return result


def _row(found: dict[str, Any]) -> FaithfulnessRow:
    known: dict[str, Any] = {name: found[name] for name in ("method", "metric", "direction")}
    if not all(isinstance(text, str) for text in known.values()):
        raise TypeError("names are texts")
    known |= {name: number(found.get(name)) for name in _NUMBERS}
    known |= {name: _whole(found[name]) for name in ("samples", "left_out")}
    subjects = found.get("subjects")
    return FaithfulnessRow(**known, subjects=None if subjects is None else _whole(subjects))


def _names_below(found: Any) -> dict[str, dict[str, list[str]]]:
    return each(each(lambda names: [str(name) for name in names]))(found)


def _target(text: Any) -> Target:
    try:
        return Target.parse(text)
    except InputError:
        return Target(str(text))  # a class whose name looks like a question


def _shares(found: Any) -> np.ndarray:
    shares = numbers(found)
    if not ((shares >= 0) & (shares <= 1)).all():
        raise ValueError("shares lie between 0 and 1")
    return shares


def _whole(value: Any) -> int:
    if not isinstance(value, int):
        raise TypeError(f"{value!r} is not a whole number")
    return value


def together(results: Sequence[Faithfulness]) -> Faithfulness:
    """Several comparisons as one, such as those of every class of a model on the samples of that class.

    Samples are put one after the other; each subject still weighs the same. Only metrics and methods that all results
    have are kept; curves are left out.

    Raises
    ------
    InputError
        If there is nothing, or nothing in common.
    """
    if not results:
        raise InputError("There is no comparison to put together.")
    first = results[0]

    def joined(kind: str) -> dict[str, dict[str, np.ndarray]]:
        parts = [getattr(result, kind) for result in results]
        return {
            metric: {
                name: np.concatenate([part[metric][name] for part in parts])
                for name in columns
                if all(name in part[metric] for part in parts)
            }
            for metric, columns in parts[0].items()
            if all(metric in part for part in parts)
        }

    values = joined("values")
    if not any(values.values()):
        raise InputError("The comparisons have no metric and method in common.")
    return replace(
        first,
        values=values,
        inverse=joined("inverse"),
        curves={},
        sample=np.concatenate([result.sample for result in results]),
        people_known=all(result.people_known for result in results),
        subject=np.concatenate([result.subject for result in results]),
        seconds={name: sum(result.seconds.get(name, 0.0) for result in results) for name in first.seconds},
        settings={**first.settings, "targets": [str(result.target) for result in results]},
        notes=tuple(dict.fromkeys(note for result in results for note in result.notes)),
    )


def summary_row(
    method: str,
    metric: str,
    columns: dict[str, np.ndarray],
    inverse: np.ndarray,
    subject: np.ndarray,
    people_known: bool = True,
) -> FaithfulnessRow:
    """Means, intervals and paired difference of one method by one metric.

    Parameters
    ----------
    method, metric : str
    columns : dict of str to ndarray, shape (samples,)
        Numbers of all methods and controls.
    inverse : ndarray, shape (samples,)
    subject : ndarray of str, shape (samples,)
    people_known : bool
        Without that there is no interval.
    """
    own = columns[method]
    low, high = METRICS[metric].bounds
    mean = _hits(own, subject) if METRICS[metric].hits else _inside(subject_mean(own, subject), low, high)
    apart = _inside(subject_mean(own - columns[RANDOM], subject), low - high, high - low)
    if not people_known:
        mean, apart = (replace(one, low=float("nan"), high=float("nan")) for one in (mean, apart))
    # Controls are averaged over the method's own samples, so that the numbers beside each other belong together.
    here = np.where(np.isfinite(own), 0.0, np.nan)
    centre = columns.get(CENTRE)
    return FaithfulnessRow(
        method=method,
        metric=metric,
        direction=METRICS[metric].direction,
        value=mean.value,
        low=mean.low,
        high=mean.high,
        random=_overall(columns[RANDOM] + here, subject),
        inverse=_overall(inverse + here, subject),
        centre=float("nan") if centre is None else _overall(centre + here, subject),
        difference=apart.value,
        difference_low=apart.low,
        difference_high=apart.high,
        samples=mean.samples,
        subjects=mean.subjects if people_known else None,
        left_out=len(own) - mean.samples,
    )


def _inside(mean: SubjectMean, least: float, most: float) -> SubjectMean:
    """An interval without what no mean can be."""
    return replace(mean, low=max(least, mean.low), high=min(most, mean.high)) if mean.low == mean.low else mean


def _hits(column: np.ndarray, subject: np.ndarray) -> SubjectMean:
    """Mean over subjects of their shares of hits; few may well be alike, which says little of others."""
    mean, known = subject_mean(column, subject), np.isfinite(column)
    if mean.subjects < 2:
        return mean
    each = subject_means(column[known], subject[known])
    found = mean_interval(each, np.arange(len(each)), of=max(FEW_PEOPLE, len(each)))
    return replace(mean, low=found.low, high=found.high)


def _overall(column: np.ndarray, subject: np.ndarray) -> float:
    return subject_mean(column, subject).value


def _numbers(column: np.ndarray) -> list[float | None]:
    return [None if value != value else float(f"{value:.6g}") for value in column.tolist()]
