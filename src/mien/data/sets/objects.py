"""Fluent Emoji in their 3-D style: drawn objects, animals, animal faces and faces."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib.resources import files
from pathlib import Path

import numpy as np

from mien.core.samples import Samples
from mien.data.sets.catalogue import part
from mien.data.tables.table import read_table

# Looked over by eye: pictures that show a face (or an eye, or a head) although their category says nothing of one, and
# pictures of animals that show none.
_WITH_FACES = frozenset(
    "paperclip;moai;x-ray;hamsa;nazar amulet;identification card;snowman;snowman without snow;"
    "Statue of Liberty;carousel horse;performing arts;joker;carp streamer;piñata;wedding".split(";")
)
_WITHOUT_FACES = frozenset(
    "coral;empty nest;feather;hibiscus;lotus;microbe;nest with eggs;oyster;paw prints;spider web;spiral shell;wing;"
    "jellyfish".split(";")
)
_WITH_HEADS = ("drawn face", "animal face", "animal")


@cache
def _families() -> dict[str, str]:
    """The source of each picture that shares one with others, by the picture's name."""
    text = files("mien.data.sets").joinpath("object_families.toml").read_text(encoding="utf-8")
    return {name: family[0] for family in tomllib.loads(text)["families"] for name in family}


def objects(folder: Path) -> Samples:
    """Fluent Emoji: 870 drawn pictures of objects, animals and faces, on mid-grey.

    Labels ``category``, ``name`` and ``shows_face`` (``'yes'`` or ``'no'``, by the category and by eye). The subject is
    the thing shown; pictures of one thing in several states, colours or numbers, and near copies, are one source
    (``object_families.toml``).
    """
    table = read_table(part(folder, "labels.csv", "objects"))
    path = table.need("path", "the picture of each row")
    name = table.need("name", "what is shown")
    category = table.need("category", "what kind of thing it is")
    shown = [
        n in _WITH_FACES or (kind in _WITH_HEADS and n not in _WITHOUT_FACES)
        for n, kind in zip(name, category, strict=True)
    ]
    faces = np.where(shown, "yes", "no").astype(object)
    return Samples(
        path=path,
        subject=np.array([_families().get(n, n) for n in name], dtype=object),
        labels={"category": category, "name": name, "shows_face": faces},
        root=folder.resolve(),
        name="Fluent Emoji, 3-D style",
        licence="MIT",
        credit="(c) Microsoft Corporation (Fluent Emoji, 3-D style), MIT licence; packaged by LobeHub.",
        synthetic=True,
        things=True,
    )
