"""Maps beside fixations: a planted truth is found, chance keeps its level, and whatever is wrong becomes a sentence."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("safetensors")

import cv2
from typer.testing import CliRunner

import mien
from mien.cli.main import app
from mien.compare.gaze.baselines import random_map
from mien.compare.gaze.looked import looked_at
from mien.compare.gaze.metrics import METRICS, distribution, scores
from mien.compare.gaze.words import in_words
from mien.core.errors import InputError
from mien.core.evidence import Evidence
from mien.core.faces import Faces
from mien.core.fixations import Fixations
from mien.core.placing import place_columns
from mien.core.streams import Stream
from mien.core.target import Target
from mien.stats.crossed import crossed_mean

SIZE = (80, 60)


def looked(
    rng: np.random.Generator, pictures: int = 10, viewers: int = 15, drawn: float = 0.6, each: int = 6
) -> tuple[Fixations, dict[str, np.ndarray], dict[str, np.ndarray]]:
    """Viewers who look at one place of each picture, else around the middle; maps of that place and of a decoy."""
    names = [f"p{i}.png" for i in range(pictures)]
    places = rng.uniform([10, 10], [70, 50], (pictures, 2))
    decoys = rng.uniform([10, 10], [70, 50], (pictures, 2))
    picture = np.repeat(np.arange(pictures), viewers * each)
    viewer = np.tile(np.repeat(np.arange(viewers), each), pictures)
    at = np.where(rng.random((len(picture), 1)) < drawn, places[picture], [40, 30]) + rng.normal(
        0, 6, (len(picture), 2)
    )
    at = np.clip(at, 0, [79.9, 59.9])
    fixations = Fixations(
        np.array(names)[picture], np.array([f"v{v}" for v in viewer]), at[:, 0], at[:, 1],
        np.full(len(picture), 0.25), sizes=dict.fromkeys(names, SIZE), pixels_per_degree=3.0,
    )  # fmt: skip
    y, x = np.mgrid[:60, :80] + 0.5
    maps = [
        {
            name: np.exp(-((x - px) ** 2 + (y - py) ** 2) / 128).astype(np.float32)
            for name, (px, py) in zip(names, where, strict=True)
        }
        for where in (places, decoys)
    ]
    return fixations, maps[0], maps[1]


def test_planted_gaze_the_right_map_wins_over_a_decoy_and_the_centre() -> None:
    rng = np.random.default_rng(0)
    wins, studies = 0, 10
    for _ in range(studies):
        fixations, right, decoy = looked(rng)
        found = mien.gaze(fixations, maps={"right": right, "decoy": decoy}, cells=24)
        rows = [row for row in found.contrasts if row.metric == "NSS" and row.map == "right"]
        wins += all(row.low > 0 and row.p_corrected <= 0.05 for row in rows if row.other in ("decoy", "centre prior"))
    assert wins >= 0.95 * studies


def test_maps_that_have_nothing_to_do_with_gaze_differ_from_each_other_as_often_as_chance_says() -> None:
    rng = np.random.default_rng(1)
    fixations, _, _ = looked(rng, pictures=12, drawn=0.4)
    pictures, _ = looked_at(fixations, sorted(fixations.sizes), cells=16, sigma_px=[3.0] * 12)
    wrong, studies = np.zeros(len(METRICS)), 120
    other = np.ones(len(pictures[0].grid))
    for _ in range(studies):
        found = np.stack(
            [scores(np.stack([random_map(one.grid, 5.0, rng) for _ in "ab"]), one.at, distribution(one.smooth), other,
                    other, 0.05) for one in pictures]
        )  # fmt: skip
        difference = found[:, :, 0] - found[:, :, 1]
        wrong += [crossed_mean(difference[:, metric]).p <= 0.05 for metric in range(len(METRICS))]
    assert (wrong <= 0.1 * studies).all() and wrong.mean() >= 0.01 * studies


def test_rows_ceiling_and_shares_of_a_study() -> None:
    fixations, right, decoy = looked(np.random.default_rng(2), drawn=0.8)
    found = mien.gaze(fixations, maps={"right": right, "decoy": decoy}, cells=40)
    assert [row.map for row in found.rows[:: len(METRICS)]] == [
        "right", "decoy", "centre prior", "fixations on other pictures", "random evidence", "even spread",
        "other viewers",
    ]  # fmt: skip
    ceiling = found.ceiling("NSS")
    assert ceiling.score > found.row("centre prior", "NSS").score and ceiling.viewers == 15
    even = found.row("even spread", "AUC-Judd")
    assert (even.score, even.share) == (0.5, 0.0)
    share = found.row("right", "NSS", "absolute")
    assert (
        share.share == pytest.approx(share.score / ceiling.score) and share.share_low < share.share < share.share_high
    )
    # The information gain is counted from the centre prior, and less KL is better.
    assert found.row("centre prior", "information gain").score == 0
    kl = next(row for row in found.contrasts if row.metric == "KL" and row.other == "decoy")
    assert kl.difference > 0
    # More viewers tell more.
    assert list(found.curve) == [1, 2, 4, 8, 14]
    nss = [values[0] for values in found.curve.values()]
    assert nss[0] < nss[-1] and nss[-1] == pytest.approx(ceiling.score, abs=1e-6)


def test_random_gaze_gives_no_share_of_a_ceiling_and_noise_no_shuffled_area_above_others() -> None:
    """Few viewers and pictures: a ceiling that may be nothing; a density beside the fixations it is made of."""
    shares = []
    for seed in range(12):
        rng = np.random.default_rng(seed)
        names = np.repeat([f"p{i}.png" for i in range(6)], 18)
        viewer = np.tile(np.repeat(["a", "b", "c"], 6), 6)
        random = Fixations(
            names, viewer, rng.uniform(0, 80, 108), rng.uniform(0, 60, 108), sizes=dict.fromkeys(names, SIZE),
            pixels_per_degree=3.0,
        )  # fmt: skip
        result = mien.gaze(random, maps={"noise": {name: rng.random((60, 80)) for name in dict.fromkeys(names)}})
        others = result.row("fixations on other pictures", "shuffled AUC")
        assert np.isnan(others.score) and np.isnan(others.pooled)
        row = next(c for c in result.contrasts if (c.metric, c.other) == ("shuffled AUC", others.map))
        assert np.isnan(row.p)
        shares.append(result.row("noise", "NSS", "absolute").share)
        if np.isnan(shares[-1]):
            said = in_words(result)
            assert "That viewers look at the same places is not shown" in said[0] and "of the ceiling" not in said[1]
    assert np.isnan(shares).sum() >= 10


def test_a_centre_prior_above_a_ceiling_of_few_viewers_is_said() -> None:
    """Three viewers who share the middle alone: each other's few fixations say less than those on all pictures."""
    rng = np.random.default_rng(3)
    names, viewer = np.repeat([f"p{i}.png" for i in range(20)], 9), np.tile(np.repeat(["a", "b", "c"], 3), 20)
    x, y = (np.clip(rng.normal(middle, 9, 180), 1, 2 * middle - 1) for middle in (40, 30))
    found = mien.gaze(Fixations(names, viewer, x, y, sizes=dict.fromkeys(names, SIZE), pixels_per_degree=3.0))
    assert found.row("centre prior", "NSS").score > found.ceiling("NSS").score > 0 and found.ceiling("NSS").low > 0
    assert "The centre prior reaches more" in in_words(found)[0]


