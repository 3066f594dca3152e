"""Evidence about landmarks, named features and pictures is described by the same regions of the canonical face."""

from dataclasses import replace

import numpy as np
import pytest

from mien.atlas.canonical_map import canonical_face
from mien.atlas.crop_regions import with_regions
from mien.atlas.face_regions import region_mask
from mien.atlas.region_columns import atlas_names, points_to_regions
from mien.atlas.tables import ATLAS, LANDMARKS, evidence_table, vocabularies
from mien.compare.groups import compare
from mien.core.evidence import Evidence
from mien.core.target import Target

pytestmark = pytest.mark.usefixtures("weights")
PEOPLE = 8


def evidence(values: np.ndarray, space: str, names: tuple[str, ...], topology: str = "", who: str = "p") -> Evidence:
    rows, nothing = len(values), np.full(len(values), np.nan)
    texts = np.array([f"{who}{i}" for i in range(rows)], dtype=object)
    return Evidence(
        values=values.astype(np.float32), space=space, names=names, target=Target("smile"), method="occlusion",
        settings={}, sample=texts, subject=texts, label=texts, output=nothing, gap=nothing,
        status=np.array(["ok"] * rows, dtype=object), topology=topology, model={"weights_sha256": "w"},
    )  # fmt: skip


def pictures(where: tuple[str, ...], who: str = "p") -> Evidence:
    """Evidence in a region of upright faces, with a little everywhere, and the regions that ``explain`` keeps."""
    face = canonical_face(468)
    draw = np.random.default_rng(0)
    values = 0.001 * draw.random((PEOPLE, 1, *face.shape)) + region_mask(where)
    return with_regions(evidence(values, "pixels", ("grey",), who=who), np.tile(face.points_px, (PEOPLE, 1, 1)))


def points(where: str, who: str = "q") -> Evidence:
    draw = np.random.default_rng(1)
    spread = points_to_regions("mediapipe-468")[:, atlas_names().index(where)]
    values = 0.01 * draw.random((PEOPLE, 2, 468, 2))
    values[:, :, spread > 0.9] += 1
    return evidence(values, "landmarks x time", ("x", "y"), "mediapipe-468", who)


def test_points_and_pictures_land_in_the_same_regions() -> None:
    for given in (pictures(("upper lip",)), points("upper lip")):
        values, names = evidence_table(given)
        assert vocabularies(given) == (ATLAS, LANDMARKS) and names[:24] == atlas_names()
        assert (np.array(names)[values.argmax(1)] == "upper lip").all()
        assert evidence_table(given, regions=LANDMARKS)[1] != names


def test_what_points_spread_stays_the_same_amount() -> None:
    for name in ("mediapipe-478", "mediapipe-468", "ibug-68"):
        kept = points_to_regions(name).sum(1)
        # A few points of the mesh lie behind others when the face is seen from the front.
        assert np.isclose(kept, 1, atol=1e-3).mean() > 0.95 and (kept < 1.001).all()


def test_the_68_points_of_a_part_lie_in_its_regions() -> None:
    found = points_to_regions("ibug-68")
    names = np.array(atlas_names())
    for points, parts in ((range(48, 68), ("lip", "mouth")), (range(17, 27), ("brow", "forehead", "glabella", "lid"))):
        share = found[list(points)].sum(0) / len(points)
        assert sum(share[i] for i, name in enumerate(names) if any(part in name for part in parts)) > 0.6


def test_a_picture_model_is_compared_with_a_landmark_model_by_region() -> None:
    found = compare(pictures(("right cheek",)), points("lower lip"), labels=("pictures", "landmarks"))
    assert [row.name for row in found.rows] == [*atlas_names()] and found.settings["regions"] == ATLAS
    assert max(found.rows, key=lambda row: row.mean_a - row.mean_b).name == "right cheek"
    assert max(found.rows, key=lambda row: row.mean_b - row.mean_a).name == "lower lip"


def test_outside_the_face_is_compared_where_both_know_it() -> None:
    names = [row.name for row in compare(pictures(("nose",)), pictures(("nose",), "x")).rows]
    assert names == [*atlas_names(), "outside the face"]


def test_evidence_of_earlier_versions_is_compared_by_the_regions_that_it_has() -> None:
    given = pictures(("nose",))
    old = replace(given, columns={k: v for k, v in given.columns.items() if not k.startswith("atlas ")})
    found = compare(old, pictures(("nose",), "x"))
    assert found.settings["regions"] == LANDMARKS and "explain it again" in found.settings["notes"][0]
    assert {"mouth", "nose"} <= {row.name for row in found.rows}
    alone = compare(old, replace(old, subject=np.array([f"z{i}" for i in range(PEOPLE)], dtype=object)))
    assert not alone.settings["notes"]


def test_hidden_regions_are_missing_and_not_zero() -> None:
    face = canonical_face(468)
    turned = face.points_px.copy()
    turned[:, 0] = turned[:, 0] - face.shape[1] / 2
    values = np.ones((1, 1, *face.shape))
    seen = with_regions(evidence(values, "pixels", ("grey",)), turned[None])
    table, names = evidence_table(seen)
    assert np.isnan(table[0, names.index("right cheek")]) and np.isfinite(table[0, names.index("left cheek")])
