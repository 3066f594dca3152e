"""The report's headline where it is about a film: what is decodable, what goes along, where viewers look."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from mien.compare.gaze.result import GAZE_FILE, load_gaze
from mien.compare.gaze.words import in_words
from mien.compare.timelines.result import LINK_FILE, load_link
from mien.decoding.result import DECODING_FILE, Decoding
from mien.report.guarded import guarded
from mien.report.sections.film import decoding_words
from mien.report.study_folder import StudyFolder
from mien.stats.correction import holm

_LEAST_P = 0.05


def film_headline(study: StudyFolder) -> str:
    """What is beyond chance, in sentences; ``''`` where nothing of it is there."""
    decoded = [guarded([], Decoding.read, place) for place in study.places("decoding", DECODING_FILE)]
    linked = [guarded([], load_link, place) for place in study.places("link", LINK_FILE)]
    tried = [one for one in decoded if one is not None]
    links = [one for one in linked if one is not None and one.second]
    # The sentence is of the surest of all that were tried, so all of them count (Holm).
    p = [one.score(one.sources[0].name).p for one in tried]
    p += [min((row.p_corrected for row in one.rows), default=1.0) for one in links]
    held = holm(np.array(p)) if p else np.zeros(0)
    results = bool(tried or links)
    said: list[str] = []
    kinds: tuple[tuple[list[Any], Callable[[Any], str], int], ...] = (
        (tried, decoding_words, 0), (links, lambda one: str(one.words()), len(tried)),
    )  # fmt: skip
    for found, words, first in kinds:
        sure = next((number for number in range(len(found)) if held[first + number] <= _LEAST_P), None)
        if sure is not None:
            said.append(words(found[sure]))
    for place in study.places("gaze", GAZE_FILE):
        looked = guarded([], load_gaze, place)
        if looked is not None:
            said += in_words(looked)[:2]
            break
    if not said and results:
        return "Nothing is shown to be decodable, or to go along over time, beyond chance."
    return " ".join(said)
