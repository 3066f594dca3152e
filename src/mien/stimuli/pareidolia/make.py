"""``pareidolia``: matched pairs of pictures whose only difference is how the same parts are arranged."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from mien.core.errors import InputError
from mien.core.numbers import checked_numbers
from mien.core.output import check_folder
from mien.core.progress import Progress
from mien.core.samples import Samples
from mien.data.media.pictures import read_picture
from mien.data.stimuli import read_stimuli
from mien.stimuli.alterations import to_pixels
from mien.stimuli.low_level import UNREADABLE
from mien.stimuli.make import write_picture
from mien.stimuli.pareidolia.arrangement import apart, boxes_at, face_places, gap_px, mean_distance, scrambled_places
from mien.stimuli.pareidolia.ground import Ground, colour_at, ground_of, roughness
from mien.stimuli.pareidolia.parts import LOOKS, drawn, laid, paint_for
from mien.stimuli.pareidolia.result import (
    INVERTED,
    UPRIGHT,
    PareidoliaPicture,
    PareidoliaSet,
    PlacedPart,
    paired_differences,
)
from mien.stimuli.statistics import STATISTICS, statistics_of

FACE, SCRAMBLED, OTHER = "made-up pareidolia", "scrambled parts", "other scrambled parts"
# Label of data sets that say which objects show a face by themselves.
SHOWS_FACE = "shows_face"
# Luminance may vary so much on an object; parts get lost on others.
_ROUGHEST = 32.0
# Arrangements that are tried, how many have to qualify and how many are enough, and how many of those nearest in the
# parts' distance from the middle are drawn and compared in low-level statistics.
_TRIES, _LEAST, _KEPT, _COMPARED = 30_000, 6, 1000, 24
# Radii of the face to try, in those of the largest circle in the object.
_RADII = (1.25, 1.1, 1.0, 0.9, 0.8)
# What a scrambled picture is chosen by, and how large a difference counts as one.
_NEAR = {"luminance": 0.01, "contrast": 0.01, "horizontal energy": 0.01, "rising energy": 0.01, "vertical energy": 0.01,
         "falling energy": 0.01, "mirror symmetry": 0.03, "top heaviness": 0.02, "spectral slope": 0.03,
         "edge density": 0.003, "compressed size": 0.02}  # fmt: skip
_KEPT_NEAR, _UNITS = [list(STATISTICS).index(name) for name in _NEAR], np.array(list(_NEAR.values()))
# Small differences that go one way are made good by the next pairs; a face's symmetry no scrambled picture has.
_BALANCED, _MOST_OWED = np.array([name != "mirror symmetry" for name in _NEAR]), 4.0
_DISTANCE = 0.005


@dataclass(frozen=True, eq=False)
class _Base:
    """An object that parts can be laid on."""

    row: int
    pixels: np.ndarray
    ground: Ground


@checked_numbers
def pareidolia(
    samples: str | Path | Samples,
    output: str | Path,
    *,
    pairs: int = 200,
    null: bool = False,
    category: str = "",
    subject_pattern: str | None = None,
    columns: Mapping[str, str] | None = None,
    n_permutations: int = 2000,
    seed: int = 0,
    progress: Progress | None = None,
) -> PareidoliaSet:
    """Make objects that look like faces by the arrangement of parts alone, and the same with the parts scrambled.

    Each pair is one object picture with the same parts (two round ones, a wide one and sometimes a small one, drawn as
    knobs, holes, buttons, bolts, slots, handles or grilles) twice: arranged as a face, and so that no face arises, be
    it mirrored, turned or inverted. Both have the same parts of the same size, and these have the same centre and the
    same mean distance from it; of such arrangements the one whose low-level statistics are nearest to the face's is
    taken, so that small differences of earlier pairs are made good. Each picture is there upright and inverted: four
    pictures for each pair.

    Parameters
    ----------
    samples : str, Path or Samples
        Pictures of objects on a plain background, as ``mien.read_stimuli`` takes them. Rows of a data set that says in
        a label ``shows_face`` that a face is shown are left out, and so are objects that leave no room.
    output : str or Path
        Folder that receives the pictures (PNG), ``samples.csv`` (path, category, source, pair, orientation, made_from,
        licence), ``parts.csv`` (where each part of each picture lies, in pixels), ``pairs.csv`` and
        ``pareidolia.json``.
    pairs : int
        How many. Objects are taken in turn, so one may come several times, with other parts.
    null : bool
        Both pictures of each pair scrambled: nothing but chance can differ. For checking what comes afterwards.
    category, subject_pattern, columns
        How pictures are read: as in ``mien.read_stimuli``.
    n_permutations, seed : int
        Of the paired tests; objects, parts and places are drawn from the seed.
    progress : callable (done, total), optional

    Returns
    -------
    PareidoliaSet
        ``.differences`` are paired tests of the low-level statistics and of the parts' positions.

    Raises
    ------
    InputError
        If no object leaves room for parts; the sentence says why not.

    Notes
    -----
    What is held equal is named above; mirror symmetry is not, where no scrambled arrangement has it, as it belongs to
    the arrangement of a face. The table of differences says by how much the pairs differ in it.

    Examples
    --------
    >>> import mien
    >>> from PIL import Image, ImageDraw
    >>> box = Image.new("RGB", (96, 96), "white")
    >>> ImageDraw.Draw(box).rectangle((8, 8, 88, 88), fill=(200, 120, 60))
    >>> box.save("box.png")
    >>> objects = mien.Samples(path=["box.png"], subject=["box"], labels={"category": ["thing"]}, things=True)
    >>> made = mien.pareidolia(objects, "faces", pairs=2)
    >>> len(made.pictures), [part.name for part in made.pictures[0].parts][:3]
    (8, ['eye 1', 'eye 2', 'mouth'])
    """
    given = read_stimuli(samples, category=category, subject_pattern=subject_pattern, columns=columns)
    folder = Path(output)
    check_folder(folder)
    rng = np.random.default_rng(seed)
    bases, refused = _bases(given, rng, pairs)
    pictures: list[PareidoliaPicture] = []
    owed = np.zeros(len(_NEAR))
    for number in range(pairs):
        base = bases[number % len(bases)]
        made = _pair(base, number, given, null, np.random.default_rng([seed, number]), owed)
        for picture, pixels in made:
            write_picture(folder / picture.path, pixels)
            pictures.append(picture)
        if progress is not None:
            progress(number + 1, pairs)
    found = PareidoliaSet(
        folder=folder,
        name=f"Made-up pareidolia on {given.name}" if given.name else "Made-up pareidolia",
        licence=given.licence,
        credit=given.credit,
        synthetic=given.synthetic,
        pictures=tuple(pictures),
        differences=tuple(paired_differences(pictures, n_permutations=n_permutations, seed=seed)),
        settings={"pairs": pairs, "null": null, "n_permutations": n_permutations, "seed": seed,
                  "objects": len({given.subject[base.row] for base in bases[:pairs]}), "left_out": refused},
        notes=given.notes,
    )  # fmt: skip
    found.write()
    return found


def _bases(samples: Samples, rng: np.random.Generator, most: int) -> tuple[list[_Base], dict[str, int]]:
    """Objects in random order, no more than there are pairs, and why others were passed over."""
    refused: dict[str, int] = {}
    bases: list[_Base] = []
    with_face = samples.labels.get(SHOWS_FACE)
    files = samples.files()
    for row in rng.permutation(len(samples)):
        if len(bases) == most:
            break
        why = ""
        try:
            if with_face is not None and with_face[row] == "yes":
                raise InputError("shows a face")
            pixels = read_picture(files[row])
            base = _Base(int(row), pixels, ground_of(pixels))
            if roughness(pixels, base.ground) > _ROUGHEST:
                raise InputError("too much detail")
            if next(_scenes(base, np.random.default_rng(0)), None) is None:
                raise InputError("too narrow for parts")
            bases.append(base)
        except InputError as error:
            why = str(error) if len(str(error)) < 30 else UNREADABLE
        except OSError:
            why = UNREADABLE
        if why:
            refused[why] = refused.get(why, 0) + 1
    if not bases:
        said = ", ".join(f"{why} ({many})" for why, many in refused.items())
        raise InputError(
            f"No picture of {samples.name or 'the samples'} is an object on a plain background that leaves room for "
            f"parts: {said}. Give pictures of single objects, such as the data set objects:."
        )
    return bases, refused


@dataclass(frozen=True, eq=False)
class _Scene:
    """Parts of one pair and their places in a face."""

    kinds: tuple[str, ...]
    sizes: np.ndarray
    places: np.ndarray
    radius: float
    scrambled: tuple[np.ndarray, ...] = ()


def _scenes(base: _Base, rng: np.random.Generator) -> Iterator[_Scene]:
    """Faces that fit onto the object, the largest first; both arrangements of a pair have to."""
    kinds = ("eye", "eye", "mouth", "nose") if rng.random() < 0.4 else ("eye", "eye", "mouth")
    eye, wide, high, nose = (
        rng.uniform(0.26, 0.4),
        rng.uniform(0.6, 0.95),
        rng.uniform(0.16, 0.26),
        rng.uniform(0.14, 0.2),
    )
    in_radii = {"eye": (eye, eye), "mouth": (wide, high), "nose": (nose, nose)}
    places = face_places(kinds, rng)
    for radius in _RADII:
        px = radius * base.ground.radius
        sizes = np.maximum(np.rint(np.array([in_radii[kind] for kind in kinds]) * px).astype(int), 3)
        scene = _Scene(kinds, sizes, places, px)
        if not _fits(base, scene, places[None]).any():
            continue
        found = scrambled_places(kinds, places, sizes.prod(axis=1), rng, _TRIES)
        others = found[_fits(base, scene, found)][:_KEPT]
        if len(others) >= _LEAST:
            yield replace(scene, scrambled=tuple(others))


def _fits(base: _Base, scene: _Scene, places: np.ndarray) -> np.ndarray:
    """Which arrangements lie on the object, their parts apart; places (arrangements, parts, 2)."""
    boxes = boxes_at(places, scene.sizes, base.ground.centre, scene.radius)
    return np.asarray(apart(boxes, gap_px(scene.radius)) & base.ground.holds(boxes))


def _pair(
    base: _Base, number: int, samples: Samples, null: bool, rng: np.random.Generator, owed: np.ndarray
) -> Iterator[tuple[PareidoliaPicture, np.ndarray]]:
    """The four pictures of a pair; ``owed`` holds the differences of the pairs before, which this one makes good."""
    scene = next((scene for _ in range(50) for scene in _scenes(base, rng)), None)
    if scene is None:
        raise InputError(f"'{samples.path[base.row]}' leaves no room for parts.")
    paint = paint_for(colour_at(base.pixels, base.ground), rng)
    looks = {kind: LOOKS[kind][int(rng.integers(len(LOOKS[kind])))] for kind in dict.fromkeys(scene.kinds)}
    own = int(rng.integers(2**31))
    # Parts of one kind are one drawing.
    patches = [
        drawn(looks[kind], int(width), int(height), paint, np.random.default_rng([own, len(kind)]))
        for kind, (width, height) in zip(scene.kinds, scene.sizes, strict=True)
    ]
    candidates = list(scene.scrambled)
    first = candidates.pop(0) if null else scene.places
    target = _drawn_on(base, scene, patches, first)
    aim = statistics_of(target)[_KEPT_NEAR]
    candidates.sort(key=lambda places: _apart(scene, places, first))
    others = [(places, _drawn_on(base, scene, patches, places)) for places in candidates[:_COMPARED]]
    units = [np.nan_to_num((aim - statistics_of(pixels)[_KEPT_NEAR]) / _UNITS) for _, pixels in others]
    places_apart = [_apart(scene, first, places) / _DISTANCE for places, _ in others]
    # In a null set both pictures have to be exchangeable.
    before = np.zeros_like(owed) if null else np.where(_BALANCED, np.clip(owed, -_MOST_OWED, _MOST_OWED), 0)
    costs = [(own @ own) + ((before + own) ** 2).sum() + far**2 for own, far in zip(units, places_apart, strict=True)]
    best = int(np.argmin(costs))
    second = others[best]
    owed += units[best]
    both = [(SCRAMBLED if null else FACE, first, target), (OTHER if null else SCRAMBLED, *second)]
    if null and rng.random() < 0.5:
        both = [(name, places, pixels) for (name, _, _), (_, places, pixels) in zip(both, both[::-1], strict=True)]
    for name, places, pixels in both:
        boxes = boxes_at(places, scene.sizes, base.ground.centre, scene.radius)
        for orientation in (UPRIGHT, INVERTED):
            turned = pixels if orientation == UPRIGHT else np.ascontiguousarray(pixels[::-1, ::-1])
            placed = boxes if orientation == UPRIGHT else _turned(boxes, pixels.shape)
            path = f"pictures/{name.replace(' ', '-')}/{orientation}/{number + 1:04d}.png"
            yield (
                PareidoliaPicture(
                    path=path,
                    category=name,
                    orientation=orientation,
                    pair=f"pair {number + 1}",
                    source=str(samples.subject[base.row]),
                    made_from=str(samples.path[base.row]),
                    centre=_centre(base, orientation),
                    radius=float(scene.radius),
                    parts=tuple(_parts(scene.kinds, placed)),
                    statistics=dict(zip(STATISTICS, map(float, statistics_of(turned)), strict=True)),
                ),
                turned,
            )


def _drawn_on(base: _Base, scene: _Scene, patches: list[np.ndarray], places: np.ndarray) -> np.ndarray:
    pixels = base.pixels.astype(np.float64)
    for patch, box in zip(patches, boxes_at(places, scene.sizes, base.ground.centre, scene.radius), strict=True):
        laid(pixels, patch, int(box[0]), int(box[1]))
    return to_pixels(pixels)[0]


def _apart(scene: _Scene, one: np.ndarray, other: np.ndarray) -> float:
    """How much two arrangements differ in the parts' mean distance from the middle, simple and squared."""
    area = scene.sizes.prod(axis=1)
    far = [mean_distance(places, area) for places in (one, other)]
    squared = [np.sqrt(np.average((places**2).sum(axis=1), weights=area)) for places in (one, other)]
    return float(np.hypot(far[0] - far[1], squared[0] - squared[1]))


def _turned(boxes: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    height, width = shape[:2]
    return np.stack([width - boxes[:, 2], height - boxes[:, 3], width - boxes[:, 0], height - boxes[:, 1]], axis=1)


def _centre(base: _Base, orientation: str) -> tuple[float, float]:
    height, width = base.pixels.shape[:2]
    x, y = map(float, base.ground.centre)
    return (x, y) if orientation == UPRIGHT else (width - x, height - y)


def _parts(kinds: tuple[str, ...], boxes: np.ndarray) -> Iterator[PlacedPart]:
    eyes = 0
    for kind, (x0, y0, x1, y1) in zip(kinds, boxes.tolist(), strict=True):
        eyes += kind == "eye"
        yield PlacedPart(f"eye {eyes}" if kind == "eye" else kind, x0, y0, x1, y1)
