"""The drawings of a report as files of their own, for print: SVG and PDF."""

from __future__ import annotations

import re
import unicodedata
import xml.etree.ElementTree as ET
from pathlib import Path
from typing import Any

from mien.explain.store import slug
from mien.report.draw.pdf import write_drawing

FIGURES = "figures"
# Sections whose parts stand by their model's name.
_BY_MODEL = ("evidence", "galleries")
# Small drawings inside lines of tables are no figures.
_LEAST_WIDTH = 150.0
_LEAST_HEIGHT = 60.0
_LONGEST = 60


def write_figures(context: dict[str, Any], folder: Path) -> list[Path]:
    """Every drawing of a page as SVG and PDF, named after its section and what it is of; those of before go.

    Parameters
    ----------
    context : dict
        What the page shows, with drawings marked as safe.
    folder : Path

    Returns
    -------
    list of Path
    """
    folder.mkdir(parents=True, exist_ok=True)
    for old in (*folder.glob("*.svg"), *folder.glob("*.pdf")):
        old.unlink()
    return [path for name, svg in drawings_by_name(context).items() for path in write_drawing(folder / name, svg)]


def drawings_by_name(context: dict[str, Any]) -> dict[str, str]:
    """Every drawing of a page (``context``) by its section and what it is of; not those inside tables.

    Several drawings of the same are told apart by the first words in which their titles differ.
    """
    groups: dict[str, list[str]] = {}
    for section, value in context.items():
        for of, svg in _drawings(value, section in _BY_MODEL):
            groups.setdefault("-".join(part for part in (_words(section), _words(of)) if part), []).append(svg)
    found: dict[str, str] = {}
    for start, drawings in groups.items():
        for end, svg in zip(_told_apart([_title(svg) for svg in drawings]), drawings, strict=True):
            name, number = f"{start}-{end}" if end else start, 2
            while name in found:
                name, number = f"{start}-{end or ''}{'-' if end else ''}{number}", number + 1
            found[name] = svg
    return found


def _words(text: str) -> str:
    """Words that can be typed, for the name of a file on every system."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    return "-".join(re.findall(r"\w+", plain))[:_LONGEST].strip("-_") or (slug(text) if text else "")


def _told_apart(titles: list[str]) -> list[str]:
    """As few words of each title as tell it from the others; none for one alone, the same for the same."""
    if len(titles) == 1:
        return [""]
    split = [re.findall(r"[a-z0-9]+", title.lower()) for title in titles]
    while min(map(len, split)) > 1 and len({words[0] for words in split}) == 1:
        split = [words[1:] for words in split]
    most = max(map(len, split))
    for count in range(1, most + 1):
        short = ["-".join(words[:count]) for words in split]
        if len(set(short)) == len(set(titles)):
            break
    return [words[:_LONGEST].strip("-") or "drawing" for words in short]


def _title(svg: str) -> str:
    return next((child.text or "" for child in ET.fromstring(svg) if child.tag.endswith("title")), "")


def _drawings(value: Any, named: bool = False, of: str = "") -> list[tuple[str, str]]:
    """Drawings, each with the model or result that it is of: the key above it (``named``), or a ``name`` beside it."""
    if isinstance(value, dict):
        of = value["name"] if isinstance(value.get("name"), str) else of
        return [one for key, inner in value.items() for one in _drawings(inner, False, str(key) if named else of)]
    if isinstance(value, (list, tuple)):
        return [one for inner in value for one in _drawings(inner, False, of)]
    return [(of, str(value))] if hasattr(value, "__html__") and _is_figure(str(value)) else []


def _is_figure(text: str) -> bool:
    found = re.match(r'<svg [^>]*viewBox="[\d.-]+ [\d.-]+ ([\d.]+) ([\d.]+)"', text)
    return found is not None and float(found[1]) >= _LEAST_WIDTH and float(found[2]) >= _LEAST_HEIGHT
