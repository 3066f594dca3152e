"""The pictures of one body of evidence: face, coordinates, phases, regions over time, features."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from mien.core.features import NAMED, SEQUENCE
from mien.core.files import write_text
from mien.core.topology import IBUG_68, MEDIAPIPE_468, MEDIAPIPE_478
from mien.explain.aggregate import Summary, over_time
from mien.explain.parts import Share, features
from mien.explain.words import percent
from mien.report import svg
from mien.report.face_plot import ASPECT, face_plot, limit_of

_ON_A_FACE = (MEDIAPIPE_478, MEDIAPIPE_468, IBUG_68)
_PHASES = 4
_AXES = {"x": "sideways", "y": "up and down", "z": "in depth"}
_MOST_COLUMNS = 60


@dataclass(frozen=True)
class Plot:
    """A picture with its caption.

    Attributes
    ----------
    kind : str
        ``'face'``, ``'coordinates'``, ``'phases'``, ``'time'`` or ``'features'``.
    caption : str
        Plain text.
    svg : str
    """

    kind: str
    caption: str
    svg: str


def plots(summary: Summary, unit: str = "logit") -> list[Plot]:
    """All pictures that make sense for the evidence; those on a face need the canonical mesh.

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
        words = "The features with the most evidence; bars: mean signed evidence, numbers: share of all."
        bars = Plot("features", words, feature_bars(features(summary)[:12], unit))
        return [*([_face_of_features(summary, unit)] if on_a_face else []), bars]
    if summary.space != SEQUENCE or not on_a_face:
        return []
    return [*_faces(summary, unit), *_phases(summary, unit), *_time(summary, unit)]


def _face_of_features(summary: Summary, unit: str) -> Plot:
    drawn = face_plot(
        summary.point_signed,
        summary.topology,
        title=f"Evidence for '{summary.target}' on the face",
        absolute=summary.point_absolute,
        unit=f"{unit} per point",
    )
    words = (
        f"Evidence for '{summary.target}': each feature's, spread over the points that it is about. "
        "The person's left is on the right."
    )
    return Plot("face", words, drawn)


def _faces(summary: Summary, unit: str) -> list[Plot]:
    who = f"'{summary.target}'"
    coordinates, absolute = summary.coordinate_signed, summary.mean_absolute.sum(axis=0)
    # One scale for the sum and its parts, so that they can be compared.
    limit, largest = limit_of(summary.point_signed, coordinates), limit_of(summary.point_absolute)
    whole = face_plot(
        summary.point_signed,
        summary.topology,
        title=f"Evidence for {who} on the face",
        absolute=summary.point_absolute,
        limit=limit,
        largest=largest,
        unit=f"{unit} per point",
    )
    parts = {
        f"{name} ({_AXES.get(name, 'coordinate')})": face_plot(
            coordinates[:, axis],
            summary.topology,
            title=f"Evidence for {who} in {name}",
            absolute=absolute[:, axis],
            limit=limit,
            largest=largest,
        )
        for axis, name in enumerate(summary.names)
    }
    return [
        Plot(
            "face",
            f"Evidence for {who}, summed over all frames and coordinates. The person's left is on the right.",
            whole,
        ),
        Plot("coordinates", "The same by coordinate, on the same scale.", _row_of(parts, "Evidence by coordinate")),
    ]


def _phases(summary: Summary, unit: str) -> list[Plot]:
    frames = len(summary.frame_signed)
    if frames < 2 * _PHASES:
        return []
    parts = np.array_split(np.arange(frames), _PHASES)
    signed = [summary.frame_signed[part].sum(axis=0) for part in parts]
    absolute = [summary.mean_absolute[part].sum(axis=(0, 2)) for part in parts]
    limit, largest = limit_of(*signed), limit_of(*absolute)
    faces = {}
    for part, value, size in zip(parts, signed, absolute, strict=True):
        caption = f"{100 * part[0] / frames:.0f}–{100 * (part[-1] + 1) / frames:.0f} % of the clip"
        faces[caption] = face_plot(value, summary.topology, title=caption, absolute=size, limit=limit, largest=largest)
    drawn = _row_of(faces, "Evidence in each quarter of the clip", limit=limit, unit=f"{unit} per point")
    return [Plot("phases", "Where the evidence is in each quarter of the clip.", drawn)]


