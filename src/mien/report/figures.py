"""The drawings of a report as files of their own, for print: SVG and PDF."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from collections.abc import Collection
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


def write_figures(context: dict[str, Any], folder: Path) -> list[Path]:
    """Every drawing of a page as SVG and PDF, named after its section and title; those of before go.

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
    """Every drawing of a page (``context``) by its section, what it is of, and its title; not those inside tables."""
    found: dict[str, str] = {}
    for section, value in context.items():
        for of, svg in _drawings(value, section in _BY_MODEL):
            found[_name("-".join(part for part in (section, slug(of)) if part), svg, found)] = svg
    return found


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


def _name(start: str, svg: str, taken: Collection[str]) -> str:
    title = next((child.text or "" for child in ET.fromstring(svg) if child.tag.endswith("title")), "")
    words = slug(title)[:60].strip("-") or "drawing"
    name, number = f"{start}-{words}", 2
    while name in taken:
        name, number = f"{start}-{words}-{number}", number + 1
    return name
