"""The report's section on units that respond more to faces, and on lesions."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from mien.core.words import interval, number, p_value, percent
from mien.report.draw.units import dose_plot, pictures_of_unit, share_plot
from mien.report.guarded import guarded
from mien.report.privacy import SHOW_FACES, Privacy
from mien.responses.units.result import FaceUnits, LesionScore, TopUnit, load_units
from mien.responses.units.words import interval_of_shares, method_words, share_words, words_of

_TASKS = {"faces": "Faces told from all others", "objects": "Objects told apart"}


def section(places: Sequence[Path], problems: list[str], privacy: Privacy) -> list[dict[str, Any]]:
    """Texts, tables and drawings (SVG that is still to be marked as safe) of each result."""
    read = ((place.name, guarded(problems, load_units, place)) for place in places)
    return [_block(name, found, privacy) for name, found in read if found is not None]


def _block(name: str, found: FaceUnits, privacy: Privacy) -> dict[str, Any]:
    return {
        "name": name, "words": words_of(found), "who": _who(found), "plot": share_plot(found),
        "beside": found.beside.name if found.beside else "", "rows": _rows(found),
        "lesions": [_lesion(found, layer) for layer in dict.fromkeys(row.layer for row in found.lesions)],
        "pictures": _pictures(found, privacy), "method": method_words(found), "notes": list(found.notes),
    }  # fmt: skip


def _who(found: FaceUnits) -> str:
    pictures, sources = (found.settings.get(name) for name in ("pictures", "sources"))
    return f"{sources} sources ({pictures} pictures)" if pictures and sources else "sources"


def _rows(found: FaceUnits) -> list[dict[str, Any]]:
    return [
        {
            "layer": row.layer, "units": row.units, "constant": row.constant, "share": percent(row.share),
            "interval": interval_of_shares(row.low, row.high), "each": percent(row.selective_each / row.units),
            "everywhere": percent(row.selective_everywhere / row.units), "shuffled": share_words(row.shuffled),
            "beside": share_words(row.beside), "gap": interval_of_shares(row.gap_low, row.gap_high),
            "chosen": number(row.d_chosen), "held": number(row.d_held_out),
        }
        for row in found.layers
    ]  # fmt: skip


def _lesion(found: FaceUnits, layer: str) -> dict[str, Any]:
    rows = [row for row in found.lesions if row.layer == layer]
    return {
        "layer": layer, "read_at": rows[0].read_at,
        "tasks": [
            {"name": words, "plot": dose_plot([r for r in rows if r.task == task], f"{layer}, {words.lower()}")}
            for task, words in _TASKS.items()
        ],
        "rows": [_split(found, rows, layer, one.dose) for one in found.dissociations if one.layer == layer],
    }  # fmt: skip


def _split(found: FaceUnits, rows: list[LesionScore], layer: str, dose: float) -> dict[str, Any]:
    one = next(row for row in found.dissociations if row.layer == layer and row.dose == dose)
    units = next(row.units for row in rows if row.dose == dose)
    return {
        "dose": f"{percent(dose)} ({units})", "cost": number(one.cost),
        "cost_interval": interval(one.cost_low, one.cost_high), "cost_p": p_value(one.cost_p),
        "objects": number(one.cost_objects), "objects_interval": interval(one.cost_objects_low, one.cost_objects_high),
        "double": f"{number(one.faces)} and {number(one.objects)}", "p": p_value(one.p_corrected), "clear": one.double,
    }  # fmt: skip


def _pictures(found: FaceUnits, privacy: Privacy) -> dict[str, Any]:
    """Of the last layer with such units; pictures are shown where they show nobody, or where that was asked for."""
    if not found.tops:
        return {}
    last = found.tops[-1].layer
    tops = [top for top in found.tops if top.layer == last]
    source = found.settings.get("pictures_of") or {}
    shown = privacy.faces or bool(source.get("synthetic"))
    root = Path(source["root"]) if source.get("root") else None
    licence = ", ".join(str(source[key]) for key in ("name", "licence", "credit") if source.get(key)).rstrip(".")
    return {
        "layer": last, "licence": f"Pictures: {licence}." if licence else "Their licence is not known to mien.",
        "hidden": "" if shown else f"Pictures may show people, so only categories stand here; shown with {SHOW_FACES}.",
        "units": [_top(top, root if shown else None, shown) for top in tops],
    }  # fmt: skip


def _top(top: TopUnit, root: Path | None, shown: bool) -> dict[str, Any]:
    categories = ", ".join(top.category)
    return {"unit": top.unit, "d": number(top.d_prime), "svg": pictures_of_unit(top, root) if shown else "",
            "categories": categories}  # fmt: skip
