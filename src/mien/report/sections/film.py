"""The report's section on a film: its time line, what is decodable, and what goes along over time."""

from __future__ import annotations

from typing import Any

import numpy as np

from mien.compare.timelines.courses import chosen
from mien.compare.timelines.result import LINK_FILE, Link, load_link
from mien.core.streams import Stream, TimeLine
from mien.core.words import DASH, equals, interval, listed, number, p_value
from mien.data.streams.placing import lasting
from mien.data.streams.store import STREAMS, read_time_line
from mien.data.streams.windows import Windows, onto
from mien.decoding.decoders import answers
from mien.decoding.result import DECODING_FILE, Decoding
from mien.decoding.score import DecodingScore
from mien.decoding.tried import TriedDecodings, tried
from mien.report.draw.film_strip import StripFrame
from mien.report.draw.time_line import Track, stretch_s, time_line_drawing
from mien.report.guarded import guarded
from mien.report.sections.film_strip import frames_of_strip
from mien.report.study_folder import StudyFolder
from mien.stats.correction import holm

# Strips of the time line, and moments of its longest run.
_MOST_TRACKS, _MOMENTS = 12, 280
_MOST_ROWS = 20
_LEAST_P = 0.05
SCORES = {"balanced_accuracy": "balanced accuracy", "auc": "AUC", "pearson": "r", "r2": "R²"}


def section(study: StudyFolder, problems: list[str], *, film_strip: bool = False) -> dict[str, Any]:
    """Time line (with small frames of the film), decodings and links; empty where there is none of them."""
    decodings = [
        (place.name, found) for place in study.places("decoding", DECODING_FILE)
        if (found := guarded(problems, Decoding.read, place)) is not None
    ]  # fmt: skip
    links = [
        (place.name, linked) for place in study.places("link", LINK_FILE)
        if (linked := guarded(problems, load_link, place)) is not None
    ]  # fmt: skip
    blocks = {
        "line": _line(study, decodings, [found for _, found in links], problems, film_strip)
        if study.shows(STREAMS)
        else {},
        "decodings": [_decoding(name, found, tried(dict(decodings))) for name, found in decodings],
        "links": [
            _link(name, found, p)
            for (name, found), p in zip(
                links, counted_together([f for _, f in decodings], [f for _, f in links])[1], strict=True
            )
        ],
    }
    return blocks if any(blocks.values()) else {}


def counted_together(decodings: list[Decoding], links: list[Link]) -> tuple[list[float], list[float]]:
    """p of each decoding's first source and of the surest of each link of two streams, by Holm over all of them.

    Further sources of decodings count, too; of viewers among each other, and of what could not be computed, p is NaN.
    """
    first = [one.score(one.sources[0].name).p for one in decodings]
    pairs = [
        min((row.p_corrected for row in one.rows if np.isfinite(row.p_corrected)), default=np.nan)
        if one.second else np.nan
        for one in links
    ]  # fmt: skip
    more = [one.score(source.name).p for one in decodings for source in one.sources[1:]]
    held = holm(np.array([*first, *pairs, *more])).tolist() if first or pairs else []
    return held[: len(first)], held[len(first) : len(first) + len(pairs)]


def link_words(found: Link, p: float) -> str:
    """What goes along over time, in sentences; ``p``: counted together with all else that is decoded and linked."""
    if not found.second or p != p:
        return found.words()
    together = f"counted together with all else that is decoded and linked here (Holm, p {equals(p)})"
    if p <= _LEAST_P or not found.sure():
        return f"{found.words()} {together[0].upper()}{together[1:]}: {'' if p <= _LEAST_P else 'not '}beyond chance."
    return f"'{found.first}' and '{found.second}' are not shown to go along, {together}. By themselves: {found.words()}"


