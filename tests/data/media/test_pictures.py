"""Pictures of every kind become upright 8-bit RGB, and what is none is told in a sentence."""

import io
import struct
import sys
import zlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageCms

from mien.core.errors import InputError, MissingExtra
from mien.data.media.heif import is_heif
from mien.data.media.pictures import FORMATS, open_picture, read_picture

RAMP = np.repeat(np.linspace(0, 255, 64).astype(np.uint8)[None], 32, axis=0)
RGB = np.stack([RAMP, RAMP[:, ::-1], np.full_like(RAMP, 90)], axis=2)


def saved(image: Image.Image, path: Path, **settings: object) -> np.ndarray:
    image.save(path, **settings)
    return read_picture(path)


def test_rgb_comes_back_as_it_was(tmp_path: Path) -> None:
    np.testing.assert_array_equal(saved(Image.fromarray(RGB), tmp_path / "a.png"), RGB)


@pytest.mark.parametrize("ending", ["png", "tif", "webp"])
@pytest.mark.parametrize(
    ("orientation", "turned", "mirrored"),
    [
        (1, 0, False),
        (2, 0, True),
        (3, 2, False),
        (4, 2, True),
        (5, 3, True),
        (6, 3, False),
        (7, 1, True),
        (8, 1, False),
    ],
)
def test_exif_orientation_is_applied(
    tmp_path: Path, ending: str, orientation: int, turned: int, mirrored: bool
) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    kind = {"lossless": True} if ending == "webp" else {}
    picture = saved(Image.fromarray(RGB), tmp_path / f"a.{ending}", exif=exif, **kind)
    # Mirrored ones: the stored columns are reversed first (2, 4), or after turning (5, 7).
    right = np.rot90(RGB, turned)
    np.testing.assert_array_equal(picture, right[:, ::-1] if mirrored else right)


def test_grey_and_16_bit_grey_agree(tmp_path: Path) -> None:
    eight = saved(Image.fromarray(RAMP), tmp_path / "8.png")
    sixteen = saved(Image.fromarray(RAMP.astype(np.uint16) * 257), tmp_path / "16.png")
    np.testing.assert_array_equal(eight, np.repeat(RAMP[..., None], 3, axis=2))
    assert np.abs(eight.astype(int) - sixteen).max() <= 1


def test_transparent_pixels_are_white(tmp_path: Path) -> None:
    alpha = np.full_like(RAMP, 255)
    alpha[:, :10] = 0
    picture = saved(Image.fromarray(np.dstack([RGB, alpha])), tmp_path / "a.png")
    assert (picture[:, :10] == 255).all()
    np.testing.assert_array_equal(picture[:, 10:], RGB[:, 10:])


def test_cmyk_becomes_rgb(tmp_path: Path) -> None:
    picture = saved(Image.fromarray(RGB).convert("CMYK"), tmp_path / "a.jpg", quality=95)
    assert np.abs(picture.astype(int) - RGB).mean() < 8


def test_palette_becomes_rgb(tmp_path: Path) -> None:
    picture = saved(Image.fromarray(RGB).quantize(64), tmp_path / "a.png")
    assert np.abs(picture.astype(int) - RGB).mean() < 8


def test_one_pixel_is_a_picture(tmp_path: Path) -> None:
    assert saved(Image.fromarray(RGB[:1, :1]), tmp_path / "a.png").shape == (1, 1, 3)


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "it is empty"),
        (b"dear reader, this is no picture", "it holds text"),
        (bytes(range(256)) * 4, "not a picture that can be read"),
    ],
)
def test_what_is_no_picture_is_told(tmp_path: Path, content: bytes, sentence: str) -> None:
    path = tmp_path / "a.jpg"
    path.write_bytes(content)
    with pytest.raises(InputError, match=rf"a\.jpg.*{sentence}"):
        read_picture(path)


