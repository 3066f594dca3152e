"""Evidence carried through the landmarker: from a model, a blendshape or a distance back to the pixels of photos.

The explained network is the landmarker itself with what follows it: pixels of the level face crop -> 478 points ->
(blendshapes, named distances ->) output. Every method of mien works on it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import torch
from torch import nn

from mien.core.errors import InputError
from mien.core.evidence import Evidence
from mien.core.faces import Faces
from mien.core.samples import Samples
from mien.core.target import Target
from mien.data import pictures
from mien.explain.baselines import Baselines
from mien.explain.inputs import Network
from mien.explain.pixels.crops import PhotoCrops, photo_crops
from mien.explain.pixels.readings import head_of_model, is_reading, parse_reading
from mien.explain.pixels.regions import crop_regions, with_regions
from mien.explain.pixels.shown import Shown, displayed, small_photo, spread_rows
from mien.explain.problem import Progress, silent
from mien.faces.mesh import MIN_PRESENCE
from mien.models.landmarker.network import FacePoints

LANDMARKER = "landmarker"
# Standard deviation of the blurred baseline's Gaussian, as a share of the crop: no expression is left, but still a face,
# so that the landmarker never has to look at what is none (with twice as much, or black, it does).
BLUR_SHARE = 1 / 24


class Through(nn.Module):
    """Level crops (samples, 3, 256, 256) from 0 to 1 -> outputs (samples, ...) of what reads the points.

    Parameters
    ----------
    landmarker : FacePoints
    head : nn.Module
        Points (samples, 478, 3) -> outputs. The points are turned back as they lie in the photo, because the
        blendshape network sees them so; their size and place are the crop's.
    turn : float
        In-plane turn of the crop in its photo, radians clockwise.

    Attributes
    ----------
    lowest, passes, lost : float, int, int
        Over all crops that went through since ``watch_again``: the lowest probability of a face, their number, and in
        how many the landmarker would have seen no face.
    """

    rotation: torch.Tensor

    def __init__(self, landmarker: FacePoints, head: nn.Module, turn: float = 0.0) -> None:
        super().__init__()
        self.landmarker, self.head = landmarker, head
        cosine, sine = float(np.cos(turn)), float(np.sin(turn))
        rotation = torch.tensor([[cosine, sine, 0.0], [-sine, cosine, 0.0], [0.0, 0.0, 1.0]])
        self.register_buffer("rotation", rotation)
        self.watch_again()

    def watch_again(self) -> None:
        """Forget what went through."""
        self.lowest, self.passes, self.lost = 1.0, 0, 0

    def forward(self, crops: torch.Tensor) -> torch.Tensor:
        """Outputs of the head."""
        points, logit = self.landmarker(crops)
        presence = torch.sigmoid(logit.detach())
        if len(presence):
            self.lowest = min(self.lowest, float(presence.min()))
            self.passes += len(presence)
            self.lost += int((presence < MIN_PRESENCE).sum())
        found: torch.Tensor = self.head(points @ self.rotation)
        return found


def is_through(model: Any, through: Any) -> bool:
    """Whether something is to be explained through the landmarker.

    Raises
    ------
    InputError
        If ``through`` names something else.
    """
    if through not in (None, "", LANDMARKER):
        raise InputError(f"Evidence can be carried through the '{LANDMARKER}', but got through='{through}'.")
    return bool(through) or (isinstance(model, (str, Path)) and is_reading(model))


def photos_of(samples: Any) -> Samples:
    """Samples from samples, their name, or plain pictures: paths, folders and patterns.

    Plain pictures count as one person each.
    """
    if isinstance(samples, Samples):
        return samples
    given = [samples] if isinstance(samples, (str, Path)) else samples
    if not isinstance(given, Sequence) or not all(isinstance(one, (str, Path)) for one in given):
        raise InputError(
            "Through the landmarker mien explains photos: give Samples, their name, or paths of pictures, not an array."
        )
    if isinstance(samples, (str, Path)) and not _holds_pictures(str(samples)):
        from mien.data.samples import read_samples

        return read_samples(str(samples))
    from mien.faces.sources import find_sources

    found = [source for source in find_sources(list(given)) if not source.absent]
    if not found:
        raise InputError(f"There is no picture at {', '.join(str(one) for one in given)}.")
    path = np.array([str(source.path) for source in found], dtype=object)
    return Samples(path=path, subject=np.array([source.name for source in found], dtype=object))


def _holds_pictures(text: str) -> bool:
    """Whether a text names a picture, a pattern, or a folder with pictures in it (not in folders of classes)."""
    path = Path(text).expanduser()
    if path.is_dir():
        inside = list(path.iterdir())
        table = any(one.name.startswith("samples.") for one in inside)
        return not table and any(one.suffix.lower() in pictures.SUFFIXES for one in inside)
    return path.suffix.lower() in pictures.SUFFIXES or any(sign in text for sign in "*?[")


class Photos:
    """Photos and what is read off their faces, ready to be asked about any output.

    Parameters
    ----------
    model, samples, faces, baselines, reference, settings
        As in ``mien.explain``.
    """

    def __init__(
        self,
        model: Any,
        samples: Any,
        *,
        faces: Any = None,
        baselines: Any = None,
        reference: Any = None,
        seed: int = 0,
        progress: Progress = silent,
        **settings: Any,
    ) -> None:
        from mien.explain.explain import prepare

        self.samples = photos_of(samples)
        self.crops = photo_crops(self.samples, _faces_of(faces), progress=progress)
        self.network, self.model_recipe = _network(model)
        self.landmarker, self.seed = FacePoints(), seed
        self.blurred = baselines in (None, "blur")
        known = self.samples.labels.get(self.network.label, np.full(len(self.samples), "", dtype=object))
        others = None
        if reference is not None:
            others = photo_crops(photos_of(reference), None).features
        settings = {"subjects": self.samples.subject, "labels": known} | {
            name: value for name, value in settings.items() if value is not None
        }
        self._by_region = settings.get("segments") is not None and str(settings["segments"]) == "regions"
        if self._by_region:
            settings["segments"] = self._regions()
        inquiry = prepare(
            self._module(0.0),
            self.crops.features,
            baselines="zero" if self.blurred else baselines,
            reference=others,
            seed=seed,
            classes=self.network.classes,
            **settings,
        )
        inputs = replace(inquiry.inputs, sample=self.samples.path.astype(object))
        self.inquiry = replace(inquiry, inputs=inputs)

    @property
    def classes(self) -> tuple[str, ...]:
        """Names of the outputs."""
        return self.inquiry.classes

    def evidence(self, target: str | int | Target | None, progress: Progress) -> Evidence:
        """Evidence for one output, sample by sample, because each crop lies differently in its photo."""
        parts = list(self._parts(target, progress))
        whole = _joined(parts)
        crops = self.crops
        columns = {
            **whole.columns,
            "presence": crops.presence,
            "points moved": crops.moved,
            "turn_deg": np.degrees(crops.turn),
        }
        settings = {**whole.settings, "seed": self.seed, "through": LANDMARKER, "input": "level face crop, 256 x 256"}
        if self.blurred and "baselines" in whole.settings:
            settings |= {"baselines": "blur", "n_baselines": 1}
        if isinstance(settings.get("segments"), np.ndarray):
            settings["segments"] = "regions" if self._by_region else "given"
        settings["recipe"] = {"name": "photo", "through": LANDMARKER, "model": self.model_recipe}
        return with_regions(replace(whole, columns=columns, settings=settings), crops.points)

    def _parts(self, target: str | int | Target | None, progress: Progress) -> Iterator[Evidence]:
        count = len(self.crops)
        for row in range(max(count, 1)):
            part = self._one(row)

            def report(done: int, total: int, row: int = row) -> None:
                progress(row * 1000 + 1000 * done // max(total, 1), max(count, 1) * 1000)

            module = part.network.module
            found = part.evidence(target, report)
            assert isinstance(module, Through)
            watched = {"lowest presence": module.lowest, "passes without a face": module.lost}
            watched["passes without a face"] /= max(module.passes, 1)
            watched["landmarker passes"] = module.passes
            columns = {name: np.full(len(found), value, dtype=np.float64) for name, value in watched.items()}
            yield replace(found, columns={**found.columns, **columns})

    def _one(self, row: int) -> Any:
        """The inquiry about one sample, with the network as its photo needs it."""
        whole, rows = self.inquiry, slice(row, row + 1)
        inputs, settings = whole.inputs, dict(whole.settings)
        segments = settings.get("segments")
        if isinstance(segments, np.ndarray) and segments.ndim == 3 and len(segments) == len(self.crops):
            settings["segments"] = segments[rows]
        part = replace(
            inputs,
            features=inputs.features[rows],
            sample=inputs.sample[rows],
            subject=inputs.subject[rows],
            label=inputs.label[rows],
        )
        baselines = whole.baselines
        if self.blurred and len(baselines.values) and part.usable.all():
            baselines = Baselines(blurred(part.features.values), {"baselines": "blur", "n_baselines": 1})
        # Each sample draws its own numbers, whatever its neighbours are.
        seed = int(np.random.SeedSequence([self.seed, row]).generate_state(1)[0])
        module = self._module(float(self.crops.turn[row]) if row < len(self.crops) else 0.0)
        return replace(
            whole,
            network=replace(self.network, module=module),
            inputs=part,
            baselines=baselines,
            settings=settings,
            seed=seed,
        )

    def _module(self, turn: float) -> Through:
        head = self.network.module
        assert head is not None
        return Through(self.landmarker, head, turn).eval()

    def _regions(self) -> np.ndarray:
        """Facial regions of every crop, as segments."""
        usable = self.crops.features.ok
        shape = self.crops.features.values.shape[2:]
        maps = np.zeros((len(usable), *shape), dtype=np.int32)
        for row in np.flatnonzero(usable):
            maps[row] = crop_regions(self.crops.points[row], (shape[0], shape[1]))
        return maps

    def shown(self, evidence: Evidence) -> Shown:
        """Crops and photos of a few samples, for drawings."""
        rows = spread_rows(evidence)
        files = self.samples.files()
        photos = [small_photo(pictures.read_picture(files[row]), self.crops.to_photo[row]) for row in rows]
        return Shown(
            rows,
            displayed(self.crops.features.values[rows]),
            tuple(photo for photo, _ in photos),
            np.array([matrix for _, matrix in photos]).reshape(len(photos), 2, 3),
        )


def blurred(values: np.ndarray) -> np.ndarray:
    """Pictures of which only light and colour are left: a Gaussian of 1/24 of the height; shape as given."""
    sigma = BLUR_SHARE * values.shape[2]
    rows = [[cv2.GaussianBlur(channel, (0, 0), sigma, borderType=cv2.BORDER_REPLICATE) for channel in one]
            for one in values]  # fmt: skip
    return np.asarray(rows, dtype=np.float32).reshape(values.shape)


def _network(model: Any) -> tuple[Network, dict[str, Any]]:
    """What reads the points, as a network, and the recipe of a trained model."""
    if isinstance(model, (str, Path)) and is_reading(model):
        reading = parse_reading(str(model))
        facts = {"name": f"{reading.kind} through the landmarker", "kind": LANDMARKER, "classes": list(reading.names)}
        return Network(reading.head(), reading.names, explained=reading.unit, facts=facts), {}
    from mien.explain.inputs import network_of
    from mien.models.base import Model

    known = network_of(model)
    if not isinstance(known.model, Model) or known.module is None:
        raise InputError(
            "Through the landmarker mien explains a trained model with gradients, or blendshape:NAME, measure:NAME "
            f"and distance:POINT-POINT, but got {known.facts.get('name', model)} ({known.facts.get('kind')})."
        )
    facts = {**known.facts, "through": LANDMARKER}
    return replace(known, module=head_of_model(known.model), recipe={}, facts=facts), dict(known.recipe)


def _faces_of(faces: Any) -> Faces | None:
    if faces is None or isinstance(faces, Faces):
        return faces
    from mien.data.shards import read_faces

    return read_faces(Path(faces))


def _joined(parts: list[Evidence]) -> Evidence:
    """Rows of all parts, in order."""
    first = parts[0]
    names = ("values", "sample", "subject", "label", "output", "gap", "status")
    joined: dict[str, Any] = {name: np.concatenate([getattr(part, name) for part in parts]) for name in names}
    columns = list(dict.fromkeys(name for part in parts for name in part.columns))
    joined["columns"] = {
        name: np.concatenate([part.columns.get(name, np.full(len(part), np.nan)) for part in parts]) for name in columns
    }
    if any(part.standard_error is not None for part in parts):
        joined["standard_error"] = np.concatenate(
            [part.standard_error if part.standard_error is not None else np.full_like(part.values, np.nan)
             for part in parts]
        )  # fmt: skip
    return replace(first, **joined)


__all__ = ["LANDMARKER", "PhotoCrops", "Photos", "Through", "blurred", "is_through", "photos_of"]
