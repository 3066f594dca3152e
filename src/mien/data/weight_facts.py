"""What is known of the weights that mien runs on, as plain values."""

from dataclasses import asdict
from typing import Any

from mien.core.errors import WeightsError
from mien.data.weights import CARDS, FILES, is_present


def weights() -> list[dict[str, Any]]:
    """Networks with their file, licence and whether the file is in the cache.

    Returns
    -------
    list of dict
        ``name``, ``file``, ``present``, ``licence``, ``purpose`` and ``sha256`` of each.

    Examples
    --------
    >>> import mien
    >>> [row["name"] for row in mien.models.list()][:2]
    ['landmarker', 'blendshapes']
    """
    return [
        {"name": card.name, "file": card.file, "present": is_present(card.file), "licence": card.licence,
         "purpose": card.purpose, "sha256": FILES[card.file].sha256}
        for card in CARDS.values()
    ]  # fmt: skip


def card(name: str) -> dict[str, Any]:
    """Source, licence, training data as far as known, and blind spots of one network.

    Parameters
    ----------
    name : str
        Of ``mien.models.list()``.

    Returns
    -------
    dict

    Raises
    ------
    WeightsError
        If there are no weights of that name.

    Examples
    --------
    >>> import mien
    >>> mien.models.card("landmarker")["licence"]
    'Apache-2.0'
    """
    if name not in CARDS:
        raise WeightsError(f"There are no weights called '{name}'; mien knows {', '.join(CARDS)}.")
    entry, file = CARDS[name], FILES[CARDS[name].file]
    return {**asdict(entry), "sha256": file.sha256, "bytes": file.size, "address": file.address, "wheel": file.wheel}
