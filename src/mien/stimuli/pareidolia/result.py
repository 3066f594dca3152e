"""A set of made-up pareidolia: pictures, where their parts lie, and paired tests of what should not differ."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from mien.core.brief import brief
from mien.core.errors import InputError
from mien.core.files import read_json, write_json, write_text
from mien.core.in_notebooks import InNotebooks
from mien.core.results import MISFIT, number
from mien.core.samples import Samples
from mien.data.stimuli import PAREIDOLIA_FILE
from mien.stimuli.differences import Difference, differences
from mien.stimuli.pareidolia.arrangement import mean_distance
from mien.stimuli.result import SAMPLES_FILE, as_csv, difference_of
from mien.stimuli.statistics import STATISTICS

UPRIGHT, INVERTED = "upright", "inverted"
PARTS_FILE, PICTURES_FILE = "parts.csv", "pictures.csv"
POSITIONS = ("distance of parts", "spread of parts", "height of parts")
_FORMAT = "mien pareidolia 1"


@dataclass(frozen=True)
class PlacedPart:
    """Where a part lies, in whole pixels; x1 and y1 are the first that are no longer its own.

    Attributes
    ----------
    name : str
        ``'eye 1'``, ``'eye 2'``, ``'mouth'`` or ``'nose'``: what it is in the face, whatever it is drawn as.
    x0, y0, x1, y1 : int
    """

    name: str
    x0: int
    y0: int
    x1: int
    y1: int


@dataclass(frozen=True)
class PareidoliaPicture:
    """One picture of a pair.

    Attributes
    ----------
    path : str
        Below the set's folder.
    category : str
        ``'made-up pareidolia'`` or ``'scrambled parts'``.
    orientation : str
        ``'upright'`` or ``'inverted'``.
    pair : str
        ``'pair 1'`` and so on; the four pictures of a pair show the same parts on the same object.
    source, made_from : str
        The object and its picture.
    centre : (float, float)
        Of the arrangement, in pixels.
    radius : float
        Unit of the arrangement, in pixels.
    parts : tuple of PlacedPart
    statistics : dict of str to float
        See ``mien.stimuli.statistics``.
    """

    path: str
    category: str
    orientation: str
    pair: str
    source: str
    made_from: str
    centre: tuple[float, float]
    radius: float
    parts: tuple[PlacedPart, ...]
    statistics: dict[str, float]

    def positions(self) -> tuple[float, float, float]:
        """Mean distance of the parts from the arrangement's centre, the root of their mean squared distance from their
        own middle, and that middle's height.

        Returns
        -------
        (float, float, float)
            In units of the radius; the parts weigh by their area.
        """
        boxes = np.array([(part.x0, part.y0, part.x1, part.y1) for part in self.parts], dtype=np.float64)
        size = boxes[:, 2:] - boxes[:, :2]
        places = ((boxes[:, :2] + boxes[:, 2:]) / 2 - self.centre) / self.radius
        area = size.prod(axis=1)
        middle = np.average(places, axis=0, weights=area)
        squared = np.average(((places - middle) ** 2).sum(axis=1), weights=area)
        return float(mean_distance(places, area)), float(np.sqrt(squared)), float(-middle[1])


@dataclass(frozen=True)
class PareidoliaSet(InNotebooks):
    """Pairs of pictures that differ in the arrangement of their parts.

    Attributes
    ----------
    folder : Path
    name, licence, credit : str
        Of the pictures that they were made of.
    synthetic : bool
    pictures : tuple of PareidoliaPicture
    differences : tuple of Difference
        Paired tests of low-level statistics and positions between the categories, upright.
    settings : dict
        With ``left_out``: why objects were passed over, and how many.
    notes : tuple of str
    """

    __repr__ = brief

    folder: Path
    name: str
    licence: str
    credit: str
    synthetic: bool
    pictures: tuple[PareidoliaPicture, ...]
    differences: tuple[Difference, ...]
    settings: dict[str, Any]
    notes: tuple[str, ...] = ()

    @property
    def licence_line(self) -> str:
        """Licence and credit, as they stand beside every picture that is shown."""
        return "; ".join(part for part in (self.licence, f"altered: {self.credit}" if self.credit else "") if part)

    def samples(self) -> Samples:
        """The pictures, as ``mien.read_stimuli`` reads them.

        Returns
        -------
        Samples
            Labels ``category``, ``orientation``, ``pair`` and ``made_from``; ``subject`` is the object.
        """
        column = {
            name: np.array([getattr(picture, name) for picture in self.pictures], dtype=object)
            for name in ("path", "source", "category", "orientation", "pair", "made_from")
        }
        labels = {name: column[name] for name in ("category", "orientation", "pair", "made_from")}
        return Samples(
            path=column["path"],
            subject=column["source"],
            labels=labels,
            root=self.folder.resolve(),
            name=self.name,
            licence=self.licence,
            credit=self.credit,
            notes=self.notes,
            synthetic=self.synthetic,
            things=True,
        )

    def write(self) -> None:
        """Write the tables and ``pareidolia.json`` into the folder; the pictures are there."""
        columns = ("path", "category", "source", "orientation", "pair", "made_from")
        rows = [{name: getattr(picture, name) for name in columns} for picture in self.pictures]
        listed = [{**row, "licence": self.licence_line} for row in rows]
        write_text(self.folder / SAMPLES_FILE, as_csv(listed, (*columns, "licence")))
        parts = [{"path": p.path, **asdict(part)} for p in self.pictures for part in p.parts]
        parts = [{"part": row.pop("name"), **row} for row in parts]
        write_text(self.folder / PARTS_FILE, as_csv(parts, ("path", "part", "x0", "y0", "x1", "y1")))
        seen = [
            {**row, **dict(zip(POSITIONS, picture.positions(), strict=True)), **picture.statistics}
            for row, picture in zip(rows, self.pictures, strict=True)
        ]
        write_text(self.folder / PICTURES_FILE, as_csv(seen, (*columns, *POSITIONS, *STATISTICS)))
        facts = {key: value for key, value in asdict(self).items() if key != "folder"}
        write_json(self.folder / PAREIDOLIA_FILE, {"format": _FORMAT, **facts})


def paired_differences(
    pictures: Sequence[PareidoliaPicture], *, n_permutations: int = 2000, seed: int = 0
) -> list[Difference]:
    """Paired tests between the two categories over pairs of upright pictures.

    Objects come in several pairs with parts of their own; the parts' places are drawn anew for each, so pairs are the
    unit here.
    """
    shown = [picture for picture in pictures if picture.orientation == UPRIGHT]
    values = np.array([[*p.positions(), *(p.statistics[name] for name in STATISTICS)] for p in shown])
    category = np.array([picture.category for picture in shown], dtype=object)
    pair = np.array([picture.pair for picture in shown], dtype=object)
    return differences(values, (*POSITIONS, *STATISTICS), category, pair, between=",".join(dict.fromkeys(category)),
                       alteration=UPRIGHT, n_permutations=n_permutations, seed=seed)  # fmt: skip


def load_pareidolia(folder: str | Path) -> PareidoliaSet:
    """Read what ``mien.pareidolia`` wrote.

    Parameters
    ----------
    folder : str or Path

    Returns
    -------
    PareidoliaSet

    Raises
    ------
    InputError
        If there is no ``pareidolia.json``, or it is damaged or laid out otherwise.

    Examples
    --------
    >>> import mien
    >>> from PIL import Image, ImageDraw
    >>> box = Image.new("RGB", (96, 96), "white")
    >>> ImageDraw.Draw(box).rectangle((8, 8, 88, 88), fill=(200, 120, 60))
    >>> box.save("box.png")
    >>> objects = mien.Samples(path=["box.png"], subject=["box"], labels={"category": ["thing"]}, things=True)
    >>> made = mien.pareidolia(objects, "faces", pairs=1)
    >>> mien.load_pareidolia("faces").pictures == made.pictures
    True
    """
    path = Path(folder) / PAREIDOLIA_FILE
    found = read_json(path)
    try:
        if found["format"] != _FORMAT:
            raise ValueError
        return PareidoliaSet(
            folder=Path(folder),
            name=str(found["name"]),
            licence=str(found["licence"]),
            credit=str(found["credit"]),
            synthetic=bool(found["synthetic"]),
            pictures=tuple(_picture(row) for row in found["pictures"]),
            differences=tuple(difference_of(row) for row in found["differences"]),
            settings=dict(found["settings"]),
            notes=tuple(found["notes"]),
        )
    except MISFIT as error:
        raise InputError(
            f"{path} is not laid out as mien pareidolia writes it ({error or 'another format'}); make the set again."
        ) from error


def _picture(row: dict[str, Any]) -> PareidoliaPicture:
    x, y = row["centre"]
    return PareidoliaPicture(**{
        **row, "centre": (number(x), number(y)), "parts": tuple(PlacedPart(**part) for part in row["parts"]),
        "statistics": {key: number(value) for key, value in row["statistics"].items()},
    })  # fmt: skip
