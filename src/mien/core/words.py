"""Numbers and lists as people read them: with true minus signs, and a dash where there is nothing to say."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from difflib import get_close_matches

DASH = "–"


def percent(share: float) -> str:
    """A share as whole per cent, with "under 1 %" for small ones."""
    return "under 1 %" if 0 < share < 0.005 else f"{100 * share:.0f} %"


def begun(words: str) -> str:
    """Words as the beginning of a sentence."""
    return words[:1].upper() + words[1:]


def listed(parts: Sequence[str]) -> str:
    """``a, b and c``."""
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}" if parts else ""


def quoted(names: Iterable[str]) -> str:
    """``'a', 'b' and 'c'``."""
    return listed([f"'{name}'" for name in names])


def did_you_mean(name: str, known: Iterable[str], cutoff: float = 0.6) -> str:
    """A sentence with the known name that was probably meant, after a blank; ``''`` where none is so close, 0 to 1.

    Examples
    --------
    >>> did_you_mean("colour", ["colours", "size"])
    " Did you mean 'colours'?"
    """
    close = get_close_matches(name, list(known), n=1, cutoff=cutoff)
    return f" Did you mean '{close[0]}'?" if close else ""


def number(value: float | None, *, short: bool = False) -> str:
    """Two decimals; with ``short`` one from 10 on, where measures have units of their own.

    Examples
    --------
    >>> number(-0.123), number(-0.001), number(None), number(12.345, short=True)
    ('−0.12', '0.00', '–', '12.3')
    """
    if value is None or value != value:
        return DASH
    decimals = 1 if short and abs(value) >= 10 else 2
    return f"{round(value, decimals) + 0.0:.{decimals}f}".replace("-", "−")


def interval(low: float | None, high: float | None) -> str:
    """``0.10 to 0.35``."""
    parts = number(low), number(high)
    return DASH if DASH in parts else " to ".join(parts)


def p_value(value: float) -> str:
    """Three decimals, or ``< 0.001``."""
    return DASH if value != value else "< 0.001" if value < 0.001 else f"{value:.3f}"


def equals(value: float) -> str:
    """A p value behind the letter: ``= 0.012``, ``< 0.001``."""
    return p_value(value) if value < 0.001 else f"= {p_value(value)}"