def _line(
    study: StudyFolder, decodings: list[tuple[str, Decoding]], links: list[Link], problems: list[str], film_strip: bool
) -> dict[str, Any]:
    if not any((study.path / STREAMS).glob("*.parquet")):
        return {}
    line = guarded(problems, read_time_line, study.path)
    if line is None:
        return {}
    lengths = line.runs.length_s.tolist()
    frames = frames_of_strip(study, line.runs, stretch_s(lengths), problems) if film_strip else []
    return {"rows": [_stream_row(name, stream) for name, stream in line.streams.items()],
            "runs": len(line.runs), "minutes": number(float(line.runs.length_s.sum()) / 60),
            **_drawn(line, decodings, links, frames)}  # fmt: skip


def _stream_row(name: str, stream: Stream) -> dict[str, Any]:
    viewers = len(set(stream.viewer) - {""})
    return {
        "name": name, "kind": stream.kind, "rows": f"{len(stream):,}", "viewers": viewers or "–",
        "columns": len(stream.columns) + len(stream.texts), "notes": list(stream.notes),
    }  # fmt: skip


def _drawn(
    line: TimeLine, decodings: list[tuple[str, Decoding]], links: list[Link], frames: list[StripFrame]
) -> dict[str, Any]:
    shown = dict.fromkeys((found.first, row.first) for found in links if found.second for row in found.rows)
    step = max(float(line.runs.length_s.max()) / _MOMENTS, 0.5)
    tracks = [_portrayed(line, stream, column, step) for stream, column in shown if stream in line.streams]
    decoded = next((found for _, found in decodings if found.classes and found.settings.get("unit") == "volume"), None)
    none = decoded.classes[0] if decoded is not None and "none" not in decoded.classes else "none"
    if decoded is not None:
        tracks += _decoded(decoded)
    tracks = tracks[:_MOST_TRACKS]
    if not tracks and not frames:
        return {"svg": "", "caption": ""}
    what = ["what is portrayed", "what is decoded"] * bool(tracks) + ["frames of the film"] * bool(frames)
    return {
        "svg": time_line_drawing(line.runs.name.tolist(), line.runs.length_s.tolist(), tracks, none=none,
                                 frames=frames, title=f"{listed(what).capitalize()}, run by run{_verdict(decoded)}"),
        "caption": "Each run of the film. Strips of numbers: from white, 0 or less, to full colour, 1 or more; of "
        "annotations how many observers agree, or whether something is shown. Strips of decoded classes: what most "
        "viewers' held-out moments are taken for, at the moments of the film that they answer to. What is missing is "
        "white, too."
        + " Below: the frame in the middle of each stretch." * bool(frames),
    }  # fmt: skip


def _verdict(found: Decoding | None) -> str:
    """Whether a strip of decoded classes says anything: the title stands alone where the drawing goes into a paper."""
    if found is None:
        return ""
    row = found.score(found.sources[0].name)
    shown = "" if row.p <= _LEAST_P else "not shown to be "
    return f"; what is decoded is {shown}better than chance ({number(row.value)} against {number(row.chance)})"


def _portrayed(line: TimeLine, stream: str, column: str, step: float) -> Track:
    """A column of an annotation in even windows: the largest of what holds at once, 0 where nothing does."""
    picked = chosen(line[stream], [column])
    starts = [np.arange(0.0, length - step / 2, step) for length in line.runs.length_s]
    run = np.repeat(line.runs.name, [len(part) for part in starts])
    windows = Windows(run, np.concatenate(starts), step, np.full(len(run), "", dtype=object))
    share = onto(picked, windows, overlap="max")[:, 0]
    if picked.kind == "intervals" and lasting(picked).any():
        share = np.nan_to_num(share)
    return Track(_called(column), run, windows.start_s, step, share=share)


def _called(column: str) -> str:
    """A column of agreement by what it is about: StudyForrest writes ``e_`` before emotions."""
    return column.removeprefix("e_").rpartition("=")[2]


