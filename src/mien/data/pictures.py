"""Reading pictures of any kind as upright 8-bit RGB."""

import warnings
from pathlib import Path

import numpy as np

from mien.core.errors import InputError
from mien.data import heif

_ENDINGS = ".jpg .jpeg .jpe .jfif .mpo .png .bmp .dib .tif .tiff .webp .ppm .pgm .pbm .pnm .jp2 .j2k .jpf .jpx .avif"
SUFFIXES = frozenset(_ENDINGS.split()) | heif.SUFFIXES
# Pillow itself refuses a little more than this, as a guard against pictures made to fill the memory.
MAX_MEGAPIXELS = 175


def read_picture(path: Path) -> np.ndarray:
    """One picture.

    The EXIF orientation is applied; grey, palette, 16-bit, CMYK and transparent pictures (on white) become RGB.

    Returns
    -------
    ndarray of uint8, shape (height, width, 3)

    Raises
    ------
    InputError
        If the file is no picture, is damaged or has more than ``MAX_MEGAPIXELS``.
    MissingExtra
        If it is a HEIC picture and ``pillow-heif`` is not installed.
    """
    from PIL import Image, ImageOps, UnidentifiedImageError

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            if heif.is_heif(path):
                heif.let_pillow_read_heif()
            with Image.open(path) as image:
                if image.width * image.height > MAX_MEGAPIXELS * 1e6:
                    raise Image.DecompressionBombError
                return np.asarray(_to_rgb(ImageOps.exif_transpose(image)))
    except UnidentifiedImageError as error:
        raise InputError(f"{path.name} is not a picture that can be read{_hint(path)}.") from error
    except Image.DecompressionBombError as error:
        raise InputError(f"{path.name} has more than {MAX_MEGAPIXELS} megapixels; make it smaller first.") from error
    except (OSError, SyntaxError, ValueError, EOFError) as error:
        raise InputError(f"{path.name} is damaged or cut off ({error}).") from error


def _to_rgb(image):  # type: ignore[no-untyped-def]
    from PIL import Image

    if image.mode.startswith("I") or image.mode == "F":
        # 16-bit and floating-point grey: the full 16-bit range, or the picture's own range, goes to 0..255.
        values = np.asarray(image, dtype=np.float64)
        top = 65535.0 if image.mode.startswith("I") else float(np.nanmax(values, initial=1.0))
        scaled = np.clip(np.nan_to_num(values) / max(top, 1e-9) * 255, 0, 255).astype(np.uint8)
        return Image.fromarray(scaled).convert("RGB")
    if image.mode in ("RGBA", "LA", "PA", "RGBa", "La") or "transparency" in image.info:
        pasted = image.convert("RGBA")
        white = Image.new("RGBA", pasted.size, (255, 255, 255, 255))
        return Image.alpha_composite(white, pasted).convert("RGB")
    return image.convert("RGB")


def _hint(path: Path) -> str:
    """What the file seems to be, for the error message."""
    with path.open("rb") as file:
        start = file.read(64)
    if not start:
        return ": it is empty"
    if all(byte >= 32 or byte in b"\t\r\n" for byte in start):
        return ": it holds text"
    return ""
