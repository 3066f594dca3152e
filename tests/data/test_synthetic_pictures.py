"""Rendered people: the pictures show what the known points say, and the landmarker finds them."""

import csv

import numpy as np
import pytest

from mien.core.errors import InputError

pytestmark = pytest.mark.usefixtures("weights")  # the mean face lies in the landmarker's bundle


@pytest.fixture(scope="module")
def made(weights):
    from mien.data.synthetic import make_cohort

    return make_cohort(4, n_frames=4, blink_chance=0)


def test_rasteriser_agrees_with_the_area_and_the_depth_of_known_triangles():
    from mien.data.synthetic.raster import planes, visible

    far = np.array([[10, 10, 0], [90, 10, 0], [10, 90, 0]])
    near = np.array([[5, 5, -10], [45, 5, 30], [5, 45, 30]])  # cuts through the far one
    seen = visible(np.concatenate([far, near]).astype(float), np.array([[0, 1, 2], [3, 4, 5]]), (100, 100))
    assert seen[70, 20] == 0 and seen[95, 95] == -1
    depth = planes(near[None].astype(float), near[None, :, 2:].astype(float))[0, :, 0]
    for y, x in ((12, 12), (14, 14), (22, 21), (20, 26)):
        wanted = 1 if depth @ [x + 0.5, y + 0.5, 1] > 0 else 0
        assert seen[y, x] == wanted
    alone = visible(far.astype(float), np.array([[0, 1, 2]]), (100, 100))
    assert abs((alone == 0).sum() - 80 * 80 / 2) < 80


def test_neighbouring_triangles_leave_no_hole_between_them():
    from mien.data.synthetic.mesh import grid_triangles
    from mien.data.synthetic.raster import visible

    draw = np.random.default_rng(0)
    y, x = np.meshgrid(np.linspace(5, 95, 10), np.linspace(5, 95, 10), indexing="ij")
    points = np.stack([x, y, 0 * x], -1)
    points[1:-1, 1:-1, :2] += draw.uniform(-3, 3, size=(8, 8, 2))
    seen = visible(points.reshape(-1, 3), grid_triangles(10, 10), (100, 100))
    assert (seen[5:95, 5:95] >= 0).all() and (seen[:5] == -1).all()


def test_planes_take_the_values_of_the_corners():
    from mien.data.synthetic.raster import planes

    draw = np.random.default_rng(1)
    corners, values = draw.uniform(0, 50, size=(20, 3, 2)), draw.normal(size=(20, 3, 4))
    given = np.einsum(
        "tcx,txk->tck", np.pad(corners, ((0, 0), (0, 0), (0, 1)), constant_values=1), planes(corners, values)
    )
    np.testing.assert_allclose(given, values, atol=2e-3)


def test_subdivision_keeps_the_points_and_reproduces_a_plane():
    from mien.data.canonical import canonical_mesh
    from mien.data.synthetic.mesh import refine

    mesh = canonical_mesh()
    matrix, finer = refine(mesh.triangles, 468)
    np.testing.assert_allclose((matrix @ mesh.vertices_cm)[:468], mesh.vertices_cm)
    np.testing.assert_allclose(matrix.sum(1), 1, atol=1e-12)
    assert len(finer) == 4 * len(mesh.triangles)
    assert matrix.shape[0] == 468 + (3 * 898 + 36) // 2  # one new point per edge


def test_normals_point_away_from_the_middle_of_a_ball():
    from mien.data.synthetic.head import _patch
    from mien.data.synthetic.mesh import normals

    directions, triangles = _patch()
    assert (np.einsum("pd,pd->p", normals(directions, triangles), directions) > 0.98).all()


def test_skin_eyes_lips_and_hair_have_their_colours_where_the_points_are(made):
    from mien.data.synthetic import render, scene

    shown = scene(made.performance, 0, 0)
    picture, points = render(shown, 512).astype(float), shown.points_px(512)

    def colour(*indices):
        x, y = points[list(indices), :2].mean(0)
        return picture[int(y) - 2 : int(y) + 3, int(x) - 2 : int(x) + 3].mean((0, 1))

    skin, lips, pupil = colour(151, 9), colour(17, 16), colour(468)
    assert skin[0] > skin[1] > skin[2]
    assert lips[1] / lips[0] < skin[1] / skin[0] - 0.03
    assert pupil.mean() < 0.5 * skin.mean()
    assert colour(50)[0] > colour(50)[2] and colour(280)[0] > colour(280)[2]


def test_a_picture_is_the_same_every_time_and_follows_the_face(made):
    from mien.data.synthetic import render, scene

    neutral, smile = scene(made.performance, 0, 3), scene(made.performance, 1, 3)
    np.testing.assert_array_equal(render(neutral, 128), render(neutral, 128))
    assert neutral.appearance == smile.appearance
    assert np.abs(render(neutral, 128).astype(float) - render(smile, 128)).mean() > 2
    with pytest.raises(InputError, match="between 32 and 2048"):
        render(neutral, 8)


def test_a_head_out_of_the_picture_leaves_only_background(made):
    from dataclasses import replace

    from mien.data.synthetic import render, scene

    away = replace(scene(made.performance, 0, 0), shift_cm=(400.0, 0.0))
    assert render(away, 64).std((0, 1)).max() < 40


def test_the_landmarker_finds_rendered_people_and_their_points(tmp_path):
    from mien.data.samples import read_samples
    from mien.data.shards import read_shard
    from mien.data.synthetic import synthesize
    from mien.faces.extract import extract

    synthesize(tmp_path, subjects=5, frames=4, pictures=True, size_px=256, seed=3)
    with (tmp_path / "pictures.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 30 and set(rows[0]) == {"path", "subject", "expression", "group"}
    assert len(read_samples(tmp_path / "pictures.csv")) == 30
    assert len(read_samples(f"synthetic:{tmp_path}")) == 30
    # The data set says that it shows nobody; the same table read as any other does not.
    assert read_samples(f"synthetic:{tmp_path}").synthetic and not read_samples(str(tmp_path / "samples.csv")).synthetic
    found = extract([tmp_path / "pictures"], tmp_path / "study").faces()
    known = read_shard(tmp_path / "truth" / "pictures.parquet")
    errors = []
    for row, name in enumerate(known.source):
        mine = np.flatnonzero(
            [str(s).endswith(name.split("/")[-1]) and ok for s, ok in zip(found.source, found.ok, strict=True)]
        )
        if len(mine) == 1:
            eyes = np.linalg.norm(np.diff(known.iris_px[row], axis=0))
            away = found.landmarks_px[mine[0], :, :2] - known.landmarks_px[row, :, :2]
            errors.append(np.median(np.linalg.norm(away, axis=-1)) / eyes)
    assert len(errors) >= 27  # nine of ten
    assert np.median(errors) < 0.04 and max(errors) < 0.08
