"""Data sets whose folders and files are named by person and expression: one row each, one reader for all."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from mien.core.samples import Samples
from mien.data.layout.file_patterns import FilePattern, parts_in, pattern_of
from mien.data.sets.finding import PICTURES, VIDEOS, Entry, Finding
from mien.data.vocabulary import EXPRESSIONS

# A path's last folders and the file's name without its ending, of so many of which a pattern may speak.
_DEEPEST = 3
# A sequence of at least so many frames, from the first one on, was not picked from before.
_WHOLE = 10


@dataclass(frozen=True)
class NamedLayout:
    """How a data set's names are read.

    Attributes
    ----------
    name : str
        Row of the data set.
    pattern : FilePattern or str
        How the person and more are read; or a regular expression for the last two or three parts of a path, where no
        name says who is shown.
    codes : mapping of str to str
        The set's own word for each code of an expression, in small letters; empty: the words themselves.
    kinds : frozenset of str
        Endings.
    words : mapping of str to mapping of str to str
        Further labels from the pattern's groups: by group, the word for each code (empty: as it is).
    recording : tuple of str
        Groups that say together which recording a frame is of.
    either : str
        Of files that differ in this group only, the first counts.
    ends : bool
        Whether whole sequences go from neutral to the expression and back, so that only their first and middle frames
        are taken.
    """

    name: str
    pattern: FilePattern | str
    codes: Mapping[str, str]
    kinds: frozenset[str] = PICTURES
    words: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    recording: tuple[str, ...] = ()
    either: str = ""
    ends: bool = False


def read_by_names(layout: NamedLayout, folder: Path) -> Samples:
    """Samples of a data set whose names say everything.

    Raises
    ------
    InputError
        If nothing in the folder is named so.
    """
    finding = Finding(layout.name, folder)
    found: dict[tuple[tuple[str, str], ...], tuple[str, dict[str, str]]] = {}
    # Copies have longer names or lie deeper.
    for path in sorted(finding.ending(layout.kinds), key=lambda p: (len(Path(p).name), p.count("/"), p)):
        parts = _parts(layout.pattern, path)
        if not parts or parts["code"].casefold() not in layout.codes:
            finding.pass_over(f"files that are not named as in '{_example(layout)}'", path)
            continue
        key = tuple(sorted((k, v.casefold()) for k, v in parts.items() if k != layout.either))
        if key in found and layout.either and parts[layout.either] != found[key][1][layout.either]:
            first, other = sorted(((path, parts), found[key]), key=lambda one: one[1][layout.either])
            finding.pass_over(f"files that show what another shows that differs in {layout.either} only", other[0])
            found[key] = first
        elif key in found and isinstance(layout.pattern, FilePattern):
            finding.pass_over("files that are there twice", path)
        else:
            found[key if isinstance(layout.pattern, FilePattern) else (("path", path),)] = (path, parts)
    entries = [_entry(layout, path, parts) for path, parts in found.values()]
    return finding.samples(_ends(entries, finding) if layout.ends else entries, _note_on_frames(layout))


def _parts(pattern: FilePattern | str, path: str) -> dict[str, str]:
    """What the end of a path says, by group; empty where it is not named so."""
    whole = path[: len(path) - len(Path(path).suffix)].split("/")
    depths = range(1, min(_DEEPEST, len(whole)) + 1)
    # A name says more than the folders above it; where folders say it, more of them say more.
    for depth in depths if isinstance(pattern, FilePattern) else reversed(depths):
        text = "/".join(whole[-depth:])
        if isinstance(pattern, FilePattern):
            found = parts_in(pattern, text)
        else:
            match = re.fullmatch(pattern, text, re.IGNORECASE)
            found = {k: v for k, v in match.groupdict().items() if v is not None} if match else {}
        if found:
            return found
    return {}


def _entry(layout: NamedLayout, path: str, parts: dict[str, str]) -> Entry:
    more = {
        group: words.get(parts.get(group, "").casefold(), parts.get(group, "")) for group, words in layout.words.items()
    }
    if layout.recording:
        more["recording"] = "_".join(parts[group] for group in layout.recording)
    if "frame" in parts:
        more["frame"] = parts["frame"]
    return Entry(path, layout.codes[parts["code"].casefold()], parts.get("subject", ""), more)


def _ends(entries: list[Entry], finding: Finding) -> list[Entry]:
    """Of whole sequences the first frame as neutral, and the middle one; of frames picked before every one.

    Of a sequence that breaks off soon after its start nobody knows where the expression begins: its first frame only.
    """
    sequences: dict[str, list[Entry]] = {}
    for entry in entries:
        sequences.setdefault(entry.more["recording"], []).append(entry)
    kept = []
    for frames in sequences.values():
        frames.sort(key=lambda entry: int(entry.more["frame"]))
        first, numbers = frames[0], [int(entry.more["frame"]) for entry in frames]
        neutral = Entry(first.path, "Neutral", first.subject, first.more)
        if len(frames) >= _WHOLE and numbers[0] <= 1:
            kept += [neutral, frames[len(frames) // 2]]
        elif 1 < len(frames) == numbers[-1] - numbers[0] + 1 and numbers[0] <= 1 and first.label != "Neutral":
            kept.append(neutral)
            for entry in frames[1:]:
                finding.pass_over("frames of sequences that break off near their neutral start", entry.path)
        else:
            kept += frames
    return kept


def _note_on_frames(layout: NamedLayout) -> tuple[str, ...]:
    if not layout.ends:
        return ()
    return (
        "Of every whole sequence the first frame is read as neutral and the middle one as the expression; nobody "
        "labelled single frames.",
    )


def _example(layout: NamedLayout) -> str:
    return layout.pattern.example if isinstance(layout.pattern, FilePattern) else layout.name


def _words(*words: str) -> dict[str, str]:
    return {word.casefold(): word for word in words}


_LUNDQVIST = {
    "af": "afraid",
    "an": "angry",
    "di": "disgusted",
    "ha": "happy",
    "ne": "neutral",
    "sa": "sad",
    "su": "surprised",
}
_SEVEN = _words("angry", "disgust", "fear", "happy", "neutral", "sad", "surprise")
_PARTS = "train(?:ing)?|test|val(?:idation)?|public_?test|private_?test"
_COMMON = _words(*EXPRESSIONS, *(word for words in EXPRESSIONS.values() for word in words), "positive", "negative")

jaffe = partial(read_by_names, NamedLayout(
    "jaffe", pattern_of("JAFFE"),
    {"an": "angry", "di": "disgust", "fe": "fear", "ha": "happy", "ne": "neutral", "sa": "sad", "su": "surprise"},
))  # fmt: skip
kdef = partial(read_by_names, NamedLayout(
    "kdef", pattern_of("KDEF"), _LUNDQVIST,
    words={
        "session": {}, "angle": {"s": "straight", "hl": "half left", "hr": "half right", "fl": "full left",
                                 "fr": "full right"},
    },
))  # fmt: skip
fega = partial(read_by_names, NamedLayout(
    "fega", pattern_of("FEGA"),
    _words("Allegria", "Arrabbiato", "Disgusto", "Neutra", "Paura", "Sorpresa", "Tristezza"),
    recording=("series", "subject", "code"),
))  # fmt: skip
bu_4dfe = partial(read_by_names, NamedLayout(
    "bu-4dfe", pattern_of("BU-4DFE"), _words("Angry", "Disgust", "Fear", "Happy", "Neutral", "Sad", "Surprise"),
    recording=("subject", "code"), ends=True,
))  # fmt: skip
ravdess = partial(read_by_names, NamedLayout(
    "ravdess", pattern_of("RAVDESS"),
    {"01": "neutral", "02": "calm", "03": "happy", "04": "sad", "05": "angry", "06": "fearful", "07": "disgust",
     "08": "surprised"},
    kinds=VIDEOS, either="modality",
    words={"channel": {"01": "speech", "02": "song"}, "intensity": {"01": "normal", "02": "strong"}, "statement": {},
           "repetition": {}},
))  # fmt: skip
crema_d = partial(read_by_names, NamedLayout(
    "crema-d", pattern_of("CREMA-D"),
    {"ang": "anger", "dis": "disgust", "fea": "fear", "hap": "happy", "neu": "neutral", "sad": "sad"},
    kinds=VIDEOS,
    words={"sentence": {}, "intensity": {"lo": "low", "md": "medium", "hi": "high", "xx": "unspecified",
                                         "x": "unspecified"}},
))  # fmt: skip
fer2013_folders = partial(read_by_names, NamedLayout(
    "fer2013", rf"(?:(?P<part>{_PARTS})/)?(?P<code>{'|'.join(_SEVEN)})/[^/]+", _SEVEN, words={"part": {}},
))  # fmt: skip
muderi = partial(read_by_names, NamedLayout(
    "muderi", rf"(?P<subject>[^/]+)/(?P<code>{'|'.join(map(re.escape, _COMMON))})/[^/]+", _COMMON,
    kinds=PICTURES | VIDEOS,
))  # fmt: skip
