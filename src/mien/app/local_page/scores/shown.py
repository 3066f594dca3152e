"""Scores of a study's models: all beside chance, one in full, all compared."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from mien.app.local_page.folders import OpenStudy
from mien.app.local_page.job_panel import JobPanel
from mien.app.local_page.older import changed_since, say_if_older
from mien.app.local_page.parts import part, say_note, say_problem
from mien.app.local_page.scores.confusion import confusion, misses, model_folder
from mien.compare.comparison import COMPARISON_FILE
from mien.core.outcome import CLASSES, RATINGS
from mien.core.words import listed
from mien.learn.predicted import none_predicted
from mien.models.store import EVALUATION_FILE
from mien.report.draw.score_chart import score_chart
from mien.report.guarded import guarded
from mien.report.models_folder import ModelPart, read_models
from mien.report.page import marked
from mien.report.privacy import Privacy
from mien.report.report import section_of_page
from mien.report.sections import comparison, models, ratings

_MAIN = {CLASSES: ("balanced accuracy", 0.0), RATINGS: ("mean Pearson correlation", -1.0)}


def scores(study: OpenStudy, shown: dict[str, str], panel: JobPanel) -> None:
    """Draw what ``models/`` of a study holds.

    Parameters
    ----------
    study : OpenStudy
    shown : dict of str to str
        ``model``: the one that is shown in full, kept up to date; absent for the first.
    panel : JobPanel
        Starts the job that compares models.
    """
    problems: list[str] = []
    found = read_models(problems, study.folder / "models")
    for sentence in problems:
        say_problem(sentence)
    scored = [model for model in found if model.evaluation is not None]
    if not scored:
        say_note("No model was trained and scored yet.")
        return
    overview(scored)
    if older := of_before(study, [model.name for model in scored]):
        say_problem(older)
    _one(study, scored, shown)
    _compared(study, scored, panel)


def of_before(study: OpenStudy, names: Sequence[str]) -> str:
    """Which of several models were scored before the last decisions about faces; ``''`` if there is nothing to compare.

    Parameters
    ----------
    study : OpenStudy
    names : sequence of str
        Of models that have an evaluation.
    """
    older = [name for name in names if changed_since(study, model_folder(study, name) / EVALUATION_FILE)]
    if not older or len(names) < 2:
        return ""
    return (
        f"Scored before the last decisions about faces: {listed(older)}. Scores from before and after are about "
        "different faces; train these again before you compare them."
    )


def overview(scored: Sequence[ModelPart]) -> None:
    """All models' main scores on one line each, with intervals and chance."""
    from nicegui import ui

    with part("Scores beside chance", "overview"):
        for kind, (name, least) in _MAIN.items():
            rows = [
                (f"{model.name} ({model.target})", score)
                for model in scored
                if model.evaluation is not None
                and model.evaluation.predicts == kind
                and (score := model.drawn_score) is not None
            ]
            if rows:
                ui.html(score_chart(rows, score=name, least=least), sanitize=False).classes("chart")
        say_note("On held-out people, with 95 % intervals over people; dashed: chance.")


def _one(study: OpenStudy, scored: Sequence[ModelPart], shown: dict[str, str]) -> None:
    """One model in full, and which one."""
    from nicegui import ui

    names = [model.name for model in scored]
    first = shown["model"] if shown.get("model") in names else names[0]
    box = ui.element("div").props('data-testid="one-model"')

    def show(name: str) -> None:
        shown["model"] = name
        model = next(model for model in scored if model.name == name)
        box.clear()
        with box:
            say_if_older(study, model_folder(study, name) / EVALUATION_FILE)
            if caution := none_predicted(model.evaluation, _answers(model)):
                say_problem(caution)
            ui.html(written_scores(model), sanitize=False).classes("scores")
            if model.rated:
                misses(study, model)
            else:
                confusion(study, model)

    if len(names) > 1:
        ui.select(names, label="Model in full", on_change=lambda event: show(event.value),
                  value=first).props("outlined dense").classes("which")  # fmt: skip
        box.move(target_index=-1)
    show(first)


def _answers(model: ModelPart) -> list[str]:
    """Classes or ratings that a model is judged by."""
    evaluation = model.evaluation
    return [] if evaluation is None else list(evaluation.each or evaluation.classes)


def written_scores(model: ModelPart) -> str:
    """The report's section on one model, without the matrix, whose cells the page makes itself; as HTML."""
    block: dict[str, Any] = {**models.section(model, Privacy(faces=True, names=True)), "confusion": [], "observed": []}
    result = section_of_page("models", {"models": [marked(block)]})
    if model.rated and model.evaluation is not None:
        problems: list[str] = []
        rated = marked(ratings.section({model.name: model.evaluation}, problems))
        result += section_of_page("ratings", {"ratings": rated})
    return result


def _compared(study: OpenStudy, scored: Sequence[ModelPart], panel: JobPanel) -> None:
    """The stored comparison, and a button that makes one of the models of one target."""
    from nicegui import ui

    groups: dict[tuple[str, str], list[str]] = {}
    for model in scored:
        if model.evaluation is not None:
            groups.setdefault((model.evaluation.predicts, model.evaluation.target), []).append(model.name)
    rivals = {target: names for (_, target), names in groups.items() if len(names) > 1}
    place = study.folder / "comparison" / COMPARISON_FILE
    problems: list[str] = []
    stored = guarded(problems, comparison.section, place)
    for sentence in problems:
        say_problem(sentence)
    if stored:
        if _older(study, place):
            say_note("A model was trained since these were compared; compare them again.")
        ui.html(section_of_page("comparison", {"comparison": marked(stored)}), sanitize=False).classes("scores").props(
            'data-testid="comparison"'
        )

    async def compare(names: list[str]) -> None:
        folders = [str(model_folder(study, name)) for name in names]
        await panel.start("compare-models", {"models": folders, "output": str(study.folder / "comparison")})

    with ui.row().classes("above"):
        for target, names in rivals.items():
            ui.button(f"Compare the models of {target}", on_click=lambda names=names: compare(names)).props(
                'outline no-caps data-testid="compare"'
            )


def _older(study: OpenStudy, comparison: Path) -> bool:
    """Whether some model was scored after the models were compared."""
    when = comparison.stat().st_mtime_ns
    return any(file.stat().st_mtime_ns > when for file in (study.folder / "models").glob(f"*/{EVALUATION_FILE}"))
