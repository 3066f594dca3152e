"""A table of the text for a paper, as Markdown and in a word processor."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class PaperTable:
    """A table with a caption.

    Attributes
    ----------
    caption : str
        What is shown and how to read it.
    columns : tuple of str
    rows : tuple of tuple of str
        One text per column.
    """

    caption: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]

    def markdown(self, number: int) -> list[str]:
        """Lines of the table with its number.

        Parameters
        ----------
        number : int
            From 1.
        """
        lines = [self.columns, ("---",) * len(self.columns), *self.rows]
        table = ["| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines]
        return [f"**Table {number}.** {self.caption}", "", *table, ""]

    def write_word(self, document: Any, number: int) -> None:
        """Add the table to a document of python-docx.

        Parameters
        ----------
        document : docx.document.Document
        number : int
            From 1.
        """
        caption = document.add_paragraph()
        caption.add_run(f"Table {number}. ").bold = True
        caption.add_run(self.caption)
        table = document.add_table(rows=1 + len(self.rows), cols=len(self.columns), style="Table Grid")
        for line, texts in zip(table.rows, (self.columns, *self.rows), strict=True):
            for cell, text in zip(line.cells, texts, strict=True):
                cell.text = text
        document.add_paragraph()
