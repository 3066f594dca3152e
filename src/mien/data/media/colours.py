"""Any of Pillow's colour modes as sRGB."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import numpy as np

from mien.data.media.deep_pictures import black_and_white, to_8_bit

# A picture, or a strip of one, to one of mode RGB.
Colours = Callable[[Any], Any]
TRANSPARENT = ("RGBA", "LA", "PA", "RGBa", "La")
# Rows that are looked at at once for the darkest and lightest value.
ROWS = 256


def colours_of(image: Any) -> Colours:
    """How this picture's pixels become sRGB; the result works on strips of it as well."""
    if image.mode.startswith("I") or image.mode == "F":
        return _of_deep_grey(image)
    profiled = _by_profile(image)
    if image.mode in ("CMYK", "LAB") and profiled is not None:
        return profiled
    return (lambda part: profiled(_plain(part))) if profiled is not None else _plain


def _of_deep_grey(image: Any) -> Colours:
    from PIL import Image

    low, high = np.inf, -np.inf
    for top in range(0, image.height, ROWS):
        values = np.asarray(image.crop((0, top, image.width, min(image.height, top + ROWS))))
        values = values[np.isfinite(values)]
        if values.size:
            low, high = min(low, float(values.min())), max(high, float(values.max()))
    black, white = black_and_white(low, high, image.mode == "F") if np.isfinite(high) else (0.0, 1.0)
    return lambda part: Image.fromarray(to_8_bit(np.asarray(part), black, white)).convert("RGB")


def _plain(image: Any) -> Any:
    """RGB by Pillow's own formulas; transparent pixels on white."""
    from PIL import Image

    if image.mode in TRANSPARENT or "transparency" in image.info:
        pasted = image.convert("RGBA")
        white = Image.new("RGBA", pasted.size, (255, 255, 255, 255))
        return Image.alpha_composite(white, pasted).convert("RGB")
    return image.convert("RGB")


def _by_profile(image: Any) -> Colours | None:
    """The conversion that the colour profile in the file says; None where there is none to be done."""
    from PIL import ImageCms

    space = image.mode if image.mode in ("CMYK", "LAB") else "RGB"
    content = image.info.get("icc_profile")
    if (not content and space != "LAB") or image.mode in ("1", "L", "LA", "La"):
        return None
    try:
        profile: Any
        if space == "LAB":
            profile = ImageCms.createProfile("LAB")
        else:
            profile = ImageCms.ImageCmsProfile(io.BytesIO(content))
            name = str(profile.profile.profile_description or "")
            if profile.profile.xcolor_space.strip() != space or "srgb" in name.lower():
                return None
        transform = ImageCms.buildTransform(profile, ImageCms.createProfile("sRGB"), space, "RGB")
    except (ImageCms.PyCMSError, OSError, ValueError, TypeError):
        # A profile that cannot be used is none: the numbers are then taken as sRGB.
        return None
    return lambda part: ImageCms.applyTransform(part, transform)
