"""Scores of predicted ratings on the terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mien.cli.console import page

if TYPE_CHECKING:
    from mien.models.rating_evaluation import RatingEvaluation
    from mien.stats.scores import Score

WORDS = {"pearson": "Pearson", "spearman": "Spearman", "concordance": "concordance", "r2": "R2", "rmse": "RMSE"}


def targets_of(text: str) -> str | tuple[str, ...]:
    """One target, or several ratings with commas."""
    names = tuple(name.strip() for name in text.split(",") if name.strip())
    return names if len(names) > 1 else text


def show_ratings(evaluation: RatingEvaluation, title: str) -> None:
    """Print a row of scores per rating and, of several, their means."""
    from rich.markup import escape
    from rich.table import Table

    from mien.models.rating_evaluation import noise_verdict_of_ratings

    out, protocol = page(), evaluation.protocol
    scheme = f"{protocol['scheme']}, {protocol['n_folds']} folds" if protocol["n_folds"] > 1 else protocol["scheme"]
    out.print(
        f"{protocol['n_samples']} samples of {protocol['n_subjects']} subjects, {scheme}; nobody is in both parts."
    )
    table = Table(title=escape(title), title_justify="left")
    for name in ("rating", *WORDS.values()):
        table.add_column(name, justify="left" if name == "rating" else "right")
    for rating, scores in evaluation.per_rating.items():
        table.add_row(escape(rating), *(_cell(scores.get(name)) for name in WORDS))
    if len(evaluation.per_rating) > 1:
        table.add_row("[bold]mean[/]", *(_cell(evaluation.scores.get(name)) for name in WORDS))
    out.print(table)
    first = next(iter(evaluation.per_rating.values()))
    unit = f"; RMSE by guessing the mean: {first['rmse'].chance:.3g}" if len(evaluation.per_rating) == 1 else ""
    out.print(f"In brackets: 95 % intervals over subjects. Guessing gives 0, but for RMSE{unit}.")
    if evaluation.noise_check is not None:
        out.print(noise_verdict_of_ratings(evaluation.noise_check), markup=False)
    if evaluation.left_out:
        listed = ", ".join(f"{count} '{status}'" for status, count in evaluation.left_out.items())
        out.print(f"Left out: {escape(listed)}.")
    for note in evaluation.notes:
        out.print(f"[bold]Note:[/] {escape(note)}")


def _cell(score: Score | None) -> str:
    if score is None or score.value != score.value:
        return "–"
    interval = f" ({score.low:.3g} to {score.high:.3g})" if score.low == score.low else ""
    return f"{score.value:.3f}{interval}"
