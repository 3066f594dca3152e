"""What has to be cited: sources of methods, models and software as BibTeX, and how a text refers to them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from importlib.resources import files

# What is cited for a method of explanation, a kind of model, or a part of mien.
CITED: dict[str, tuple[str, ...]] = {
    "mien": ("mien",),
    "mediapipe-478": ("kartynnik2019", "grishchenko2020"),
    "detector": ("bazarevsky2019",),
    "intervals of shares": ("gaffke2005", "learnedmiller2019"),
    "intervals of scores": ("efron1982",),
    "expression": ("pedregosa2011",),
    "logistic": ("pedregosa2011",),
    "forest": ("breiman2001", "pedregosa2011"),
    "trees": ("ke2017",),
    "picture": ("tan2019", "pedregosa2011"),
    "picture-wide": ("tan2019", "pedregosa2011"),
    "texture": ("pedregosa2011",),
    "efdnn-lite": ("tan2019",),
    "landmark-rvfl": ("pao1994",),
    "landmark-esn": ("jaeger2004",),
    "landmark-gru": ("cho2014",),
    "landmark-lstm": ("hochreiter1997",),
    "series-gru": ("cho2014",),
    "torch": ("paszke2019",),
    "saliency": ("simonyan2014",),
    "input-x-gradient": ("shrikumar2016",),
    "integrated-gradients": ("sundararajan2017",),
    "gradient-shap": ("lundberg2017", "erion2021"),
    "deeplift": ("shrikumar2017",),
    "guided-backprop": ("springenberg2015",),
    "smoothgrad": ("smilkov2017",),
    "vargrad": ("adebayo2018",),
    "smoothed-sign": ("xiao2024",),
    "grad-cam": ("selvaraju2017",),
    "guided-grad-cam": ("selvaraju2017",),
    "grad-cam++": ("chattopadhay2018",),
    "hirescam": ("draelos2020",),
    "layercam": ("jiang2021",),
    "xgrad-cam": ("fu2020",),
    "eigen-cam": ("muhammad2020",),
    "score-cam": ("wang2020",),
    "ablation-cam": ("desai2020",),
    "occlusion": ("zeiler2014",),
    "leave-one-region-out": ("zeiler2014",),
    "rise": ("petsiuk2018",),
    "lime": ("ribeiro2016",),
    "kernel-shap": ("lundberg2017",),
    "permutation-shap": ("strumbelj2014",),
    "tree-shap": ("lundberg2020",),
    "pattern": ("haufe2014",),
    "p of scores": ("phipson2010", "bates2024"),
}
_ENTRY = re.compile(r"^@(\w+)\{(\w+), (.*)\}$")
_FIELD = re.compile(r"(\w+) = \{((?:[^{}]|\{[^{}]*\})*)\}")
_ACCENTS = {'{\\"a}': "ä", '{\\"e}': "ë", '{\\"o}': "ö", "{\\ss}": "ß", '{\\"u}': "ü", "{\\'e}": "é", "{\\v S}": "Š"}


class Citations:
    """Sources in the order in which a text first names them.

    Examples
    --------
    >>> cited = Citations()
    >>> cited("integrated-gradients"), cited("landmark-net")
    (' (Sundararajan et al., 2017)', '')
    >>> cited.references()[0][:51]
    'Sundararajan, Mukund, Taly, Ankur & Yan, Qiqi (2017'
    """

    def __init__(self) -> None:
        self.keys: list[str] = []

    def __call__(self, *names: str) -> str:
        """How a text refers to what is cited for some names, with a blank in front; ``''`` where nothing is."""
        keys = [key for name in names for key in CITED.get(name, ())]
        keys = list(dict.fromkeys(keys))
        self.keys += [key for key in keys if key not in self.keys]
        return f" ({'; '.join(map(short, keys))})" if keys else ""

    def bibtex(self) -> str:
        """The entries for a bibliography manager."""
        return "\n\n".join(entries()[key] for key in sorted(self.keys)) + "\n" if self.keys else ""

    def references(self) -> list[str]:
        """The entries as a list of references, in the order of the alphabet."""
        return sorted((reference(key) for key in self.keys), key=str.casefold)


@lru_cache(1)
def entries() -> dict[str, str]:
    """Every entry of ``sources.bib`` by its key."""
    text = files("mien.report.paper").joinpath("sources.bib").read_text(encoding="utf-8")
    found = (_ENTRY.match(line) for line in text.splitlines() if line.startswith("@"))
    return {entry[2]: entry[0] for entry in found if entry is not None}


def fields_of(key: str) -> dict[str, str]:
    """Fields of an entry, without braces."""
    entry = _ENTRY.match(entries()[key])
    if entry is None:
        return {}
    return {name: _plain(text) for name, text in _FIELD.findall(entry[3])}


def short(key: str) -> str:
    """``'Sundararajan et al., 2017'``."""
    found = fields_of(key)
    names = [name.partition(",")[0] for name in found["author"].split(" and ")]
    who = names[0] if len(names) == 1 else f"{names[0]} & {names[1]}" if len(names) == 2 else f"{names[0]} et al."
    return f"{who}, {found['year']}"


def reference(key: str) -> str:
    """An entry as one line of a list of references."""
    found = fields_of(key)
    names = found["author"].split(" and ")
    who = " & ".join([", ".join(names[:-1]), names[-1]]) if len(names) > 1 else names[0]
    if names[-1] == "others":
        who = f"{', '.join(names[:-1])}, et al."
    place = next((found[key] for key in ("journal", "booktitle", "series") if key in found), "")
    volume = "".join([found.get("volume", ""), f"({found['number']})" if "number" in found else ""])
    parts = [place, volume, found.get("pages", "").replace("--", "–")]
    link = (
        f" https://doi.org/{found['doi']}"
        if "doi" in found
        else f" arXiv:{found['eprint']}"
        if "eprint" in found
        else ""
    )
    where = ", ".join(part for part in parts if part)
    return f"{who} ({found['year']}). {found['title']}.{f' {where}.' if where else ''}{link}"


def _plain(text: str) -> str:
    for mark, letter in _ACCENTS.items():
        text = text.replace(mark, letter)
    return text.replace("{", "").replace("}", "")


def unknown(names: Iterable[str]) -> list[str]:
    """Names for which nothing is cited."""
    return [name for name in names if name not in CITED]
