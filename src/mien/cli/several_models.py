"""Scores of several models on the terminal, in tables that fit 80 columns."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from mien.cli.console import notes, page
from mien.cli.ratings import WORDS, narrow_table, shown

if TYPE_CHECKING:
    from mien.learn.evaluation import Evaluation


def show_all(evaluations: Mapping[str, Evaluation], title: str) -> None:
    """Print the main score of every model with its interval and test, then the others, and what stands beside them."""
    from rich.markup import escape

    from mien.core.people.words import apart_words, who_words

    out, first = page(), next(iter(evaluations.values()))
    main, *rest = first.scores
    out.print(f"{escape(who_words(first.protocol))}; {apart_words(first.protocol)}.")
    ceilings = any(found.ceilings for found in evaluations.values())
    noise = any(found.noise_check for found in evaluations.values())
    heads = (
        _called(main),
        "95 % interval",
        "p",
        *(("of ceiling",) if ceilings else ()),
        *(("shuffled",) if noise else ()),
    )
    table = _table(escape(title), heads)
    for name, found in evaluations.items():
        score, checked = found.scores[main], found.noise_check or {}
        cells = [shown(score.value), escape(score.between), shown(score.p)]
        cells += [_share(found)] * ceilings
        cells += [shown(checked[main].value) if main in checked else "–"] * noise
        table.add_row(escape(name), *cells)
    out.print(table)
    other = _table("other scores", (*map(_called, rest), "parameters", "seconds"))
    for name, found in evaluations.items():
        cost = found.cost
        counted = str(cost["trained"] + cost["frozen"]) if "trained" in cost else "–"
        cells = [shown(found.scores[score].value) for score in rest]
        other.add_row(escape(name), *cells, counted, f"{cost['fit_seconds']:.1f}" if cost else "–")
    out.print(other)
    out.print("seconds: of the last fit, on all samples.")
    if ceilings:
        out.print(
            "of ceiling: share of the correlation that a perfect model could reach, from how far people agree; mean "
            "over ratings."
        )
    _beside(evaluations)
    for name, found in evaluations.items():
        for note in found.notes:
            notes().print(f"[bold]{escape(name)}:[/] {escape(note)}")


def _beside(evaluations: Mapping[str, Evaluation]) -> None:
    """What was checked for every model, in sentences."""
    from mien.learn.beside import corrected
    from mien.learn.noise import noise_verdict

    p, tests = corrected({name: found.beside for name, found in evaluations.items() if found.beside})
    for name, found in evaluations.items():
        said = [noise_verdict(found.noise_check)] if found.noise_check else []
        said += [found.beside.words(found.beats_chance, p[name], tests)] if found.beside else []
        said += [found.sites.words()] if found.sites else []
        for words in said:
            page().print(f"{name}: {words}", markup=False)


def _table(title: str, heads: tuple[str, ...]) -> Any:
    return narrow_table(title, ("model", *heads))


def _called(score: str) -> str:
    return WORDS.get(score, score.replace("_", " "))


def _share(found: Evaluation) -> str:
    """Mean share of the ceiling over the ratings that have one."""
    shares = [ceiling.share(found.per_rating[name]["pearson"]).value for name, ceiling in found.ceilings.items()]
    return shown(sum(shares) / len(shares)) if shares else "–"
