"""Photos asked about what the landmarker lets be read off them: one inquiry for all methods."""

from __future__ import annotations

from dataclasses import replace
from functools import cached_property, partial
from typing import Any

import numpy as np

from mien.atlas.crop_regions import crop_regions, with_regions
from mien.core.devices import AUTO
from mien.core.errors import InputError, MienError
from mien.core.evidence import Evidence, joined
from mien.core.faces import NO_FACE, OK, Faces
from mien.core.placing import place_columns
from mien.core.target import Target
from mien.data.media import pictures
from mien.data.samples import faces_of
from mien.explain.baselines import Baselines
from mien.explain.fills import blurred
from mien.explain.kept import KeptPhotos, mark_of
from mien.explain.landmarker.asked import LANDMARKER
from mien.explain.landmarker.crops import A_CLIP, PhotoCrops, photo_crops
from mien.explain.landmarker.lots import ExplainingPhotos, PhotoLot, network_through
from mien.explain.landmarker.through import photos_of, reader_of
from mien.explain.methods import method_of_name
from mien.explain.people import people_once
from mien.explain.problem import Progress, silent
from mien.explain.question import Inquiry, prepare
from mien.explain.targets import find_target
from mien.explain.thumbnails import Shown, displayed, small_photo, spread_rows
from mien.explain.workers import Workers, hollow
from mien.features.match import choose
from mien.nets.device import device_of, place_of
from mien.nets.landmarker.network import FacePoints

