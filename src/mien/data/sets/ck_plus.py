"""CK+: of every labelled sequence the first frame as neutral and the last one as the expression."""

from __future__ import annotations

from pathlib import Path

from mien.core.samples import Samples
from mien.data.layout.file_patterns import parts_in, pattern_of
from mien.data.sets.finding import PICTURES, Entry, Finding

CODES = ("neutral", "anger", "contempt", "disgust", "fear", "happy", "sadness", "surprise")
_ENDING = "_emotion"


def ck_plus(folder: Path) -> Samples:
    """CK+ from its pictures and its emotion files, wherever below the folder they lie.

    Raises
    ------
    InputError
        If no sequence has both.
    """
    finding, pattern = Finding("ck+", folder), pattern_of("CK+")
    frames: dict[tuple[str, str], dict[int, str]] = {}
    # Copies have longer names or lie deeper.
    for path in sorted(finding.ending(PICTURES), key=lambda p: (len(Path(p).name), p.count("/"), p)):
        parts = parts_in(pattern, Path(path).stem)
        if not parts:
            finding.pass_over(f"pictures that are not named as '{pattern.example}'", path)
            continue
        of_sequence = frames.setdefault((parts["subject"].upper(), parts["sequence"]), {})
        if of_sequence.setdefault(int(parts["frame"]), path) != path:
            finding.pass_over("pictures that are there twice", path)
    codes: dict[tuple[str, str], str] = {}
    for path in finding.ending({".txt"}):
        stem = Path(path).stem
        parts = parts_in(pattern, stem.lower().removesuffix(_ENDING)) if stem.lower().endswith(_ENDING) else {}
        if parts:
            word = _word(folder / path)
            if word:
                codes[parts["subject"].upper(), parts["sequence"]] = word
            else:
                finding.pass_over(f"emotion files that hold no number from 0 to {len(CODES) - 1}", path)
    for who, sequence in frames.keys() - codes.keys():
        finding.pass_over("sequences without a label", f"{who}/{sequence}")
    for who, sequence in codes.keys() - frames.keys():
        finding.pass_over("labelled sequences without pictures", f"{who}/{sequence}")
    entries = []
    for (who, sequence), word in codes.items():
        of_sequence = frames.get((who, sequence), {})
        for number, label in dict.fromkeys(
            [(min(of_sequence), CODES[0]), (max(of_sequence), word)] if of_sequence else []
        ):
            more = {"recording": f"{who}_{sequence}", "frame": f"{number:08d}"}
            entries.append(Entry(of_sequence[number], label, who, more))
    for why in finding.passed.values():
        why.sort()
    return finding.samples(_one_each(entries))


def _one_each(entries: list[Entry]) -> list[Entry]:
    """A sequence of one frame shows its expression only."""
    return list({entry.path: entry for entry in entries}.values())


def _word(path: Path) -> str:
    """The expression that an emotion file says; ``''`` for none."""
    try:
        number = float(path.read_text(encoding="ascii", errors="replace").split()[0])
        return CODES[int(number)] if number == int(number) and number >= 0 else ""
    except (ValueError, IndexError, OverflowError, OSError):
        return ""
