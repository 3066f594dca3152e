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
from mien.core.files import read_json, sha256_of, write_json
from mien.core.provenance import provenance
from mien.core.results import MISFIT, number
from mien.core.switch import settle, switched_together
from mien.data.native import native_file
from mien.decoding.evidence.maps import BrainMap
from mien.decoding.evidence.overlap import Overlap
from mien.decoding.evidence.volumes import VOLUMES, write_volumes

if TYPE_CHECKING:
    import pandas as pd

FACTS, ARRAYS = "brain.json", "brain.safetensors"
_FORMAT = "mien brain evidence 1"


@dataclass(frozen=True, eq=False)
class BrainEvidence:
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


def save_brain_evidence(found: BrainEvidence, folder: Path) -> None:
    """Write everything; the files change together."""
    safetensors = require("safetensors.numpy", "Evidence on disk", "learn")
    arrays = {"correlated": found.correlated.astype(np.float64), **_space_arrays(found.space)}
    for place, one in enumerate(found.maps):
        arrays[f"values {place}"] = one.values.astype(np.float64)
        if one.shuffled.size:
            arrays[f"shuffled {place}"] = one.shuffled.astype(np.float64)
    with switched_together(folder, (FACTS, ARRAYS, VOLUMES)) as new:
        safetensors.save_file({k: np.ascontiguousarray(v) for k, v in arrays.items()}, new / ARRAYS)
        files = write_volumes(found.maps, found.space, new) if found.space.has_grid else [""] * len(found.maps)
        write_json(
            new / FACTS,
            provenance(
                format=_FORMAT, unit=found.unit, units=list(found.units), settings=found.settings,
                notes=list(found.notes), overlaps=[asdict(one) for one in found.overlaps],
                space={"names": found.space.names.tolist(), "unit": found.space.unit, "shape": list(found.space.shape)},
                maps=[
                    {"target": one.target, "method": one.method, "measure": one.measure, "volume": file}
                    for one, file in zip(found.maps, files, strict=True)
                ],
                arrays_sha256=sha256_of(new / ARRAYS),
            ),
        )  # fmt: skip


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
    mien.core.errors.InputError: nowhere/brain.json does not exist.
    """
    folder = Path(folder)
    settle(folder)
    facts = read_json(folder / FACTS)
    if not isinstance(facts, dict) or facts.get("format") != _FORMAT:
        raise InputError(f"{folder / FACTS} was not written by 'mien brain-evidence'.")
    safetensors = require("safetensors.numpy", "Evidence on disk", "learn")
    try:
        if facts["arrays_sha256"] != sha256_of(folder / ARRAYS):
            raise InputError(f"{folder / ARRAYS} is not the file that {FACTS} names; run 'mien brain-evidence' again.")
        with native_file(folder / ARRAYS) as file:
            arrays = safetensors.load(file.read())
        space = facts["space"]
        return BrainEvidence(
            BrainSpace(
                np.array(space["names"], dtype=object), str(space["unit"]), tuple(space["shape"]),
                **{name: arrays[name] for name in ("affine", "voxels", "column", "centres_mm")},
            ),
            tuple(
                BrainMap(
                    str(one["target"]), str(one["method"]), str(one["measure"]), arrays[f"values {place}"],
                    arrays.get(f"shuffled {place}", np.zeros((0, 0))),
                )
                for place, one in enumerate(facts["maps"])
            ),
            tuple(_overlap(one) for one in facts["overlaps"]), str(facts["unit"]), tuple(map(str, facts["units"])),
            arrays["correlated"], dict(facts["settings"]), tuple(map(str, facts["notes"])),
        )  # fmt: skip
    except (OSError, *MISFIT) as error:
        raise InputError(f"{folder} cannot be read ({error}); run 'mien brain-evidence' again.") from error


def _space_arrays(space: BrainSpace) -> dict[str, np.ndarray]:
    return {"affine": space.affine, "voxels": space.voxels, "column": space.column, "centres_mm": space.centres_mm}


def _overlap(facts: dict[str, Any]) -> Overlap:
    read = {str: str, int: int, float: number}
    kinds: dict[str, Any] = {name: read[kind] for name, kind in get_type_hints(Overlap).items()}
    return Overlap(**{name: kind(facts[name]) for name, kind in kinds.items()})
