"""Pixels in a drawing: values in the colours of mien, as PNG, inside SVG."""

from __future__ import annotations

import base64
import io

import numpy as np

from mien.report.draw import svg

_POSITIVE, _NEGATIVE, _AMOUNT = (
    np.array([int(c[i : i + 2], 16) for i in (1, 3, 5)], dtype=np.uint8)
    for c in (svg.POSITIVE, svg.NEGATIVE, svg.AMOUNT)
)


def rgba_of(values: np.ndarray, limit: float, amount: bool) -> np.ndarray:
    """Hue for the sign (one hue for amounts), opacity for how much, as everywhere in mien; uint8 (height, width, 4)."""
    share = np.clip(np.abs(values) / limit, 0, 1) if limit > 0 else np.zeros_like(values)
    colour = np.where(values[..., None] >= 0, _AMOUNT if amount else _POSITIVE, _NEGATIVE)
    return np.concatenate([colour, np.round(255 * share)[..., None].astype(np.uint8)], axis=-1)


def png(pixels: np.ndarray) -> bytes:
    """Pixels as PNG: an eighth larger than the smallest, in a tenth of its time."""
    from PIL import Image

    file = io.BytesIO()
    Image.fromarray(np.ascontiguousarray(pixels)).save(file, "PNG")
    return file.getvalue()


def image(data: bytes, x: float, y: float, width: float, height: float) -> str:
    """PNG or JPEG inside a drawing."""
    kind = "png" if data.startswith(b"\x89PNG") else "jpeg"
    href = f"data:image/{kind};base64,{base64.b64encode(data).decode()}"
    return svg.element("image", x=float(x), y=float(y), width=float(width), height=float(height), href=href)
