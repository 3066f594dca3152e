"""The pictures of one body of evidence: face, coordinates, phases, regions or channels over time, features."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from mien.atlas.regions import features, on_regions
from mien.atlas.summary import Summary, over_time
from mien.core.features import NAMED, SEQUENCE, SERIES
from mien.core.files import write_text
from mien.core.topology import IBUG_68, MEDIAPIPE_468, MEDIAPIPE_478
from mien.core.words import percent
from mien.report.draw import svg
from mien.report.draw.face import ASPECT, face_plot, limit_of
from mien.report.draw.over_time import amount_over_time, ends_of

_ON_A_FACE = (MEDIAPIPE_478, MEDIAPIPE_468, IBUG_68)
_PHASES = 4
_AXES = {"x": "sideways", "y": "up and down", "z": "in depth"}
_MOST_COLUMNS, _MOST_BARS, _MOST_CHANNELS = 60, 12, 24
# Multiples of it, modulo 1, are spread evenly; the dots of 478 points are smaller than those of 68.
_GOLDEN, _DOT = 0.6180339887498949, 3.0
# Size of a colour bar's words in pictures that are 360 wide, so that they can be read in print and on a phone.
_BAR_TEXT = 12.5


@dataclass(frozen=True)
class Plot:
    """A picture with its caption.

    Attributes
    ----------
    kind : str
        ``'regions'``, ``'face'``, ``'coordinates'``, ``'phases'``, ``'time'``, ``'amount'`` or ``'features'``.
    caption : str
        Plain text.
    svg : str
    """

    kind: str
    caption: str
    svg: str


def plots(summary: Summary, unit: str = "logit") -> list[Plot]:
    """All pictures that make sense for the evidence; those on a face need the canonical mesh.

    Evidence whose sign says nothing (``Summary.directed``) is drawn as amounts, in one hue.

    Parameters
    ----------
    summary : Summary
    unit : str
        Unit of the explained output.

    Raises
    ------
    WeightsError
        If points are to be drawn and the canonical mesh was not pulled.
    """
    on_a_face = summary.topology in _ON_A_FACE
    if summary.space == NAMED:
        kind = "mean signed evidence, numbers: share of all" if summary.directed else "share of all"
        bars = Plot("features", f"The features with the most evidence; bars: {kind}.", feature_bars(summary, unit))
        return [*([_by_region(summary)] if on_a_face else []), bars]
    if summary.space == SERIES:
        return _series(summary, unit)
    if summary.space != SEQUENCE or not on_a_face:
        return []
    return [_by_region(summary), *_faces(summary, unit), *_phases(summary, unit), *_time(summary, unit)]


def _who(summary: Summary) -> str:
    return f"{'for' if summary.directed else 'about'} '{summary.target}'"


def _by_region(summary: Summary) -> Plot:
    """What the table of regions says, as a picture: one colour for a whole region."""
    share, speaks_for = on_regions(summary)
    hues = np.ones(len(share))
    if summary.directed:
        # Of a region's dots as many are red as its evidence speaks for the target, spread evenly over its points.
        hues[(np.arange(len(share)) * _GOLDEN) % 1 >= speaks_for] = -1
    drawn = face_plot(
        100 * share * hues,
        summary.topology,
        title=f"Evidence {_who(summary)}, summed over each region",
        absolute=np.ones(len(share)),
        largest=_DOT if len(share) > 100 else 1.5,
        unit="% of all evidence, per region",
        amount=not summary.directed,
    )
    words = (
        f"Evidence {_who(summary)} by region: strength of colour is the region's share, as in the table"
        f"{'; of its dots, the red ones are the part that speaks for it' if summary.directed else ''}. The person's "
        "left is on the right."
    )
    return Plot("regions", words, drawn)


def _faces(summary: Summary, unit: str) -> list[Plot]:
    absolute = summary.mean_absolute.sum(axis=0)
    coordinates = summary.coordinate_signed if summary.directed else absolute
    points = summary.point_signed if summary.directed else summary.point_absolute
    # One scale for the sum and its parts, so that they can be compared.
    limit, largest = limit_of(points, coordinates), limit_of(summary.point_absolute)
    scale: dict[str, Any] = {"limit": limit, "largest": largest, "amount": not summary.directed}
    whole = face_plot(
        points,
        summary.topology,
        title=f"Evidence {_who(summary)} at each point",
        absolute=summary.point_absolute,
        unit=f"{unit} per point",
        **scale,
    )
    parts = {
        f"{name} ({_AXES.get(name, 'coordinate')})": face_plot(
            coordinates[:, axis],
            summary.topology,
            title=f"Evidence {_who(summary)} in {name}",
            absolute=absolute[:, axis],
            **scale,
        )
        for axis, name in enumerate(summary.names)
    }
    drawn = _row_of(parts, "Evidence by coordinate", unit=f"{unit} per point", limit=limit, amount=not summary.directed)
    words = (
        f"Evidence {_who(summary)} at each point, summed over all frames and coordinates: strength of colour is "
        f"{'the signed sum, size of a dot the amount' if summary.directed else 'the amount'}. A region of few "
        "points can look stronger here than in its sum: the strength of its points is the table's density, their sum "
        "is its share."
    )
    return [
        Plot("face", words, whole),
        Plot("coordinates", "The same by coordinate, on the same scale.", drawn),
    ]


def _phases(summary: Summary, unit: str) -> list[Plot]:
    frames = len(summary.frame_signed)
    if frames < 2 * _PHASES:
        return []
    parts = np.array_split(np.arange(frames), _PHASES)
    absolute = [summary.mean_absolute[part].sum(axis=(0, 2)) for part in parts]
    drawn = [summary.frame_signed[part].sum(axis=0) for part in parts] if summary.directed else absolute
    limit, largest = limit_of(*drawn), limit_of(*absolute)
    amount, faces = not summary.directed, {}
    for part, value, size in zip(parts, drawn, absolute, strict=True):
        caption = f"{100 * part[0] / frames:.0f}–{100 * (part[-1] + 1) / frames:.0f} % of the clip"
        faces[caption] = face_plot(value, summary.topology, title=caption, absolute=size, limit=limit, largest=largest,
                                   amount=amount)  # fmt: skip
    title, words = "Evidence in each quarter of the clip", "Where the evidence is in each quarter of the clip."
    return [Plot("phases", words, _row_of(faces, title, limit=limit, unit=f"{unit} per point", amount=amount))]


def _row_of(faces: dict[str, str], title: str, *, limit: float, unit: str, amount: bool) -> str:
    """Faces on one scale in rows of two (or three of three) with their captions, and their colour bar."""
    across = 3 if len(faces) == 3 else 2
    width, gap = 360.0, 6.0
    each = (width - gap * (across - 1)) / across
    tall = each * ASPECT + 18
    drawn = []
    for i, (caption, face) in enumerate(faces.items()):
        x, y = (i % across) * (each + gap), (i // across) * tall
        drawn.append(svg.placed(face, x, y, each, each * ASPECT))
        drawn.append(svg.text(x + each / 2, y + tall - 5, caption, size=12, anchor="middle"))
    bottom = tall * -(-len(faces) // across)
    bar = svg.colour_bar(limit, unit, x=35, y=bottom + 6, width=290, size=_BAR_TEXT, amount=amount)
    return svg.picture(width, bottom + 56, *drawn, bar, title=title)


def _series(summary: Summary, unit: str) -> list[Plot]:
    amount = (
        f"Amount of evidence {_who(summary)} over the time of the recording, all channels together: mean over people "
        "of what each step holds. Steps in which few people were recorded hold little."
    )
    if summary.subjects is not None and summary.subjects > 1:
        amount += f" Band: 95 % interval over {summary.subjects} people, for each step by itself."
    names, values = over_time(summary)
    most = np.argsort(-np.abs(values).sum(axis=1), kind="stable")[:_MOST_CHANNELS]
    what = "Signed evidence" if summary.directed else "Amount of evidence"
    caption = f"{what} of each channel over time; {len(most)} of {len(names)} channels, first the strongest."
    drawn = time_map(
        tuple(names[i] for i in most), values[most], unit, of="channel", ends=ends_of(summary),
        amount=not summary.directed,
    )  # fmt: skip
    return [Plot("amount", amount, amount_over_time(summary, unit)), Plot("time", caption, drawn)]


def _time(summary: Summary, unit: str) -> list[Plot]:
    names, values = over_time(summary)
    if values.shape[1] < 2:
        return []
    what = "Signed evidence" if summary.directed else "Amount of evidence"
    caption = f"{what} of each region over time. First the region that is strongest, frame by frame."
    if summary.directed:
        caption += " The table goes by the share of all evidence, whatever its sign, so its order can differ."
    return [Plot("time", caption, time_map(names, values, unit, amount=not summary.directed))]


def time_map(
    names: tuple[str, ...], values: np.ndarray, unit: str, *, of: str = "region",
    ends: tuple[str, str] = ("start", "end of the clip"), amount: bool = False,
) -> str:  # fmt: skip
    """Heat map regions (or channels) x time.

    Parameters
    ----------
    names : tuple of str
    values : ndarray, shape (regions, frames)
        More than 60 frames are summed in neighbouring groups.
    unit : str
    of : str
        What a row is.
    ends : (str, str)
        What stands below the first and the last column.
    amount : bool
        Whether the values are amounts, without a direction.
    """
    order = np.argsort(-np.abs(values).sum(axis=1))
    columns = np.array_split(values[order], min(_MOST_COLUMNS, values.shape[1]), axis=1)
    cells = np.stack([column.sum(axis=1) for column in columns], axis=1)
    limit, row, width = limit_of(cells), 16.0, 360.0
    left = max(92.0, 6.8 * max(map(len, names), default=0) + 8)
    step = (width - left - 4) / cells.shape[1]
    paint = svg.amount_paint if amount else svg.signed_paint
    drawn = []
    for i, index in enumerate(order):
        drawn.append(svg.text(left - 5, i * row + row * 0.72, names[index], size=11.5, anchor="end"))
        for j, value in enumerate(cells[i]):
            if limit > 0 and abs(value) >= 0.01 * limit:
                place = {"x": left + j * step, "y": float(i * row), "width": step + 0.2, "height": row - 1}
                drawn.append(svg.element("rect", **place, **paint(value, limit)))
    bottom = len(order) * row
    frame = svg.element(
        "rect", x=left, y=0, width=width - left - 4, height=float(bottom - 1), fill="none", stroke="currentColor",
        stroke_opacity="0.4", stroke_width="0.5",
    )  # fmt: skip
    axis = [
        svg.text(left, bottom + 12, ends[0], size=11.5),
        svg.text(width - 4, bottom + 12, ends[1], size=11.5, anchor="end"),
    ]
    words = f"{unit} per {of} and step"
    bar = svg.colour_bar(limit, words, x=35, y=bottom + 24, width=290, size=_BAR_TEXT, amount=amount)
    return svg.picture(width, bottom + 76, *drawn, frame, *axis, bar, title=f"Evidence of each {of} over time")


def feature_bars(summary: Summary, unit: str) -> str:
    """A bar for each of the features with the most evidence: signed, with the share of all, or the share alone."""
    rows = features(summary)[:_MOST_BARS]
    lengths = [row.signed if summary.directed else row.share for row in rows]
    limit = max((abs(length) for length in lengths), default=0.0) or 1.0
    width, height = 360.0, 30.0
    middle, half = (width / 2, width / 2 - 46) if summary.directed else (4.0, width - 50)
    drawn = []
    for i, (row, value) in enumerate(zip(rows, lengths, strict=True)):
        top = i * height
        length = abs(value) / limit * half
        colour = svg.AMOUNT if not summary.directed else svg.POSITIVE if value >= 0 else svg.NEGATIVE
        place = {"x": middle if value >= 0 else middle - length, "y": top + 15, "width": max(length, 0.5)}
        drawn += [
            svg.text(width / 2, top + 11, row.words, size=11.5, anchor="middle"),
            svg.element("rect", x=middle - 0.3, y=top + 14, width=0.6, height=11.0, fill="currentColor"),
            svg.element("rect", **place, height=9.0, fill=colour),
            svg.text(width - 2, top + 23, percent(row.share), size=11.5, anchor="end"),
        ]
    bottom = len(rows) * height + 13
    end = svg.tick_words(limit, signed=True) if summary.directed else percent(limit)
    ends = [svg.text(middle + half, bottom, end, size=11.5, anchor="end")]
    if summary.directed:
        ends += [
            svg.text(middle - half, bottom, svg.tick_words(-limit, signed=True), size=11.5),
            svg.text(middle, bottom, f"0 {unit}", size=11.5, anchor="middle"),
        ]
    else:
        ends.append(svg.text(middle, bottom, "0 % of all evidence", size=11.5))
    return svg.picture(width, bottom + 6, *drawn, *ends, title="Features with the most evidence")


def save_plots(summary: Summary, folder: str | Path, unit: str = "logit") -> list[Path]:
    """Write every picture of some evidence as an SVG file into ``folder``."""
    paths = []
    for plot in plots(summary, unit):
        paths.append(Path(folder) / f"{plot.kind}.svg")
        write_text(paths[-1], plot.svg + "\n")
    return paths
