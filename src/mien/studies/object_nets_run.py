"""What the study 'object-nets' works on: stimuli with categories and sources, and networks with their weights."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from mien.core.errors import InputError
from mien.core.samples import Samples
from mien.core.steps import data_mark
from mien.core.words import did_you_mean, listed
from mien.data.stimuli import read_stimuli
from mien.responses.body_card import Exposure
from mien.studies.stages import Run

PICTURES, ALTERED, PAREIDOLIA = "pictures", "altered", "pareidolia"
RANDOM, NO_METHOD = "random", "none"


@dataclass(frozen=True)
class StudyBody:
    """A network of the study.

    Attributes
    ----------
    name : str
        Of its folders.
    network : str
        As ``mien.activations`` takes it.
    weights : str
    exposure : str, optional
        None where mien knows it.
    """

    name: str
    network: str
    weights: str
    exposure: Exposure | None = None


class ObjectNetsRun(Run):
    """A study whose samples are stimuli: label ``category``, ``subject`` the source of each picture."""

    @cached_property
    def samples(self) -> Samples:
        """The stimuli."""
        return self.read(self.source)

    def read(self, source: str) -> Samples:
        """Stimuli of a table, a folder per category or a data set; columns are called what the settings say."""
        asked = self.settings["samples"]
        given = {"category": asked["category"], "subject_pattern": asked["subject_pattern"] or None}
        is_table = Path(source).is_file() or (Path(source).is_dir() and asked["columns"])
        return read_stimuli(source, **given, **({"columns": asked["columns"]} if is_table else {}))

    @cached_property
    def pictures_mark(self) -> str:
        """Fingerprint of the stimuli."""
        return self.mark_of(self.samples)

    @staticmethod
    def mark_of(samples: Samples) -> str:
        """Fingerprint of a table of pictures and of every picture's file."""
        digest = hashlib.blake2b(data_mark(samples, None).encode(), digest_size=20)
        for file in samples.files():
            digest.update(file.read_bytes() if file.is_file() else b"")
        return digest.hexdigest()

    @property
    def categories(self) -> np.ndarray:
        """Category of each picture."""
        return self.samples.labels["category"]

    @cached_property
    def face_categories(self) -> list[str]:
        """Categories that count as faces.

        Raises
        ------
        InputError
            If one of them, or of those that they are told from, is not there.
        """
        known = sorted(set(self.categories))
        asked = self.settings["samples"]
        for key in ("faces", "against"):
            for name in asked[key]:
                if name not in known:
                    raise InputError(
                        f"study.toml: 'samples.{key}' names '{name}'.{did_you_mean(name, known)} There are: "
                        f"{', '.join(known)}."
                    )
        both = sorted(set(asked["faces"]) & set(asked["against"]))
        if both:
            raise InputError(f"study.toml: '{both[0]}' is in 'samples.faces' and in 'samples.against'.")
        return list(dict.fromkeys(asked["faces"]))

    @property
    def objects(self) -> Samples:
        """Pictures that faces are told from."""
        against = self.settings["samples"]["against"]
        rows = np.isin(self.categories, against) if against else ~np.isin(self.categories, self.face_categories)
        return self.samples[rows]

    @cached_property
    def bodies(self) -> list[StudyBody]:
        """The networks, in the order of the settings.

        Raises
        ------
        InputError
            If two would share a folder, or a setting names a network that is not among them.
        """
        asked = self.settings["bodies"]
        names = list(dict.fromkeys(asked["names"]))
        for key in ("weights", "exposure"):
            for name in asked[key]:
                if name not in names:
                    raise InputError(
                        f"study.toml: 'bodies.{key}' names '{name}', which 'bodies.names' does not hold: "
                        f"{listed(names)}."
                    )
        found = []
        for name in names:
            place = self.folder / Path(name).expanduser()
            network = str(place) if (place / "model.json").is_file() else name
            weights = str(asked["weights"].get(name, "pretrained"))
            if weights not in ("pretrained", RANDOM):
                weights = str(self.place(weights))
            found.append(StudyBody(folder_name(name), network, weights, asked["exposure"].get(name)))
        twice = [body.name for body in found if [other.name for other in found].count(body.name) > 1]
        if twice:
            raise InputError(
                f"study.toml: two networks of 'bodies.names' would lie in the same folder, '{twice[0]}'; rename the "
                "folder of one."
            )
        return found

    def beside(self, body: StudyBody) -> StudyBody | None:
        """The same network with random weights; None for one that has them already, or where none is asked for."""
        if not self.settings["bodies"]["random"] or body.weights == RANDOM:
            return None
        if Path(body.network).is_dir():
            return None
        return StudyBody(f"{body.name}-{RANDOM}", body.network, RANDOM)

    @property
    def seed(self) -> int:
        """Of everything that is drawn."""
        found: int = self.settings["folds"]["seed"]
        return found


def folder_name(name: str) -> str:
    """What the folders of a network are called."""
    return re.sub(r"[^\w.-]+", "-", Path(name).name).strip("-.") or "body"


def settings_of(given: dict[str, Any]) -> dict[str, Any]:
    """How ``mien.activations`` looks at pictures, from the table [bodies]."""
    return {
        "layers": tuple(given["layers"]), "depth": given["depth"], "size": given["size"] or None, "fit": given["fit"],
        "float16": given["float16"],
    }  # fmt: skip