def _decoded(found: Decoding) -> list[Track]:
    shift = float(found.settings.get("shift_s", 0.0)) if (found.viewer != "").any() else 0.0
    names = np.array([_called(name) for name in found.classes], dtype=object)
    step = float(np.median(np.diff(np.unique(found.time_s)))) if len(np.unique(found.time_s)) > 1 else 1.0
    moments, place = np.unique(
        np.array([f"{run}\0{time:.3f}" for run, time in zip(found.run, found.time_s, strict=True)]), return_inverse=True
    )
    run = np.array([moment.partition("\0")[0] for moment in moments], dtype=object)
    time = np.array([float(moment.partition("\0")[2]) for moment in moments])
    order = np.lexsort((time, run.astype(str)))
    tracks = []
    for source in found.sources:
        known = np.isfinite(source.scores).all(1)
        votes = np.zeros((len(moments), len(found.classes)))
        np.add.at(votes, (place[known], answers(source.scores[known], len(found.classes))), 1)
        word = np.where(votes.any(1), names[votes.argmax(1)], "")
        tracks.append(Track(f"from {source.name}", run[order], np.maximum(time[order] - shift, 0), step,
                            word=word[order]))  # fmt: skip
    return tracks


def _decoding(name: str, found: Decoding, family: TriedDecodings) -> dict[str, Any]:
    counts = next(iter(found.confusion.items()), None)
    return {
        "name": name,
        "words": decoding_words(found),
        "scores": [
            {"source": row.source, "score": SCORES.get(row.score, row.score), "value": number(row.value),
             "interval": interval(row.low, row.high), "chance": number(row.chance), "p": p_value(row.p),
             "corrected": p_value(held) if (held := _held(name, found, row, family)) == held else DASH,
             "viewers": p_value(row.p_viewers), "sure": held <= 0.05, "units": f"{row.units} {row.over}"}
            for row in found.scores
        ],
        "contrasts": [
            {"one": row.one, "other": row.other, "score": SCORES.get(row.score, row.score),
             "difference": number(row.difference), "interval": interval(row.low, row.high),
             "p": p_value(row.p_corrected), "means": row.means}
            for row in found.contrasts
        ],
        "classes": [_called(one) for one in found.classes],
        "confusion": [] if counts is None else [
            {"name": _called(one), "counts": [int(count) for count in line]}
            for one, line in zip(found.classes, counts[1], strict=True)
        ],
        "confused": "" if counts is None else counts[0],
        "family": family.words(), "notes": list(found.notes),
    }  # fmt: skip


def _held(name: str, found: Decoding, row: DecodingScore, family: TriedDecodings) -> float:
    """p of a main score, corrected over all that was tried; further scores have none of their own."""
    return family.p_corrected[name, row.source] if found.score(row.source) is row else float("nan")


def decoding_words(found: Decoding) -> str:
    """What is decodable from the first source, in a sentence."""
    source = found.sources[0].name
    row = found.score(source)
    words = [_called(name) for name in found.classes if name != "none"]
    what = f"{', '.join(words)}{' or none' if 'none' in found.classes else ''}" if words else found.target
    score = f"{SCORES.get(row.score, row.score)} {number(row.value)} ({interval(row.low, row.high)})"
    if not row.p <= 0.05:
        return (
            f"Which holds, {what}, is not shown to be decodable from '{source}': {score}, chance {number(row.chance)}, "
            f"p {equals(row.p)}, over {row.units} {row.over}."
        )
    return (
        f"Which holds, {what}, is decodable from '{source}' on what was left out: {score} against {number(row.chance)} "
        f"by chance, p {equals(row.p)}, over {row.units} {row.over}."
    )


def _link(name: str, found: Link, p: float) -> dict[str, Any]:
    rows = found.ordered()
    return {
        "name": name, "words": link_words(found, p), "method": found.method_words(), "notes": list(found.notes),
        "two": bool(found.second), "unit": found.unit, "more": max(len(rows) - _MOST_ROWS, 0),
        "rows": [
            {"first": row.first, "second": row.second, "r": number(row.r), "interval": interval(row.low, row.high),
             "difference": number(row.difference), "p": p_value(row.p), "corrected": p_value(row.p_corrected),
             "sure": row.p_corrected <= _LEAST_P and not p > _LEAST_P}
            for row in rows[:_MOST_ROWS]
        ],
    }  # fmt: skip
