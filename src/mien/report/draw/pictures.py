"""Drawings of evidence about pictures: each picture beside its map, on one colour scale for all, and the mean."""

from __future__ import annotations

import io
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from mien.atlas.summary import Summary
from mien.core.evidence import Evidence
from mien.core.files import write_text
from mien.core.placing import in_photo
from mien.explain.methods import METHODS, sign_is_direction
from mien.explain.thumbnails import Shown, load_shown
from mien.report.draw import svg
from mien.report.draw.plot import Plot, PlotScale, scaled
from mien.report.draw.raster import image, png, rgba_of
from mien.report.draw.unpredicted import unpredicted
from mien.report.privacy import SHOW_FACES, Privacy, few_people, privacy_of_evidence

# Of the values, this share may lie beyond the ends of the colour scale, so that single pixels do not fade the rest.
BEYOND = 0.002
_WIDTH, _GAP, _TEXT = 480.0, 6.0, 11.5


def per_pixel(values: np.ndarray, smooth: float | None = None, *, amount: bool = False) -> np.ndarray:
    """Evidence of each pixel as it is drawn: summed over channels and lightly smoothed.

    Parameters
    ----------
    values : ndarray, shape (samples, channels, height, width)
    smooth : float, optional
        Standard deviation of the Gaussian in pixels; by default 1/128 of the height, 0 for none.
    amount : bool
        Of the sums over channels their amount, whatever its sign.

    Returns
    -------
    ndarray of float32, shape (samples, height, width)
    """
    maps = np.nan_to_num(np.asarray(values, dtype=np.float32)).sum(axis=1)
    maps = np.abs(maps) if amount else maps
    sigma = maps.shape[1] / 128 if smooth is None else smooth
    if not sigma or not len(maps):
        return maps
    return np.stack([cv2.GaussianBlur(one, (0, 0), sigma) for one in maps])


def colour_limit(*maps: np.ndarray) -> float:
    """One symmetric end of the colour scale for all maps: what all but ``BEYOND`` of their values stay below."""
    sizes = [np.abs(one[np.isfinite(one)]).ravel() for one in maps]
    every = np.concatenate(sizes) if sizes else np.zeros(0)
    limit = float(np.quantile(every, 1 - BEYOND)) if every.size else 0.0
    return limit or float(every.max(initial=0.0))


def sample_maps(
    pictures: np.ndarray,
    values: np.ndarray,
    captions: list[str],
    *,
    unit: str,
    title: str,
    photos: tuple[np.ndarray, ...] = (),
    to_photo: np.ndarray | None = None,
    limit: float | None = None,
    amount: bool = False,
    bar: bool = True,
) -> str:
    """One row per sample: the picture, its map, both together, and the map in the photo if there is one.

    Parameters
    ----------
    pictures : ndarray of uint8, shape (samples, height, width, 3)
    values : ndarray, shape (samples, channels, height, width)
        Signed evidence of any number of channels.
    captions : list of str
        One per sample, below its row.
    unit : str
        What the colours stand for, such as ``'logit per pixel'``.
    title : str
        What is shown, for people who cannot see it.
    photos, to_photo : optional
        As in ``Shown``.
    limit : float, optional
        End of the colour scale; by default common to all samples given here.
    amount : bool
        Draw amounts in one hue, for evidence whose sign says nothing.
    bar : bool
        Draw the colour bar.

    Returns
    -------
    str
        An SVG picture that holds all its pixels.
    """
    maps = per_pixel(values, amount=amount)
    limit = colour_limit(maps) if limit is None else limit
    columns = 4 if photos else 3
    each = (_WIDTH - _GAP * (columns - 1)) / columns
    drawn, y = [], 0.0
    for i, (picture, one) in enumerate(zip(pictures, maps, strict=True)):
        tall = each * picture.shape[0] / picture.shape[1]
        layers = [_rgb(picture), painted(one, limit, amount), over_picture(picture, one, limit, amount)]
        for column, data in enumerate(layers):
            drawn.append(image(data, column * (each + _GAP), y, each, tall))
        if photos and to_photo is not None:
            photo = photos[i]
            placed = in_photo(one[None], to_photo[i], (photo.shape[0], photo.shape[1]))[0]
            # The colours stay those of the crop: a value per crop pixel, wherever it lies in the photo.
            data = over_picture(photo, placed * np.float32(abs(np.linalg.det(to_photo[i][:, :2]))), limit, amount)
            drawn.append(image(data, 3 * (each + _GAP), y, each, tall))
        frame = {"fill": "none", "stroke": "currentColor", "stroke_opacity": "0.3", "stroke_width": "0.5"}
        drawn.append(svg.element("rect", x=each + _GAP, y=y, width=each, height=tall, **frame))
        drawn.append(svg.text(0, y + tall + 13, captions[i], size=11.5))
        y += tall + 20
    if not bar:
        return svg.picture(_WIDTH, y, *drawn, title=title)
    colours = svg.colour_bar(limit, unit, x=_WIDTH / 2 - 145, y=y + 4, width=290, size=_TEXT,
                             beyond=goes_beyond(maps, limit), amount=amount)  # fmt: skip
    return svg.picture(_WIDTH, y + 52, *drawn, colours, title=title)


