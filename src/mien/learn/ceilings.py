"""What regression models can reach at most: how far people agree, and the share of it that a model reaches."""

from __future__ import annotations

from collections.abc import Container, Sequence
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path
from typing import Any

import numpy as np

from mien.core.errors import InputError
from mien.core.outcome import RATINGS, Outcome
from mien.core.paths import Tails
from mien.data.ratings import read_single_ratings
from mien.data.tables.ratings import SingleRatings
from mien.data.tables.table import MISSING, SUFFIXES, read_table
from mien.stats.permutation import PermutationTest
from mien.stats.raters import rater_agreement
from mien.stats.scores import Score

GIVEN = "given"
NAN = float("nan")
# Single ratings are those that a rating is the mean of if their means correlate so with it, over so many samples.
MEANS_AGREE, _LEAST_PAIRS = 0.8, 5
# Of the test whether ceilings and a model's correlations go together.
PERMUTATIONS = 9999


@dataclass(frozen=True)
class Ceiling:
    """The highest correlation with a mean rating that can be expected of any model.

    Attributes
    ----------
    value, low, high : float
        Square root of the mean rating's reliability (``mien.stats.raters.rater_agreement``) with its 95 % interval
        over items and raters; the interval is NaN where the ceiling was given without one.
    single : float
        ICC(1,1), how far single raters agree; NaN where the ceiling was given.
    n_items, n_ratings, n_raters : int
        0 where the ceiling was given, and where it is not known who rated.
    lowest, highest : float
        Of the single ratings that were given, in the unit of the rating; NaN where the ceiling was given.
    source : str
        Single ratings that it was computed from, or ``'given'``.
    notes : tuple of str
        About codes for "no answer" among the ratings, and raters who said one number throughout.
    """

    value: float
    low: float = NAN
    high: float = NAN
    single: float = NAN
    n_items: int = 0
    n_ratings: int = 0
    source: str = GIVEN
    notes: tuple[str, ...] = ()
    n_raters: int = 0
    lowest: float = NAN
    highest: float = NAN

    def __post_init__(self) -> None:
        if not 0 < self.value <= 1:
            raise InputError(f"A ceiling is a correlation above 0 and up to 1, but got {self.value:g}.")

    def share(self, score: Score) -> Score:
        """Share of the ceiling that a Pearson correlation reaches; its interval is that of the correlation."""
        value, low, high = (part / self.value for part in (score.value, score.low, score.high))
        return replace(score, value=value, low=low, high=high, chance=0.0)


def ceilings_for(outcome: Outcome, source: Any, paths: Any, y: np.ndarray | None = None) -> dict[str, Ceiling]:
    """``ceilings_of`` of what is predicted; empty without a source.

    Parameters
    ----------
    outcome : Outcome
    source, paths
        As for ``ceilings_of``.
    y : ndarray, shape (samples, ratings), optional
        What is predicted: means of single ratings have to go with it.

    Raises
    ------
    InputError
        As ``ceilings_of``, for classes, which have none, and for single ratings of something else.
    """
    if source is None:
        return {}
    if outcome.kind != RATINGS:
        raise InputError(f"A ceiling belongs to ratings, but '{outcome.target}' holds classes.")
    if y is not None and _given(source, outcome.columns) is None:
        single = _single(str(source), outcome.columns, paths)
        for column, name in enumerate(outcome.columns):
            if name in single.attributes:
                _check_means(single.of(name), y[:, column], _texts(paths), str(source))
    return ceilings_of(source, outcome.columns, paths)


def ceilings_of(source: Any, ratings: Sequence[str], paths: Any = None) -> dict[str, Ceiling]:
    """Ceilings of ratings.

    Parameters
    ----------
    source : str, number or dict
        Single ratings (``'omi:'``, ``'london:'`` or a table, see ``mien.data.ratings.read_single_ratings``); or a
        table with the columns ``attribute`` and ``ceiling`` (``low`` and ``high`` where they are known); or one
        number for all ratings; or numbers by rating.
    ratings : sequence of str
    paths : sequence of str, optional
        Samples that the model is scored on; single ratings of others are left out. An item is the sample whose path
        it is, or is the tail of, or has as its tail.

    Returns
    -------
    dict of str to Ceiling
        Ratings that the source says nothing about are missing.

    Raises
    ------
    InputError
        If the source knows none of the ratings or none of the samples.
    """
    given = _given(source, ratings)
    if given is not None:
        return given
    single = _single(str(source), ratings, paths)
    return {name: _computed(single.of(name), str(source)) for name in ratings if name in single.attributes}


