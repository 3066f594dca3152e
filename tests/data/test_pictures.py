"""Pictures of every kind become upright 8-bit RGB, and what is none is told in a sentence."""

import io
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from mien.core.errors import InputError, MissingExtra
from mien.data.heif import is_heif
from mien.data.pictures import read_picture

RAMP = np.repeat(np.linspace(0, 255, 64).astype(np.uint8)[None], 32, axis=0)
RGB = np.stack([RAMP, RAMP[:, ::-1], np.full_like(RAMP, 90)], axis=2)


def saved(image: Image.Image, path: Path, **settings: object) -> np.ndarray:
    image.save(path, **settings)
    return read_picture(path)


def test_rgb_comes_back_as_it_was(tmp_path: Path) -> None:
    np.testing.assert_array_equal(saved(Image.fromarray(RGB), tmp_path / "a.png"), RGB)


@pytest.mark.parametrize(("orientation", "turned"), [(1, 0), (3, 2), (6, 3), (8, 1)])
def test_exif_orientation_is_applied(tmp_path: Path, orientation: int, turned: int) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    picture = saved(Image.fromarray(RGB), tmp_path / "a.png", exif=exif)
    np.testing.assert_array_equal(picture, np.rot90(RGB, turned))


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
