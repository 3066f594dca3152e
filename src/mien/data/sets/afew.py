"""AFEW: clips from films, in folders of their expression."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from pathlib import Path

from mien.core.samples import Samples
from mien.data.sets.finding import VIDEOS, Entry, Finding

CODES = ("Angry", "Disgust", "Fear", "Happy", "Neutral", "Sad", "Surprise")
_PLACE = re.compile(rf"(?P<part>train|val)[^/]*/(?:[^/]+/)?(?P<code>{'|'.join(CODES)})/(?P<clip>[^/]+)", re.IGNORECASE)
_PARTS = {"train": "train", "val": "validation"}
_WORDS = {word.casefold(): word for word in CODES}


def afew(folder: Path) -> Samples:
    """AFEW; people from the XML files of labels, where these are there.

    Raises
    ------
    InputError
        If there are no clips in folders of expressions.
    """
    finding = Finding("afew", folder)
    actors = _actors(finding)
    # Reports and tables show numbers, not names.
    number = {name: f"actor {i}" for i, name in enumerate(sorted(set(actors.values())), start=1)}
    entries = []
    for path in finding.ending(VIDEOS):
        # The folder that was named may itself be a part.
        place = f"{folder.resolve().name}/{path}"
        match = _PLACE.search(place)
        if match is None or match.end() != len(place):
            finding.pass_over("films that lie in no folder as 'Train_AFEW/Angry'", path)
            continue
        part = match["part"].lower()
        who = number.get(actors.get((part, Path(path).stem), ""), "")
        entries.append(Entry(path, _WORDS[match["code"].casefold()], who, {"part": _PARTS[part]}))
    return finding.samples(entries)


def _actors(finding: Finding) -> dict[tuple[str, str], str]:
    """The actor of each clip by part and name; without clips that are two actors'."""
    found: dict[tuple[str, str], set[str]] = {}
    for path in finding.ending({".xml"}):
        part = next((p for p in _PARTS if Path(path).name.casefold().startswith(p)), "")
        if not part:
            continue
        try:
            root = ET.parse(finding.folder / path).getroot()
        except (ET.ParseError, OSError) as error:
            finding.pass_over(f"files of labels that cannot be read ({error})", path)
            continue
        for clip in root:
            # The clip is called by its time in the film: 00:00:46,280 is 000046280.
            time = re.sub(r"\D", "", clip[0].text or "") if len(clip) else ""
            names = {who.attrib["NameOfActor"].strip() for who in clip.iter() if "NameOfActor" in who.attrib} - {""}
            if time and len(names) == 1:
                found.setdefault((part, time), set()).update(names)
    return {key: next(iter(names)) for key, names in found.items() if len(names) == 1}
