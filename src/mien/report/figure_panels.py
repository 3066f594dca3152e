"""What ``mien figure`` can show: every drawing of a study as a panel by its name, and kinds of figures by theirs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from math import isfinite
from typing import Any
from xml.etree import ElementTree

from mien.compare.comparison import COMPARISON_FILE, Comparison
from mien.core.people.words import who_words
from mien.core.words import equals, listed, number
from mien.explain.store import slug
from mien.report.draw.plot import Plot, PlotScale
from mien.report.draw.score_chart import ScoredRow, confusion_chart, interval_chart, score_chart
from mien.report.figures import drawings_by_name
from mien.report.guarded import guarded
from mien.report.models_folder import ModelPart
from mien.report.numbering import figure_of
from mien.report.page import context_of, privacy_of_study, removers
from mien.report.privacy import cleaned_drawing
from mien.report.report import numbered_page
from mien.report.sections.comparison import difference_words
from mien.report.sections.faithfulness import samples_words
from mien.report.sections.models import SCORE_WORDS, confusion_words, score_in_text
from mien.report.sections.participants import narrow_plot
from mien.report.study_folder import StudyFolder

# Of the pictures of one body of evidence, the one that a figure of all evidence shows: the first that there is.
_MAIN = ("face", "map", "time", "regions", "features", "pictures")


@dataclass(frozen=True)
class FigurePanel:
    """One drawing of a figure.

    Attributes
    ----------
    name : str
    svg : str
    caption : str
    heading : str
        What stands above it beside its letter, where a figure has several panels.
    scale : PlotScale, optional
        On which it can be drawn again.
    kind : str
        Of figures (``KINDS``) that show it; ``''``: it is shown by its own name alone.
    narrow : str
        The same for narrow columns: taller, with larger text; ``''`` where there is none.
    """

    name: str
    svg: str
    caption: str
    heading: str = ""
    scale: PlotScale | None = None
    kind: str = ""
    narrow: str = ""


# Figures that a paper asks for, and the first words of names of the drawings of the report that belong to each.
KINDS: dict[str, tuple[str, ...]] = {
    "scores": (), "confusion": (), "calibration": (), "observed": (), "ratings": ("ratings",), "comparison": (),
    "methods": (), "evidence": (), "maps": ("maps",), "reduction": (), "structure": ("structure",),
}  # fmt: skip


def panels_of(study: StudyFolder, *, faces: bool, names: bool) -> dict[str, FigurePanel]:
    """Every drawing of a study by its name; captions are those of the report where it shows them.

    Parameters
    ----------
    study : StudyFolder
    faces, names : bool
        As in ``mien.report``.
    """
    inside, remove = removers(study, privacy_of_study(study, faces=faces, names=names))

    def clean(panel: FigurePanel) -> FigurePanel:
        drawn, narrow = (cleaned_drawing(one, lambda text: remove(inside(text))) for one in (panel.svg, panel.narrow))
        return replace(panel, svg=drawn, caption=remove(inside(panel.caption)), narrow=narrow)

    context = context_of(study, faces=faces, names=names)
    shown, figures = drawings_by_name(context), numbered_page(context)[1]
    explained = _evidence(context["evidence"], lambda text: remove(inside(text)))
    drawn_again = {panel.svg for panel in explained}
    headings, flow = _headings(context), str(context["participants"].get("plot", ""))
    # The page shows this drawing of the first model only.
    words = {str(one["plot"]): one["plot_words"] for one in (context["ratings"] or {}).get("models", [])}
    found = [clean(panel) for panel in (*_scores(study), *_confusions(study), *_comparison(study), *_methods(study))]
    for name, svg in shown.items():
        if svg in drawn_again:
            continue
        figure = figure_of(svg, figures)
        kind = next(
            (kind for kind, starts in KINDS.items() if f"{name}-".startswith(tuple(f"{s}-" for s in starts))), ""
        )
        kind, name = headings.get(svg, ("", kind, name))[1:]
        caption = remove(inside(figure.caption if figure else words.get(svg) or title_of(svg)))
        narrow = narrow_plot(study.path) if svg == flow else ""
        found.append(FigurePanel(name, svg, caption, headings.get(svg, ("",))[0], kind=kind, narrow=narrow))
    return {panel.name: panel for panel in (*found, *explained)}


def kinds_of(panels: dict[str, FigurePanel]) -> dict[str, list[str]]:
    """Names of the panels of every kind of figure that there is."""
    found = {kind: [name for name, panel in panels.items() if panel.kind == kind] for kind in KINDS}
    return {kind: names for kind, names in found.items() if names}


def title_of(svg: str) -> str:
    """What a drawing shows, as it says itself."""
    return next((child.text or "" for child in ElementTree.fromstring(svg) if child.tag.endswith("title")), "")


def _scored(study: StudyFolder) -> list[ModelPart]:
    return [part for part in study.models if part.evaluation is not None]


def _scores(study: StudyFolder) -> list[FigurePanel]:
    found = []
    for rated, name in ((False, "scores"), (True, "scores-of-ratings")):
        parts = [part for part in _scored(study) if part.rated == rated]
        parts = [part for part in parts if part.drawn_score is not None]
        rows = [(part.name, score) for part in parts if (score := part.drawn_score) is not None]
        if rows:
            kind = SCORE_WORDS["pearson" if rated else "balanced_accuracy"]
            caption = (
                f"{kind} of {_of_whom(parts)}, held out of training. {_left_out(parts)}Lines: 95 % intervals over "
                "people; dashed: chance"
            )
            drawn, narrow = (
                score_chart(rows, score=kind, least=-1.0 if rated else 0.0, narrow=narrow) for narrow in (False, True)
            )
            found.append(FigurePanel(name, drawn, caption, kind="scores", narrow=narrow))
    return found


def _left_out(parts: list[ModelPart]) -> str:
    """What is drawn of models that were tested at sites left out."""
    left = [(part, part.evaluation.sites) for part in parts if part.evaluation and part.evaluation.sites]
    if not left:
        return ""
    names, called = listed([repr(part.name) for part, _ in left]), left[0][1].called[1]
    if left[0][0].rated:
        return f"Of {names} the mean within {called} that were left out, one after the other. "
    return (
        f"{names}: {called} left out, over the people of all of them, without an interval, as these differ in level. "
    )


def _of_whom(parts: list[ModelPart]) -> str:
    """Models, each with those on whom its score rests: ``"'a' and 'b' on 9 samples, and of 'c' on 8 samples"``."""
    models: dict[str, list[str]] = {}
    for part in parts:
        if part.evaluation is not None:
            models.setdefault(who_words(part.evaluation.protocol), []).append(repr(part.name))
    return ", and of ".join(f"{listed(names)} on {who}" for who, names in models.items())


def _confusions(study: StudyFolder) -> list[FigurePanel]:
    found = []
    for part in _scored(study):
        evaluation = part.evaluation
        if evaluation is not None and evaluation.confusion is not None:
            drawn = confusion_chart(evaluation.confusion, evaluation.classes, name=part.name)
            caption = confusion_words(part.name, evaluation)
            found.append(FigurePanel(f"confusion-{part.name}", drawn, caption, part.name, kind="confusion"))
    return found


def _comparison(study: StudyFolder) -> list[FigurePanel]:
    """Differences of models on the same people."""
    if not study.shows("comparison") or not (study.path / "comparison" / COMPARISON_FILE).is_file():
        return []
    found = guarded(study.problems, Comparison.read, study.path / "comparison" / COMPARISON_FILE)
    if found is None or not found.pairs:
        return []
    rows = [
        ScoredRow(f"{p.one} − {p.other}", p.difference, p.low, p.high, 0.0, f"p {equals(p.p_people_corrected)}")
        for p in found.pairs
    ]
    axis = f"difference in {score_in_text(found.score)}"
    title = "Differences of models, with 95 % intervals over people"
    drawn, narrow = (interval_chart(rows, axis=axis, title=title, narrow=narrow) for narrow in (False, True))
    return [FigurePanel("comparison", drawn, difference_words(found), kind="comparison", narrow=narrow)]


def _methods(study: StudyFolder) -> list[FigurePanel]:
    """Methods of explanation by each metric of faithfulness, with random numbers as the mark."""
    found = []
    for part in study.faithfulness:
        result = part.result
        for metric in dict.fromkeys(row.metric for row in result.rows):
            of_metric = [row for row in result.rows if row.metric == metric]
            rows = [ScoredRow(r.method, r.value, r.low, r.high, r.random, number(r.value)) for r in of_metric]
            if not any(isfinite(row.value) for row in rows):
                continue
            better = of_metric[0].direction
            axis, title = f"{metric} ({better})", f"Methods by {metric}"
            drawn, narrow = (interval_chart(rows, axis=axis, title=title, narrow=narrow) for narrow in (False, True))
            known = " over people" if result.people_known else ""
            caption = (
                f"Methods of explanation for '{result.target}' of '{part.name}' by {metric} ({better}), "
                f"{samples_words(result)}. Lines: 95 % intervals{known}; dashed: random numbers in place of the "
                "evidence"
            )
            name = f"methods-{slug(part.name)}-{slug(metric)}"
            found.append(FigurePanel(name, drawn, caption, f"{metric}, {part.name}", kind="methods", narrow=narrow))
    return found


def _evidence(explained: dict[str, list[dict[str, Any]]], remove: Callable[[str], str]) -> list[FigurePanel]:
    """Pictures of evidence by model, method, target and kind of picture."""
    blocks = [(model, block) for model, of_model in explained.items() for block in of_model]
    several = [len({str(part) for part in parts}) > 1 for parts in zip(*map(_asked, blocks), strict=True)]
    found: dict[str, FigurePanel] = {}
    for model, block in blocks:
        plots: dict[str, Plot] = {plot.kind: plot for plot in block["panels"]}
        main = next((kind for kind in _MAIN if kind in plots), "")
        told = [part for part, more in zip(_asked((model, block)), several, strict=True) if more]
        heading = ", ".join(told) or str(block["target"])
        name = "-".join(["evidence", slug(model), slug(block["by"]), slug(block["target"])])
        for kind, plot in plots.items():
            one = FigurePanel(f"{name}-{kind}", plot.svg, remove(plot.caption), heading, plot.scale,
                        "evidence" if kind == main else "")  # fmt: skip
            found.setdefault(one.name, one)
    return list(found.values())


def _asked(of: tuple[str, dict[str, Any]]) -> tuple[str, str, str]:
    model, block = of
    return str(block["target"]), str(block["by"]), f"'{model}'"


def _headings(context: dict[str, Any]) -> dict[str, tuple[str, str, str]]:
    """Heading, kind and name of drawings of the page that belong to a kind and say by themselves not what they are."""
    found: dict[str, tuple[str, str, str]] = {}
    for model in context["models"]:
        name = str(model["name"])
        if model.get("calibration"):
            found[str(model["calibration"])] = (name, "calibration", f"calibration-{slug(name)}")
        drawn = model.get("observed") or []
        for one in drawn:
            rating = str(one["rating"])
            which = f"-{slug(rating)}" if len(drawn) > 1 else ""
            found[str(one["plot"])] = (f"{name}, {rating}", "observed", f"observed-{slug(name)}{which}")
    for block in context["maps"]:
        for drawing in block["drawings"]:
            name = "-".join(["maps", *(slug(str(drawing[part])) for part in ("source", "method", "colour"))])
            found[str(drawing["svg"])] = (f"{drawing['source']}, {drawing['method']}", "maps", name)
    for reduction in context["reductions"]:
        name = f"reduction-{slug(str(reduction['name']))}"
        found[str(reduction["curve"])] = (str(reduction["name"]), "reduction", f"{name}-curve")
        for face in reduction["faces"]:
            found[str(face["svg"])] = (f"{face['count']} landmarks", "", f"{name}-{face['count']}-landmarks")
    return found
