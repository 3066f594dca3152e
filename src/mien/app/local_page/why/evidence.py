"""Evidence of a study about one model and one of its faces: what is stored, and what is asked for now."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from mien.app.local_page.why.asked import AskedModel
from mien.app.local_page.why.stored_models import Shelf
from mien.atlas.crop_regions import SHARE, with_regions
from mien.core.errors import InputError
from mien.core.evidence import Evidence
from mien.core.features import PICTURE
from mien.core.files import read_json
from mien.explain.explain import explain
from mien.explain.methods import method_of_name
from mien.explain.request import methods_for, usual_method
from mien.explain.store import find_evidence, load_evidence
from mien.features.crop import crop_points
from mien.nets.threads import one_thread

FOLDER = "evidence"
# Bodies of evidence that are kept at hand, and those of which it is known what they are about.
MOST_KEPT, MOST_KNOWN = 6, 500
_kept, _headers = Shelf(MOST_KEPT), Shelf(MOST_KNOWN)


@dataclass(frozen=True, eq=False)
class OneFace:
    """Evidence about one face: ``evidence`` of one row, and ``of_all``, the body that it is part of, if stored."""

    evidence: Evidence
    of_all: Evidence | None = None

    @property
    def name(self) -> str:
        """For people."""
        return f"{self.evidence.method} for '{self.evidence.target}'"

    def says_as(self, other: OneFace) -> bool:
        """Whether another one has the same values by the same method."""
        ours, theirs = self.evidence, other.evidence
        same = ours.method == theirs.method and ours.values.shape == theirs.values.shape
        return same and bool(np.allclose(ours.values, theirs.values, rtol=1e-4, atol=1e-7, equal_nan=True))


def stored(asked: AskedModel, row: int, target: str) -> list[OneFace]:
    """Stored evidence about a model's target, with its row about one sample; bodies without it are left out."""
    found = []
    for folder in find_evidence(asked.study.folder / FOLDER):
        if _is_about(folder, asked, target):
            body = _kept.get(
                (str(folder), _written(folder), id(asked)),
                partial(_read, asked, folder),
            )
            rows = np.flatnonzero(body.sample == asked.samples.path[row])
            if len(rows):
                found.append(OneFace(body[rows[:1]], body))
    return found


def _read(asked: AskedModel, folder: Path) -> Evidence:
    return _with_regions(asked, load_evidence(folder))


def _with_regions(asked: AskedModel, evidence: Evidence) -> Evidence:
    """Evidence about pictures with the regions of the face that it lies in, from the study's faces."""
    if evidence.space != PICTURE or any(name.startswith(SHARE) for name in evidence.columns):
        return evidence
    known = {str(name): number for number, name in enumerate(asked.samples.path)}
    points = np.full((len(evidence), asked.faces.landmarks_px.shape[1], 2), np.nan)
    rows = [(place, known[str(name)]) for place, name in enumerate(evidence.sample) if str(name) in known]
    if rows:
        choices = [asked.choices[row] for _, row in rows]
        points[[place for place, _ in rows]] = crop_points(asked.model.recipe, choices, asked.faces)
    return with_regions(evidence, points)


def _is_about(folder: Path, asked: AskedModel, target: str) -> bool:
    name, sha256, model = _headers.get((str(folder), _written(folder)), partial(_header, folder))
    own = asked.model.weights_sha256
    return name == target and (sha256 == own if own and sha256 else model == asked.model.name)


def _written(folder: Path) -> int:
    return (folder / "evidence.json").stat().st_mtime_ns


def _header(folder: Path) -> tuple[str, str, str]:
    """Which class or rating stored evidence is about (none of one against another), its model's hash and name."""
    try:
        facts = read_json(folder / "evidence.json")
        about, model = facts["target"], facts["model"]
        plain = not about.get("against") and about.get("direction", "up") == "up"
        return (str(about["name"]) if plain else "", str(model.get("weights_sha256") or ""), str(model.get("name")))
    except (InputError, OSError, KeyError, TypeError, AttributeError):
        return ("", "", "")


def methods_of(asked: AskedModel, row: int) -> tuple[list[str], str]:
    """Methods that can explain the model, and the usual one of them."""
    names = methods_for(asked.network, asked.features(row).space)
    usual = usual_method(asked.model)
    return names, usual if usual in names else names[0]


def asked_now(asked: AskedModel, row: int, target: str, method: str) -> OneFace:
    """Evidence about this face alone; what is usual comes from faces spread over the study.

    Raises
    ------
    InputError
        If the method does not fit.
    """
    asked.input(row)
    settings: dict[str, Any] = {}
    if not _needs_nothing(method):
        settings["reference"] = asked.samples[asked.usual_rows]
    with one_thread():
        found = explain(
            asked.model, asked.samples[np.array([row])], method=method, target=target, faces=asked.faces, **settings
        )
    return OneFace(_with_regions(asked, found))


def _needs_nothing(method: str) -> bool:
    """Whether a method looks at the sample alone."""
    row = method_of_name(method)
    return not row.needs_baselines(row.settings({})) and "fill" not in row.settings({})