def test_signed_maps_are_scored_as_amount_and_by_sign() -> None:
    fixations, right, decoy = looked(np.random.default_rng(3), drawn=0.8)
    signed = {name: right[name] - decoy[name] for name in right}
    found = mien.gaze(fixations, maps={"model": signed}, cells=40)
    assert found.maps == (("model", "absolute"), ("model", "positive"), ("model", "negative"))
    score = {part: found.row("model", "NSS", part).score for _, part in found.maps}
    assert score["positive"] > score["absolute"] > score["negative"]


def evidence_on_crops(right: dict[str, np.ndarray]) -> Evidence:
    """The right maps as evidence about crops of half the size, which lie at (20, 10) of each photo."""
    to_photo = np.array([[1.0, 0, 20], [0, 1, 10]])
    values = np.stack([one[10:50, 20:70] for one in right.values()])[:, None]
    rows = len(values)
    return Evidence(
        values, "pixels", ("grey",), Target("smile"), "rise", {}, [f"photos/{name}" for name in right], ["s"] * rows,
        [""] * rows, np.zeros(rows), np.zeros(rows), ["ok"] * (rows - 1) + ["saturated"],
        columns=place_columns(np.tile(to_photo, (rows, 1, 1)), np.tile(SIZE, (rows, 1))),
    )  # fmt: skip


