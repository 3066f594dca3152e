"""Structures on disk: one JSON file with every source's structure and how well they agree."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from mien.compare.structures import Structure
from mien.core.errors import InputError
from mien.core.files import read_json, write_json
from mien.stats.permutation import PermutationTest

STRUCTURE_FILE = "structure.json"
_ARRAYS = ("correlations", "order", "dendrogram", "variance_explained", "loadings")


def save_structures(
    structures: dict[str, Structure], comparisons: dict[tuple[str, str], PermutationTest], folder: str | Path
) -> Path:
    """Write ``structure.json``; gives its path."""
    path = Path(folder) / STRUCTURE_FILE
    write_json(
        path,
        {
            "sources": {
                name: {"names": list(s.names), **{key: getattr(s, key).tolist() for key in _ARRAYS}}
                for name, s in structures.items()
            },
            "comparisons": [
                {"one": one, "other": other, "statistic": t.statistic, "p": t.p, "n_permutations": t.n_permutations}
                for (one, other), t in comparisons.items()
            ],
        },
    )
    return path


def load_structures(folder: str | Path) -> tuple[dict[str, Structure], dict[tuple[str, str], PermutationTest]]:
    """Read what ``save_structures`` wrote.

    Raises
    ------
    InputError
        If the file is missing, or an array has another shape than the attributes ask for.
    """
    path = Path(folder) / STRUCTURE_FILE
    result = read_json(path)
    try:
        sources = {name: _structure(part) for name, part in result["sources"].items()}
        comparisons = {
            (str(row["one"]), str(row["other"])): PermutationTest(
                float(row["statistic"]), float(row["p"]), int(row["n_permutations"]), False
            )
            for row in result["comparisons"]
        }
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise InputError(f"{path} is not laid out as a study writes it ({error}); run the study again.") from error
    return sources, comparisons


def _structure(part: dict[str, Any]) -> Structure:
    arrays = {key: np.asarray(part[key], dtype=int if key == "order" else float) for key in _ARRAYS}
    count = len(part["names"])
    shapes = {
        "correlations": (count, count), "order": (count,), "dendrogram": (count - 1, 4),
        "variance_explained": (count,), "loadings": (count, count),
    }  # fmt: skip
    wrong = [key for key, shape in shapes.items() if arrays[key].shape != shape]
    if wrong or sorted(arrays["order"]) != list(range(count)):
        raise ValueError(f"'{wrong[0] if wrong else 'order'}' does not fit {count} attributes")
    return Structure(tuple(str(n) for n in part["names"]), **arrays)
