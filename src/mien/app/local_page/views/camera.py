"""The browser's camera, read live by a model; frames go to this machine alone and are not kept."""

from __future__ import annotations

import json

from mien.app.local_page.folders import OpenStudy
from mien.app.local_page.live.frames import CAMERA
from mien.app.local_page.live.offered import live_models, not_live
from mien.app.local_page.parts import say_note

HEAD = (
    '<link rel="stylesheet" href="/look/why.css"><script src="/look/why.js" defer></script>'
    '<script src="/look/camera.js" defer></script>'
)


def camera(study: OpenStudy) -> None:
    """Fill the view."""
    from nicegui import ui

    ui.add_head_html(HEAD)
    say_note(
        "The browser asks whether it may use the camera. Frames are sent to mien on this machine and nowhere else, one "
        "at a time, and forgotten as soon as they are answered; a frame is kept only when you press the button for it."
    )
    holder = ui.element("div").props('data-testid="camera-holder"')
    config = {"address": f"{CAMERA}{study.name}/", "models": list(live_models(study).items())}
    for sentence in not_live(study):
        say_note(f"Not offered here: {sentence}")
    written = json.dumps(config).replace("<", "\\u003c")
    ui.run_javascript(
        f"const begin = () => window.mienCamera ? window.mienCamera('{holder.html_id}', {written})"
        " : setTimeout(begin, 50); begin();"
    )
