"""Drawings of evidence about pictures: each picture beside its signed map, on one colour scale for all."""

from __future__ import annotations

import base64
import io
from pathlib import Path

import cv2
import numpy as np

from mien.core.evidence import Evidence
from mien.core.files import write_text
from mien.core.placing import in_photo
from mien.explain.aggregate import Summary
from mien.explain.methods import METHODS
from mien.explain.pixels.shown import Shown, load_shown
from mien.report import svg
from mien.report.evidence_plots import Plot

# Of the values, this share may lie beyond the ends of the colour scale, so that single pixels do not fade the rest.
BEYOND = 0.002
_WIDTH, _GAP = 480.0, 6.0
_POSITIVE, _NEGATIVE = (np.array([int(c[i : i + 2], 16) for i in (1, 3, 5)]) for c in (svg.POSITIVE, svg.NEGATIVE))


def per_pixel(values: np.ndarray, smooth: float | None = None) -> np.ndarray:
    """Evidence of each pixel as it is drawn: summed over channels and lightly smoothed.

    Parameters
    ----------
    values : ndarray, shape (samples, channels, height, width)
    smooth : float, optional
        Standard deviation of the Gaussian in pixels; by default 1/128 of the height, 0 for none.

    Returns
    -------
    ndarray of float32, shape (samples, height, width)
    """
    maps = np.nan_to_num(np.asarray(values, dtype=np.float32)).sum(axis=1)
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
) -> str:
    """One row per sample: the picture, its signed map, both together, and the map in the photo if there is one.

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

    Returns
    -------
    str
        An SVG picture that holds all its pixels.
    """
    maps = per_pixel(values)
    limit = colour_limit(maps) if limit is None else limit
    columns = 4 if photos else 3
    each = (_WIDTH - _GAP * (columns - 1)) / columns
    drawn, y = [], 0.0
    for i, (picture, one) in enumerate(zip(pictures, maps, strict=True)):
        tall = each * picture.shape[0] / picture.shape[1]
        layers = [_rgb(picture), _paint(one, limit), _over(picture, one, limit)]
        for column, data in enumerate(layers):
            drawn.append(_image(data, column * (each + _GAP), y, each, tall))
        if photos and to_photo is not None:
            photo = photos[i]
            placed = in_photo(one[None], to_photo[i], (photo.shape[0], photo.shape[1]))[0]
            # The colours stay those of the crop: a value per crop pixel, wherever it lies in the photo.
            data = _over(photo, placed * np.float32(abs(np.linalg.det(to_photo[i][:, :2]))), limit)
            drawn.append(_image(data, 3 * (each + _GAP), y, each, tall))
        frame = {"fill": "none", "stroke": "currentColor", "stroke_opacity": "0.3", "stroke_width": "0.5"}
        drawn.append(svg.element("rect", x=each + _GAP, y=y, width=each, height=tall, **frame))
        drawn.append(svg.text(0, y + tall + 11, captions[i], size=10))
        y += tall + 18
    beyond = bool(np.nanmax(np.abs(maps), initial=0) > limit)
    bar = svg.colour_bar(limit, unit, x=_WIDTH / 2 - 110, y=y + 2, width=220, size=10, beyond=beyond)
    return svg.picture(_WIDTH, y + 40, *drawn, bar, title=title)


def picture_plots(evidence: Evidence, summary: Summary | None, shown: Shown | None, unit: str = "output") -> list[Plot]:
    """All drawings of evidence about pictures.

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
    """
    who, scale = f"'{evidence.target}'", scale_words(evidence, unit)
    plots = []
    if shown is not None and len(shown):
        captions = [_caption(evidence, int(row), unit) for row in shown.rows]
        words = (
            f"Pictures from the lowest to the highest output: each with its evidence for {who}, red for and blue "
            "against, and both together. All maps have one scale; they are drawn a little smoothed, the stored values "
            "are not."
        )
        drawn = sample_maps(
            shown.pictures,
            evidence.values[shown.rows],
            captions,
            unit=scale,
            title=f"Evidence for {who} in pictures",
            photos=shown.photos,
            to_photo=shown.to_photo,
        )
        plots.append(Plot("pictures", words, drawn))
    if summary is not None and summary.samples > 1:
        plots.append(_mean(summary, shown, scale, who))
    return plots


def scale_words(evidence: Evidence, unit: str) -> str:
    """What the colours of drawn evidence stand for: the method says per what its values are."""
    method = METHODS.get(evidence.method)
    return f"{unit} per pixel" if method is None else method.drawn_unit(unit, evidence.settings)


