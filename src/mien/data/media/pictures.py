"""Reading pictures of any kind as upright 8-bit RGB."""

from __future__ import annotations

import io
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from mien.core.errors import InputError
from mien.data.media import heif
from mien.data.media.colours import Colours, colours_of
from mien.data.media.deep_pictures import is_deep_colour, read_deep
from mien.data.media.upright import EXIF_ORIENTATIONS, UPRIGHT

_ENDINGS = ".jpg .jpeg .jpe .jfif .mpo .png .bmp .dib .tif .tiff .webp .ppm .pgm .pbm .pnm .jp2 .j2k .jpf .jpx .avif"
SUFFIXES = frozenset(_ENDINGS.split()) | heif.SUFFIXES
# What Pillow may take a file for, whatever its ending: the formats above, GIF, and no others (JPEG includes MPO).
FORMATS = ("JPEG", "PNG", "BMP", "DIB", "TIFF", "WEBP", "PPM", "JPEG2000", "AVIF", "HEIF", "GIF")
# Pillow itself refuses a little more than this, as a guard against pictures made to fill the memory.
MAX_MEGAPIXELS = 175
# Pixels that are converted at once.
STRIP = 1_000_000
# TIFF tag 254 (NewSubfileType), bit 0: a smaller version of another page, such as a thumbnail.
SUBFILE_TYPE, REDUCED = 254, 1
ORIENTATION = 0x0112
# Formats whose further images are pages or frames, not another form of the first (as in the JPEGs of phones).
SERIES = ("TIFF", "PNG", "WEBP", "AVIF", "GIF", heif.FORMAT)


@dataclass(frozen=True, eq=False)
class Picture:
    """An upright picture, perhaps decoded at reduced size.

    Attributes
    ----------
    pixels : ndarray of uint8, shape (rows, columns, 3)
        RGB.
    reduction : int
        Pixels of the file per pixel here along each side; 1 for full size.
    height, width : int
        Of the upright picture at full size.
    frames : int
        Pages of a TIFF or frames of an animation; the first one is here.
    """

    pixels: np.ndarray
    reduction: int
    height: int
    width: int
    frames: int = 1


@dataclass(frozen=True, eq=False)
class PictureBytes:
    """A picture that came as bytes, where a file is expected: nothing of it is written to a disk."""

    content: bytes
    name: str = "The picture"

    def open(self, mode: str = "rb") -> io.BytesIO:
        """As of a path, for reading."""
        return io.BytesIO(self.content)

    def read_bytes(self) -> bytes:
        """As of a path."""
        return self.content


def read_picture(path: Path) -> np.ndarray:
    """One picture at full size.

    The EXIF orientation is applied, colours are converted to sRGB from the profile in the file; grey, palette, deep
    (10 to 32 bits, floating point), CMYK and transparent pictures (on white) become RGB.

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
    return open_picture(path).pixels


def open_picture(path: Path | PictureBytes, most_megapixels: float = MAX_MEGAPIXELS) -> Picture:
    """One picture as ``read_picture`` reads it, at a half (a quarter, ...) of its size if it has more megapixels.

    JPEG and JPEG 2000 are decoded at that size; others are decoded as they are and made smaller strip by strip.
    """
    from PIL import Image, UnidentifiedImageError

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            Image.init()
            if heif.is_heif(path):
                heif.let_pillow_read_heif()
            known = [name for name in FORMATS if name in Image.OPEN]
            with Image.open(path if isinstance(path, Path) else path.open(), formats=known) as image:
                frames = _first_page(image)
                if image.width * image.height > MAX_MEGAPIXELS * 1e6:
                    raise Image.DecompressionBombError
                return _decoded(path, image, most_megapixels, frames)
    except UnidentifiedImageError as error:
        pixels = read_deep(path, MAX_MEGAPIXELS)
        if pixels is None:
            raise InputError(f"{path.name} is not a picture that can be read{_hint(path)}.") from error
        return Picture(pixels, 1, *pixels.shape[:2])
    except Image.DecompressionBombError as error:
        raise InputError(f"{path.name} has more than {MAX_MEGAPIXELS} megapixels; make it smaller first.") from error
    except (OSError, SyntaxError, ValueError, EOFError) as error:
        raise InputError(f"{path.name} is damaged or cut off ({' '.join(str(error).split())}).") from error


def _first_page(image: Any) -> int:
    """Go to the first page that is no thumbnail of another; the number of pages or frames."""
    if image.format not in SERIES:
        return 1
    frames = getattr(image, "n_frames", 1)
    if image.format != "TIFF":
        return frames
    whole = []
    for page in range(frames):
        image.seek(page)
        if not image.tag_v2.get(SUBFILE_TYPE, 0) & REDUCED:
            whole.append(page)
    image.seek(whole[0] if whole else 0)
    return max(1, len(whole))


def _decoded(path: Path | PictureBytes, image: Any, most_megapixels: float, frames: int) -> Picture:
    reduction = 1
    while image.width * image.height > most_megapixels * 1e6 * reduction**2:
        reduction *= 2
    full = image.height, image.width
    to_do = reduction
    if reduction > 1 and image.format == "JPEG" and reduction <= 8:
        image.draft(image.mode, (image.width // reduction, image.height // reduction))
        to_do = 1
    elif reduction > 1 and image.format == "JPEG2000":
        image.reduce = reduction.bit_length() - 1
        to_do = 1
    deep = read_deep(path, MAX_MEGAPIXELS) if reduction == 1 and is_deep_colour(image) else None
    image.load()
    # Some readers of Pillow turn the picture themselves while they load it, and take the mark away.
    upright = EXIF_ORIENTATIONS.get(image.getexif().get(ORIENTATION, 1), UPRIGHT)
    if (image.width, image.height) == full:
        full = full[::-1]
    pixels = upright(_strips(image, colours_of(image), to_do) if deep is None else deep)
    height, width = full[::-1] if upright.swap else full
    return Picture(pixels, reduction, height, width, frames)


def _strips(image: Any, colours: Colours, reduction: int) -> np.ndarray:
    """The picture in RGB, reduced by averaging, without a second copy of it in between."""
    width, height = image.size
    rows = max(1, STRIP // (width * reduction)) * reduction
    if height <= rows and reduction == 1:
        return np.asarray(colours(image))
    pixels = np.empty((-(-height // reduction), -(-width // reduction), 3), dtype=np.uint8)
    for top in range(0, height, rows):
        strip = colours(image.crop((0, top, width, min(height, top + rows))))
        part = np.asarray(strip.reduce(reduction) if reduction > 1 else strip)
        pixels[top // reduction : top // reduction + len(part)] = part
    return pixels


def _hint(path: Path | PictureBytes) -> str:
    """What the file seems to be, for the error message."""
    with path.open("rb") as file:
        start = file.read(64)
    if not start:
        return ": it is empty"
    if all(byte >= 32 or byte in b"\t\r\n" for byte in start):
        return ": it holds text"
    return ""
