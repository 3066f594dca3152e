"""Why: what a model's answer about a face rests on, seen by methods side by side, and tried by hand."""

from __future__ import annotations

from mien.app.local_page.folders import OpenStudy
from mien.app.local_page.parts import say_note
from mien.app.local_page.why.asked import models_of, samples_of
from mien.app.local_page.why.asked_face import AskedFace
from mien.app.local_page.why.by_hand import by_hand
from mien.app.local_page.why.methods import methods_beside
from mien.app.local_page.why.regions import ask_a_region

HEAD = '<link rel="stylesheet" href="/look/why.css"><script src="/look/why.js" defer></script>'


def why(study: OpenStudy) -> None:
    """Fill the view."""
    from nicegui import ui

    ui.add_head_html(HEAD)
    names = models_of(study)
    if not names:
        say_note("There is no model in this study yet; train one in the view 'Models'.")
        return
    choice = AskedFace(study, names, samples_of(study))
    choice.when_changed(methods_beside(choice))
    choice.when_changed(by_hand(choice))
    choice.when_changed(ask_a_region(choice))
    choice.begin()
