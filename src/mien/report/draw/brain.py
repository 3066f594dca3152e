"""Maps of a brain as slices of the volume that it was read from, and, in a standard space, on nilearn's glass brain."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from mien.core.brain_space import BrainSpace
from mien.core.errors import InputError
from mien.core.extras import missing, require
from mien.core.files import atomic_path, write_text
from mien.core.names import file_name
from mien.decoding.evidence.maps import AMOUNT, BrainMap
from mien.decoding.evidence.result import BrainEvidence, load_brain_evidence
from mien.decoding.evidence.volumes import map_name
from mien.report.draw import svg
from mien.report.draw.raster import image, png, rgba_of

_SLICES, _SIDE, _GAP, _WIDE = 8, 150.0, 12.0, 4
# Boxes in mm (first and last voxel) of the grids that MNI 152 brains come on: FSL, TemplateFlow 2009c, SPM 12, nilearn.
# A scanner's own grid, which no standard brain may be drawn around, is as large but hardly at the same place.
_MNI = np.array([
    [[-90, -126, -72], [90, 90, 108]], [[-96, -132, -78], [96, 96, 114]], [[-78, -112, -70], [78, 76, 85]],
    [[-98, -134, -72], [98, 98, 116]],
])  # fmt: skip


def draw_brain(found: BrainEvidence | str | Path, output: str | Path) -> list[Path]:
    """Draw the maps of a brain's evidence.

    Parameters
    ----------
    found : BrainEvidence or folder
        Of ``mien.brain_evidence``.
    output : path
        Folder for ``TARGET_METHOD_MEASURE.svg`` (slices of the volume, seen from above) and, on a grid of the
        MNI space and with nilearn, ``TARGET_METHOD_MEASURE_glass.png``.

    Returns
    -------
    list of Path

    Raises
    ------
    InputError
        If the columns have no place in a volume.

    Examples
    --------
    >>> import mien, numpy as np, tempfile
    >>> from mien.core.brain_space import BrainSpace
    >>> from mien.decoding.evidence.maps import BrainMap
    >>> from mien.decoding.evidence.result import BrainEvidence
    >>> space = BrainSpace(["a", "b"], "parcel", (2, 1, 1), np.eye(4), [[0, 0, 0], [1, 0, 0]], [0, 1])
    >>> one = BrainMap("fear", "shap", "amount", np.array([[1.0, 2.0]]), np.zeros((0, 0)))
    >>> found = BrainEvidence(space, (one,), (), "viewers", ("1",), np.zeros(2))
    >>> [path.name for path in mien.draw_brain(found, tempfile.mkdtemp())]
    ['fear_shap_amount.svg']
    """
    result = found if isinstance(found, BrainEvidence) else load_brain_evidence(found)
    if not result.space.has_grid:
        raise InputError("These columns have no place in a volume (a table of parcels), so there is nothing to draw.")
    paths = []
    for one in result.maps:
        path = Path(output) / f"{map_name(one)}.svg"
        write_text(path, slices(one, result.space))
        paths.append(path)
        if in_mni(result.space) and not missing("brain"):
            paths.append(_glass(one, result.space, path.with_name(f"{map_name(one)}_glass.png")))
    return paths


def slices(found: BrainMap, space: BrainSpace, *, title: str = "") -> str:
    """Slices of the mean map, from below to above, as SVG; the person's left is on the left.

    Parameters
    ----------
    found : BrainMap
    space : BrainSpace
        With a grid.
    title : str
    """
    volume, millimetres = _upright(space.volume(found.mean), space.affine)
    # Slices that share the columns' voxels evenly, not those at the tips.
    upto = np.cumsum(np.isfinite(volume).sum(axis=(0, 1))) / np.isfinite(volume).sum()
    chosen = np.unique(np.searchsorted(upto, (np.arange(_SLICES) + 0.5) / _SLICES))
    covered = np.isfinite(volume).any(axis=2)
    x, y = (np.flatnonzero(covered.any(axis=axis)) for axis in (1, 0))
    window = np.s_[x[0] : x[-1] + 1, y[0] : y[-1] + 1]
    size = np.array([x[-1] + 1 - x[0], y[-1] + 1 - y[0]]) * millimetres[:2]
    wide, high = size / size.max() * _SIDE
    limit, amount = float(np.nanmax(np.abs(volume))), found.measure == AMOUNT
    parts = []
    for place, z in enumerate(chosen):
        left = (place % _WIDE) * (wide + _GAP) + _GAP
        top = (place // _WIDE) * (high + 22) + 14
        # Rows from the front of the head on.
        shown = np.flipud(volume[..., z][window].T)
        ground = np.where(np.isfinite(shown)[..., None], np.array([128, 128, 128, 40], dtype=np.uint8), np.uint8(0))
        parts += [
            image(png(_large(pixels)), left, top, wide, high)
            for pixels in (ground, rgba_of(np.nan_to_num(shown), limit, amount))
        ]
        parts.append(
            svg.text(
                left + wide / 2, top - 4, f"z {_height(space, z):.0f} mm".replace("-", "−"), size=9, anchor="middle"
            )
        )
        parts.append(svg.text(left - 2, top + high / 2, "L", size=9, anchor="end"))
    across = min(len(chosen), _WIDE) * (wide + _GAP) + _GAP
    down = -(-len(chosen) // _WIDE) * (high + 22) + 20
    bar = svg.colour_bar(limit, unit_of(found), x=_GAP, y=down, width=max(across, 160) * 0.6, amount=amount)
    words = title or f"{found.target}: {found.measure} ({found.method})"
    return svg.picture(max(across, 160), down + 34, *parts, bar, title=words)


def unit_of(found: BrainMap) -> str:
    """What the numbers of a map are, for people."""
    return {
        "amount": f"mean absolute {found.method}, in scores",
        "difference": f"{found.method} with the target less without",
        "loss": "AUC (or correlation) lost",
        "weights": "weight, scores per unit",
        "pattern": "activation pattern, units per score",
    }[found.measure]


def in_mni(space: BrainSpace) -> bool:
    """Whether the grid is one that brains in MNI space come on, to a voxel."""
    ends = np.array([[0, 0, 0], space.shape]) - [[0], [1]]
    corners = np.array(np.meshgrid(*ends.T)).reshape(3, -1)
    world = space.affine[:3, :3] @ corners + space.affine[:3, 3:]
    box = np.stack([world.min(axis=1), world.max(axis=1)])
    voxel = max(3.0, float(np.sqrt((space.affine[:3, :3] ** 2).sum(axis=0)).max()))
    return bool((np.abs(_MNI - box) <= voxel).all(axis=(1, 2)).any())


def _upright(volume: np.ndarray, affine: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The volume with axes right, front, top, turned by whole axes only, and its edges in mm."""
    size = np.sqrt((affine[:3, :3] ** 2).sum(axis=0))
    share = np.abs(affine[:3, :3]) / size
    axes: list[int] = []
    for world in range(3):
        free = [axis for axis in range(3) if axis not in axes]
        axes.append(max(free, key=lambda axis: share[world, axis]))
    turned = volume.transpose(axes)
    for world, axis in enumerate(axes):
        if affine[world, axis] < 0:
            turned = np.flip(turned, axis=world)
    return turned, size[axes]


