"""The report's section on profiles of people, or that there are none."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from mien.cohort.profiles_result import Profiles
from mien.core.words import interval, number, p_value
from mien.report.draw.lines import Line, line_plot
from mien.report.guarded import guarded


def section(folders: Sequence[Path], problems: list[str]) -> list[dict[str, Any]]:
    """One block for each set of profiles."""
    found = [guarded(problems, Profiles.read, folder) for folder in folders]
    return [_block(one) for one in found if one is not None]


def _block(found: Profiles) -> dict[str, Any]:
    means = [] if found.fit is None else (found.fit.means * found.spread + found.centre).tolist()
    profiles = [
        {
            "number": place + 1, "people": size, "means": [number(value) for value in means[place]],
            "measures": [
                {"name": one.measure, "g": number(one.g), "interval": interval(one.low, one.high),
                 "p": p_value(one.p_corrected)}
                for one in found.strongest(place + 1)
            ],
        }
        for place, size in enumerate(found.sizes)
    ] if found.fit is not None else []  # fmt: skip
    candidates = [
        {
            "k": one.k, "gain": number(one.gain), "cloud": f"{number(one.expected)} (to {number(one.high)})",
            "p": p_value(one.p), "bic": f"{one.bic:.0f}", "silhouette": number(one.silhouette),
            "agreement": number(one.agreement), "jaccard": number(min(one.jaccard)),
        }
        for one in found.candidates
    ]  # fmt: skip
    return {
        "by": list(found.by), "people": len(found), "words": found.words(),
        "profiles": profiles, "candidates": candidates,
        "tested": len({one.measure for one in found.described if not one.circular}),
        "circular": len({one.measure for one in found.described if one.circular}),
        "plot": _plot(found), "method": found.method_words(), "notes": list(found.notes),
    }  # fmt: skip


def _plot(found: Profiles) -> str:
    ks = [float(one.k) for one in found.candidates]
    gone = [float("nan")] * len(ks)
    seen = Line("people seen", ks, [one.gain for one in found.candidates], gone, gone)
    cloud = [one.expected for one in found.candidates]
    null = Line("one cloud, up to 95 % of those drawn", ks, cloud, cloud, [one.high for one in found.candidates])
    return line_plot([seen, null], across="number of groups", up="Gain over one group")