def _mean(summary: Summary, shown: Shown | None, unit: str, who: str) -> Plot:
    """Mean map over people, and how large evidence is whatever its sign."""
    signed = per_pixel(summary.signed_mean[None])
    size = per_pixel(summary.mean_absolute[None])
    limit = colour_limit(signed)
    # What speaks for and what against, before they cancel: halves of amount plus and minus the signed mean.
    halves = [np.maximum(size + signed, 0) / 2, -np.maximum(size - signed, 0) / 2]
    limit_apart = colour_limit(*halves)
    parts = [_paint(signed[0], limit), *(_paint(half[0], limit_apart) for half in halves), _amount(size[0])]
    words = [f"mean over {summary.subjects} people", "what speaks for", "what speaks against", "amount"]
    each = (_WIDTH - (len(parts) - 1) * _GAP) / len(parts)
    if shown is not None and len(shown):
        each = (_WIDTH - len(parts) * _GAP) / (len(parts) + 1)
        parts.insert(1, _over(shown.pictures.mean(axis=0).round().astype(np.uint8), signed[0], limit))
        words.insert(1, "on the mean picture")
    tall = each * signed.shape[1] / signed.shape[2]
    drawn = []
    for i, (data, text) in enumerate(zip(parts, words, strict=True)):
        x = i * (each + _GAP)
        drawn += [_image(data, x, 0, each, tall), svg.text(x + each / 2, tall + 12, text, size=9, anchor="middle")]
        frame = {"fill": "none", "stroke": "currentColor", "stroke_opacity": "0.3", "stroke_width": "0.5"}
        drawn.append(svg.element("rect", x=float(x), y=0, width=each, height=tall, **frame))
    beyond = bool(np.nanmax(np.abs(signed), initial=0) > limit)
    bar = svg.colour_bar(limit, unit, x=_WIDTH / 2 - 110, y=tall + 22, width=220, size=10, beyond=beyond)
    caption = (
        f"Mean evidence for {who}, pixel by pixel; the pictures are level and of one size, but not warped. What speaks "
        "for and what against is averaged apart, so that it does not cancel; these two maps have a scale of their own, "
        "and so has the amount."
    )
    whole = svg.picture(_WIDTH, tall + 60, *drawn, bar, title=f"Mean evidence for {who}")
    return Plot("mean", caption, whole)


def save_picture_plots(evidence: Evidence, summary: Summary | None, folder: str | Path, unit: str) -> list[Path]:
    """Write every drawing of evidence about pictures as an SVG file into its folder."""
    paths = []
    for plot in picture_plots(evidence, summary, load_shown(folder), unit):
        paths.append(Path(folder) / f"{plot.kind}.svg")
        write_text(paths[-1], plot.svg + "\n")
    return paths


def _caption(evidence: Evidence, row: int, unit: str) -> str:
    name = Path(str(evidence.sample[row])).name
    label = f", {evidence.label[row]}" if evidence.label[row] else ""
    return f"{name}{label}: {unit} {evidence.output[row]:.3g}"


def _rgba(values: np.ndarray, limit: float) -> np.ndarray:
    """Hue for the sign, opacity for the amount, as everywhere in mien; uint8 (height, width, 4)."""
    amount = np.clip(np.abs(values) / limit, 0, 1) if limit > 0 else np.zeros_like(values)
    colour = np.where(values[..., None] >= 0, _POSITIVE, _NEGATIVE)
    return np.concatenate([colour, np.round(255 * amount)[..., None]], axis=-1).astype(np.uint8)


def _paint(values: np.ndarray, limit: float) -> bytes:
    return _png(_rgba(values, limit))


def _over(picture: np.ndarray, values: np.ndarray, limit: float) -> bytes:
    """The map over a pale grey picture, so that its colours stay readable."""
    rgba = _rgba(values, limit).astype(np.float32)
    pale = 110 + cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY).astype(np.float32)[..., None] * (130 / 255)
    share = rgba[..., 3:] / 255
    return _png(np.round(pale * (1 - share) + rgba[..., :3] * share).astype(np.uint8))


def _amount(values: np.ndarray) -> bytes:
    limit = colour_limit(values[None])
    share = np.clip(values / limit, 0, 1) if limit > 0 else np.zeros_like(values)
    dark = np.broadcast_to(np.uint8(90), (*values.shape, 3))
    return _png(np.concatenate([dark, np.round(255 * share)[..., None].astype(np.uint8)], axis=-1))


def _rgb(picture: np.ndarray) -> bytes:
    from PIL import Image

    file = io.BytesIO()
    Image.fromarray(picture).save(file, "JPEG", quality=88)
    return file.getvalue()


def _png(pixels: np.ndarray) -> bytes:
    from PIL import Image

    file = io.BytesIO()
    Image.fromarray(np.ascontiguousarray(pixels)).save(file, "PNG", optimize=True)
    return file.getvalue()


def _image(data: bytes, x: float, y: float, width: float, height: float) -> str:
    kind = "png" if data.startswith(b"\x89PNG") else "jpeg"
    href = f"data:image/{kind};base64,{base64.b64encode(data).decode()}"
    return svg.element("image", x=float(x), y=float(y), width=float(width), height=float(height), href=href)