def picture_plots(
    evidence: Evidence,
    summary: Summary | None,
    shown: Shown | None,
    unit: str = "output",
    privacy: Privacy | None = None,
) -> list[Plot]:
    """All drawings of evidence about pictures that may be shown; ``not_drawn`` says what is missing.

    Parameters
    ----------
    evidence : Evidence
        Of the space 'pixels'.
    summary : Summary, optional
        Gives the mean over people.
    shown : Shown, optional
        Pictures kept beside the evidence.
    unit : str
        Unit of the explained output.
    privacy : Privacy, optional
        What may be shown of people; by default no face and no name.
    """
    privacy = (privacy or privacy_of_evidence(evidence)).about(evidence)
    directed = sign_is_direction(evidence.method, evidence.settings)
    who, scale = f"{'for' if directed else 'about'} '{evidence.target}'", scale_words(evidence, unit)
    plots = []
    if privacy.faces and shown is not None and len(shown):
        captions = [_caption(evidence, int(row), unit, privacy) for row in shown.rows]
        hues = "red for and blue against" if directed else "its amount in one colour"
        words = (
            f"Pictures from the lowest to the highest output: each with its evidence {who}, {hues}, and both together. "
            "All maps have one scale; they are drawn a little smoothed, the stored values are not."
        )
        kept, rows = shown, evidence.values[shown.rows]

        def draw(limit: float, _size: float, bar: bool) -> str:
            return sample_maps(
                kept.pictures, rows, captions, unit=scale, title=f"Evidence {who} in pictures", photos=kept.photos,
                to_photo=kept.to_photo, limit=limit, amount=not directed, bar=bar,
            )  # fmt: skip

        limit = colour_limit(per_pixel(rows, amount=not directed))
        plots.append(scaled("pictures", words, PlotScale(limit, scale, draw, amount=not directed)))
    if summary is not None and summary.samples > 1 and not few_people(summary, privacy.faces):
        plots.append(_mean(summary, shown if privacy.faces else None, scale, who))
    return plots


def not_drawn(evidence: Evidence, summary: Summary | None, shown: Shown | None, privacy: Privacy) -> list[str]:
    """Why drawings of evidence about pictures are missing, in sentences."""
    privacy = privacy.about(evidence)
    texts = []
    if shown is not None and len(shown) and not privacy.faces:
        texts.append(f"Single pictures with their evidence show faces; they are drawn with {SHOW_FACES}.")
    few = "" if summary is None else few_people(summary, privacy.faces)
    return [*texts, *([few] if few else [])]


def scale_words(evidence: Evidence, unit: str) -> str:
    """What the colours of drawn evidence stand for: the method says per what its values are."""
    method = METHODS.get(evidence.method)
    return f"{unit} per pixel" if method is None else method.drawn_unit(unit, evidence.settings)


@dataclass(frozen=True)
class _Panel:
    """A map, what stands below it, and the row of panels and the scale that it belongs to."""

    data: bytes
    words: str
    row: int
    scale: str


def _mean(summary: Summary, shown: Shown | None, unit: str, who: str) -> Plot:
    """Mean map over people, and how large evidence is whatever its sign; a colour bar for every scale."""
    amount = per_pixel(summary.mean_absolute[None])[0]
    signed = per_pixel(summary.signed_mean[None])[0] if summary.directed else amount
    limit, most = colour_limit(signed), colour_limit(amount)
    people = f"mean over {summary.subjects} people" if summary.subjects else f"mean over {summary.samples} samples"
    panels = [_Panel(painted(signed, limit, not summary.directed), people, 0, "mean")]
    if shown is not None and len(shown):
        picture = shown.pictures.mean(axis=0).round().astype(np.uint8)
        panels.append(
            _Panel(over_picture(picture, signed, limit, not summary.directed), "on a mean picture", 0, "mean")
        )
    bars = {"mean": (limit, goes_beyond(signed, limit), not summary.directed)}
    caption = f"Mean evidence {who}, pixel by pixel; the pictures are level and of one size, but not warped."
    if summary.directed:
        # What speaks for and what against, before they cancel: halves of amount plus and minus the signed mean.
        halves = [np.maximum(amount + signed, 0) / 2, -np.maximum(amount - signed, 0) / 2]
        apart = colour_limit(*halves)
        panels += [_Panel(painted(half, apart, False), f"what speaks {side}", 1, "apart")
                   for half, side in zip(halves, ("for", "against"), strict=True)]  # fmt: skip
        panels.append(_Panel(painted(amount, most, True), "amount", 1, "amount"))
        bars |= {"apart": (apart, False, False), "amount": (most, goes_beyond(amount, most), True)}
        caption += (
            " What speaks for and what against is averaged apart, so that it does not cancel. Each colour bar belongs "
            "to the maps above it."
        )
    drawn, height = _drawn_panels(panels, bars, unit, signed.shape[0] / signed.shape[1])
    return Plot("mean", caption, svg.picture(_WIDTH, height, *drawn, title=f"Mean evidence {who}"))


