"""What the axes of a plain array mean, where its shape tells."""

from __future__ import annotations

from mien.core.errors import InputError
from mien.core.features import NAMED, PICTURE, SEQUENCE

# Facial points (and COCO's, hands', bodies') that detectors give, by number.
POINT_COUNTS = {5, 17, 19, 21, 25, 29, 33, 49, 51, 66, 68, 98, 106, 194, 468, 478, 543, 553}
# No picture that anybody explains has fewer rows or columns.
SMALLEST_PICTURE = 16
_CHANNELS = (1, 3, 4)


def space_of(shape: tuple[int, ...], space: str | None = None) -> str:
    """The kind of an array of this shape, where that is safe to say.

    Four axes with 2 or 3 numbers at the end are a sequence, unless they may as well be pictures with their channels at
    the end: then at least 16 rows and columns, as many rows as columns or a number of columns that no detector gives
    points.

    Parameters
    ----------
    shape : tuple of int
    space : str, optional
        As the caller says, who knows better.

    Raises
    ------
    InputError
        If it could be of two kinds, or is none.
    """
    last = len(shape) == 4 and shape[3] in _CHANNELS and min(shape[1:3]) >= SMALLEST_PICTURE
    if space == PICTURE and last:
        raise InputError(
            f"Pictures are (samples, channels, height, width), but an array of shape {shape} has its channels last. "
            + _FIRST
        )
    if space is not None:
        return space
    if len(shape) == 2:
        return NAMED
    if len(shape) == 4:
        points = shape[3] == 2 or (shape[3] == 3 and shape[2] in POINT_COUNTS and shape[1] != shape[2])
        if last and not points:
            raise InputError(_either(shape))
        if shape[3] in (2, 3):  # no picture is that narrow
            return SEQUENCE
        if shape[1] in (1, 3):
            return PICTURE
    raise InputError(
        f"What the axes of an array of shape {shape} mean is not clear: give space='{NAMED}' (2 axes), "
        f"'{SEQUENCE}' (samples, frames, points, coordinates) or '{PICTURE}' (samples, channels, height, width)."
        + _missing_axis(shape)
    )


_FIRST = (
    "Turn them with np.moveaxis(x, -1, 1); for a model that takes channels last, give lambda v: "
    "model(np.moveaxis(v, 1, -1)) with it."
)


def _either(shape: tuple[int, ...]) -> str:
    """Of an array that may hold pictures with channels last or points over time."""
    alpha = " (a fourth channel says what is seen through; leave it out if the model has three)" * (shape[3] == 4)
    points = f" If these are {shape[1]} frames of {shape[2]} points, give space='{SEQUENCE}'." if shape[3] == 3 else ""
    return f"An array of shape {shape} looks like pictures with their channels last{alpha}. {_FIRST}{points}"


def _missing_axis(shape: tuple[int, ...]) -> str:
    if len(shape) == 3 and shape[2] in (3, 4):
        return " One picture (height, width, channels) is np.moveaxis(x, -1, 0)[None]."
    if len(shape) == 3:
        return " Grey pictures (samples, height, width) are x[:, None]; one sequence (frames, points, axes) is x[None]."
    return ""