def test_evidence_on_crops_is_carried_back_to_the_photo() -> None:
    fixations, right, _ = looked(np.random.default_rng(4), drawn=0.8)
    explained = evidence_on_crops(right)
    placed = {}
    for name, one in list(right.items())[:-1]:
        placed[name] = np.zeros((60, 80))
        placed[name][10:50, 20:70] = one[10:50, 20:70]
    found = mien.gaze(fixations, maps=[explained, {"by hand": placed}], cells=40)
    name = "rise of " + str(explained.target)
    assert found.row(name, "NSS", "absolute").score == pytest.approx(
        found.row("by hand", "NSS", "absolute").score, 1e-4
    )
    assert found.pictures[-1].maps == {name: "no usable evidence", "by hand": "no map"}
    assert found.pictures[-1].status == "no map" and found.row(name, "NSS", "absolute").pictures == 9


def test_stored_evidence_and_result_are_read_again(tmp_path: Path) -> None:
    from mien.explain.store import save_evidence

    fixations, right, _ = looked(np.random.default_rng(5))
    place = save_evidence(evidence_on_crops(right), tmp_path / "evidence/model/rise/smile")
    found = mien.gaze(fixations, maps=place, cells=40, output=tmp_path / "gaze/mine")
    again = mien.load_gaze(tmp_path / "gaze/mine")
    assert found.maps[0] == ("model/rise/smile", "absolute")
    assert again.to_json() == found.to_json()
    np.testing.assert_array_equal(again.cells["other viewers", ""], found.cells["other viewers", ""])
    (tmp_path / "gaze/mine/cells.safetensors").write_bytes(b"")
    with pytest.raises(InputError, match=r"cells\.safetensors is missing or is not the file"):
        mien.load_gaze(tmp_path / "gaze/mine")


def faces_on(names: list[str], points: np.ndarray) -> Faces:
    rows = len(names)
    return Faces.build(
        rows, source=names, status=["ok"] * rows, width_px=[80] * rows, height_px=[60] * rows,
        box_px=np.tile([points[:, 0].min(), points[:, 1].min(), *np.ptp(points[:, :2], axis=0)], (rows, 1)),
        landmarks_px=np.tile(points, (rows, 1, 1)), topology="ibug-68",
    )  # fmt: skip


def face_points(rng: np.random.Generator) -> np.ndarray:
    """A face in the middle of a picture of 80 x 60 pixels, its mouth at (40, 42)."""
    angle = np.linspace(0, np.pi, 17)
    points = np.zeros((68, 3))
    points[:17, :2] = np.stack([40 - 20 * np.cos(angle), 30 + 20 * np.sin(angle)], 1)
    points[17:27, :2] = np.stack([np.linspace(24, 56, 10), np.full(10, 16)], 1)
    points[27:36, :2] = [40, 32]
    points[36:42, :2], points[42:48, :2], points[48:, :2] = [32, 24], [48, 24], [40, 42]
    points[:, :2] += rng.normal(0, 0.2, (68, 2))
    return points


