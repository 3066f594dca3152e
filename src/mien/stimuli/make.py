"""``stimuli``: pictures altered and matched, with a manifest of what they are."""

from __future__ import annotations

import re
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from mien.core.errors import InputError
from mien.core.faces import OK, Faces
from mien.core.files import full_disk_told
from mien.core.numbers import checked_numbers
from mien.core.output import check_folder
from mien.core.progress import Progress
from mien.core.registry import row_of
from mien.core.samples import Samples
from mien.core.topology import topology
from mien.core.words import did_you_mean
from mien.data.media.pictures import read_picture
from mien.data.samples import faces_of
from mien.data.stimuli import read_stimuli
from mien.faces.extract import extract
from mien.features.match import choose
from mien.stimuli.alter.covered import colour_of
from mien.stimuli.alter.given import Given
from mien.stimuli.alterations import ALTERATIONS, UNALTERED, PictureAlteration, to_pixels
from mien.stimuli.differences import Difference, contrasts_of, differences
from mien.stimuli.low_level import UNREADABLE
from mien.stimuli.matching import MATCHES, Match
from mien.stimuli.result import Stimulus, StimulusSet
from mien.stimuli.statistics import STATISTICS, statistics_of

NO_FACE = "no face"
Regions = dict[str, np.ndarray]


@checked_numbers
def stimuli(
    samples: str | Path | Samples,
    output: str | Path,
    *,
    make: Sequence[str] = (),
    match: Sequence[str] = (),
    cycles: float = 8.0,
    blocks: int = 8,
    cover: str = "mean",
    size_px: int | None = None,
    category: str = "",
    subject_pattern: str | None = None,
    columns: Mapping[str, str] | None = None,
    between: str = "",
    faces: Faces | str | Path | None = None,
    n_permutations: int = 2000,
    seed: int = 0,
    progress: Progress | None = None,
) -> StimulusSet:
    """Alter pictures, match them over the set, and say what they are and in what their categories differ.

    Parameters
    ----------
    samples : str, Path or Samples
        As ``mien.read_stimuli`` takes them. Transparent pictures are laid on white, grey ones have three equal
        channels.
    output : str or Path
        Folder that receives the pictures (PNG), ``samples.csv`` (path, category, source, made_from, alteration,
        licence), ``manifest.csv`` (every picture's low-level statistics and how many of its pixels were clipped) and
        ``stimuli.json``.
    make : sequence of str
        Alterations, each made of every picture: ``'inverted'``, ``'negated'``, ``'grey'``, ``'phase-scrambled'``,
        ``'block-scrambled'``, ``'low-pass'``, ``'high-pass'``, ``'eyes-covered'``, ``'mouth-covered'``,
        ``'unaltered'`` (the default).
    match : sequence of str
        What is matched afterwards over all pictures of an alteration, in this order: ``'luminance'``, ``'contrast'``
        (with the mean luminance), ``'histogram'`` (of each channel, exactly) or ``'spectrum'`` (of each channel); as
        the SHINE toolbox does (Willenbockel et al. 2010). What is matched later may undo a part of what was before.
    cycles : float
        Cut-off of ``'low-pass'`` and ``'high-pass'``, in cycles per shorter side of the picture.
    blocks : int
        Per side, for ``'block-scrambled'``.
    cover : str
        Colour on eyes or mouth: ``'mean'`` of the face, black, grey, white or ``'#rrggbb'``.
    size_px : int, optional
        Make every picture a square of this side first: its middle, as large as it goes.
    category, subject_pattern, columns
        How pictures are read: as in ``mien.read_stimuli``.
    between : str
        Two categories with a comma whose low-level statistics are compared (``'a+b,c'``: several count as one; one side
        alone: with all others); by default the two that there are, or each with all others.
    faces : Faces, str or Path, optional
        Of the pictures, for eyes and mouth: as extracted before; by default they are extracted into ``output``.
    n_permutations, seed : int
        Of the tests; the random numbers of scrambled pictures begin with the seed, too, and are each picture's own.
    progress : callable (done, total), optional

    Returns
    -------
    StimulusSet
        A picture that cannot be read, or has no face where one is needed, is a row with a status.

    Raises
    ------
    InputError
        If an alteration, property, colour or category is unknown, a number out of its range, pictures are of different
        sizes where spectra are matched, or no picture could be made.

    Examples
    --------
    >>> import mien
    >>> people = mien.synthesize("people", subjects=2, expressions=("smile", "anger"), frames=2, pictures=True)
    >>> made = mien.stimuli(
    ...     "people/pictures.csv", "stimuli", make=["inverted", "low-pass"], cycles=6, category="expression"
    ... )
    >>> [row.alteration for row in made.rows].count("low-pass"), {row.status for row in made.rows}
    (4, {'ok'})
    >>> mien.read_stimuli("stimuli").labels["alteration"].tolist()[:2]
    ['inverted', 'inverted']
    """
    asked = [row_of(ALTERATIONS, name) for name in dict.fromkeys(make or (UNALTERED,))]
    settings = {row.name: _settings(row, cycles=cycles, blocks=blocks, cover=cover) for row in asked}
    if cover != "mean":
        colour_of(cover)
    for name in match:
        if name not in MATCHES:
            raise InputError(f"match: any of {', '.join(MATCHES)}, but got '{name}'.{did_you_mean(name, MATCHES)}")
    given = read_stimuli(samples, category=category, subject_pattern=subject_pattern, columns=columns)
    contrasts_of(given.labels["category"], between)
    folder = Path(output)
    check_folder(folder)
    regions = _regions(given, faces, folder) if any(row.face for row in asked) else [{}] * len(given)
    rows: list[Stimulus] = []
    steps = len(asked) * len(given)
    for row in asked:

        def step(done: int, before: int = len(rows)) -> None:
            if progress is not None:
                progress(before + done, steps)

        work = _Work(given, folder, row, settings[row.name], tuple(match), size_px, regions, seed)
        rows += work.run(step)
    if not any(row.status == OK for row in rows):
        raise InputError(f"No picture could be made of {given.name or 'the samples'}: {_statuses(rows)}.")
    found = StimulusSet(
        folder=folder,
        name=given.name,
        licence=given.licence,
        credit=given.credit,
        synthetic=given.synthetic,
        rows=tuple(rows),
        differences=tuple(compared(rows, between, n_permutations, seed)),
        settings={"make": [row.name for row in asked], "match": list(match), "cycles": cycles, "blocks": blocks,
                  "cover": cover, "size_px": size_px, "between": between, "n_permutations": n_permutations,
                  "seed": seed},
        notes=given.notes,
    )  # fmt: skip
    found.write()
    return found


