"""The report's section on similarity structures of layers beside people, brains and categories."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from mien.compare.rsa_result import ComparedReference, SimilarityAnalysis, load_rsa
from mien.core.words import interval, number, p_value
from mien.report.draw.similarity import MOST_CELLS, LayerLine, category_means, dissimilarity_plot, layers_plot
from mien.report.draw.trees import tree_plot
from mien.report.guarded import guarded


def section(places: Sequence[Path], problems: list[str]) -> list[dict[str, Any]]:
    """One block for each analysis."""
    read = ((place.name, guarded(problems, load_rsa, place)) for place in places)
    return [_block(name, found) for name, found in read if found is not None]


def _block(name: str, found: SimilarityAnalysis) -> dict[str, Any]:
    asked, by = found.settings, "categories" if found.settings["by"] == "category" else "pictures"
    credit = f" {asked['credit']}" if asked.get("credit") else ""
    licence = f" ({asked['licence']})" if asked.get("licence") else ""
    return {
        "name": name,
        "pictures": f"{asked['pictures']} pictures of {asked['sources']} sources, compared as {len(found.conditions)} "
        f"{by}.{credit}{licence}",
        "networks": [f"{network.name}: {network.sentence}" for network in found.networks],
        "coefficient": asked["coefficient"], "given": asked["given"],
        "references": [_reference(found, reference) for reference in found.references],
        "tree": _tree(found),
        "method": found.method_words() if found.references else "",
        "notes": list(found.notes),
    }  # fmt: skip


def _reference(found: SimilarityAnalysis, reference: ComparedReference) -> dict[str, Any]:
    lines, unit = [], found.settings["coefficient"]
    for network in found.networks:
        rows = found.of(reference.name, network.name)
        lines.append(
            LayerLine(
                network.name, tuple(row.layer for row in rows), tuple(row.score for row in rows),
                tuple(row.low for row in rows), tuple(row.high for row in rows),
                tuple(row.p_corrected <= 0.05 for row in rows),
            )
        )  # fmt: skip
    ceiling = (reference.ceiling_low, reference.ceiling_high)
    kept = [line for line in lines if line.layers]
    title = f"Layers beside {reference.name}"
    return {
        "name": reference.name,
        "words": found.words(reference),
        "curve": layers_plot(kept, ceiling, unit=unit, title=title) if kept else "",
        "caption": _caption(found, reference, kept),
        "heat": _heat(found, reference),
        "rows": [
            {
                "network": row.network, "layer": row.layer, "score": number(row.score),
                "interval": interval(row.low, row.high), "p": p_value(row.p), "corrected": p_value(row.p_corrected),
                "sure": row.p_corrected <= 0.05, "partial": number(row.partial),
                "partial_corrected": p_value(row.partial_p_corrected),
            }
            for row in found.of(reference.name)
        ],
        "credit": f"{reference.name}: {reference.credit} Licence: {reference.licence}." if reference.credit else "",
    }  # fmt: skip


def _caption(found: SimilarityAnalysis, reference: ComparedReference, lines: list[LayerLine]) -> str:
    known = any(low == low for line in lines for low in line.lows)
    best = "; band: what the best possible model would reach" if reference.ceiling_low == reference.ceiling_low else ""
    return (
        f"Similarity of layers with {reference.name} ({found.settings['coefficient']}; {len(found.conditions)} "
        f"conditions, {reference.sources} {reference.unit}; 0 is chance). Filled dots: more alike than chance, p "
        f"corrected at most .05{'; lines: 95 % intervals' if known else ''}{best}."
    )


def _heat(found: SimilarityAnalysis, reference: ComparedReference) -> list[dict[str, str]]:
    """The reference's matrix and that of each network's most alike layer."""
    shown = [(reference.name, reference.name)]
    for network in found.networks:
        rows = [row for row in found.of(reference.name, network.name) if row.score == row.score]
        if rows:
            best = max(rows, key=lambda row: row.score)
            shown.append((f"{best.network}: {best.layer}", f"{best.network}, its most alike layer {best.layer}"))
    result = []
    for key, caption in shown:
        drawn, more = _matrix(found, np.asarray(found.matrices[key], dtype=float), caption)
        if drawn:
            result.append(
                {"svg": drawn, "caption": f"Dissimilarities: {caption}{more}; darker is less alike, by rank."}
            )
    return result


def _matrix(found: SimilarityAnalysis, values: np.ndarray, title: str) -> tuple[str, str]:
    """Of pictures the means of categories, as their names may say who is shown."""
    if found.settings["by"] == "category":
        return dissimilarity_plot(values, found.conditions, title=title), ""
    means, names = category_means(values, found.categories)
    if not 1 < len(names) <= MOST_CELLS:
        return "", ""
    return dissimilarity_plot(means, names, title=title), ", means of categories"


def _tree(found: SimilarityAnalysis) -> dict[str, str] | None:
    kernel = found.alignment
    if kernel is None:
        return None
    words = found.alignment_words()
    drawn = tree_plot(
        kernel.names, kernel.dendrogram, kernel.support, title="Centred kernel alignment of layers",
        unit="1 − centred kernel alignment",
    )  # fmt: skip
    return {
        "svg": drawn,
        "caption": f"{words} Debiased linear alignment (Kornblith et al. 2019; Nguyen et al. 2021); numbers: per cent "
        "of random halves of the sources with the same cluster.",
    }
