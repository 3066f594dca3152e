"""Write the data sets and the vocabulary into ``docs/datasets.md``: ``python docs/write_datasets.py``."""

from __future__ import annotations

from pathlib import Path

import mien
from mien.data.vocabulary import EXPRESSIONS

PAGE = Path(__file__).parent / "datasets.md"
START = "<!-- From here on written by docs/write_datasets.py. -->"


def cell(text: str) -> str:
    """Text that a table takes."""
    return text.replace("|", "\\|")


def written() -> str:
    """The part of the page that is made of the tables."""
    cards = [mien.datasets(row["name"])[0] for row in mien.datasets()]
    lines = [START, "", "## All in short", "", "| name | what it is | people | licence |", "| --- | --- | --- | --- |"]
    lines += [f"| `{c['name']}` | {cell(c['meaning'])} | {c['people']} | {cell(c['licence'])} |" for c in cards]
    lines += ["", "## The common words", "", "| common word | what data sets call it, too |", "| --- | --- |"]
    lines += [f"| {common} | {', '.join(words)} |" for common, words in EXPRESSIONS.items()]
    lines += ["", "## Each data set", ""]
    for card in cards:
        lines += [f"### {card['name']}", "", f"{card['title']}: {card['meaning']}.", "", "```", card["tree"], "```", ""]
        lines += [f"- People: {card['subjects']}", f"- Licence: {card['licence']}. {card['access']}"]
        lines += [f"- Cite: {card['citation']}"] if card["citation"] else []
        lines += [f"- The layout is from: {card['layout']}", ""]
    return "\n".join(lines).rstrip() + "\n"


if __name__ == "__main__":
    kept = PAGE.read_text(encoding="utf-8").partition(START)[0].rstrip()
    PAGE.write_text(f"{kept}\n\n{written()}", encoding="utf-8")
