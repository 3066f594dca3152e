"""Similarity structures of networks beside those of people, brains and models: the rows, written and read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from mien.compare.dissimilarity import MEASURES
from mien.compare.kernel_alignment import KernelAlignment
from mien.core.brief import brief
from mien.core.extras import require
from mien.core.files import finite
from mien.core.in_notebooks import InNotebooks
from mien.core.results import number, numbers
from mien.core.words import equals, interval
from mien.core.words import number as shown
from mien.data.result_files import ResultFiles

if TYPE_CHECKING:
    import pandas

RSA_FILE, MATRICES_FILE = "rsa.json", "matrices.safetensors"
_FORMAT = "mien rsa 1"
_FILES = ResultFiles("mien rsa", _FORMAT, RSA_FILE, {"matrices": MATRICES_FILE})


@dataclass(frozen=True)
class ComparedNetwork:
    """A network with the sentence that says which faces it has seen."""

    name: str
    sentence: str
    layers: tuple[str, ...]


@dataclass(frozen=True)
class ComparedReference:
    """What layers are compared with.

    Attributes
    ----------
    name : str
    kind : str
        ``'matrix'`` (given) or ``'model'`` (made of a column of the samples).
    sources : int
        People, or runs of a scanner; 1 for a model.
    unit : str
    conditions : int
        Pictures or categories that it says something of.
    ceiling_low, ceiling_high : float
        Noise ceiling; NaN for one source.
    n_permutations : int
    exact : bool
        Whether all permutations were enumerated.
    licence, credit : str
    """

    name: str
    kind: str
    sources: int
    unit: str
    conditions: int
    ceiling_low: float
    ceiling_high: float
    n_permutations: int
    exact: bool
    licence: str = ""
    credit: str = ""


@dataclass(frozen=True)
class SimilarityRow:
    """One layer beside one reference. What cannot be computed is NaN.

    Attributes
    ----------
    network, layer, reference : str
    score, low, high : float
        Mean coefficient over the reference's sources, with its 95 % interval over stimuli and sources.
    p, p_corrected : float
        One-sided permutation test, alone and corrected over all layers of all networks.
    partial, partial_p, partial_p_corrected : float
        The same with a further matrix held constant.
    """

    network: str
    layer: str
    reference: str
    score: float
    low: float
    high: float
    p: float
    p_corrected: float
    partial: float
    partial_p: float
    partial_p_corrected: float


@dataclass(frozen=True, eq=False)
class SimilarityAnalysis(InNotebooks):
    """Representational similarity of layers of networks.

    Attributes
    ----------
    networks : tuple of ComparedNetwork
    references : tuple of ComparedReference
    rows : tuple of SimilarityRow
    conditions : tuple of str
        Pictures (paths) or categories, in the order of the matrices.
    categories : tuple of str
        Category of each, ``''`` where there is none.
    matrices : mapping of str to ndarray of float32, shape (conditions, conditions)
        Dissimilarities: ``'NETWORK: LAYER'`` of every layer, and of every reference by its name (mean over its
        sources, NaN where unknown).
    alignment : KernelAlignment or None
        Of all layers; None where there is one, or too few pictures.
    settings : dict
    notes : tuple of str
        What has to be known with the numbers, in sentences.
    """

    __repr__ = brief

    networks: tuple[ComparedNetwork, ...]
    references: tuple[ComparedReference, ...]
    rows: tuple[SimilarityRow, ...]
    conditions: tuple[str, ...]
    categories: tuple[str, ...]
    matrices: Mapping[str, np.ndarray]
    alignment: KernelAlignment | None
    settings: dict[str, Any] = field(default_factory=dict)
    notes: tuple[str, ...] = ()

    @property
    def table(self) -> pandas.DataFrame:
        """The rows as a DataFrame."""
        pandas = require("pandas", "A table of layers", "learn")
        return pandas.DataFrame([asdict(row) for row in self.rows], columns=list(SimilarityRow.__dataclass_fields__))

    def of(self, reference: str, network: str = "") -> list[SimilarityRow]:
        """Rows of a reference (and a network), in the order of the layers."""
        return [row for row in self.rows if row.reference == reference and network in ("", row.network)]

    def words(self, reference: ComparedReference) -> str:
        """What was seen beside one reference, in sentences."""
        rows = [row for row in self.of(reference.name) if row.score == row.score]
        by = "categories" if self.settings["by"] == "category" else "pictures"
        many = f"{reference.conditions} {by}"
        if not rows:
            return f"{reference.name}: no layer could be compared ({many})."
        best = max(rows, key=lambda row: row.score)
        sure = [row for row in rows if row.p_corrected <= 0.05]
        text = (
            f"{reference.name} ({many}): {len(sure)} of {len(rows)} layers are more like it than chance; the most "
            f"alike is {best.layer} of {best.network} ({self.settings['coefficient']} {shown(best.score)}, p corrected "
            f"{equals(best.p_corrected)})."
        )
        if not sure:
            text = (
                f"{reference.name} ({many}): no layer is more like it than chance; the highest of {len(rows)} is "
                f"{best.layer} of {best.network} ({self.settings['coefficient']} {shown(best.score)}, p corrected "
                f"{equals(best.p_corrected)}). That does not show that they are unlike."
            )
        partly = [row for row in rows if row.partial == row.partial]
        if partly and any(row.partial_p_corrected == row.partial_p_corrected for row in partly):
            still = sum(row.partial_p_corrected <= 0.05 for row in partly)
            text += f" With {self.settings['given']} held constant: {still} of {len(partly)}."
        elif partly:
            text += f" With {self.settings['given']} held constant nothing was tested, as there are too few {by}."
        if reference.ceiling_high == reference.ceiling_high:
            among = f"{reference.sources} {reference.unit}s" if reference.sources > 1 else "random halves of the runs"
            text += f" Noise ceiling, from {among}: {interval(reference.ceiling_low, reference.ceiling_high)}."
        return text

    def method_words(self) -> str:
        """How it was compared and tested, in sentences."""
        held = self.settings["given"]
        most = max(self.references, key=lambda one: one.n_permutations)
        ways = "all" if all(one.exact for one in self.references) else f"{most.n_permutations} random"
        ranks = "" if self.settings["coefficient"] in ("pearson", "cosine") else " of ranks"
        text = (
            f"Dissimilarity: {MEASURES[self.settings['measure']]}. p: one-sided, rows and columns of a matrix change "
            f"places together, whole sources at a time ({ways} permutations, correlation{ranks}); corrected over all "
            "layers of all networks by the largest of each permutation. Pairs of pictures of one source are left out. "
            "Intervals: 95 %, bootstrap over sources (and people). That two structures are alike does not say that "
            "they come about alike."
        )
        return text + (
            f" Partial: correlation of what is left with {held} (and its square and cube) held constant; low-level "
            "properties in other combinations than this matrix says can be left."
            if held
            else ""
        )

    def alignment_words(self) -> str:
        """Which layers of different networks are most alike, in a sentence; empty without kernel alignment."""
        kernel = self.alignment
        if kernel is None:
            return ""
        owner = [name.partition(": ")[0] for name in kernel.names]
        pairs = [
            (float(kernel.values[i, j]), kernel.names[i], kernel.names[j])
            for i in range(len(owner)) for j in range(i)
            if owner[i] != owner[j] or len(self.networks) == 1
        ]  # fmt: skip
        value, one, other = max(pairs)
        return f"Centred kernel alignment: the most alike are {other} and {one} ({shown(value)})."

    def to_json(self) -> dict[str, Any]:
        """Plain values without the matrices; what is not a number becomes None."""
        kernel = self.alignment
        return dict(
            finite(
                {
                    "format": _FORMAT,
                    "networks": [asdict(row) for row in self.networks],
                    "references": [asdict(row) for row in self.references],
                    "rows": [asdict(row) for row in self.rows],
                    "conditions": list(self.conditions), "categories": list(self.categories),
                    "alignment": None if kernel is None else {
                        "names": list(kernel.names),
                        **{name: getattr(kernel, name).tolist() for name in ("values", "dendrogram", "support")},
                    },
                    "matrices": list(self.matrices), "settings": self.settings, "notes": list(self.notes),
                }
            )
        )  # fmt: skip

    def write(self, folder: str | Path) -> None:
        """Write ``rsa.json`` and ``matrices.safetensors``, which change together."""
        upper = np.triu_indices(len(self.conditions), 1)
        arrays = {str(i): np.asarray(m[upper], np.float32) for i, m in enumerate(self.matrices.values())}
        _FILES.write(folder, self.to_json(), {"matrices": arrays})


def load_rsa(folder: str | Path) -> SimilarityAnalysis:
    """Read what ``mien rsa`` wrote.

    Parameters
    ----------
    folder : path

    Returns
    -------
    SimilarityAnalysis

    Raises
    ------
    InputError
        If a file is missing, damaged or something else.

    Examples
    --------
    >>> import mien, numpy as np
    >>> from mien.responses.activations import Activations
    >>> from mien.responses.body_card import BodyCard
    >>> names = [f"{i}.jpg" for i in range(12)]
    >>> samples = mien.Samples(path=names, subject=names, labels={"category": ["face", "cup"] * 6})
    >>> answers = np.random.default_rng(0).normal(size=(12, 20)).astype("float32")
    >>> body = BodyCard("toy", "random, seed 0", "", "none", 32)
    >>> found = Activations(samples, body, {"conv": answers}, np.array(["ok"] * 12))
    >>> _ = mien.rsa(found, models=["category"], n_permutations=99, output="study/rsa/toy")
    >>> mien.load_rsa("study/rsa/toy").references[0].name
    'category'
    """
    return _FILES.read(folder, _result)


def _result(found: dict[str, Any], parts: dict[str, Any]) -> SimilarityAnalysis:
    arrays, count = parts["matrices"], len(found["conditions"])
    networks = [ComparedNetwork(**{**row, "layers": tuple(row["layers"])}) for row in found["networks"]]
    rows: list[dict[str, Any]] = [{k: _cell(k, v) for k, v in row.items()} for row in found["rows"]]
    references: list[dict[str, Any]] = [{k: _cell(k, v) for k, v in row.items()} for row in found["references"]]
    return SimilarityAnalysis(
        tuple(networks), tuple(ComparedReference(**row) for row in references),
        tuple(SimilarityRow(**row) for row in rows),
        tuple(map(str, found["conditions"])), tuple(map(str, found["categories"])),
        {str(name): _square(arrays[str(i)], count) for i, name in enumerate(found["matrices"])},
        _alignment(found["alignment"]), dict(found["settings"]), tuple(map(str, found["notes"])),
    )  # fmt: skip


_NUMBERS = ("score", "low", "high", "p", "p_corrected", "partial", "partial_p", "partial_p_corrected", "ceiling_low",
            "ceiling_high")  # fmt: skip


def _cell(name: str, value: Any) -> Any:
    return number(value) if name in _NUMBERS else value


def _square(upper: np.ndarray, count: int) -> np.ndarray:
    result = np.zeros((count, count), np.float32)
    result[np.triu_indices(count, 1)] = upper
    return result + result.T


def _alignment(found: Any) -> KernelAlignment | None:
    if found is None:
        return None
    values, tree = (np.stack([numbers(row) for row in found[name]]) for name in ("values", "dendrogram"))
    return KernelAlignment(tuple(map(str, found["names"])), values, tree, numbers(found["support"]))
