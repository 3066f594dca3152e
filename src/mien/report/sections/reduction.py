"""The report's section on fewer landmarks: what is read, said, drawn and put in tables."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from mien.core.errors import WeightsError
from mien.core.people.words import apart_words, unseen_words, who_words
from mien.core.topology import topology
from mien.core.words import listed, number
from mien.reduce.result import REDUCTION_FILE, Reduction, read_reduction
from mien.reduce.sentences import accuracy_words, beaten_words, choice_caveat, enough, reservation, row_of, sentences
from mien.reduce.ways import ALL
from mien.report.draw.reduction import chosen_plot, curve_plot
from mien.report.guarded import guarded
from mien.stats.scores import between


@dataclass(frozen=True)
class ReductionPart:
    """A reduction with the name of its folder."""

    name: str
    reduction: Reduction


def read_reductions(folder: Path, problems: list[str]) -> list[ReductionPart]:
    """Every finished reduction below ``folder``; what cannot be read is told in ``problems``."""
    places = [path.parent for path in sorted(folder.glob(f"*/{REDUCTION_FILE}"))]
    read = [(place.name, guarded(problems, read_reduction, place)) for place in places]
    return [ReductionPart(name, found) for name, found in read if found is not None]


def section(part: ReductionPart, problems: list[str]) -> dict[str, Any]:
    """Texts, pictures and tables of one reduction; pictures are SVG that is still to be marked as safe."""
    found = part.reduction
    faces = []
    if found.topology:
        try:
            faces = _faces(found)
        except WeightsError as error:
            problems.append(f"The chosen landmarks could not be drawn on a face: {error}")
    said = sentences(found)
    return {
        "name": part.name,
        "lead": enough(found),
        "words": [text for text in said if text not in (enough(found), choice_caveat(found))],
        "caveat": choice_caveat(found),
        "how": _how(found),
        "notes": [str(note) for note in found.protocol.get("notes") or []],
        "unseen": unseen_words(found.protocol),
        "who": who_words(found.protocol, "clip"),
        "chance": number(found.protocol.get("chance")),
        "curve": curve_plot(found),
        "curve_words": _curve_words(found),
        "faces": faces,
        "rows": _rows(found),
        "sets": _sets(found),
        "timing": _timing(found),
        "tests": _tests(found, True),
        "other_tests": _tests(found, False),
        "kept": found.chosen.topology or ", ".join(str(point) for point in found.chosen.points),
    }


def _curve_words(found: Reduction) -> str:
    p = found.protocol
    return (
        f"{accuracy_words(found).capitalize()} of '{p['model']}' on {unseen_words(p)} the network never saw "
        f"({who_words(p, 'clip')}; chance {number(p.get('chance'))}), against the number of landmarks kept. Whiskers: "
        "95 % interval over people, of the ranking that the choice rests on; the table has those of all others."
    )


def _how(found: Reduction) -> str:
    p = found.protocol
    contrast = p.get("contrast")
    whose = "classes choose in turns"
    if contrast:
        rival = f" against '{contrast['against']}'" if contrast["against"] else ""
        whose = f"evidence for '{contrast['name']}'{rival}, over that class's clips"
    against = f"; baselines: {p['n_baselines']} {p['baselines']}" if p["baselines"] else ""
    text = (
        f"{p['model']}, {who_words(p, 'clip')}, {p['n_folds']} folds ({p['scheme']}); {apart_words(p)}. In "
        f"every fold the network is fitted on the training clips, {p['ranking']} over these clips ranks the landmarks "
        f"({p.get('amount', 'absolute')} evidence per landmark, people weigh the same; {whose}"
        f"{against}), the first are kept, the network is fitted anew "
        f"on them and asked about the test clips. Random, filter and anatomical sets go the same way in the same folds."
    )
    if contrast:
        text += " The networks learn all classes; accuracy counts whether a clip is told to be of that class or not."
    if p.get("mirror"):
        text += " Training clips were mirrored, too."
    if p.get("symmetric"):
        text += " Mirror pairs were kept or removed as a whole."
    return text


def _faces(found: Reduction) -> list[dict[str, str]]:
    """The chosen set and up to three others, smallest first: so they are read, and so they lie on a narrow page."""
    chosen, but = found.chosen, reservation(found)
    others = sorted((count for count in found.sets if count != chosen.count), key=lambda n: abs(n - chosen.count))[:3]
    faces, whose = [], f"over {who_words(found.protocol, 'clip')}, on the average face"
    for count in sorted([chosen.count, *others]):
        if count != chosen.count:
            title, caption = f"The first {count} landmarks", f"The first {count} landmarks of the ranking {whose}."
        else:
            title = f"The {count} chosen landmarks"
            warning = f" But {but}." if but else ""
            caption = f"The {count} chosen landmarks {whose}. The person's left is on the right.{warning}"
        points = chosen.points if count == chosen.count else found.sets[count]
        drawn = chosen_plot(points, found.topology, title)
        faces.append({"svg": drawn, "caption": caption, "count": str(count)})
    return faces


def _rows(found: Reduction) -> list[dict[str, str]]:
    order = {name: i for i, name in enumerate([ALL, "recursive", "one-shot", "random"])}
    rows = sorted(found.curve.to_dict("records"), key=lambda r: (order.get(r["method"], 9), r["method"], -r["count"]))
    people = int(found.protocol.get("n_subjects") or 0)
    return [
        {
            "method": str(row["method"]),
            "count": str(int(row["count"])),
            "accuracy": f"{row['accuracy']:.3f}",
            "interval": between(row["low"], row["high"], people),
            "parameters": f"{int(row['parameters']):,}",
            "fit": f"{row['fit_seconds']:.2f}",
            "inference": f"{1e6 * row['inference_seconds']:.0f}" if row["inference_seconds"] else "–",
            "chosen": row["method"] == found.chosen.method and row["count"] == found.chosen.count,
        }
        for row in rows
    ]


def _sets(found: Reduction) -> list[dict[str, str]]:
    """One row per count of the ranking that the choice rests on: stability, and where its landmarks lie."""
    rows = []
    for count in sorted(found.sets, reverse=True):
        row = row_of(found.stability, method=found.chosen.method, count=count) or {}
        rows.append(
            {
                "count": str(count),
                "jaccard": number(row.get("jaccard")),
                "chance": number(row.get("chance")),
                "always": str(int(row["always"])) if row else "–",
                "where": _where(found.sets[count], found.topology),
            }
        )
    return rows


def _where(points: np.ndarray, name: str) -> str:
    if not name:
        return ", ".join(str(point) for point in points[:20]) + (" …" if len(points) > 20 else "")
    region_of = topology(name).region_of[points]
    found, counts = np.unique(region_of.astype(str), return_counts=True)
    return listed([f"{found[i]} {counts[i]}" for i in np.argsort(-counts, kind="stable")])


def _timing(found: Reduction) -> list[dict[str, str]]:
    names = {
        "binary_one_clip": "one binary network, one clip alone",
        "binary_all_clips": "one binary network, many clips at once",
        "classes_one_clip": "all classes, one clip alone",
        "classes_all_clips": "all classes, many clips at once",
    }
    rows = [
        {
            "what": words,
            "all": f"{found.timing[key]['all_us']:.1f} µs",
            "chosen": f"{found.timing[key]['chosen_us']:.1f} µs",
            "ratio": f"{found.timing[key]['ratio']:.2f}",
        }
        for key, words in names.items()
        if key in found.timing
    ]
    size = found.timing.get("parameters")
    if size:
        rows.append(
            {
                "what": "parameters",
                "all": f"{size['all']:,}",
                "chosen": f"{size['chosen']:,}",
                "ratio": f"{size['chosen'] / max(1, size['all']):.2f}",
            }
        )
    return rows


def _tests(found: Reduction, of_chosen: bool) -> list[dict[str, str]]:
    """Tests of the ranking that the choice rests on, or of all others."""
    return [
        {
            "method": str(row["method"]),
            "against": "random sets" if row["against"] == "random" else str(row["against"]),
            "count": str(int(row["count"])),
            "difference": f"{row['difference']:+.3f}".replace("-", "−"),
            "p": f"{row['p']:.2g}",
            "corrected": f"{row['p_corrected']:.2g}",
            "beaten": beaten_words(found, row) if row["beaten"] == row["beaten"] else "–",
        }
        for row in found.tests.to_dict("records")
        if (row["method"] == found.chosen.method) == of_chosen
    ]
