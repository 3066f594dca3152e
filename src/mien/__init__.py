"""mien explains what models see in faces.

The names below load on first use, so ``import mien`` costs almost nothing and never loads torch.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

__version__ = "0.2.0"

_HOMES = {
    "Faces": "mien.core.faces",
    "Samples": "mien.core.samples",
    "Features": "mien.core.features",
    "Target": "mien.core.target",
    "Evidence": "mien.core.evidence",
    "MienError": "mien.core.errors",
    "read_faces": "mien.data.shards",
    "read_samples": "mien.data.samples",
    "synthesize": "mien.data.synthetic",
    "extract": "mien.faces.extract",
    "train": "mien.models.train",
    "evaluate": "mien.models.evaluate",
    "load_model": "mien.models.store",
    "explain": "mien.explain.explain",
    "explain_all": "mien.explain.explain",
    "embed": "mien.manifold.embed",
    "faithfulness": "mien.explain.faithfulness.faithfulness",
    "reduce": "mien.reduce.reduce",
    "report": "mien.report.report",
    "demo": "mien.studies.demo",
}

__all__ = ["__version__", *_HOMES]

if TYPE_CHECKING:
    from mien.core.errors import MienError as MienError
    from mien.core.evidence import Evidence as Evidence
    from mien.core.faces import Faces as Faces
    from mien.core.features import Features as Features
    from mien.core.samples import Samples as Samples
    from mien.core.target import Target as Target


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'mien' has no attribute '{name}'")
    value = getattr(import_module(_HOMES[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
