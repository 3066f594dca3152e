"""Units that respond more to faces, and lesions: the rows, written and read (``units.json`` and ``units.parquet``)."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from mien.core.brief import brief
from mien.core.extras import require
from mien.core.files import finite
from mien.core.in_notebooks import InNotebooks
from mien.core.results import number
from mien.data.result_files import ResultFiles
from mien.responses.body_card import BodyCard

if TYPE_CHECKING:
    import pandas

UNITS_FILE, TABLE = "units.json", "units.parquet"
_FORMAT = "mien units 1"
_FILES = ResultFiles("mien units", _FORMAT, UNITS_FILE, {"table": TABLE})


@dataclass(frozen=True)
class LayerUnits:
    """How many units of a layer respond more to faces than to what they were compared with.

    Attributes
    ----------
    layer : str
    units, constant : int
        All of them, and those with one answer to everything.
    selective, selective_everywhere, selective_each : int
        At the false-discovery rate within the layer, over all layers, and against each other category alone.
    share, low, high : float
        ``selective`` of ``units``, with its 95 % interval over sources.
    shuffled, shuffled_most : float
        Mean and largest share where the sources' categories were shuffled.
    beside, beside_low, beside_high : float
        Share of the network beside; NaN without one.
    gap, gap_low, gap_high : float
        Share less that of the network beside.
    d_chosen, d_held_out : float
        Mean d' of the units that a half chose, on that half (too large, as it chose them) and on the other.
    """

    layer: str
    units: int
    constant: int
    selective: int
    selective_everywhere: int
    selective_each: int
    share: float
    low: float
    high: float
    shuffled: float
    shuffled_most: float
    beside: float
    beside_low: float
    beside_high: float
    gap: float
    gap_low: float
    gap_high: float
    d_chosen: float
    d_held_out: float


@dataclass(frozen=True)
class TopUnit:
    """A unit with the pictures that it responds to most, one for each source.

    Attributes
    ----------
    layer : str
    unit : int
    d_prime : float
        Over all sources.
    path, category : tuple of str
    answer : tuple of float
    """

    layer: str
    unit: int
    d_prime: float
    path: tuple[str, ...]
    category: tuple[str, ...]
    answer: tuple[float, ...]


@dataclass(frozen=True)
class LesionScore:
    """How well a probe still does where some units are silent.

    Attributes
    ----------
    layer, read_at : str
        Where units are silent, and where the probe reads; the same layer, or one after it.
    task : str
        ``'faces'`` (faces against all others) or ``'objects'`` (categories of the others among each other).
    silenced : str
        ``'none'``, ``'faces'``, ``'others'`` or ``'random'``.
    dose : float
        Share of the layer's units that are silent.
    units, draws : int
        How many those are, and how many random sets are averaged.
    auc, low, high : float
        Probability that the probe ranks a source of the right category above another one, with its 95 % interval over
        sources; .5 is chance.
    draws_low, draws_high : float
        The middle 95 % of the random sets.
    """

    layer: str
    read_at: str
    task: str
    silenced: str
    dose: float
    units: int
    draws: int
    auc: float
    low: float
    high: float
    draws_low: float
    draws_high: float


@dataclass(frozen=True)
class Dissociation:
    """Whether silencing units that respond more to faces costs faces, and silencing those that respond less objects.

    Attributes
    ----------
    layer, read_at : str
    dose : float
    faces, faces_low, faces_high, faces_p : float
        AUC of the task ``'faces'`` with the units silent that respond more to the others, less that with those silent
        that respond more to faces; 95 % interval over sources; p (see ``mien.responses.units.lesions``).
    objects, objects_low, objects_high, objects_p : float
        AUC of the task ``'objects'``, the other way round.
    cost, cost_low, cost_high, cost_p : float
        AUC of the task ``'faces'`` with random units silent, less that with those silent that respond more to faces.
    cost_objects, cost_objects_low, cost_objects_high, cost_objects_p : float
        The same of the task ``'objects'``.
    p, p_corrected : float
        Of the first two together (the larger p), alone and corrected over layers and doses (Holm).
    """

    layer: str
    read_at: str
    dose: float
    faces: float
    faces_low: float
    faces_high: float
    faces_p: float
    objects: float
    objects_low: float
    objects_high: float
    objects_p: float
    cost: float
    cost_low: float
    cost_high: float
    cost_p: float
    cost_objects: float
    cost_objects_low: float
    cost_objects_high: float
    cost_objects_p: float
    p: float
    p_corrected: float

    @property
    def double(self) -> bool:
        """Whether it is a double dissociation by the tests."""
        return self.p_corrected <= 0.05


@dataclass(frozen=True, eq=False)
class FaceUnits(InNotebooks):
    """Units of a network that respond more to faces than to something else.

    Attributes
    ----------
    body : BodyCard
    beside : BodyCard or None
        The network that shares are compared with.
    target : str
    faces, against : tuple of str
        Categories.
    layers : tuple of LayerUnits
    tops : tuple of TopUnit
    lesions : tuple of LesionScore
    dissociations : tuple of Dissociation
    columns : dict of str to ndarray
        A row for each unit of each layer, as ``units.parquet`` holds them: ``layer``, ``unit``, ``status`` (``'ok'`` or
        ``'constant'``), ``d_prime`` over all sources, ``d_first``, ``d_second``, ``t_first``, ``t_second`` in each
        half, ``p_first``, ``p_second`` (where the other half chose the unit), ``q`` and ``q_everywhere``
        (false-discovery rate within the layer and over layers), ``d_least``, ``hardest`` and ``q_each`` (each other
        category alone).
    settings : dict
    notes : tuple of str
    """

    __repr__ = brief

    body: BodyCard
    beside: BodyCard | None
    target: str
    faces: tuple[str, ...]
    against: tuple[str, ...]
    layers: tuple[LayerUnits, ...]
    tops: tuple[TopUnit, ...]
    lesions: tuple[LesionScore, ...]
    dissociations: tuple[Dissociation, ...]
    columns: dict[str, np.ndarray]
    settings: dict[str, Any] = field(default_factory=dict)
    notes: tuple[str, ...] = ()

    @property
    def table(self) -> pandas.DataFrame:
        """One row for each unit."""
        return require("pandas", "A table of units", "learn").DataFrame(self.columns)

    @property
    def layer_table(self) -> pandas.DataFrame:
        """One row for each layer."""
        return require("pandas", "A table of layers", "learn").DataFrame([asdict(row) for row in self.layers])

    @property
    def lesion_table(self) -> pandas.DataFrame:
        """One row for each lesion and task."""
        return require("pandas", "A table of lesions", "learn").DataFrame([asdict(row) for row in self.lesions])

    def to_json(self) -> dict[str, Any]:
        """All but the rows of single units as plain values; what is not a number becomes None."""
        rows = {name: [finite(asdict(row)) for row in getattr(self, name)] for name in _ROWS}
        cards = {name: card and asdict(card) for name, card in (("body", self.body), ("beside", self.beside))}
        texts = {name: list(getattr(self, name)) for name in ("faces", "against", "notes")}
        return {"format": _FORMAT, **cards, "target": self.target, **texts, **rows, "settings": self.settings}

    def save(self, folder: str | Path) -> Path:
        """Write both files; they change together, and the JSON names the hash of the table.

        Parameters
        ----------
        folder : path

        Returns
        -------
        Path
            ``folder``.
        """
        return _FILES.write(folder, self.to_json(), {"table": self.columns})


def load_units(folder: str | Path) -> FaceUnits:
    """Read what ``mien units`` wrote.

    Parameters
    ----------
    folder : path

    Returns
    -------
    FaceUnits

    Raises
    ------
    InputError
        If a file is missing, damaged or something else.
    """
    return _FILES.read(folder, _result)


def _result(found: dict[str, Any], parts: dict[str, Any]) -> FaceUnits:
    table = parts["table"]
    rows: dict[str, Any] = {name: tuple(_row(kind, row) for row in found[name]) for name, kind in _ROWS.items()}
    texts: dict[str, Any] = {name: tuple(map(str, found[name])) for name in ("faces", "against", "notes")}
    return FaceUnits(
        body=BodyCard(**found["body"]),
        beside=BodyCard(**found["beside"]) if found["beside"] else None,
        target=str(found["target"]),
        columns={name: table[name].to_numpy() for name in table.column_names},
        settings=dict(found["settings"]),
        **texts,
        **rows,
    )


_ROWS: dict[str, Any] = {
    "layers": LayerUnits, "tops": TopUnit, "lesions": LesionScore, "dissociations": Dissociation,
}  # fmt: skip
_WHOLE = ("units", "constant", "selective", "selective_everywhere", "selective_each", "unit", "draws")


def _row(kind: Any, row: dict[str, Any]) -> Any:
    return kind(**{name: _cell(name, value) for name, value in row.items()})


def _cell(name: str, value: Any) -> Any:
    if isinstance(value, list):
        return tuple(_cell(name, one) for one in value)
    if isinstance(value, str):
        return value
    return int(value) if name in _WHOLE else number(value)