def _settings(row: PictureAlteration, **given: Any) -> dict[str, Any]:
    """Those of the settings that the alteration has, checked."""
    return row.settings({name: given[name] for name in row.defaults()})


def _are_there(between: str, category: np.ndarray) -> bool:
    """Whether pictures that could be made are left of each side of the contrast."""
    try:
        contrasts_of(category, between)
    except InputError:
        return False
    return True


def compared(rows: Sequence[Stimulus], between: str, n_permutations: int, seed: int) -> Iterator[Difference]:
    """Differences between categories within each alteration."""
    for name in dict.fromkeys(row.alteration for row in rows):
        made = [row for row in rows if row.alteration == name and row.status == OK]
        category, source = (np.array([getattr(r, what) for r in made], dtype=object) for what in ("category", "source"))
        if between and not _are_there(between, category):
            continue
        values = np.array([[row.statistics[key] for key in STATISTICS] for row in made])
        yield from differences(
            values, tuple(STATISTICS), category, source,
            between=between, alteration=name, n_permutations=n_permutations, seed=seed,
        )  # fmt: skip


def _statuses(rows: Sequence[Stimulus]) -> str:
    states = [row.status for row in rows]
    return ", ".join(f"{state} ({states.count(state)})" for state in dict.fromkeys(states))


def _regions(samples: Samples, faces: Faces | str | Path | None, folder: Path) -> list[Regions]:
    """Points of each picture's face by region; empty where there is no face."""
    found = faces_of(samples, faces)
    if found is None:
        there = [file for file in samples.files() if file.is_file()]
        found = extract(there, folder).faces() if there else None
    if found is None:
        return [{}] * len(samples)
    parts = topology(found.topology).regions
    result: list[Regions] = []
    for choice in choose(samples, found):
        points = found.landmarks_px[choice.rows[0], :, :2].astype(np.float64) if choice.status == OK else None
        known = points is not None and np.isfinite(points).all()
        result.append({name: points[index] for name, index in parts.items()} if known else {})  # type: ignore[index]
    return result