# Class activation maps are taken where the landmarker's maps have so many rows: later ones are too coarse to tell the
# mouth from the nose.
CAM_ROWS = 16


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
        device: str = AUTO,
        progress: Progress = silent,
        **settings: Any,
    ) -> None:
        self.samples = photos_of(samples)
        self.crops = photo_crops(
            self.samples, None if faces is None else faces_of(self.samples, faces), progress=progress
        )
        _refuse_clips(self.crops)
        reader, self.model_recipe = reader_of(model)
        self.network = reader.on(device)
        self.landmarker, self.seed = FacePoints().to(device_of(device)), seed
        self.blurred = baselines is None or (isinstance(baselines, str) and baselines == "blur")
        known = self.samples.labels.get(self.network.label, np.full(len(self.samples), "", dtype=object))
        others = None
        if reference is not None:
            others = photo_crops(photos_of(reference), None).features
        subjects, said = self._people()
        settings = {"subjects": subjects, "labels": known} | {
            name: value for name, value in settings.items() if value is not None
        }
        method = settings.get("method", "integrated-gradients")
        self._by_region = _by_region(method, settings)
        settings = self.settings_of(method, settings)
        inquiry = prepare(
            network_through(self.network, self.landmarker, 0.0),
            self.crops.features,
            baselines="zero" if self.blurred else baselines,
            reference=others,
            seed=seed,
            device=device,
            classes=self.network.classes,
            **settings,
        )
        inputs = replace(inquiry.inputs, sample=self.samples.path.astype(object), synthetic=self.samples.synthetic)
        self.inquiry = replace(inquiry, inputs=inputs, notes=(*said, *inquiry.notes))

    def _people(self) -> tuple[np.ndarray, list[str]]:
        """Who is one person, copies of photos taken together."""
        crops = self.crops
        points = crops.points.astype(np.float64)
        in_photo = np.einsum("rij,rpj->rpi", crops.to_photo[:, :, :2], points[:, :, :2]) + crops.to_photo[:, None, :, 2]
        faces = Faces.build(
            len(crops),
            source=self.samples.path,
            track=np.zeros(len(crops)),
            landmarks_px=np.concatenate([in_photo, points[:, :, 2:]], axis=2),
            status=np.where(crops.features.ok, OK, NO_FACE),
        )
        people, path, values = self.samples.subject, self.samples.path, crops.features.values
        choices = choose(self.samples, faces)
        return people_once(people, path, values, self.network.model, crops.files, choices, faces)

    @property
    def classes(self) -> tuple[str, ...]:
        """Names of the outputs."""
        return self.inquiry.classes

    @property
    def places(self) -> dict[str, np.ndarray]:
        """Where each sample's crop lies in its photo, see ``mien.core.placing``."""
        return place_columns(self.crops.to_photo, self.crops.size_px)

    def settings_of(self, method: str, given: dict[str, Any], row: int | None = None) -> dict[str, Any]:
        """Settings of a method with what it needs about photos: a layer of the landmarker, the face's regions."""
        result = dict(given)
        if "layer" in method_of_name(method).defaults():
            result.setdefault("layer", f"landmarker.network.{self.landmarker.network.last_map(CAM_ROWS)}")
        if _by_region(method, given):
            maps = self._regions
            result["segments"] = maps if row is None else maps[row : row + 1]
        return result

    def evidence(self, target: str | int | Target | None, progress: Progress, run: Workers) -> Evidence:
        """Evidence for one output, sample by sample, because each crop lies differently in its photo."""
        whole = joined(self._parts(find_target(target, self.classes), progress, run))
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
        if self._by_region:
            settings["segments"] = "regions"
        settings["recipe"] = {"name": "photo", "through": LANDMARKER, "model": self.model_recipe}
        return with_regions(replace(whole, columns=columns, settings=settings), crops.points)

    def _parts(self, target: Target, progress: Progress, run: Workers) -> list[Evidence]:
        """Evidence of each photo."""
        whole = self.inquiry
        rows = range(max(len(self.crops), 1))
        features = whole.inputs.features.values
        problem = whole.problem(target, features)
        mark = mark_of(replace(whole, network=self.network), problem, np.asarray(self.crops.turn), self.blurred)
        found = run.gather(
            ExplainingPhotos(None, str(place_of(self.landmarker)), (self.network, self.landmarker)),
            lambda: ExplainingPhotos(run.travelling(self.network.model), str(place_of(self.landmarker))),
            str(target),
            {row: partial(self._lot, row, target) for row in rows},
            dict.fromkeys(rows, 1 / len(rows)),
            run.kept(f"{whole.method.name}-through-{LANDMARKER}", target, mark, KeptPhotos),
            progress,
        )
        there = [one for one in found.values() if isinstance(one, Evidence)]
        if not there:
            raise MienError(f"No photo was explained: {found[0][1]}")
        return [one if isinstance(one, Evidence) else self._without(row, one, there[0]) for row, one in found.items()]

    def _lot(self, row: int, target: Target) -> PhotoLot:
        return PhotoLot(row, self._asked(row), target, self._turn(row))

    def _turn(self, row: int) -> float:
        return float(self.crops.turn[row]) if row < len(self.crops) else 0.0

    def _without(self, row: int, why: tuple[str, str], like: Evidence) -> Evidence:
        """A photo that nobody explained, with status and reason."""
        inputs, one = self.inquiry.inputs, like[:1]
        names = ("values", "output", "gap", "standard_error")
        empty = {name: np.full_like(getattr(one, name), np.nan) for name in names if getattr(one, name) is not None}
        return replace(
            one,
            **empty,
            sample=inputs.sample[row : row + 1],
            subject=inputs.subject[row : row + 1],
            label=inputs.label[row : row + 1],
            status=np.array([why[0]], dtype=object),
            columns={name: np.full(1, np.nan) for name in one.columns},
            settings={**one.settings, "left_out": {str(inputs.sample[row]): why[1]}},
        )

    def one(self, row: int) -> Inquiry:
        """The inquiry about one sample, with the network as its photo needs it."""
        module = network_through(self.network, self.landmarker, self._turn(row))
        return replace(self._asked(row), network=replace(self.network, module=module), reference=self.inquiry.reference)

    def _asked(self, row: int) -> Inquiry:
        """The same without the network."""
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
        if self.blurred and part.usable.all():
            # Also for methods without baselines: it says what the output usually is, without showing a black picture.
            baselines = Baselines(
                np.stack([blurred(one, "baseline") for one in part.features.values]), baselines.record
            )
        # Each sample draws its own numbers, whatever its neighbours are.
        seed = int(np.random.SeedSequence([self.seed, row]).generate_state(1)[0])
        return replace(
            hollow(replace(whole, network=self.network)),
            inputs=part,
            baselines=baselines,
            settings=settings,
            seed=seed,
        )

    @cached_property
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
        photos = [small_photo(pictures.read_picture(self.crops.files[row]), self.crops.to_photo[row]) for row in rows]
        return Shown(
            rows,
            displayed(self.crops.features.values[rows]),
            tuple(photo for photo, _ in photos),
            np.array([matrix for _, matrix in photos]).reshape(len(photos), 2, 3),
        )


def _refuse_clips(crops: PhotoCrops) -> None:
    """Say why there is nothing to explain where all samples are videos."""
    if len(crops) and (crops.features.status == A_CLIP).all():
        raise InputError(
            f"Through the landmarker mien explains single photos, but all {len(crops)} samples are videos: which of "
            "their frames is meant is not known. Save the frame that matters (such as the apex) of each as a picture "
            "and explain those, or explain the model's own features of the videos, without through='landmarker' "
            "(--through)."
        )


def _by_region(method: str, settings: dict[str, Any]) -> bool:
    """Whether a method covers facial regions by name."""
    segments = settings.get("segments", method_of_name(method).defaults().get("segments"))
    return isinstance(segments, str) and segments == "regions"
