"""The report's headline and limits where it is about what layers of networks respond to."""

from __future__ import annotations

from mien.compare.rsa_result import RSA_FILE
from mien.core.errors import InputError
from mien.report.study_folder import StudyFolder
from mien.responses.probes.result import PROBE_FILE, Probe, load_probe
from mien.responses.probes.scores import CHOSEN
from mien.responses.probes.words import area
from mien.responses.units.result import UNITS_FILE

NETWORK_RESULTS = (("probes", PROBE_FILE), ("units", UNITS_FILE), ("rsa", RSA_FILE))
LIMIT = (
    "Networks respond to pictures. That a layer's answers tell faces from other things, or that units respond more to "
    "faces, does not say that a network sees or recognises faces as people do, nor that faces as such make the "
    "difference, rather than what these pictures of faces have in common."
)


def network_headline(study: StudyFolder) -> str:
    """One sentence on the first probe that was asked for; ``''`` where there is none to read."""
    for place in study.places("probes", PROBE_FILE):
        try:
            found = load_probe(place)
        except InputError:
            continue
        if not found.beside and len(study.places("probes", PROBE_FILE)) > 1:
            continue
        return _words(found)
    return ""


def _words(found: Probe) -> str:
    layer = CHOSEN if any(row.layer == CHOSEN and not row.body for row in found.scores) else found.best
    mine = found.score(layer)
    if mine.auc.p == mine.auc.p and mine.auc.p > 0.05:
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
