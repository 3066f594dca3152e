"""Maps of pictures from evidence, files and arrays, carried to whole pictures and onto the grids of their cells."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from mien.compare.gaze.grids import Grid, on_grid
from mien.core.errors import InputError
from mien.core.evidence import SIGN_IS_DIRECTION, Evidence
from mien.core.extras import require
from mien.core.features import PICTURE
from mien.core.paths import Tails
from mien.core.placing import place_of
from mien.data.media.pictures import read_picture
from mien.explain.store import load_evidence

ABSOLUTE, POSITIVE, NEGATIVE = "absolute", "positive", "negative"
# What became of a picture's map.
OK, NO_MAP, OTHER_SHAPE, NOT_FINITE, EMPTY, NOT_USABLE = (
    "ok", "no map", "another shape than the picture", "not finite", "all zero", "no usable evidence",
)  # fmt: skip
# Sides of a map may be in another proportion than those of its picture by so much, as sizes are whole numbers.
_PROPORTION = 0.01
_FILES = (".png", ".npy")


@dataclass(frozen=True, eq=False)
class GivenMaps:
    """Maps of one kind, by the names of the pictures as they were given.

    Attributes
    ----------
    name : str
    load : mapping of str to callable
        Gives the map of a picture, shape (height, width), or the status that says why there is none.
    parts : tuple of str
        Which parts are scored: ``'absolute'``, and where the sign means for and against ``'positive'`` and
        ``'negative'``; ``()`` where the values have to say.
    about : str
        What the maps are, for people.
    """

    name: str
    load: Mapping[str, Callable[[], np.ndarray | str]]
    parts: tuple[str, ...]
    about: str = ""


@dataclass(frozen=True, eq=False)
class GridMaps:
    """Maps on the grids of pictures.

    Attributes
    ----------
    name, about : str
    parts : tuple of str
    positive, negative : dict of int to ndarray, shape (cells,)
        Amount of each sign, by the number of the picture.
    status : tuple of str
        Of each picture.
    """

    name: str
    about: str
    parts: tuple[str, ...]
    positive: dict[int, np.ndarray]
    negative: dict[int, np.ndarray]
    status: tuple[str, ...]

    def of(self, number: int) -> list[np.ndarray]:
        """The parts of a picture's map, in order, without negative values."""
        plus, minus = self.positive[number], self.negative[number]
        return [{ABSOLUTE: plus + minus, POSITIVE: plus, NEGATIVE: minus}[part] for part in self.parts]


def given_maps(spec: Any) -> list[GivenMaps]:
    """Maps from whatever was given.

    Parameters
    ----------
    spec : Evidence, path, mapping, or several of them
        Evidence about pictures, or its folder; a folder of PNG or NPY files, or a ``.safetensors`` file, with one map
        for each picture, called like it; a mapping of pictures to arrays. A path may be written ``'NAME=PATH'``; a
        mapping of names to mappings gives several.

    Raises
    ------
    InputError
        If one cannot be read, or two have one name.
    """
    one = isinstance(spec, (Evidence, str, Path, Mapping))
    result: list[GivenMaps] = []
    for number, item in enumerate([spec] if one else list(spec), 1):
        if isinstance(item, Mapping) and item and all(isinstance(inner, Mapping) for inner in item.values()):
            result += [_arrays(str(name), inner) for name, inner in item.items()]
        else:
            result.append(_given(item, number))
    names = [found.name for found in result]
    twice = next((name for name in names if names.count(name) > 1), "")
    if twice:
        raise InputError(f"Two maps are called '{twice}'; give them names of their own: --maps NAME=PATH.")
    return result


def _given(item: Any, number: int) -> GivenMaps:
    if isinstance(item, Evidence):
        return _evidence(f"{item.method} of {item.target}", item)
    if isinstance(item, Mapping):
        return _arrays(f"maps {number}", item)
    if not isinstance(item, (str, Path)) or not str(item).strip():
        raise InputError(f"maps are evidence, folders or arrays by picture, but got {type(item).__name__}.")
    text = str(item)
    name, sign, place = text.partition("=")
    # A path may hold the sign itself.
    named = bool(sign) and not Path(text).exists()
    path = Path(place if named else text).expanduser()
    name = name.strip() if named else ""
    if path.suffix == ".safetensors" and path.is_file():
        try:
            arrays = require("safetensors.numpy", "Reading maps", "learn").load_file(path)
        except Exception as error:
            raise InputError(f"{path} is no readable safetensors file ({error}).") from error
        return _arrays(name or path.stem, arrays)
    if not path.is_dir():
        raise InputError(f"{path} is neither a folder of evidence or of maps (PNG, NPY) nor a .safetensors file.")
    files = {p.relative_to(path).as_posix(): p for p in sorted(path.rglob("*")) if p.suffix.lower() in _FILES}
    if (path / "evidence.json").is_file() or not files:
        return _evidence(name or _called(path), load_evidence(path))
    load = {inside: (lambda p=file: _read(p)) for inside, file in files.items()}
    return GivenMaps(name or path.name, load, (), f"{len(files)} files in {path.name}")


