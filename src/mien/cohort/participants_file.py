"""Participants of a study: the checked rows, written and read."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from shlex import quote
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from mien.cohort.flow import Flow
from mien.cohort.problems import TableProblem, by_kind, write_problems
from mien.core.brief import brief
from mien.core.errors import InputError
from mien.core.faces import OK
from mien.core.files import atomic_path, read_json, write_json
from mien.core.in_notebooks import InNotebooks
from mien.core.provenance import provenance
from mien.core.results import MISFIT
from mien.core.samples import Samples
from mien.data.native import native_file
from mien.data.parquet import read_parquet
from mien.data.shards import UNREADABLE_AS

FOLDER = "participants"
ROWS, FACTS, PROBLEMS = "participants.parquet", "participants.json", "problems.csv"
_FORMAT = "mien participants 1"
# Columns of the file that are not the table's.
_OWN = ("source", "subject", "row", "status")
_LABEL, _RATING, _GROUP = "label", "rating", "group"


@dataclass(frozen=True, eq=False)
class Participants(InNotebooks):
    """The rows of a table of participants, one per session, with what is wrong with them.

    Attributes
    ----------
    samples : Samples
        All rows; ``path`` is the source of the recording as in ``Faces`` and ``Measures``, or what the table names.
    row : ndarray of int, shape (rows,)
        Number of each row in the table, as a spreadsheet counts.
    status : ndarray of str, shape (rows,)
        ``'ok'`` or why the session has no recording that can be used.
    problems : tuple of TableProblem
    flow : Flow
        From the table to the sessions with a usable recording; later steps go on from here with ``kept``.
    table : str
        What was read.
    items : tuple of str
        Columns that hold items of questionnaires.
    """

    __repr__ = brief

    samples: Samples
    row: np.ndarray
    status: np.ndarray
    problems: tuple[TableProblem, ...]
    flow: Flow
    table: str = ""
    items: tuple[str, ...] = field(default=())

    def __post_init__(self) -> None:
        if not len(self.samples) == len(self.row) == len(self.status):
            raise InputError(
                f"Participants: {len(self.samples)} samples, {len(self.row)} rows and {len(self.status)} statuses; "
                "there has to be one for each."
            )

    def __len__(self) -> int:
        return len(self.samples)

    @property
    def ok(self) -> np.ndarray:
        """Mask of the rows with a usable recording, shape (rows,)."""
        return self.status == OK

    @property
    def kept(self) -> Samples:
        """The samples with a usable recording."""
        return self.samples[self.ok]

    def counts(self) -> dict[str, int]:
        """Number of problems of each kind.

        Returns
        -------
        dict of str to int
        """
        return {kind: len(found) for kind, found in by_kind(self.problems).items()}

    def to_json(self) -> dict[str, Any]:
        """Facts without the rows, which are a table beside them."""
        stored = _stored(self.samples)
        return {
            "format": _FORMAT,
            "table": Path(self.table).name,
            "columns": [{"name": name, "kind": kind, "stored": own} for (kind, name), own in stored.items()],
            "items": list(self.items),
            "name": self.samples.name,
            "synthetic": self.samples.synthetic,
            "notes": list(self.samples.notes),
            "flow": self.flow.to_json(),
            "problems": [asdict(problem) for problem in self.problems],
        }

    def write(self, study: str | Path) -> None:
        """Write ``participants/`` into a study: rows, facts, the flow and the problems as a table.

        Parameters
        ----------
        study : str or Path
        """
        folder = Path(study) / FOLDER
        with atomic_path(folder / ROWS) as temporary, temporary.open("wb") as file:
            pq.write_table(self._table(), file, compression="zstd")
        write_json(folder / FACTS, provenance(**self.to_json()))
        self.flow.write(folder)
        write_problems(self.problems, folder / PROBLEMS)

    def _table(self) -> pa.Table:
        columns: dict[str, Any] = {
            "source": pa.array(self.samples.path.tolist(), pa.string()),
            "subject": pa.array(self.samples.subject.tolist(), pa.string()),
            "row": pa.array(self.row, pa.int64()),
            "status": pa.array(self.status.tolist(), pa.string()),
        }
        for (kind, name), stored in _stored(self.samples).items():
            values = self.samples.target(name) if kind != _GROUP else self.samples.group
            assert values is not None
            # In SQL what is not known is NULL.
            columns[stored] = (
                pa.array(values, pa.float64(), mask=~np.isfinite(values))
                if kind == _RATING
                else pa.array([text or None for text in values], pa.string())
            )
        return pa.table(columns)

    @classmethod
    def read(cls, study: str | Path) -> Participants:
        """What ``write`` wrote.

        Parameters
        ----------
        study : str or Path
            A study's folder, or its ``participants/``.

        Returns
        -------
        Participants

        Raises
        ------
        InputError
            If there are none or they were edited.
        """
        folder = Path(study) if (Path(study) / FACTS).is_file() else Path(study) / FOLDER
        if not (folder / FACTS).is_file():
            raise InputError(
                f"{study} holds no participants; read them with: mien participants TABLE -o {quote(str(study))}"
            )
        facts = read_json(folder / FACTS)
        try:
            if facts["format"] != _FORMAT:
                raise KeyError(facts["format"])
            with native_file(folder / ROWS) as file:
                table = read_parquet(file)
            kinds: dict[str, dict[str, np.ndarray]] = {_LABEL: {}, _RATING: {}, _GROUP: {}}
            # A copy to be passed on lacks rows of the original table, what was wrong with them, and some columns.
            row = table["row"].to_numpy() if "row" in table.column_names else np.arange(table.num_rows) + 2
            for column in (one for one in facts["columns"] if one["stored"] in table.column_names):
                values = table[column["stored"]].to_pylist()
                kinds[column["kind"]][column["name"]] = (
                    np.array([np.nan if v is None else v for v in values], dtype=np.float64)
                    if column["kind"] == _RATING
                    else np.array([v or "" for v in values], dtype=object)
                )
            samples = Samples(
                path=np.array(table["source"].to_pylist(), dtype=object),
                subject=np.array(table["subject"].to_pylist(), dtype=object),
                labels=kinds[_LABEL],
                ratings=kinds[_RATING],
                group=kinds[_GROUP].get(_GROUP),
                name=str(facts["name"]),
                synthetic=bool(facts["synthetic"]),
                notes=tuple(str(note) for note in facts["notes"]),
            )
            return cls(
                samples,
                row,
                np.array(table["status"].to_pylist(), dtype=object),
                tuple(TableProblem(**problem) for problem in facts.get("problems", ())),
                Flow.read(folder),
                str(facts["table"]),
                tuple(str(name) for name in facts["items"]),
            )
        except (*MISFIT, *UNREADABLE_AS) as error:
            raise InputError(f"{folder} was not written by 'mien participants' ({error}); run it again.") from error


def _stored(samples: Samples) -> dict[tuple[str, str], str]:
    """What each column is called in the file: as in the table, but for names that SQL takes for one of the others."""
    names: Iterable[tuple[str, str]] = [
        *((_LABEL, name) for name in samples.labels),
        *((_RATING, name) for name in samples.ratings),
        *([(_GROUP, _GROUP)] if samples.group is not None else []),
    ]
    taken, result = {*_OWN}, {}
    for kind, name in names:
        own = name
        while own.casefold() in taken:
            own = f"table_{own}"
        taken.add(own.casefold())
        result[kind, name] = own
    return result