def _row_of(faces: dict[str, str], title: str, *, limit: float = 0.0, unit: str = "") -> str:
    """Faces in rows of two (or three of three) with their captions, and one colour bar if there is a unit."""
    across = 3 if len(faces) == 3 else 2
    width, gap = 360.0, 6.0
    each = (width - gap * (across - 1)) / across
    tall = each * ASPECT + 16
    drawn = []
    for i, (caption, face) in enumerate(faces.items()):
        x, y = (i % across) * (each + gap), (i // across) * tall
        drawn.append(svg.placed(face, x, y, each, each * ASPECT))
        drawn.append(svg.text(x + each / 2, y + tall - 5, caption, size=10.5, anchor="middle"))
    bottom = tall * -(-len(faces) // across)
    if unit:
        drawn.append(svg.colour_bar(limit, unit, x=80, y=bottom + 4, width=200, size=10))
        bottom += 38
    return svg.picture(width, bottom, *drawn, title=title)


def _time(summary: Summary, unit: str) -> list[Plot]:
    names, values = over_time(summary)
    if values.shape[1] < 2:
        return []
    caption = (
        "Signed evidence of each region over time. First the region whose signed evidence is strongest, frame by "
        "frame; the table goes by the share of all evidence, whatever its sign, so its order can differ."
    )
    return [Plot("time", caption, time_map(names, values, unit))]


def time_map(names: tuple[str, ...], values: np.ndarray, unit: str) -> str:
    """Heat map regions x time.

    Parameters
    ----------
    names : tuple of str
    values : ndarray, shape (regions, frames)
        More than 60 frames are summed in neighbouring groups.
    """
    order = np.argsort(-np.abs(values).sum(axis=1))
    columns = np.array_split(values[order], min(_MOST_COLUMNS, values.shape[1]), axis=1)
    cells = np.stack([column.sum(axis=1) for column in columns], axis=1)
    limit, left, row, width = limit_of(cells), 84.0, 15.0, 360.0
    step = (width - left - 4) / cells.shape[1]
    drawn = []
    for i, index in enumerate(order):
        drawn.append(svg.text(left - 5, i * row + row * 0.72, names[index], size=10.5, anchor="end"))
        for j, value in enumerate(cells[i]):
            if limit > 0 and abs(value) >= 0.01 * limit:
                drawn.append(
                    svg.element(
                        "rect",
                        x=left + j * step,
                        y=float(i * row),
                        width=step + 0.2,
                        height=row - 1,
                        **svg.signed_paint(value, limit),
                    )
                )
    bottom = len(order) * row
    frame = svg.element(
        "rect", x=left, y=0, width=width - left - 4, height=float(bottom - 1), fill="none", stroke="currentColor",
        stroke_opacity="0.4", stroke_width="0.5",
    )  # fmt: skip
    axis = [
        svg.text(left, bottom + 11, "start", size=10),
        svg.text(width - 4, bottom + 11, "end of the clip", size=10, anchor="end"),
    ]
    bar = svg.colour_bar(limit, f"{unit} per region and step", x=left + 40, y=bottom + 18, width=190, size=10)
    return svg.picture(width, bottom + 56, *drawn, frame, *axis, bar, title="Evidence of each region over time")


def feature_bars(rows: list[Share], unit: str) -> str:
    """Signed bars, one per feature, with the share of all evidence."""
    limit = max((abs(row.signed) for row in rows), default=0.0) or 1.0
    width, height = 360.0, 30.0
    middle, half = width / 2, width / 2 - 46
    drawn = []
    for i, row in enumerate(rows):
        top = i * height
        length = abs(row.signed) / limit * half
        start = middle if row.signed >= 0 else middle - length
        colour = svg.POSITIVE if row.signed >= 0 else svg.NEGATIVE
        drawn += [
            svg.text(middle, top + 11, row.words, size=11, anchor="middle"),
            svg.element("rect", x=middle - 0.3, y=top + 14, width=0.6, height=11.0, fill="currentColor"),
            svg.element("rect", x=start, y=top + 15, width=max(length, 0.5), height=9.0, fill=colour),
            svg.text(width - 2, top + 23, percent(row.share), size=10, anchor="end"),
        ]
    bottom = len(rows) * height
    ends = [
        svg.text(middle - half, bottom + 12, f"−{limit:.2g}", size=10),
        svg.text(middle, bottom + 12, f"0 {unit}", size=10, anchor="middle"),
        svg.text(middle + half, bottom + 12, f"+{limit:.2g}", size=10, anchor="end"),
    ]
    return svg.picture(width, bottom + 18, *drawn, *ends, title="Features with the most evidence")


def save_plots(summary: Summary, folder: str | Path, unit: str = "logit") -> list[Path]:
    """Write every picture of some evidence as an SVG file into ``folder``."""
    paths = []
    for plot in plots(summary, unit):
        paths.append(Path(folder) / f"{plot.kind}.svg")
        write_text(paths[-1], plot.svg + "\n")
    return paths