def check_ceilings(source: Any, ratings: Sequence[str], paths: Any = None) -> None:
    """Read what ``ceilings_of`` reads, so that a wrong source is told before hours of work.

    Raises
    ------
    InputError
        As ``ceilings_of``, but for raters who do not agree.
    """
    if _given(source, ratings) is None:
        _single(str(source), ratings, paths)


def _given(source: Any, ratings: Sequence[str]) -> dict[str, Ceiling] | None:
    """Ceilings that need not be computed; None where the source is single ratings."""
    number = _number(source)
    if number is not None:
        return {name: Ceiling(number) for name in ratings}
    if isinstance(source, dict):
        found = {name: Ceiling(float(source[name])) for name in ratings if name in source}
        _need(found, ratings, source, "the numbers that were given")
        return found
    table = _given_table(Path(str(source)))
    if table is None:
        return None
    found = {name: table[name] for name in ratings if name in table}
    _need(found, ratings, table, str(source))
    return found


def _single(source: str, ratings: Sequence[str], paths: Any) -> SingleRatings:
    """Single ratings of the samples."""
    single = read_single_ratings(source)
    if paths is not None:
        items = np.unique(single.item.astype(str))
        meant = _items_of(_texts(paths), items, source)
        if not meant:
            raise InputError(
                f"The single ratings in {source} are of other items (such as '{items[0]}') than the samples (such as "
                f"'{paths[0]}'). Name them as the samples' paths."
            )
        single = single[np.isin(single.item.astype(str), meant)]
    known = single.attributes
    _need([name for name in ratings if name in known], ratings, known, source)
    return single


def _check_means(single: SingleRatings, y: np.ndarray, paths: Sequence[str], source: str) -> None:
    """Refuse single ratings whose means are not what is predicted, up to scale, rounding and some other raters."""
    items, code = np.unique(single.item.astype(str), return_inverse=True)
    mean = dict(zip(items.tolist(), np.bincount(code, single.value) / np.bincount(code), strict=True))
    tails = Tails(items.tolist(), f"items of {source}")
    known = [(mean[item], y[row]) for row, path in enumerate(paths) if (item := _item(path, mean, tails)) is not None]
    pairs = np.array(known, dtype=float).reshape(-1, 2)
    pairs = pairs[np.isfinite(pairs).all(1)]
    if len(pairs) < _LEAST_PAIRS or (np.ptp(pairs, axis=0) <= 0).any():
        return
    r = float(np.corrcoef(pairs.T)[0, 1])
    if r < MEANS_AGREE:
        name = single.attribute[0]
        raise InputError(
            f"The means of the single ratings of '{name}' in {source} are not what is predicted: over {len(pairs)} "
            f"samples the two correlate {r:.2f}, and {MEANS_AGREE:g} is the least (another scale, rounding and some "
            "other raters are allowed). A ceiling from them would be that of other ratings. Name the single ratings "
            f"that '{name}' is the mean of, or leave the ceiling out."
        )


def _item(path: str, exact: Container[str], tails: Tails) -> str | None:
    return path if path in exact else tails.find(path)


def _items_of(paths: Sequence[str], items: np.ndarray, source: str) -> list[str]:
    """Items that samples stand for, each for one sample only."""
    exact, tails = set(items.tolist()), Tails(items.tolist(), f"items of {source}")
    owner: dict[str, str] = {}
    for path in paths:
        item = _item(path, exact, tails)
        if item is not None and owner.setdefault(item, path) != path:
            raise InputError(
                f"The item '{item}' of {source} fits two samples, '{owner[item]}' and '{path}'. Name the items as the "
                "samples' paths."
            )
    return list(owner)


def ceilings_json(ceilings: dict[str, Ceiling], per_rating: dict[str, dict[str, Score]]) -> dict[str, Any]:
    """Every ceiling with the share of it that the model reaches, as plain values."""
    rows = {}
    for name, ceiling in ceilings.items():
        share = ceiling.share(per_rating[name]["pearson"])
        plain = {**asdict(ceiling), "share": share.value, "share_low": share.low, "share_high": share.high}
        rows[name] = {key: None if isinstance(v, float) and not np.isfinite(v) else v for key, v in plain.items()}
    return rows


