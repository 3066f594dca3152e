"""Scores of predicted ratings on the terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mien.cli.console import page

if TYPE_CHECKING:
    from mien.learn.evaluation import Evaluation

WORDS = {"pearson": "Pearson", "spearman": "Spearman", "concordance": "concordance", "r2": "R2", "rmse": "RMSE"}


def targets_of(text: str) -> str | tuple[str, ...]:
    """One target, or several ratings with commas."""
    names = tuple(name.strip() for name in text.split(",") if name.strip())
    return names if len(names) > 1 else text


def shown(value: float, *, plus: bool = False) -> str:
    """Three decimals with a true minus, a dash for what is not known; with ``plus`` both signs."""
    return f"{value:{'+' if plus else ''}.3f}".replace("-", "−") if value == value else "–"


def show_ratings(evaluation: Evaluation, title: str) -> None:
    """Print the scores of a rating in rows; of several ratings a row each and their means."""
    from mien.learn.noise import noise_verdict

    out = page()
    if len(evaluation.per_rating) == 1:
        _show_one(evaluation, title)
    else:
        _show_several(evaluation, title)
    people = evaluation.scores["pearson"]
    given = "Intervals are 95 % intervals over subjects" if people.low == people.low else people.between.capitalize()
    out.print(f"{given}. Guessing gives 0, but for RMSE.")
    if people.p == people.p:
        out.print(f"Predictions that have nothing to do with the ratings correlate so highly with p = {people.p:.3f}.")
    if evaluation.ceilings:
        for name, ceiling in list(evaluation.ceilings.items())[:1] if len(evaluation.per_rating) == 1 else ():
            share = ceiling.share(evaluation.per_rating[name]["pearson"])
            out.print(
                f"Ceiling {shown(ceiling.value)}, share of it {shown(share.value)} ({share.between}).", markup=False
            )
        out.print("Ceiling: the correlation that a perfect model could reach, from how far people agree.")
        if evaluation.learnable is not None:
            r, p = evaluation.learnable.statistic, evaluation.learnable.p
            out.print(
                f"Ceiling and model correlate over {len(evaluation.ceilings)} ratings with {r:.2f} (p = {p:.4f})."
            )
    if evaluation.noise_check is not None:
        out.print(noise_verdict(evaluation.noise_check), markup=False)


def _show_one(evaluation: Evaluation, title: str) -> None:
    from rich.markup import escape
    from rich.table import Table

    (rating, scores) = next(iter(evaluation.per_rating.items()))
    checked = evaluation.noise_check or {}
    table = Table(title=escape(f"{title}: {rating}"), title_justify="left")
    for name in ("score", "value", "95 % interval", "guessing", "p", *(("shuffled",) if checked else ())):
        table.add_column(name, justify="left" if name == "score" else "right")
    for name, words in WORDS.items():
        if name in scores:
            score = scores[name]
            noise = [shown(checked[name].value) if name in checked else "–"] if checked else []
            table.add_row(words, shown(score.value), escape(score.between), shown(score.chance), shown(score.p), *noise)
    page().print(table)


def _show_several(evaluation: Evaluation, title: str) -> None:
    from rich.markup import escape

    first, *rest = WORDS.values()
    table = narrow_table(escape(title), ("rating", first, "95 % interval", *rest))
    rows = [*((escape(name), scores) for name, scores in evaluation.per_rating.items()), ("mean", evaluation.scores)]
    for name, scores in rows:
        found = [scores.get(score) for score in WORDS]
        table.add_row(name, _value(found[0]), escape(found[0].between) if found[0] else "–", *map(_value, found[1:]))
    page().print(table)
    if not evaluation.ceilings:
        return
    table = narrow_table("agreement", ("rating", "ceiling", "share of it", "95 % interval"))
    for name, ceiling in evaluation.ceilings.items():
        share = ceiling.share(evaluation.per_rating[name]["pearson"])
        table.add_row(escape(name), shown(ceiling.value), shown(share.value), escape(share.between))
    page().print(table)


def narrow_table(title: str, heads: tuple[str, ...]) -> Any:
    """A table without lines between columns; of those only the first, which holds names, is folded."""
    from rich.box import SIMPLE_HEAD
    from rich.table import Table

    table = Table(title=title, title_justify="left", box=SIMPLE_HEAD, padding=(0, 1, 0, 0), pad_edge=False)
    for number, name in enumerate(heads):
        least = max(map(len, name.split())) if number else None
        table.add_column(name, justify="right" if number else "left", overflow="fold", min_width=least)
    return table


def _value(score: Any) -> str:
    return "–" if score is None else shown(score.value)
