"""The report's headline and limits where it is about what layers of networks respond to."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeVar

from mien.compare.rsa_result import RSA_FILE, load_rsa
from mien.report.guarded import guarded
from mien.report.study_folder import StudyFolder
from mien.responses.probes.result import PROBE_FILE, Probe, load_probe
from mien.responses.probes.scores import CHOSEN
from mien.responses.probes.words import area
from mien.responses.units.result import UNITS_FILE, load_units
from mien.responses.units.words import words_of

T = TypeVar("T")

NETWORK_RESULTS = (("probes", PROBE_FILE), ("units", UNITS_FILE), ("rsa", RSA_FILE))
LIMIT = (
    "Networks respond to pictures. That a layer's answers tell faces from other things, or that units respond more to "
    "faces, does not say that a network sees or recognises faces as people do, nor that faces as such make the "
    "difference, rather than what these pictures of faces have in common."
)


def network_headline(study: StudyFolder) -> str:
    """The main result on the first network that was asked for; ``''`` where there is none to read."""
    probes = _readable(study.places("probes", PROBE_FILE), load_probe)
    # One that has others beside it says more than its random twin.
    for probe in sorted(probes, key=lambda found: not found.beside):
        return _words(probe)
    for units in _readable(study.places("units", UNITS_FILE), load_units):
        return " ".join(words_of(units))
    for analysis in _readable(study.places("rsa", RSA_FILE), load_rsa):
        return " ".join(analysis.words(reference) for reference in analysis.references) or analysis.alignment_words()
    return ""


def _readable(places: Sequence[Path], load: Callable[[Path], T]) -> list[T]:
    """What can be read; the rest is named among the problems where its section is written."""
    return [found for place in places if (found := guarded([], load, place)) is not None]


def _words(found: Probe) -> str:
    layer = CHOSEN if any(row.layer == CHOSEN and not row.body for row in found.scores) else found.best
    mine = found.score(layer)
    if not any(row.p_corrected <= 0.05 for row in found.own):
        text = "No layer is shown to tell"
    else:
        text = "Layers chosen within each fold tell" if layer == CHOSEN else f"Layer {layer} tells"
    text = f"{text} faces from {_others(found)}: AUC {area(mine.auc)}, on sources that the probe had not seen"
    beside = [row for row in found.differences if row.layer == layer]
    words = [f"{area(found.score(row.other_layer, row.body).auc)} of {row.body}" for row in beside]
    if words:
        text += f"; beside it {' and '.join(words)}"
    return f"{found.body.sentence()} {text}."


def _others(found: Probe) -> str:
    if not found.against:
        return "everything else"
    return ", ".join(found.against) if len(found.against) < 4 else f"{len(found.against)} other categories"
