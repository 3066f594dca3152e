"""The report's sections on ratings: scores with ceilings, models compared, maps, structure."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from mien.compare.models import COMPARISON_FILE, OTHER_TRAINING, Comparison, read_comparison
from mien.compare.structure_store import STRUCTURE_FILE, load_structures
from mien.compare.structures import Structure
from mien.core.errors import MienError
from mien.core.people.words import unseen_words
from mien.core.words import equals, listed, number, p_value, percent
from mien.manifold.embedding import FACTS, load_embedding
from mien.report.draw.map import map_plot
from mien.report.draw.ratings import Point, ceiling_plot, models_plot
from mien.report.draw.structures import MOST_AXES, axes_plot, heat_plot, pairs_plot
from mien.report.predicted import DO_NOT, not_predicted
from mien.stats.scores import between

NAN = float("nan")
_SCORES = ("pearson", "spearman", "concordance", "r2", "rmse")


def predicts_ratings(evaluation: dict[str, Any]) -> bool:
    """Whether an ``evaluation.json`` is that of a model of ratings."""
    return evaluation.get("predicts") == "ratings"


def impressions_block(
    folder: Path,
    evaluations: dict[str, dict[str, Any]],
    problems: list[str],
    shows: Callable[[str], bool] = lambda place: True,
    main: str = "",
) -> dict[str, Any]:
    """Texts, tables and pictures (SVG that is still to be marked as safe); every part may be empty.

    Parameters
    ----------
    folder : Path
        The study.
    evaluations : dict of str to dict
        Of the models, by name.
    problems : list of str
        Gets a sentence for every part that cannot be read.
    shows : callable
        Whether a folder, relative to the study, is shown.
    main : str
        Name of the main model, which comes first.
    """
    found = {name: e for name, e in evaluations.items() if predicts_ratings(e)}
    parts: dict[str, Any] = {"models": [], "overview": "", "comparison": {}, "structure": {}, "maps": []}
    for name, evaluation in sorted(found.items(), key=lambda item: (item[0] != main, -_mean_pearson(item[1]))):
        try:
            parts["models"].append(_model(name, evaluation))
        except (KeyError, TypeError, AttributeError, ValueError) as error:
            problems.append(f"models/{name}/evaluation.json is not laid out as 'mien train' writes it ({error!r}).")
    if found and len(parts["models"]) == len(found):
        parts["overview"] = _overview(found)
        whom = {unseen_words(evaluation.get("protocol") or {}) for evaluation in found.values()}
        parts["unseen"] = max(whom)
    for key, path, read in (
        ("comparison", folder / "comparison" / COMPARISON_FILE, _comparison),
        ("structure", folder / "structure" / STRUCTURE_FILE, _structure),
    ):
        try:
            parts[key] = read(path) if path.exists() and shows(key) else {}
        except (MienError, OSError, ValueError) as error:
            problems.append(str(error))
    parts["maps"] = _maps(folder / "maps", problems, shows, found)
    return parts


def rating_share(evaluation: dict[str, Any]) -> str:
    """``, which is 80 % of what agreement between people allows``; ``''`` where that is not known."""
    shares = [row["share"] for row in (evaluation.get("ceilings") or {}).values()]
    return f", which is {percent(float(np.mean(shares)))} of what agreement between people allows" if shares else ""


def _model(name: str, evaluation: dict[str, Any]) -> dict[str, Any]:
    ceilings = evaluation.get("ceilings") or {}
    points = _points(evaluation)
    rows = [
        {
            "name": rating,
            "cells": [_interval(scores["pearson"]), *(number(scores[key]["value"], short=True) for key in _SCORES[1:])],
            "ceiling": number((ceilings.get(rating) or {}).get("value"), short=True),
            "share": percent(ceilings[rating]["share"]) if rating in ceilings else "–",
            "warning": DO_NOT if not_predicted(evaluation, rating) else "",
        }
        for rating, scores in sorted(evaluation["per_rating"].items(), key=lambda item: -_pearson(item[1]))
    ]
    known = evaluation.get("learnable")
    words = ""
    if known:
        words = (
            f"What people agree on is what can be learnt: over {known['n']} ratings, ceiling and the model's "
            f"correlation go together with r = {known['pearson']:.2f} (permutation test, p {equals(known['p'])})."
        )
        if known["p"] > 0.05:
            words = (
                f"Over {known['n']} ratings, ceiling and the model's correlation are not shown to go together "
                f"(r = {known['pearson']:.2f}, p {equals(known['p'])})."
            )
    plot = ceiling_plot(points, title=f"{name}: ceiling against correlation") if len(ceilings) > 2 else ""
    return {
        "name": name,
        "rows": rows,
        "notes": _notes(evaluation),
        "ceilings": bool(ceilings),
        "words": words,
        "plot": plot,
    }


def _notes(evaluation: dict[str, Any]) -> list[str]:
    """What was told of single ratings when they were read, such as codes among their numbers."""
    notes = [str(note) for note in evaluation.get("notes") or []]
    return [note for note in notes if any(f"'{rating}'" in note for rating in evaluation["per_rating"])]


def _points(evaluation: dict[str, Any]) -> list[Point]:
    ceilings = evaluation.get("ceilings") or {}
    return [
        Point(rating, _float((ceilings.get(rating) or {}).get("value")),
              *(_float(scores["pearson"].get(k)) for k in ("value", "low", "high")))
        for rating, scores in evaluation["per_rating"].items()
    ]  # fmt: skip


def _overview(found: dict[str, dict[str, Any]]) -> str:
    """All models on all ratings, the best predicted rating first."""
    if not found or max(len(e["per_rating"]) for e in found.values()) < 2:
        return ""
    scores = {name: {r: _pearson(s) for r, s in e["per_rating"].items()} for name, e in found.items()}
    ratings = list(dict.fromkeys(r for row in scores.values() for r in row))
    ratings.sort(key=lambda r: -max(row.get(r, -2) for row in scores.values()))
    ceilings = {r: c["value"] for e in found.values() for r, c in (e.get("ceilings") or {}).items()}
    models = {name: [row.get(r, NAN) for r in ratings] for name, row in scores.items()}
    return models_plot(ratings, models, ceilings, title="Correlation of every model with every mean rating")


def _comparison(path: Path) -> dict[str, Any]:
    found = read_comparison(path)
    rows = [
        {
            "one": pair.one, "other": pair.other, "difference": f"{pair.difference:.3f}",
            "interval": between(pair.low, pair.high, found.n_people).replace("-", "−"),
            "better": f"{pair.better} of {len(found.attributes)}",
            "p_people": p_value(pair.p_people_corrected),
        }
        for pair in found.pairs
    ]  # fmt: skip
    models = [{"name": m.model, "pearson": _interval(vars(m) | {"value": m.pearson})} for m in found.models]
    where = [
        {"name": r.attribute, "pair": f"{r.one} − {r.other}", "difference": f"{r.difference:+.3f}".replace("-", "−"),
         "interval": between(r.low, r.high, found.n_people).replace("-", "−"), "p": p_value(r.p_corrected)}
        for r in found.per_attribute
    ]  # fmt: skip
    return {"models": models, "pairs": rows, "attributes": where, "words": _comparison_words(found)}


def _comparison_words(found: Comparison) -> str:
    best = found.models[0].model
    clear = [p for p in found.pairs if p.one == best and p.p_people_corrected < 0.05]
    beaten = [f"'{p.other}'" for p in clear]
    even = [f"'{p.other}'" for p in found.pairs if p.one == best and p not in clear]
    parts = [f"better than {listed(beaten)}"] if beaten else []
    parts += [f"not shown to differ from {listed(even)}"] if even else []
    what = f"{len(found.attributes)} ratings" if len(found.attributes) > 1 else f"the rating '{found.attributes[0]}'"
    return (
        f"On {found.n_samples} faces and {what}, '{best}' is {' and '.join(parts)} (tests "
        "over faces, corrected)."
        f"{'' if found.same_training else f' Careful: {OTHER_TRAINING}'}"
    )


def _structure(path: Path) -> dict[str, Any]:
    sources, comparisons = load_structures(path.parent)
    names = list(sources)
    heat = [
        {"name": name, "svg": heat_plot(s, title=f"Correlations of the ratings, {name}"),
         "caption": f"{name.capitalize()}: correlations, in the order of Ward's clustering (tree at the right)."}
        for name, s in sources.items()
    ]  # fmt: skip
    pairs = []
    for (one, other), test in comparisons.items():
        pairs.append(
            {
                "svg": pairs_plot(sources[one], sources[other], (one, other), title=f"{one} and {other}, every pair"),
                "caption": (
                    f"Every pair of ratings: its correlation for {one} and for {other}. The two structures agree with "
                    f"a rank correlation of {test.statistic:.2f} (Mantel test, p {equals(test.p)})."
                ),
            }
        )
    return {
        "words": _structure_words(sources),
        "heat": heat,
        "axes": axes_plot(sources, title="Loadings of the first principal axes") if names else "",
        "pairs": pairs,
    }


def _structure_words(sources: dict[str, Structure]) -> str:
    texts = []
    for name, s in sources.items():
        first = s.loadings[0]
        top = [f"'{s.names[i]}'" for i in np.argsort(-np.abs(first))[:3]]
        shares = listed([f"{100 * v:.0f} %" for v in s.variance_explained[:MOST_AXES]])
        texts.append(
            f"{name.capitalize()}: the first {min(MOST_AXES, len(s.names))} principal axes hold {shares} of the "
            f"variance; the first is mostly {listed(top)}."
        )
    return " ".join(texts)


def _maps(
    folder: Path, problems: list[str], shows: Callable[[str], bool], evaluations: dict[str, dict[str, Any]]
) -> list[dict[str, Any]]:
    blocks = []
    for source in sorted(path for path in folder.glob("*") if path.is_dir()):
        held: dict[str, dict[str, str]] = {}
        drawings, tests, warnings = [], [], []
        # Maps of a model's answers; those of people's ratings rest on no model.
        evaluation = evaluations.get(source.name) or {}
        for path in sorted(source.glob(f"*/{FACTS}")):
            if not shows(f"maps/{source.name}/{path.parent.name}"):
                continue
            try:
                found = load_embedding(path.parent)
            except (MienError, OSError) as error:
                problems.append(str(error))
                continue
            held[found.method] = {
                m.name: f"{number(m.value, short=True)} ({number(m.chance, short=True)})" for m in found.measures
            }
            about = [t.attribute for t in found.tests] + list(found.attributes)
            warnings += [text for name in about if (text := _not_predicted(evaluation, name))]
            for test in found.tests:
                tests.append({"method": found.method, "name": test.attribute,
                              "explained": number(test.explained, short=True),
                              "chance": number(test.chance, short=True), "p": p_value(test.p_corrected),
                              "left_out": ", ".join(test.left_out)})  # fmt: skip
            for name, values in list(found.attributes.items())[:2]:
                drawn = map_plot(found.coordinates, values, title=f"{found.method} map of {source.name}, {name}",
                                 name=name)  # fmt: skip
                but = f" {DO_NOT}" if _not_predicted(evaluation, name) else ""
                drawings.append({"svg": drawn, "caption": f"{found.method}, coloured by {name}.{but}"})
        if held:
            # A row per measure: there are more of them than maps, and the page is narrow.
            names = dict.fromkeys(name for measures in held.values() for name in measures)
            rows = [{"name": name, "cells": [own.get(name, "–") for own in held.values()]} for name in names]
            blocks.append({"source": source.name, "columns": list(held), "rows": rows, "tests": tests,
                           "drawings": drawings, "warnings": list(dict.fromkeys(warnings)),
                           "page": f"maps/{source.name}/maps.html"})  # fmt: skip
    return blocks


def _not_predicted(evaluation: dict[str, Any], attribute: str) -> str:
    """Of a rating, or of a difference of two, which is named ``'one - other'``."""
    known = evaluation.get("per_rating") or {}
    parts = [attribute] if attribute in known else attribute.split(" - ")
    return next((text for name in parts if (text := not_predicted(evaluation, name))), "")


def _mean_pearson(evaluation: dict[str, Any]) -> float:
    value = (evaluation.get("scores") or {}).get("pearson", {}).get("value")
    return float(value) if isinstance(value, (int, float)) else -2.0


def _pearson(scores: dict[str, Any]) -> float:
    value = scores["pearson"]["value"]
    return -2.0 if value is None else float(value)


def _interval(score: dict[str, Any]) -> str:
    low, high = _float(score.get("low")), _float(score.get("high"))
    known = f" ({low:.2f} to {high:.2f})" if low == low and high == high else ""
    return f"{number(score.get('value'), short=True)}{known}".replace("-", "−")


def _float(value: Any) -> float:
    return NAN if value is None else float(value)
