"""The methods of ``mien embed`` by name: what they need, and which settings they take."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from importlib.util import find_spec
from typing import ClassVar

from mien.core.errors import MissingExtra
from mien.core.registry import Row, row_of
from mien.manifold.maps import FittedMap


@dataclass(frozen=True)
class Map(Row[FittedMap]):
    """One way to draw a map; its home takes the points, ``n_dims`` and ``seed`` before its settings.

    Attributes
    ----------
    package : str
        What has to be installed.
    extra : str
        Extra of mien that brings it.
    seeded : bool
        Whether the seed changes the map.
    """

    package: str = "sklearn"
    extra: str = "learn"
    seeded: bool = False

    kind: ClassVar[str] = "map"
    room: ClassVar[str] = "mien.manifold."
    n_given: ClassVar[int] = 3


METHODS: dict[str, Map] = {
    row.name: row
    for row in (
        Map("pca", "maps:pca", "directions of most variance", "Hotelling 1933"),
        Map("tsne", "maps:tsne", "neighbours kept together (openTSNE)", "van der Maaten & Hinton 2008",
            package="openTSNE", extra="manifold", seeded=True),
        Map("umap", "maps:umap", "a graph of neighbours laid out", "McInnes, Healy & Melville 2018",
            package="umap", extra="manifold", seeded=True),
        Map("isomap", "maps:isomap", "distances along neighbours", "Tenenbaum, de Silva & Langford 2000"),
        Map("spectral", "maps:spectral", "eigenvectors of the graph of neighbours", "Belkin & Niyogi 2003"),
        Map("diffusion-map", "maps:diffusion_map", "eigenvectors of a random walk", "Coifman & Lafon 2006"),
        Map("mds", "maps:mds", "distances of all pairs", "Kruskal 1964"),
        Map("lle", "maps:lle", "each point from its neighbours", "Roweis & Saul 2000"),
        Map("pacmap", "maps:pacmap", "near, middle and far pairs", "Wang et al. 2021",
            package="pacmap", extra="pacmap", seeded=True),
    )
}  # fmt: skip
_ALIASES = {"t-sne": "tsne", "diffusion": "diffusion-map"}


def check_methods(names: Iterable[str]) -> list[str]:
    """Refuse methods that are unknown or whose packages are not installed, before anything is computed.

    Nothing heavy is imported, so a package that is there but does not load is noticed only later.

    Parameters
    ----------
    names : iterable of str
        As ``embed`` takes them.

    Returns
    -------
    list of str
        Their full names, each once.

    Raises
    ------
    InputError
        For an unknown method.
    MissingExtra
        With the command that installs what is missing.
    """
    full = list(dict.fromkeys(map_of_name(name).name for name in names))
    for name in full:
        method = METHODS[name]
        if find_spec(method.package) is None:
            raise MissingExtra(
                f"The map '{name}' needs the package '{method.package}', which is not installed. Install it with: "
                f"pip install 'mien[{method.extra}]'"
            )
    return full


def map_of_name(name: str) -> Map:
    """The map of that name, such as ``'tsne'`` or ``'t-sne'``.

    Raises
    ------
    InputError
        If there is none; the message lists what there is.
    """
    return row_of(METHODS, name, _ALIASES)
