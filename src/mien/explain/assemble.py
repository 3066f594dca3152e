"""From what a method found to evidence: rows without input in their places, and a status for each sample."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from mien.core.evidence import Evidence
from mien.core.target import Target
from mien.explain.methods import SIGN_IS_DIRECTION, sign_is_direction
from mien.explain.problem import Attribution
from mien.nets.device import words_of

if TYPE_CHECKING:
    from mien.explain.question import Inquiry


def assemble(inquiry: Inquiry, target: Target, attribution: Attribution, scores: np.ndarray, usual: float) -> Evidence:
    features, rows = inquiry.inputs.features, np.flatnonzero(inquiry.inputs.usable)
    count = len(features)

    def spread(part: np.ndarray, kind: type) -> np.ndarray:
        whole = np.full((count, *part.shape[1:]), np.nan, dtype=kind)
        whole[rows] = part
        return whole

    values = spread(attribution.values, np.float32)
    output = spread(scores, np.float64)
    status = _status(features.ok, values, output, usual)
    if attribution.answered is not None:
        status[(status == "saturated") & (spread(attribution.answered, np.float32) == 1)] = "constant"
    if attribution.abstained is not None:
        status[spread(attribution.abstained, np.float32) == 1] = "abstained"
    gap = spread(np.full(len(rows), np.nan) if attribution.gap is None else attribution.gap, np.float64)
    if attribution.gap is not None:
        # Where the baselines have no output, nothing says that the values add up to anything.
        status[((status == "ok") | (status == "constant")) & ~np.isfinite(gap)] = "non-finite"
    for row, (why, _) in attribution.missing.items():
        status[rows[row]] = why
    values[np.isin(status.astype(str), ("non-finite", "saturated", "abstained"))] = np.nan
    return Evidence(
        values=values,
        space=features.space,
        names=features.names,
        target=target,
        method=inquiry.method.name,
        settings={
            **inquiry.settings,
            **attribution.facts,
            **_told(attribution),
            **inquiry.baselines.record,
            "seed": inquiry.seed,
            "explained": inquiry.network.explained,
            "device": words_of(inquiry.network.device),
            SIGN_IS_DIRECTION: sign_is_direction(inquiry.method.name, {**inquiry.settings, **attribution.facts}),
            "recipe": features.recipe,
            **_left_out(inquiry, {int(rows[row]): reason for row, (_, reason) in attribution.missing.items()}),
            **({"synthetic": True} if inquiry.inputs.synthetic else {}),
            **({"notes": list(inquiry.notes)} if inquiry.notes else {}),
        },
        sample=inquiry.inputs.sample,
        subject=inquiry.inputs.subject,
        label=inquiry.inputs.label,
        output=output,
        gap=gap,
        status=status,
        standard_error=None if attribution.standard_error is None else spread(attribution.standard_error, np.float32),
        topology=features.topology,
        model=inquiry.network.facts,
        columns={name: spread(column, np.float64) for name, column in attribution.columns.items()},
    )


def _told(attribution: Attribution) -> dict[str, str]:
    """What a method has to say about some of the samples."""
    told = [text.format(some=some, all=of) for text, (some, of) in attribution.tallies.items() if some]
    return {"note": " ".join(told)} if told else {}


def _left_out(inquiry: Inquiry, missing: dict[int, str]) -> dict[str, Any]:
    """Why samples have no input, or were not explained, by their name."""
    features, sample = inquiry.inputs.features, inquiry.inputs.sample
    why = {int(row): str(features.status[row]) for row in np.flatnonzero(~features.ok)} | missing
    return {"left_out": {str(sample[row]): why[row] for row in sorted(why)}} if why else {}


def _status(has_input: np.ndarray, values: np.ndarray, output: np.ndarray, usual: float) -> np.ndarray:
    status = np.full(len(values), "ok", dtype=object)
    flat = values.reshape(len(values), int(np.prod(values.shape[1:])))
    finite = np.isfinite(flat).all(axis=1) & np.isfinite(output)
    if flat.shape[1]:
        same = finite & (flat == flat[:, :1]).all(axis=1)
        status[same] = "constant"
        differs = np.abs(output - usual) > 1e-6 * np.maximum(1.0, np.abs(output))
        status[same & (flat[:, 0] == 0) & differs] = "saturated"
    status[~finite] = "non-finite"
    status[~has_input] = "no input"
    return status