def test_a_cut_off_jpeg_is_told(tmp_path: Path) -> None:
    buffer = io.BytesIO()
    Image.fromarray(np.random.default_rng(0).integers(0, 255, (200, 200, 3)).astype(np.uint8)).save(buffer, "jpeg")
    path = tmp_path / "cut.jpg"
    path.write_bytes(buffer.getvalue()[: len(buffer.getvalue()) // 2])
    with pytest.raises(InputError, match=r"cut\.jpg is damaged or cut off"):
        read_picture(path)


def test_a_hundred_megapixels_are_read_and_three_hundred_are_not(tmp_path: Path) -> None:
    Image.new("L", (10_000, 10_000)).save(tmp_path / "large.png")
    assert read_picture(tmp_path / "large.png").shape == (10_000, 10_000, 3)
    Image.new("1", (20_000, 15_000)).save(tmp_path / "huge.png")
    with pytest.raises(InputError, match=r"huge\.png has more than 175 megapixels"):
        read_picture(tmp_path / "huge.png")


HEIC_START = b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + bytes(40)


def test_heic_is_known_by_its_content(tmp_path: Path) -> None:
    starts = {
        "photo.heic": HEIC_START,
        "other.jpg": b"\0\0\0\x18ftypmif1\0\0\0\0mif1heic" + bytes(40),
        "a.avif": b"\0\0\0\x1cftypavif\0\0\0\0mif1avifmiaf" + bytes(40),
        "b.avif": b"\0\0\0\x18ftypmif1\0\0\0\0avifmiaf" + bytes(40),
        "film.mp4": b"\0\0\0\x18ftypisom\0\0\0\0isomavc1" + bytes(40),
        "empty.heic": b"",
    }
    for name, start in starts.items():
        (tmp_path / name).write_bytes(start)
    assert [name for name in starts if is_heif(tmp_path / name)] == ["photo.heic", "other.jpg"]


def test_heic_without_its_package_names_the_extra(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pillow_heif", None)
    (tmp_path / "photo.heic").write_bytes(HEIC_START)
    with pytest.raises(MissingExtra, match=r"Reading HEIC pictures needs .* pip install 'mien\[heic\]'"):
        read_picture(tmp_path / "photo.heic")


def test_heic_is_read_upright(tmp_path: Path) -> None:
    heif = pytest.importorskip("pillow_heif")
    heif.register_heif_opener()
    wide = Image.fromarray(np.repeat(np.arange(0, 240, 4, dtype=np.uint8)[None, :, None], 40, 0).repeat(3, 2))
    turned = Image.Exif()
    turned[0x0112] = 6
    wide.save(tmp_path / "a.heic", quality=95)
    wide.save(tmp_path / "b.heic", quality=95, exif=turned.tobytes())
    one, other = read_picture(tmp_path / "a.heic"), read_picture(tmp_path / "b.heic")
    assert one.shape == (40, 60, 3) and other.shape == (60, 40, 3)
    np.testing.assert_allclose(one, np.asarray(wide), atol=6)
    np.testing.assert_allclose(other, np.rot90(one, -1), atol=6)


def test_heic_of_many_bits_of_several_pictures_and_cut_off(tmp_path: Path) -> None:
    heif = pytest.importorskip("pillow_heif")
    heif.register_heif_opener()
    deep = (RGB.astype(np.uint16) * 257).tobytes()
    size = RGB.shape[1::-1]
    for twelve in (False, True):
        heif.options.SAVE_HDR_TO_12_BIT = twelve
        heif.from_bytes(mode="RGB;16", size=size, data=deep).save(tmp_path / f"{twelve}.heic", quality=-1)
        np.testing.assert_allclose(read_picture(tmp_path / f"{twelve}.heic"), RGB, atol=12)
    several = heif.from_pillow(Image.fromarray(RGB))
    several.add_from_pillow(Image.new("RGB", size))
    several.save(tmp_path / "several.heic", quality=-1)
    picture = open_picture(tmp_path / "several.heic")
    assert picture.frames == 2
    np.testing.assert_allclose(picture.pixels, RGB, atol=12)
    whole = (tmp_path / "False.heic").read_bytes()
    for length in (10, 60, 200, len(whole) // 2, len(whole) - 5):
        (tmp_path / "cut.heic").write_bytes(whole[:length])
        with pytest.raises(InputError, match=r"^cut\.heic (is not a picture that can be read|is damaged or cut off)"):
            read_picture(tmp_path / "cut.heic")


def grey(values: np.ndarray) -> np.ndarray:
    return np.repeat(values[..., None], 3, axis=2)


@pytest.mark.parametrize("bits", [8, 10, 12, 14, 16])
@pytest.mark.parametrize(("dtype", "ending"), [(np.uint16, "png"), (np.uint16, "tif"), (np.int32, "tif")])
def test_the_depth_that_is_used_decides_what_is_white(tmp_path: Path, bits: int, dtype: type, ending: str) -> None:
    """Cameras of 8 to 14 bits write into files of 16 or 32: their pictures came out almost black."""
    deep = np.round(RAMP / 255 * (2**bits - 1)).astype(dtype)
    assert np.abs(saved(Image.fromarray(deep), tmp_path / f"a.{ending}").astype(int) - grey(RAMP)).max() <= 1


@pytest.mark.parametrize("bits", [8, 12, 16])
@pytest.mark.parametrize("ending", ["png", "tif"])
@pytest.mark.parametrize("orientation", [1, 6])
def test_deep_colours_keep_all_their_bits(tmp_path: Path, bits: int, ending: str, orientation: int) -> None:
    """Pillow reads colours of 16 bits as their upper 8."""
    deep = np.round(RGB / 255 * (2**bits - 1)).astype(np.uint16)
    path = tmp_path / f"a.{ending}"
    path.write_bytes(deep_tiff(deep, orientation) if ending == "tif" else deep_png(deep, orientation))
    wanted = np.rot90(RGB, -1) if orientation == 6 else RGB
    assert np.abs(read_picture(path).astype(int) - wanted).max() <= 1


def deep_tiff(values: np.ndarray, orientation: int) -> bytes:
    """The least TIFF 6.0 of 16-bit colours, without compression; Pillow cannot write one."""
    height, width, _ = values.shape
    data = values.astype("<u2").tobytes()
    first = 8 + 2 + 12 * 11 + 4
    tags = {256: width, 257: height, 258: first, 259: 1, 262: 2, 273: first + 6, 274: orientation, 277: 3, 278: height,
            279: len(data), 284: 1}  # fmt: skip
    content = b"II*\0" + struct.pack("<IH", 8, len(tags))
    for tag, value in tags.items():
        content += struct.pack("<HHII", tag, 3 if tag == 258 else 4, 3 if tag == 258 else 1, value)
    return content + struct.pack("<IHHH", 0, 16, 16, 16) + data


def deep_png(values: np.ndarray, orientation: int) -> bytes:
    """A PNG of 16-bit colours with an orientation in its eXIf chunk."""
    height, width, _ = values.shape
    rows = b"".join(b"\0" + row.astype(">u2").tobytes() for row in values)
    exif = b"MM\0*" + struct.pack(">IHHHIHHI", 8, 1, 0x0112, 3, 1, orientation, 0, 0)

    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    head = struct.pack(">IIBBBBB", width, height, 16, 2, 0, 0, 0)
    parts = chunk(b"IHDR", head) + chunk(b"eXIf", exif) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + parts


@pytest.mark.parametrize("scale", [1 / 255, 1.0, 257.0])
def test_floating_point_is_read_by_its_range(tmp_path: Path, scale: float) -> None:
    values = RAMP.astype(np.float32) * np.float32(scale)
    assert np.abs(saved(Image.fromarray(values), tmp_path / "a.tif").astype(int) - grey(RAMP)).max() <= 1


def test_floating_point_beyond_white_below_black_and_not_a_number(tmp_path: Path) -> None:
    standardised = (RAMP.astype(np.float32) - 100) / 60
    assert np.abs(saved(Image.fromarray(standardised), tmp_path / "z.tif").astype(int) - grey(RAMP)).max() <= 1
    holes = RAMP.astype(np.float32) / 255
    holes[:4] = np.nan
    picture = saved(Image.fromarray(holes), tmp_path / "nan.tif")
    assert (picture[:4] == 0).all() and np.abs(picture[4:].astype(int) - grey(RAMP)[4:]).max() <= 1


def test_other_modes_become_rgb(tmp_path: Path) -> None:
    light = np.full_like(RAMP, 255)
    np.testing.assert_array_equal(saved(Image.fromarray(np.dstack([RAMP, light])), tmp_path / "la.png"), grey(RAMP))
    one = Image.fromarray(RAMP).convert("1")
    np.testing.assert_array_equal(saved(one, tmp_path / "1.png"), np.asarray(one.convert("RGB")))
    palette = Image.fromarray(np.array([[0, 1]], np.uint8), "P")
    palette.putpalette([10, 20, 30, 200, 100, 50])
    picture = saved(palette, tmp_path / "p.png", transparency=0)
    assert picture.tolist() == [[[255, 255, 255], [200, 100, 50]]]
    neutral = np.full_like(RAMP, 128)
    lab = Image.merge("LAB", [Image.fromarray(part) for part in (RAMP, neutral, neutral)])
    assert np.ptp(saved(lab, tmp_path / "lab.tif").astype(int), axis=2).max() <= 2


def test_colours_of_a_wide_gamut_become_srgb(tmp_path: Path) -> None:
    """The same numbers are stronger colours in a wider gamut; the profile of sRGB itself changes nothing."""
    srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    np.testing.assert_array_equal(saved(Image.fromarray(RGB), tmp_path / "a.png", icc_profile=srgb), RGB)
    # The same profile with its red and blue primaries exchanged shows red where the file says blue.
    wide = srgb.replace(b"rXYZ", b"tXYZ").replace(b"bXYZ", b"rXYZ").replace(b"tXYZ", b"bXYZ").replace(b"sRGB", b"xRGB")
    wide = wide.replace("sRGB".encode("utf-16-be"), "xRGB".encode("utf-16-be"))
    red = np.zeros((4, 4, 3), np.uint8)
    red[..., 0] = 255
    swapped = saved(Image.fromarray(red), tmp_path / "b.png", icc_profile=wide)
    assert swapped[0, 0, 2] > 200 and swapped[0, 0, 0] < 60
    broken = saved(Image.fromarray(RGB), tmp_path / "c.png", icc_profile=b"no profile at all")
    np.testing.assert_array_equal(broken, RGB)


def test_of_several_pages_the_first_is_read_that_is_no_thumbnail(tmp_path: Path) -> None:
    path = tmp_path / "a.tif"
    whole = Image.fromarray(RGB)
    whole.encoderinfo = {"tiffinfo": {254: 0}}
    Image.fromarray(RGB[::2, ::2].copy()).save(path, save_all=True, append_images=[whole], tiffinfo={254: 1})
    picture = open_picture(path)
    assert picture.frames == 1
    np.testing.assert_array_equal(picture.pixels, RGB)
    Image.fromarray(RGB).save(tmp_path / "b.tif", save_all=True, append_images=[Image.fromarray(255 - RGB)] * 2)
    stack = open_picture(tmp_path / "b.tif")
    assert stack.frames == 3
    np.testing.assert_array_equal(stack.pixels, RGB)


def test_a_phone_s_jpeg_with_a_second_picture_is_one_picture(tmp_path: Path) -> None:
    path = tmp_path / "a.jpg"
    Image.fromarray(RGB).save(path, format="MPO", save_all=True, append_images=[Image.fromarray(255 - RGB)])
    picture = open_picture(path)
    assert picture.frames == 1
    assert np.abs(picture.pixels.astype(int) - RGB).mean() < 8


@pytest.mark.parametrize("ending", ["jpg", "png", "tif", "jp2"])
@pytest.mark.parametrize("orientation", [1, 6])
def test_large_pictures_are_decoded_smaller_and_say_so(tmp_path: Path, ending: str, orientation: int) -> None:
    smooth = np.asarray(Image.fromarray(RGB).resize((402, 301)))
    path = tmp_path / f"a.{ending}"
    exif = Image.Exif()
    exif[0x0112] = orientation
    settings = {"quality": 95} if ending == "jpg" else {"irreversible": False} if ending == "jp2" else {}
    Image.fromarray(smooth).save(path, **settings, **({} if ending == "jp2" else {"exif": exif}))
    whole, half = open_picture(path), open_picture(path, 0.1)
    assert (whole.reduction, half.reduction) == (1, 2)
    assert (half.height, half.width) == whole.pixels.shape[:2] == (whole.height, whole.width)
    assert half.pixels.shape[:2] == (-(-whole.height // 2), -(-whole.width // 2))
    averaged = whole.pixels[:300, :300].reshape(150, 2, 150, 2, 3).mean(axis=(1, 3))
    assert np.abs(half.pixels[:150, :150] - averaged).mean() < 2


def test_pillow_is_given_a_list_of_formats(tmp_path: Path) -> None:
    """Formats that nobody asked for, such as PostScript and icons, are not tried."""
    Image.fromarray(RGB).save(tmp_path / "a.ico")
    (tmp_path / "a.ico").rename(tmp_path / "a.png")
    with pytest.raises(InputError, match=r"a\.png is not a picture"):
        read_picture(tmp_path / "a.png")
    assert "EPS" not in FORMATS
