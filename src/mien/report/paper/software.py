"""Which of the packages that were there a study used, by what its folder holds."""

from __future__ import annotations

import json

from mien.core.features import PICTURE
from mien.models.catalogue import MODELS
from mien.report.models_folder import ModelPart
from mien.report.paper.citations import CITED
from mien.report.study_folder import StudyFolder

# Kinds of model that no network is part of.
WITHOUT_TORCH = {"tabular", "tabular-score", "kernel-score", "trees", "trees-score", "named", "named-score", "forest",
                 "forest-score", "rules", "joined-score"}  # fmt: skip
# Kinds that scikit-learn fits.
_FITTED = {"tabular", "tabular-score", "kernel-score", "named", "named-score", "forest", "forest-score", "picture",
           "picture-score"}  # fmt: skip
_ALWAYS = {"python", "numpy", "scipy", "pyarrow"}
_PICTURES = {"pillow", "opencv-python-headless"}
# Folders of a study, and what reads or computes them.
_OF_FOLDERS = {
    "reduction": {"pandas", "torch"}, "effects": {"pandas"}, "learning_curve": {"pandas"}, "profiles": {"scikit-learn"},
    "maps": {"scikit-learn"}, "rsa": {"rsatoolbox"}, "brain": {"nibabel", "scikit-learn"}, "decoding": {"scikit-learn"},
    "probes": {"scikit-learn", "torch"}, "units": {"torch"},
}  # fmt: skip


def used_packages(study: StudyFolder) -> set[str]:
    """Names of packages, as package registries have them; what no part of the folder rests on is not among them."""
    found = set(_ALWAYS)
    if study.extraction is not None:
        found |= {"ai-edge-litert", *_PICTURES}
        found |= {"av"} if any(source.frames > 1 for source in study.extraction.sources) else set()
    for part in study.models:
        found |= _of_model(part)
    for explained in study.evidence:
        if explained.evidence.space == PICTURE:
            found |= _PICTURES
        if "slic" in json.dumps(explained.evidence.settings, default=str):
            found.add("scikit-image")
    for folder, packages in _OF_FOLDERS.items():
        if any((study.path / folder).glob("*")):
            found |= packages
    return found


def _of_model(part: ModelPart) -> set[str]:
    name = str(part.info.get("model") or (part.evaluation.model if part.evaluation else "") or part.kind)
    row = MODELS.get(name)
    stored = {*row.stored} if row is not None else {part.kind}
    found = {"safetensors"} if part.kind not in ("trees", "trees-score", "rules") else set()
    found |= {"scikit-learn"} if "pedregosa2011" in CITED.get(name, ()) or stored & _FITTED else set()
    found |= {"lightgbm"} if "trees" in stored else set()
    found |= {"timm"} if "network" in stored else set()
    return found | ({"torch"} if stored - WITHOUT_TORCH else set())
