"""The report's headline where it is about a film: what is decodable, what goes along, where viewers look."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from mien.compare.gaze.result import GAZE_FILE, load_gaze
from mien.compare.gaze.words import in_words
from mien.compare.timelines.result import LINK_FILE, load_link
from mien.decoding.result import DECODING_FILE, Decoding
from mien.report.guarded import guarded
from mien.report.sections.film import counted_together, decoding_words
from mien.report.study_folder import StudyFolder

_LEAST_P = 0.05


def film_headline(study: StudyFolder) -> str:
    """What is beyond chance, in sentences; ``''`` where nothing of it is there."""
    decoded = [guarded([], Decoding.read, place) for place in study.places("decoding", DECODING_FILE)]
    linked = [guarded([], load_link, place) for place in study.places("link", LINK_FILE)]
    tried = [one for one in decoded if one is not None]
    links = [one for one in linked if one is not None and one.second]
    # The sentence is of the surest of all that were tried, so all of them count.
    held_decoded, held_links = counted_together(tried, links)
    said: list[str] = []
    kinds: tuple[tuple[list[Any], Callable[[Any], str], list[float]], ...] = (
        (tried, decoding_words, held_decoded), (links, lambda one: str(one.words()), held_links),
    )  # fmt: skip
    for found, words, held in kinds:
        sure = next((number for number, p in enumerate(held) if p <= _LEAST_P), None)
        if sure is not None:
            said.append(words(found[sure]))
    if not said and any(p == p for _, _, held in kinds for p in held):
        names = ", ".join(dict.fromkeys(f"'{one.sources[0].name}'" for one in tried))
        source = f" from {names}" if names else ""
        said.append(f"Nothing is shown to be decodable{source}, or to go along over time, beyond chance.")
    elif not said:
        said += [one.words() for one in links[:1]]
    for place in study.places("gaze", GAZE_FILE):
        looked = guarded([], load_gaze, place)
        if looked is not None:
            said += in_words(looked)[:2]
            break
    return " ".join(said)
