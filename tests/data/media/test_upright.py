"""All eight ways a picture can lie are set upright, as Pillow does it and as the standard for matrices says."""

import numpy as np
import pytest
from PIL import Image, ImageOps

from mien.data.media.upright import EXIF_ORIENTATIONS, UPRIGHT, of_display_matrix

PICTURE = np.arange(4 * 6 * 3, dtype=np.uint8).reshape(4, 6, 3)


@pytest.mark.parametrize("number", EXIF_ORIENTATIONS)
def test_exif_orientations_agree_with_pillow(number: int) -> None:
    image = Image.fromarray(PICTURE)
    image.getexif()[0x0112] = number
    np.testing.assert_array_equal(EXIF_ORIENTATIONS[number](PICTURE), np.asarray(ImageOps.exif_transpose(image)))


@pytest.mark.parametrize(("a", "b"), [(1, 0), (-1, 0), (0, 1), (0, -1)])
@pytest.mark.parametrize("sign", [-1, 1])
def test_display_matrices_move_pixels_as_the_standard_says(a: int, b: int, sign: int) -> None:
    """Every rotation by a right angle and its mirror image: stored (x, y) is shown at (a x + c y, b x + d y)."""
    c, d = -sign * b, sign * a
    y, x = np.mgrid[:4, :6]
    to_x, to_y = a * x + c * y, b * x + d * y
    wanted = np.zeros((np.ptp(to_y) + 1, np.ptp(to_x) + 1, 3), np.uint8)
    wanted[to_y - to_y.min(), to_x - to_x.min()] = PICTURE
    orientation = of_display_matrix(np.array([a, b, 0, c, d, 0, 0, 0, 1]) * 65536)
    np.testing.assert_array_equal(orientation(PICTURE), wanted)


def test_odd_angles_go_to_the_nearest_right_angle_and_nonsense_to_none() -> None:
    def turned(degrees: float, mirrored: bool = False) -> np.ndarray:
        cosine, sine = np.cos(np.radians(degrees)), np.sin(np.radians(degrees))
        side = -1 if mirrored else 1
        return np.array([side * cosine, side * sine, 0, -sine, cosine, 0, 0, 0, 1])

    for quarter in range(4):
        for mirrored in (False, True):
            for off in (-30, 17, 44):
                nearest = of_display_matrix(turned(90 * quarter, mirrored))
                assert of_display_matrix(turned(90 * quarter + off, mirrored)) == nearest
    assert of_display_matrix(np.zeros(9)) == UPRIGHT
