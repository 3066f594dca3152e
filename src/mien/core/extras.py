"""Optional packages: one helper that names the purpose and the command."""

from importlib import import_module
from importlib.util import find_spec
from types import ModuleType

from mien.core.errors import MissingExtra

EXTRAS: dict[str, tuple[str, tuple[str, ...]]] = {
    "learn": (
        "training, evidence and reports",
        ("torch", "captum", "sklearn", "lightgbm", "pandas", "safetensors", "jinja2", "matplotlib"),
    ),
    "zoo": ("networks of timm by name", ("timm", "torchvision")),
    "heic": ("pictures of phones (.heic)", ("pillow_heif",)),
    "demo": ("the demo's photo", ("skimage",)),
}


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
            f"({error}). Install it with: pip install 'mien[{extra}]'"
        ) from error


def missing(extra: str) -> list[str]:
    """Modules of an extra that are not installed."""
    return [name for name in EXTRAS[extra][1] if find_spec(name) is None]
