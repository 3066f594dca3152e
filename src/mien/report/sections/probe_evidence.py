"""The report's section on what a probe's answer rests on: shares of evidence by parts of the face."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from mien.core.words import equals, number, p_value
from mien.report.draw.part_shares import share_plot
from mien.report.guarded import guarded
from mien.responses.evidence.part_shares import PartShare
from mien.responses.evidence.picture_parts import EYES
from mien.responses.evidence.result import ProbeEvidence, load_probe_evidence


def section(places: Sequence[Path], problems: list[str]) -> list[dict[str, Any]]:
    """Texts, tables and drawings (SVG that is still to be marked as safe) of each probe's evidence."""
    read = ((place.name, guarded(problems, load_probe_evidence, place)) for place in places)
    return [_block(name, found) for name, found in read if found is not None]


def words(found: ProbeEvidence) -> str:
    """What the eyes hold of the evidence, in a sentence or two."""
    parts = [f"{found.body.sentence()} Layer {found.layer}, faces are {', '.join(found.faces)}."]
    sign = found.rows[0].sign
    for row in found.rows:
        if (row.part, row.sign, row.body) == (EYES, sign, ""):
            where = f" of pictures with {found.by} {row.group}" if row.group else ""
            evidence = "evidence" if sign == "both" else f"evidence {sign} “face”"
            share, area = row.in_words
            test = f"p {equals(row.share.p)}" if row.share.p == row.share.p else row.share.withheld
            parts.append(f"Of the {evidence}{where} the eyes hold {share}, on {area} of the area ({test}).")
    return " ".join(parts)


def _block(name: str, found: ProbeEvidence) -> dict[str, Any]:
    sign = found.rows[0].sign
    own = f"{found.body.name} ({found.body.weights})"
    return {
        "name": name, "words": words(found),
        "who": f"{len(found)} pictures of {len(set(map(str, found.source)))} sources", "by": found.by,
        "beside": [card.sentence() for card in found.beside],
        "groups": [
            {"name": group, "sign": "for “face”" if sign == "for" else "by its size",
             "plot": share_plot([row for row in found.rows if row.group == group and row.sign == sign], own)}
            for group in dict.fromkeys(row.group for row in found.rows)
        ],
        "rows": [_row(row, own) for row in found.rows],
        "method": (
            f"Body and probe as one network, explained by {found.method} on {len(found)} whole pictures of "
            f"{found.body.side_px} pixels. Parts come from landmarks (each pixel of the face belongs to the nearest) "
            "or are known; evidence that knows nothing of places would be shared out like the area. A part that holds "
            "much of the evidence is where the answer is sensitive on these pictures, not what the network has learnt "
            "a face to be."
        ),
        "notes": [*([f"Pictures: {', '.join(filter(None, found.data.values()))}."] if any(found.data.values()) else []),
                  *found.notes],
    }  # fmt: skip


def _row(row: PartShare, own: str) -> dict[str, Any]:
    less = (
        "–"
        if row.less_body.value != row.less_body.value
        else f"{number(row.less_body.value)} ({row.less_body.between})"
    )
    return {
        "group": row.group, "body": row.body or own, "sign": row.sign, "part": row.part,
        "share": row.in_words[0], "area": row.in_words[1],
        "p": p_value(row.share.p), "less": less, "less_p": p_value(row.less_body.p), "sources": row.sources,
    }  # fmt: skip
