"""Optional packages: one helper that names the purpose and the command."""

import re
import sys
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType

from mien.core.errors import MissingExtra

EXTRAS: dict[str, tuple[str, tuple[str, ...]]] = {
    "learn": (
        "training, evidence and reports",
        ("torch", "sklearn", "lightgbm", "pandas", "safetensors", "jinja2", "matplotlib", "threadpoolctl"),
    ),
    "manifold": ("maps by openTSNE and UMAP", ("openTSNE", "umap")),
    "pacmap": ("maps by PaCMAP", ("pacmap",)),
    "zoo": ("networks of timm by name", ("timm", "torchvision")),
    "heic": ("pictures of phones (.heic)", ("pillow_heif",)),
    "rsa": ("similarity structures of networks, judgements and brains", ("rsatoolbox",)),
    "brain": ("volumes of a scanner (.nii)", ("nibabel", "nilearn")),
    "gaze": ("eye-tracking files and fixations out of raw samples", ("pymovements",)),
    "cohort": ("cohorts: shards queried in place", ("duckdb", "statsmodels")),
    "paper": ("text for a word processor, figures in pixels", ("docx", "pypdfium2")),
    "catch22": ("22 characteristic features of time series (GPL-3)", ("pycatch22",)),
    "app": ("the local page", ("nicegui",)),
    "notebooks": ("values with their axes", ("xarray",)),
    "places": ("places other than s3:// and file://", ("fsspec",)),
    "ray": ("work on more machines than one", ("ray",)),
    "demo": ("the demo's photo", ("skimage",)),
}


# torch for the processor alone; on Linux the ordinary index gives a build with several gigabytes of CUDA packages.
CPU_TORCH = "pip install torch --index-url https://download.pytorch.org/whl/cpu"


def require(module: str, purpose: str, extra: str) -> ModuleType:
    """Import ``module`` or say which extra brings it.

    Raises
    ------
    MissingExtra
        With the purpose and the command that installs the extra.
    """
    try:
        return import_module(module)
    except ImportError as error:
        raise MissingExtra(
            f"{purpose} needs the package '{module.split('.')[0]}', which is not installed or does not load "
            f"({error}). Install it with: {install_command(extra)}"
        ) from error


def install_command(extra: str) -> str:
    """The command that installs an extra."""
    return f"pip install 'mien[{extra}]'"


def need(extra: str, purpose: str) -> None:
    """Refuse, before anything is loaded, what an extra that is not installed is needed for.

    Raises
    ------
    MissingExtra
        Naming the packages that are missing and the command that installs them.
    """
    absent = missing(extra)
    if absent:
        raise MissingExtra(
            f"{purpose} needs the extra [{extra}] ({EXTRAS[extra][0]}), of which {', '.join(absent)} "
            f"{'is' if len(absent) == 1 else 'are'} not installed. Install it with: {install_command(extra)}"
        )


def missing_extra(error: ModuleNotFoundError, purpose: str) -> MissingExtra | None:
    """The sentence for a package that was not there, or None where no extra brings it."""
    package = (error.name or "").split(".")[0]
    for extra, (_, packages) in EXTRAS.items():
        if package in packages:
            return MissingExtra(
                f"{purpose} needs the package '{package}', which is not installed. Install it with: "
                f"{install_command(extra)}"
            )
    return None


def torch_build() -> str:
    """Which build of torch is installed and, on Linux, how to have the one for the processor, in a sentence."""
    advice = f"the build for the processor alone: {CPU_TORCH}, before the extra"
    spec = find_spec("torch")
    if spec is None or spec.origin is None:
        return "not installed" + (f"; {advice}" if sys.platform == "linux" else "")
    facts = _build_facts(spec.origin)
    result = facts.get("__version__", "of unknown version")
    if _kind(facts):
        return f"{result}, built for {_kind(facts)} (several gigabytes); in a new environment {advice}"
    return f"{result}, for the processor" if facts else result


def built_for() -> str:
    """What the installed torch was built for beside the processor, such as ``'CUDA 13.0'``; ``''`` for nothing."""
    spec = find_spec("torch")
    return "" if spec is None or spec.origin is None else _kind(_build_facts(spec.origin))


def _build_facts(origin: str) -> dict[str, str]:
    # torch writes down what it was built for; to import it for that would take seconds.
    notes = Path(origin).with_name("version.py")
    text = notes.read_text(encoding="utf-8") if notes.is_file() else ""
    return dict(re.findall(r"^(__version__|cuda|hip)\b[^=\n]*= *'([^']*)'", text, re.MULTILINE))


def _kind(facts: dict[str, str]) -> str:
    return next((f"{name} {facts[kind]}" for kind, name in (("cuda", "CUDA"), ("hip", "ROCm")) if kind in facts), "")


def missing(extra: str) -> list[str]:
    """Modules of an extra that are not installed."""
    return [name for name in EXTRAS[extra][1] if find_spec(name) is None]
