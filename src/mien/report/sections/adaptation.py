"""The report's section on models adapted to single people."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from mien.core.words import interval, number, p_value
from mien.learn.adaptation import ADAPTATION_FILE, Adaptation
from mien.report.draw.adaptation import adaptation_plot
from mien.report.guarded import guarded
from mien.report.privacy import Privacy
from mien.stats.scores import between


def section(folder: Path, problems: list[str], privacy: Privacy) -> list[dict[str, Any]]:
    """Texts, tables and drawings (SVG that is still to be marked as safe) of every adaptation in the folder."""
    places = sorted(path.parent for path in folder.glob(f"*/{ADAPTATION_FILE}")) if folder.is_dir() else []
    read = ((place.name, guarded(problems, Adaptation.read, place)) for place in places)
    return [_block(name, found, privacy) for name, found in read if found is not None]


def _block(name: str, found: Adaptation, privacy: Privacy) -> dict[str, Any]:
    points = [
        {
            "k": row.k, "value": f"{row.value:.3f}", "interval": between(row.low, row.high, len(found.people)),
            "difference": number(row.difference) if row.k else "–",
            "apart": interval(row.difference_low, row.difference_high) if row.k else "–",
            "p": p_value(row.p) if row.k else "–", "corrected": p_value(row.p_corrected) if row.k else "–",
        }
        for row in found.points
    ]  # fmt: skip
    people = [
        {"person": person.person if privacy.names else privacy.people.get(person.person, f"person {i}"),
         "recordings": person.recordings, "classes": person.classes, "scores": [number(v) for v in person.scores]}
        for i, person in enumerate(found.people, 1)
    ]  # fmt: skip
    few = len(found.left_out)
    return {
        "name": name, "model": found.model, "target": found.target, "who": found.who(), "words": found.words(),
        "curve": adaptation_plot(found), "chance": number(float(found.protocol["chance"])), "points": points,
        "k": [row.k for row in found.points], "people": people,
        "left_out": f"Only trained on, as they have too few recordings: {few} people." if few else "",
        "notes": _notes(found, privacy),
    }  # fmt: skip


def _notes(found: Adaptation, privacy: Privacy) -> list[str]:
    """Without those that quote names of files or people, of which the folder's models may not know."""
    shown = [note for note in found.notes if privacy.names or "'" not in note]
    few = len(found.notes) - len(shown)
    more = f"{few} more {'note names' if few == 1 else 'notes name'} files or people; see adaptation.json."
    return [*shown, more] if few else shown
