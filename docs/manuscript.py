"""A manuscript page of a study: figure, table, methods, results and references in one HTML file for the printer.

``python docs/manuscript.py STUDY OUTPUT.html [FIGURE ...]``; figures are those that ``mien figure STUDY`` lists.
"""

import csv
import sys
import tempfile
from html import escape
from pathlib import Path

import mien
from mien.report.paper.paper_table import PaperTable

STYLE = """body { font: 10.5pt/1.4 Georgia, serif; max-width: 17cm; margin: 0 auto; }
h2 { font-size: 12.5pt; break-after: avoid; } figure, table { break-inside: avoid; margin: 0.6cm 0; }
figcaption, caption { font-size: 9pt; text-align: left; } svg { max-width: 100%; max-height: 15cm; }
table { border-collapse: collapse; font-size: 9pt; border-top: 1px solid; border-bottom: 1px solid; }
th, td { padding: 2px 10px 2px 0; text-align: left; } thead { border-bottom: 1px solid; }
.references p { font-size: 9pt; }
@page { size: A4; margin: 22mm; }"""
# Columns of the table of scores that a paper shows.
SHOWN = ("result", "score", "value", "low", "high", "chance", "p")
MOST_ROWS = 14


def manuscript(study: str, names: list[str]) -> str:
    """The page as HTML."""
    shown = mien.figure(study, names or mien.figure(study)[:2], width="double")
    text = mien.methods_text(study)
    parts = [f"<figure>{shown.svg}<figcaption><b>Figure 1.</b> {escape(shown.caption)}</figcaption></figure>",
             _table(study)]  # fmt: skip
    for title, paragraphs in (("Methods", text.methods), ("Results", text.results)):
        parts.append(f"<h2>{title}</h2>")
        parts += [f"<p><b>{escape(heading)}.</b> {escape(words)}</p>" for heading, words in paragraphs]
    # Table 1 is that of the scores.
    parts += [_of_text(number, table) for number, table in enumerate(text.tables, 2)]
    parts.append('<h2>References</h2><div class="references">')
    parts += [f"<p>{escape(line)}</p>" for line in text.references]
    head = f'<meta charset="utf-8"><title>{escape(study)}</title><style>{STYLE}</style>'
    return f'<!DOCTYPE html><html lang="en"><head>{head}</head><body>{"".join(parts)}</div></body></html>'


def _table(study: str) -> str:
    with tempfile.TemporaryDirectory() as folder:
        mien.tables(study, folder)
        scores = Path(folder) / "models-scores.csv"
        if not scores.is_file():
            return ""
        with scores.open(encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file))
    columns = [name for name in SHOWN if name in rows[0]]
    head = "".join(f"<th>{escape(name)}</th>" for name in columns)
    body = "".join(
        f"<tr>{''.join(f'<td>{escape(_short(row[name]))}</td>' for name in columns)}</tr>" for row in rows[:MOST_ROWS]
    )
    more = f" The first {MOST_ROWS} of {len(rows)} rows." if len(rows) > MOST_ROWS else ""
    caption = (
        "<b>Table 1.</b> Scores of models on people held out of training; low and high: 95 % interval over people."
        + more
    )
    return f"<table><caption>{caption}</caption><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def _of_text(number: int, table: PaperTable) -> str:
    rows = "".join(f"<tr>{''.join(f'<td>{escape(cell)}</td>' for cell in row)}</tr>" for row in table.rows)
    head = "".join(f"<th>{escape(name)}</th>" for name in table.columns)
    caption = f"<caption><b>Table {number}.</b> {escape(table.caption)}</caption>"
    return f"<table>{caption}<thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>"


def _short(cell: str) -> str:
    try:
        return f"{float(cell):.3f}"
    except ValueError:
        return cell


if __name__ == "__main__":
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    try:
        made = manuscript(sys.argv[1], sys.argv[3:])
    except mien.MienError as error:
        sys.exit(str(error))
    Path(sys.argv[2]).write_text(made, encoding="utf-8")
