"""What became of a source, as it stands in its shard: enough for the summary of an extraction."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from mien.core.faces import UNREADABLE
from mien.data.media.video import REPEATED
from mien.data.shards import count_below, count_flagged, read_status
from mien.faces.sources import VIDEO, MediaSource

# Half of the drawn objects that pass for faces lie below this presence, and hardly any face.
DOUBTFUL = 0.9
KEPT = "no frame lies between start and stop; the faces of an earlier extraction are kept as they were."


@dataclass(frozen=True)
class SourceOutcome:
    """What became of a source.

    Attributes
    ----------
    status, reason : str
        As in its shard.
    doubtful, faces : int
        Rows with a presence below 0.9, and all rows with a face.
    repeated, frames : int
        Of a video: frames that are the one before once more, and all.
    content : str
        SHA-256 of the file; ``''`` where it could not be read.
    """

    status: str
    reason: str = ""
    doubtful: int = 0
    faces: int = 0
    repeated: int = 0
    frames: int = 0
    content: str = ""


def outcome_of(source: MediaSource, shard: Path, content: str) -> SourceOutcome:
    """What stands in a shard; a source without one kept the shard that it had."""
    if not shard.exists():
        return SourceOutcome(UNREADABLE, KEPT, content=content)
    repeated = count_flagged(shard, REPEATED) if source.kind == VIDEO else (0, 0)
    return SourceOutcome(*read_status(shard), *count_below(shard, DOUBTFUL), *repeated, content)
