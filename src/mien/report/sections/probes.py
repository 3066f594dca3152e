"""The report's section on probes: can faces be told from everything else by a network's layers."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from mien.core.words import listed, number, p_value
from mien.report.draw.probes import layer_plot
from mien.report.guarded import guarded
from mien.report.privacy import Privacy
from mien.responses.probes.result import Probe, load_probe
from mien.responses.probes.rows import PairedEffect, ProbeScore
from mien.responses.probes.scores import CHOSEN
from mien.responses.probes.words import (
    area,
    difference_words,
    kind_words,
    method_words,
    score_cells,
    with_interval,
    words,
)


def section(places: Sequence[Path], problems: list[str], privacy: Privacy) -> list[dict[str, Any]]:
    """Texts, tables and drawings (SVG that is still to be marked as safe) of each probe."""
    read = ((place.name, guarded(problems, load_probe, place)) for place in places)
    return [_block(name, found, privacy) for name, found in read if found is not None]


def _block(name: str, found: Probe, privacy: Privacy) -> dict[str, Any]:
    bodies = list(dict.fromkeys(row.body for row in found.scores))
    shown = (found.best, CHOSEN)
    return {
        "name": name, "words": words(found), "plot": layer_plot(found), "who": _who(found), "best": found.best,
        "beside": [card.sentence() for card in found.beside],
        "bodies": [
            {"name": body or found.body.name, "rows": [_score(row) for row in found.scores if row.body == body]}
            for body in bodies
        ],
        "differences": [difference_words(found, row) for row in found.differences if row.layer in shown],
        "called": [
            {"set": row.set or "training (sources not seen)", "kind": kind_words(row.kind),
             "share": with_interval(row.share), "answer": with_interval(row.answer), "pictures": row.pictures,
             "sources": row.sources}
            for row in found.called if row.layer == found.best
        ],
        "effects": [_effect(row) for row in found.effects if row.layer == found.best],
        "steps": [
            {"faces": row.faces, "pictures": row.pictures, "auc": area(row.auc),
             "spread": number(row.spread)}
            for row in found.curve
        ],
        "method": method_words(found),
        "notes": [note for note in found.notes if privacy.names or "'" not in note],
    }  # fmt: skip


def _who(found: Probe) -> str:
    pictures, sources = (found.settings.get(name) or {} for name in ("pictures", "sources"))
    return listed(
        [
            f"{pictures[kind]} pictures of {sources[kind]} sources with {words}"
            for kind, words in (("faces", "a face"), ("rest", "none"))
            if kind in pictures and kind in sources
        ]
    )


def _score(row: ProbeScore) -> dict[str, Any]:
    return {"layer": row.layer, "cells": score_cells(row), "p": p_value(row.p_corrected)}


def _effect(row: PairedEffect) -> dict[str, Any]:
    return {
        "set": row.set or "training", "kind": kind_words(row.kind), "what": row.what, "share": with_interval(row.share),
        "share_p": p_value(row.share_p_corrected), "answer": with_interval(row.answer),
        "answer_p": p_value(row.answer_p_corrected), "pairs": row.pairs, "sources": row.sources,
    }  # fmt: skip
