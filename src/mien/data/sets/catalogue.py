"""The data sets that mien knows by name: where they lie, and what reads their samples, landmarks and ratings."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from mien.core.errors import InputError
from mien.core.registry import Row
from mien.core.samples import Samples


@dataclass(frozen=True)
class DataSet(Row[Samples]):
    """A data set; its home takes its folder and gives its samples. Without a home the folder holds ``samples.csv``.

    Attributes
    ----------
    folder : str
        Where it lies below the data folder.
    faces : str
        ``'module:function'`` of what takes its folder and gives the landmarks that come with it; ``''`` for none.
    ratings : str
        The same of its single ratings.
    patterns : str
        The same of a scanner's answers to categories.
    fixations : str
        The same of where viewers looked.
    """

    folder: str = ""
    faces: str = ""
    ratings: str = ""
    patterns: str = ""
    fixations: str = ""

    kind: ClassVar[str] = "data set"
    room: ClassVar[str] = "mien.data.sets."
    n_given: ClassVar[int] = 1

    def place(self, given: str = "") -> Path:
        """Its folder: the one given, else that in the data folder."""
        return Path(given).expanduser() if given else data_root() / self.folder


SETS: dict[str, DataSet] = {
    row.name: row
    for row in (
        DataSet("london", "london:london", "neutral and smiling pictures of 102 adults; attractiveness",
                "DeBruine & Jones 2017", folder="london", ratings="london:london_ratings"),
        DataSet("omi", "omi:omi", "1,004 synthetic faces with 18 mean impressions", "Peterson et al. 2022",
                folder="noncommercial/omi", ratings="omi:omi_ratings"),
        DataSet("buhmap", "buhmap:buhmap", "440 clips of 11 people, 8 expressions and head gestures, as landmarks",
                "Porta-Lorenzo et al. 2022", folder="buhmap", faces="buhmap:buhmap_faces"),
        DataSet("haxby", "haxby:haxby", "one slice of one viewer's brain, 12 runs, eight categories of pictures",
                "Haxby et al. 2001", folder="haxby", patterns="haxby:haxby_patterns"),
        DataSet("osie", "osie:osie", "where 15 viewers looked on 700 pictures (the photos are not there)",
                "Xu et al. 2014", folder="osie", fixations="osie:osie_fixations"),
        DataSet("us-adult-faces", "us_adult_faces:us_adult_faces", "pictures of adults: memorability, attributes",
                "Bainbridge, Isola & Oliva 2013", folder="us-adult-faces",
                ratings="us_adult_faces:us_adult_faces_ratings"),
        # As they are given out: 'name:PATH', wherever PATH is; cards.toml says what has to be known of each.
        DataSet("ck+", "ck_plus:ck_plus", "posed expressions of 123 people: neutral and peak frames",
                "Lucey et al. 2010", folder="ck+"),
        DataSet("bu-4dfe", "by_names:bu_4dfe", "six posed expressions of 101 people: neutral and middle frames",
                "Yin et al. 2008", folder="bu-4dfe"),
        DataSet("jaffe", "by_names:jaffe", "seven posed expressions of 10 Japanese women", "Lyons et al. 1998",
                folder="jaffe"),
        DataSet("wsefep", "wsefep:wsefep", "seven expressions of 30 people, with judges' agreement",
                "Olszanowski et al. 2015", folder="wsefep"),
        DataSet("fega", "by_names:fega", "seven posed expressions of 51 people", "Ramis et al. 2022", folder="fega"),
        DataSet("kdef", "by_names:kdef", "seven posed expressions of 70 people from five angles",
                "Lundqvist, Flykt & Öhman 1998", folder="kdef"),
        DataSet("raf-db", "raf_db:raf_db", "pictures from the web, seven expressions by raters",
                "Li, Deng & Du 2017", folder="raf-db"),
        DataSet("affectnet", "affectnet:affectnet", "pictures from the web, eight expressions, valence, arousal",
                "Mollahosseini, Hasani & Mahoor 2019", folder="affectnet"),
        DataSet("fer2013", "fer2013:fer2013", "small grey pictures from the web, seven expressions",
                "Goodfellow et al. 2013", folder="fer2013"),
        DataSet("ravdess", "by_names:ravdess", "films of 24 actors who speak and sing, eight expressions",
                "Livingstone & Russo 2018", folder="ravdess"),
        DataSet("crema-d", "by_names:crema_d", "films of 91 actors who speak, six expressions", "Cao et al. 2014",
                folder="crema-d"),
        DataSet("aff-wild2", "aff_wild2:aff_wild2", "frames of films from the web, an expression for each",
                "Kollias & Zafeiriou 2019", folder="aff-wild2"),
        DataSet("afew", "afew:afew", "clips from feature films, seven expressions", "Dhall et al. 2012",
                folder="afew"),
        DataSet("muderi", "by_names:muderi", "recordings of 12 people with intellectual disability",
                "Shukla et al. 2016", folder="muderi"),
        DataSet("objects", "objects:objects", "870 drawn objects, animals, animal faces and faces, by category",
                "Microsoft, Fluent Emoji", folder="objects"),
        DataSet("synthetic", "", "made-up people, as mien synthesize writes them", folder="synthetic"),
    )
}  # fmt: skip


def set_of(spec: str | Path) -> tuple[DataSet | None, str]:
    """The data set that a text such as ``'london'`` or ``'omi:PATH'`` names (None for none), and the path behind it."""
    name, colon, place = str(spec).partition(":")
    # Before a colon 'JAFFE' can be nothing else; without one it may be a folder.
    name = name.lower() if colon else name
    return (SETS[name], place) if name in SETS and not isinstance(spec, Path) else (None, str(spec))


def data_root() -> Path:
    """Folder of the data sets: ``MIEN_DATA``, by default ``../shared/data`` beside the checkout or work folder."""
    given = os.environ.get("MIEN_DATA")
    if given:
        return Path(given).expanduser()
    beside = [base.parent / "shared" / "data" for base in (Path(__file__).resolve().parents[3], Path.cwd())]
    return next((path for path in beside if path.is_dir()), beside[-1])


def part(folder: Path, name: str, dataset: str) -> Path:
    """A file of a data set.

    Raises
    ------
    InputError
        If it is not there.
    """
    path = folder / name
    if not path.is_file():
        where = "does not exist" if not folder.is_dir() else f"has no {name}"
        raise InputError(
            f"The data set '{dataset}' is not here: {folder} {where}. Set MIEN_DATA to the folder of the data sets, "
            f"or give the place as '{dataset}:PATH'."
        )
    return path