def read_ceilings(rows: dict[str, dict[str, Any]]) -> dict[str, Ceiling]:
    """Ceilings from what ``ceilings_json`` gives."""
    names = {field.name for field in fields(Ceiling)}
    return {name: Ceiling(**{key: _of_plain(key, value) for key, value in row.items() if key in names})
            for name, row in rows.items()}  # fmt: skip


def _of_plain(key: str, value: Any) -> Any:
    if value is None:
        return NAN
    return tuple(value) if key == "notes" else value


def learnable(ceilings: dict[str, Ceiling], per_rating: dict[str, dict[str, Score]]) -> PermutationTest | None:
    """Whether ratings that people agree on more are those that the model predicts better.

    Returns
    -------
    PermutationTest or None
        ``statistic``: Pearson correlation over ratings of ceiling and model's correlation; two-sided p by exchanging
        the ratings. None for fewer than four ratings, or where nothing varies.
    """
    names = [name for name in ceilings if np.isfinite(per_rating[name]["pearson"].value)]
    x = np.array([ceilings[name].value for name in names])
    y = np.array([per_rating[name]["pearson"].value for name in names])
    if len(names) < 4 or not np.ptp(x) > 0 or not np.ptp(y) > 0:
        return None
    x, y = (x - x.mean()) / x.std() / len(x), (y - y.mean()) / y.std()
    rng = np.random.default_rng(0)
    drawn = np.abs(np.array([x @ rng.permutation(y) for _ in range(PERMUTATIONS)]))
    observed = float(x @ y)
    p = float((1 + (drawn >= abs(observed) - 1e-12).sum()) / (1 + PERMUTATIONS))
    return PermutationTest(observed, p, PERMUTATIONS, False)


def _number(source: Any) -> float | None:
    try:
        return float(source)
    except (TypeError, ValueError):
        return None


def _given_table(path: Path) -> dict[str, Ceiling] | None:
    """Ceilings from a table that holds ceilings; None for anything else."""
    if path.suffix.lower() not in SUFFIXES or not path.is_file():
        return None
    table = read_table(path)
    if "ceiling" not in table.columns:
        return None
    names = table.need("attribute", "the rating of each ceiling", ("rating", "name", "scale", "trait"))
    columns = {key: table.numbers(key) for key in ("ceiling", "low", "high") if key in table.columns}
    found = {}
    for row, name in enumerate(names):
        values = {key: float(numbers[row]) for key, (numbers, _) in columns.items()}
        if not 0 < values["ceiling"] <= 1:
            text = table.columns["ceiling"][row]
            raise InputError(f"{path.name}, row {row + table.first_row}: the ceiling '{text}' does not lie in 0 to 1.")
        found[str(name)] = Ceiling(values["ceiling"], values.get("low", NAN), values.get("high", NAN))
    return found


def _computed(single: SingleRatings, source: str) -> Ceiling:
    try:
        found = rater_agreement(single.item, single.value, single.rater)
    except InputError as error:
        raise InputError(f"{source}, '{single.attribute[0]}': {error}") from error
    if not found.ceiling > 0:
        raise InputError(
            f"{source}: raters do not agree about '{single.attribute[0]}' at all (reliability of the "
            f"means {found.reliability:.2f}), so there is no ceiling to compare with. Leave this rating out."
        )
    notes = tuple(note for note in single.notes if note.startswith(f"'{single.attribute[0]}'"))
    if found.n_constant:
        who = "1 rater" if found.n_constant == 1 else f"{found.n_constant} raters"
        notes += (
            f"{who} of '{single.attribute[0]}' in {source} gave every item the same number, which says nothing about "
            "the items.",
        )
    raters = 0 if single.rater is None else len(set(single.rater.astype(str)) - set(MISSING))
    return Ceiling(
        found.ceiling, found.low, found.high, found.icc1, found.n_items, found.n_ratings, source, notes, raters,
        float(np.nanmin(single.value)), float(np.nanmax(single.value)),
    )  # fmt: skip


def _need(found: Any, ratings: Sequence[str], known: Any, source: str) -> None:
    if not found:
        raise InputError(
            f"There is no ceiling for {', '.join(repr(name) for name in ratings)} in {source}; it knows: "
            f"{', '.join(map(str, known)) or 'none'}."
        )


def _texts(paths: Any) -> tuple[str, ...]:
    return tuple(str(path) for path in paths)
