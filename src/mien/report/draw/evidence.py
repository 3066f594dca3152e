"""The pictures of one body of evidence: face, coordinates, phases, regions or channels over time, features."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from mien.atlas.regions import on_regions, regions
from mien.atlas.summary import Summary, over_time
from mien.core.features import NAMED, SEQUENCE, SERIES
from mien.core.files import write_text
from mien.core.topology import IBUG_68, MEDIAPIPE_468, MEDIAPIPE_478
from mien.core.words import percent
from mien.report.draw import svg
from mien.report.draw.face import ASPECT, face_plot, limit_of
from mien.report.draw.feature_bars import bars_limit, feature_bars
from mien.report.draw.over_time import amount_over_time, ends_of
from mien.report.draw.plot import Plot, PlotScale, scaled
from mien.report.draw.unpredicted import unpredicted

_ON_A_FACE = (MEDIAPIPE_478, MEDIAPIPE_468, IBUG_68)
_PHASES = 4
_AXES = {"x": "sideways", "y": "up and down", "z": "in depth"}
_MOST_COLUMNS, _MOST_CHANNELS = 60, 24
# Multiples of it, modulo 1, are spread evenly; the dots of 478 points are smaller than those of 68.
_GOLDEN, _DOT = 0.6180339887498949, 3.0
# Size of a colour bar's words in pictures that are 360 wide, so that they can be read in print and on a phone.
_BAR_TEXT = 12.5


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
        scale = PlotScale(
            bars_limit(summary), unit, lambda limit, _size, _bar: feature_bars(summary, unit, limit),
            amount=not summary.directed, bar=False,
        )  # fmt: skip
        bars = scaled("features", f"The features with the most evidence; bars: {kind}.", scale)
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
    unit = "% of all evidence, per region"

    def draw(limit: float, _size: float, bar: bool) -> str:
        return face_plot(
            100 * share * hues,
            summary.topology,
            title=f"Evidence {_who(summary)}, summed over each region",
            absolute=np.ones(len(share)),
            limit=limit,
            largest=_DOT if len(share) > 100 else 1.5,
            unit=unit if bar else "",
            amount=not summary.directed,
            sides=summary.directed,
        )

    words = (
        f"Evidence {_who(summary)} by region: strength of colour is the region's share of all evidence"
        f"{'; of its dots, the red ones are the part that speaks for it' if summary.directed else ''}. "
        f"{_largest(summary)}The person's left is on the right."
    )
    scale = PlotScale(limit_of(100 * share), unit, draw, amount=not summary.directed, sides=summary.directed)
    return scaled("regions", words, scale)


def _largest(summary: Summary) -> str:
    """The strongest colour, beside what it would be if no region were preferred: large regions have large shares."""
    rows = regions(summary)
    if not rows or not rows[0].share > 0:
        return ""
    largest = rows[0]
    chance = f"; labels shuffled: {percent(largest.shuffled)}" if largest.shuffled == largest.shuffled else ""
    return f"Largest: {largest.words}, {percent(largest.share)} (an even spread: {percent(largest.expected)}{chance}). "


def _faces(summary: Summary, unit: str) -> list[Plot]:
    absolute = summary.mean_absolute.sum(axis=0)
    coordinates = summary.coordinate_signed if summary.directed else absolute
    points = summary.point_signed if summary.directed else summary.point_absolute
    amount = not summary.directed

    def whole(limit: float, size: float, bar: bool) -> str:
        title = f"Evidence {_who(summary)} at each point"
        return face_plot(
            points, summary.topology, title=title, absolute=summary.point_absolute, limit=limit, largest=size,
            unit=f"{unit} per point" if bar else "", amount=amount,
        )  # fmt: skip

    def parts(limit: float, size: float, bar: bool) -> str:
        faces = {
            f"{name} ({_AXES.get(name, 'coordinate')})": face_plot(
                coordinates[:, axis], summary.topology, title=f"Evidence {_who(summary)} in {name}",
                absolute=absolute[:, axis], limit=limit, largest=size, amount=amount,
            )
            for axis, name in enumerate(summary.names)
        }  # fmt: skip
        return _row_of(faces, "Evidence by coordinate", limit=limit, unit=f"{unit} per point" if bar else "",
                       amount=amount)  # fmt: skip

    words = (
        f"Evidence {_who(summary)} at each point, summed over all frames and coordinates: strength of colour is "
        f"{'the signed sum, size of a dot the amount' if summary.directed else 'the amount'}. A region of few "
        "points can look stronger here than in its sum: the strength of its points is the table's density, their sum "
        "is its share."
    )
    # One scale for the sum and its parts, so that they can be compared.
    limit, size = limit_of(points, coordinates), limit_of(summary.point_absolute)
    of_whole, of_parts = (PlotScale(limit, f"{unit} per point", draw, size, amount) for draw in (whole, parts))
    return [
        scaled("face", words, of_whole),
        scaled("coordinates", "The same by coordinate, on the same scale.", of_parts),
    ]


def _phases(summary: Summary, unit: str) -> list[Plot]:
    frames = len(summary.frame_signed)
    if frames < 2 * _PHASES:
        return []
    parts = np.array_split(np.arange(frames), _PHASES)
    absolute = [summary.mean_absolute[part].sum(axis=(0, 2)) for part in parts]
    drawn = [summary.frame_signed[part].sum(axis=0) for part in parts] if summary.directed else absolute
    limit, largest = limit_of(*drawn), limit_of(*absolute)
    amount = not summary.directed

    def draw(limit: float, size: float, bar: bool) -> str:
        faces = {}
        for part, value, sizes in zip(parts, drawn, absolute, strict=True):
            name = f"{100 * part[0] / frames:.0f}–{100 * (part[-1] + 1) / frames:.0f} % of the clip"
            faces[name] = face_plot(value, summary.topology, title=name, absolute=sizes, limit=limit, largest=size,
                                    amount=amount)  # fmt: skip
        title = "Evidence in each quarter of the clip"
        return _row_of(faces, title, limit=limit, unit=f"{unit} per point" if bar else "", amount=amount)

    words = "Where the evidence is in each quarter of the clip."
    return [scaled("phases", words, PlotScale(limit, f"{unit} per point", draw, largest, amount))]


def _row_of(faces: dict[str, str], title: str, *, limit: float, unit: str, amount: bool) -> str:
    """Faces on one scale in rows of two (or three of three) with their captions; with a ``unit`` their colour bar."""
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
    if not unit:
        return svg.picture(width, bottom, *drawn, title=title)
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
    shown = _over_time(summary, "time", caption, tuple(names[i] for i in most), values[most], unit, "channel")
    return [Plot("amount", amount, amount_over_time(summary, unit)), shown]


def _time(summary: Summary, unit: str) -> list[Plot]:
    names, values = over_time(summary)
    if values.shape[1] < 2:
        return []
    what = "Signed evidence" if summary.directed else "Amount of evidence"
    caption = f"{what} of each region over time. First the region that is strongest, frame by frame."
    if summary.directed:
        caption += " The table goes by the share of all evidence, whatever its sign, so its order can differ."
    return [_over_time(summary, "time", caption, names, values, unit, "region")]


def _over_time(
    summary: Summary, kind: str, caption: str, names: tuple[str, ...], values: np.ndarray, unit: str, of: str
) -> Plot:
    amount = not summary.directed
    ends = ends_of(summary) if of == "channel" else ("start", "end of the clip")

    def draw(limit: float, _size: float, bar: bool) -> str:
        return time_map(names, values, unit, of=of, ends=ends, amount=amount, limit=limit, bar=bar)

    limit = limit_of(_cells(values))
    return scaled(kind, caption, PlotScale(limit, f"{unit} per {of} and step", draw, amount=amount))


def time_map(
    names: tuple[str, ...], values: np.ndarray, unit: str, *, of: str = "region",
    ends: tuple[str, str] = ("start", "end of the clip"), amount: bool = False, limit: float | None = None,
    bar: bool = True,
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
    limit : float, optional
        End of the colour scale; by default the strongest cell.
    bar : bool
        Draw the colour bar.
    """
    order = np.argsort(-np.abs(values).sum(axis=1))
    cells = _cells(values)[order]
    limit = limit_of(cells) if limit is None else limit
    row, width = 16.0, 360.0
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
    title = f"Evidence of each {of} over time"
    if not bar:
        return svg.picture(width, bottom + 18, *drawn, frame, *axis, title=title)
    words = f"{unit} per {of} and step"
    colours = svg.colour_bar(limit, words, x=35, y=bottom + 24, width=290, size=_BAR_TEXT, amount=amount)
    return svg.picture(width, bottom + 76, *drawn, frame, *axis, colours, title=title)


def _cells(values: np.ndarray) -> np.ndarray:
    """Values of neighbouring frames summed, where there are more than can be drawn."""
    columns = np.array_split(values, min(_MOST_COLUMNS, values.shape[1]), axis=1)
    return np.stack([column.sum(axis=1) for column in columns], axis=1)


def save_plots(summary: Summary, folder: str | Path, unit: str = "logit", *, but: str = "") -> list[Path]:
    """Write every picture of some evidence as an SVG file into ``folder``; grey, with these words, if it has a but."""
    paths = []
    for plot in plots(summary, unit):
        paths.append(Path(folder) / f"{plot.kind}.svg")
        write_text(paths[-1], (unpredicted(plot.svg, but) if but else plot.svg) + "\n")
    return paths
