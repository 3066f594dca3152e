"""The report's section on which behaviour over time goes with an outcome, and what models of it rest on."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from mien.cohort.channels_result import ChannelEvidence, ChannelImportance, load_channels
from mien.cohort.effects_result import OutcomeEffects, load_effects
from mien.core.words import DASH, interval, number, p_value
from mien.report.draw.accumulated import curves_plot
from mien.report.draw.channels import channel_plot, effects_beside
from mien.report.draw.swarm import swarm_plot
from mien.report.guarded import guarded

_SHOWN = 15


def section(effects: Sequence[Path], channels: Sequence[Path], problems: list[str]) -> dict[str, list[dict[str, Any]]]:
    """Blocks of both kinds of folders: texts, tables and drawings (SVG that is still to be marked as safe)."""
    models = [(place, found) for place in channels if (found := guarded(problems, load_channels, place)) is not None]
    joined = {str(found.settings.get("effects")): found for _, found in reversed(models)}
    seen = ((place, guarded(problems, load_effects, place)) for place in effects)
    return {
        "effects": [_effects(place, found, joined.get(place.name)) for place, found in seen if found is not None],
        "channels": [_channels(place, found) for place, found in models],
    }


def _effects(place: Path, found: OutcomeEffects, beside: ChannelEvidence | None) -> dict[str, Any]:
    where = {name: i for i, name in enumerate(found.names)}
    rows = []
    for row in found.channels[:_SHOWN]:
        i = where[row.strongest]
        rows.append(
            {
                "channel": row.channel, "measure": row.strongest, "effect": number(row.effect),
                "interval": interval(found.low[i], found.high[i]), "unadjusted": number(float(found.unadjusted[i])),
                "q": p_value(float(found.q[i])), "channel_q": p_value(row.q), "kept": f"{row.kept} of {row.measures}",
            }
        )  # fmt: skip
    left_out = ", ".join(f"{count} {why}" for why, count in found.left_out.items() if count)
    groups = ", ".join(f"{name}: {count}" for name, count in found.groups.items())
    return {
        "name": found.outcome if not found.groups else f"{found.outcome} ({groups})", "words": found.words(),
        "left_out": left_out, "unit": found.measure_of_effect, "rows": rows, "plot": channel_plot(found, beside),
        "model": beside.model if beside else "", "unlearnt": beside.unlearnt if beside else "",
        "method": found.method_words(), "notes": list(found.notes),
        "people": found.people, "id": place.name,
    }  # fmt: skip


def _channels(place: Path, found: ChannelEvidence) -> dict[str, Any]:
    return {
        "name": f"{found.model}: {found.outcome}", "words": found.words(), "unlearnt": found.unlearnt,
        "svg": swarm_plot(found),
        "curve": curves_plot(found), "people": found.people, "folds": found.n_folds,
        "rows": [_row(row) for row in found.channels[:_SHOWN]],
        "statistics": [_row(row) for row in found.statistics[:_SHOWN] if row.shap == row.shap],
        # Without the effects there is no joint figure, which shows the rest.
        "alone": effects_beside(found, place) is None, "method": found.method_words(), "notes": list(found.notes),
    }  # fmt: skip


def _row(row: ChannelImportance) -> dict[str, str]:
    return {
        "name": row.name, "share": _percent(row.shap), "interval": interval(100 * row.shap_low, 100 * row.shap_high),
        "shuffled": _percent(row.shap_shuffled), "importance": number(row.importance),
        "importance_interval": interval(row.low, row.high), "q": p_value(row.q),
        "together": ", ".join(row.together) or DASH,
    }  # fmt: skip


def _percent(share: float) -> str:
    return number(100 * share, short=True)
