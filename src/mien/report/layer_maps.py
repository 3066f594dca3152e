"""Maps of what layers answer to pictures: multidimensional scaling of their dissimilarities, with thumbnails."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from mien.compare.conditions import CATEGORY
from mien.compare.dissimilarity import directions
from mien.compare.layer_matrices import SharedPictures, shared_pictures
from mien.compare.rsa_result import SimilarityAnalysis
from mien.core.errors import InputError
from mien.manifold.embed import embed
from mien.manifold.sources import MapRows, pictures_of
from mien.report.maps import draw_maps
from mien.responses.activations import Activations


def draw_layers(
    activations: Activations | str | Path | Sequence[Activations | str | Path],
    output: str | Path,
    *,
    found: SimilarityAnalysis | None = None,
    layers: Sequence[str] | str = (),
    measure: str = "correlation",
    thumbnails: bool = False,
    show_names: bool = False,
    seed: int = 0,
) -> Path:
    """Draw maps of pictures in which distances are a layer's dissimilarities, as ``mien rsa --maps`` does.

    Parameters
    ----------
    activations : Activations, folder, or several of them
        As ``mien.rsa`` takes them.
    output : str or Path
        Folder that receives ``maps.html`` and a folder for each map.
    found : SimilarityAnalysis, optional
        Each network's layer that is most like its first reference is drawn.
    layers : sequence of str, optional
        Without ``found``: which layers; the last one of each network by default.
    measure : str
        ``'correlation'`` or ``'cosine'`` (distances are roots of twice the dissimilarity), or ``'euclidean'``.
    thumbnails : bool
        Put small copies of the pictures into the page; only of sets that say whose the pictures are.
    show_names : bool
        Name files instead of numbering them.
    seed : int
        Of the tests of categories along the map.

    Returns
    -------
    Path
        The page.

    Raises
    ------
    InputError
        If thumbnails are asked for of pictures that nothing is said of, or a layer has no dissimilarities.

    Examples
    --------
    >>> import mien, numpy as np, tempfile
    >>> from mien.responses.activations import Activations
    >>> from mien.responses.body_card import BodyCard
    >>> names = [f"{i}.jpg" for i in range(20)]
    >>> samples = mien.Samples(path=names, subject=names, labels={"category": ["face", "cup"] * 10})
    >>> answers = np.random.default_rng(0).normal(size=(20, 8)).astype("float32")
    >>> net = Activations(samples, BodyCard("toy", "random", "", "none", 32), {"conv": answers}, np.array(["ok"] * 20))
    >>> mien.draw_layers(net, tempfile.mkdtemp()).name
    'maps.html'
    """
    shared = shared_pictures(activations, layers)
    samples = shared.samples
    if thumbnails:
        check_credit(shared)
    credit = f"{samples.credit} {samples.licence}".strip()
    if samples.licence in samples.credit:
        credit = samples.credit
    facts: dict[str, Any] = {
        "ids": samples.path, "subjects": samples.subject, "labels": dict(samples.labels),
        "pictures": pictures_of(samples), "credit": credit,
    }  # fmt: skip
    several = len(set(samples.labels.get(CATEGORY, ())) - {""}) > 1
    maps = {}
    for network, layer in _chosen(shared, found):
        name = re.sub(r"[^\w.-]+", "-", f"{network}_{layer}").strip("-.")
        maps[name] = embed(
            MapRows(directions(shared.answers(network, layer), measure), **facts), method="mds", scale=False,
            attributes=[CATEGORY] if several else None, n_permutations=199, n_held_out=0, seed=seed,
            output=Path(output) / name,
        )  # fmt: skip
    return draw_maps(maps, output, title="Maps of layers", thumbnails=thumbnails, show_names=show_names)


def check_credit(shared: SharedPictures) -> None:
    """Refuse to show pictures of which nothing is said.

    Raises
    ------
    InputError
        The sentence says what to do.
    """
    if not (shared.samples.credit or shared.samples.synthetic):
        raise InputError(
            "Pictures are shown only where their set says whose they are: name a data set (objects, london:PATH), or "
            "leave out thumbnails."
        )


def _chosen(shared: SharedPictures, found: SimilarityAnalysis | None) -> list[tuple[str, str]]:
    """Which layers are drawn."""
    if found is None or not found.references:
        asked = {network: shared.layers_of(network) for network in shared.networks}
        return [(network, one) for network, own in asked.items() for one in (own if shared.asked else own[-1:])]
    chosen = []
    for network in found.networks:
        rows = [row for row in found.of(found.references[0].name, network.name) if row.score == row.score]
        if rows:
            chosen.append((network.name, max(rows, key=lambda row: row.score).layer))
    return chosen
