"""Photos asked about what the landmarker lets be read off them: one inquiry for all methods."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import cached_property
from typing import Any

import numpy as np

from mien.atlas.crop_regions import crop_regions, with_regions
from mien.core.devices import AUTO
from mien.core.errors import InputError
from mien.core.evidence import Evidence, joined
from mien.core.faces import NO_FACE, OK, Faces
from mien.core.placing import place_columns
from mien.core.target import Target
from mien.data.media import pictures
from mien.data.samples import faces_of
from mien.explain.baselines import Baselines
from mien.explain.fills import blurred
from mien.explain.landmarker.crops import A_CLIP, PhotoCrops, photo_crops
from mien.explain.landmarker.through import LANDMARKER, Through, photos_of, reader_of
from mien.explain.methods import method_of_name
from mien.explain.people import people_once
from mien.explain.problem import Progress, silent
from mien.explain.question import Inquiry, prepare
from mien.explain.thumbnails import Shown, displayed, small_photo, spread_rows
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
            self._module(0.0),
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

    def evidence(self, target: str | int | Target | None, progress: Progress) -> Evidence:
        """Evidence for one output, sample by sample, because each crop lies differently in its photo."""
        parts = list(self._parts(target, progress))
        whole = joined(parts)
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

    def _parts(self, target: str | int | Target | None, progress: Progress) -> Iterator[Evidence]:
        count = len(self.crops)
        for row in range(max(count, 1)):
            part = self.one(row)

            def report(done: int, total: int, row: int = row) -> None:
                progress(row * 1000 + 1000 * done // max(total, 1), max(count, 1) * 1000)

            module = part.network.module
            result = part.evidence(target, report)
            assert isinstance(module, Through)
            watched = {"lowest presence": module.lowest, "passes without a face": module.lost}
            watched["passes without a face"] /= max(module.passes, 1)
            watched["landmarker passes"] = module.passes
            columns = {name: np.full(len(result), value, dtype=np.float64) for name, value in watched.items()}
            yield replace(result, columns={**result.columns, **columns})

    def one(self, row: int) -> Inquiry:
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
        if self.blurred and part.usable.all():
            # Also for methods without baselines: it says what the output usually is, without showing a black picture.
            baselines = Baselines(
                np.stack([blurred(one, "baseline") for one in part.features.values]), baselines.record
            )
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
        return Through(self.landmarker, head, turn).to(place_of(self.landmarker)).eval()

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
