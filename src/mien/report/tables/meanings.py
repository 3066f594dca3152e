"""What a column is: its unit by its name, its meaning by the docstring of the result that it stands in."""

from __future__ import annotations

import inspect
import re
from functools import lru_cache

# Names end with their unit.
_UNITS = {
    "_s": "s", "_ms": "ms", "_px": "px", "_deg": "degrees", "_mm": "mm", "_hz": "Hz", "_mb": "MB", "_g": "g",
}  # fmt: skip
# What names mean wherever the docstring says no more.
_USUAL = {
    "value": "The score or number itself.",
    "low": "Lower bound of the 95 % interval; missing where it is withheld.",
    "high": "Upper bound of the 95 % interval; missing where it is withheld.",
    "chance": "What the best guess that does not look at the sample reaches.",
    "p": "p value.",
    "p_corrected": "p value corrected for the number of tests.",
    "q": "p value with the false discovery rate controlled.",
    "people": "Number of people.",
    "samples": "Number of samples.",
    "withheld": "Why there is no interval.",
    "name": "Name of the row.",
    "column": "TableColumn of the samples by which people are grouped.",
    "group": "Group.",
    "measure": "What was measured.",
    "of": "Class or rating; empty for all of them.",
    "score": "Name of the score.",
    "sentence": "A sentence that has to be known with the numbers.",
    "fact": "Name of the fact or setting.",
    "model": "Name of the model.",
    "target": "What was predicted or explained.",
    "trained": "Whom the model was trained on.",
    "tested": "Whom it was tested on.",
    "kind": "Kind of the row.",
    "a": "First of the two that are compared.",
    "b": "Second of the two that are compared.",
    "one": "First of the two that are compared.",
    "other": "Second of the two that are compared.",
    "method": "Method of explanation.",
    "mean": "Mean over viewers, of one viewer over runs.",
    "above_shuffled": "Mean, less that of decoders of shifted labels.",
    "n_permutations": "Draws of chance.",
    "k": "How many of the largest columns are compared.",
    "columns": "Number of all columns.",
    "x_mm": "Right of the column's centre.",
    "y_mm": "Anterior of the column's centre.",
    "z_mm": "Superior of the column's centre.",
    "metric": "Measure of agreement.",
    "pictures": "Number of pictures (of a film: blocks of time).",
    "viewers": "Number of viewers.",
    "site": "Site that was left out of the training.",
    "channel": "What was measured in every frame.",
    "statistic": "What became of it over time.",
    "unit": "Unit of the measure; 1 for numbers without one.",
    "meaning": "The measure in a sentence.",
    "window": "Task or event; empty for the whole recording.",
    "classes": "Number of classes, or their names.",
}
_ENTRY = re.compile(r"^(\w+(?:, \w+)*) : (.*)$")


@lru_cache
def attributes(kind: type) -> dict[str, str]:
    """Attributes of a class as its docstring describes them, each in one line; its type where it says no more."""
    # What a dataclass writes by itself is no description.
    text = inspect.cleandoc(kind.__doc__ or "") if "__doc__" in vars(kind) else ""
    found: dict[str, str] = {}
    _, _, section = text.partition("Attributes\n----------\n")
    names: list[str] = []
    lines: list[str] = []
    for line in [*section.splitlines(), "end : ''"]:
        entry = _ENTRY.match(line)
        if entry is None and line.startswith((" ", "\t")) and names:
            lines.append(line.strip())
        elif entry is not None or not line.strip():
            words = _plain(" ".join(lines))
            found |= {name: words for name in names if words}
            names, lines = (entry[1].split(", "), []) if entry is not None else ([], [])
    return found


def meaning(kind: type | None, name: str) -> str:
    """What a column means; ``''`` where nothing says so."""
    own = attributes(kind).get(name, "") if kind is not None else ""
    return own or _USUAL.get(name, "") or _bound(name)


def unit(name: str) -> str:
    """The unit that a name ends with; ``''`` where it does not end with one."""
    return next((unit for ending, unit in _UNITS.items() if name.endswith(ending)), "")


def _bound(name: str) -> str:
    for ending, words in (("_low", "Lower"), ("_high", "Upper")):
        if name.endswith(ending):
            return f"{words} bound of the 95 % interval of '{name.removesuffix(ending)}'."
    return ""


def _plain(words: str) -> str:
    """Docstring marks taken away."""
    return words.replace("``''``", "empty").replace("``'", "'").replace("'``", "'").replace("``", "").strip()