def _drawn_panels(
    panels: list[_Panel], bars: dict[str, tuple[float, bool, bool]], unit: str, aspect: float
) -> tuple[list[str], float]:
    """Rows of panels, and below those of one scale their colour bar; with the height of all."""
    each = (_WIDTH - 2 * _GAP) / 3
    tall, drawn, y = each * aspect, [], 0.0
    for row in sorted({panel.row for panel in panels}):
        here = [panel for panel in panels if panel.row == row]
        for i, panel in enumerate(here):
            x = i * (each + _GAP)
            frame = {"fill": "none", "stroke": "currentColor", "stroke_opacity": "0.3", "stroke_width": "0.5"}
            drawn += [
                image(panel.data, x, y, each, tall),
                svg.element("rect", x=float(x), y=y, width=each, height=tall, **frame),
                svg.text(x + each / 2, y + tall + 13, panel.words, size=11.5, anchor="middle"),
            ]
        for scale in dict.fromkeys(panel.scale for panel in here):
            places = [i for i, panel in enumerate(here) if panel.scale == scale]
            limit, beyond, amount = bars[scale]
            left, width = places[0] * (each + _GAP) + 6, len(places) * (each + _GAP) - _GAP - 12
            drawn.append(svg.colour_bar(limit, unit, x=left, y=y + tall + 20, width=width, size=_TEXT, beyond=beyond,
                                        amount=amount))  # fmt: skip
        y += tall + 74
    return drawn, y


def goes_beyond(maps: np.ndarray, limit: float) -> bool:
    """Whether values lie beyond the end of the colour scale."""
    return bool(np.nanmax(np.abs(maps), initial=0) > limit)


def save_picture_plots(
    evidence: Evidence,
    summary: Summary | None,
    folder: str | Path,
    unit: str,
    privacy: Privacy | None = None,
    *,
    but: str = "",
) -> list[Path]:
    """Write every drawing of evidence about pictures that may be shown as an SVG file into its folder.

    Grey, with these words, if it has a ``but``.
    """
    for kind in ("pictures", "mean"):  # those of an earlier run may show more
        (Path(folder) / f"{kind}.svg").unlink(missing_ok=True)
    paths = []
    for plot in picture_plots(evidence, summary, load_shown(folder), unit, privacy):
        paths.append(Path(folder) / f"{plot.kind}.svg")
        write_text(paths[-1], (unpredicted(plot.svg, but) if but else plot.svg) + "\n")
    return paths


def _caption(evidence: Evidence, row: int, unit: str, privacy: Privacy) -> str:
    name = privacy.sample(str(evidence.sample[row]), str(evidence.subject[row]))
    label = f", {evidence.label[row]}" if evidence.label[row] else ""
    return f"{name}{label}: {unit} {evidence.output[row]:.3g}"


def painted(values: np.ndarray, limit: float, amount: bool) -> bytes:
    """A map in its colours, as PNG."""
    return png(rgba_of(values, limit, amount))


def over_picture(picture: np.ndarray, values: np.ndarray, limit: float, amount: bool) -> bytes:
    """The map over a pale grey picture, so that its colours stay readable."""
    rgba = rgba_of(values, limit, amount).astype(np.float32)
    pale = 110 + cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY).astype(np.float32)[..., None] * (130 / 255)
    share = rgba[..., 3:] / 255
    return png(np.round(pale * (1 - share) + rgba[..., :3] * share).astype(np.uint8))


def _rgb(picture: np.ndarray) -> bytes:
    from PIL import Image

    file = io.BytesIO()
    Image.fromarray(picture).save(file, "JPEG", quality=88)
    return file.getvalue()
