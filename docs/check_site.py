"""Refuse a built site that is not whole or that looks elsewhere: ``python docs/check_site.py docs/_build/html``.

A browser must find everything that it loads by itself (scripts, styles, pictures, fonts) beside the page; links that a
reader clicks on may lead elsewhere. Links within the site must lead to a page and to a place on it that are there.
"""

from __future__ import annotations

import re
import sys
from collections import defaultdict
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

# Kinds of <link> that load something.
LOADING = {"stylesheet", "icon", "shortcut icon", "preload", "prefetch", "modulepreload", "preconnect", "dns-prefetch"}
ELSEWHERE = re.compile(r"^(?:[a-z]+:)?//", re.IGNORECASE)
IN_STYLES = re.compile(r"""(?:@import\s+|url\(\s*)["']?((?:https?:)?//[^"')\s]+)""", re.IGNORECASE)


class Page(HTMLParser):
    """What a page loads, where it leads to, and the places on it."""

    def __init__(self) -> None:
        super().__init__()
        self.loads: list[str] = []
        self.leads: list[str] = []
        self.places: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note addresses and ids."""
        has = {name: value or "" for name, value in attrs}
        self.places |= {has[name] for name in ("id", "name") if name in has}
        if tag == "a" and "href" in has:
            self.leads.append(has["href"])
        elif tag == "link" and has.get("rel", "").lower() in LOADING:
            self.loads.append(has.get("href", ""))
        elif tag not in ("a", "link"):
            self.loads += [has[name] for name in ("src", "data", "poster") if has.get(name)]
            self.loads += [part.split()[0] for part in has.get("srcset", "").split(",") if part.strip()]


def read(path: Path) -> Page:
    """A page of the site."""
    page = Page()
    page.feed(path.read_text(encoding="utf-8"))
    return page


def faults(site: Path) -> list[str]:
    """Sentences about what is loaded from elsewhere and about what leads nowhere."""
    # The theme's own templates lie among its files, and are no pages.
    pages = {path: read(path) for path in sorted(site.rglob("*.html")) if "_static" not in path.relative_to(site).parts}
    found: dict[str, list[str]] = defaultdict(list)
    for path, page in pages.items():
        for address in [*page.loads, *page.leads]:
            said = fault(site, path, address, pages, address in page.loads)
            if said:
                found[said].append(path.relative_to(site).as_posix())
    for path in sorted(site.rglob("*.css")):
        for address in IN_STYLES.findall(path.read_text(encoding="utf-8")):
            found[f"loads {address}"].append(path.relative_to(site).as_posix())
    return [f"{', '.join(where[:3])}{' and others' if len(where) > 3 else ''}: {said}" for said, where in found.items()]


def fault(site: Path, path: Path, address: str, pages: dict[Path, Page], loaded: bool) -> str:
    """What is wrong with an address on a page; empty: nothing."""
    if ELSEWHERE.match(address):
        return f"loads {address}" if loaded else ""
    parts = urlsplit(address)
    if parts.scheme:
        return ""
    there = (path.parent / unquote(parts.path)).resolve() if parts.path else path
    if not there.is_relative_to(site) or not there.exists():
        return f"{address} is not there"
    place = unquote(parts.fragment)
    if place and there in pages and place not in pages[there].places:
        return f"{address}: that place is not on the page"
    return ""


def main(site: Path) -> int:
    """Say what is wrong."""
    found = faults(site.resolve())
    print("\n".join(found) or f"{len(list(site.rglob('*.html')))} pages, which load nothing from elsewhere")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
