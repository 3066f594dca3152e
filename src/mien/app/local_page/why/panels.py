"""All parts of the view 'Why', in their order."""

from __future__ import annotations

from collections.abc import Sequence

from mien.app.local_page.folders import OpenStudy
from mien.app.local_page.why.asked_face import AskedFace
from mien.app.local_page.why.by_hand import by_hand
from mien.app.local_page.why.methods import methods_beside
from mien.app.local_page.why.regions import ask_a_region
from mien.core.samples import Samples


def fill(study: OpenStudy, models: Sequence[str], samples: Samples) -> None:
    """Fill the view."""
    chosen = AskedFace(study, models, samples)
    chosen.when_explained(methods_beside(chosen))
    chosen.when_changed(by_hand(chosen))
    chosen.when_explained(ask_a_region(chosen))
    chosen.begin()
