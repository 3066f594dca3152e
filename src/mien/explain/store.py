"""Evidence on disk: ``evidence.json`` says what it is, ``evidence.safetensors`` holds the numbers. No pickle."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path
from typing import Any

import numpy as np

from mien.core.errors import InputError
from mien.core.evidence import SIGN_IS_DIRECTION, Evidence
from mien.core.extras import require
from mien.core.files import read_json, sha256_of, write_json
from mien.core.provenance import provenance
from mien.core.switch import settle, settle_below, switched_together
from mien.core.target import Target
from mien.explain.methods import sign_is_direction
from mien.explain.thumbnails import FILE as PICTURES_FILE
from mien.explain.thumbnails import Shown, save_shown

_FORMAT = "mien evidence 1"
_FACTS_FILE, _NUMBERS_FILE = "evidence.json", "evidence.safetensors"
_FILES = (_FACTS_FILE, _NUMBERS_FILE, PICTURES_FILE)
_NUMBERS = ("values", "output", "gap")
_MOST_LISTED = 12
_COLUMN = "column "  # before the names of further numbers per sample
_TEXTS = ("sample", "subject", "label", "status")
_KINDS = {
    "target": dict, "method": str, "settings": dict, "space": str, "names": list, "topology": str, "model": dict,
    "numbers_sha256": str, **dict.fromkeys(_TEXTS, list),
}  # fmt: skip


def slug(text: str) -> str:
    """A name that is safe as a folder's name on every system; different texts get different names."""
    safe = re.sub(r"[^A-Za-z0-9_-]+", "_", text).strip("_")[:60]
    if safe == text:
        return safe
    return f"{safe or 'target'}-{hashlib.sha256(text.encode()).hexdigest()[:8]}"


def evidence_folder(folder: str | Path, evidence: Evidence) -> Path:
    """``folder/METHOD/TARGET`` of some evidence; METHOD names the landmarker where a model's was carried through it."""
    carried = evidence.model.get("through")
    method = f"{evidence.method}-through-{slug(str(carried))}" if carried else evidence.method
    return Path(folder) / method / slug(str(evidence.target))


def save_evidence(evidence: Evidence, folder: str | Path, shown: Shown | None = None) -> Path:
    """Write evidence: its files change together, and the JSON names the hash of the numbers; older drawings go.

    Parameters
    ----------
    evidence : Evidence
    folder : str or Path
    shown : Shown, optional
        Some of the explained pictures, to be drawn; without them those of earlier evidence go.

    Returns
    -------
    Path
        ``folder``.
    """
    folder = Path(folder)
    numpy_io = require("safetensors.numpy", "storing evidence", "learn")
    arrays = {name: np.ascontiguousarray(getattr(evidence, name)) for name in _NUMBERS}
    arrays |= {_COLUMN + name: np.ascontiguousarray(column) for name, column in evidence.columns.items()}
    if evidence.standard_error is not None:
        arrays["standard_error"] = np.ascontiguousarray(evidence.standard_error, dtype=np.float32)
    content = numpy_io.save(arrays)
    facts: dict[str, Any] = {
        "format": _FORMAT,
        "target": evidence.target.to_json(),
        "method": evidence.method,
        "settings": evidence.settings,
        "space": evidence.space,
        "names": list(evidence.names),
        "topology": evidence.topology,
        "model": evidence.model,
        "numbers_sha256": hashlib.sha256(content).hexdigest(),
        **{name: [str(v) for v in getattr(evidence, name)] for name in _TEXTS},
    }
    # Drawings of earlier evidence go with it.
    with switched_together(folder, (*_FILES, *(path.name for path in folder.glob("*.svg")))) as new:
        (new / _NUMBERS_FILE).write_bytes(content)
        write_json(new / _FACTS_FILE, provenance(**facts))
        if shown is not None:
            save_shown(shown, new)
    return folder


def load_evidence(folder: str | Path) -> Evidence:
    """Read stored evidence.

    Parameters
    ----------
    folder : str or Path
        ``METHOD/TARGET`` below the folder that ``mien.explain`` was given as ``output``.

    Returns
    -------
    Evidence

    Raises
    ------
    InputError
        If a file is missing, damaged, or the two do not belong together. Of a folder with several, it lists them.
    """
    folder = Path(folder)
    settle(folder)
    if folder.is_dir() and not (folder / _FACTS_FILE).is_file() and (below := find_evidence(folder)):
        listed = ", ".join(place.relative_to(folder).as_posix() for place in below[:_MOST_LISTED])
        more = f" and {len(below) - _MOST_LISTED} more" if len(below) > _MOST_LISTED else ""
        raise InputError(f"{folder} holds evidence of METHOD/TARGET, so name one of them: {listed}{more}.")
    facts = read_json(folder / _FACTS_FILE)
    if not isinstance(facts, dict) or facts.get("format") != _FORMAT:
        raise InputError(f"{folder / 'evidence.json'} was not written by 'mien explain'.")
    for name, kind in _KINDS.items():
        if not isinstance(facts.get(name), kind):
            raise InputError(
                f"{folder / 'evidence.json'} is incomplete ('{name}' is no {kind.__name__}); run 'mien explain' again."
            )
    named = [facts["target"].get("name"), *facts["names"], *(value for name in _TEXTS for value in facts[name])]
    if not all(isinstance(value, str) for value in named):
        raise InputError(
            f"{folder / 'evidence.json'} holds something else where a name has to be; run 'mien explain' again."
        )
    numbers = folder / _NUMBERS_FILE
    if not numbers.is_file() or sha256_of(numbers) != facts["numbers_sha256"]:
        raise InputError(f"{numbers} is missing or is not the file that evidence.json names; run 'mien explain' again.")
    arrays = require("safetensors.numpy", "reading evidence", "learn").load_file(numbers)
    try:
        return Evidence(
            values=arrays["values"],
            output=arrays["output"],
            gap=arrays["gap"],
            standard_error=arrays.get("standard_error"),
            columns={name[len(_COLUMN) :]: array for name, array in arrays.items() if name.startswith(_COLUMN)},
            target=Target(**facts["target"]),
            names=tuple(facts["names"]),
            **{name: facts[name] for name in ("space", "method", "topology", "model", *_TEXTS)},
            # Older evidence does not say itself whether its signs are directions.
            settings={**facts["settings"], SIGN_IS_DIRECTION: sign_is_direction(facts["method"], facts["settings"])},
        )
    except (KeyError, TypeError) as error:
        raise InputError(f"{folder / 'evidence.json'} is incomplete ({error}); run 'mien explain' again.") from error


def find_evidence(folder: str | Path) -> list[Path]:
    """Folders that hold evidence below ``folder``, sorted."""
    settle_below(Path(folder))
    found = (path.parent for path in Path(folder).rglob(_FACTS_FILE))
    # Folders that are being written have names with a dot.
    return sorted(place for place in found if not place.name.startswith("."))
