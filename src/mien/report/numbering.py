"""Numbers of a report's figures, and their captions for other places: codebooks, figures of a paper, checklists."""

from __future__ import annotations

import re
from dataclasses import dataclass
from html import unescape

# Everything that comes from data is escaped, so that these stand for our own elements; figures hold no figures.
_FIGURE = re.compile(r"<figure([^>]*)>(.*?)</figure>", re.DOTALL)
_CAPTION = re.compile(r"<figcaption>(.*?)</figcaption>", re.DOTALL)
_SECTION = re.compile(r'<section id="([^"]+)"><h2>(.*?)</h2>')
_TAG = re.compile(r"<[^>]+>")


@dataclass(frozen=True)
class NumberedFigure:
    """A figure of a report.

    Attributes
    ----------
    number : int
        From 1, in the order of the page.
    caption : str
        As plain text.
    section : str
        Anchor of its section, such as ``'models'``.
    heading : str
        Heading of its section.
    content : str
        What it shows, as HTML.
    """

    number: int
    caption: str
    section: str
    heading: str
    content: str

    @property
    def name(self) -> str:
        """``'Figure 3'``."""
        return f"Figure {self.number}"


def numbered(page: str) -> tuple[str, list[NumberedFigure]]:
    """A page whose figures with captions have numbers and anchors (``figure-3``), and these figures.

    Parameters
    ----------
    page : str
        HTML as the report's templates write it.

    Returns
    -------
    page : str
    figures : list of NumberedFigure

    Examples
    --------
    >>> page, figures = numbered('<figure><svg></svg><figcaption>Shares.</figcaption></figure>')
    >>> page
    '<figure id="figure-1"><svg></svg><p class="number">Figure 1</p><figcaption>Shares.</figcaption></figure>'
    >>> figures[0].name, figures[0].caption
    ('Figure 1', 'Shares.')
    """
    found: list[NumberedFigure] = []
    sections = [(one.start(), one[1], plain(one[2])) for one in _SECTION.finditer(page)]

    def one(match: re.Match[str]) -> str:
        caption = _CAPTION.search(match[2])
        if caption is None:
            return match[0]
        own = [known for known in sections if known[0] < match.start()]
        _, section, heading = own[-1] if own else (0, "", "")
        content = _CAPTION.sub("", match[2])
        figure = NumberedFigure(len(found) + 1, plain(caption[1]), section, heading, content)
        found.append(figure)
        number = f'<p class="number">{figure.name}</p>'
        inside = f"{match[2][: caption.start()]}{number}{match[2][caption.start() :]}"
        return f'<figure id="figure-{figure.number}"{match[1]}>{inside}</figure>'

    return _FIGURE.sub(one, page), found


def plain(html: str) -> str:
    """Text of a piece of HTML, without tags and in one line."""
    return " ".join(unescape(_TAG.sub("", html)).split())


def figure_of(drawing: str, figures: list[NumberedFigure]) -> NumberedFigure | None:
    """The figure in which a drawing (SVG) stands; None where there is none."""
    return next((figure for figure in figures if drawing in figure.content), None)