def test_dwell_times_and_face_baselines_where_faces_are_known() -> None:
    rng = np.random.default_rng(6)
    fixations, right, _ = looked(rng, pictures=6)
    names = list(right)
    points = face_points(rng)
    # Everybody looks at the mouth for three quarters of the time.
    at = np.tile([[40.0, 42.0], [5.0, 5.0]], (len(fixations) // 2, 1))
    there = replace(fixations, x_px=at[:, 0], y_px=at[:, 1], duration_s=np.tile([0.3, 0.1], len(fixations) // 2))
    mouth = {name: np.zeros((60, 80)) for name in names}
    for one in mouth.values():
        one[42, 40] = -2.0
    found = mien.gaze(there, maps={"model": mouth}, faces=faces_on(names[:4], points), cells=40, with_first=True)
    dwell = {(row.who, row.part): row for row in found.dwell}
    assert dwell["viewers", "mouth"].share == pytest.approx(0.75)
    assert dwell["viewers", "outside"].share == pytest.approx(0.25)
    assert dwell["viewers", "mouth"].area < 0.1 and dwell["viewers", "mouth"].pictures == 4
    assert dwell["model", "mouth"].share == pytest.approx(1.0) and dwell["model", "eyes"].share == 0
    assert sum(row.share for row in found.dwell if row.who == "viewers") == pytest.approx(1)
    assert found.row("ellipses of the faces", "NSS").score > found.row("even spread", "NSS").score
    assert found.row("ellipses of the faces", "NSS").pictures == 4
    assert any("Faces are known in 4 of 6 pictures" in note for note in found.notes)
    with pytest.raises(InputError, match="None of the faces belongs to a picture"):
        mien.gaze(there, faces=faces_on(["other.jpg"], points))


def test_dwell_times_during_a_film_are_not_those_of_independent_frames(tmp_path: Path) -> None:
    """Viewers look at the mouth for .75 of the time in the first half, for .25 in the second."""
    names = [f"{i:02d}.png" for i in range(24)]
    rows = [f"{name},{10 * i}" for i, name in enumerate(names)]
    (tmp_path / "frames.csv").write_text("\n".join(["path,time_s", *rows]) + "\n")
    looks, shares = [], np.repeat([0.75, 0.25], 12)
    for i, share in enumerate(shares):
        for viewer in ("v1", "v2", "v3"):
            looks += [(viewer, 10 * i, 8 * share, 40, 42), (viewer, 10 * i + 8 * share, 8 * (1 - share), 5, 5)]
    viewer, onset, lasts, x, y = zip(*looks, strict=True)
    seen = Stream("fixations", "intervals", onset, ("x_px", "y_px"), np.stack([x, y], 1), duration_s=lasts,
                  viewer=viewer)  # fmt: skip
    found = mien.gaze(
        seen, film=tmp_path / "frames.csv", faces=faces_on(names, face_points(np.random.default_rng(6))), cells=40,
        picture_size="80x60", block_s=10, pixels_per_degree=4,
    )  # fmt: skip
    mouth = next(row for row in found.dwell if (row.who, row.part) == ("viewers", "mouth"))
    assert mouth.share == pytest.approx(0.5) and (mouth.pictures, mouth.viewers) == (24, 3)
    independent = crossed_mean(np.repeat(shares[:, None], 3, axis=1))
    assert mouth.high - mouth.low > 1.3 * (independent.high - independent.low)


def test_the_command_reads_files_and_writes_json(tmp_path: Path) -> None:
    fixations, right, decoy = looked(np.random.default_rng(7), pictures=5, viewers=4)
    photos, files = tmp_path / "photos", tmp_path / "decoy"
    photos.mkdir()
    files.mkdir()
    rng = np.random.default_rng(0)
    for name in right:
        cv2.imwrite(str(photos / name), rng.integers(0, 255, (60, 80, 3), dtype=np.uint8))
        np.save(files / f"{Path(name).stem}.npy", decoy[name])
    rows = zip(fixations.picture, fixations.viewer, fixations.x_px, fixations.y_px, strict=True)
    table = tmp_path / "looked.csv"
    table.write_text("Bild,Vp,FIX_X,FIX_Y\n" + "\n".join(",".join(map(str, row)) for row in rows))
    words = ["gaze", str(table), "--columns", "picture=Bild,viewer=Vp,x=FIX_X,y=FIX_Y", "--pictures", str(photos),
             "--maps", f"decoy={files}", "--cells", "40", "-o", str(tmp_path / "study/gaze/mine")]  # fmt: skip
    done = CliRunner().invoke(app, [*words, "--json"])
    assert done.exit_code == 0, done.output
    printed = json.loads(done.stdout)
    assert {row["map"] for row in printed["rows"]} >= {"decoy", "contrast and edges", "other viewers"}
    assert "Nothing says how large a degree of visual angle is" in " ".join(printed["notes"])
    assert len(mien.load_gaze(tmp_path / "study/gaze/mine").shown) == 4
    plain = CliRunner().invoke(app, words)
    assert plain.exit_code == 0 and "Fixations of 4 viewers on 5 pictures." in plain.output
    assert "does not say that a model and viewers use them alike" in plain.output.replace("\n", " ")


def test_wrong_maps_become_rows_with_a_status_or_a_sentence(tmp_path: Path) -> None:
    fixations, right, _ = looked(np.random.default_rng(8), pictures=6)
    names = list(right)
    broken = dict(right)
    del broken[names[0]]
    broken[names[1]] = np.ones((60, 60))
    broken[names[2]] = np.full((60, 80), np.nan)
    broken[names[3]] = np.zeros((60, 80))
    found = mien.gaze(fixations, maps={"m": broken}, cells=40)
    assert [one.maps["m"] for one in found.pictures] == [
        "no map", "another shape than the picture", "not finite", "all zero", "ok", "ok",
    ]  # fmt: skip
    assert found.row("m", "NSS", "absolute").pictures == 2
    assert sum("have none" in note for note in found.notes) == 4
    with pytest.raises(InputError, match="No map belongs to a picture that viewers looked at"):
        mien.gaze(fixations, maps={"m": {"other.png": np.ones((60, 80))}})
    with pytest.raises(InputError, match="Two maps are called 'm'"):
        mien.gaze(fixations, maps=[{"m": right}, {"m": right}])
    with pytest.raises(InputError, match="is neither a folder of evidence or of maps"):
        mien.gaze(fixations, maps=tmp_path / "nowhere")


def test_viewers_and_fixations_that_cannot_be_used_are_counted() -> None:
    fixations, _, _ = looked(np.random.default_rng(9), pictures=4, viewers=3)
    x = fixations.x_px.copy()
    x[1] = 200.0
    alone = replace(fixations, x_px=x)
    # On one picture only one viewer is left, on another one each viewer has a single fixation.
    keep = ~((alone.picture == "p1.png") & (alone.viewer != "v0")) & ~((alone.picture == "p2.png") & (alone.order > 0))
    found = mien.gaze(alone[keep], cells=40)
    assert [(one.status, one.outside) for one in found.pictures] == [
        ("ok", 1), ("one viewer", 0), ("no fixations", 0), ("ok", 0),
    ]  # fmt: skip
    assert any(note.startswith("1 fixations lie outside their pictures") for note in found.notes)
    with pytest.raises(InputError, match="No picture has fixations of two viewers"):
        mien.gaze(alone[alone.viewer == "v1"])
    with pytest.raises(InputError, match="No picture has fixations of two viewers"):
        mien.gaze(alone[np.zeros(len(alone), dtype=bool)])


def test_a_viewer_without_a_fixation_that_counts_is_said() -> None:
    given, _, _ = looked(np.random.default_rng(0), viewers=4)
    x = np.where(given.viewer == given.viewer[0], 1000.0, given.x_px)
    assert any(note.startswith("Of 4 viewers 1 have no fixation") for note in mien.gaze(replace(given, x_px=x)).notes)


def test_one_picture_has_no_centre_prior_of_others_and_says_so() -> None:
    fixations, right, _ = looked(np.random.default_rng(10), pictures=1, viewers=5)
    found = mien.gaze(fixations, maps={"m": right}, cells=40)
    assert not any(row.map == "centre prior" for row in found.rows)
    assert np.isnan(found.row("m", "shuffled AUC", "absolute").score)
    assert found.row("m", "NSS", "absolute").high > 0
    assert any(note.startswith("One picture:") for note in found.notes)


@pytest.mark.data("osie")
def test_osie_is_read_with_its_licence_and_the_centre_is_far_below_other_viewers(shared_data) -> None:
    fixations = mien.read_fixations(f"osie:{shared_data('osie')}")
    assert (len(fixations), len(fixations.sizes), len(set(fixations.viewer))) == (98_321, 700, 15)
    assert "MIT" in fixations.licence and "Xu" in fixations.credit and fixations.inside.all()
    some = sorted(fixations.sizes)[:20]
    found = mien.gaze(
        replace(fixations[np.isin(fixations.picture, some)], sizes=dict.fromkeys(some, (800, 600))), cells=64
    )
    centre, ceiling = found.row("centre prior", "NSS").score, found.ceiling("NSS").score
    assert 0.5 < centre < 1.0 and 3.0 < ceiling < 4.5
