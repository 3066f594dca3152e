"""Activations on disk: ``activations.json`` names the body and the blocks, ``samples.parquet`` the pictures."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from mien.core.errors import InputError
from mien.core.files import read_json, sha256_of, write_json
from mien.core.names import file_name, utf8_name
from mien.core.provenance import provenance
from mien.core.samples import Samples
from mien.core.switch import settle, switched_together
from mien.data.native import native_file
from mien.data.parquet import read_parquet
from mien.responses.activations import Activations
from mien.responses.blocks import BlockValues
from mien.responses.body_card import BodyCard

FACTS, TABLE = "activations.json", "samples.parquet"
_FORMAT = "mien activations 1"
_AGAIN = "run 'mien activations' again"


def save_index(folder: Path, found: Activations, blocks: list[tuple[str, int]], dtype: str, facts: dict[str, Any],
               shapes: dict[str, tuple[int, ...]]) -> None:  # fmt: skip
    """Write what the blocks are: body, layers, pictures; both files change together."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    samples = found.samples
    columns: dict[str, Any] = {
        "path": [utf8_name(str(path)) for path in samples.path], "status": list(found.status),
        "source" if samples.things else "subject": list(samples.subject),
        **{f"label {name}": list(values) for name, values in samples.labels.items()},
        **{f"rating {name}": values for name, values in samples.ratings.items()},
    }  # fmt: skip
    if samples.group is not None:
        columns["group"] = list(samples.group)
    with switched_together(folder, (FACTS, TABLE)) as new:
        with (new / TABLE).open("wb") as file:
            pq.write_table(pa.table(columns), file)
        card = found.body
        write_json(
            new / FACTS,
            provenance(
                format=_FORMAT,
                body={**asdict(card), "sentence": card.sentence()},
                layers={name: list(shape) for name, shape in shapes.items()}, dtype=dtype,
                blocks=[[name, rows] for name, rows in blocks], samples_sha256=sha256_of(new / TABLE),
                samples={
                    "root": None if samples.root is None else str(samples.root), "name": samples.name,
                    "licence": samples.licence, "credit": samples.credit, "notes": list(samples.notes),
                    "synthetic": samples.synthetic, "things": samples.things, "read_from": samples.read_from,
                },
                notes=list(found.notes), settings=facts,
            ),
        )  # fmt: skip


def load_activations(folder: str | Path) -> Activations:
    """Read what ``mien activations`` wrote; layers are read from the disk when they are asked for.

    Parameters
    ----------
    folder : path

    Returns
    -------
    Activations

    Raises
    ------
    InputError
        If a file is missing or damaged, or the folder holds something else.

    Examples
    --------
    >>> import mien
    >>> _ = mien.synthesize("people", subjects=2, expressions=("neutral", "smile"), pictures=True)
    >>> folder = "study/activations/songnet"
    >>> people = mien.read_stimuli("people/pictures.csv", category="expression")
    >>> _ = mien.activations("songnet", people, folder, weights="random", size=48, depth=2)
    >>> found = mien.load_activations(folder)
    >>> found.body.exposure, found.layer(found.layers[-1]).shape
    ('none', (4, 288))
    """
    import pyarrow as pa

    folder = Path(folder)
    if not folder.is_dir():
        raise InputError(f"{folder} is no folder of activations: there is none; run 'mien activations' first.")
    settle(folder)
    if not (folder / FACTS).is_file():
        begun = " It was begun and not finished." if (folder / "blocks").is_dir() else ""
        raise InputError(f"{folder} holds no {FACTS}.{begun} {_AGAIN.capitalize()}.")
    facts = read_json(folder / FACTS)
    if not isinstance(facts, dict) or facts.get("format") != _FORMAT:
        raise InputError(f"{folder / FACTS} was not written by 'mien activations'.")
    try:
        if facts["samples_sha256"] != sha256_of(folder / TABLE):
            raise InputError(f"{folder / TABLE} is not the file that {FACTS} names; {_AGAIN}.")
        with native_file(folder / TABLE) as file:
            table = read_parquet(file)
        layers = {str(name): tuple(map(int, shape)) for name, shape in facts["layers"].items()}
        blocks = [(str(name), int(rows)) for name, rows in facts["blocks"]]
        card = {key: value for key, value in facts["body"].items() if key != "sentence"}
        return Activations(
            _samples_of(table, facts["samples"]), BodyCard(**card),
            BlockValues(folder, layers, blocks, str(facts["dtype"])),
            np.array(table["status"].to_pylist(), dtype=object), tuple(map(str, facts["notes"])),
        )  # fmt: skip
    except InputError:
        raise
    except (OSError, pa.ArrowException, KeyError, TypeError, ValueError) as error:
        raise InputError(f"{folder} cannot be read ({error}); {_AGAIN}.") from error


def _samples_of(table: Any, facts: dict[str, Any]) -> Samples:
    def column(name: str) -> np.ndarray:
        return np.array(table[name].to_pylist(), dtype=object)

    def group_of(prefix: str) -> list[str]:
        return [name for name in table.column_names if name.startswith(prefix)]

    root, things = facts["root"], bool(facts["things"])
    return Samples(
        path=np.array([file_name(path) for path in table["path"].to_pylist()], dtype=object),
        subject=column("source" if things else "subject"), things=things,
        labels={name.removeprefix("label "): column(name) for name in group_of("label ")},
        ratings={name.removeprefix("rating "): table[name].to_numpy() for name in group_of("rating ")},
        group=column("group") if "group" in table.column_names else None,
        root=None if root is None else Path(root), name=str(facts["name"]), licence=str(facts["licence"]),
        credit=str(facts["credit"]), notes=tuple(map(str, facts["notes"])), synthetic=bool(facts["synthetic"]),
        read_from=str(facts["read_from"]),
    )  # fmt: skip