def _height(space: BrainSpace, place: int) -> float:
    """Height in mm of a slice of the upright volume."""
    axis = int(np.argmax(np.abs(space.affine[2, :3]) / np.sqrt((space.affine[:3, :3] ** 2).sum(axis=0))))
    index = np.zeros(4)
    index[3] = 1
    index[axis] = place if space.affine[2, axis] > 0 else space.shape[axis] - 1 - place
    return float(space.affine[2] @ index)


def _large(pixels: np.ndarray) -> np.ndarray:
    """Voxels as squares of pixels: browsers blur what they enlarge."""
    times = max(1, int(300 / max(pixels.shape[:2])))
    return np.repeat(np.repeat(pixels, times, axis=0), times, axis=1)


def _glass(found: BrainMap, space: BrainSpace, path: Path) -> Path:
    require("matplotlib", "Drawing on a glass brain", "learn").use("Agg")
    nibabel = require("nibabel", "Drawing on a glass brain", "brain")
    plotting = require("nilearn.plotting", "Drawing on a glass brain", "brain")
    volume = nibabel.Nifti1Image(np.nan_to_num(space.volume(found.mean)).astype(np.float32), space.affine)
    with atomic_path(path) as half:
        plotting.plot_glass_brain(
            volume, output_file=str(half), display_mode="lyrz", colorbar=True, plot_abs=False, threshold=None,
            title=file_name(f"{found.target}: {found.measure}"),
        )  # fmt: skip
    return path
