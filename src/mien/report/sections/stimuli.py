"""The report's section on stimuli: thumbnails with their licence, and in what their categories differ."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from mien.core.words import interval, listed, number, p_value
from mien.data.media.pictures import read_picture
from mien.report.draw.stimuli import thumbnail_rows
from mien.report.guarded import guarded
from mien.report.privacy import Privacy
from mien.stimuli.differences import Difference
from mien.stimuli.pareidolia.result import PareidoliaPicture, PareidoliaSet, load_pareidolia
from mien.stimuli.result import Stimulus, StimulusSet, load_stimuli

# Pictures of each kind that are shown, and rows of a table before the rest is folded away.
_SHOWN, _ROWS = 6, 20
_KEPT = "Pictures of the set are shown with --show-faces only: it does not say that they show nobody."


def section(
    altered: Sequence[Path], pareidolia: Sequence[Path], problems: list[str], privacy: Privacy
) -> list[dict[str, Any]]:
    """One block for each set of altered pictures and of made-up pareidolia."""
    made = ((place.name, guarded(problems, load_stimuli, place)) for place in altered)
    pairs = ((place.name, guarded(problems, load_pareidolia, place)) for place in pareidolia)
    return [
        *(_of_stimuli(found, name, privacy, problems) for name, found in made if found is not None),
        *(_of_pareidolia(found, name, privacy, problems) for name, found in pairs if found is not None),
    ]


def _of_stimuli(made: StimulusSet, name: str, privacy: Privacy, problems: list[str]) -> dict[str, Any]:
    without = sorted({row.status for row in made.rows} - {"ok"})
    counts = [f"{sum(row.status == state for row in made.rows)} {state}" for state in without]
    matched = made.settings.get("match") or []
    clipped = [row.clipped for row in made.made()]
    words = [
        f"{len(made.made())} pictures made of those of {made.name or 'a table'}"
        f"{f', matched in {listed(matched)} over the set' if matched else ''}"
        f"{f'; no picture: {listed(counts)}' if counts else ''}.",
        f"Of their pixels {np.mean(clipped):.1%} were clipped to black or white, {max(clipped):.1%} at most in one.",
    ]
    shown: dict[str, list[Stimulus]] = {}
    # The same pictures in each row, of as many categories as there is room for.
    first = _spread([row for row in made.made() if row.alteration == made.made()[0].alteration])
    for row in made.made():
        if row.made_from in first:
            shown.setdefault(row.alteration, []).append(row)
    return _block(name, words, _drawn(made, shown, privacy, problems), made.licence_line, made.differences)


def _of_pareidolia(made: PareidoliaSet, name: str, privacy: Privacy, problems: list[str]) -> dict[str, Any]:
    pairs = len({picture.pair for picture in made.pictures})
    words = [
        f"{pairs} pairs of pictures of {len({p.source for p in made.pictures})} objects with the same parts, arranged "
        "as a face or not; each upright and inverted. Paired tests say in what else the two differ; mirror symmetry "
        "belongs to the arrangement of a face."
    ]
    shown: dict[str, list[PareidoliaPicture]] = {}
    for picture in made.pictures:
        row = shown.setdefault(f"{picture.category}, {picture.orientation}", [])
        row += [picture] if len(row) < _SHOWN else []
    return _block(name, words, _drawn(made, shown, privacy, problems), made.licence_line, made.differences)


def _spread(rows: Sequence[Stimulus]) -> set[str]:
    """Pictures of different categories in turn."""
    of: dict[str, list[str]] = {}
    for row in rows:
        of.setdefault(row.category, []).append(row.made_from)
    most = max(map(len, of.values()), default=0)
    turns = [names[turn] for turn in range(most) for names in of.values() if turn < len(names)]
    return set(turns[:_SHOWN])


def _drawn(
    made: StimulusSet | PareidoliaSet,
    rows: dict[str, list[Stimulus]] | dict[str, list[PareidoliaPicture]],
    privacy: Privacy,
    problems: list[str],
) -> str:
    """Thumbnails, nothing where the pictures may show people."""
    if not (made.synthetic or privacy.faces):
        return ""
    pictures = {name: list(_read(made.folder, [row.path for row in shown], problems)) for name, shown in rows.items()}
    return thumbnail_rows(pictures, title="Examples of each kind of picture")


def _read(folder: Path, paths: Iterable[str], problems: list[str]) -> Iterable[np.ndarray]:
    for path in paths:
        pixels = guarded(problems, read_picture, folder / path)
        if pixels is not None:
            yield pixels


def _block(
    name: str, words: list[str], drawing: str, licence: str, differences: Sequence[Difference]
) -> dict[str, Any]:
    tested = [row for row in differences if row.p == row.p]
    kept = [row for row in tested if row.p_corrected < 0.05]
    if tested:
        words = [*words, f"Low-level statistics on which categories differ: {len(kept)} of {len(tested)} comparisons."]
    else:
        words = [*words, "In what the categories differ was not tested: at least 4 sources of each are needed."]
    rows = [
        {
            "alteration": row.alteration, "what": f"{row.one} – {row.other}", "statistic": row.statistic,
            "one": number(row.mean_one), "other": number(row.mean_other), "effect": number(row.effect),
            "interval": interval(row.low, row.high), "p": p_value(row.p_corrected), "differs": row.p_corrected < 0.05,
            "sources": str(row.sources_one) if row.paired else f"{row.sources_one} and {row.sources_other}",
        }
        for row in sorted(tested, key=lambda row: row.p_corrected)
    ]  # fmt: skip
    return {
        "name": name, "words": words, "licence": licence, "rows": rows[:_ROWS], "more": rows[_ROWS:],
        "drawing": {"svg": drawing} if drawing else {}, "kept": "" if drawing else _KEPT,
        "unit": "pairs" if any(row.paired for row in tested) else "sources",
    }  # fmt: skip
