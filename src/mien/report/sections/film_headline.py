"""The report's headline where it is about a film: what is decodable, what goes along, where viewers look."""

from __future__ import annotations

from mien.compare.gaze.result import GAZE_FILE, load_gaze
from mien.compare.gaze.words import in_words
from mien.compare.timelines.result import LINK_FILE, load_link
from mien.decoding.result import DECODING_FILE, Decoding
from mien.report.guarded import guarded
from mien.report.sections.film import decoding_words
from mien.report.study_folder import StudyFolder


def film_headline(study: StudyFolder) -> str:
    """What is beyond chance, in sentences; ``''`` where nothing of it is there."""
    said: list[str] = []
    results = False
    for place in study.places("decoding", DECODING_FILE):
        found = guarded([], Decoding.read, place)
        results = results or found is not None
        if found is not None and found.score(found.sources[0].name).p <= 0.05:
            said.append(decoding_words(found))
            break
    for place in study.places("link", LINK_FILE):
        linked = guarded([], load_link, place)
        results = results or linked is not None
        if linked is not None and linked.second and linked.sure():
            said.append(linked.words())
            break
    for place in study.places("gaze", GAZE_FILE):
        looked = guarded([], load_gaze, place)
        if looked is not None:
            said += in_words(looked)[:2]
            break
    if not said and results:
        return "Nothing is shown to be decodable, or to go along over time, beyond chance."
    return " ".join(said)
