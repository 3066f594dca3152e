"""Do two groups of people, or two models, classes or methods on the same people, differ, and where."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from mien.atlas.summary import topology_of
from mien.compare.group_comparison import GROUPS_FILE, GroupComparison, GroupRow
from mien.compare.group_notes import few_ways, not_compared, two_models, unequal, wider
from mien.compare.measure_tables import MeasureTable, chosen_measures, split_by, tables_of
from mien.core.errors import InputError
from mien.core.evidence import SIGN_IS_DIRECTION, Evidence
from mien.core.numbers import checked_numbers
from mien.core.output import check_folder
from mien.core.people.keys import people_of
from mien.core.people.unknown import is_own, own_person
from mien.data.tables.table import listed
from mien.explain.store import load_evidence
from mien.stats.correction import benjamini_hochberg
from mien.stats.repeated import pair_weights, people_weights, spread_of
from mien.stats.subjects import codes_of
from mien.stats.two_groups import LEAST, Contrast, Effects, Tests, effects, permutation_tests

CORRECTIONS = ("benjamini-hochberg", "largest")
REPEATED = ("mean", "mixed")
# Squares of what is larger, or smaller than its inverse, leave the range of numbers.
LARGEST = 1e100


@checked_numbers
def compare(
    a: Any,
    b: Any = None,
    subjects_a: Any = None,
    subjects_b: Any = None,
    *,
    by: str | None = None,
    names: Any = None,
    labels: Sequence[str] | None = None,
    measure: str | None = None,
    paired: bool | None = None,
    repeated: str = "mean",
    correction: str = "benjamini-hochberg",
    margin: float = 0.5,
    n_permutations: int = 10_000,
    seed: int = 0,
    output: str | Path | None = None,
) -> GroupComparison:
    """Compare evidence, or any table of measures, between two groups of people or two conditions of the same people.

    The person is the unit: samples of one person are averaged first. People who are in both sets are compared with
    themselves.

    Parameters
    ----------
    a, b : Evidence, str or Path, DataFrame, or array of shape (samples, measures)
        Evidence is compared by facial region (by feature where features have no place on the face). A path is a folder
        that ``mien explain`` wrote, or a table (CSV, TSV, Excel, Parquet) with a column ``subject`` and columns of
        numbers. NaN is missing.
        Evidence about named features, landmarks and pictures is described by the same regions of the canonical face.
    subjects_a, subjects_b : sequence of str, optional
        Who is in each sample; of evidence its own subjects by default. Without subjects every row is a person.
    by : str, optional
        Column of the table ``a`` that names the groups; ``b`` is left out then. Of more than two groups, ``labels``
        names those that are compared.
    names : sequence of str, optional
        Names of the measures of arrays; of evidence and tables, those that are compared.
    labels : sequence of str, optional
        What the two sets are called; by default what tells two paths apart, else 'a' and 'b'; the groups' own names.
    measure : str, optional
        Of evidence: ``'signed'`` evidence in the unit of the output, the default where the method's sign says for and
        against; or ``'share'`` of the absolute evidence.
    paired : bool, optional
        Whether the two sets are conditions of the same people, matched by their names; those in one set only are left
        out. By default, whether both hold the same people.
    repeated : str
        Several samples of a person: ``'mean'`` of the person, who all count the same; or ``'mixed'``: by a mixed model
        with a random intercept for each person, in which people of many samples count more the more samples vary
        within people (``mien.stats.repeated``). Where everybody has equally many, both are the same.
    correction : str
        ``'benjamini-hochberg'`` (false-discovery rate over the measures) or ``'largest'`` (family-wise, by the largest
        \\|t\\| of each permutation).
    margin : float
        Differences below this many standard deviations count as none in the equivalence test.
    n_permutations, seed : int
        All arrangements are enumerated where they are no more than this.
    output : str or Path, optional
        Folder that receives ``groups.json``.

    Returns
    -------
    GroupComparison
        ``.table`` has a row per measure: name, effect, low, high, p, p_corrected and more; ``.settings`` says how.

    Raises
    ------
    InputError
        If neither a second table nor a column of groups is given, the tables have other measures, fewer than four
        people are in a group, or some people, but not all, are in both sets and ``paired`` does not say what is meant.

    Notes
    -----
    Tests are studentised permutation tests (see ``mien.stats.two_groups``), simulated in ``benchmarks/null_groups.py``.
    The interval is that of the effect alone, not corrected over measures.

    Examples
    --------
    >>> import mien
    >>> import numpy as np
    >>> draw = np.random.default_rng(0)
    >>> a, b = draw.normal(size=(40, 2)), draw.normal(size=(40, 2)) + [0, 2]
    >>> who = np.repeat(np.arange(10), 4)
    >>> mien.compare(a, b, who, who + 10, names=["brow", "mouth"]).table[["name", "p_corrected"]].round(3)
        name  p_corrected
    0   brow        0.182
    1  mouth        0.000
    """
    if correction not in CORRECTIONS:
        raise InputError(f"P-values are corrected by {' or '.join(CORRECTIONS)}, not by '{correction}'.")
    if repeated not in REPEATED:
        raise InputError(f"Repeated samples of a person are taken by {' or '.join(REPEATED)}, not by '{repeated}'.")
    if output is not None:
        check_folder(output)
    said: list[str] = []
    if by is not None:
        if b is not None or subjects_b is not None:
            raise InputError("A column that names the groups stands in one table; leave out the second one.")
        a, b, called, notes = split_by(a, by, subjects_a, labels)
        subjects_a, said = None, [*notes]
    elif b is None:
        raise InputError(
            "Two sets are compared: give a second one, or the column of one table that names the groups (by)."
        )
    else:
        called = _labels(labels, a, b)
    a, b = (load_evidence(given) if _is_folder(given) else given for given in (a, b))
    measure = measure or ("signed" if all(_directed(given) for given in (a, b)) else "share")
    first, second, more = tables_of(a, b, measure, called)
    one, other = _group(first, subjects_a, names, called[0]), _group(second, subjects_b, names, called[1])
    if one.names != other.names:
        lacking = sorted({*one.names} ^ {*other.names})[:5] or ["their order differs"]
        raise InputError(
            f"The two sets have other measures, such as: {', '.join(lacking)}. Give both the same columns."
        )
    contrast, left_out = _contrast(one, other, paired, mixed=repeated == "mixed")
    found = effects(contrast, margin=margin)
    tests = permutation_tests(contrast, n_permutations=n_permutations, seed=seed)
    result = GroupComparison(
        labels=called,
        rows=_rows(one.names, found, tests, correction),
        people=(len(contrast.a), len(contrast.b)),
        samples=(one.samples, other.samples),
        settings={
            "paired": contrast.paired, "measure": measure if one.of_evidence else "", "correction": correction,
            "margin": margin, "n_permutations": tests.n_permutations, "exact": tests.exact, "seed": seed,
            "unit": "person", "left_out": left_out, "unknown": one.unknown + other.unknown, "by": by or "",
            "regions": first.regions, "topology": topology_of(a) if one.of_evidence else "", "repeated": repeated,
            "scaled": contrast.scales is not None,
            "notes": [*dict.fromkeys((*said, *more, *one.notes, *other.notes)), *few_ways(contrast, tests),
                      *not_compared(one.names, contrast), *wider(contrast, called), *unequal(contrast),
                      *two_models(a, b)],
        },
    )  # fmt: skip
    if output is not None:
        result.write(Path(output) / GROUPS_FILE)
    return result


def _is_folder(given: Any) -> bool:
    return isinstance(given, (str, Path)) and not Path(given).is_file()


def _directed(given: Any) -> bool:
    return not isinstance(given, Evidence) or bool(given.settings.get(SIGN_IS_DIRECTION, True))


def _labels(given: Sequence[str] | None, a: Any, b: Any) -> tuple[str, str]:
    if given is None:
        paths = isinstance(a, (str, Path)) and isinstance(b, (str, Path))
        ways = zip(Path(a).parts[::-1], Path(b).parts[::-1], strict=False) if paths else ()
        different = [(one, other) for one, other in ways if one != other]
        return different[-1] if different else ("a", "b")
    labels = tuple(str(label).strip() for label in given)
    if len(labels) != 2 or not all(labels) or labels[0] == labels[1]:
        raise InputError(
            f"The two sets need two different names, such as patients and others, not: {listed([*labels])}."
        )
    return labels


@dataclass(frozen=True, eq=False)
class _Group:
    """Means per person: values (people, measures), who they are, names of measures; what went in, by sample."""

    values: np.ndarray
    each: np.ndarray
    code: np.ndarray
    who: np.ndarray
    names: tuple[str, ...]
    samples: int
    of_evidence: bool
    unknown: int
    notes: tuple[str, ...]


def _group(table: MeasureTable, subjects: Any, names: Any, label: str) -> _Group:
    values, columns = chosen_measures(table, None if names is None else tuple(str(name) for name in names), label)
    _check_size(values, columns, label)
    subjects = table.subjects if subjects is None else subjects
    own = [own_person(f"{label}, row {i + 1}") for i in range(len(values))]
    if subjects is not None and len(subjects) != len(values):
        raise InputError(f"'{label}' has {len(values)} samples, but {len(subjects)} subjects; give one per sample.")
    who, notes = people_of(own if subjects is None else subjects, own)
    known = np.isfinite(values).any(1)
    if not known.any():
        raise InputError(f"'{label}' has no sample with values.")
    people, code = codes_of(who[known])
    means = _means(values[known], code, len(people))
    unknown = 0 if subjects is None else sum(map(is_own, people))
    return _Group(
        means,
        values[known],
        code,
        people,
        columns,
        int(known.sum()),
        table.of_evidence,
        unknown,
        (*table.notes, *notes),
    )


def _check_size(values: np.ndarray, columns: tuple[str, ...], label: str) -> None:
    """Refuse numbers whose squares are beyond what a number can hold, or are nothing."""
    for name, column in zip(columns, np.abs(values).T, strict=True):
        largest = float(np.nanmax(column, initial=0.0))
        if largest and not 1 / LARGEST <= largest <= LARGEST:
            raise InputError(
                f"'{label}': the measure '{name}' has the size {largest:g}, whose squares cannot be added up. Give it "
                "in another unit, or leave it out: names (--names) says which measures are compared."
            )


def _means(values: np.ndarray, code: np.ndarray, people: int) -> np.ndarray:
    known = np.isfinite(values)
    total, count = np.zeros((2, people, values.shape[1]))
    np.add.at(total, code, np.where(known, values, 0.0))
    np.add.at(count, code, known)
    return np.where(count > 0, total / np.maximum(count, 1), np.nan)


def _contrast(one: _Group, other: _Group, paired: bool | None, *, mixed: bool) -> tuple[Contrast, int]:
    """The two sets, by person, and how many people were left out as they are in one of two conditions only."""
    both = codes_of([*one.who, *other.who])[1]
    first, second = both[: len(one.who)], both[len(one.who) :]
    shared, rows, others = np.intersect1d(first, second, return_indices=True)
    if paired is None and 0 < len(shared) < max(len(first), len(second)):
        raise InputError(
            f"{_named(one.who[rows])} in both sets and {len(first) + len(second) - 2 * len(shared)} in one only. "
            "paired=True (--paired) compares those in both with themselves; for two groups of people, leave them out "
            "of one."
        )
    if paired if paired is not None else len(shared) > 0:
        if len(shared) < LEAST:
            raise InputError(
                f"A paired comparison needs at least {LEAST} people in both sets, but there are {len(shared)}."
            )
        weights = _of_pairs(one, other, rows, others) if mixed else None
        left_out = len(first) + len(second) - 2 * len(shared)
        return Contrast(one.values[rows], other.values[others], True, weights), left_out
    if len(shared):
        raise InputError(
            f"{_named(one.who[rows])} in both sets, so they are no two groups; use paired=True (--paired)."
        )
    weights = _of_people(one, other)
    return Contrast(one.values, other.values, False, weights if mixed else None, spread_of(weights)), 0


def _named(who: np.ndarray) -> str:
    if len(who) == 1:
        return f"1 person, '{who[0]}', is"
    return f"{len(who)} people, such as '{who[0]}', are"


def _of_people(one: _Group, other: _Group) -> np.ndarray:
    """Weights of everybody's mean in a mixed model, shape (people of both, measures)."""
    each, person = np.concatenate([one.each, other.each]), np.concatenate([one.code, other.code + len(one.who)])
    group = np.repeat([0, 1], [len(one.who), len(other.who)])
    return np.stack([people_weights(column, person, group) for column in each.T], axis=1)


