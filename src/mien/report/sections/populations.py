"""The report's section on populations: do models of one work on others, and what they look at in each."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from mien.compare.population_result import (
    LOOKS_FILE,
    MODELS,
    OWN,
    PEOPLE,
    POOLED,
    LookContrast,
    LookMap,
    LookTree,
    MaskRow,
    PopulationLooks,
    PopulationScores,
    Shift,
    Tested,
    all_but,
    same_people,
)
from mien.core.words import equals, interval, number, p_value, percent
from mien.explain.store import slug
from mien.report.draw.atlas import Panel, atlas_plot
from mien.report.draw.pdf import write_drawing
from mien.report.draw.trees import tree_plot
from mien.report.privacy import Privacy
from mien.report.sections.numbers import with_bounds
from mien.stats.scores import between

# Rows of people that are listed: the worst first.
MOST_PEOPLE = 60
UNIT = "evidence per area, 1 = spread evenly"
# Below a drawing's names where two models are compared, which is lost when only the drawing is shown.
_OF_MODELS = "of these two models"
_TRAINING = (
    "Where two models are compared, the test knows the chance of who is shown, but not that of training: models that "
    "were trained on other people of one population, or trained anew, look elsewhere, too. Of three made-up cohorts of "
    "one population the maps of two models differed on the same people in 12 of 12 comparisons, those of each cohort's "
    "own model in 3 of 6, and those of one model shown two cohorts in none of 12. That populations differ is shown by "
    "one model that is shown both; of two models only that these two differ."
)


def section(folder: Path, privacy: Privacy) -> dict[str, Any]:
    """Texts, tables and drawings (SVG that is still to be marked as safe) of compared populations."""
    scores = PopulationScores.read(folder)
    looks = PopulationLooks.read(folder) if (folder / LOOKS_FILE).exists() else PopulationLooks((), (), (), ())
    models = list(dict.fromkeys(test.model for test in scores.tests))
    return {
        "populations": [
            {"name": p.name, "people": p.people, "samples": p.samples,
             "classes": ", ".join(f"{name} {count}" for name, count in p.classes.items())}
            for p in scores.populations
        ],
        "models": [_model(model, scores, looks, privacy) for model in models],
        "trees": [_tree(tree) for tree in looks.trees],
        "notes": [*scores.notes, *looks.notes, *_notes_of(scores)],
    }  # fmt: skip


def write_drawings(folder: Path) -> list[Path]:
    """Maps and differences of every model and class as SVG and PDF for print, into the folder; those of before go."""
    for path in (*folder.glob("*.svg"), *folder.glob("*.pdf")):
        path.unlink()
    found = PopulationLooks.read(folder)
    paths: list[Path] = []
    for model, label in dict.fromkeys((look.model, look.label) for look in found.looks):
        looks = [look for look in found.looks if (look.model, look.label) == (model, label)]
        contrasts = [row for row in found.contrasts if (row.model, row.label) == (model, label) and row.map]
        drawn = {"maps": _drawn_looks(looks, label)}
        if contrasts:
            drawn["differences"] = _drawn_contrasts(contrasts, label)
        for kind, svg in drawn.items():
            paths += write_drawing(folder / f"{slug(model)}-{slug(label)}-{kind}", svg)
    return paths


def _notes_of(scores: PopulationScores) -> list[str]:
    found = [f"{t.model}, trained on {t.trained}, tested on {t.tested}: {note}"
             for t in scores.tests if t.trained != t.tested for note in t.evaluation.notes]  # fmt: skip
    return list(dict.fromkeys(found))


def _model(model: str, scores: PopulationScores, looks: PopulationLooks, privacy: Privacy) -> dict[str, Any]:
    tests = [test for test in scores.tests if test.model == model]
    names = [p.name for p in scores.populations]
    labels = list(dict.fromkeys(look.label for look in looks.looks if look.model == model))
    return {
        "name": model,
        "words": _transfer_words(tests, [shift for shift in scores.shifts if shift.model == model]),
        "names": names,
        "matrix": _matrix(names, tests),
        "shifts": [_shift_row(shift) for shift in scores.shifts if shift.model == model],
        "people": [_people(test, privacy) for test in tests],
        "looks": [_label(model, label, looks, names) for label in labels],
    }  # fmt: skip


def _matrix(names: list[str], tests: list[Tested]) -> list[dict[str, Any]]:
    """Rows: trained on each population, on all with people left out, and on all but the one that is tested."""
    of = {(test.trained, test.tested): test for test in tests}
    rows = [(trained, [of[trained, name] for name in names if (trained, name) in of]) for trained in names]
    rows.append((f"{POOLED}, other people", [of[POOLED, name] for name in names if (POOLED, name) in of]))
    same = [of[same_people(name), name] for name in names if (same_people(name), name) in of]
    rows.append(("the same people on purpose, other recordings", same))
    rows.append(("all populations but this one", [of[all_but(n), n] for n in names if (all_but(n), n) in of]))
    return [{"trained": title, "cells": [_cell(test) for test in row]} for title, row in rows if row]


def _cell(test: Tested) -> dict[str, Any]:
    score = test.evaluation.scores["balanced_accuracy"]
    return {
        "value": f"{score.value:.3f}", "interval": between(score.low, score.high, score.people),
        "p": f"p {equals(score.p)}" if score.p == score.p else "", "chance": f"{score.chance:.2f}",
        "people": f"{len(test.people)} people", "own": test.trained == test.tested,
    }  # fmt: skip


def _transfer_words(tests: list[Tested], shifts: list[Shift]) -> list[str]:
    """What the scores say, one sentence per pair of populations."""
    found = []
    for test in tests:
        score = test.evaluation.scores["balanced_accuracy"]
        who = (
            f"new people of {test.tested}" if test.trained == test.tested
            else f"new people of {test.tested}, with a model trained on others of {POOLED}" if test.trained == POOLED
            else f"{test.tested}, with a model that knows the same people, on purpose, from other recordings"
            if test.trained == same_people(test.tested)
            else f"{test.tested}, with a model trained on {test.trained}"
        )  # fmt: skip
        better = score.p == score.p and score.p <= 0.05
        text = (
            f"On {who}: balanced accuracy {with_bounds(score)}, "
            f"{'better than' if better else 'not shown to be better than'} chance ({score.chance:.2f})."
        )
        shift = next((s for s in shifts if s.kind == MODELS and test.trained != test.tested
                      and s.b == (test.trained, test.tested)), None)  # fmt: skip
        found.append(text if shift is None else f"{text} {_shift_words(shift)}")
    return found


def _shift_words(shift: Shift) -> str:
    row = shift.groups.rows[0]
    difference = f"{100 * abs(row.difference):.0f} percentage points"
    if row.p <= 0.05:
        which = "fewer" if row.difference > 0 else "more"
        return (
            f"It gets {which} of the same people's samples right than a model trained on other people of {shift.a[0]} "
            f"({difference}, p {equals(row.p)})."
        )
    if row.p_equivalent <= 0.05:
        return (
            f"It does as well there as a model trained on other people of {shift.a[0]}, within "
            f"{shift.groups.settings['margin']:g} standard deviations (equivalence, p {equals(row.p_equivalent)})."
        )
    if row.p != row.p:
        return ""
    return (
        f"A difference from a model trained on other people of {shift.a[0]} is not shown ({difference}, p "
        f"{equals(row.p)}), which does not show that they are equal."
    )


def _shift_row(shift: Shift) -> dict[str, str]:
    row = shift.groups.rows[0]
    what = "same model, other people" if shift.kind == PEOPLE else "same people, other model"
    return {
        "what": what, "one": shift.groups.labels[0], "other": shift.groups.labels[1],
        "people": f"{row.people_a}" if shift.kind == MODELS else f"{row.people_a} and {row.people_b}",
        "means": f"{percent(row.mean_a)} and {percent(row.mean_b)}", "difference": number(row.difference),
        "interval": interval(row.difference_low, row.difference_high), "p": p_value(row.p),
        "equivalent": p_value(row.p_equivalent),
    }  # fmt: skip


def _people(test: Tested, privacy: Privacy) -> dict[str, Any]:
    works = sum(row.works for row in test.people)
    few = sum(row.samples < 6 for row in test.people)
    shares = sorted(row.share for row in test.people)
    whose = (
        f"others of {POOLED}" if test.trained == POOLED
        else "others of them" if test.trained == test.tested else test.trained
    )  # fmt: skip
    least, middle, most = shares[0], shares[len(shares) // 2], shares[-1]
    spread = (
        f"of everybody's samples {percent(least)} are right" if least == most
        else f"{percent(least)} to {percent(most)} of a person's samples are right, the median is {percent(middle)}"
    )  # fmt: skip
    words = f"{len(test.people)} people of {test.tested}, model trained on {whose}: {spread}."
    if few < len(test.people):
        words += f" For {works} of them it is shown to work better than one answer given every time."
    if few:
        who = "All" if few == len(test.people) else str(few)
        words += f" {who} have fewer than six samples, which cannot show of one person whether it works."
    rows = [
        {"person": str(row.person) if privacy.names else privacy.people.get(row.person, "a person"),
         "right": f"{row.right} of {row.samples}", "share": percent(row.share),
         "interval": f"{percent(row.low)} to {percent(row.high)}", "always": percent(row.always)}
        for row in test.people[:MOST_PEOPLE]
    ]  # fmt: skip
    return {
        "title": f"Trained on {test.trained}, tested on {test.tested}", "words": words, "rows": rows,
        "more": max(0, len(test.people) - MOST_PEOPLE),
    }  # fmt: skip


def _label(model: str, label: str, looks: PopulationLooks, names: list[str]) -> dict[str, Any]:
    mine = [look for look in looks.looks if (look.model, look.label) == (model, label)]
    contrasts = [row for row in looks.contrasts if (row.model, row.label) == (model, label)]
    masks = [row for row in looks.masks if (row.model, row.label) == (model, label)]
    own = [row for row in contrasts if row.kind == OWN]
    return {
        "label": label,
        "method": f"{mine[0].method}; each sample's evidence is divided by its own sum, people weigh the same. Maps of "
        "a population's own people are of models that were trained without them (folds).",
        "words": [
            *(_contrast_words(row) for row in contrasts),
            *([_TRAINING] if contrasts else []),
            *_mask_words(masks),
        ],
        "maps": {"svg": _drawn_looks(mine, label)},
        "differences": {"svg": _drawn_contrasts(contrasts, label)} if any(row.map for row in contrasts) else {},
        "regions": [_regions(row) for row in own],
        "others": [_regions(row) for row in contrasts if row.kind != OWN],
        "masks": [_mask_row(row) for row in masks],
        "mask": masks[0].mask if masks else "",
        "area": percent(masks[0].area) if masks else "",
    }


def _drawn_looks(looks: list[LookMap], label: str) -> str:
    panels = [
        Panel(look.map, (f"model of {look.trained}", f"shown {look.shown}", f"{look.people} people")) for look in looks
    ]
    amount = not all(look.directed for look in looks)
    return atlas_plot(panels, title=f"Where models look for '{label}'", unit=UNIT, amount=amount)


def _drawn_contrasts(contrasts: list[LookContrast], label: str) -> str:
    panels = [Panel(row.map.difference, _lines(row), row.map.significant) for row in contrasts if row.map is not None]
    return atlas_plot(
        panels, title=f"Differences of where models look for '{label}'", unit="difference in evidence per area",
    )  # fmt: skip


def _lines(row: LookContrast) -> tuple[str, ...]:
    (a, x), (b, y) = row.a, row.b
    if row.kind == OWN:
        return f"{a} − {b}", "own models, own people", _OF_MODELS
    if row.kind == PEOPLE:
        return f"people: {x} − {y}", f"model of {a}"
    return f"models: {a} − {b}", f"shown {x}", _OF_MODELS


def _contrast_words(row: LookContrast) -> str:
    """What one comparison shows, in a sentence or two."""
    (a, x), (b, y) = row.a, row.b
    what = {
        OWN: f"{a} and {b}, each with models of its own",
        PEOPLE: f"The model of {a}, shown {x} and {y}",
        MODELS: f"The models of {a} and {b}, shown the same people of {x}",
    }[row.kind]
    first, second = (a, b) if row.kind != PEOPLE else (x, y)
    apart = sorted((r for r in row.groups.rows if r.p_corrected <= 0.05), key=lambda r: -abs(r.effect))
    alike = sum(r.p_equivalent <= 0.05 for r in row.groups.rows)
    margin, many = row.groups.settings["margin"], len(row.groups.rows)
    beyond = "by more than chance" if row.kind == PEOPLE else "by more than who is shown explains"
    if apart:
        named = [f"{r.name} (more in {first if r.effect > 0 else second}, {abs(r.effect):.1f} SD)" for r in apart[:5]]
        more = f" and {len(apart) - 5} more" if len(apart) > 5 else ""
        said = f"{len(apart)} of {many} regions differ {beyond}: {', '.join(named)}{more}."
    else:
        said = f"none of {many} regions is shown to differ, which does not show that they are equal."
    if alike:
        said += f" {alike} are shown to be alike within {margin:g} SD."
    if row.map is not None:
        clear = int((row.map.p <= 0.05).sum())
        least = f"; smallest p {equals(float(row.map.p.min()))}" if len(row.map.p) else ""
        said += f" On the map, {clear or 'no'} cluster{'' if clear == 1 else 's'} differ{'s' if clear == 1 else ''} by "
        said += f"{beyond.removeprefix('by ')}{least}."
    return f"{what}: {said}"


def _regions(row: LookContrast) -> dict[str, Any]:
    title = f"{row.groups.labels[0]} against {row.groups.labels[1]}"
    rows = [
        {"name": r.name, "a": f"{100 * r.mean_a:.1f} %", "b": f"{100 * r.mean_b:.1f} %", "effect": number(r.effect),
         "interval": interval(r.low, r.high), "p": p_value(r.p), "corrected": p_value(r.p_corrected),
         "equivalent": p_value(r.p_equivalent), "differs": r.p_corrected <= 0.05}
        for r in sorted(row.groups.rows, key=lambda r: (r.p != r.p, r.p, -abs(r.effect)))
    ]  # fmt: skip
    return {"title": title, "a": row.groups.labels[0], "b": row.groups.labels[1], "rows": rows,
            "method": row.groups.method_words(), "notes": row.groups.settings["notes"]}  # fmt: skip


def _mask_words(rows: list[MaskRow]) -> list[str]:
    found = []
    for row in rows:
        if row.trained != row.shown:
            continue
        beyond = row.better_low == row.better_low and row.better_low > 0
        chance = row.p_random <= 0.05
        found.append(
            f"Models of {row.trained} on their own people, against the places of FACS for '{row.mask}': rank AUC "
            f"{row.auc:.2f} ({interval(row.low, row.high)}, no agreement 0.50), "
            f"{'higher than that of' if chance else 'not shown to be higher than that of'} smooth random maps "
            f"(p {equals(row.p_random)}), and {'higher than' if beyond else 'not shown to be higher than'} that of a "
            f"map that only knows the middle of the face ({row.centre:.2f})."
        )
    return found


def _mask_row(row: MaskRow) -> dict[str, str]:
    return {
        "trained": row.trained, "shown": row.shown, "auc": number(row.auc), "interval": interval(row.low, row.high),
        "centre": number(row.centre), "better": interval(row.better_low, row.better_high), "p": p_value(row.p_random),
        "iou": number(row.iou), "precision": number(row.precision), "recall": number(row.recall), "f1": number(row.f1),
    }  # fmt: skip


def _tree(tree: LookTree) -> dict[str, str]:
    title = f"How alike the maps for '{tree.label}' are"
    return {"label": tree.label, "svg": tree_plot(tree.names, tree.dendrogram, tree.support, title=title)}