def _called(path: Path) -> str:
    """Evidence by its model, method and target, as its folder has them."""
    parts = path.absolute().parts
    return "/".join(parts[-3:]) if "evidence" in parts[:-3] else path.name


def _read(path: Path) -> np.ndarray:
    if path.suffix.lower() == ".png":
        return np.asarray(read_picture(path), dtype=np.float64).mean(axis=2)
    try:
        return np.asarray(np.load(path, allow_pickle=False), dtype=np.float64)
    except (ValueError, OSError, EOFError) as error:
        raise InputError(f"{path} is no readable array ({error}).") from error


def _arrays(name: str, arrays: Mapping[str, Any]) -> GivenMaps:
    load = {str(picture): (lambda a=array: np.asarray(a, dtype=np.float64)) for picture, array in arrays.items()}
    return GivenMaps(name, load, (), f"{len(load)} arrays")


def _evidence(name: str, evidence: Evidence) -> GivenMaps:
    if evidence.space != PICTURE:
        raise InputError(
            f"{name}: fixations are on pictures, but this evidence is about {evidence.space}. Explain a picture model, "
            "or a landmark model through='landmarker'."
        )
    directed = bool(evidence.settings.get(SIGN_IS_DIRECTION, True))
    load = {str(sample): (lambda row=row: _of_evidence(evidence, row)) for row, sample in enumerate(evidence.sample)}
    about = f"{evidence.method} for '{evidence.target}'"
    return GivenMaps(name, load, (ABSOLUTE, POSITIVE, NEGATIVE) if directed else (ABSOLUTE,), about)


def _of_evidence(evidence: Evidence, row: int) -> np.ndarray | str:
    """A sample's evidence in its photo; where nothing was cut out of one, over the whole picture."""
    if not evidence.ok[row]:
        return NOT_USABLE
    try:
        place_of(evidence.columns, row)
    except InputError:
        if "photo width px" in evidence.columns:
            return NOT_USABLE
        return np.asarray(evidence.values[row], dtype=np.float64).sum(axis=0)
    return np.asarray(evidence.on_photo(row), dtype=np.float64).sum(axis=0)


def map_of(load: Callable[[], np.ndarray | str] | None, size: tuple[int, int]) -> np.ndarray | str:
    """A map that lies over a whole picture of this width and height, or the status that says why there is none."""
    if load is None:
        return NO_MAP
    found = load()
    if isinstance(found, str):
        return found
    found = found[0] if found.ndim == 3 and len(found) == 1 else found
    if (
        found.ndim != 2
        or not found.size
        or abs(found.shape[1] / found.shape[0] / (size[0] / size[1]) - 1) > _PROPORTION
    ):
        return OTHER_SHAPE
    if not np.isfinite(found).all():
        return NOT_FINITE
    return found if found.any() else EMPTY


def matched(given: GivenMaps, names: Iterable[str]) -> dict[str, Callable[[], np.ndarray | str]]:
    """What loads the map of each picture: called like the picture, its file or its stem."""
    tails = Tails(given.load, f"maps of {given.name}")
    stems: dict[str, list[str]] = {}
    for name in given.load:
        stems.setdefault(Path(name).stem, []).append(name)
    result = {}
    for name in names:
        found = tails.find(name)
        same = stems.get(Path(name).stem, [])
        if found is None and len(same) == 1:
            found = same[0]
        if found is not None:
            result[name] = given.load[found]
    return result


def grid_maps(given: GivenMaps, names: Sequence[str], grids: Sequence[Grid], smooth_px: Sequence[float]) -> GridMaps:
    """The maps of all pictures on their grids.

    Parameters
    ----------
    given : GivenMaps
    names : sequence of str
    grids : sequence of Grid
        One for each picture.
    smooth_px : sequence of float
        Standard deviation of a Gaussian that smooths each map, in pixels of the picture; 0 for none.
    """
    loads = matched(given, names)
    positive: dict[int, np.ndarray] = {}
    negative: dict[int, np.ndarray] = {}
    status = []
    for number, (name, grid, sigma) in enumerate(zip(names, grids, smooth_px, strict=True)):
        found = map_of(loads.get(name), (grid.width, grid.height))
        status.append(found if isinstance(found, str) else OK)
        if isinstance(found, str):
            continue
        for kept, half in ((positive, np.maximum(found, 0.0)), (negative, np.maximum(-found, 0.0))):
            cells = on_grid(half, grid)
            if sigma:
                spread = sigma * grid.columns / grid.width
                cells = cv2.GaussianBlur(cells.reshape(grid.rows, grid.columns), (0, 0), spread).ravel()
            kept[number] = cells.astype(np.float32)
    parts = given.parts
    if not parts:
        both = any(half.any() for half in negative.values())
        parts = (ABSOLUTE, POSITIVE, NEGATIVE) if both else (ABSOLUTE,)
    return GridMaps(given.name, given.about, parts, positive, negative, tuple(status))
