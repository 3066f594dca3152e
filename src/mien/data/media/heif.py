"""HEIC, the pictures of phones: read by ``pillow-heif``, where that is installed."""

from typing import Any

from mien.core.extras import require

SUFFIXES = frozenset(".heic .heif .hif".split())
FORMAT = "HEIF"
# ISO/IEC 23008-12: the words in the first box that mean pictures (or series of them) coded as HEVC.
_BRANDS = (b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"hevm", b"hevs")
_ANY_CODER = (b"mif1", b"msf1")


def is_heif(path: Any) -> bool:
    """Whether a file says in its first box that it is HEIC, whatever its ending."""
    with path.open("rb") as file:
        start = file.read(64)
    if start[4:8] != b"ftyp":
        return False
    brands = [start[i : i + 4] for i in (8, *range(16, min(int.from_bytes(start[:4], "big"), 64), 4))]
    return any(brand in _BRANDS for brand in brands) or (brands[0] in _ANY_CODER and b"avif" not in brands)


def let_pillow_read_heif() -> None:
    """Teach Pillow the format.

    Raises
    ------
    MissingExtra
        If ``pillow-heif`` is not installed.
    """
    require("pillow_heif", "Reading HEIC pictures", "heic").register_heif_opener()
