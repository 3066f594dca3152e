"""All decodings of a study that were tried count together: p corrected over targets, decoders and sources."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from mien.decoding.result import DECODING_FILE, Decoding
from mien.stats.correction import holm


@dataclass(frozen=True)
class TriedDecodings:
    """p of the main scores of everything that was tried.

    Attributes
    ----------
    p_corrected : dict of (str, str) to float
        By the name of the decoding and its source; by Holm over all of them.
    targets, models : tuple of str
    """

    p_corrected: dict[tuple[str, str], float]
    targets: tuple[str, ...]
    models: tuple[str, ...]

    def words(self) -> str:
        """What the family of tests is."""
        tests = len(self.p_corrected)
        if tests < 2:
            return "One test: p corrected is p."
        return (
            f"p corrected: Holm over the main scores of all {tests} tests that were tried (targets: "
            f"{'; '.join(self.targets)}. Decoders: {', '.join(self.models)})."
        )


def tried(decodings: Mapping[str, Decoding]) -> TriedDecodings:
    """Correct decodings together.

    Parameters
    ----------
    decodings : mapping of str to Decoding
        By name.
    """
    keys = [(name, source.name) for name, found in decodings.items() for source in found.sources]
    p = np.array([decodings[name].score(source).p for name, source in keys])
    held = holm(p) if keys else p
    targets = dict.fromkeys(found.target for found in decodings.values())
    models = dict.fromkeys(str(found.settings.get("model", "")) for found in decodings.values())
    return TriedDecodings(dict(zip(keys, held.tolist(), strict=True)), tuple(targets), tuple(models))


def tried_beside(folder: str | Path | None, found: Decoding) -> tuple[str, TriedDecodings]:
    """A decoding corrected with those in the folders beside its own: its name, and the family.

    Parameters
    ----------
    folder : path or None
        Where it was written, such as ``STUDY/decoding/NAME``; None: it stands alone.
    found : Decoding
    """
    if folder is None:
        return "", tried({"": found})
    own = Path(folder).resolve()
    others = (path.parent for path in sorted(own.parent.glob(f"*/{DECODING_FILE}")))
    return own.name, tried({own.name: found} | {one.name: Decoding.read(one) for one in others if one != own})
