"""Codes for "no answer" (99, 999, -9 ...) and slips of typing (44 for 4) among the numbers of a column."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

# As SPSS, Qualtrics, Unipark and the European Social Survey (7, 8, 9; 77, 88, 99 ...) export "no answer".
_DIGITS = ("66", "77", "88", "95", "96", "97", "98", "99")
_LONGER = ("666", "777", "888", "995", "996", "997", "998", "999", "8888", "9999", "99999", "999999")
SURE_CODES = frozenset(int(text) for text in (*_DIGITS, *_LONGER)) | frozenset(
    -int(text) for text in (*_DIGITS, *_LONGER, "7", "8", "9")
)
# Also numbers that people rate with: never left out, only remarked on.
OTHER_CODES = frozenset((7, 8, 9, -1))
# A scale of ratings has at most so many steps.
_STEPS = 10
# Other values that there have to be: for a code beyond doubt, for one at three times the usual distance, for the rest.
_FEWEST, _MANY, _ENOUGH = 4, 10, 20
# How often the end of a scale was used at least, and as a share: tails of counts thin out, scales do not.
_USED, _USED_SHARE = 3, 0.03

CODE, MAYBE, SLIP = "code", "maybe", "slip"


@dataclass(frozen=True)
class _Odd:
    """Values beyond one end of all others."""

    kind: str
    values: tuple[float, ...]


def without_codes(name: str, values: np.ndarray, rows: np.ndarray | None = None) -> tuple[np.ndarray, tuple[str, ...]]:
    """A column of numbers in which codes for "no answer" are missing, and sentences about them and about slips.

    Parameters
    ----------
    name : str
        Of the column, for the sentences.
    values : ndarray of float64, shape (rows,)
        NaN where unknown.
    rows : ndarray of int, shape (rows,), optional
        What people call each row; the first one of a suspicious value is named.

    Returns
    -------
    values : ndarray of float64, shape (rows,)
        Codes that lie far beyond everything else (or are the only negative numbers, and repeated) are NaN. What may
        be a code or a slip stays.
    notes : tuple of str

    Notes
    -----
    Far beyond: at least as far from the nearest other value as all others are from each other, and twice as far from
    the median as these on a logarithmic scale, log(1 + distance / median absolute deviation). So neither the tail of a
    log-normal measure nor that of a normal one is far beyond.
    """
    result = _odd(values)
    if not result:
        return values, ()
    strange = np.isin(values, [value for odd in result for value in odd.values])
    rest = values[np.isfinite(values) & ~strange]
    known = values[np.isfinite(values)]
    reach = (
        f"'{name}' reaches from {_say(known.min())} to {_say(known.max())}, but {_percent(len(rest), len(known))} lie "
        f"in {_say(rest.min())} to {_say(rest.max())}"
    )
    kinds = dict.fromkeys(odd.kind for odd in result)
    alike = [_Odd(kind, tuple(v for odd in result if odd.kind == kind for v in odd.values)) for kind in kinds]
    note = f"{reach}: {' '.join(_of_kind(odd, values, rows) for odd in alike)}"
    codes = [value for odd in result if odd.kind == CODE for value in odd.values]
    return np.where(np.isin(values, codes), np.nan, values), (note,)


def _odd(values: np.ndarray) -> list[_Odd]:
    """What lies beyond the rest, from the outside inwards at both ends."""
    distinct, counts = np.unique(values[np.isfinite(values)], return_counts=True)
    result: list[_Odd] = []
    more = True
    while more and len(distinct) > 2:
        more = False
        for upper in (True, False):
            size, kind = _beyond(distinct, counts, upper)
            if size:
                cut = slice(len(distinct) - size, None) if upper else slice(0, size)
                result.append(_Odd(kind, tuple(distinct[cut].tolist())))
                kept = slice(0, len(distinct) - size) if upper else slice(size, None)
                distinct, counts, more = distinct[kept], counts[kept], True
    return result


def _beyond(distinct: np.ndarray, counts: np.ndarray, upper: bool) -> tuple[int, str]:
    """How many of the outermost distinct values do not belong to the rest, and what they look like; 0 for none."""
    order = np.arange(len(distinct))[:: -1 if upper else 1]
    run = 0
    while run < len(order) - 2 and distinct[order[run]] in (SURE_CODES | OTHER_CODES):
        run += 1
    for size in range(run, 0, -1):
        kind = _code(distinct, counts, order[:size], order[size:])
        if kind:
            return size, kind
    return (1, SLIP) if _slip(distinct, counts, order[:1], order[1:]) else (0, "")


def _code(distinct: np.ndarray, counts: np.ndarray, out: np.ndarray, rest: np.ndarray) -> str:
    """Whether the outer values are a code, may be one, or are neither."""
    here, nearest = distinct[out], distinct[out[-1]]
    number, several = int(counts[rest].sum()), bool((counts[out] > 1).all())
    sure = all(value in SURE_CODES for value in here)
    least = float(distinct[rest].min())
    gap, span = abs(nearest - distinct[rest[0]]), float(np.ptp(distinct[rest]))
    alone = nearest < 0 <= least
    far = _far(distinct, counts, rest, nearest) and (alone or number >= _MANY or gap >= 3 * span)
    if sure and number >= _FEWEST and (far or (alone and several)):
        return CODE
    if number < _ENOUGH:
        return ""
    if _is_scale(distinct, counts, rest):
        # Nobody's scale goes from -1 to 3 or more.
        return MAYBE if (alone and span >= 3) or (gap >= 2 and several) else ""
    usual = sure or (distinct[rest] != np.round(distinct[rest])).any()
    return MAYBE if (several and (alone or (usual and gap >= 0.2 * span))) or (alone and gap >= 0.5 * span) else ""


def _slip(distinct: np.ndarray, counts: np.ndarray, out: np.ndarray, rest: np.ndarray) -> bool:
    """Whether one value is far beyond the rest, or well outside a scale of few steps."""
    if counts[rest].sum() < _ENOUGH or counts[out[0]] > 0.05 * counts.sum():
        return False
    gap, span = abs(distinct[out[0]] - distinct[rest[0]]), float(np.ptp(distinct[rest]))
    outside = _is_scale(distinct, counts, rest) and gap >= max(3.0, span / 2)
    return outside or _far(distinct, counts, rest, distinct[out[0]])


def _is_scale(distinct: np.ndarray, counts: np.ndarray, rest: np.ndarray) -> bool:
    """Whole numbers of few steps, most of them used, and the nearer end more than by chance."""
    steps = distinct[rest]
    span = np.ptp(steps)
    return bool((steps == np.round(steps)).all() and 1 <= span <= _STEPS
                and counts[rest[0]] >= max(_USED, _USED_SHARE * counts[rest].sum())
                and 4 * len(steps) >= 3 * (span + 1))  # fmt: skip


def _far(distinct: np.ndarray, counts: np.ndarray, rest: np.ndarray, value: float) -> bool:
    middle = _median(distinct[rest], counts[rest])
    apart = np.abs(distinct[rest] - middle)
    spread = _median(apart, counts[rest]) or float(apart @ counts[rest] / counts[rest].sum())
    edge = distinct[rest[0]]
    gap, span = abs(value - edge), float(np.ptp(distinct[rest]))
    here, there = (float(np.log1p(abs(number - middle) / spread)) for number in (value, edge))
    return bool(gap >= span and here >= 2 * there)


def _median(values: np.ndarray, counts: np.ndarray) -> float:
    order = np.argsort(values)
    return float(values[order][np.searchsorted(np.cumsum(counts[order]), counts.sum() / 2)])


def _of_kind(odd: _Odd, values: np.ndarray, rows: np.ndarray | None) -> str:
    at = np.flatnonzero(np.isin(values, odd.values))
    named = " and ".join(_say(value) for value in odd.values)
    where = "" if rows is None else f", row {rows[at[0]]}" if len(at) == 1 else f", first in row {rows[at[0]]}"
    times = f"{len(at)} time{'' if len(at) == 1 else 's'}{where}"
    one = len(odd.values) == 1
    if odd.kind == CODE:
        return (
            f"{named} ({times}) {'looks like a code' if one else 'look like codes'} for 'no answer' and "
            f"{'was' if one else 'were'} left out, as if these cells were empty."
        )
    if odd.kind == MAYBE:
        return (
            f"{named} ({times}) may mean 'no answer', but {'was' if one else 'were'} counted. If so: --missing "
            f"{','.join(_say(value) for value in odd.values)} (missing=[{', '.join(_say(v) for v in odd.values)}])."
        )
    return f"{named} ({times}) looks like a slip, but was counted. Correct it or leave the cell empty."


def _percent(part: int, whole: int) -> str:
    return f"{min(99.9, 100 * part / whole):.3g} %" if part / whole > 0.995 else f"{100 * part / whole:.0f} %"


def _say(value: float) -> str:
    return f"{value:.6g}"
