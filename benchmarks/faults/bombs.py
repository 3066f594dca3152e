"""Small files that ask for a lot: valid headers with huge sides, metadata and tables that unpack to gigabytes."""

import io
import struct
import zipfile
import zlib
from collections.abc import Callable

import numpy as np

Bomb = Callable[[np.random.Generator, dict[str, bytes]], tuple[str, bytes]]


def _side(rng: np.random.Generator, most: int = 65_535) -> int:
    return int(rng.integers(most // 2, most + 1))


def _patched(data: bytes, place: int, layout: str, *values: int) -> bytes:
    return data[:place] + struct.pack(layout, *values) + data[place + struct.calcsize(layout) :]


def _chunk(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


def _png(rng: np.random.Generator, plain: dict[str, bytes]) -> tuple[str, bytes]:
    """IHDR with huge sides and the right checksum; the pixels are those of a small picture."""
    old = plain["png"]
    return "png", old[:8] + _chunk(b"IHDR", struct.pack(">II", _side(rng), _side(rng)) + old[24:29]) + old[33:]


def _png_of_zeroes(rng: np.random.Generator, plain: dict[str, bytes]) -> tuple[str, bytes]:
    """A complete picture of one bit per pixel: 400 megapixels or so in 50 kB."""
    side = int(rng.integers(16_000, 24_000))
    row = bytes(1 + (side + 7) // 8)
    squeeze = zlib.compressobj(9)
    body = b"".join([squeeze.compress(row * 64) for _ in range(side // 64)] + [squeeze.compress(row * (side % 64))])
    head = _chunk(b"IHDR", struct.pack(">IIBBBBB", side, side, 1, 0, 0, 0, 0))
    return "png", plain["png"][:8] + head + _chunk(b"IDAT", body + squeeze.flush()) + _chunk(b"IEND", b"")


def _jpeg(rng: np.random.Generator, plain: dict[str, bytes]) -> tuple[str, bytes]:
    data = plain["jpg"]
    place = next(data.index(b"\xff" + bytes([mark])) for mark in (0xC0, 0xC2) if b"\xff" + bytes([mark]) in data)
    return "jpg", _patched(data, place + 5, ">HH", _side(rng, 65_500), _side(rng, 65_500))


def _bmp(rng: np.random.Generator, plain: dict[str, bytes]) -> tuple[str, bytes]:
    return "bmp", _patched(plain["bmp"], 18, "<ii", _side(rng), _side(rng))


def _gif(rng: np.random.Generator, plain: dict[str, bytes]) -> tuple[str, bytes]:
    """Screen and first frame."""
    data = _patched(plain["gif"], 6, "<HH", _side(rng), _side(rng))
    place = data.index(b",\0\0\0\0")
    return "gif", _patched(data, place + 5, "<HH", *struct.unpack("<HH", data[6:10]))


def _tiff(rng: np.random.Generator, plain: dict[str, bytes]) -> tuple[str, bytes]:
    data = plain["tif"]
    (start,) = struct.unpack("<I", data[4:8])
    (count,) = struct.unpack("<H", data[start : start + 2])
    for place in range(start + 2, start + 2 + 12 * count, 12):
        tag, kind = struct.unpack("<HH", data[place : place + 4])
        if tag in (256, 257):
            data = _patched(
                data, place + 8, "<I" if kind == 4 else "<HH", *((_side(rng),) if kind == 4 else (_side(rng), 0))
            )
    return "tif", data


def _webp(rng: np.random.Generator, plain: dict[str, bytes]) -> tuple[str, bytes]:
    data = plain["webp"]
    return "webp", _patched(data, data.index(b"\x9d\x01\x2a") + 3, "<HH", _side(rng, 16_383), _side(rng, 16_383))


def _ppm(rng: np.random.Generator, plain: dict[str, bytes]) -> tuple[str, bytes]:
    return "ppm", f"P6 {_side(rng)} {_side(rng)} 255\n".encode() + plain["ppm"][-1000:]


def _jp2(rng: np.random.Generator, plain: dict[str, bytes]) -> tuple[str, bytes]:
    data, sides = plain["jp2"], (_side(rng), _side(rng))
    data = _patched(data, data.index(b"ihdr") + 4, ">II", *sides)
    return "jp2", _patched(data, data.index(b"\xff\x51") + 6, ">II", *sides)


def _avif(rng: np.random.Generator, plain: dict[str, bytes]) -> tuple[str, bytes]:
    data = plain["avif"]
    return "avif", _patched(data, data.index(b"ispe") + 8, ">II", _side(rng), _side(rng))


def _packed(megabytes: int) -> bytes:
    squeeze, block = zlib.compressobj(9), bytes(1 << 20)
    return b"".join(squeeze.compress(block) for _ in range(megabytes)) + squeeze.flush()


def _png_text(rng: np.random.Generator, plain: dict[str, bytes]) -> tuple[str, bytes]:
    """zTXt, iTXt or iCCP that unpack to hundreds of megabytes."""
    old, body = plain["png"], _packed(int(rng.integers(100, 400)))
    name, head = [(b"zTXt", b"a\0\0"), (b"iTXt", b"a\0\1\0\0\0"), (b"iCCP", b"a\0\0")][int(rng.integers(3))]
    return "png", old[:33] + _chunk(name, head + body) + old[33:]


def _png_many_texts(rng: np.random.Generator, plain: dict[str, bytes]) -> tuple[str, bytes]:
    old, one = plain["png"], _chunk(b"zTXt", b"a\0\0" + _packed(1))
    return "png", old[:33] + one * int(rng.integers(500, 3000)) + old[33:]


def _jpeg_segments(rng: np.random.Generator, plain: dict[str, bytes]) -> tuple[str, bytes]:
    """Segments of ICC, EXIF or XMP, as many as fit into 20 MB, that refer to one another wrongly."""
    head = [b"ICC_PROFILE\0\x01\xff", b"Exif\0\0MM\0*\0\0\0\x08\xff\xff", b"http://ns.adobe.com/xap/1.0/\0"][
        int(rng.integers(3))
    ]
    body = head + rng.bytes(65_533 - len(head))
    return "jpg", plain["jpg"][:2] + (
        b"\xff" + rng.choice([b"\xe1", b"\xe2"]) + struct.pack(">H", 65_535) + body
    ) * 300 + plain["jpg"][2:]


def _exif(rng: np.random.Generator, plain: dict[str, bytes]) -> tuple[str, bytes]:
    """An EXIF block whose orientation is of any kind and number and whose other entries lie far away."""
    entries = [(0x0112, int(rng.integers(0, 14)), int(rng.integers(0, 1 << 32)), int(rng.integers(0, 1 << 32)))]
    entries += [
        (int(rng.integers(1 << 16)), int(rng.integers(14)), (1 << 32) - 1, int(rng.integers(1 << 32)))
        for _ in range(20)
    ]
    body = (
        b"Exif\0\0II*\0\x08\0\0\0"
        + struct.pack("<H", len(entries))
        + b"".join(struct.pack("<HHII", *e) for e in entries)
        + bytes(4)
    )
    return "jpg", plain["jpg"][:2] + b"\xff\xe1" + struct.pack(">H", len(body) + 2) + body + plain["jpg"][2:]


def _frames(rng: np.random.Generator, plain: dict[str, bytes], name: str, ending: str) -> tuple[str, bytes]:
    from PIL import Image

    pictures = [
        Image.fromarray(np.full((40, 60, 3), shade % 256, np.uint8)) for shade in range(int(rng.integers(50, 400)))
    ]
    target = io.BytesIO()
    pictures[0].save(target, name, save_all=True, append_images=pictures[1:], duration=20)
    return ending, target.getvalue()


PICTURES: dict[str, Bomb] = {
    "huge sides, right checksum (PNG)": _png, "400 megapixels in 50 kB (PNG)": _png_of_zeroes,
    "huge sides (JPEG)": _jpeg, "huge sides (BMP)": _bmp, "huge sides (GIF)": _gif, "huge sides (TIFF)": _tiff,
    "huge sides (WebP)": _webp, "huge sides (PPM)": _ppm, "huge sides (JPEG 2000)": _jp2, "huge sides (AVIF)": _avif,
    "metadata that unpack (PNG)": _png_text, "thousands of texts that unpack (PNG)": _png_many_texts,
    "300 segments of metadata (JPEG)": _jpeg_segments, "EXIF that leads nowhere (JPEG)": _exif,
    "hundreds of frames (GIF)": lambda rng, plain: _frames(rng, plain, "GIF", "gif"),
    "hundreds of frames (APNG)": lambda rng, plain: _frames(rng, plain, "PNG", "png"),
}  # fmt: skip


def _track_header(rng: np.random.Generator, plain: dict[str, bytes]) -> tuple[str, bytes]:
    """The sides that an MP4 states for its track, beside those of its stream."""
    data = plain["mp4"]
    data = _patched(data, data.index(b"tkhd") + 80, ">II", _side(rng) << 16, _side(rng) << 16)
    return "mp4", _patched(data, data.index(b"avc1", data.index(b"stsd")) + 28, ">HH", _side(rng), _side(rng))


def _avi_sides(rng: np.random.Generator, plain: dict[str, bytes]) -> tuple[str, bytes]:
    data = plain["avi"]
    return "avi", _patched(data, data.index(b"strf") + 12, "<ii", _side(rng), _side(rng))


def _mkv_sides(rng: np.random.Generator, plain: dict[str, bytes], ending: str = "webm") -> tuple[str, bytes]:
    """PixelWidth and PixelHeight."""
    data = plain[ending]
    for mark in (b"\xb0\x81", b"\xba\x81"):
        place = data.find(mark)
        data = data if place < 0 else _patched(data, place + 2, ">B", int(rng.integers(128, 256)))
    return ending, data


def _mp4_clock(rng: np.random.Generator, plain: dict[str, bytes]) -> tuple[str, bytes]:
    """Time scales and durations of nothing or of thousands of years."""
    data = plain["mp4"]
    for name in (b"mvhd", b"mdhd"):
        data = _patched(
            data,
            data.index(name) + 16,
            ">II",
            int(rng.choice([0, 1, (1 << 32) - 1])),
            int(rng.choice([0, 1, (1 << 32) - 1])),
        )
    return "mp4", data


def _mp4_counts(rng: np.random.Generator, plain: dict[str, bytes]) -> tuple[str, bytes]:
    """A table of samples, times or places that states billions of entries."""
    data = plain["mp4"]
    name = [b"stts", b"stsz", b"stsc", b"stco", b"ctts", b"stss"][int(rng.integers(6))]
    place = data.find(name)
    place = data.index(b"stts") if place < 0 else place
    return "mp4", _patched(data, place + (12 if name == b"stsz" else 8), ">I", int(rng.integers(1 << 20, 1 << 32)))


VIDEOS: dict[str, Bomb] = {
    "huge sides (MP4)": _track_header, "huge sides (AVI)": _avi_sides, "other sides (WebM)": _mkv_sides,
    "other sides (MKV)": lambda rng, plain: _mkv_sides(rng, plain, "mkv"), "clocks (MP4)": _mp4_clock,
    "tables of billions (MP4)": _mp4_counts,
}  # fmt: skip


def _workbook(plain: dict[str, bytes], change: Callable[[str, bytes], bytes]) -> bytes:
    target = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(plain["samples.xlsx"])) as old,
        zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for name in old.namelist():
            new.writestr(name, change(name, old.read(name)))
    return target.getvalue()


def _far_cell(rng: np.random.Generator, plain: dict[str, bytes]) -> tuple[str, bytes]:
    place = [b"XFD1048576", b"A1048576", b"XFD2", b"ZZZ99999999"][int(rng.integers(4))]
    row = b'<row r="%s"><c r="%s"><v>1</v></c></row></sheetData>' % (place.lstrip(b"AXFDZ"), place)
    return "samples.xlsx", _workbook(plain, lambda name, data: data.replace(b"</sheetData>", row))


def _sheet_of_spaces(rng: np.random.Generator, plain: dict[str, bytes]) -> tuple[str, bytes]:
    """A sheet, or the texts beside it, that unpacks to gigabytes."""
    member = ["xl/worksheets/sheet1.xml", "xl/styles.xml", "xl/workbook.xml"][int(rng.integers(3))]
    blanks = b" " * (int(rng.integers(500, 1500)) << 20)
    return "samples.xlsx", _workbook(
        plain, lambda name, data: data.replace(b">", b">" + blanks, 1) if name == member else data
    )


def _entities(rng: np.random.Generator, plain: dict[str, bytes]) -> tuple[str, bytes]:
    """Names in the XML that stand for ten of the next, ten times over."""
    names = [f'<!ENTITY a{i} "{f"&a{i - 1};" * 10 if i else "ha"}">' for i in range(10)]
    head = f"<!DOCTYPE x [{''.join(names)}]>".encode()

    def change(name: str, data: bytes) -> bytes:
        if name != "xl/worksheets/sheet1.xml":
            return data
        start = data.index(b"<worksheet")
        return (data[:start] + head + data[start:]).replace(b"<sheetData>", b"<sheetData>&a9;")

    return "samples.xlsx", _workbook(plain, change)


def _wide_line(rng: np.random.Generator, plain: dict[str, bytes]) -> tuple[str, bytes]:
    """A line of millions of separators."""
    ending = ["samples.csv", "samples.tsv"][int(rng.integers(2))]
    between = b"," if ending.endswith("csv") else b"\t"
    return ending, plain[ending] + between * int(rng.integers(1_000_000, 5_000_000)) + b"\n"


def _long_cell(rng: np.random.Generator, plain: dict[str, bytes]) -> tuple[str, bytes]:
    return "samples.csv", plain["samples.csv"] + b'"' + b"x" * int(rng.integers(10_000_000, 50_000_000))


TABLES: dict[str, Bomb] = {
    "a far cell (XLSX)": _far_cell, "XML that unpacks to a gigabyte (XLSX)": _sheet_of_spaces,
    "entities that unpack (XLSX)": _entities, "millions of separators": _wide_line, "an endless cell": _long_cell,
}  # fmt: skip