def _of_pairs(one: _Group, other: _Group, rows: np.ndarray, others: np.ndarray) -> np.ndarray:
    """Weights of everybody's difference, shape (people in both, measures)."""
    found = []
    for given, kept in ((one, rows), (other, others)):
        place = np.full(len(given.who), -1)
        place[kept] = np.arange(len(kept))
        code = place[given.code]
        found.append((code[code >= 0], given.each[code >= 0]))
    (code_a, a), (code_b, b) = found
    columns = range(a.shape[1])
    return np.stack([pair_weights(a[:, j], b[:, j], code_a, code_b, len(rows)) for j in columns], axis=1)


def _rows(names: tuple[str, ...], found: Effects, tests: Tests, correction: str) -> tuple[GroupRow, ...]:
    corrected = tests.p_largest if correction == "largest" else benjamini_hochberg(tests.p)
    numbers = {
        name: getattr(found, name).tolist()
        for name in ("effect", "low", "high", "difference", "difference_low", "difference_high", "mean_a", "mean_b",
                     "p_equivalent", "people_a", "people_b")
    } | {"t": tests.t.tolist(), "p": tests.p.tolist(), "p_corrected": corrected.tolist()}  # fmt: skip
    return tuple(
        GroupRow(name=name, **{key: values[i] for key, values in numbers.items()}) for i, name in enumerate(names)
    )
