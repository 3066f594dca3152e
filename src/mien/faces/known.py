"""What earlier extractions noted of sources at places, so that nothing is fetched to learn that it is the same."""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import asdict, dataclass
from typing import Any

from mien.core.errors import InputError, MienError
from mien.core.files import finite
from mien.core.results import MISFIT
from mien.data.places.place import Place, State
from mien.faces.outcome import SourceOutcome
from mien.faces.sources import MediaSource
from mien.faces.tasks import place_hash

# Beside the shards; each part of a job array writes a file of its own.
FOLDER = "sources"


@dataclass
class Known:
    """By a hash of where a source lies: its name, size and ETag, and what became of it."""

    file: Place
    rows: dict[str, dict[str, Any]]
    own: dict[str, dict[str, Any]]

    @classmethod
    def read(cls, study: Place, part: str) -> Known:
        """What all parts noted in a study."""
        folder = study / FOLDER
        file = folder / f"sources{'-' + part.replace('/', '-of-').replace(' ', '') if part else ''}.json"
        rows: dict[str, dict[str, Any]] = {}
        own: dict[str, dict[str, Any]] = {}
        for entry in folder.entries(deep=False):
            # A note that is damaged costs fetching once more.
            with suppress(*MISFIT):
                found = json.loads(entry.place.read())
                rows |= {str(where): dict(row) for where, row in found.items()}
                own = found if entry.place == file else own
        return cls(file, rows, own)

    def check_names(self, sources: list[MediaSource]) -> None:
        """Refuse sources under whose names the study holds the faces of other files.

        Raises
        ------
        InputError
        """
        places = {place_hash(source): source for source in sources}
        names = {source.name: where for where, source in places.items()}
        for where, row in self.rows.items():
            name = row.get("name")
            if where not in places and name in names:
                raise InputError(
                    f"{self.file.parent.parent} holds the faces of another file called {name}. Name a folder further "
                    "up, so that both names differ, or choose another output folder."
                )

    def outcome(self, source: MediaSource, state: State | None) -> SourceOutcome | None:
        """What became of a source that has not changed since; None where that is not known."""
        row = self.rows.get(place_hash(source))
        try:
            if row is None or state is None or State(row["size"], row["tag"]) != state or row["name"] != source.name:
                return None
            return SourceOutcome(**row["outcome"])
        except MISFIT:
            return None

    def note(self, source: MediaSource, state: State | None, outcome: SourceOutcome) -> None:
        """What became of a source."""
        if state is not None:
            row = {"name": source.name, "size": state.size, "tag": state.tag, "outcome": asdict(outcome)}
            self.own[place_hash(source)] = row

    def write(self) -> None:
        """Write down what is known; what cannot be written costs fetching once more."""
        if self.own:
            with suppress(MienError):
                self.file.write(json.dumps(finite(self.own), ensure_ascii=False).encode("utf-8", "backslashreplace"))
