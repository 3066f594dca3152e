"""The drawings of a report as files of their own, for print: SVG and PDF."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from pathlib import Path
from typing import Any

from mien.explain.store import slug
from mien.report.draw.pdf import write_drawing

FIGURES = "figures"
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
    paths: list[Path] = []
    taken: set[str] = set()
    for section, value in context.items():
        for svg in _drawings(value):
            name = _name(section, svg, taken)
            paths += write_drawing(folder / name, svg)
    return paths


def _drawings(value: Any) -> list[str]:
    if isinstance(value, dict):
        return [svg for inner in value.values() for svg in _drawings(inner)]
    if isinstance(value, (list, tuple)):
        return [svg for inner in value for svg in _drawings(inner)]
    return [str(value)] if hasattr(value, "__html__") and _is_figure(str(value)) else []


def _is_figure(text: str) -> bool:
    found = re.match(r'<svg [^>]*viewBox="[\d.-]+ [\d.-]+ ([\d.]+) ([\d.]+)"', text)
    return found is not None and float(found[1]) >= _LEAST_WIDTH and float(found[2]) >= _LEAST_HEIGHT


def _name(section: str, svg: str, taken: set[str]) -> str:
    title = next((child.text or "" for child in ET.fromstring(svg) if child.tag.endswith("title")), "")
    words = slug(title)[:60].strip("-") or "drawing"
    name, number = f"{section}-{words}", 2
    while name in taken:
        name, number = f"{section}-{words}-{number}", number + 1
    taken.add(name)
    return name
