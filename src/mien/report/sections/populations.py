"""The report's section on populations: do models of one work on others, and what they look at in each."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

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
from mien.compare.retrained import LEAST_TIMES, RetrainedContrast, RetrainedLooks
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
WHAT_EACH_SAYS = (
    "What each comparison can say. One model shown two populations: tested over people, it says that this model looks "
    "at other places in them. Two models shown the same people, and two populations each with models of its own: over "
    "people, it says of these models, as they are trained, that they look at other places; two trainings on the same "
    "people differ, too. That the populations make models look at other places is said by the re-trainings only, in "
    "which the people of both are dealt at random to groups of the same sizes, models are trained on these, and their "
    "maps are compared in the same way: p is the share of these comparisons, with the true one, that is as far apart."
)
# Comparisons that were made again with re-trained models, by what is compared.
Again = dict[tuple[str, str, str, tuple[str, str], tuple[str, str]], RetrainedContrast]


def section(folder: Path, privacy: Privacy) -> dict[str, Any]:
    """Texts, tables and drawings (SVG that is still to be marked as safe) of compared populations."""
    scores = PopulationScores.read(folder)
    looks = PopulationLooks.read(folder) if (folder / LOOKS_FILE).exists() else PopulationLooks((), (), (), ())
    retrained = RetrainedLooks.read(folder)
    again = {row.key: row for row in retrained.rows}
    models = list(dict.fromkeys(test.model for test in scores.tests))
    return {
        "populations": [
            {"name": p.name, "people": p.people, "samples": p.samples,
             "classes": ", ".join(f"{name} {count}" for name, count in p.classes.items())}
            for p in scores.populations
        ],
        "models": [_model(model, scores, looks, again, privacy) for model in models],
        "trees": [_tree(tree) for tree in looks.trees],
        "notes": [*scores.notes, *looks.notes, *retrained.notes, *_notes_of(scores)],
    }  # fmt: skip


def write_drawings(folder: Path) -> list[Path]:
    """Maps and differences of every model and class as SVG and PDF for print, into the folder; those of before go."""
    for path in (*folder.glob("*.svg"), *folder.glob("*.pdf")):
        path.unlink()
    found = PopulationLooks.read(folder)
    again = {row.key: row for row in RetrainedLooks.read(folder).rows}
    paths: list[Path] = []
    for model, label in dict.fromkeys((look.model, look.label) for look in found.looks):
        looks = [look for look in found.looks if (look.model, look.label) == (model, label)]
        contrasts = [row for row in found.contrasts if (row.model, row.label) == (model, label) and row.map]
        drawn = {"maps": _drawn_looks(looks, label)}
        if contrasts:
            drawn["differences"] = _drawn_contrasts(contrasts, label, again)
        for kind, svg in drawn.items():
            paths += write_drawing(folder / f"{slug(model)}-{slug(label)}-{kind}", svg)
    return paths


def _notes_of(scores: PopulationScores) -> list[str]:
    found = [f"{t.model}, trained on {t.trained}, tested on {t.tested}: {note}"
             for t in scores.tests if t.trained != t.tested for note in t.evaluation.notes]  # fmt: skip
    return list(dict.fromkeys(found))


def _model(
    model: str, scores: PopulationScores, looks: PopulationLooks, again: Again, privacy: Privacy
) -> dict[str, Any]:
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
        "looks": [_label(model, label, looks, again) for label in labels],
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


def _label(model: str, label: str, looks: PopulationLooks, again: Again) -> dict[str, Any]:
    mine = [look for look in looks.looks if (look.model, look.label) == (model, label)]
    contrasts = [row for row in looks.contrasts if (row.model, row.label) == (model, label)]
    masks = [row for row in looks.masks if (row.model, row.label) == (model, label)]
    own = [row for row in contrasts if row.kind == OWN]
    return {
        "label": label,
        "method": f"{mine[0].method}; each sample's evidence is divided by its own sum, people weigh the same. Maps "
        "are of models that were trained without a fold of their people: own people are shown to the model without "
        "their fold, others are dealt to the same models.",
        "says": WHAT_EACH_SAYS,
        "words": [*(_contrast_words(row, again) for row in contrasts), *_mask_words(masks)],
        "maps": {"svg": _drawn_looks(mine, label)},
        "differences": {"svg": _drawn_contrasts(contrasts, label, again)} if any(row.map for row in contrasts) else {},
        "regions": [_regions(row, again) for row in own],
        "others": [_regions(row, again) for row in contrasts if row.kind != OWN],
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


def _drawn_contrasts(contrasts: list[LookContrast], label: str, again: Again) -> str:
    panels = [Panel(row.map.difference, _lines(row), _outline(row, again)) for row in contrasts if row.map is not None]
    return atlas_plot(
        panels, title=f"Differences of where models look for '{label}'", unit="difference in evidence per area",
    )  # fmt: skip


def _lines(row: LookContrast) -> tuple[str, ...]:
    (a, x), (b, y) = row.a, row.b
    if row.kind == OWN:
        return f"{a} − {b}", "own models, own people"
    if row.kind == PEOPLE:
        return f"people: {x} − {y}", f"model of {a}"
    return f"models: {a} − {b}", f"shown {x}"


def _outline(row: LookContrast, again: Again) -> np.ndarray | None:
    """Places whose difference is tested: over people for one model, over re-trainings where two are compared."""
    if row.map is None or row.kind == PEOPLE:
        return None if row.map is None else row.map.significant
    if (found := again.get(_key(row))) is None:
        return None
    outline = np.zeros(row.map.difference.shape, dtype=bool)
    outline.flat[list(found.outlined)] = True
    return outline


def _key(row: LookContrast) -> tuple[str, str, str, tuple[str, str], tuple[str, str]]:
    return row.model, row.label, row.kind, row.a, row.b


def _contrast_words(row: LookContrast, again: Again) -> str:
    """What one comparison shows, in a sentence or two."""
    (a, x), (b, y) = row.a, row.b
    what = {
        OWN: f"{a} and {b}, each with models of its own",
        PEOPLE: f"The model of {a}, shown {x} and {y}",
        MODELS: f"The models of {a} and {b}, shown the same people of {x}",
    }[row.kind]
    first, second = (a, b) if row.kind != PEOPLE else (x, y)
    one_model = row.kind == PEOPLE
    given = "" if one_model else "over people, with the models as they are trained, "
    apart = sorted((r for r in row.groups.rows if r.p_corrected <= 0.05), key=lambda r: -abs(r.effect))
    alike = sum(r.p_equivalent <= 0.05 for r in row.groups.rows)
    margin, many = row.groups.settings["margin"], len(row.groups.rows)
    if apart:
        named = [f"{r.name} (more in {first if r.effect > 0 else second}, {abs(r.effect):.1f} SD)" for r in apart[:5]]
        more = f" and {len(apart) - 5} more" if len(apart) > 5 else ""
        chance = " by more than chance" if one_model else ""
        said = f"{given}{len(apart)} of {many} regions differ{chance}: {', '.join(named)}{more}."
    else:
        said = f"{given}none of {many} regions is shown to differ, which does not show that they are equal."
    if alike:
        said += f" {alike} are shown to be alike within {margin:g} SD."
    if row.map is not None:
        clear = int((row.map.p <= 0.05).sum())
        least = f" (smallest p {equals(float(row.map.p.min()))})" if len(row.map.p) else ""
        said += f" On the map, {clear or 'no'} cluster{'' if clear == 1 else 's'} differ{'s' if clear == 1 else ''}"
        said += f"{' by more than chance' if one_model else ''}{least}."
    return f"{what}: {said}{'' if one_model else _training_words(row, again.get(_key(row)))}"


def _training_words(row: LookContrast, found: RetrainedContrast | None) -> str:
    """Whether the populations are shown to be the cause, or training may be."""
    (a, _), (b, _) = row.a, row.b
    if found is None:
        return (
            " Two models that are trained on the same people differ, too: that the populations are the cause is not "
            "tested (comparison.retrain in study.toml)."
        )
    regions = [name for name, p in found.p_regions.items() if p <= 0.05]
    clusters = sum(p <= 0.05 for p in found.p_clusters)
    smallest = min(found.p_regions.values(), default=1.0), min(found.p_clusters, default=1.0)
    told = (
        f" Trained again {found.times} times on people of both dealt at random: distance of the maps "
        f"{found.distance:.2f}, p {equals(found.p_distance)}; largest difference of a region, p {equals(smallest[0])}; "
        f"heaviest cluster, p {equals(smallest[1])}."
    )
    if found.times < LEAST_TIMES:
        return f"{told} With fewer than {LEAST_TIMES} re-trainings no p can reach .05 (here {found.least:.3f} at best)."
    if found.p_distance > 0.05 and not regions and not clusters:
        return (
            f"{told} That the populations of {a} and {b} are the cause, and not the chance of training, is not shown."
        )
    shown = [*(["where they look altogether"] if found.p_distance <= 0.05 else []), *regions[:5]]
    shown += [f"{len(regions) - 5} more regions"] if len(regions) > 5 else []
    shown += [f"{clusters} outlined cluster{'' if clusters == 1 else 's'}"] if clusters else []
    return f"{told} Apart by more than the chance of training: {', '.join(shown)}."


def _regions(row: LookContrast, again: Again) -> dict[str, Any]:
    title = f"{row.groups.labels[0]} against {row.groups.labels[1]}"
    found = again.get(_key(row))
    p_again = found.p_regions if found else {}

    def differs(name: str, p_corrected: float) -> bool:
        return p_corrected <= 0.05 if row.kind == PEOPLE else p_again.get(name, 1.0) <= 0.05

    rows = [
        {"name": r.name, "a": f"{100 * r.mean_a:.1f} %", "b": f"{100 * r.mean_b:.1f} %", "effect": number(r.effect),
         "interval": interval(r.low, r.high), "p": p_value(r.p), "corrected": p_value(r.p_corrected),
         "equivalent": p_value(r.p_equivalent), "again": p_value(p_again.get(r.name, float("nan"))),
         "differs": differs(r.name, r.p_corrected)}
        for r in sorted(row.groups.rows, key=lambda r: (r.p != r.p, r.p, -abs(r.effect)))
    ]  # fmt: skip
    return {"title": title, "a": row.groups.labels[0], "b": row.groups.labels[1], "rows": rows,
            "method": row.groups.method_words(), "notes": row.groups.settings["notes"],
            "again": found is not None}  # fmt: skip


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
