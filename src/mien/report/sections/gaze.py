"""The report's section on maps beside fixations of viewers."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from mien.compare.gaze.metrics import METRICS, NSS
from mien.compare.gaze.result import GazeAgreement, load_gaze
from mien.compare.gaze.rows import ABOVE, MAP
from mien.compare.gaze.words import (
    called,
    credit,
    curve_words,
    in_words,
    method_words,
    share_words,
    units_counted,
    units_looked_at,
)
from mien.core.words import interval, number, p_value, percent
from mien.report.draw.gaze import ScoreLine, dwell_drawing, pictures_drawing, scores_drawing
from mien.report.guarded import guarded
from mien.report.privacy import SHOW_FACES, Privacy


def section(places: Sequence[Path], problems: list[str], privacy: Privacy) -> list[dict[str, Any]]:
    """One block for each comparison."""
    read = ((place.name, guarded(problems, load_gaze, place)) for place in places)
    return [_block(name, found, privacy) for name, found in read if found is not None]


def _whom(found: GazeAgreement) -> str:
    """Viewers and what they looked at, for captions."""
    first = found.ceiling(NSS)
    return f"{first.viewers} viewers on {first.pictures} {units_looked_at(found)}"


def _plot_caption(found: GazeAgreement) -> str:
    """What the drawing of scores shows, for readers of it alone."""
    others = "times" if "film" in found.settings else "pictures"
    maps = "Filled dots: maps; open dots: baselines" if found.maps else "Open dots: baselines"
    return (
        f"Normalised scanpath saliency (NSS) of {'maps and baselines' if found.maps else 'baselines'} at the fixations "
        f"of {_whom(found)}: mean value at fixated places, in standard deviations of the map from its mean, 0 for a "
        f"map without relation. {maps}; lines: 95 % intervals for other viewers and {others}. Green line and band: the "
        "densities of the other viewers' fixations, the ceiling, with its interval."
    )


def _block(name: str, found: GazeAgreement, privacy: Privacy) -> dict[str, Any]:
    own = [row for row in found.rows if row.metric == NSS]
    lines = [
        ScoreLine(called(row.map, row.part), row.score, row.low, row.high, row.kind == MAP)
        for row in own if row.kind != ABOVE and row.score == row.score
    ]  # fmt: skip
    ceiling = found.ceiling(NSS)
    return {
        "name": name,
        "words": in_words(found),
        "plot": scores_drawing(
            lines, (ceiling.score, ceiling.low, ceiling.high), title=f"NSS of maps and baselines, {name}",
            unit="NSS at the fixations of viewers",
        ),
        "plot_caption": _plot_caption(found), "whom": _whom(found), "units": units_counted(found),
        "metrics": [{"name": metric.name, "words": metric.words} for metric in METRICS.values()],
        "rows": [
            {
                "name": called(map_name, part), "kind": kind,
                "scores": [number(found.row(map_name, metric, part).score) for metric in METRICS],
                "share": share_words(found.row(map_name, NSS, part).share),
            }
            for map_name, part, kind in dict.fromkeys((row.map, row.part, row.kind) for row in found.rows)
        ],
        "nss": [
            {
                "name": called(row.map, row.part), "kind": row.kind, "score": number(row.score),
                "interval": interval(row.low, row.high), "pooled": number(row.pooled), "share": share_words(row.share),
                "of_share": _share_interval(row.share_low, row.share_high), "pictures": row.pictures,
                "viewers": row.viewers,
            }
            for row in own
        ],
        "tests": [
            {
                "name": called(row.map, row.part), "other": called(row.other, row.other_part),
                "difference": number(row.difference), "interval": interval(row.low, row.high),
                "p": p_value(row.p_corrected), "sure": row.p_corrected <= 0.05,
            }
            for row in found.contrasts if row.metric == NSS
        ],
        "curve_words": curve_words(found),
        "dwell": _dwell(found),
        "pictures": _pictures(found, privacy),
        "method": method_words(found), "credit": credit(found), "notes": _without_names(found, privacy),
    }  # fmt: skip


def _share_interval(low: float, high: float) -> str:
    return f"{share_words(low)} to {share_words(high)}" if low == low else "–"


def _without_names(found: GazeAgreement, privacy: Privacy) -> list[str]:
    """The notes, with numbers for names of pictures where names were not asked for."""
    notes = list(found.notes)
    if not privacy.names:
        for i, one in enumerate(found.pictures, 1):
            notes = [note.replace(f"'{one.name}'", f"'picture {i}'") for note in notes]
    return notes


def _dwell(found: GazeAgreement) -> dict[str, Any] | None:
    if not found.dwell:
        return None
    first = found.dwell[0]
    what = "time" if found.settings["dwell_of"] == "time" else "number"
    return {
        "svg": dwell_drawing(found.dwell, title="Fixations and evidence on parts of the face"),
        "caption": f"Shares of the {what} of fixations of {first.viewers} viewers, and of the absolute evidence, "
        f"on parts of faces in {first.pictures} {units_looked_at(found)}; lines: 95 % intervals for "
        f"other viewers and {'times' if 'film' in found.settings else 'pictures'}; dashed: share that the part has of "
        "the area, which looking anywhere would reach.",
        "rows": [
            {"who": row.who, "part": row.part, "share": percent(row.share),
             "interval": f"{percent(row.low)} to {percent(row.high)}" if row.low == row.low else "–",
             "area": percent(row.area)}
            for row in found.dwell
        ],
    }  # fmt: skip


def _pictures(found: GazeAgreement, privacy: Privacy) -> dict[str, str]:
    """Pictures with fixations, where faces may be shown; else what shows them."""
    if not found.shown:
        return {"svg": "", "why": ""}
    if not privacy.faces:
        return {
            "svg": "",
            "why": f"Pictures with the fixations of viewers can show faces; they are drawn with {SHOW_FACES}.",
        }
    maps = found.shown[0].maps
    many = len(found.shown)
    what = (
        f"{many} frames of the film"
        if "film" in found.settings
        else f"{many} of {found.ceiling(NSS).pictures} pictures"
    )
    both = " beside its maps: evidence for (red) and against (blue), or its amount (one hue)" if maps else ""
    scale = " Each map has its own scale, so colours of two maps do not compare." if maps else ""
    return {
        "why": "",
        "svg": pictures_drawing(found.shown, title="Pictures with the fixations of viewers"),
        "caption": f"{what} with the fixations of viewers (green dots){both}.{scale}",
    }
