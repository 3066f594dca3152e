"""Aff-Wild2: expressions of every frame of films from the web."""

from __future__ import annotations

import re
from pathlib import Path

from mien.core.errors import InputError
from mien.core.samples import Samples
from mien.data.sets.finding import PICTURES, Entry, Finding

CODES = ("neutral", "anger", "disgust", "fear", "happiness", "sadness", "surprise", "other")
_HEADER = "neutral,anger,disgust"
_FRAME = re.compile(r"\d{1,6}")
_PARTS = {"train": "train", "valid": "validation"}


def aff_wild2(folder: Path) -> Samples:
    """The frames of Aff-Wild2 that have an expression and a picture.

    Raises
    ------
    InputError
        If there are no texts of expressions, or no pictures for them.
    """
    finding = Finding("aff-wild2", folder)
    frames: dict[str, dict[int, str]] = {}
    for path in finding.ending(PICTURES):
        if "/" in path and _FRAME.fullmatch(Path(path).stem):
            frames.setdefault(path.split("/")[-2].casefold(), {})[int(Path(path).stem)] = path
        else:
            finding.pass_over("pictures that are not named as 'VIDEO/00001.jpg'", path)
    entries, read = [], set()
    for path in finding.ending({".txt"}):
        video = Path(path).stem
        lines = _lines(finding.folder / path)
        # Beside the expressions lie valence, arousal and action units, each with a header of its own.
        if not lines or not lines[0].replace(" ", "").casefold().startswith(_HEADER) or video.casefold() in read:
            continue
        read.add(video.casefold())
        pictures = frames.get(video.casefold(), {})
        if not pictures:
            finding.pass_over("texts of expressions without pictures", path)
            continue
        part = next((p for word, p in _PARTS.items() if word in path.rpartition("/")[0].casefold()), "")
        for number, line in enumerate(lines[1:], start=1):
            code = line.strip()
            if code in ("", "-1"):
                continue
            if not code.isdigit() or int(code) >= len(CODES):
                finding.pass_over(f"lines that are no number from -1 to {len(CODES) - 1}", f"{path}, line {number + 1}")
            elif number not in pictures:
                finding.pass_over("labelled frames without a picture", f"{video}/{number:05d}.jpg")
            else:
                more = {"recording": video, "frame": f"{number:05d}", "part": part}
                entries.append(Entry(pictures[number], CODES[int(code)], video, more))
    return finding.samples(entries)


def _lines(path: Path) -> list[str]:
    try:
        return path.read_text(encoding="utf-8-sig", errors="replace").splitlines()
    except OSError as error:
        raise InputError(f"{path} cannot be read ({error.strerror}).") from error