class _Work:
    """One alteration of all pictures: altered, matched over the set, written."""

    def __init__(
        self, samples: Samples, folder: Path, row: PictureAlteration, settings: dict[str, Any], match: tuple[str, ...],
        size_px: int | None, regions: list[Regions], seed: int,
    ) -> None:  # fmt: skip
        self.samples, self.folder, self.row, self.settings = samples, folder, row, settings
        self.match, self.size_px, self.regions, self.seed = match, size_px, regions, seed
        self.files = samples.files()

    def run(self, step: Callable[[int], None]) -> list[Stimulus]:
        """The rows, their pictures written."""
        matches: list[Match] = []
        for name in self.match:
            # Each property is matched after those before it.
            matches.append(MATCHES[name]())
            for index in range(len(self.samples)):
                pixels, _, _ = self._altered(index, matches[:-1])
                if pixels is not None:
                    matches[-1].add(pixels.astype(np.float64))
        rows = []
        for index in range(len(self.samples)):
            rows.append(self._written(index, *self._altered(index, matches)))
            step(index + 1)
        return rows

    def _altered(self, index: int, matches: Sequence[Match]) -> tuple[np.ndarray | None, float, str]:
        """Pixels of a picture, the largest share of them that was clipped in a step, and its status."""
        if self.row.face and not self.regions[index]:
            return None, float("nan"), NO_FACE
        try:
            pixels = read_picture(self.files[index])
        except (InputError, OSError):
            return None, float("nan"), UNREADABLE
        regions = self.regions[index]
        if self.size_px is not None:
            pixels, regions = _square(pixels, regions, self.size_px)
        # Of the picture's name, so that the same picture is scrambled alike whatever stands beside it.
        own = zlib.crc32(f"{self.row.name}\0{self.samples.path[index]}".encode("utf-8", "surrogateescape"))
        given = Given(pixels.astype(np.float64), np.random.default_rng([self.seed, own]), regions)
        try:
            pixels, clipped = to_pixels(self.row.run(given, **self.settings))
            for match in matches:
                pixels, more = to_pixels(match.apply(pixels.astype(np.float64)))
                clipped = max(clipped, more)
        except InputError as error:
            if matches and "one size" in str(error):
                raise
            return None, float("nan"), str(error).rstrip(".")
        return pixels, clipped, OK

    def _written(self, index: int, pixels: np.ndarray | None, clipped: float, status: str) -> Stimulus:
        samples = self.samples
        facts = {
            "category": str(samples.labels["category"][index]), "source": str(samples.subject[index]),
            "made_from": str(samples.path[index]), "alteration": self.row.name, "match": ",".join(self.match),
        }  # fmt: skip
        if pixels is None:
            nothing = dict.fromkeys(STATISTICS, float("nan"))
            return Stimulus(path="", **facts, status=status, clipped=clipped, width=0, height=0, statistics=nothing)
        path = f"pictures/{self.row.name}/{_slug(facts['category'])}/{index + 1:04d}-{_slug(samples.path[index])}.png"
        write_picture(self.folder / path, pixels)
        return Stimulus(
            path=path, **facts, status=OK, clipped=clipped, width=pixels.shape[1], height=pixels.shape[0],
            statistics=dict(zip(STATISTICS, map(float, statistics_of(pixels)), strict=True)),
        )  # fmt: skip


def write_picture(target: Path, pixels: np.ndarray) -> None:
    """Write a picture (height, width, 3) as PNG. Thousands are written before the table that makes them a result."""
    from PIL import Image

    with full_disk_told(target):
        target.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(pixels).save(target, "PNG")


def _slug(path: str) -> str:
    """A name that every file system takes."""
    return re.sub(r"[^\w-]+", "-", Path(str(path)).stem).strip("-")[:60] or "picture"


def _square(pixels: np.ndarray, regions: Regions, size_px: int) -> tuple[np.ndarray, Regions]:
    """The middle of a picture as a square, and the points of its face there."""
    from PIL import Image

    height, width = pixels.shape[:2]
    side = min(height, width)
    left, top = (width - side) / 2, (height - side) / 2
    box = (left, top, left + side, top + side)
    image = Image.fromarray(pixels).resize((size_px, size_px), Image.Resampling.LANCZOS, box)
    moved = {name: (points - (left, top)) * (size_px / side) for name, points in regions.items()}
    return np.asarray(image), moved
