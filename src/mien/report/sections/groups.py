"""The report's section on groups of people, or conditions of the same people, that ``mien compare`` compared."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from mien.atlas.face_regions import region_map
from mien.atlas.tables import ATLAS
from mien.compare.group_comparison import GROUPS_FILE, GroupComparison, read_group_comparison
from mien.core.words import interval, number, p_value
from mien.report.draw.atlas import Panel, atlas_plot
from mien.report.guarded import guarded

# Rows of a table before the rest is folded away.
MOST_ROWS = 30


def section(folder: Path, problems: list[str]) -> list[dict[str, Any]]:
    """One block for each comparison in the folder."""
    blocks = []
    for path in sorted(folder.rglob(GROUPS_FILE)):
        found = guarded(problems, read_group_comparison, path)
        if found is not None:
            place = path.parent.relative_to(folder).as_posix()
            blocks.append(_block(found, "" if place == "." else place))
    return blocks


def _block(found: GroupComparison, name: str) -> dict[str, Any]:
    rows = [
        {
            "name": found.called(row), "a": number(row.mean_a), "b": number(row.mean_b), "effect": number(row.effect),
            "interval": interval(row.low, row.high), "p": p_value(row.p), "corrected": p_value(row.p_corrected),
            "equivalent": p_value(row.p_equivalent), "differs": row.p_corrected <= 0.05,
        }
        for row in sorted(found.rows, key=lambda row: (row.p != row.p, row.p))
    ]  # fmt: skip
    return {
        "name": name,
        "a": found.labels[0],
        "b": found.labels[1],
        "words": found.words(),
        "what": _what(found),
        "who": f"{found.people[0]} people: {found.labels[0]}, {found.people[1]} people: {found.labels[1]}",
        "method": found.method_words(),
        "drawing": {"svg": _drawn(found)} if found.settings.get("regions") == ATLAS else {},
        "rows": rows[:MOST_ROWS],
        "more": rows[MOST_ROWS:],
        "notes": [str(note) for note in found.settings.get("notes", [])],
    }


def _drawn(found: GroupComparison) -> str:
    """The effect in every region over the average face; regions that differ by more than chance are outlined."""
    label, names = region_map()
    effect, apart = np.full(len(names), np.nan), np.zeros(len(names), dtype=bool)
    for row in found.rows:
        if row.name in names[1:]:
            effect[names.index(row.name)], apart[names.index(row.name)] = row.effect, row.p_corrected <= 0.05
    one, other = found.labels
    panel = Panel(effect[label], (f"{one} − {other}",), apart[label])
    return atlas_plot([panel], title=f"Where {one} and {other} differ", unit="effect, SD between people")


def _what(found: GroupComparison) -> str:
    """What the measures are."""
    measure = found.settings.get("measure", "")
    if not measure:
        return "Means over people."
    what = "Share of the evidence, whatever its sign" if measure == "share" else "Signed evidence"
    regions = found.settings.get("regions", "")
    return f"{what}{f', by regions of the {regions}' if regions not in ('', 'features') else ''}: means over people."
