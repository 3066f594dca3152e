"""Where evidence comes from, in sentences: what exceeds an even spread in people, and nothing else, is news."""

from __future__ import annotations

from collections.abc import Sequence

from mien.atlas.regions import Share, densest, features, main_parts, undirected_words
from mien.atlas.summary import Summary
from mien.core.features import NAMED
from mien.core.words import listed, percent

# With fewer people, that nothing exceeds an even spread says nothing.
FEW_PEOPLE = 6


def in_words(summary: Summary, *, most: int = 3) -> str:
    """One sentence, such as "Most evidence for 'smiling' comes from mouth (61 %; even spread 29 %)."

    Places are named where their share exceeds that of an even spread in the people whose evidence it is. More sentences
    tell the region that stands out for its size, and the strongest of named features. Of methods whose sign does not
    mean for or against it is "evidence about".
    """
    what = f"{'for' if summary.directed else 'about'} '{summary.target}'"
    if not summary.mean_absolute.any():
        return f"There is no evidence {what}: all values are zero."
    parts = main_parts(summary)
    on_face = bool(summary.topology or summary.places)
    text = _where(what, parts, summary, on_face, most) if parts else ""
    dense = densest(parts) if on_face else None
    if dense and dense.exceeds:
        text += f" For its size, {dense.words} stands out: {dense.density:.1f} times an even spread."
    # Of single features it is not known what shuffled labels give.
    if (
        summary.space == NAMED
        and summary.topology
        and not summary.shuffled
        and (strong := exceeding(features(summary)))
    ):
        text += f" The strongest features are {shares_words(strong[:most])}."
    if text and not summary.directed:
        text += f" {undirected_words(summary.method)}"
    return text


def exceeding(rows: Sequence[Share]) -> list[Share]:
    """Those with more of the evidence than an even spread would give, as people show."""
    return [row for row in rows if row.exceeds]


def even_words(on_face: bool) -> str:
    """How evidence is spread where no place exceeds its even share."""
    return f"spread as {'the area of the regions' if on_face else 'the number of the features'} would have it"


def too_few(people: int | None) -> bool:
    """Whether people are too few to say that evidence is spread evenly."""
    return people is None or people < FEW_PEOPLE


def _where(what: str, parts: list[Share], summary: Summary, on_face: bool, most: int) -> str:
    beyond = exceeding(parts)
    if beyond:
        how = "Most evidence {} comes" if beyond[0] is parts[0] else "More evidence {} than an even spread gives comes"
        return f"{how.format(what)} from {shares_words(beyond[:most])}."
    if summary.shuffled:
        return f"Evidence {what} is {shuffled_words(parts, most)}."
    if too_few(summary.subjects):
        # A share below an even spread's is no news, however large.
        largest = [row for row in parts[:most] if row.share > row.expected]
        what = f"Largest shares of the evidence {what}: {shares_words(largest)}" if largest else f"Evidence {what}"
        return f"{what}; too few people to say more: {summary.who}."
    return (
        f"Evidence {what} is {even_words(on_face)}, as far as {summary.subjects} people show: no share exceeds its "
        "even spread."
    )


def shuffled_words(rows: Sequence[Share], most: int = 3) -> str:
    """That no place holds more than without anything to learn, with the largest."""
    return (
        "where models of shuffled labels have theirs, too: no share is shown to be larger than theirs and an even "
        f"spread's, such as {shares_words(rows[:most])}"
    )


def shares_words(rows: Sequence[Share]) -> str:
    """Places with their shares and those of an even spread, with as many digits as tell the two apart."""
    return listed([f"{row.words} ({_apart(row)})" for row in rows])


def _apart(row: Share) -> str:
    share, even = percent(row.share), percent(row.expected)
    if share == even or "under" in f"{share}{even}":
        digits = next((n for n in (1, 2) if round(100 * row.share, n) != round(100 * row.expected, n)), 3)
        share, even = f"{100 * row.share:.{digits}f} %", f"{100 * row.expected:.{digits}f} %"
    chance = f"; labels shuffled {percent(row.shuffled)}" if row.shuffled == row.shuffled else ""
    return f"{share}; even spread {even}{chance}"
