"""Evidence of decoders of a brain; on disk ``brain.json``, ``brain.safetensors`` and a NIfTI volume of each map."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_type_hints

import numpy as np

from mien.core.brain_space import BrainSpace
from mien.core.brief import brief
from mien.core.errors import InputError
from mien.core.extras import require
from mien.core.in_notebooks import InNotebooks
from mien.core.results import number
from mien.data.result_files import ResultFiles
from mien.decoding.evidence.maps import BrainMap
from mien.decoding.evidence.overlap import Overlap
from mien.decoding.evidence.volumes import volumes

if TYPE_CHECKING:
    import pandas as pd

FACTS, ARRAYS = "brain.json", "brain.safetensors"
_PLACE = ("affine", "voxels", "column", "centres_mm")
_FILES = ResultFiles(
    "mien brain-evidence", "mien brain evidence 1", FACTS, {"arrays": ARRAYS}, ("*.nii.gz", "*.svg", "*_glass.png")
)


@dataclass(frozen=True, eq=False)
class BrainEvidence(InNotebooks):
    """What decoders of a brain rest on.

    Attributes
    ----------
    space : BrainSpace
        Of the columns.
    maps : tuple of BrainMap
    overlaps : tuple of Overlap
        Of the first columns of each pair of targets.
    unit : str
        ``'viewers'`` or ``'runs'``: what intervals are over.
    units : tuple of str
        Their names, in the order of the maps' rows.
    correlated : ndarray of float64, shape (columns,)
        Largest absolute correlation of each column with another one in the training rows.
    settings : dict
    notes : tuple of str

    Raises
    ------
    InputError
        If a map has other columns or units.
    """

    __repr__ = brief

    space: BrainSpace
    maps: tuple[BrainMap, ...]
    overlaps: tuple[Overlap, ...]
    unit: str
    units: tuple[str, ...]
    correlated: np.ndarray
    settings: dict[str, Any] = field(default_factory=dict)
    notes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for found in self.maps:
            if found.values.shape != (len(self.units), len(self.space)):
                raise InputError(
                    f"The map of '{found.target}' has the shape {found.values.shape}, but there are {len(self.units)} "
                    f"{self.unit} and {len(self.space)} columns."
                )

    @property
    def targets(self) -> tuple[str, ...]:
        """What was decoded."""
        return tuple(dict.fromkeys(found.target for found in self.maps))

    def map(self, target: str, measure: str, method: str = "") -> BrainMap:
        """One map.

        Parameters
        ----------
        target, measure : str
        method : str
            ``''``: the first.

        Raises
        ------
        InputError
            If there is none.
        """
        for found in self.maps:
            if (found.target, found.measure) == (target, measure) and method in ("", found.method):
                return found
        have = ", ".join(f"{found.target}: {found.measure}" for found in self.maps)
        raise InputError(f"There is no map '{measure}' of '{target}'; there are {have or 'none'}.")

    @property
    def table(self) -> pd.DataFrame:
        """A row for each column of each map, with its mean, interval, p and q."""
        pandas = require("pandas", "Tables", "learn")
        parts = []
        for found in self.maps:
            mean, low, high = found.interval
            above = found.above_shuffled[0]
            facts = {"target": found.target, "method": found.method, "measure": found.measure}
            centres = dict(zip(("x_mm", "y_mm", "z_mm"), self.space.centres_mm.T, strict=True))
            parts.append(
                pandas.DataFrame(
                    {**facts, "column": self.space.names, "mean": mean, "low": low, "high": high, "p": found.p,
                     "q": found.q, "above_shuffled": above, "correlated": self.correlated, **centres}
                )
            )  # fmt: skip
        result: pd.DataFrame = pandas.concat(parts, ignore_index=True)
        return result

    def write(self, folder: str | Path) -> Path:
        """Write ``brain.json``, ``brain.safetensors`` and, where columns have a place, a volume of each map."""
        arrays = {"correlated": self.correlated, **{name: getattr(self.space, name) for name in _PLACE}}
        for place, one in enumerate(self.maps):
            arrays[f"values {place}"] = one.values
            if one.shuffled.size:
                arrays[f"shuffled {place}"] = one.shuffled
        files = volumes(self.maps, self.space) if self.space.has_grid else {}
        facts = {
            "unit": self.unit, "units": list(self.units), "settings": self.settings, "notes": list(self.notes),
            "overlaps": [asdict(one) for one in self.overlaps],
            "space": {"names": self.space.names.tolist(), "unit": self.space.unit, "shape": list(self.space.shape)},
            "maps": [
                {"target": one.target, "method": one.method, "measure": one.measure, "volume": file}
                for one, file in zip(self.maps, files or [""] * len(self.maps), strict=True)
            ],
        }  # fmt: skip
        return _FILES.write(folder, facts, {"arrays": arrays}, files)


def load_brain_evidence(folder: str | Path) -> BrainEvidence:
    """Read what ``mien brain-evidence`` wrote.

    Parameters
    ----------
    folder : path

    Returns
    -------
    BrainEvidence

    Raises
    ------
    InputError
        If a file is missing or damaged.

    Examples
    --------
    >>> import mien
    >>> mien.load_brain_evidence("nowhere")
    Traceback (most recent call last):
    ...
    mien.core.errors.InputError: nowhere holds no brain.json; 'mien brain-evidence' writes it.
    """
    return _FILES.read(folder, _result)


def _result(facts: dict[str, Any], parts: dict[str, Any]) -> BrainEvidence:
    arrays, space, unit = parts["arrays"], facts["space"], str(facts["unit"])
    place = {name: arrays[name] for name in _PLACE}
    return BrainEvidence(
        BrainSpace(np.array(space["names"], dtype=object), str(space["unit"]), tuple(space["shape"]), **place),
        tuple(
            BrainMap(
                str(one["target"]), str(one["method"]), str(one["measure"]), arrays[f"values {number}"],
                arrays.get(f"shuffled {number}", np.zeros((0, 0))), unit,
            )
            for number, one in enumerate(facts["maps"])
        ),
        tuple(_overlap(one) for one in facts["overlaps"]), unit, tuple(map(str, facts["units"])),
        arrays["correlated"], dict(facts["settings"]), tuple(map(str, facts["notes"])),
    )  # fmt: skip


def _overlap(facts: dict[str, Any]) -> Overlap:
    read = {str: str, int: int, float: number}
    kinds: dict[str, Any] = {name: read[kind] for name, kind in get_type_hints(Overlap).items()}
    return Overlap(**{name: kind(facts[name]) for name, kind in kinds.items()})
