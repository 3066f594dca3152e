"""Scores of predicted ratings on the terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mien.cli.console import page

if TYPE_CHECKING:
    from mien.learn.evaluation import Evaluation
    from mien.stats.scores import Score

WORDS = {"pearson": "Pearson", "spearman": "Spearman", "concordance": "concordance", "r2": "R2", "rmse": "RMSE"}


def targets_of(text: str) -> str | tuple[str, ...]:
    """One target, or several ratings with commas."""
    names = tuple(name.strip() for name in text.split(",") if name.strip())
    return names if len(names) > 1 else text


def show_ratings(evaluation: Evaluation, title: str) -> None:
    """Print a row of scores per rating and, of several, their means."""
    from rich.markup import escape
    from rich.table import Table

    from mien.learn.noise import noise_verdict

    out = page()
    table = Table(title=escape(title), title_justify="left")
    ceilings, several = evaluation.ceilings, len(evaluation.per_rating) > 1
    agreed: tuple[str, ...] = ()
    for name in ("rating", *WORDS.values(), *(("ceiling", "share of it") if ceilings else ())):
        table.add_column(name, justify="left" if name == "rating" else "right")
    for rating, scores in evaluation.per_rating.items():
        known = ceilings.get(rating)
        share = known.share(scores["pearson"]) if known else None
        agreed = (_value(known), _value(share)) if ceilings else ()
        table.add_row(escape(rating), *_cells(scores, several), *agreed)
    if len(evaluation.per_rating) > 1:
        table.add_row("[bold]mean[/]", *_cells(evaluation.scores, several), *("" for _ in agreed))
    out.print(table)
    first = next(iter(evaluation.per_rating.values()))
    unit = f"; RMSE by guessing the mean: {first['rmse'].chance:.3g}" if len(evaluation.per_rating) == 1 else ""
    people = evaluation.scores["pearson"]
    given = "In brackets: 95 % intervals over subjects" if people.low == people.low else people.between.capitalize()
    out.print(f"{given}. Guessing gives 0, but for RMSE{unit}.")
    if people.p == people.p:
        out.print(f"Predictions that have nothing to do with the ratings correlate so highly with p = {people.p:.3f}.")
    if ceilings:
        out.print("Ceiling: the correlation that a perfect model could reach, from how far people agree.")
        if evaluation.learnable is not None:
            r, p = evaluation.learnable.statistic, evaluation.learnable.p
            out.print(f"Ceiling and model correlate over {len(ceilings)} ratings with {r:.2f} (p = {p:.4f}).")
    if evaluation.noise_check is not None:
        out.print(noise_verdict(evaluation.noise_check), markup=False)


def _cells(scores: dict[str, Score], several: bool) -> list[str]:
    """A row of scores; of several ratings the intervals of the first one only, so that a row is a line."""
    found = [scores.get(name) for name in WORDS]
    return [_cell(found[0]), *(_value(s) if several else _cell(s) for s in found[1:])]


def _value(score: Any) -> str:
    return "–" if score is None or score.value != score.value else f"{score.value:.3f}"


def _cell(score: Score | None) -> str:
    if score is None or score.value != score.value:
        return "–"
    return f"{score.value:.3f}" + (f" ({score.low:.3g} to {score.high:.3g})" if score.low == score.low else "")
