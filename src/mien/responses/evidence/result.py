"""Evidence for a probe's answer by parts of the face; on disk ``parts.json`` and, per picture, ``parts.parquet``."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from mien.core.brief import brief
from mien.core.errors import InputError
from mien.core.extras import require
from mien.core.in_notebooks import InNotebooks
from mien.core.names import file_name, utf8_name
from mien.core.results import number
from mien.data.result_files import ResultFiles, columns_as
from mien.responses.body_card import BodyCard
from mien.responses.evidence.part_shares import PartShare
from mien.responses.evidence.picture_parts import PARTS
from mien.responses.probes.rows import Estimated

if TYPE_CHECKING:
    import pandas as pd

FACTS, TABLE = "parts.json", "parts.parquet"
_FORMAT = "mien probe evidence 1"
_FILES = ResultFiles("mien probe-evidence", _FORMAT, FACTS, {"table": TABLE})
_TEXTS = ("path", "source", "group")


@dataclass(frozen=True, eq=False)
class ProbeEvidence(InNotebooks):
    """What on pictures a probe's answer rests on.

    Attributes
    ----------
    body : BodyCard
    beside : tuple of BodyCard
        Other bodies, whose rows stand beside.
    layer, method : str
    faces : tuple of str
        Categories that the probe was trained to call faces.
    rows : tuple of PartShare
        By body, group, sign and part.
    path, source, group : ndarray of str, shape (pictures,)
        Of the pictures that were explained.
    answer : ndarray of float32, shape (pictures,)
        The probe's, above 0 "face".
    shares : dict of str to ndarray of float64, each of shape (pictures, parts)
        See ``shares_of_maps`` in ``mien.responses.evidence.part_shares``; parts as in its ``picture_parts``.
    by : str
        Column that the groups come from; ``''`` for none.
    notes : tuple of str
    settings : dict
    data : dict of str to str
        Name, licence and credit of the pictures.
    """

    __repr__ = brief

    body: BodyCard
    beside: tuple[BodyCard, ...]
    layer: str
    method: str
    faces: tuple[str, ...]
    rows: tuple[PartShare, ...]
    path: np.ndarray
    source: np.ndarray
    group: np.ndarray
    answer: np.ndarray
    shares: dict[str, np.ndarray]
    by: str = ""
    notes: tuple[str, ...] = ()
    settings: dict[str, Any] = field(default_factory=dict)
    data: dict[str, str] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.path)

    def row(self, part: str, sign: str, *, group: str | None = None, body: str = "") -> PartShare:
        """One share.

        Parameters
        ----------
        part, sign : str
        group : str, optional
            None: the first.
        body : str
            ``''``: the probe's own.

        Raises
        ------
        InputError
            If there is none.
        """
        for row in self.rows:
            if (row.part, row.sign, row.body) == (part, sign, body) and group in (None, row.group):
                return row
        raise InputError(
            f"There is no share of '{part}', '{sign}'"
            f"{f' in {group}' if group else ''}{f' of {body}' if body else ''}; parts are {', '.join(PARTS)}."
        )

    @property
    def table(self) -> pd.DataFrame:
        """A row for each share."""
        pandas = require("pandas", "Tables", "learn")
        found: pd.DataFrame = pandas.json_normalize([asdict(row) for row in self.rows], sep="_")
        return found


def save_probe_evidence(found: ProbeEvidence, folder: Path) -> None:
    """Write both files; they change together."""
    columns: dict[str, Any] = {name: [utf8_name(str(v)) for v in getattr(found, name)] for name in _TEXTS}
    columns["answer"] = found.answer
    for name, values in found.shares.items():
        columns |= {f"{name} {part}": values[:, place] for place, part in enumerate(PARTS)}
    facts = {
        "body": asdict(found.body), "beside": [asdict(card) for card in found.beside], "layer": found.layer,
        "method": found.method, "faces": list(found.faces), "by": found.by,
        "rows": [asdict(row) for row in found.rows], "shares": list(found.shares), "notes": list(found.notes),
        "settings": found.settings, "data": found.data,
    }  # fmt: skip
    _FILES.write(folder, facts, {"table": columns})


def load_probe_evidence(folder: str | Path) -> ProbeEvidence:
    """Read what ``mien probe-evidence`` wrote.

    Parameters
    ----------
    folder : path

    Returns
    -------
    ProbeEvidence

    Raises
    ------
    InputError
        If a file is missing or damaged.

    Examples
    --------
    >>> import mien
    >>> mien.load_probe_evidence("nowhere")
    Traceback (most recent call last):
    ...
    mien.core.errors.InputError: nowhere holds no parts.json; 'mien probe-evidence' writes it.
    """
    return _FILES.read(folder, _result)


def _result(facts: dict[str, Any], parts: dict[str, Any]) -> ProbeEvidence:
    table = parts["table"]
    texts = {name: np.array([file_name(v) for v in table[name].to_pylist()], dtype=object) for name in _TEXTS}
    return ProbeEvidence(
        body=BodyCard(**facts["body"]), beside=tuple(BodyCard(**card) for card in facts["beside"]),
        layer=str(facts["layer"]), method=str(facts["method"]), faces=tuple(map(str, facts["faces"])),
        rows=tuple(_row(row) for row in facts["rows"]), answer=table["answer"].to_numpy(),
        shares={name: columns_as(table, [f"{name} {part}" for part in PARTS]) for name in facts["shares"]},
        by=str(facts["by"]), notes=tuple(map(str, facts["notes"])), settings=dict(facts["settings"]),
        data=dict(facts["data"]), **texts,
    )  # fmt: skip


def _row(row: dict[str, Any]) -> PartShare:
    share, less = (_estimated(row[name]) for name in ("share", "less_body"))
    texts: dict[str, Any] = {name: str(row[name]) for name in ("body", "group", "sign", "part")}
    counts: dict[str, Any] = {name: int(row[name]) for name in ("pictures", "sources")}
    return PartShare(**texts, share=share, area=number(row["area"]), less_body=less, **counts)


def _estimated(found: dict[str, Any]) -> Estimated:
    value, low, high, p = (number(found[name]) for name in ("value", "low", "high", "p"))
    return Estimated(value, low, high, p, str(found["withheld"]))
