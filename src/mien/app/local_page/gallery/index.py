"""What the gallery of a study holds, read shard after shard once and again only where something changed."""

from __future__ import annotations

import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np

from mien.app.local_page.folders import OpenStudy
from mien.app.local_page.gallery.thumbnails import make_thumbnails
from mien.app.local_page.gallery.tiles import COLUMNS, Tile, in_order, tiles_of
from mien.app.local_page.study_table.reading import TableReading
from mien.core.errors import InputError, MienError
from mien.core.faces import UNREADABLE
from mien.core.paths import Tails
from mien.data.media.kinds import is_video
from mien.data.review import Review, read_review
from mien.data.reviewed import obeyed
from mien.data.shard_parts import read_columns
from mien.data.shards import check_review, read_facts, stored_shards
from mien.faces.sources import find_sources

# Of shards whose columns are in memory.
MOST_SHARDS = 20_000
# Thousands of shards are not looked at again for each small picture.
LOOK_S = 3.0
# Studies whose faces are remembered.
MOST_STUDIES = 8


class FaceIndex:
    """Tiles of a study, and where its pictures and videos lie.

    Parameters
    ----------
    study : OpenStudy
    """

    def __init__(self, study: OpenStudy) -> None:
        self.study = study
        self._lock, self._finding, self._making = threading.Lock(), threading.Lock(), threading.Lock()
        self._read: dict[Path, tuple[int, dict[str, np.ndarray], tuple[Tile, ...]]] = {}
        self._tiles: tuple[Any, list[Tile]] = (None, [])
        self._shard_of: dict[str, Path] = {}
        self._files: tuple[Any, dict[str, Path]] = (None, {})
        self._of: dict[str, list[Tile]] = {}
        self._looked_s = 0.0
        self._checked: Any = None
        self.problem = ""

    def review(self) -> Review:
        """The study's review; one that cannot be read is a problem, and nothing is obeyed."""
        try:
            found = read_review(self.study.folder)
            self._check(found)
            self.problem = ""
            return found
        except InputError as error:
            self.problem = str(error)
            return Review(self.study.folder / "review.csv")

    def _check(self, review: Review) -> None:
        """Refuse what no step could obey, such as a source that is not there; again where something has changed."""
        faces = self.study.folder / "faces"
        state = (review, faces.stat().st_mtime_ns if faces.is_dir() else 0)
        if not review or state == self._checked:
            return
        check_review(review, tuple(stored_shards(self.study.folder)))
        self._checked = state

    def look_again(self) -> None:
        """What is on the disk has changed."""
        self._looked_s = 0.0

    def tiles_of(self, source: str) -> list[Tile]:
        """Those of one picture or video."""
        self.tiles()
        return self._of.get(source, [])

    def tiles(self) -> list[Tile]:
        """All of them, failures first."""
        with self._lock:
            if time.monotonic() - self._looked_s < LOOK_S:
                return self._tiles[1]
            self._looked_s = time.monotonic()
            if not (self.study.folder / "faces").is_dir():
                self._tiles = None, []
                return []
            paths = stored_shards(self.study.folder)[:MOST_SHARDS]
            states = tuple((path, path.stat().st_mtime_ns) for path in paths)
            review = self.review()
            if self._tiles[0] == (states, review.decisions):
                return self._tiles[1]
            self._read = {
                path: self._read[path] for path, at in states if path in self._read and self._read[path][0] == at
            }
            with ThreadPoolExecutor(2) as pool:
                for (path, at), found in zip(states, pool.map(self._columns, paths), strict=True):
                    self._read[path] = (at, *found)
            tiles: list[Tile] = []
            self._shard_of = {}
            about = set(review.sources)
            for path in paths:
                _, columns, own = self._read[path]
                sources = {tile.source for tile in own}
                self._shard_of.update(dict.fromkeys(sources, path))
                tiles += tiles_of(columns, obeyed(columns, review)) if sources & about else own
            self._tiles = (states, review.decisions), in_order(tiles)
            self._of = {}
            for tile in self._tiles[1]:
                self._of.setdefault(tile.source, []).append(tile)
            return self._tiles[1]

    def _columns(self, path: Path) -> tuple[dict[str, np.ndarray], tuple[Tile, ...]]:
        if path in self._read:
            return self._read[path][1:]
        try:
            columns = read_columns(path, COLUMNS, check=False, review=False)
            return columns, tuple(tiles_of(columns, columns))
        except InputError as error:
            name = str(read_facts(path).get("source") or path.stem)
            return {}, (Tile("", name, 0, -1, UNREADABLE, str(error), "", 1, (), UNREADABLE),)

    def counts(self) -> dict[str, int]:
        """Tiles by status."""
        return dict(Counter(tile.status for tile in self.tiles()))

    def shard(self, source: str) -> Path:
        """The shard of a picture or video.

        Raises
        ------
        InputError
        """
        if source not in self._shard_of:
            self.tiles()
        if source not in self._shard_of:
            raise InputError(f"This study has no faces of '{source}'.")
        return self._shard_of[source]

    def file(self, source: str) -> Path:
        """Where the picture or video lies.

        Raises
        ------
        InputError
            If it is not where the study was made from, or lies outside the folders that the page may use.
        """
        kept = self.study.kept()
        given = kept["input"], kept["samples"], str(kept["columns"])
        # One of the many that ask at once looks for the files; the others wait for it.
        with self._finding:
            if self._files[0] != given:
                self._files = given, _files(self.study, *given[:2])
        found = self._files[1].get(source)
        if found is None:
            tail = Tails(list(self._files[1]), "files").find(source) if self._files[1] else None
            near = (self.study.folder, *self.study.folder.parents[:2])
            beside = next((folder / source for folder in near if (folder / source).is_file()), None)
            found = self._files[1][tail] if tail else beside
        if found is None:
            raise InputError(
                f"'{source}' is not there any more, or not below what the study looks at; choose its folder under "
                "'Find faces' to see it here."
            )
        return self.study.inside(found)

    def has_file(self, source: str) -> bool:
        """Whether ``file`` finds it."""
        try:
            return self.file(source).is_file()
        except MienError:
            return False

    def thumbnails(self, source: str) -> None:
        """Make the small pictures of one source now, and those of all others in the background."""
        make_thumbnails(self.study.folder, self.file(source), is_video(Path(source)), self.tiles_of(source))
        threading.Thread(target=self._make_all, daemon=True).start()

    def _make_all(self) -> None:
        if not self._making.acquire(blocking=False):
            return
        try:
            for source in dict.fromkeys(tile.source for tile in self.tiles()):
                with suppress(MienError):
                    make_thumbnails(
                        self.study.folder, self.file(source), is_video(Path(source)), self._of.get(source, [])
                    )
        finally:
            self._making.release()


def _files(study: OpenStudy, given: str, samples: str) -> dict[str, Path]:
    found: dict[str, Path] = {}
    for one in dict.fromkeys((given, samples)):
        if not one:
            continue
        try:
            place = study.inside(one)
            inputs = (
                TableReading.at(study, place).samples().files()
                if place.is_file() and place.suffix in (".csv", ".tsv", ".xlsx")
                else [place]
            )
            found |= {source.name: source.path for source in find_sources(inputs).sources if not source.problem}
        except (MienError, OSError):
            continue
    return found


_known: dict[str, FaceIndex] = {}


def index_of(study: OpenStudy) -> FaceIndex:
    """The index of an open study, kept while the page lives."""
    if study.name not in _known:
        while len(_known) >= MOST_STUDIES:
            _known.pop(next(iter(_known)))
        _known[study.name] = FaceIndex(study)
    return _known[study.name]
